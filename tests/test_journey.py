"""The six steps of a patient: search, choose the town, filter, next page, practitioner, report. By
keyboard alone, and again without any script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from db.working import open_working
from tests.conftest import served
from tests.finder_fixtures import Made
from tests.test_finder_browser import Visit, browser, made, visit

__all__ = ["browser", "made", "visit"]

pytestmark = pytest.mark.browser
MOST_TABS = 150
REFERENCE = re.compile(r"NP-[0-9A-Z]{4}-[0-9A-Z]{2}")
MESSAGE = "They moved to another street."
KEYBOARD = {"viewport": {"width": 1280, "height": 900}}
NO_SCRIPT = {"viewport": {"width": 375, "height": 812}, "java_script_enabled": False}


@pytest.fixture(scope="module")
def address(made: Made) -> Iterator[str]:
    folder: Path = made.path.parent
    open_working(folder).close()
    with served(folder) as address:
        yield address


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the wanted element has the focus, as somebody without a mouse does."""
    target = wanted.element_handle(timeout=5000)
    for _ in range(MOST_TABS):
        if page.evaluate("one => document.activeElement === one", target):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached with {MOST_TABS} tabs: {wanted}")


@pytest.mark.parametrize("visit", [KEYBOARD], indirect=True)
def test_the_six_steps_by_keyboard_alone(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)

    tab_to(page, page.get_by_label("City, state or ZIP code"))
    page.keyboard.type("Springfield")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find?**")
    _through(visit, lambda link: (tab_to(page, link), page.keyboard.press("Enter")))

    page.keyboard.press("Tab")
    tab_to(page, page.get_by_role("radio").first)
    page.keyboard.press("Space")
    tab_to(page, page.locator("#message"))
    page.keyboard.type(MESSAGE)
    tab_to(page, page.locator("main button[type=submit]"))
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(REFERENCE)


@pytest.mark.parametrize("visit", [NO_SCRIPT], indirect=True)
def test_the_six_steps_without_a_script(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    page.get_by_label("City, state or ZIP code").fill("Springfield")
    page.get_by_role("button", name="Search").click()
    _through(visit, lambda link: link.click())
    page.get_by_role("radio").first.check()
    page.locator("#message").fill(MESSAGE)
    page.locator("main button[type=submit]").click()
    expect(page.locator("main")).to_contain_text(REFERENCE)


def _through(visit: Visit, follow: Callable[[Locator], object]) -> None:
    """From the choice between towns to the form of a report; `follow` goes where a link leads."""
    page = visit.page
    expect(page.locator("h1")).to_have_text("Which place do you mean?")
    follow(page.get_by_role("link", name="Springfield, OH"))
    expect(page.locator("h1")).to_contain_text("of Springfield, OH")
    page.goto(f"{visit.address}/find?near=Chicago,+IL")
    follow(page.get_by_text("Narrow the results"))
    follow(page.locator(".facets a").first)
    expect(page.locator(".chips li")).to_have_count(1)
    follow(page.get_by_role("link", name="Next"))
    expect(page.locator(".pages")).to_contain_text("Page 2 of")
    follow(page.locator(".card h2 a").first)
    expect(page.locator("article.profile h1")).to_be_visible()
    follow(page.get_by_role("link", name="Report a mistake"))
    expect(page.locator("h1")).to_be_visible()
