"""Storepoint: a hosted locator that sends an account's whole list in one answer.

How recognised
    The `<div id="storepoint-container" data-map-id="…">` of the map, or its script
    `storepoint.co/api/v1/js/<id>.js`, loaded by the markup or by an inline script. Not by its name
    in a text.
What is asked
    `GET https://api.storepoint.co/v1/<id>/locations`, once. Without a point and a radius: with
    them the service sends the neighbourhood only.
Limits
    None is known. No paging, no count.
Traps
    * `streetaddress` is the whole address in one line.
    * Shops without a place stand in a list of their own, `online_stores`: practitioners who only
      see people by video are listed there, and are listings all the same.
    * `success: false` comes with status 200.
    * Days of the week are keys of a row; tags are one text with commas.
    * Coordinates are numbers, or empty strings.
Settings in the fact sheet's `options.extra`
    `api`: another address of the service (default https://api.storepoint.co).
Safety
    Known keys only. Rows marked hidden, draft, private or disabled are dropped.
Source
    The reader of All The Places (MIT), and programs that read such lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar
from urllib.parse import quote

from scrapy.http import Request, Response

from spiders.platforms import Match, Reading, Surroundings
from spiders.platforms.hosted import (
    allowed,
    api_of,
    first_match,
    json_or_call,
    listing_or_hidden,
    member,
    refused,
    rows_of,
    script_sources,
    web_page,
)
from spiders.platforms.map_rows import Rows, row_id

_API = "https://api.storepoint.co"
_SCRIPT = re.compile(r"\bstorepoint\.co/api/v\d/js/([A-Za-z0-9]{4,40})\.js")
_ID = re.compile(r"[A-Za-z0-9]{4,40}")

_EXPECTED = "success and a list of locations"
_FIELDS = {
    "name": "name",
    "streetaddress": "address",
    "phone": "phone",
    "email": "email",
    "website": "website",
    "loc_lat": "latitude",
    "loc_long": "longitude",
}
_KEPT = frozenset({*_FIELDS, "tags", "description"})
_MORE = re.compile(r"extra_?\w{0,30}|custom\w{0,30}")


class Storepoint:
    """Storepoint, as the module's docstring describes it."""

    name: ClassVar[str] = "storepoint"
    title: ClassVar[str] = "Storepoint"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS)
        self._page_url: str | None = None

    def recognise(self, page: Response) -> Match | None:
        html = web_page(page)
        if html is None:
            return None
        for number in html.xpath('//*[@id="storepoint-container"]/@data-map-id').getall():
            if _ID.fullmatch(number.strip()):
                evidence = f'the page has <div id="storepoint-container"> of map {number.strip()}'
                return Match(self.name, evidence, 1.0, page.url, {"id": number.strip()})
        account = first_match(script_sources(html), _SCRIPT)
        if account is None:
            return None
        certainty = 1.0 if html.xpath('//*[@id="storepoint-container"]') else 0.7
        evidence = f"the page loads storepoint.co/api/v1/js/{account}.js"
        return Match(self.name, evidence, certainty, page.url, {"id": account})

    def requests(self, match: Match) -> Iterable[Request]:
        self._page_url = match.page_url
        yield Request(f"{api_of(self._sheet, _API)}/v1/{quote(match.facts['id'])}/locations")

    def read(self, answer: Response) -> Iterator[Reading]:
        reply = json_or_call(answer, _EXPECTED)
        refused(reply, _EXPECTED)
        results = member(reply, ("results",), _EXPECTED)
        located = member(results, ("locations",), _EXPECTED)
        online = results.get("online_stores")
        rows = rows_of(located, _EXPECTED, ("name", "streetaddress"))
        # Nothing in it says how an empty list is written: false and {} are as good as [].
        rows += rows_of(online, _EXPECTED, ("name",)) if isinstance(online, list) else []
        columns = self._sheet.options.columns
        for row in rows:
            clean = allowed(row, _KEPT | {key for key in row if _MORE.fullmatch(key)}, columns)
            url = self._page_url or answer.url
            yield listing_or_hidden(self._rows, row, clean, row_id(row), url)
