"""`needlepoint check-links` against a real server: every answer kept, counted, published."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlite_utils import Database

from db.forgetting import forget, listings_of
from db.gazetteer_file import ensure
from db.links import Check, Link, is_web_address, keep_checks, published_links
from db.published import publish
from db.quality import wilson
from db.runs import take_in
from db.working import open_working
from matching.rebuild import match
from records.factsheet import FactSheet
from tests.conftest import needlepoint
from tests.store_fixtures import person, run, sheet

ROBOTS = "User-agent: *\nDisallow: /closed\n"


@dataclass
class Asked:
    method: str
    path: str
    agent: str
    at: float


@dataclass
class Site:
    url: str
    inside: str = ""
    asked: list[Asked] = field(default_factory=list)

    def paths(self, method: str) -> list[str]:
        return [one.path for one in self.asked if one.method == method]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site
    robots: str | None

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        agent = self.headers["User-Agent"] or ""
        self.site.asked.append(Asked(self.command, self.path, agent, time.monotonic()))
        if self.path == "/robots.txt":
            self._send(200 if self.robots is not None else 404, (self.robots or "").encode())
        elif self.path.startswith("/status/"):
            self._send(int(self.path.split("/")[2]))
        elif self.path == "/no-head":
            self._send(405 if self.command == "HEAD" else 200, b"x" * 100)
        elif self.path == "/to-good":
            self._send(301, to="/good")
        elif self.path == "/to-nothing":
            self._send(302, to="/status/404")
        elif self.path == "/to-router":
            self._send(302, to="http://10.255.255.1/admin")
        elif self.path == "/to-inside":
            self._send(302, to=f"{self.site.inside}/secret")
        elif self.path == "/loop":
            self._send(302, to="/loop")
        elif self.path == "/slow":
            time.sleep(4)
            self._send(200)
        else:
            self._send(200, b"an answer")

    def _send(self, status: int, body: bytes = b"", to: str | None = None) -> None:
        self.send_response(status)
        if to:
            self.send_header("Location", to)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up on purpose."""


