"""Closeby: a hosted locator that sends a map's whole list in one answer and says if it did not.

How recognised
    An address `closeby.co/embed/<32 hexadecimal digits>` that the page loads as a script or frame
    or names in an inline script, or an inline script that sets `mapKey` in `closeby` or
    `__closeby__`.
What is asked
    1. `GET https://www.closeby.co/embed/<key>/locations`, once.
    2. With `details: "yes"`, or where the list has neither telephone numbers nor web sites at all,
       each entry's `GET https://www.closeby.co/locations/<id>`, which may hold more.
Limits
    `is_limited_results: true` says that the list was cut: reported. `total_count` is compared with
    the rows. No paging.
Traps
    * `geometry.coordinates` is longitude first, and may have a third number.
    * The address is one line, `address_full`.
    * `mapKey` is a public name of the map, no secret; the fact is that the page prints it.
Settings in the fact sheet's `options.extra`
    `api`: another address of the service (default https://www.closeby.co).
    `details`: "yes" asks for every entry's own data, "no" never does.
Safety
    Known keys and the map's own fields only. Rows marked hidden or draft are dropped.
Source
    The reader of All The Places (MIT), and programs that read such lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote

from scrapy.http import Request, Response

from records.listing import Listing
from spiders.platforms import (
    Hidden,
    Match,
    Reading,
    Shortfall,
    Surroundings,
    Total,
    about,
)
from spiders.platforms.hosted import (
    allowed,
    api_of,
    count_in,
    custom_fields,
    first_match,
    frame_sources,
    hidden_reason,
    is_true,
    json_or_call,
    member,
    names_in,
    refused,
    rows_of,
    script_sources,
    web_page,
)
from spiders.platforms.map_rows import Rows, row_id
from spiders.platforms.wp import inline_scripts

_API = "https://www.closeby.co"
_EMBED = re.compile(r"\bcloseby\.co/embed/([0-9a-f]{32})\b", re.I)
_MAP_KEY = re.compile(
    r"\b(?:__)?closeby(?:__)?\b[^;]{0,200}?\bmapKey[\"']?\s*[:=]\s*[\"']([0-9a-f]{32})[\"']", re.I
)

_EXPECTED = "an object with locations"
_FIELDS = {
    "title": "name",
    "name": "name",
    "address_full": "address",
    "phone_number": "phone",
    "phone": "phone",
    "email": "email",
    "email_address": "email",
    "website": "website",
    "website_url": "website",
    "latitude": "latitude",
    "longitude": "longitude",
}
_KEPT = frozenset({*_FIELDS, "description", "categories", "tags"})


class Closeby:
    """Closeby, as the module's docstring describes it."""

    name: ClassVar[str] = "closeby"
    title: ClassVar[str] = "Closeby"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS)
        self._page_url: str | None = None
        self._base = ""
        self._listed: dict[str, Listing] = {}

    def recognise(self, page: Response) -> Match | None:
        html = web_page(page)
        if html is None:
            return None
        key = first_match([*script_sources(html), *frame_sources(html)], _EMBED)
        evidence = "the page loads closeby.co/embed"
        if key is None:
            key = first_match(inline_scripts(html), _MAP_KEY)
            evidence = "the page sets closeby.mapKey"
        return Match(self.name, evidence, 1.0, page.url, {"key": key.lower()}) if key else None

    def requests(self, match: Match) -> Iterable[Request]:
        self._page_url = match.page_url
        self._base = api_of(self._sheet, _API)
        yield Request(f"{self._base}/embed/{match.facts['key']}/locations")

    def read(self, answer: Response) -> Iterator[Reading]:
        if about(answer).get("ask") == "details":
            yield from self._read_details(answer, about(answer)["id"])
            return
        reply = json_or_call(answer, _EXPECTED)
        refused(reply, _EXPECTED)
        located = member(reply, ("locations",), _EXPECTED)
        rows = rows_of(located, _EXPECTED, ("title", "name", "address_full"))
        total = count_in(reply.get("total_count"))
        if total is not None:
            yield Total(total, "Closeby total_count")
        if is_true(reply.get("is_limited_results")):
            yield Shortfall(f"the service sent {len(rows)} entries and says it cut the list")
        wanted = self._with_details(rows)
        for row in rows:
            reason = hidden_reason(row)
            if reason:
                yield Hidden(reason)
                continue
            listing = self._listing(row, answer.url)
            if wanted and row_id(row) and self._base:
                self._listed[listing.native_id] = listing
                url = f"{self._base}/locations/{quote(row_id(row), safe='')}"
                yield Request(url, meta={"about": {"ask": "details", "id": listing.native_id}})
            else:
                yield listing

    def _with_details(self, rows: list[Mapping[str, Any]]) -> bool:
        said = self._sheet.options.extra.get("details")
        if said in ("yes", "no"):
            return said == "yes"
        keys = {key for row in rows for key, value in row.items() if value}
        contact = {key for key, field in _FIELDS.items() if field in ("phone", "website")}
        return bool(rows) and not keys & contact

    def _read_details(self, answer: Response, native_id: str) -> Iterator[Reading]:
        expected = "an object with location"
        row = member(json_or_call(answer, expected), ("location",), expected)
        rows_of([row], expected, ("title", "name", "address_full"))
        reason = hidden_reason(row)
        if reason:
            yield Hidden(reason)
            return
        more = self._listing(row, answer.url)
        known = self._listed.get(native_id)
        if known is None:
            yield more
            return
        missing = {
            field: text
            for field, text in more.printed().items()
            if field not in ("extra", "native_id", "seen_url") and getattr(known, field) is None
        }
        yield replace(known, extra={**more.extra, **known.extra}, **missing)

    def _listing(self, row: Mapping[str, Any], url: str) -> Listing:
        clean = allowed(row, _KEPT, self._sheet.options.columns)
        for key in ("categories", "tags"):
            if isinstance(clean.get(key), list):
                clean[key] = names_in(clean[key], "name", "title")
        geometry = row.get("geometry")
        point = geometry.get("coordinates") if isinstance(geometry, dict) else None
        if isinstance(point, list) and len(point) >= 2 and "latitude" not in clean:
            clean |= {"latitude": point[1], "longitude": point[0]}
        clean |= {
            key: value
            for key, value in custom_fields(row.get("custom_fields")).items()
            if key not in clean
        }
        return self._rows.listing(clean, row_id(row), self._page_url or url)
