"""The finder as a visitor meets it: in Debian's Chromium, list and map, and nobody else asked."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

from tests.conftest import served
from tests.finder_fixtures import Made, build

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


@dataclass
class Visit:
    """A page, and everything it asked for or complained about."""

    page: Page
    address: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def search(self, near: str) -> None:
        self.page.goto(self.address)
        self.page.get_by_label("City, state or ZIP code").fill(near)
        self.page.get_by_role("button", name="Search").click()
        self.page.wait_for_url("**/find?**")

    def map_ready(self) -> None:
        self.page.wait_for_selector("#map-side[data-ready=true]")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return build(tmp_path_factory.mktemp("browser"), crowd=600)


@pytest.fixture(scope="module")
def address(made: Made) -> Iterator[str]:
    with served(made.path.parent) as address:
        yield address


@pytest.fixture
def visit(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    wishes = getattr(request, "param", {})
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | wishes)
    visited = Visit(context.new_page(), address)
    visited.page.on("request", lambda asked: visited.asked.append(asked.url))
    visited.page.on(
        "console",
        lambda said: (
            visited.complaints.append(said.text) if said.type in ("error", "warning") else None
        ),
    )
    visited.page.on("pageerror", lambda error: visited.complaints.append(str(error)))
    yield visited
    assert context.cookies() == []
    context.close()
    assert visited.complaints == []
    here = urlsplit(address).netloc
    assert {urlsplit(url).netloc for url in visited.asked if not url.startswith("data:")} == {here}


PHONE = {"viewport": {"width": 375, "height": 812}}


@pytest.mark.parametrize("near", ["Columbus, OH", "43604"])
def test_a_search_shows_list_and_map_and_asks_no_other_host(visit: Visit, near: str) -> None:
    visit.search(near)
    assert re.match(r"\d+ results within 25 miles of ", visit.page.inner_text("h1"))
    assert visit.page.locator("article.card").count() >= 9
    visit.map_ready()
    assert visit.page.locator("#map .pin, #map .bunch").count() > 2
    assert visit.page.locator("#map canvas").count() >= 1
    # The towns come with the outlines of their states, which are asked for last.
    visit.page.wait_for_function("document.querySelectorAll('#map .town').length > 3")
    drawn = visit.page.evaluate(
        "() => [...document.querySelectorAll('#map canvas')].some(c => c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data.some(v => v))"
    )
    assert drawn


def test_front_door_and_area_are_drawn_differently(visit: Visit, made: Made) -> None:
    visit.page.goto(f"{visit.address}/find?near=Columbus,+OH&miles=5")
    visit.map_ready()
    closer = visit.page.get_by_role("button", name="Zoom in", exact=True)
    while closer.get_attribute("aria-disabled") == "false":
        closer.click()
        visit.page.wait_for_timeout(400)
    area = visit.page.locator("#map .area").first
    assert "approximate" in (area.get_attribute("aria-label") or "")
    assert visit.page.locator("#map .pin").count() >= 1
    shared = visit.page.locator("#map .pin", has_text="3×")
    assert shared.count() == 1
    shared.focus()
    visit.page.keyboard.press("Enter")
    assert visit.page.locator(".leaflet-popup li").count() == 3


def test_marks_have_names_and_nothing_hidden_takes_focus(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/find?near=Toledo,+OH")
    visit.map_ready()
    visit.page.wait_for_timeout(300)
    marks = visit.page.locator("#map .pin, #map .area, #map .bunch")
    for i in range(marks.count()):
        assert marks.nth(i).get_attribute("aria-label")
        assert marks.nth(i).get_attribute("tabindex") == "0"
    hidden = "[aria-hidden=true] :is(a, button, input, select, [tabindex='0'])"
    assert visit.page.locator(hidden).count() == 0


def test_card_and_mark_show_each_other(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/find?near=Toledo,+OH")
    visit.map_ready()
    visit.page.locator("article.card").nth(2).hover()
    assert visit.page.locator("#map .is-chosen").count() == 1
    mark = visit.page.locator("#map .pin").first
    number = mark.inner_text()
    assert (mark.get_attribute("aria-label") or "").startswith(f"{number}: ")
    mark.focus()
    visit.page.keyboard.press("Enter")
    chosen = visit.page.locator("article.card.is-chosen .number")
    assert chosen.get_attribute("data-number") == number


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_on_a_phone_the_map_is_a_tab_loaded_when_wanted(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/find?near=Columbus,+OH")
    visit.page.wait_for_timeout(400)
    assert not any("leaflet" in url for url in visit.asked if url.endswith(".js?v=1.9.4"))
    visit.page.get_by_role("button", name="Map", exact=True).click()
    visit.map_ready()
    assert visit.page.locator("#map").is_visible()
    assert not visit.page.locator("article.card").first.is_visible()
    visit.page.get_by_role("button", name="List", exact=True).click()
    assert visit.page.locator("article.card").first.is_visible()


@pytest.mark.parametrize("visit", [{"java_script_enabled": False}], indirect=True)
def test_everything_but_the_map_works_without_scripts(visit: Visit) -> None:
    visit.search("Springfield")
    visit.page.get_by_role("link", name="Springfield, OH").click()
    assert visit.page.locator("article.card").count() == 3
    assert not visit.page.locator("#map-side").is_visible()
    visit.search("Columbus, OH")
    visit.page.get_by_role("link", name="Next").click()
    assert "Page 2 of 3" in visit.page.inner_text(".pages")
    visit.page.locator("article.card h2 a").first.click()
    assert "Who lists" in visit.page.inner_text("main")


@pytest.mark.parametrize(
    "visit",
    [
        {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
        for width in (320, 375, 1280)
        for scheme in ("light", "dark")
    ],
    indirect=True,
)
def test_no_page_scrolls_sideways_and_targets_are_large(visit: Visit) -> None:
    for path in (
        "/", "/find?near=Columbus,+OH", "/find?near=Springfield", "/find?near=Barrow,+AK",
        "/practitioner/np-0000000001", "/sources", "/about", "/bot", "/directory",
    ):  # fmt: skip
        visit.page.goto(visit.address + path)
        widths = visit.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert widths[0] == widths[1], path
        small = visit.page.evaluate(
            "() => [...document.querySelectorAll('.action, .search button, .search input,"
            " .search select, .site-nav a, .pages a, .choices a, .map-toggle button')]"
            ".filter(e => e.offsetHeight && e.offsetHeight < 44).map(e => e.outerHTML)"
        )
        assert small == [], path


def test_skip_link_passes_the_map(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/find?near=Toledo,+OH")
    visit.map_ready()
    last = visit.page.locator(".list-side a").last
    last.focus()
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.textContent") == "Skip the map"
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "after-map"


def test_a_search_takes_the_focus_to_its_answer(visit: Visit) -> None:
    visit.search("Columbus, OH")
    assert visit.page.evaluate("document.activeElement.id") == "found"
    visit.page.get_by_role("link", name="Next", exact=True).click()
    visit.page.wait_for_url("**page=2**")
    assert visit.page.evaluate("document.activeElement.id") == "found"


def test_enter_on_a_bunch_takes_it_apart_and_keeps_the_focus(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/find?near=Chicago&miles=50")
    visit.map_ready()
    bunch = visit.page.locator("#map .bunch").first
    before = bunch.inner_text()
    bunch.press("Enter")
    visit.page.wait_for_timeout(1200)
    focused = visit.page.evaluate(
        "[document.activeElement.className, document.activeElement.innerText]"
    )
    assert re.search(r"\b(pin|area|bunch)\b", focused[0]), focused
    assert focused[1] != before or "bunch" not in focused[0]


def test_weight_and_size_stay_small_with_a_crowd(visit: Visit) -> None:
    path = f"{visit.address}/find?near=Chicago&miles=50"
    weights: dict[str, int] = {}
    visit.page.on(
        "response",
        lambda reply: weights.update({reply.url: len(gzip.compress(httpx.get(reply.url).content))}),
    )
    visit.page.goto(path)
    visit.map_ready()
    visit.page.wait_for_load_state("networkidle")
    assert "600 results" in visit.page.inner_text("h1")
    later = re.compile(r"map\.|vendor|basemap|geojson")
    list_only = sum(size for url, size in weights.items() if not later.search(url))
    assert list_only <= 60_000
    assert sum(weights.values()) <= 250_000, weights
    assert visit.page.evaluate("document.querySelectorAll('*').length") <= 1500


def test_print_has_ten_results_without_map_and_buttons(visit: Visit, tmp_path: Path) -> None:
    visit.page.goto(f"{visit.address}/find?near=Columbus,+OH")
    visit.page.emulate_media(media="print")
    assert not visit.page.locator(".search").is_visible()
    assert not visit.page.locator("#map-side").is_visible()
    pdf = visit.page.pdf(path=tmp_path / "list.pdf", format="Letter")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 2


def test_ten_printed_entries_of_three_certificates_take_two_sheets(
    browser: Browser, tmp_path: Path
) -> None:
    made = build(tmp_path, crowd=60)
    with closing(sqlite3.connect(made.path)) as connection, connection:
        for more in ("first", "second", "third"):
            connection.execute(
                "insert into certification (practitioner_id, listing_id, source_id, issuer, label,"
                " first_seen, seen) select p.id, l.id, l.source_id, 'Institute of Invented and"
                " Rather Long Names', ?, l.first_seen, l.last_seen from practitioner p,"
                " (select * from listing limit 1) l",
                (f"The {more} of its certificates",),
            )
    with served(tmp_path) as address:
        page = browser.new_page()
        page.goto(f"{address}/find?near=Chicago,+IL")
        # A practice goes without a phone there, a person never without the day.
        phones = page.locator(".cards .call").all_inner_texts()
        page.pdf(path=tmp_path / "list.pdf", format="Letter")
        page.close()
    sheets = PdfReader(tmp_path / "list.pdf").pages
    read = " ".join(sheet.extract_text() for sheet in sheets)
    text = " ".join(unicodedata.normalize("NFKC", read).split())  # the font has a letter for "fi"
    assert len(sheets) <= 2
    assert len(phones) > 5
    assert all(phone in text for phone in phones)
    assert text.count("third of its certificates") == 10
    assert text.count("Chicago, IL") >= 10
    assert len(re.findall(r"seen \d+ \w+ 20\d\d", text)) >= 30
