"""The article's pages: plain words, a source beside every number, nothing promised; over HTTP."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import textstat
from lxml.html import HtmlElement, fromstring

from db.published_rows import insurance_rows
from plugins.pages.insuring import PERFORMED_BY, STATUS, dated
from plugins.pages.prose import CONTENT, INSURANCE, SLUGS, article, html, tokens
from tests.conftest import served
from tests.finder_fixtures import build

ROOT = Path(__file__).parent.parent
RULES = ROOT / "reference" / "insurance_rules.csv"
PAGES = (*SLUGS, INSURANCE)
SPOKEN = ("en", "es")
HIGHEST_GRADE = 8
NAMES = re.compile(r"\b(?:911|20560|20561)\b")
"""Numbers that are names: they count nothing that could be wrong."""
PROMISES = {
    "en": r"\b(?:treat(?:s|ed|ing)?|cure[sd]?|curing|heal(?:s|ed|ing)?|guarantee[sd]?)\b",
    "es": r"\b(?:trata[rn]?|tratando|cura[rn]?|curando|sana[rn]?|garantiza[rn]?)\b",
}


def csv_rows() -> list[dict[str, str]]:
    with RULES.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def rendered(slug: str, spoken: str) -> HtmlElement:
    return fromstring(f"<div>{html(article(slug, spoken).body, lambda path: path)}</div>")


def words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def sentences_with_links(slug: str, spoken: str) -> Iterator[tuple[str, bool]]:
    """Each sentence of the prose, each row of a table as one; whether a source is linked in it."""
    whole = rendered(slug, spoken)
    for link in whole.iter("a"):
        outside = link.get("href").startswith(("https://", "http://", "/directory/"))
        # Full stops inside a link's text end no sentence.
        link.text = f"{link.text_content().replace('. ', ' ')}{'⟦source⟧' if outside else ''}"
    for row in whole.iter("tr"):
        yield words(row), "⟦source⟧" in words(row)
    for block in whole.iter("p", "li", "h2", "h3"):
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-ZÁÉÍÓÚÑ¿¡])", words(block)):
            yield sentence, "⟦source⟧" in sentence


def plain(slug: str) -> str:
    """What a reader reads of an English page, without the names of sources and tables."""
    shown = article(slug, "en")
    whole = rendered(slug, "en")
    texts = [shown.title, shown.answer]
    for block in whole.iter("p", "li", "h2"):
        for link in block.iter("a"):
            if link.get("href").startswith("http"):
                link.text = ""
        texts.append(words(block).replace(" ()", ""))
    if slug == INSURANCE:
        texts += [row["summary"] for row in csv_rows()]
    return " ".join(text if text[-1] in ".?!" else f"{text}." for text in texts)


@pytest.mark.parametrize("slug", PAGES)
def test_no_page_asks_for_more_than_grade_eight(slug: str) -> None:
    text = plain(slug)
    assert len(text.split()) > 100
    assert textstat.flesch_kincaid_grade(text) <= HIGHEST_GRADE
    assert textstat.gunning_fog(text) <= HIGHEST_GRADE


@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("slug", PAGES)
def test_every_number_stands_beside_its_source(slug: str, spoken: str) -> None:
    found = list(sentences_with_links(slug, spoken))
    assert [
        said for said, linked in found if re.search(r"\d", NAMES.sub("", said)) and not linked
    ] == []
    shown = article(slug, spoken)
    assert not re.search(r"\d", NAMES.sub("", shown.title + shown.answer))


@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("slug", PAGES)
def test_nothing_is_promised(slug: str, spoken: str) -> None:
    text = (CONTENT / spoken / f"{slug}.md").read_text(encoding="utf-8")
    prose = re.sub(r"\(https?://[^)]*\)", "", text)
    assert re.findall(PROMISES[spoken], prose, re.IGNORECASE) == []


@pytest.mark.parametrize("slug", PAGES)
def test_both_languages_say_the_same_with_the_same_sources(slug: str) -> None:
    english, spanish = (article(slug, spoken) for spoken in SPOKEN)
    assert (english.language, spanish.language) == ("en", "es")
    assert (english.reviewed, english.due) == (spanish.reviewed, spanish.due)
    assert english.due > english.reviewed
    shapes = [
        [
            (token.type, [inner.attrGet("href") for inner in token.children or () if inner.attrs])
            for token in tokens(one.body)
        ]
        for one in (english, spanish)
    ]
    assert [shape for shape, _ in shapes[0]] == [shape for shape, _ in shapes[1]]
    sources = [{href for _, hrefs in shape for href in hrefs if href} for shape in shapes]
    assert sources[0] == sources[1]
    numbers = [
        sorted(re.findall(r"\d+(?:[.,]\d+)*", words(rendered(slug, spoken)))) for spoken in SPOKEN
    ]
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize(
    ("spoken", "named"),
    [
        ("en", "pregnant infection tumor pacemaker implant replacement surgery epilepsy nickel"),
        (
            "es",
            "embarazada infección tumor marcapasos implante artificial cirugía níquel",
        ),
    ],
)
def test_what_to_tell_first_leaves_nothing_out(spoken: str, named: str) -> None:
    [*_, tell] = rendered("is-it-safe", spoken).iter("ul")
    assert [one for one in named.split() if one not in words(tell)] == []


def test_as_many_states_ask_for_training_as_the_page_says() -> None:
    with (ROOT / "reference" / "state_rules.csv").open(encoding="utf-8", newline="") as handle:
        rules = [
            rule for rule in csv.DictReader(handle) if rule["profession"] == "physical_therapist"
        ]
    allowed = [rule for rule in rules if rule["status"] == "permitted"]
    asking = [rule for rule in allowed if rule["training"] == "required"]
    told = words(rendered("who-may-do-it", "en"))
    assert f"Allowed {len(allowed) - 1} states and Washington, DC" in told
    assert "DC" not in {rule["state"] for rule in asking}
    assert f"with training first {len(asking)} states" in told


def test_a_page_that_is_not_translated_is_shown_in_english() -> None:
    assert article("is-it-safe", "fr").language == "en"
    with pytest.raises(FileNotFoundError):
        article("is-it-cheap", "es")


def test_what_it_is_in_few_words() -> None:
    opening = tokens(article("what-is-dry-needling", "en").body)[4].content
    assert len(re.sub(r"\(\[.*?\)\)", "", opening).split()) <= 120


def test_the_conditions_each_have_a_certainty_and_a_source_or_none_found() -> None:
    rows = list(rendered("what-it-is-used-for", "en").iter("tr"))[1:]
    assert len(rows) >= 10
    for row in rows:
        problem, found, certainty, source = row
        assert words(problem)
        assert words(found)
        assert words(certainty)
        assert source.find("a").get("href").startswith("https://")


@pytest.mark.parametrize("row", csv_rows(), ids=lambda row: row["id"])
def test_every_statement_about_insurance_has_source_date_and_both_languages(
    row: dict[str, str],
) -> None:
    assert urlsplit(row["source_url"]).scheme == "https"
    assert row["source_title"]
    assert row["status"] in STATUS
    assert row["performed_by"] in PERFORMED_BY
    assert row["confidence"] in ("high", "medium", "low")
    assert row["as_of"] or (row["status"] == "unconfirmed" and row["checked_on"])
    assert not row["checked_on"] or row["checked_on"] > row["as_of"]
    assert re.findall(r"\d+", row["summary"]) == re.findall(r"\d+", row["summary_es"])
    for spoken, column in (("en", "summary"), ("es", "summary_es")):
        assert not re.search(PROMISES[spoken], row[column], re.IGNORECASE)


def test_medicare_is_split_by_who_performs_it_and_the_va_is_unconfirmed() -> None:
    rows = csv_rows()
    assert {row["performed_by"]: row["status"] for row in rows if row["payer"] == "Medicare"} == {
        "physical_therapist": "not_covered",
        "physician": "depends",
        "other_with_acupuncture_licence": "depends",
    }
    told = " ".join(row["summary"] for row in rows if row["payer"] == "Medicare")
    for fact in (
        "12 weeks",
        "12 visits in 90 days",
        "8 more",
        "20 a year",
        "licence in acupuncture",
    ):
        assert fact in told
    [veterans] = [row for row in rows if row["payer"] == "VA"]
    assert veterans["status"] == "unconfirmed"
    assert "2023" in veterans["summary"]


@pytest.mark.parametrize(
    ("stamp", "shown"), [("2017", "2017"), ("2024-04", "Apr 2024"), ("2020-04-07", "7 Apr 2020")]
)
def test_dates_are_as_exact_as_the_source(stamp: str, shown: str) -> None:
    assert dated(stamp) == shown


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = build(tmp_path_factory.mktemp("articles"))
    with served(made.path.parent) as here:
        yield here


PATHS = ["/questions", "/insurance", *(f"/questions/{slug}" for slug in SLUGS)]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_answers_with_one_heading_dates_and_links_that_lead_somewhere(
    address: str, path: str
) -> None:
    reply = httpx.get(address + path)
    assert reply.status_code == 200
    page = fromstring(reply.text)
    assert len(page.findall(".//h1")) == 1
    assert "911" in words(page.find(".//footer"))
    assert "not medical advice" in words(page.find(".//footer"))
    if path != "/questions":
        assert {one.get("datetime") for one in page.iter("time")} >= {"2026-11-27", "2027-05-27"}
    known = {link.get("href") for link in page.find(".//main").iter("a")}
    for link in known:
        if not link.startswith("/"):
            assert urlsplit(link).scheme in ("http", "https"), link
        else:
            assert httpx.get(address + link, follow_redirects=True).status_code == 200, link


def test_the_safety_page_begins_with_the_emergency_line_and_the_disclaimer(address: str) -> None:
    main = fromstring(httpx.get(f"{address}/questions/is-it-safe").text).find(".//main")
    [note] = [one for one in main.iter("div") if one.get("role") == "note"]
    assert "call 911" in words(note)
    assert "not medical advice" in words(note)
    assert words(main).index("911") < words(main).index("What is common")


def test_the_insurance_page_shows_every_statement_with_its_source_and_date(address: str) -> None:
    page = fromstring(httpx.get(f"{address}/insurance").text)
    published = [row for row in csv_rows() if row["checked_on"]]
    assert [row.get("id") for row in page.findall(".//tbody/tr")] == [
        row["id"] for row in published
    ]
    for row in published:
        shown = page.get_element_by_id(row["id"])
        assert row["summary"] in words(shown)
        assert shown.find(".//a").get("href") == row["source_url"]
        assert (dated(row["as_of"]) if row["as_of"] else "No date given") in words(shown)
        assert (row["code"] or "none named") in words(shown)
        assert f"Checked {dated(row['checked_on'])}" in words(shown)


@pytest.mark.parametrize(
    ("built", "said"),
    [("2026-11-27T00:00:00Z", 7), ("2027-11-22T23:00:00Z", 7), ("2027-11-23T00:00:00Z", 0)],
)
def test_what_nobody_checked_for_a_year_is_not_published(built: str, said: int) -> None:
    assert len(list(insurance_rows(built))) == said


def test_tricare_is_not_said_while_nobody_checks_it(address: str) -> None:
    [tricare] = [row for row in csv_rows() if row["payer"] == "TRICARE"]
    assert not tricare["checked_on"]
    page = fromstring(httpx.get(f"{address}/insurance").text)
    assert "TRICARE is not in the table" in words(page)
    assert page.find(".//*[@id='tricare']") is None


def test_codes_stand_only_where_the_source_speaks_of_them() -> None:
    assert {row["id"]: row["code"] for row in csv_rows() if row["code"]} == {
        "medicare-physical-therapist": "20560, 20561"
    }


def test_spanish_explains_the_words_of_its_table(address: str) -> None:
    page = fromstring(httpx.get(f"{address}/es/insurance").text)
    said = {words(one) for one in page.iter("span") if "pays-unconfirmed" in one.get("class", "")}
    assert said <= {words(one) for one in page.iter("strong")}


def test_a_question_nobody_wrote_down_is_not_found(address: str) -> None:
    for path in ("/questions/insurance", "/questions/..%2F..%2FREADME", "/questions/x"):
        assert httpx.get(address + path, follow_redirects=True).status_code == 404


def test_spanish_comes_with_spanish_addresses(address: str) -> None:
    page = httpx.get(f"{address}/es/questions/is-it-safe")
    assert page.status_code == 200
    assert "¿Es segura la punción seca?" in unescape(page.text)
    assert 'href="/es/questions/what-is-dry-needling"' in page.text
    assert 'href="/directory/state_rule"' in httpx.get(f"{address}/es/questions/who-may-do-it").text
    assert "no pudimos confirmar" in httpx.get(f"{address}/es/insurance").text.lower()
