"""What the site promises: short, plain, in both languages, and linked from every page."""

from __future__ import annotations

import pytest
import textstat

from plugins.pages.prose import STATEMENTS, article, tokens
from tests.test_finder import Site, site, text_of  # noqa: F401 - the fixture


def words(slug: str, language: str = "en") -> str:
    """The prose of a page, without its marks."""
    shown = article(slug, language)
    inner = [t.content for t in tokens(shown.body) if t.type == "inline"]
    return f"{shown.answer} {' '.join(inner)}"


@pytest.mark.parametrize("slug", STATEMENTS)
def test_a_statement_is_plain_english(slug: str) -> None:
    assert textstat.flesch_kincaid_grade(words(slug)) <= 8


def test_the_privacy_page_has_two_hundred_words() -> None:
    assert len(words("privacy").split()) <= 200


@pytest.mark.parametrize("slug", STATEMENTS)
@pytest.mark.parametrize("path", ["/", "/es", "/find?near=43215", "/directory", "/report"])
def test_every_page_leads_to_the_statements(site: Site, path: str, slug: str) -> None:  # noqa: F811
    start = "/es" if path.startswith("/es") else ""
    assert f'href="{start}/{slug}"' in site.get(path).text
    assert site.get(f"{start}/{slug}").status_code == 200


@pytest.mark.parametrize("slug", STATEMENTS)
def test_a_statement_is_also_in_spanish(slug: str) -> None:
    assert article(slug, "es").language == "es"


@pytest.mark.parametrize("path", ["/", "/find?near=43215", "/directory", "/sources", "/quality"])
def test_every_page_says_what_it_is_not(site: Site, path: str) -> None:  # noqa: F811
    text = text_of(site.get(path))
    for said in ("not medical advice", "not an endorsement", "not affiliated", "call 911"):
        assert said in text
