"""`needlepoint serve`: what it refuses, what it says, and what it does not write down."""

from __future__ import annotations

import asyncio
import logging
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from datasette.utils import StartupError

from commands.serve import QuietAccessLog, listening
from plugins import safety
from tests.conftest import needlepoint, served
from tests.finder_fixtures import build


def log_of(folder: Path) -> str:
    (log,) = folder.glob("serve-*.log")
    return log.read_text()


def test_no_database_yet_says_what_to_do(tmp_path: Path) -> None:
    done = needlepoint("serve", "--data", tmp_path)
    assert done.returncode == 1
    assert "needlepoint publish" in done.stderr
    assert "make demo" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", [b"", b"not a database at all, just text" * 40])
def test_another_file_in_its_place_is_explained(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "directory.db").write_bytes(content)
    done = needlepoint("serve", "--data", tmp_path)
    assert done.returncode == 1
    assert "not a published directory" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("alter table location drop column booking_url", "location.booking_url"),
        ("drop table link_check", "link_check"),
        ("alter table place_alias drop column said", "place_alias.said"),
    ],
)
def test_a_file_of_another_version_is_explained(tmp_path: Path, change: str, named: str) -> None:
    with closing(sqlite3.connect(build(tmp_path).path)) as connection, connection:
        connection.execute(change)
    done = needlepoint("serve", "--data", tmp_path)
    assert done.returncode == 1
    assert f"it has no {named}" in done.stderr
    assert "needlepoint publish" in done.stderr
    assert "Traceback" not in done.stderr


def test_taken_port_is_explained(tmp_path: Path) -> None:
    build(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = needlepoint("serve", "--data", tmp_path, "--port", str(port))
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_access_log_has_paths_and_never_the_search(tmp_path: Path) -> None:
    build(tmp_path)
    with served(tmp_path) as address:
        for town in ("Toledo", "43604", "Kalamazoo"):
            for page in ("find", "find.json", "find.geojson"):
                reply = httpx.get(f"{address}/{page}", params={"near": town})
                assert reply.status_code == 200
        assert "set-cookie" not in reply.headers
        assert httpx.get(f"{address}/find?near=43604").headers["content-encoding"] == "gzip"
    log = log_of(tmp_path)
    assert log.count("GET /find 200") == 4
    assert "GET /find.geojson 200" in log
    for word in ("Toledo", "43604", "Kalamazoo", "near=", "?"):
        assert word not in log.replace("http://", "")


def test_a_new_release_is_seen_by_the_next_request(tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / "fresh").mkdir()
    fresh = build(tmp_path / "fresh", sample=False)
    with served(tmp_path) as address:
        assert "Sample data" in httpx.get(address).text
        with (
            closing(sqlite3.connect(fresh.path)) as new,
            closing(sqlite3.connect(tmp_path / "directory.db")) as live,
        ):
            new.backup(live)
        assert "Sample data" not in httpx.get(address).text


def test_stops_when_asked_to(tmp_path: Path) -> None:
    build(tmp_path)
    with served(tmp_path) as address:
        assert httpx.get(address).status_code == 200
    assert "Traceback" not in log_of(tmp_path)


def test_a_path_cannot_write_log_lines_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]

    async def ignore(message: object) -> None: ...

    scope = {"type": "http", "method": "GET", "path": "/a\n2026 GET /forged 200"}
    with caplog.at_level(logging.INFO, logger="needlepoint.access"):
        asyncio.run(QuietAccessLog(app)(scope, None, ignore))
    assert "\n" not in caplog.records[0].getMessage()


def test_refuses_a_sqlite_without_limits() -> None:
    class Unlimited:
        """A connection as another SQLite module gives it."""

    with pytest.raises(StartupError, match="setlimit"):
        safety.prepare_connection(Unlimited())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "inline"),
    [
        ("/", False), ("/find", False), ("/practitioner/np-1", False), ("/directoryx", False),
        ("/directory", True), ("/directory/listing/a", True), ("/directory.json", True),
        ("/-/versions", True), ("/static/site.css", False), ("/-x", False),
    ],
)  # fmt: skip
def test_only_datasette_pages_may_have_inline_styles(path: str, inline: bool) -> None:
    policy = safety.page_headers(path, b"")["content-security-policy"]
    assert ("style-src 'self' 'unsafe-inline'" in policy) is inline
    assert policy.count("unsafe-inline") == int(inline), "no page may have a script inside"


def test_small_answers_do_not_wait_for_an_acknowledgement() -> None:
    """asyncio switches the wait off for sockets that say they are TCP."""
    with listening("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
