"""The search in somebody else's page: a browser frames it from another origin, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser

from plugins.safety import page_headers
from tests.test_finder_browser import address, browser, made

__all__ = ["address", "browser", "made"]


@pytest.fixture
def clinic(request: pytest.FixtureRequest) -> Iterator[str]:
    """A page of another origin that frames the address after its `?`."""

    class Clinic(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            framed = self.path.partition("?")[2]
            body = f'<iframe src="{framed}" title="Find" width="360" height="420"></iframe>'
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Clinic)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.browser
def test_a_clinic_frames_the_search_and_no_other_page(
    browser: Browser,
    address: str,
    clinic: str,
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{clinic}?{address}/embed?near=Columbus,+OH")
    frame = page.frame_locator("iframe")
    assert frame.get_by_label("City, state or ZIP code").is_visible()
    assert frame.locator("ol li").count() == 5
    with context.expect_page() as opened:
        frame.get_by_role("button").click()
    opened.value.wait_for_load_state()
    assert opened.value.url.startswith(f"{address}/find?near=Columbus")
    page.goto(f"{clinic}?{address}/find?near=Columbus,+OH")
    assert page.frame_locator("iframe").locator("h1", has_text="results").count() == 0
    assert context.cookies() == []
    context.close()


@pytest.mark.parametrize(
    ("path", "framed"),
    [
        ("/embed", True),
        ("/es/embed", True),
        ("/", False),
        ("/find", False),
        ("/embed/code", False),
        ("/embedded", False),
        ("/directory/embed", False),
        ("/report", False),
    ],
)
def test_only_the_embed_may_be_framed(path: str, framed: bool) -> None:
    policy = page_headers(path, b"")["content-security-policy"]
    assert policy.endswith(f"frame-ancestors {'*' if framed else chr(39) + 'none' + chr(39)}")


def test_the_line_to_paste_has_this_sites_address(address: str) -> None:
    page = httpx.get(f"{address}/embed/code").text
    assert f'&lt;iframe src="{address}/embed" title="Find dry needling near you"' in page


@pytest.mark.parametrize("near", ["", "Springfield", "xqzzyx", "Barrow, AK"])
def test_any_text_gives_the_search_box(address: str, near: str) -> None:
    reply = httpx.get(f"{address}/embed", params={"near": near})
    assert reply.status_code == 200
    assert 'role="search"' in reply.text
    assert "<script" not in reply.text
