"""Directories answered in the test itself: recordings, sample sites, and everything they can hold.

Goes by the spider's rules: an optional question that is not answered, or whose answer is of the
wrong shape, is followed by the one the platform names instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import pytest
from scrapy.http import HtmlResponse, Request, Response, TextResponse

from records.listing import Listing
from samples.site import Request as Asked
from samples.site import Site
from spiders.paging import Pager, Turn
from spiders.platforms import Hidden, Platform, Shortfall, Total, WrongShape
from tests.platform_fixtures import ROOT, SITE, Harvest

SHARED = ROOT.parent / "shared" / "recordings"
Answers = Callable[[Request], "Response | None"]
"""What a site answers; None where it does not."""


def response(
    url: str,
    body: bytes,
    *,
    status: int = 200,
    content_type: str = "text/html; charset=UTF-8",
    headers: Mapping[str, str] | None = None,
    request: Request | None = None,
) -> Response:
    """An answer as the spider would hand it to the platform."""
    kind = HtmlResponse if "html" in content_type else TextResponse
    return kind(
        url,
        status=status,
        body=body,
        encoding="utf-8",
        request=request,
        headers={"Content-Type": content_type, **(headers or {})},
    )


def find_all(platform: Platform, first: Response, site: Answers, most: int = 3000) -> Harvest:
    """Recognise `first`, then ask `site` whatever the platform wants to know. Raises WrongShape."""
    match = platform.recognise(first)
    assert match is not None, "the page was not recognised"
    assert match.refusal is None, match.refusal
    found, pager = Harvest(), Pager()
    waiting = list(platform.requests(match))
    if not waiting:
        _take(platform, first, found, waiting, pager)
    asked: set[tuple[str, bytes]] = set()
    while waiting:
        waiting.sort(key=lambda one: -one.priority)
        request = waiting.pop(0)
        if (request.url, request.body) in asked:
            continue
        asked.add((request.url, request.body))
        found.requests.append(request)
        assert len(found.requests) <= most, "it asks without end"
        try:
            got = site(request)
            if got is None and not request.meta.get("optional"):
                raise WrongShape(f"no answer: {request.url}")
            if got is not None:
                _take(platform, got, found, waiting, pager)
                continue
        except WrongShape:
            if not request.meta.get("optional"):
                raise
        if request.meta.get("otherwise"):
            other = request.meta["otherwise"]
            waiting.append(Request(other["url"], meta=other["meta"]))
    return found


def _take(
    platform: Platform, got: Response, found: Harvest, waiting: list[Request], pager: Pager
) -> None:
    # Whole before anything of it is used, as the spider does.
    readings = list(platform.read(got))
    requests = [one for one in readings if isinstance(one, Request)]
    marks = {one.native_id for one in readings if isinstance(one, Listing)}
    marks |= {one.url for one in requests if not one.meta.get("paging")}
    marks |= {mark for one in requests for mark in one.meta.get("held", ())}
    turned = got.request is not None and bool(got.request.meta.get("paging"))
    turn = pager.turn(marks, turned=turned)
    assert turn is not Turn.STUCK, "its pager does not turn"
    for one in readings:
        match one:
            case Request() if turn is Turn.STOP and one.meta.get("paging"):
                pass
            case Listing():
                found.listings.setdefault(one.native_id, one)
            case Request():
                waiting.append(one)
            case Hidden():
                found.hidden.append(one.reason)
            case Total():
                found.totals.append(one.count)
            case Shortfall():
                found.shortfalls.append(one.reason)


def answers_of(site: Site) -> Answers:
    """What a sample site answers, redirects followed."""
    site.base_url = SITE

    def answer(request: Request, turns: int = 3) -> Response:
        address = urlsplit(request.url)
        form = request.body.decode() if request.method == "POST" else ""
        reply = site.answer(
            Asked(
                method=request.method,
                path=unquote(address.path) or "/",
                query=dict(parse_qsl(address.query, keep_blank_values=True)),
                form=dict(parse_qsl(form, keep_blank_values=True)),
            )
        )
        site.requests.append((request.method, request.url, reply.status))
        if reply.status in (301, 302) and turns:
            there = urljoin(request.url, reply.headers["Location"])
            return answer(Request(there, meta=request.meta), turns - 1)
        body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
        return response(
            request.url,
            body,
            status=reply.status,
            content_type=reply.content_type,
            headers=reply.headers,
            request=request,
        )

    return answer


def visit(site: Site, platform: Platform) -> Harvest:
    """Everything the platform finds on a sample site."""
    answer = answers_of(site)
    page = answer(Request(f"{SITE}{site.directory_path}"))
    assert page is not None
    return find_all(platform, page, answer)


# Recordings


def shared_answers(site: str) -> Answers:
    """What a recorded site answered. Skips the test where the recordings are not there."""
    if not (SHARED / "index.json").is_file():
        pytest.skip("../shared/recordings is not here")
    index = json.loads((SHARED / "index.json").read_text(encoding="utf-8"))
    known = {_key(one["method"], one["url"]): one for one in index if one["site"] == site}

    def answer(request: Request) -> Response | None:
        one = known.get(_key(request.method, request.url))
        if one is None:
            return None
        return response(
            request.url,
            (SHARED / one["file"]).read_bytes(),
            status=one["status"],
            content_type=one["content_type"],
            request=request,
        )

    return answer


def _key(method: str, url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    parts = urlsplit(url)
    return method, parts.path.rstrip("/"), tuple(sorted(parse_qsl(parts.query)))
