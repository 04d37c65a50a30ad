"""Store Locator Widgets: a hosted locator that sends an account's whole list in one answer.

How recognised
    A script from `cdn.storelocatorwidgets.com/widget/` whose element has a `data-uid`.
What is asked
    `GET https://cdn.storelocatorwidgets.com/json/<uid>`, once.
Limits
    None is known. No paging, no count.
Traps
    * JSON stands inside a call, `slw({…})`: it is unwrapped by its shape, not by counting letters.
    * What one wants to know is one level down, in `data`; `map_lat` and `map_lng` are text there.
    * The address is one line. Opening hours are seven keys `hours_Monday` and so on.
    * `filters` is a list of words, a list of objects, or one text.
    * The answer also holds the account's settings, which are never read.
Settings in the fact sheet's `options.extra`
    `api`: another address of the service (default https://cdn.storelocatorwidgets.com).
Safety
    Known keys only. Rows marked hidden or disabled, outside or inside `data`, are dropped.
Source
    The reader of All The Places (MIT), and pages that load the widget.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from scrapy.http import Request, Response

from records.listing import Listing
from spiders.platforms import Hidden, Match, Reading, Surroundings, WrongShape
from spiders.platforms.hosted import (
    allowed,
    api_of,
    hidden_reason,
    json_or_call,
    member,
    names_in,
    refused,
    rows_of,
    web_page,
)
from spiders.platforms.map_rows import Rows, row_id

_API = "https://cdn.storelocatorwidgets.com"
_SCRIPT = re.compile(r"\bcdn\.storelocatorwidgets\.com/widget/")
_UID = re.compile(r"[A-Za-z0-9]{8,64}")

_EXPECTED = "a call with an object of stores"
_FIELDS = {
    "name": "name",
    "address": "address",
    "country": "country",
    "phone": "phone",
    "email": "email",
    "website": "website",
    "map_lat": "latitude",
    "map_lng": "longitude",
}
_KEPT = frozenset({*_FIELDS, "description", "filters"})


class StoreLocatorWidgets:
    """Store Locator Widgets, as the module's docstring describes it."""

    name: ClassVar[str] = "store_locator_widgets"
    title: ClassVar[str] = "Store Locator Widgets"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS)
        self._page_url: str | None = None

    def recognise(self, page: Response) -> Match | None:
        html = web_page(page)
        if html is None:
            return None
        for script in html.xpath("//script[@data-uid]"):
            source = script.attrib.get("src") or script.attrib.get("data-src") or ""
            uid = script.attrib["data-uid"].strip()
            if _SCRIPT.search(source) and _UID.fullmatch(uid):
                evidence = f"the page loads cdn.storelocatorwidgets.com/widget with data-uid={uid}"
                return Match(self.name, evidence, 1.0, page.url, {"uid": uid})
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        self._page_url = match.page_url
        yield Request(f"{api_of(self._sheet, _API)}/json/{quote(match.facts['uid'])}")

    def read(self, answer: Response) -> Iterator[Reading]:
        reply = json_or_call(answer, _EXPECTED)
        refused(reply, _EXPECTED)
        for row in rows_of(member(reply, ("stores",), _EXPECTED), _EXPECTED, ("name", "data")):
            yield self._listing(row, answer.url)

    def _listing(self, row: Mapping[str, Any], url: str) -> Listing | Hidden:
        # An account without any details sends [] where others send an object.
        data = row.get("data") or {}
        if not isinstance(data, dict):
            raise WrongShape(f"expected {_EXPECTED}, got a store whose data is no object")
        reason = hidden_reason(row) or hidden_reason(data)
        if reason:
            return Hidden(reason)
        columns = self._sheet.options.columns
        clean = {**allowed(data, _KEPT, columns), **allowed(row, _KEPT, columns)}
        if isinstance(clean.get("filters"), list):
            clean["filters"] = names_in(clean["filters"])
        native_id = row_id(row, "storeid")
        return self._rows.listing(clean, native_id, self._page_url or url)
