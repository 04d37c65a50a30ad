"""StoreRocket: a hosted locator with one list, which is cut for some accounts.

How recognised
    An element with `data-storerocket-id="…"`, an inline script that sets
    `StoreRocket.configs.projectId` or names `storerocket.io/api/user/<id>/locations`. Not by the
    script `cdn.storerocket.io` alone: it names no account.
What is asked
    1. `GET https://storerocket.io/api/user/<id>/locations`, once. Usually that is everything.
    2. Where the number of rows looks like a limit (a multiple of 50) and no total says otherwise:
       the neighbourhood of eight large towns. Nobody new in any of them: that was everything.
    3. Otherwise searches with `lat`, `lng`, `radius` and `units=miles` on a grid made from where
       people live.
Limits
    Set by the account, printed nowhere. The radius must be one that the widget offers; another one
    is not clamped, the account's default answers. So each search is checked against the points
    already known.
Traps
    * `success: false` comes with status 200.
    * `display_address` or `address` is one line beside the parts; either may be all there is.
    * Web sites are `url`; a row's own `slug` is a place on the directory's page, no address.
    * A site's own fields are a list `fields` of objects with `name` and `pivot_field_value`.
    * `updated_at` is no date of the entry; opening hours are an object. Both are left behind.
Settings in the fact sheet's `options.extra`
    `api`: another address of the service (default https://storerocket.io).
    `radius`: miles of a search, one that the widget offers (default 100).
    `max_cells`: most searches of one run (default 1500); what is left then is reported.
Safety
    Known keys and the site's own fields only. Rows marked hidden, draft or private are dropped.
Source
    The reader of All The Places (MIT), and programs that read such lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from scrapy.http import Request, Response

from records.listing import Listing
from spiders.platforms import Hidden, Match, Reading, Shortfall, Surroundings, Total, about
from spiders.platforms.grid import KM_PER_MILE, Cell, Grid, Point, km_between
from spiders.platforms.hosted import (
    allowed,
    api_of,
    attribute_of,
    count_in,
    custom_fields,
    json_or_call,
    listing_or_hidden,
    member,
    names_in,
    refused,
    rows_of,
    script_sources,
    web_page,
)
from spiders.platforms.map_rows import Rows, row_id, text_of

_API = "https://storerocket.io"
_ID = re.compile(r"[A-Za-z0-9]{6,20}")
_IN_SCRIPT = re.compile(
    r"StoreRocket(?:\.configs)?\.projectId\s*=\s*[\"']([A-Za-z0-9]{6,20})[\"']"
    r"|\bstorerocket\.io/api/user/([A-Za-z0-9]{6,20})/locations"
)

_EXPECTED = "success and a list of locations"
_FIELDS = {
    "name": "name",
    "address": "address",
    "address_line_1": "street",
    "address_line_2": "street2",
    "city": "city",
    "state": "state",
    "postcode": "postcode",
    "country": "country",
    "phone": "phone",
    "email": "email",
    "url": "website",
    "lat": "latitude",
    "lng": "longitude",
}
_KEPT = frozenset({*_FIELDS, "location_type_name", "description"})
_TOTALS = ("total", "total_count", "locations_count", "total_locations")
_DEFAULT_RADIUS = 100
_DEFAULT_MAX_CELLS = 1500
#: Limits are round numbers; a directory of so many people by chance costs one question more.
_LIMITS_END_IN = 50
_PROBES = 8


class StoreRocket:
    """StoreRocket, as the module's docstring describes it."""

    name: ClassVar[str] = "storerocket"
    title: ClassVar[str] = "StoreRocket"

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS)
        self._page_url: str | None = None
        self._url = ""
        self._seen: dict[str, Point | None] = {}
        self._limit = 0
        self._total: int | None = None
        self._grid: Grid | None = None
        extra = self._sheet.options.extra
        self._radius = count_in(extra.get("radius")) or _DEFAULT_RADIUS
        self._most = count_in(extra.get("max_cells")) or _DEFAULT_MAX_CELLS

    def recognise(self, page: Response) -> Match | None:
        html = web_page(page)
        if html is None:
            return None
        account = attribute_of(html, "data-storerocket-id", _ID)
        evidence = f"the page has data-storerocket-id={account}"
        for script in script_sources(html):
            found = None if account else _IN_SCRIPT.search(script)
            if found:
                account = found[1] or found[2]
                evidence = f"a script of the page names StoreRocket's account {account}"
        return Match(self.name, evidence, 1.0, page.url, {"id": account}) if account else None

    def requests(self, match: Match) -> Iterable[Request]:
        self._page_url = match.page_url
        self._url = f"{api_of(self._sheet, _API)}/api/user/{quote(match.facts['id'])}/locations"
        yield Request(self._url, meta={"about": {"ask": "all"}})

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        reply = json_or_call(answer, _EXPECTED)
        refused(reply, _EXPECTED)
        results = member(reply, ("results",), _EXPECTED)
        located = member(results, ("locations",), _EXPECTED)
        rows = rows_of(located, _EXPECTED, ("name", "address", "address_line_1"))
        ask = context.get("ask")
        if ask in (None, "all"):
            counts = (count_in(results.get(key)) for key in _TOTALS)
            self._total = next((count for count in counts if count is not None), None)
            if self._total is not None:
                yield Total(self._total, "StoreRocket total")
        fresh = 0
        for row in rows:
            number = row_id(row)
            fresh += number not in self._seen
            self._seen.setdefault(number, _point(row))
            yield self._listing(row, answer.url)
        if ask == "all":
            self._limit = len(rows)
            yield from self._probes()
        elif ask == "probe" and fresh and self._grid is None:
            yield from self._start_grid()
        elif ask == "cell" and self._grid is not None:
            yield from self._read_cell(rows, Cell(*context["cell"]))

    def _read_cell(self, rows: list[Mapping[str, Any]], cell: Cell) -> Iterator[Reading]:
        assert self._grid is not None
        full = len(rows) >= self._limit
        given = {row_id(row) for row in rows}
        if not full and any(
            point is not None
            and number not in given
            and km_between(cell.centre, point) < cell.radius_km * 0.95
            for number, point in self._seen.items()
        ):
            yield Shortfall(
                f"the search around {cell.latitude}, {cell.longitude} left out listings within "
                f"{self._radius} miles: name a radius the widget offers in options.extra.radius"
            )
            return
        self._grid.answered(cell, [_point(row) for row in rows], full)
        yield from self._next_cell()

    def _start_grid(self) -> Iterator[Reading]:
        if not self._around.people:
            countries = ", ".join(self._sheet.coverage.countries)
            yield Shortfall(f"the list is cut, and no places are known to search in ({countries})")
            return
        self._grid = Grid(self._around.people, self._radius * KM_PER_MILE)
        yield from self._next_cell()

    def _next_cell(self) -> Iterator[Reading]:
        assert self._grid is not None
        cell = self._grid.next_cell()
        if cell is not None and self._grid.asked < self._most:
            yield self._search(cell, "cell")
            return
        if cell is not None:
            share = self._grid.people_left() / max(self._grid.people, 1)
            yield Shortfall(
                f"stopped after {self._grid.asked} searches (max_cells): where {share:.1%} of the "
                "people live was not searched"
            )
        if self._grid.too_full:
            crowded = self._grid.too_full[0]
            yield Shortfall(
                f"{len(self._grid.too_full)} searches gave {self._limit} listings at one spot; "
                f"the first at {crowded.latitude}, {crowded.longitude}"
            )

    def _search(self, cell: Cell, ask: str) -> Request:
        query = urlencode(
            {
                "lat": cell.latitude,
                "lng": cell.longitude,
                "radius": self._radius,
                "units": "miles",
            }
        )
        context = {"ask": ask, "cell": (cell.latitude, cell.longitude, cell.radius_km)}
        return Request(f"{self._url}?{query}", meta={"about": context})

    def _probes(self) -> Iterator[Reading]:
        """Questions that tell a list that was cut from a whole one of a round number."""
        round_number = self._limit > 0 and self._limit % _LIMITS_END_IN == 0
        if self._total is not None:
            if self._total > len(self._seen):
                yield from self._start_grid()
            return
        if not round_number:
            return
        km = self._radius * KM_PER_MILE
        towns: list[Cell] = []
        for latitude, longitude, _ in sorted(self._around.people, key=lambda place: -place[2]):
            if len(towns) == _PROBES:
                break
            if all(km_between(town.centre, (latitude, longitude)) > km for town in towns):
                towns.append(Cell(latitude, longitude, km))
        if not towns:
            countries = ", ".join(self._sheet.coverage.countries)
            yield Shortfall(
                f"{self._limit} listings may be a limit, and no places are known to search in "
                f"({countries})"
            )
        for town in towns:
            yield self._search(town, "probe")

    def _listing(self, row: Mapping[str, Any], url: str) -> Listing | Hidden:
        clean = allowed(row, _KEPT, self._sheet.options.columns)
        if not text_of(clean.get("address")) and "display_address" in row:
            clean["address"] = row["display_address"]
        if any(text_of(clean.get(key)) for key in ("address_line_1", "city", "postcode")):
            clean.pop("address", None)
        fields = row.get("fields")
        clean |= {key: value for key, value in custom_fields(fields).items() if key not in clean}
        if isinstance(row.get("filters"), list):
            clean["filters"] = names_in(row["filters"])
        return listing_or_hidden(self._rows, row, clean, row_id(row), self._page_url or url)


def _point(row: Mapping[str, Any]) -> Point | None:
    try:
        return float(row.get("lat") or ""), float(row.get("lng") or "")
    except (TypeError, ValueError):
        return None
