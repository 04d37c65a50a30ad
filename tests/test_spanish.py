"""Every patient page in Spanish: no word without a translation, each page says its language."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from db.place import Place
from db.place_text import STATES, state_code
from plugins.pages import language
from plugins.pages.prose import SLUGS
from tests.test_finder import Site, site  # noqa: F401 - the fixture

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "locale/es/messages.po"
KEYWORDS = DEFAULT_KEYWORDS | {"N_": None, "said": None}
"""As `make words` has them."""


def words() -> set[str | tuple[str, ...]]:
    """Every text of the pages that is said in the reader's language."""
    with (ROOT / "locale/babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found: set[str | tuple[str, ...]] = set()
    for _, _, text, _, _ in extract_from_dir(ROOT, methods, options, KEYWORDS):
        found.add(text if isinstance(text, str) else tuple(text[:2]))
    return found - {""}


def translated() -> dict[str | tuple[str, ...], tuple[str, ...]]:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="es")
    return {
        m.id if isinstance(m.id, str) else tuple(m.id): (m.string,)
        if isinstance(m.string, str)
        else tuple(m.string)
        for m in catalogue
        if m.id
    }


def test_no_word_is_missing_in_spanish() -> None:
    known = translated()
    missing = [text for text in words() if not all(known.get(text, ("",)))]
    assert not missing, "run `make words` and translate in locale/es/messages.po"


def test_every_translation_keeps_what_is_filled_in() -> None:
    for text, strings in translated().items():
        wanted = set(re.findall(r"%\(\w+\)s|\{n\}", text if isinstance(text, str) else text[-1]))
        for number, string in enumerate(strings):
            had = set(re.findall(r"%\(\w+\)s|\{n\}", string))
            # The singular may say "another place" without its number.
            left_out = {"%(num)s"} if number == 0 and not isinstance(text, str) else set()
            assert had <= wanted, text
            assert wanted - had <= left_out, text


PAGES = [
    "/", "/find?near=Columbus%2C+OH", "/find?near=Springfield", "/find?near=Xyzzyq",
    "/find?near=Barrow%2C+AK", "/states", "/states/ohio", "/questions", "/insurance",
    "/sources", "/about", "/embed", "/embed/code", "/report", "/removal",
    "/privacy", "/accessibility",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_in_spanish_says_so_and_stays_so(site: Site, path: str) -> None:  # noqa: F811
    page = site.get(f"/es{path}")
    assert page.status_code == 200
    assert '<html lang="es">' in page.text
    own = re.findall(r'href="(/[^"]*)"', page.text)
    english = re.compile(r"/(?:static|directory|quality|bot|-)")
    left = [one for one in own if not one.startswith("/es") and not english.match(one)]
    # The one way back to English, and what it is the other language of.
    assert {one.split("?")[0] for one in left} <= {path.split("?", maxsplit=1)[0]}, left


ENGLISH = re.compile(
    r"\b(?:the|with|from|seen|listed|last|this|that|is|are|you|your|County|Parish|State|places|points"
    r"|New York|Oregon|Pennsylvania|North Carolina|who|rules?|law|unknown|no date)\b", re.IGNORECASE
)  # fmt: skip
"""Words of our own pages that no Spanish sentence has; those of names are left out."""
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr", "base"}


class Read(HTMLParser):
    """What a page says in its own language, and its links with their words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[tuple[dict[str, str | None], list[str]]] = []
        self.open: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "a":
            self.links.append((held, []))
        foreign = held.get("lang") == "en" or tag in ("script", "style", "code", "svg")
        if tag not in VOID:
            self.open.append((tag, foreign or bool(self.open and self.open[-1][1])))
        if not foreign:
            self.said += [held[name] or "" for name in ("alt", "aria-label", "title") & held.keys()]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and not self.open[-1][1]:
            self.said.append(data)
        if any(tag == "a" for tag, _ in self.open):
            self.links[-1][1].append(data)


READ = [*PAGES, "/find?near=Ohio", "/states/new-york", "/embed?near=Toledo%2C+OH", "/nothing-here",
        *(f"/questions/{slug}" for slug in SLUGS)]  # fmt: skip


@pytest.mark.parametrize("path", READ)
def test_no_english_is_left_and_links_to_it_are_marked(site: Site, path: str) -> None:  # noqa: F811
    read = Read(site.get(f"/es{path}").text)
    left = [text for text in read.said if ENGLISH.search(text)]
    assert not left
    for held, words in read.links:
        address = held.get("href") or ""
        if re.match(r"/(?:directory|quality|bot)\b", address):
            assert held.get("hreflang") == "en", address
            assert "(en inglés)" in "".join(words), address


def test_the_states_are_called_in_spanish_and_found_by_that_name() -> None:
    known = translated()
    names = {code: known[name][0] for code, name in STATES.items()}
    assert names["NY"] == "Nueva York"
    assert names["OR"] == "Oregón"
    assert {code: state_code(name) for code, name in names.items()} == {
        code: code for code in STATES
    }


@pytest.mark.parametrize(
    ("place", "english", "spanish"),
    [
        (("Toledo", "OH", "Lucas", "city"), "Toledo, Lucas County, OH",
         "Toledo, condado de Lucas, OH"),
        (("Gretna", "LA", "Jefferson", "city"), "Gretna, Jefferson Parish, LA",
         "Gretna, parroquia de Jefferson, LA"),
        (("Lucas County", "OH", "Lucas", "county"), "Lucas County, OH", "Lucas (condado), OH"),
        (("New York", "NY", "", "state"), "New York State", "estado de Nueva York"),
    ],
)  # fmt: skip
def test_a_place_is_called_in_the_readers_language(
    place: tuple[str, str, str, str], english: str, spanish: str
) -> None:
    name, state, county, kind = place
    label = Place(name, state, county, "US", 0.0, 0.0, None, kind).long_label
    assert label == english
    token = language.current.set("es")
    try:
        assert language.spoken(label) == spanish
    finally:
        language.current.reset(token)


def test_the_words_for_a_state_are_understood(site: Site) -> None:  # noqa: F811
    page = site.get("/es/find", near="estado de Nueva York").text
    assert re.search(r"<h1[^>]*>[^<]* en Nueva York<", page)


def test_suggestions_call_states_in_spanish(site: Site) -> None:  # noqa: F811
    found = site.get("/es/suggest.json", q="ohi").json()["suggestions"]
    assert "Ohio" in [one["label"] for one in found]
    found = site.get("/es/suggest.json", q="New York").json()["suggestions"]
    assert [one["label"] for one in found if one["whole"]] == ["Nueva York"]
    assert next(one["near"] for one in found if one["whole"]).startswith("New York")


def test_a_practitioner_in_spanish(site: Site) -> None:  # noqa: F811
    page = site.get(f"/es/practitioner/{site.made.two_places}")
    assert "Quién incluye a esta persona" in page.text
    assert "Permitido" in page.text
    assert '<span lang="en">' in page.text
    assert "(en inglés)" in page.text


@pytest.mark.parametrize("path", ["/?lang=es", "/find?near=43604&lang=es", "/about?lang=es"])
def test_the_language_may_be_asked_for_in_the_query(site: Site, path: str) -> None:  # noqa: F811
    assert '<html lang="es">' in site.get(path).text


@pytest.mark.parametrize("path", ["/quality?lang=es", "/?lang=xx", "/about"])
def test_other_pages_stay_english(site: Site, path: str) -> None:  # noqa: F811
    assert '<html lang="en">' in site.get(path).text
