"""Every fault ends its own source's run with one line that says why; the others go on."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
import json
import re
import socket
import ssl
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from db.working import open_working
from records.factsheet import load_sheets
from samples.broken import serve_broken
from samples.people import make_world
from samples.sheets import write_broken_sheets
from tests.crawl_fixtures import (
    DIRECTORY,
    HOME,
    PEOPLE,
    Answer,
    Server,
    crawl_apart,
    needlepoint,
    serving,
    table,
    write_sheet,
)


def trickle() -> Iterator[bytes]:
    """An answer that never ends, without a length."""
    yield b"<!DOCTYPE html><title>Therapists</title>"
    for _ in itertools.repeat(None):
        yield b"Nothing but words. " * 2000


def zeros(pieces: int) -> bytes:
    """Ten million zeros a piece, packed a thousand times smaller."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b"0" * 10_000_000) for _ in range(pieces)) + packer.flush()


def at(path: str, **answer: Any) -> dict[str, Answer]:
    return {path: Answer(**answer)}


GZIP = {"Content-Encoding": "gzip"}
#: Fault -> the site that has it and what the one line must say.
FAULTS: dict[str, tuple[Mapping[str, Any], str]] = {
    "home_is_gone": (at("/", status=404), r"/ answered 404 Not Found"),
    "home_is_a_picture": (
        at("/", body=b"\x89PNG\r\n\x1a\n\0\0", headers={"Content-Type": "image/png"}),
        r"is no web page \(image/png\)",
    ),
    "login_wanted": (at(DIRECTORY, status=401), r"refuses us: 401 Unauthorized"),
    "forbidden": (at(DIRECTORY, status=403), r"refuses us: 403 Forbidden"),
    "too_often": (at(DIRECTORY, status=429), r"says we ask too often: 429"),
    "bot_wall": (
        at(DIRECTORY, status=403, body=b"<html><title>Just a moment...</title></html>"),
        r"shows a bot wall \(Cloudflare challenge\)",
    ),
    "bot_wall_with_200": (
        at(DIRECTORY, headers={"cf-mitigated": "challenge"}),
        r"shows a bot wall \(Cloudflare challenge\)",
    ),
    "server_error": (at(DIRECTORY, status=500), r"answered 500 Internal Server Error 3 times"),
    "maintenance": (
        at(DIRECTORY, status=503, headers={"Retry-After": "600"}),
        r"answered 503 Service Unavailable and asks to come back in 600 seconds",
    ),
    "redirect_loop": (
        at(DIRECTORY, status=302, headers={"Location": DIRECTORY}),
        r"redirects in a circle",
    ),
    "to_a_private_address": (
        at(DIRECTORY, status=302, headers={"Location": "http://127.0.0.2:9/"}),
        r"leads to the private address 127\.0\.0\.2: not followed",
    ),
    "to_a_file": (
        at("/", body=b'<a href="file:///etc/passwd">Find a Therapist</a>'),
        r"no directory recognised",
    ),
    "gzip_bomb": (
        at(DIRECTORY, body=zeros(30), headers=GZIP),
        r"larger than the largest answer we read once it is unpacked",
    ),
    "broken_gzip": (
        at(DIRECTORY, body=gzip.compress(b"x" * 999)[:-300] + b"rubbish", headers=GZIP),
        r"no directory recognised|compressed in a broken way",
    ),
    "huge_page": (
        {DIRECTORY: lambda _: Answer(pieces=trickle())},
        r"larger than the largest answer we read",
    ),
    "cut": (at(DIRECTORY, body=b"<table>", claim=5000), r"cut the connection in the middle"),
    "no_charset_fits": (
        at(DIRECTORY, body=b"<title>Therapists</title>\xff\x81\x8d\0\0"),
        r"its bytes fit no charset \(says utf-8\)",
    ),
    "robots_forbids": (
        {"/robots.txt": f"User-agent: *\nDisallow: {DIRECTORY}\n"},
        r"robots\.txt of \S+ forbids http\S+/find-a-therapist/",
    ),
    "robots_forbids_us": (
        {"/robots.txt": "User-agent: NeedlepointBot\nDisallow: /\n\nUser-agent: *\nAllow: /\n"},
        r"robots\.txt of \S+ forbids http",
    ),
    "robots_503": (at("/robots.txt", status=503), r"staying out of .* answered 503"),
    "robots_loop": (
        at("/robots.txt", status=301, headers={"Location": "/robots.txt"}),
        r"staying out of .* redirects in a circle",
    ),
    "robots_slowly": (
        {"/robots.txt": "User-agent: *\nCrawl-delay: 86400\n"},
        r"asks for 86400 seconds between requests",
    ),
    "nothing_there": (
        {DIRECTORY: "<title>Find a Therapist</title>Soon."},
        r"no directory recognised; looked for WP Store Locator, .* kept for you to look at: ",
    ),
    "pager_makes_people_up": (
        {
            DIRECTORY: table(after=f'<a rel="next" href="{DIRECTORY}?page=2">Next</a>'),
            **{
                f"{DIRECTORY}?page={n}": table(
                    tuple((f"Endless Sampleton {n} {who[0]}", *who[1:]) for who in PEOPLE),
                    f'<a rel="next" href="{DIRECTORY}?page={n + 1}">Next</a>',
                )
                for n in range(2, 50)
            },
        },
        r"endless pager: more than 20 answers",
    ),
    "pager_does_not_turn": (
        {
            f"{DIRECTORY}{query}": table(
                after=f'<a rel="next" href="{DIRECTORY}?page={n + 1}">Next</a>'
            )
            for n, query in enumerate(["", "?page=2", "?page=3"], 1)
        },
        r"its pager does not turn: http\S+page=2 holds only what page 1 held",
    ),
}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """All faults and one sound site in one crawl."""
    folder = tmp_path_factory.mktemp("faults")
    sites = {name: site for name, (site, _) in FAULTS.items()}
    with serving(sound={}, **sites) as servers:
        for name, server in servers.items():
            write_sheet(folder / "sources", name, server.url, options={"max_pages": 20})
        write_sheet(folder / "sources", "no_such_host", "http://nosuch.invalid")
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        write_sheet(folder / "sources", "refused", f"http://127.0.0.1:{port}")
        write_sheet(folder / "sources", "no_such_platform", servers["sound"].url, platform="nosuch")
        found = crawl_apart(
            folder / "sources", folder / "data", timeout_seconds=20, most_bytes=3_000_000
        )
    found["asked"] = {name: server.paths() for name, server in servers.items()}
    return found


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_ends_its_run_with_one_line(crawled: dict[str, Any], name: str) -> None:
    failure = crawled[name]["failure"]
    assert failure, crawled[name]
    assert re.search(FAULTS[name][1], failure), failure
    assert "\n" not in failure
    assert "Traceback" not in failure


