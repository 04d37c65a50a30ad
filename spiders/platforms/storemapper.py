"""Storemapper: a hosted locator that sends an account's whole list in one answer.

How recognised
    An element, usually a script, with `data-storemapper-id="1234"` or `"1234-aBcD…"`. Not by the
    container `<div id="storemapper">`, nor by its name in a text.
What is asked
    `GET https://storemapper-herokuapp-com.global.ssl.fastly.net/api/users/<id>/stores.js`, once,
    the address that the widget itself asks.
Limits
    None is known. No paging, no count.
Traps
    * The answer is JSON, or JSON inside a call (`SMcallback2({…})`): both are read.
    * `address` is one line, sometimes with a link or a line break in it.
    * Names of tags, and of the three fields of an account's own (`custom_field_1` to `3`), stand
      on no page: tags are numbers, and the fields are kept by their keys for a fact sheet to map.
    * E-mail addresses are filled in for nearly everybody; they are never published.
Settings in the fact sheet's `options.extra`
    `api`: another address of the service.
Safety
    Known keys only. Rows marked hidden, draft or disabled are dropped.
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
    attribute_of,
    json_or_call,
    listing_or_hidden,
    member,
    refused,
    rows_of,
    web_page,
)
from spiders.platforms.map_rows import Rows, row_id

_API = "https://storemapper-herokuapp-com.global.ssl.fastly.net"
_ID = re.compile(r"\d{1,9}(?:-[\w-]{1,60})?")

_EXPECTED = "an object with stores"
_FIELDS = {
    "name": "name",
    "address": "address",
    "phone": "phone",
    "email": "email",
    "url": "website",
    "latitude": "latitude",
    "longitude": "longitude",
    "lat": "latitude",
    "lng": "longitude",
}
_KEPT = frozenset({*_FIELDS, "description", "custom_field_1", "custom_field_2", "custom_field_3"})


class Storemapper:
    """Storemapper, as the module's docstring describes it."""

    name: ClassVar[str] = "storemapper"
    title: ClassVar[str] = "Storemapper"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS)
        self._page_url: str | None = None

    def recognise(self, page: Response) -> Match | None:
        html = web_page(page)
        if html is None:
            return None
        account = attribute_of(html, "data-storemapper-id", _ID)
        if account is None:
            return None
        evidence = f"the page has data-storemapper-id={account}"
        return Match(self.name, evidence, 1.0, page.url, {"id": account})

    def requests(self, match: Match) -> Iterable[Request]:
        self._page_url = match.page_url
        base = api_of(self._sheet, _API)
        yield Request(f"{base}/api/users/{quote(match.facts['id'])}/stores.js")

    def read(self, answer: Response) -> Iterator[Reading]:
        reply = json_or_call(answer, _EXPECTED)
        refused(reply, _EXPECTED)
        rows = rows_of(member(reply, ("stores",), _EXPECTED), _EXPECTED, ("name", "address"))
        for row in rows:
            clean = allowed(row, _KEPT, self._sheet.options.columns)
            url = self._page_url or answer.url
            yield listing_or_hidden(self._rows, row, clean, row_id(row), url)
