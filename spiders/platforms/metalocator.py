"""MetaLocator: a hosted locator whose search answers everything when nothing is asked of it.

How recognised
    A script or frame from `code.metalocator.com` (or `admin.`, `www.`) whose address has an
    `Itemid=<number>`, or an inline script that sets `ml___Itemid`.
What is asked
    `GET https://code.metalocator.com/webapi/api/search/?Itemid=<number>&limit=100000`, once.
Limits
    100,000 rows, the limit that is asked for. An answer of that length is reported as cut.
Traps
    * The answer is a bare array; an account that wants a key answers with an object or with 401:
      neither is an empty directory.
    * Keys differ by account: besides the usual ones every field an account has made. Those are
      understood by their names; the rest is left behind unless the fact sheet maps it.
    * `hours` is one text with `|` in it. `tags` is one text with commas, or a list.
    * A `link` without a scheme is a web site all the same.
Settings in the fact sheet's `options.extra`
    `api`: another address of the service (default https://code.metalocator.com).
Safety
    Known keys, and keys whose names mean a field of a listing. Rows with `published: 0` or marked
    hidden are dropped. No key is ever sent.
Source
    The reader of All The Places (MIT), and programs that read such lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar
from urllib.parse import quote

from scrapy.http import Request, Response

from spiders.platforms import Match, Reading, Shortfall, Surroundings
from spiders.platforms.fields import field_for
from spiders.platforms.hosted import (
    allowed,
    api_of,
    first_match,
    frame_sources,
    json_or_call,
    listing_or_hidden,
    names_in,
    rows_of,
    script_sources,
    web_page,
)
from spiders.platforms.map_rows import Rows, row_id
from spiders.platforms.wp import inline_scripts

_API = "https://code.metalocator.com"
_ADDRESS = re.compile(
    r"\b(?:code|admin|www)\.metalocator\.com/[^\s\"'<>]{0,800}?[?&](?:amp;)?Itemid=(\d{1,9})\b",
    re.I,
)
_SETTING = re.compile(r"\bml___Itemid\s*=\s*[\"']?(\d{1,9})\b")

_EXPECTED = "a JSON array of locations"
_FIELDS = {
    "name": "name",
    "address": "street",
    "address2": "street2",
    "city": "city",
    "state": "state",
    "postalcode": "postcode",
    "country": "country",
    "phone": "phone",
    "email": "email",
    "link": "website",
    "website": "website",
    "lat": "latitude",
    "lng": "longitude",
}
_KEPT = frozenset({*_FIELDS, "tags", "description"})
_MOST_ROWS = 100_000


class MetaLocator:
    """MetaLocator, as the module's docstring describes it."""

    name: ClassVar[str] = "metalocator"
    title: ClassVar[str] = "MetaLocator"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS)
        self._page_url: str | None = None

    def recognise(self, page: Response) -> Match | None:
        html = web_page(page)
        if html is None:
            return None
        number = first_match([*script_sources(html), *frame_sources(html)], _ADDRESS)
        evidence, certainty = f"the page loads metalocator.com with Itemid={number}", 0.9
        if number is None:
            number = first_match(inline_scripts(html), _SETTING)
            evidence, certainty = f"the page sets ml___Itemid = {number}", 1.0
        if number is None:
            return None
        return Match(self.name, evidence, certainty, page.url, {"id": number})

    def requests(self, match: Match) -> Iterable[Request]:
        self._page_url = match.page_url
        base, number = api_of(self._sheet, _API), quote(match.facts["id"])
        yield Request(f"{base}/webapi/api/search/?Itemid={number}&limit={_MOST_ROWS}")

    def read(self, answer: Response) -> Iterator[Reading]:
        rows = rows_of(json_or_call(answer, _EXPECTED), _EXPECTED, ("name", "address", "title"))
        if len(rows) >= _MOST_ROWS:
            yield Shortfall(f"the answer holds {len(rows)} rows, as many as were asked for")
        columns = self._sheet.options.columns
        for row in rows:
            named = {key for key in row if field_for(key) is not None}
            clean = allowed(row, _KEPT | named, columns)
            if isinstance(clean.get("tags"), list):
                clean["tags"] = names_in(clean["tags"], "name", "tag")
            url = self._page_url or answer.url
            yield listing_or_hidden(self._rows, row, clean, row_id(row), url)