def test_the_sound_site_is_read_beside_them(crawled: dict[str, Any]) -> None:
    assert crawled["sound"]["failure"] is None
    assert {one["name"] for one in crawled["sound"]["listings"]} == {who[0] for who in PEOPLE}


def test_hosts_that_are_not_there(crawled: dict[str, Any]) -> None:
    assert "nosuch.invalid: no such host" in crawled["no_such_host"]["failure"]
    assert "refuses connections" in crawled["refused"]["failure"]


def test_an_unknown_platform_lists_those_there_are(crawled: dict[str, Any]) -> None:
    failure = crawled["no_such_platform"]["failure"]
    assert "no platform named 'nosuch'. There are: auto, wp_store_locator" in failure


@pytest.mark.parametrize("name", ["robots_503", "robots_loop", "robots_slowly"])
def test_without_robots_txt_no_page_is_asked(crawled: dict[str, Any], name: str) -> None:
    assert crawled["asked"][name] == []


@pytest.mark.parametrize("name", ["forbidden", "login_wanted", "too_often", "bot_wall"])
def test_a_refusal_is_not_asked_again(crawled: dict[str, Any], name: str) -> None:
    assert crawled["asked"][name].count(DIRECTORY) == 1


def test_nothing_is_said_on_standard_error(crawled: dict[str, Any]) -> None:
    assert crawled["stderr"]["text"] == ""


def test_what_was_not_recognised_is_kept(crawled: dict[str, Any]) -> None:
    kept = Path(crawled["nothing_there"]["failure"].rpartition(" ")[2])
    assert kept.read_text() == "<title>Find a Therapist</title>Soon."


