"""Streets for the map: chosen by whoever runs the site, asked for by who presses the button."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page

from plugins.pages.streets import checked
from plugins.pages.written import NotRight
from tests.conftest import needlepoint, served
from tests.finder_fixtures import Made, build
from tests.test_finder_browser import browser

__all__ = ["browser"]

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg=="
)
ADDRESS = "https://tiles.example.com/{z}/{x}/{y}.png"
WRITTEN = {"tiles": ADDRESS, "attribution": "© Example Maps", "link": "https://example.com/"}


@dataclass
class Tiles:
    """A tile server, and what it was asked: (path, Referer)."""

    address: str
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def tiles() -> Iterator[Tiles]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kept.asked.append((self.path, self.headers.get("referer")))
            self.send_response(200)
            self.send_header("content-type", "image/png")
            self.end_headers()
            self.wfile.write(PIXEL)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept = Tiles(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return build(tmp_path_factory.mktemp("streets"))


def _written(folder: Path, tiles: Tiles, more: str = "") -> Path:
    file = folder / "streets.yml"
    file.write_text(
        f"tiles: {tiles.address}/{{z}}/{{x}}/{{y}}.png\nattribution: © <b>Example</b> Maps\n"
        f"link: https://example.com/copyright\n{more}",
        "utf-8",
    )
    return file


def _open(browser: Browser, address: str) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{address}/find?near=Columbus,+OH")
    page.wait_for_selector("#map-side[data-ready=true]")
    return page, complaints


@pytest.mark.browser
@pytest.mark.parametrize("more", ["", "send_origin: true\n"])
def test_nothing_is_asked_until_the_button_is_pressed(
    browser: Browser, made: Made, tiles: Tiles, more: str
) -> None:
    folder = made.path.parent
    with served(folder, more=("--streets", _written(folder, tiles, more))) as address:
        page, complaints = _open(browser, address)
        page.wait_for_timeout(500)
        assert tiles.asked == []
        said = page.locator(".map-streets").inner_text()
        assert "The streets are drawn by 127.0.0.1: your browser then asks it" in said
        assert "© <b>Example</b> Maps" in said
        button = page.get_by_role("button", name="Show streets")
        button.press("Enter")
        page.wait_for_selector("#map .leaflet-tile-loaded")
        zoom, column, row = tiles.asked[0][0].strip("/").removesuffix(".png").split("/")
        # Columbus stands in the middle of the north of America.
        assert 0.2 < int(column) / 2 ** int(zoom) < 0.3
        assert 0.3 < int(row) / 2 ** int(zoom) < 0.45
        assert {referer for _, referer in tiles.asked} == {f"{address}/" if more else None}
        page.get_by_role("button", name="Hide streets").click()
        asked = len(tiles.asked)
        page.get_by_role("button", name="Zoom in", exact=True).click()
        page.wait_for_timeout(600)
        assert len(tiles.asked) == asked
        assert complaints == []
        page.close()


def test_one_host_is_let_through_where_the_map_is_and_nowhere_else(
    made: Made, tiles: Tiles
) -> None:
    folder = made.path.parent
    with served(folder, more=("--streets", _written(folder, tiles))) as address:
        for path, through in (
            ("/find?near=Toledo,+OH", True), ("/es/find?near=Toledo,+OH", True),
            ("/", False), ("/privacy", False), ("/embed", False), ("/directory", False),
            ("/find.json?near=Toledo,+OH", False), ("/find.svg?near=Toledo,+OH", False),
        ):  # fmt: skip
            policy = httpx.get(address + path).headers["content-security-policy"]
            assert (tiles.address in policy) is through, path
            assert policy.count("img-src") <= 1
        assert "the map has a button for streets" in httpx.get(f"{address}/privacy").text
        assert "the map has a button for streets" not in httpx.get(f"{address}/accessibility").text


def test_a_site_without_them_has_no_button(made: Made) -> None:
    with served(made.path.parent) as address:
        page = httpx.get(f"{address}/find?near=Columbus,+OH")
        assert "map-streets" not in page.text
        assert "img-src" not in page.headers["content-security-policy"]
        assert "button for streets" not in httpx.get(f"{address}/privacy").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tiles": None}, "'tiles' is missing"),
        ({"attribution": ""}, "'attribution' is missing"),
        ({"tiles": "https://tiles.example.com/"}, "{z}/{x}/{y}.png"),
        ({"tiles": "tiles.example.com/{z}/{x}/{y}.png"}, "{z}/{x}/{y}.png"),
        ({"tiles": "http://tiles.example.com/{z}/{x}/{y}.png"}, "begin with https://"),
        ({"tiles": "https://{s}.example.com/{z}/{x}/{y}.png"}, "one host"),
        ({"tiles": "https://me:you@tiles.example.com/{z}/{x}/{y}.png"}, "one host"),
        ({"tiles": "https://tiles.example.com; script-src */{z}/{x}/{y}.png"}, "one host"),
        ({"link": "javascript:alert(1)"}, "'link' has to be a whole address"),
        ({"send_origin": "yes"}, "true or false"),
        ({"key": "abc"}, "'key' is not known"),
    ],
)
def test_what_is_not_right_is_said(change: dict[str, object], said: str) -> None:
    with pytest.raises(NotRight) as caught:
        checked(WRITTEN | change)
    assert said in str(caught.value)


def test_what_is_right_is_taken() -> None:
    streets = checked(WRITTEN | {"send_origin": True})
    assert (streets.host, streets.origin) == ("tiles.example.com", "https://tiles.example.com")
    assert urlsplit(streets.tiles).path == "/{z}/{x}/{y}.png"


@pytest.mark.parametrize("text", ["tiles: [", "just words", "tiles: ftp://x/{z}/{x}/{y}"])
def test_a_wrong_file_is_refused_at_the_start(made: Made, tmp_path: Path, text: str) -> None:
    file = tmp_path / "streets.yml"
    file.write_text(text, "utf-8")
    done = needlepoint("serve", "--data", made.path.parent, "--streets", file)
    assert done.returncode == 1
    assert f"{file}: the map's streets cannot be shown" in done.stderr
    assert "docs/running.md" in done.stderr
    assert "Traceback" not in done.stderr
