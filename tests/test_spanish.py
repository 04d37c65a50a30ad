"""Every patient page in Spanish: no word without a translation, each page says its language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

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