def test_a_bug_in_a_reader_is_one_line_and_the_others_go_on(tmp_path: Path) -> None:
    before = """
from spiders.platforms.html_listing import HtmlListing
read = HtmlListing.read
def broken(self, answer):
    if self._sheet.id == 'unlucky':
        raise KeyError('oops')
    return read(self, answer)
HtmlListing.read = broken
"""
    with serving(unlucky={}, lucky={}) as servers:
        for name, server in servers.items():
            write_sheet(tmp_path / "sources", name, server.url)
        found = crawl_apart(tmp_path / "sources", tmp_path / "data", before=before)
    assert found["unlucky"]["failure"] == "the spider broke: KeyError: 'oops'"
    assert found["lucky"]["failure"] is None
    assert len(found["lucky"]["listings"]) == len(PEOPLE)
    assert "KeyError" in found["stderr"]["text"]  # a maintainer needs the traceback


def test_a_certificate_that_nobody_vouches_for_ends_the_run(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "server.pem"))
    with serving(unknown={}) as servers:
        server = servers["unknown"]
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        write_sheet(tmp_path / "sources", "unknown", server.url.replace("http:", "https:"))
        found = crawl_apart(tmp_path / "sources", tmp_path / "data")
        assert server.asked == []
    assert "has no valid certificate" in found["unknown"]["failure"]


def self_signed(path: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that no authority has signed, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    kind, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(pem, kind, none) + certificate.public_bytes(pem))
    return path


def test_a_busy_server_is_waited_for(tmp_path: Path) -> None:
    answers = iter([Answer(status=503, headers={"Retry-After": "1"}), Answer(status=502)])

    def busy(_: Mapping[str, str]) -> Answer:
        return next(answers, Answer(body=table().encode()))

    with serving(busy={DIRECTORY: busy}) as servers:
        write_sheet(tmp_path / "sources", "busy", servers["busy"].url)
        found = crawl_apart(tmp_path / "sources", tmp_path / "data")
        assert servers["busy"].paths().count(DIRECTORY) == 3
    assert found["busy"]["failure"] is None
    assert len(found["busy"]["listings"]) == len(PEOPLE)


def test_the_sample_faults_leave_a_run_row_and_the_last_good_listings(tmp_path: Path) -> None:
    sources, data = tmp_path / "sources", tmp_path / "data"
    shown = ["malformed_json", "database_error", "unavailable", "cut_connection", "redirect_loop"]
    shown += ["robots_forbids", "robots_unavailable", "huge_page"]
    with serve_broken(make_world(), *shown) as urls, serving(sound={}) as servers:
        write_broken_sheets(sources, urls)
        write_sheet(sources, "sound", servers["sound"].url)
        done = needlepoint("crawl", "--all", "--data", data, "--sources", sources)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    db = open_working(data)
    try:
        runs = {row["source_id"]: row for row in db["run"].rows}
    finally:
        db.conn.close()
    assert set(runs) == {*(f"broken_{name}" for name in shown), "sound"}
    assert runs["sound"]["verdict"] == "good"
    for name in shown:
        row = runs[f"broken_{name}"]
        assert row["verdict"] == "failed", row
        assert row["reason"]
        line = next(line for line in done.stdout.splitlines() if line.startswith(row["source_id"]))
        assert row["reason"] in line


def test_a_bad_day_keeps_the_last_good_listings(tmp_path: Path) -> None:
    sources, data = tmp_path / "sources", tmp_path / "data"
    with serving(moody={}) as servers:
        server: Server = servers["moody"]
        write_sheet(sources, "moody", server.url)
        assert needlepoint("crawl", "moody", "--data", data, "--sources", sources).returncode == 0
        server.site = {**server.site, DIRECTORY: "<h1>Error establishing a database connection"}
        done = needlepoint("crawl", "moody", "--data", data, "--sources", sources)
    assert done.returncode == 1
    assert "no directory recognised" in done.stdout
    db = open_working(data)
    try:
        kept = db.execute("select count(*) from listing where status = 'listed'").fetchone()[0]
    finally:
        db.conn.close()
    assert kept == len(PEOPLE)


def test_the_sheets_of_the_faults_are_whole(tmp_path: Path) -> None:
    write_sheet(tmp_path, "whole", "http://127.0.0.1:1")
    assert json.dumps(HOME)
    assert load_sheets(tmp_path)["whole"].why_not() is None
