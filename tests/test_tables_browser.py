"""Tables and SQL in Debian's Chromium: our look in light and dark, and no script inside a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import served
from tests.finder_fixtures import Made
from tests.test_finder_browser import PHONE, Visit, browser, made, visit

__all__ = ["browser", "made", "visit"]

pytestmark = pytest.mark.browser
PAGES = (
    "/directory",
    "/directory?_show_hidden=1",
    "/directory?sql=select+1",
    "/directory/by_state",
    "/directory/practitioner?_facet=profession",
    "/directory/practitioner/{one}",
)


@pytest.fixture(scope="module")
def address(made: Made) -> Iterator[str]:
    with served(made.path.parent) as site:
        yield site


def _lightness(colour: str) -> float:
    """0 to 1, of a computed `rgb(…)`."""
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / (3 * 255)


@pytest.mark.parametrize("page", PAGES)
def test_every_script_is_in_a_file(address: str, made: Made, page: str) -> None:
    answer = httpx.get(address + page.format(one=made.two_places))
    assert answer.status_code == 200
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", answer.text) == []
    assert re.findall(r"\son\w+=", answer.text) == []


@pytest.mark.parametrize(
    "visit", [{"color_scheme": scheme} for scheme in ("light", "dark")], indirect=True
)
def test_the_look_follows_the_visitor(visit: Visit, made: Made) -> None:
    dark = visit.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    for path in PAGES:
        visit.page.goto(visit.address + path.format(one=made.two_places))
        for part in ("body", ".table-wrapper", ".CodeMirror", ".shelf > li", ".site-header"):
            if visit.page.locator(part).count():
                back = visit.page.locator(part).first.evaluate(
                    "one => getComputedStyle(one).backgroundColor"
                )
                assert (_lightness(back) < 0.3) is dark, (path, part, back)


def test_a_question_is_written_and_asked_by_keyboard(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/directory")
    editor = visit.page.get_by_label("SQL query").last
    editor.press("Control+a")
    editor.press_sequentially("select 6*7 as answer")
    visit.page.get_by_role("button", name="Format SQL").press("Enter")
    assert visit.page.locator(".CodeMirror-line").count() == 2
    editor.press("Shift+Enter")
    visit.page.wait_for_url("**sql=select**")
    assert visit.page.locator("td.col-answer").inner_text() == "42"


def test_the_menu_of_a_column_works_by_keyboard(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/directory/practitioner?_size=5")
    button = visit.page.get_by_role("button", name="Sort or count by profession")
    button.press("Enter")
    first = visit.page.get_by_role("link", name="Sort ascending")
    assert first.evaluate("one => one === document.activeElement")
    first.press("Escape")
    assert not first.is_visible()
    assert button.evaluate("one => one === document.activeElement")
    button.press("Enter")
    visit.page.get_by_role("link", name="Facet by this").press("Enter")
    visit.page.wait_for_url("**_facet=profession**")
    assert visit.page.locator("#facet-profession li").count() >= 1


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_on_a_phone_each_value_is_named(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/directory/practitioner?_size=3")
    named = visit.page.locator("td").first.evaluate(
        "one => getComputedStyle(one, '::before').content"
    )
    assert named == '"id"'
    visit.page.goto(f"{visit.address}/directory?sql=select+7+as+lucky")
    named = visit.page.locator("td").first.evaluate(
        "one => getComputedStyle(one, '::before').content"
    )
    assert named == '"lucky"'


def test_what_the_search_works_with_is_shown_only_when_asked(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/directory")
    assert visit.page.get_by_role("link", name="location_rtree").count() == 0
    shown = [link.inner_text() for link in visit.page.locator("#tables + .shelf h3 a").all()]
    assert shown[:3] == ["Practitioners", "Locations", "Listings"]
    visit.page.get_by_role("link", name=re.compile(r"\d+ inner tables")).click()
    assert visit.page.get_by_role("link", name="location_rtree", exact=True).count() == 1
