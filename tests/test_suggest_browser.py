"""Suggestions and 'use my location' as a visitor meets them, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.browser import chromium
from tests.conftest import served
from tests.finder_fixtures import build

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = build(tmp_path_factory.mktemp("suggest"))
    with served(made.path.parent) as address:
        yield address


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    opened = browser.new_context(**getattr(request, "param", {}))
    yield opened
    assert opened.cookies() == []
    opened.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" else None
    )
    opened.goto(address)
    yield opened
    assert complaints == []


def near(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query)["near"][0]


def options_of(page: Page) -> Locator:
    """Of the suggestions; the miles to choose from are options too."""
    return page.locator(".suggestions").get_by_role("option")


def open_list(page: Page, text: str = "colum") -> None:
    page.locator("#near").press_sequentially(text)
    expect(options_of(page).first).to_be_visible()


# ---- suggestions --------------------------------------------------------------------------------


def test_the_list_says_what_it_is(page: Page) -> None:
    box = page.get_by_role("combobox", name="City, state or ZIP code")
    expect(box).to_have_attribute("aria-expanded", "false")
    open_list(page)
    expect(box).to_have_attribute("aria-expanded", "true")
    listed = page.get_by_role("listbox")
    assert box.get_attribute("aria-controls") == listed.get_attribute("id")
    options = options_of(page)
    assert 1 < options.count() <= 8
    expect(options.first).to_contain_text(re.compile(r"Columbus, OH\s+30 within 25 miles"))
    expect(page.get_by_role("status").first).to_have_text(
        f"{options.count()} places suggested. Arrow down to choose."
    )
    for option in options.all():
        size = option.bounding_box()
        assert size
        assert size["height"] >= 44


def test_arrows_walk_through_the_list_and_back_to_what_was_typed(page: Page) -> None:
    open_list(page)
    box = page.locator("#near")
    options = options_of(page)
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    expect(box).to_have_value("Columbus, OH")
    box.press("ArrowUp")
    expect(box).to_have_value("colum")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(box).to_be_focused()


def test_escape_closes_and_gives_back_what_was_typed(page: Page) -> None:
    open_list(page)
    box = page.locator("#near")
    box.press("ArrowDown")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("colum")
    box.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()


def test_enter_searches_for_the_marked_place(page: Page) -> None:
    open_list(page)
    page.locator("#near").press("ArrowDown")
    page.locator("#near").press("Enter")
    page.wait_for_url("**/find?**")
    assert near(page) == "Columbus, OH"


def test_enter_without_a_mark_searches_for_what_was_typed(page: Page) -> None:
    open_list(page, "43604")
    page.locator("#near").press("Enter")
    page.wait_for_url("**/find?**")
    assert near(page) == "43604"


def test_tab_keeps_the_marked_place_and_goes_on(page: Page) -> None:
    open_list(page)
    page.locator("#near").press("ArrowDown")
    page.locator("#near").press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.locator("#near")).to_have_value("Columbus, OH")
    expect(page.locator("#miles")).to_be_focused()


def test_a_press_on_a_place_searches_for_it(page: Page) -> None:
    open_list(page, "springfield, o")
    options_of(page).filter(has_text=re.compile("^Springfield, OH")).click()
    page.wait_for_url("**/find?**")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Springfield, OH")


def test_a_misspelt_beginning_is_helped(page: Page) -> None:
    open_list(page, "tolid")
    expect(options_of(page).first).to_contain_text("Toledo, OH")


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
def test_without_script_the_form_is_a_form(page: Page) -> None:
    assert page.get_by_role("button", name="Use my location").count() == 0
    assert page.get_by_role("combobox", name="City, state or ZIP code").count() == 0
    page.get_by_label("City, state or ZIP code").fill("Toledo, OH")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Toledo, OH")


@pytest.mark.parametrize("context", [{"viewport": {"width": 320, "height": 640}}], indirect=True)
def test_the_open_list_fits_a_small_phone(page: Page) -> None:
    open_list(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


# ---- where the visitor is -----------------------------------------------------------------------

HERE = {
    "geolocation": {"latitude": 41.652812, "longitude": -83.537867},
    "permissions": ["geolocation"],
}


@pytest.mark.parametrize("context", [HERE], indirect=True)
def test_the_place_is_rounded_in_the_browser(page: Page, context: BrowserContext) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Use my location").click()
    page.wait_for_url("**/find?**")
    assert near(page) == "41.65,-83.54"
    assert not [url for url in asked if re.search(r"\d\.\d{3}", url)]
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile("9 results within 25 miles of your location"))
    assert "Lucas County" not in page.locator(".found").inner_text()


@pytest.mark.parametrize("context", [HERE], indirect=True)
def test_nobody_is_asked_before_the_click(page: Page) -> None:
    page.add_init_script(
        "navigator.geolocation.getCurrentPosition = () => { window.wasAsked = true; }"
    )
    page.reload()
    expect(page.get_by_role("button", name="Use my location")).to_be_visible()
    assert page.evaluate("window.wasAsked") is None


@pytest.mark.parametrize(
    ("code", "message"),
    [(1, "did not share where you are"), (2, "could not tell where"), (3, "took too long")],
)
def test_each_failure_says_what_happened(page: Page, code: int, message: str) -> None:
    page.add_init_script(
        "navigator.geolocation.getCurrentPosition ="
        f" (found, failed) => setTimeout(() => failed({{ code: {code} }}), 10)"
    )
    page.reload()
    page.get_by_role("button", name="Use my location").click()
    expect(page.locator(".locate-said")).to_contain_text(message)
    expect(page.locator(".locate-said")).to_have_attribute("role", "status")
    expect(page.locator("#near")).to_be_focused()
    expect(page.get_by_role("button", name="Use my location")).to_be_enabled()


@pytest.mark.parametrize("context", [{"permissions": []}], indirect=True)
def test_a_browser_that_denies_gives_the_box_the_focus(page: Page) -> None:
    page.get_by_role("button", name="Use my location").click()
    expect(page.locator(".locate-said")).to_contain_text("did not share where you are")
    expect(page.locator("#near")).to_be_focused()


# ---- the address --------------------------------------------------------------------------------


def test_suggestions_as_data(address: str) -> None:
    answer = httpx.get(f"{address}/suggest.json", params={"q": "to"})
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    said = answer.json()
    assert said["miles"] == 25
    assert len(said["suggestions"]) == 8
    assert said["suggestions"][0] == {
        "near": "Toledo, OH",
        "label": "Toledo, OH",
        "county": "",
        "total": 9,
        "more": False,
        "whole": False,
    }
    said = httpx.get(f"{address}/suggest.json", params={"q": "ohi"}).json()["suggestions"][0]
    assert (said["near"], said["whole"]) == ("Ohio", True)


@pytest.mark.parametrize("text", ["", "t", " ", "\x00", "🎉🎉🎉🎉", '"*', "x" * 5000, "xyzzyqq"])
def test_nothing_to_suggest(address: str, text: str) -> None:
    assert httpx.get(f"{address}/suggest.json", params={"q": text}).json()["suggestions"] == []


def test_every_suggestion_finds_itself_with_the_number_it_promised(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        for text in (
            "springf",
            "toledo",
            "436",
            "columbus",
            "los an",
            "washington",
            "calif",
            "midway, fl",
        ):
            said = client.get("/suggest.json", params={"q": text}).json()["suggestions"]
            assert said, text
            assert len({(one["label"], one["county"]) for one in said}) == len(said), said
            for one in said:
                found = client.get("/find.json", params={"near": one["near"], "miles": 25}).json()
                assert not found["choices"], one
                assert found["total"] == one["total"], one


def test_what_is_typed_is_not_logged(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = build(tmp_path_factory.mktemp("unlogged"))
    with served(made.path.parent) as address:
        httpx.get(f"{address}/suggest.json", params={"q": "Xyloville"})
    [log] = made.path.parent.glob("serve-*.log")
    assert "/suggest.json" in log.read_text()
    assert "Xyloville" not in log.read_text()
