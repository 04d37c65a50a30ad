"""Sound sample sites whose data answers are spoilt, each in one named way.

A `HostileSite` stands in front of any site. Home page, robots.txt and the directory's page stay as
they are, so that the software is recognised; where the page holds the data, it is spoilt too.
"""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from samples.site import Reply, Request, Site

#: What a site would have answered, spoilt; the site is there to be asked otherwise.
Spoil = Callable[[Request, "HostileSite"], Reply]

HUGE_BYTES = 100 * 1024 * 1024
_PAGING = ("page", "paged", "pg", "offset", "skip", "_getpagesoffset", "start")
_PAGE_PATH = re.compile(r"/(page|pg)/(\d+)/?")
_LATITUDE = frozenset({"lat", "latitude", "lt", "loc_lat", "map_lat", "sl_latitude"})
_LONGITUDE = frozenset({"lng", "longitude", "lon", "ln", "loc_long", "map_lng", "sl_longitude"})
_ID = frozenset({"id", "sl_id", "storeid", "storeId", "number", "uid", "m", "listing_id", "slug"})


class HostileSite(Site):
    """A sound site with its data answers spoilt."""

    def __init__(self, inner: Site, spoil: Spoil, *, in_page: bool) -> None:
        self.inner = inner
        self._spoil = spoil
        self._in_page = in_page
        self.directory_path = inner.directory_path
        self.source_id = inner.source_id
        self.counter = itertools.count(900_001)
        super().__init__(inner.world)

    @property
    def base_url(self) -> str:
        """The address of both."""
        return self.inner.base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        self.inner.base_url = url

    def answer(self, request: Request) -> Reply:
        if self._is_data(request):
            return self._spoil(request, self)
        return self.inner.answer(request)

    def _is_data(self, request: Request) -> bool:
        if request.path in {"/", "/robots.txt"}:
            return False
        at_home = request.path.rstrip("/") == self.directory_path.rstrip("/") and not request.query
        return self._in_page or not at_home

    def whole(self, request: Request) -> tuple[Reply, bytes]:
        """The sound reply, and its body in one piece."""
        reply = self.inner.answer(request)
        return reply, reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)


# Answers that are none


