"""The search in somebody else's page: a browser frames it from another origin, and nothing else."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser

from plugins.embed import HEIGHT, HEIGHT_WITH_RESULTS, SAID_OF_EACH
from plugins.safety import page_headers
from tests.finder_fixtures import Made, build
from tests.test_finder import text_of
from tests.test_finder_browser import address, browser

__all__ = ["address", "browser"]

RULES = {"CO": "prohibited", "CA": "silent"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Rules that speak against needling, somebody with many certificates, and one not seen long."""
    made = build(tmp_path_factory.mktemp("embed"))
    with closing(sqlite3.connect(made.path)) as connection, connection:
        for state, status in RULES.items():
            connection.execute(
                "insert into state_rule (state, state_name, profession, status, basis, summary,"
                " source_title, source_url, checked_on, confidence) values"
                " (?, ?, 'physical_therapist', ?, 'statute', 'Sample.', 'Sample board',"
                " 'https://board.example.com/', '2026-03', 'high')",
                (state, f"State of {state}", status),
            )
        connection.executemany(
            "insert into certification (practitioner_id, listing_id, source_id, issuer, label,"
            " first_seen, seen) select practitioner_id, listing_id, source_id, issuer, ?,"
            " first_seen, seen from certification where practitioner_id = ?",
            [(f"Course {number}", made.uncertain) for number in range(2)],
        )
        connection.execute(
            "update location set last_seen = '2026-08-01T04:00:00Z' where practitioner_id in"
            " (select practitioner_id from location where state = 'CA' limit 1)"
        )
    return made


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


def test_every_language_is_offered_and_the_own_one_first(address: str) -> None:
    """Where no public address is set, below the host that was asked."""
    lines = {
        "": '<iframe src="{}/embed" title="Find dry needling near you" width="100%" height="{}"',
        "/es": '<iframe src="{}/es/embed" title="Busque punción seca cerca de usted" width="100%"'
        ' height="{}"',
    }
    for own, other in (("", "/es"), ("/es", "")):
        page = unescape(httpx.get(f"{address}{own}/embed/code").text)
        first, second = (page.index(lines[one].format(address, HEIGHT)) for one in (own, other))
        assert first < second
        assert f'height="{HEIGHT_WITH_RESULTS}"' in page
        assert f"{address}{own}/embed?near=Cleveland" in page


@pytest.mark.parametrize("prefix", ["", "/es"])
@pytest.mark.browser
def test_the_offered_height_holds_what_is_shown(
    browser: Browser, address: str, prefix: str
) -> None:
    """In a page of 375 px with margins of 16, and without any."""
    for width in (343, 375):
        page = browser.new_page(viewport={"width": width, "height": 100})

        def high(query: str) -> int:
            page.goto(f"{address}{prefix}/embed{query}")  # noqa: B023
            return int(page.evaluate("document.documentElement.scrollHeight"))  # noqa: B023

        assert HEIGHT - 60 < high("") <= HEIGHT
        assert HEIGHT_WITH_RESULTS - 200 < high("?near=Toledo,+OH") <= HEIGHT_WITH_RESULTS
        assert high("?near=Barrow,+AK") <= HEIGHT_WITH_RESULTS
        page.close()


def results(page: httpx.Response) -> list[str]:
    """The words of each result in the frame."""
    return [
        " ".join(unescape(re.sub(r"<[^>]+>", " ", one)).split())
        for one in re.findall(r"<li>(.*?)</li>", page.text, re.DOTALL)
    ]


def test_who_lists_them_when_and_the_rule_that_speaks_against(address: str, made: Made) -> None:
    ohio = results(httpx.get(f"{address}/embed?near=Columbus,+OH"))
    assert len(ohio) == 5
    for one in ohio:
        assert re.search(r"“.+” says (Alpha|Beta) School", one), one
        assert "Last seen 20 Nov 2026" in one
        assert "Ohio" not in one, "nothing speaks against it there"
    [many] = [one for one in ohio if one.startswith("Una Certain")]
    assert (many.count(" says "), "and 1 more" in many) == (SAID_OF_EACH, True)
    denver = results(httpx.get(f"{address}/embed?near=Denver,+CO"))
    assert len(denver) == 5
    assert all("State of CO, physical therapists: not allowed" in one for one in denver)
    angeles = results(httpx.get(f"{address}/embed?near=Los+Angeles,+CA"))
    assert all("the law says nothing either way" in one for one in angeles)
    assert sum("Not seen there since 1 Aug 2026" in one for one in angeles) == 1
    spanish = results(httpx.get(f"{address}/es/embed?near=Denver,+CO"))
    assert all("Se vio el 20 de noviembre de 2026" in one for one in spanish), spanish


def test_where_nobody_is_near_the_nearest_is_named(address: str) -> None:
    page = httpx.get(f"{address}/embed", params={"near": "Barrow, AK"})
    text = text_of(page)
    assert "Nobody known within 25 miles of Barrow, AK" in text
    assert re.search(r"The nearest one we know is .+ in Denver, CO, 2,\d\d\d miles away", text)
    assert 'href="/find?near=Barrow%2C+AK#found"' in page.text


def test_the_frame_says_what_it_is_not(address: str) -> None:
    for path, words in (
        ("/embed", "In an emergency call 911."),
        ("/embed?near=Columbus,+OH", "Not affiliated with any directory, school or clinic shown."),
        ("/es/embed", "En una emergencia llame al 911."),
        ("/es/embed?near=xqzzyx", "Sin relación con ningún directorio"),
    ):
        assert words in text_of(httpx.get(f"{address}{path}")), path


@pytest.mark.parametrize("near", ["", "Springfield", "xqzzyx", "Barrow, AK"])
def test_any_text_gives_the_search_box(address: str, near: str) -> None:
    reply = httpx.get(f"{address}/embed", params={"near": near})
    assert reply.status_code == 200
    assert 'role="search"' in reply.text
    assert "<script" not in reply.text
