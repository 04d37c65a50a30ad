"""Politeness as code: robots.txt, turns, refusals, private addresses, charsets, the cache."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import HtmlResponse, Request
from scrapy.settings import Settings
from scrapy.utils.request import RequestFingerprinter

from spiders.answers import bot_wall, seconds_to_wait, status_words
from spiders.cache import KEEP_DAYS, FileStorage
from spiders.charset import true_charset
from spiders.guard import is_local_name, is_private
from spiders.paging import Pager, Turn
from spiders.politeness import HostTurns, user_agent
from spiders.robots import read_robots, robots_url
from spiders.trouble import RunOver, Trouble, host_of, in_words

WORDPRESS = b"User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n"


@pytest.mark.parametrize(
    ("status", "body", "path", "allowed"),
    [
        (200, b"", "/x", True),
        (200, b"User-agent: *\nDisallow: /\n", "/x", False),
        (200, b"User-agent: *\nDisallow:\n", "/x", True),
        # the longest match wins, whatever the order
        (200, WORDPRESS, "/wp-admin/admin-ajax.php?action=store_search", True),
        (200, WORDPRESS, "/wp-admin/options.php", False),
        (200, b"User-agent: *\nAllow: /find\nDisallow: /find/private\n", "/find/private/1", False),
        (200, b"User-agent: *\nDisallow: /*?format=json*\n", "/p?format=json-pretty", False),
        (200, b"User-agent: *\nDisallow: /*.json$\n", "/a.json?x", True),
        # a group of our own replaces the one for everybody
        (200, b"User-agent: *\nDisallow: /\n\nUser-agent: needlepointbot\nAllow: /\n", "/x", True),
        (200, b"User-agent: *\nAllow: /\n\nUser-agent: NeedlepointBot\nDisallow: /\n", "/x", False),
        (200, b"User-agent: OtherBot\nDisallow: /\n", "/x", True),
        (200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n", "/x", False),
        (200, b"User-agent: *\r\nDisallow: /x\r\n", "/x", False),
        (200, b"<html>not found, but 200</html>", "/x", True),
        (200, bytes(range(256)), "/x", True),
        (404, b"User-agent: *\nDisallow: /\n", "/x", True),
        (403, b"", "/x", True),
        (401, b"", "/x", True),
        (410, b"", "/x", True),
        (429, b"", "/x", False),
        (500, b"", "/x", False),
        (503, b"User-agent: *\nAllow: /\n", "/x", False),
        (302, b"", "/x", False),
    ],
)
def test_robots_txt(status: int, body: bytes, path: str, allowed: bool) -> None:
    assert read_robots(status, body).allows(f"https://directory.example{path}") is allowed


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b"", 0),
        (b"User-agent: *\nCrawl-delay: 10\n", 10),
        (b"User-agent: *\nCrawl-delay: 2.5\n", 2.5),
        (b"User-agent: *\nCrawl-delay: soon\n", 0),
        (b"User-agent: *\nRequest-rate: 1/30\n", 30),
        (b"User-agent: *\nCrawl-delay: 10\n\nUser-agent: NeedlepointBot\nCrawl-delay: 3\n", 3),
    ],
)
def test_the_pause_robots_txt_asks_for(body: bytes, seconds: float) -> None:
    assert read_robots(200, body).delay() == seconds


def test_a_changed_robots_txt_has_another_digest() -> None:
    one, other = read_robots(200, b"User-agent: *"), read_robots(200, b"User-agent: x")
    assert one.digest != other.digest
    assert len(one.digest) == 64


def test_where_robots_txt_is() -> None:
    assert robots_url("https://directory.example:8443/a/b?c") == (
        "https://directory.example:8443/robots.txt"
    )


def test_we_say_who_we_are() -> None:
    assert user_agent(None).startswith("NeedlepointBot/")
    assert user_agent("https://needlepoint.example/bot").endswith(
        " (+https://needlepoint.example/bot)"
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://directory.example/a", "directory.example"),
        ("https://directory.example:443/a", "directory.example"),
        ("http://directory.example:443/a", "directory.example:443"),
        ("http://DIRECTORY.example/", "directory.example"),
        ("http://127.0.0.1:8601/", "127.0.0.1:8601"),
        ("http://[::1]:8601/", "[::1]:8601"),
        ("http://directory.example:x/", "directory.example"),
    ],
)
def test_what_politeness_is_counted_by(url: str, host: str) -> None:
    assert host_of(url) == host


def test_one_at_a_time_with_a_pause_between() -> None:
    turns, over, log = HostTurns(), asyncio.Event(), []

    async def ask(name: str, host: str) -> None:
        await turns.take(host, over)
        begin = time.monotonic()
        await asyncio.sleep(0.01)
        log.append((host, name, begin, time.monotonic()))
        turns.give_back(host, 0.05)

    async def main() -> None:
        await asyncio.gather(*(ask(name, "directory.example") for name in "abc"))

    asyncio.run(main())
    assert [name for _, name, _, _ in log] == ["a", "b", "c"]
    for (_, _, _, end), (_, _, begin, _) in itertools.pairwise(log):
        assert begin - end >= 0.045


def test_other_hosts_do_not_wait() -> None:
    async def main() -> None:
        turns, over = HostTurns(), asyncio.Event()
        await turns.take("one.example", over)
        await asyncio.wait_for(turns.take("other.example", over), 5)

    asyncio.run(main())


def test_a_stopped_host_is_not_asked_and_those_who_wait_hear_why() -> None:
    async def main() -> None:
        turns, over = HostTurns(), asyncio.Event()
        await turns.take("directory.example", over)
        waiting = asyncio.ensure_future(turns.take("directory.example", over))
        await asyncio.sleep(0)
        turns.stop("directory.example", "it refuses us")
        turns.give_back("directory.example", 0)
        with pytest.raises(Trouble, match="it refuses us") as stopped:
            await waiting
        assert stopped.value.whole_host
        with pytest.raises(Trouble, match="it refuses us"):
            await turns.take("directory.example", over)

    asyncio.run(main())


def test_nobody_waits_for_a_run_that_is_over() -> None:
    async def main() -> None:
        turns, over, other = HostTurns(), asyncio.Event(), asyncio.Event()
        turns.pause("directory.example", 3600)
        waiting = asyncio.ensure_future(turns.take("directory.example", over))
        await asyncio.sleep(0.01)
        over.set()
        with pytest.raises(RunOver):
            await asyncio.wait_for(waiting, 5)
        # and the turn is free again for another source, which still has to wait
        later = asyncio.ensure_future(turns.take("directory.example", other))
        await asyncio.sleep(0.01)
        assert not later.done()
        other.set()
        with pytest.raises(RunOver):
            await asyncio.wait_for(later, 5)

    asyncio.run(main())


NOW = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        (b"", None),
        (b"120", 120),
        (b" 5 ", 5),
        (b"-5", None),
        (b"soon", None),
        (b"Tue, 24 Nov 2026 12:01:30 GMT", 90),
        (b"Tue, 24 Nov 2026 11:00:00 GMT", 0),
        (b"Tue, 24 Nov 2026 12:01:30", 90),
        (b"Tue, 99 Nov 2026 12:01:30 GMT", None),
    ],
)
def test_retry_after(header: bytes | None, seconds: float | None) -> None:
    assert seconds_to_wait(header, NOW) == seconds


@given(st.binary(max_size=60))
def test_no_retry_after_breaks_it(header: bytes) -> None:
    wait = seconds_to_wait(header, NOW)
    assert wait is None or wait >= 0


def answer(body: bytes = b"", **headers: str) -> HtmlResponse:
    return HtmlResponse("https://directory.example/", body=body, headers=headers)


@pytest.mark.parametrize(
    ("response", "wall"),
    [
        (answer(**{"cf-mitigated": "challenge"}), True),
        (answer(**{"x-amzn-waf-action": "captcha"}), True),
        (answer(b"<title>Just a moment...</title>"), True),
        (answer(b"<title>Attention Required! | Cloudflare</title>"), True),
        (answer(b'<meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2F">'), True),
        (answer(b"<script src='/_Incapsula_Resource?SWJIYLWA=1'></script>"), True),
        (answer(b"<h1>Contact</h1><div class='g-recaptcha' data-sitekey='x'></div>"), False),
        (answer(b"<script src='https://www.google.com/recaptcha/api.js'></script>"), False),
        (answer(b"<title>Captcha in ten lines</title>" + b"x" * 99_999 + b"px-captcha"), False),
        (answer(b"<title>Find a Therapist</title>"), False),
        (answer(b"<title>Just a moment for your back</title>"), False),
    ],
)
def test_bot_walls(response: HtmlResponse, wall: bool) -> None:
    assert bool(bot_wall(response)) is wall


def test_status_words() -> None:
    assert status_words(503) == "503 Service Unavailable"
    assert status_words(522) == "522"


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("192.168.0.1", True),
        ("172.16.5.4", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),
        ("224.0.0.1", True),
        ("255.255.255.255", True),
        ("::1", True),
        ("::", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("2002:7f00:1::", True),
        ("8.8.8.8", False),
        ("2606:4700:4700::1111", False),
    ],
)
def test_private_addresses(address: str, private: bool) -> None:
    assert is_private(address) is private


def test_local_names() -> None:
    assert is_local_name("localhost")
    assert is_local_name("127.0.0.1")
    assert not is_local_name("directory.example")
    assert not is_local_name("8.8.8.8")


@pytest.mark.parametrize(
    ("body", "declared", "true"),
    [
        ("Zoë".encode(), "utf-8", "utf-8"),
        ("Zoë".encode(), "iso-8859-1", "utf-8"),
        ("Zoë".encode(), "cp1252", "utf-8"),
        ("Zoë".encode("cp1252"), "utf-8", "cp1252"),
        ("Zoë".encode("cp1252"), "iso-8859-1", "iso8859-1"),
        ("“Zoë”".encode("cp1252"), "cp1252", "cp1252"),
        ("Zoë".encode("utf-16"), "utf-16", "utf-16"),
        ("山田".encode("shift_jis"), "shift_jis", "shift_jis"),
        ("Zoë".encode("utf-8-sig"), "iso-8859-1", "utf-8"),
        (b"plain", "x-klingon", "utf-8"),
        (b"plain", "ascii", "utf-8"),
        (b"\x81\x8d\xff", "utf-8", None),
        (b"a\0b", "utf-8", None),
    ],
)
def test_the_true_charset(body: bytes, declared: str, true: str | None) -> None:
    assert true_charset(body, declared) == true


@given(st.binary(max_size=80), st.sampled_from(["utf-8", "cp1252", "latin-1", "utf-16", "x"]))
def test_whatever_charset_is_found_decodes(body: bytes, declared: str) -> None:
    found = true_charset(body, declared)
    if found is not None:
        body.decode(found)


@given(st.text(min_size=1, max_size=80).filter(lambda text: "\0" not in text))
def test_utf_8_is_found_whatever_is_declared(text: str) -> None:
    for declared in ("utf-8", "cp1252", "latin-1", "ascii"):
        found = true_charset(text.encode(), declared)
        assert found is not None
        assert text.encode().decode(found) == text


URL = "https://directory.example/find"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Trouble("already said"), "already said"),
        (CannotResolveHostError("x"), "directory.example: no such host"),
        (DownloadConnectionRefusedError("x"), "directory.example refuses connections"),
        (DownloadTimeoutError("x"), "did not answer in time"),
        (ResponseDataLossError("x"), "cut the connection"),
        (DownloadCancelledError("x"), "larger than the largest answer"),
        (IgnoreRequest("max redirections reached"), "redirects in a circle"),
        (IgnoreRequest("… during decompression."), "once it is unpacked"),
        (IgnoreRequest("else"), "was not asked: else"),
        (DownloadFailedError("[certificate verify failed]"), "no valid certificate"),
        (DownloadFailedError("two\nlines"), "broke the connection"),
        (OSError("CRC check failed"), "compressed in a broken way"),
        (EOFError(), "compressed in a broken way (EOFError)"),
        (ValueError("two\nlines"), "could not be read: ValueError: two lines"),
    ],
)
def test_every_trouble_is_one_line(error: Exception, said: str) -> None:
    line = in_words(error, URL)
    assert said in line
    assert "\n" not in line


def turns_of(*pages: tuple[str, bool]) -> list[Turn]:
    pager = Pager()
    return [pager.turn(set(marks), turned=turned) for marks, turned in pages]


@pytest.mark.parametrize(
    ("pages", "last"),
    [
        ([("ab", False), ("cd", True)], Turn.GO_ON),
        ([("ab", False), ("ab", True)], Turn.STUCK),
        ([("ab", False), ("a", True)], Turn.STUCK),
        # past the end: the last page again, the first again, nothing
        ([("ab", False), ("cd", True), ("cd", True)], Turn.STOP),
        ([("ab", False), ("cd", True), ("ab", True)], Turn.STOP),
        ([("ab", False), ("", True)], Turn.STOP),
        ([("", False)], Turn.STOP),
        # two answers that overlap and turn no page
        ([("ab", False), ("ab", False)], Turn.STOP),
        ([("ab", False), ("bc", False)], Turn.GO_ON),
    ],
)
def test_pagers(pages: list[tuple[str, bool]], last: Turn) -> None:
    assert turns_of(*pages)[-1] is last


def test_the_cache_keeps_whole_answers_only(tmp_path: Path) -> None:
    storage = FileStorage(Settings({"HTTPCACHE_DIR": str(tmp_path)}))
    crawler = SimpleNamespace(request_fingerprinter=RequestFingerprinter())
    spider: Any = SimpleNamespace(name="sample", crawler=crawler)
    storage.open_spider(spider)
    request = Request("https://directory.example/")
    assert storage.retrieve_response(spider, request) is None
    sent = HtmlResponse(
        request.url, body="Zoë\n\n".encode(), headers={"ETag": '"a"', "Content-Type": "text/html"}
    )
    storage.store_response(spider, request, sent)
    kept = storage.retrieve_response(spider, request)
    assert isinstance(kept, HtmlResponse)
    assert (kept.body, kept.headers["ETag"]) == (sent.body, b'"a"')
    (file,) = (tmp_path / "sample").iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert storage.retrieve_response(spider, request) is None
    old = time.time() - (KEEP_DAYS + 1) * 86400
    os.utime(file, (old, old))
    storage.open_spider(spider)
    assert not list((tmp_path / "sample").iterdir())