def truncated(request: Request, site: HostileSite) -> Reply:
    """The first half of the body, with a true length."""
    reply, body = site.whole(request)
    return replace(reply, body=body[: len(body) // 2], length=None)


def html_page(_request: Request, site: HostileSite) -> Reply:
    """Status 200 and a page that has nothing to do with it."""
    return site.page("Welcome", "<h1>Welcome</h1><p>Our new site is here.</p>")


def sql_error(_request: Request, _site: HostileSite) -> Reply:
    """Status 200 and what the database said, in an array of one string."""
    return _json(["You have an error in your SQL syntax near 'LIMIT 30000' at line 1"])


def no_success(_request: Request, _site: HostileSite) -> Reply:
    """Status 200 and success: false."""
    return _json({"success": False, "data": "Something went wrong, please try again."})


def huge(_request: Request, _site: HostileSite) -> Reply:
    """100 MB of JSON that never comes to the point."""
    return Reply(body=_pieces(), length=HUGE_BYTES, content_type="application/json")


def gzip_bomb(_request: Request, _site: HostileSite) -> Reply:
    """100 MB packed into a hundred kilobytes."""
    headers = {"Content-Encoding": "gzip"}
    return Reply(body=_bomb(), content_type="application/json", headers=headers)


def entity_bomb(_request: Request, _site: HostileSite) -> Reply:
    """XML whose entities would grow to a billion words."""
    entities = '<!ENTITY a0 "needle">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    row = "<item><storeId>1</storeId><location>&a9;</location><address>&a9;</address></item>"
    body = (
        f'<?xml version="1.0"?><!DOCTYPE locator [{entities}]>'
        f"<locator><store>{row}</store><Document><Placemark><name>&a9;</name></Placemark></Document>"
        "</locator>"
    )
    return Reply(body=body.encode(), content_type="application/xml; charset=UTF-8")


def private_address(_request: Request, _site: HostileSite) -> Reply:
    """A redirect into somebody's own network."""
    return Reply(status=302, headers={"Location": "http://10.255.0.1/latest/meta-data/"})


# Answers that are odd and sound


def created(request: Request, site: HostileSite) -> Reply:
    """Status 201 on everything that is 200."""
    reply, _ = site.whole(request)
    return replace(reply, status=201) if reply.status == 200 else reply


def first_page_for_ever(request: Request, site: HostileSite) -> Reply:
    """Page 1, whatever page was asked for."""
    return _sound(_turned(request, None), site)


def last_page_again(request: Request, site: HostileSite) -> Reply:
    """Past the end the last page once more, and no word of how many there are."""
    number = _page_of(request)
    if number is None:
        return _sound(request, site)
    beyond = site.whole(_turned(request, 100_000))[1]
    if any(one.postcode and one.postcode.encode() in beyond for one in site.inner.shown()):
        return _sound(request, site)  # it does so by itself
    while number > 1:
        reply, body = site.whole(_turned(request, number))
        if reply.status < 400 and body != beyond:
            break
        number -= 1
    return _sound(_turned(request, number), site)


def changing_ids(request: Request, site: HostileSite) -> Reply:
    """Every entry has another id each time it is sent."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        keys = [key for key in row if key in _ID and isinstance(row[key], str | int)]
        return row | {key: type(row[key])(next(site.counter)) for key in keys}

    return _rewritten(request, site, change)


def dated_now(request: Request, site: HostileSite) -> Reply:
    """Every entry says that it was changed this very moment."""
    now = dt.datetime.now(dt.UTC).isoformat()
    names = ("date_modified", "modified", "updated_at", "lastUpdated")
    return _rewritten(request, site, lambda row: row | dict.fromkeys(names, now))


def odd_places(request: Request, site: HostileSite) -> Reply:
    """Every third entry at 0/0, every third with latitude and longitude swapped."""
    turn = itertools.count()

    def change(row: dict[str, Any]) -> dict[str, Any]:
        latitude = next((key for key in row if key in _LATITUDE), None)
        longitude = next((key for key in row if key in _LONGITUDE), None)
        if latitude is None or longitude is None:
            return row
        match next(turn) % 3:
            case 0:
                return row | {latitude: "0", longitude: "0"}
            case 1:
                return row | {latitude: row[longitude], longitude: row[latitude]}
        return row

    return _rewritten(request, site, change)


def numbers_as_text(request: Request, site: HostileSite) -> Reply:
    """Numbers are strings, and ids and coordinates that are strings are numbers."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        return {key: _other_type(key, value) for key, value in row.items()}

    return _rewritten(request, site, change)


#: By the words of a report.
SPOILT: dict[str, Spoil] = {
    "truncated": truncated,
    "html_page": html_page,
    "sql_error": sql_error,
    "no_success": no_success,
    "created": created,
    "first_page_for_ever": first_page_for_ever,
    "last_page_again": last_page_again,
    "changing_ids": changing_ids,
    "dated_now": dated_now,
    "odd_places": odd_places,
    "numbers_as_text": numbers_as_text,
    "huge": huge,
    "gzip_bomb": gzip_bomb,
    "entity_bomb": entity_bomb,
    "private_address": private_address,
}


def _json(value: Any) -> Reply:
    return Reply(body=json.dumps(value).encode(), content_type="application/json; charset=UTF-8")


def _sound(request: Request, site: HostileSite) -> Reply:
    """The site's own reply, without a word of how many entries or pages there are."""
    reply, body = site.whole(request)
    headers = {k: v for k, v in reply.headers.items() if not k.lower().startswith("x-wp-total")}
    return replace(reply, body=body, length=None, headers=headers)


def _page_of(request: Request) -> int | None:
    """The number or offset a request asks for, or None where it turns no page."""
    found = _PAGE_PATH.search(request.path)
    if found:
        return int(found[2])
    for name in _PAGING:
        sent = request.query.get(name, "") or request.form.get(name, "")
        if sent.isdecimal():
            return int(sent)
    return None


def _turned(request: Request, number: int | None) -> Request:
    """The same request for another page; None for the first one."""
    put = "/" if number is None else rf"/\g<1>/{number}/"
    path = _PAGE_PATH.sub(put, request.path)
    return replace(
        request,
        path=path,
        query=_with_page(request.query, number),
        form=_with_page(request.form, number),
    )


def _with_page(sent: Mapping[str, str], number: int | None) -> dict[str, str]:
    kept = {}
    for name, value in sent.items():
        if name not in _PAGING or not value.isdecimal():
            kept[name] = value
        elif number is not None:
            kept[name] = str(number)
        elif name == "_getpagesoffset":
            kept[name] = "0"
    return kept


def _rewritten(
    request: Request, site: HostileSite, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> Reply:
    """The reply with every object of its JSON changed; what is no JSON stays."""
    reply, body = site.whole(request)
    try:
        value = json.loads(body)
    except ValueError:
        return replace(reply, body=body, length=None)
    return replace(reply, body=json.dumps(_walked(value, change)).encode(), length=None)


def _walked(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_walked(one, change) for one in value]
    if isinstance(value, dict):
        return change({key: _walked(one, change) for key, one in value.items()})
    return value


def _other_type(key: str, value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return str(value)
    if key in _ID | _LATITUDE | _LONGITUDE and isinstance(value, str):
        if re.fullmatch(r"[1-9]\d{0,14}", value):
            return int(value)
        if re.fullmatch(r"-?[1-9]\d{0,2}\.\d{1,12}", value):
            return float(value)
    return value


def _pieces() -> Iterator[bytes]:
    yield b'[{"id":"1","name":"'
    left = HUGE_BYTES - 19
    piece = b"needle " * 9362
    while left > 0:
        yield piece[:left]
        left -= len(piece)


@cache
def _bomb() -> bytes:
    return gzip.compress(b'[{"id":"1","name":"' + b" " * HUGE_BYTES, compresslevel=6)