@contextmanager
def web(robots: str | None = ROBOTS, host: str = "127.0.0.1") -> Iterator[Site]:
    site = Site("")
    handler = type("Handler", (_Handler,), {"site": site, "robots": robots})
    server = _Server((host, 0), handler)
    site.url = f"http://{host}:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def alpha(site: Site, pause: float = 0) -> FactSheet:
    return sheet(
        "alpha", home_url=site.url + "/",
        politeness={"delay_seconds": pause, "note": "a server of the test's own"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure(tmp_path_factory.mktemp("gazetteer"))


@pytest.fixture
def data(tmp_path: Path, gazetteer: Path) -> Path:
    shutil.copy(gazetteer, tmp_path)
    return tmp_path


def published(data: Path, site: Site, paths: list[str], pause: float = 0) -> None:
    """A release whose people have these websites and pages of nobody else."""
    listings = [
        person(
            number, given=f"Given{chr(97 + number)}", family=f"Family{chr(97 + number)}",
            website=url, profile_url=None, clean={"website": url},
        )
        for number, path in enumerate(paths)
        for url in [path if path.startswith("http") else site.url + path]
    ]  # fmt: skip
    one = alpha(site, pause)
    db = open_working(data)
    take_in(db, one, run(listings, night=28))
    match(db)
    publish(db, data)
    db.close()
    folder = data / "sources"
    folder.mkdir(exist_ok=True)
    with (folder / "alpha.yml").open("w") as handle:
        YAML().dump(one.model_dump(mode="json"), handle)


def check(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return needlepoint("check-links", "--data", data, "--sources", data / "sources", *words)


def publish_again(data: Path) -> None:
    db = open_working(data)
    publish(db, data)
    db.close()


def rows(data: Path, sql: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / "directory.db")) as connection:
        return connection.execute(sql, values).fetchall()


PATHS = {
    "/good": ("2xx", 200, 0),
    "/to-good": ("3xx", 200, 0),
    "/status/404": ("4xx", 404, 1),
    "/to-nothing": ("4xx", 404, 1),
    "/status/500": ("5xx", 500, 1),
    "/status/999": ("4xx", 999, 1),
    "/no-head": ("2xx", 200, 0),
    "/slow": ("none", None, 1),
    "/loop": ("none", None, 1),
    "/to-router": ("none", None, 1),
    "/to-inside": ("none", None, 1),
    "/closed/page": ("not_asked", None, 0),
}


def test_every_kind_of_answer(data: Path) -> None:
    with web() as site, web(host="127.0.0.2") as inside:
        site.inside = inside.url
        published(data, site, list(PATHS))
        done = check(
            data, "--timeout", "1.5", "--contact", "https://example.com/bot", "--seed", "5"
        )
    assert done.returncode == 0, done.stderr
    assert not inside.asked  # answers, but no fact sheet names it and it is private
    assert "Traceback" not in done.stderr
    assert "3 of 11 links answer (drawn with seed 5)" in done.stdout
    publish_again(data)
    found = rows(data, "select url, answer, status, failures from link_check")
    assert {url.removeprefix(site.url): tuple(rest) for url, *rest in found} == PATHS
    assert {row[0] for row in rows(data, "select distinct kind from link_check")} == {"website"}
    # HEAD first, GET only where HEAD is unknown; robots.txt once; nothing that it closes.
    assert site.paths("GET").count("/robots.txt") == 1
    assert set(site.paths("GET")) == {"/robots.txt", "/no-head"}
    assert not [path for path in site.paths("HEAD") if path.startswith("/closed")]
    assert site.paths("HEAD").count("/good") == 2
    assert all("NeedlepointBot" in one.agent for one in site.asked)
    assert all("+https://example.com/bot" in one.agent for one in site.asked)
    # The goal is the same numbers, with the day and an interval; the link not asked is not counted.
    [goal] = rows(
        data, "select numerator, denominator, low, high, checked_on, sql from quality"
        " where goal = 'G5' and part = 'links'",
    )  # fmt: skip
    assert goal[:2] == (3, 11)
    assert goal[2:4] == wilson(3, 11)
    assert goal[4] == rows(data, "select date(max(checked_at)) from link_check")[0][0]
    assert rows(data, goal[5])[0][:2] == (3, 11)


def test_a_second_check_counts_failures_in_a_row(data: Path) -> None:
    with web() as site:
        published(data, site, ["/status/404", "/good"])
        for _ in range(2):
            assert check(data).returncode == 0
    # Nobody is there any more: what answered fails for the first time.
    assert check(data, "--timeout", "2").returncode == 0
    publish_again(data)
    found = dict(rows(data, "select url, failures from link_check"))
    assert found == {f"{site.url}/status/404": 3, f"{site.url}/good": 1}


def test_politeness(data: Path) -> None:
    """One request of a host at a time with its pause, and a host without rules for us is left."""
    with web(robots=None) as site:
        published(data, site, ["/a", "/b", "/c"], pause=0.4)
        assert check(data).returncode == 0
        times = [one.at for one in site.asked]
    assert len(times) == 4
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert min(gaps) >= 0.39


def test_too_many_requests_ends_it_for_that_host(data: Path) -> None:
    with web() as site:
        published(data, site, ["/status/429", "/good", "/also"])
        assert check(data, "--seed", "1").returncode == 0
    publish_again(data)
    asked = len([path for path in site.paths("HEAD") if path != "/status/429"])
    found = dict(rows(data, "select url, answer from link_check"))
    assert len(found) == 3
    assert list(found.values()).count("not_asked") == 3 - asked
    assert found[f"{site.url}/status/429"] == "not_asked"


def test_the_sample_is_drawn_by_its_seed(data: Path) -> None:
    with web() as site:
        published(data, site, [f"/page/{number}" for number in range(12)])
        drawn = []
        for seed in ("7", "7", "8"):
            site.asked.clear()
            assert check(data, "--sample", "4", "--seed", seed).returncode == 0
            drawn.append(site.paths("HEAD"))
    assert len(drawn[0]) == 4
    assert drawn[0] == drawn[1] != drawn[2]


def test_contact_is_owed_to_real_hosts(data: Path) -> None:
    with web() as site:
        published(data, site, ["https://clinic.example/"])
        done = check(data)
    assert done.returncode == 2
    assert "--contact" in done.stderr
    assert not site.asked


def test_without_a_release_it_says_so(data: Path) -> None:
    done = check(data)
    assert done.returncode == 1
    assert "run needlepoint publish first" in done.stderr


def test_who_is_forgotten_takes_the_check_along(data: Path) -> None:
    with web() as site:
        published(data, site, ["/good", "/also"])
        assert check(data).returncode == 0
    db = open_working(data)
    [[gone]] = db.conn.execute("select min(id) from listing").fetchall()
    forget(
        db,
        listings_of(db, gone),
        {"0": "phone"},
        lambda _hashes: lambda _listing: False,
        "2026-04-01T00:00:00Z",
    )
    assert db.conn.execute("select count(*) from link_check").fetchone() == (1,)
    # A check that comes late, of a listing that is gone, is not kept.
    late = Check(Link(f"{site.url}/good", "website", "alpha", gone), "2xx", 200, "2026-04-01")
    keep_checks(db, [late])
    assert db.conn.execute("select count(*) from link_check").fetchone() == (1,)
    db.close()


def test_what_is_no_web_address_is_no_link(data: Path) -> None:
    assert not any(
        map(
            is_web_address,
            ["javascript:alert(1)", "mailto:a@example.com", "http://", "http://[x", ""],
        )
    )
    with web() as site:
        published(data, site, ["/good"])
    with closing(sqlite3.connect(data / "directory.db")) as public:
        [link] = published_links(public)
        assert link == Link(f"{site.url}/good", "website", "alpha", "alpha:0")
        public.execute("update source set evidence_url = ?", (f"{site.url}/why",))
        public.execute("update listing set profile_url = ?", (f"{site.url}/good",))
        kinds = {one.url: one.kind for one in published_links(public)}
    assert kinds == {f"{site.url}/good": "website", f"{site.url}/why": "evidence"}


def test_old_checks_do_not_count(data: Path) -> None:
    with web() as site:
        published(data, site, ["/good"])
        assert check(data).returncode == 0
    db: Database = open_working(data)
    with db.atomic():
        db.conn.execute("update link_check set checked_at = '2020-01-01T00:00:00Z'")
    publish(db, data)
    db.close()
    [goal] = rows(data, "select numerator, note from quality where goal = 'G5' and part = 'links'")
    assert goal[0] is None
    assert goal[1].startswith("No link has been asked yet.")
