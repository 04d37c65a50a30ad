"""The whole way on what real software answered: a recorded WP Store Locator, 408 listings.

The answers are read from ../shared/recordings, which is no part of the project; without it these
tests skip. The landing pages around them are ours.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from db.nearest import miles_between
from samples.truth import fold
from tests.conftest import needlepoint, served

HOME = """<!DOCTYPE html><html lang="en"><head><title>Fictional Training</title></head><body>
<nav><a href="/courses/">Find a course</a> <a href="/my-account/">Member login</a>
<a href="/find-a-provider/">Find a Provider</a> <a href="/blog/">Blog</a></nav>
<p>We train people in invented techniques.</p></body></html>"""

LOCATOR = """<!DOCTYPE html><html lang="en"><head><title>Find a Provider</title>
<script src="/wp-content/plugins/wp-store-locator/js/wpsl-gmap.min.js?ver=2.2.241"></script></head>
<body><div id="wpsl-wrap"><select id="wpsl-radius-dropdown"><option value="10">10 mi</option>
<option value="50" selected>50 mi</option><option value="500">500 mi</option></select>
<select id="wpsl-results-dropdown"><option value="25" selected>25</option>
<option value="500">500</option></select></div>
<script>var wpslSettings = {"ajaxurl":"%s/wp-admin/admin-ajax.php","maxResults":"25",
"searchRadius":"50","distanceUnit":"mi","autoLoad":"1","startLatlng":"32.7767,-96.797"};</script>
</body></html>"""

SHEET = """id: recorded_wpsl2
title: "Sample: a recorded locator"
publisher: {name: Fictional Training Company, url: %(url)s/}
home_url: %(url)s/
platform: auto
certification:
  {issuer: Fictional Training, label: Invented Certificate, meaning: Invented., evidence_url: null}
professions: [physical_therapist]
coverage: {countries: [US]}
status: {state: active, reason: a recording, date: 2026-01-02}
terms: {url: null, checked_on: 2026-01-02, decision: accepted}
politeness: {delay_seconds: 0, note: a recording served on this machine}
bounds: {min: 400, max: 420}
options: {}
notes: ""
sample: true
"""


@pytest.fixture(scope="module")
def answers(recordings: Callable[[str], Path]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(
        (recordings("wpsl2") / "033-autoload-dallas.json").read_text("utf-8")
    )
    assert len(rows) == 408
    return rows


@pytest.fixture(scope="module")
def locator(answers: list[dict[str, Any]], recordings: Callable[[str], Path]) -> Iterator[str]:
    """The recorded directory as a server: autoload gives all, a search what lies around."""
    robots = (recordings("wpsl2") / "002-robots.txt").read_bytes()
    whole = (recordings("wpsl2") / "033-autoload-dallas.json").read_bytes()

    def around(query: dict[str, list[str]]) -> bytes:
        latitude, longitude = float(query["lat"][0]), float(query["lng"][0])
        radius, most = int(query["search_radius"][0]), int(query["max_results"][0])
        near = [
            row
            for row in answers
            if row["lat"]
            and miles_between(latitude, longitude, float(row["lat"]), float(row["lng"])) <= radius
        ]
        return json.dumps(near[:most] or "").encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = parse_qs(address.query)
            pages = {"/": HOME, "/find-a-provider/": LOCATOR % url, "/robots.txt": robots}
            page: str | bytes | None = pages.get(address.path)
            kind = "text/html; charset=UTF-8"
            if query.get("action") == ["store_search"]:
                page = whole if "autoload" in query else around(query)
                kind = "application/json; charset=UTF-8"
            body = page.encode() if isinstance(page, str) else page or b"not found"
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield url
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def published(locator: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("recorded")
    sources = data / "sources"
    sources.mkdir()
    (sources / "recorded_wpsl2.yml").write_text(SHEET % {"url": locator}, encoding="utf-8")
    done = needlepoint("run", "--data", data, "--sources", sources)
    assert done.returncode == 0, done.stdout + done.stderr
    return data


def rows(data: Path, sql: str) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(data / "directory.db")) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(sql).fetchall()


def test_all_listings_are_published_as_sent(published: Path, answers: list[dict[str, Any]]) -> None:
    found = {row["id"].rpartition(":")[2]: row for row in rows(published, "select * from listing")}
    assert set(found) == {row["id"] for row in answers}
    for row in answers:
        listing = found[row["id"]]
        assert fold(listing["printed_name"]) == fold(row["store"])
        assert (listing["printed_latitude"] or "") == row["lat"]
        assert (listing["printed_longitude"] or "") == row["lng"]


def test_impossible_coordinates_are_placed_by_address_and_say_so(published: Path) -> None:
    doubted = rows(published, "select * from location where point_note is not null")
    assert doubted
    for row in doubted:
        assert row["precision"] != "source" or "exchanged" in row["point_note"]
        assert row["point_from"] != "source" or "exchanged" in row["point_note"]
    for row in rows(published, "select * from location where latitude is not null"):
        assert (row["latitude"], row["longitude"]) != (0, 0)
    unplaced = rows(
        published,
        "select * from location where latitude is null and country = 'US'"
        " and (postcode is not null or (city is not null and state is not null))",
    )
    assert [dict(row) for row in unplaced] == []


@pytest.mark.parametrize("near", ["Dallas, TX", "Boise, ID"])
def test_the_finder_finds_people_there(published: Path, near: str) -> None:
    with served(published) as site:
        answer = httpx.get(f"{site}/find.json", params={"near": near, "miles": 25}, timeout=30)
        page = httpx.get(f"{site}/find", params={"near": near, "miles": 25}, timeout=30)
    found = answer.json()
    assert found["results"]
    assert all(row["miles"] <= 25 for row in found["results"])
    assert found["results"][0]["name"] in page.text
