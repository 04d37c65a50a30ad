"""Stockist: a hosted locator with one list, which some accounts do not hand out whole.

How recognised
    Any element with `data-stockist-widget-tag="u1234"` or `"map_abcd1234"`. Not by its script
    alone, nor by its name in a text: without the tag nothing can be asked.
What is asked
    1. `GET https://stockist.co/api/v1/<tag>/locations/all`: usually that is everything.
    2. Where that answers 400 with `Method unavailable.` or `Method not allowed.`:
       `widget.js` (for `max_distance`) and `locations/overview.js`, a geohash for every pin.
    3. `locations/search?latitude=&longitude=&distance=` at pins nobody has answered for yet, each
       as far from the others as can be, until every pin has had its answer.
    4. Without an overview: the same searches on a grid made from where people live.
Limits
    A search holds the nearest rows only, 10 to 500 as the account is set; the number is printed
    nowhere, so a number of rows that ends in 0 or 5 counts as cut. No paging.
Traps
    * `distance` is kilometres whatever the page shows.
    * Text in `address=` is ignored, and so are filters in the question.
    * A geohash of the overview has one more letter at its end, which is no part of it.
    * Coordinates are strings; empty fields are "".
    * Some accounts answer as a JavaScript call under `all.js`: both are read.
    * Entries without coordinates are in no search.
    * `custom_fields` are a list of names and values; `filters` often are levels or professions.
Settings in the fact sheet's `options.extra`
    `api`: another address of the service (default https://stockist.co).
    `max_cells`: most searches of one run (default 1500); what is left then is reported.
Safety
    Known keys and the account's own fields only. Rows marked hidden or unpublished are dropped.
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
from spiders.platforms import (
    Hidden,
    Match,
    Reading,
    Shortfall,
    Surroundings,
    Total,
    WrongShape,
    about,
)
from spiders.platforms.geohash import Spot, spot_of
from spiders.platforms.grid import EARTH_KM, Cell, Grid, Point, km_between
from spiders.platforms.hosted import (
    allowed,
    api_of,
    attribute_of,
    count_in,
    custom_fields,
    hidden_reason,
    json_or_call,
    listing_or_hidden,
    member,
    names_in,
    rows_of,
    web_page,
)
from spiders.platforms.json_answers import body_text, literal, printed
from spiders.platforms.map_rows import Rows, row_id

_API = "https://stockist.co"
_TAG = re.compile(r"[A-Za-z0-9_-]{2,60}")
_NOT_WHOLE = re.compile(r"method\s+(?:unavailable|not\s+allowed)", re.I)

_EXPECTED = "a JSON array of locations"
_FIELDS = {
    "name": "name",
    "address_line_1": "street",
    "address_line_2": "street2",
    "city": "city",
    "state": "state",
    "postal_code": "postcode",
    "country": "country",
    "phone": "phone",
    "email": "email",
    "website": "website",
    "latitude": "latitude",
    "longitude": "longitude",
    "full_address": "address",
}
_KEPT = frozenset({*_FIELDS, "description", "filters"})
_DEFAULT_MAX_CELLS = 1500
_HALF_ROUND_THE_WORLD = 20_000


class Stockist:
    """Stockist, as the module's docstring describes it."""

    name: ClassVar[str] = "stockist"
    title: ClassVar[str] = "Stockist"

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS)
        self._page_url: str | None = None
        self._base = ""
        self._distance = _HALF_ROUND_THE_WORLD
        self._pins: dict[int, Spot] = {}
        self._away: dict[int, float] = {}
        self._missed = 0
        self._given: set[str] = set()
        self._points: set[Point] = set()
        self._grid: Grid | None = None
        self._asked = 0
        self._most = count_in(self._sheet.options.extra.get("max_cells")) or _DEFAULT_MAX_CELLS

    def recognise(self, page: Response) -> Match | None:
        html = web_page(page)
        if html is None:
            return None
        tag = attribute_of(html, "data-stockist-widget-tag", _TAG)
        if tag is None:
            return None
        evidence = f"the page has data-stockist-widget-tag={tag}"
        return Match(self.name, evidence, 1.0, page.url, {"tag": tag})

    def requests(self, match: Match) -> Iterable[Request]:
        self._page_url = match.page_url
        self._base = f"{api_of(self._sheet, _API)}/api/v1/{quote(match.facts['tag'])}"
        yield Request(f"{self._base}/locations/all", meta={"about": {"ask": "all"}})

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        ask = context.get("ask")
        if ask == "widget":
            self._distance = _max_distance(answer)
            meta = {"about": {"ask": "overview"}}
            yield Request(f"{self._base}/locations/overview.js", meta=meta)
        elif ask == "overview":
            yield from self._read_overview(answer)
        elif ask == "search":
            yield from self._read_search(answer, context)
        else:
            yield from self._read_all(answer)

    def _read_all(self, answer: Response) -> Iterator[Reading]:
        reply = json_or_call(answer, _EXPECTED)
        if isinstance(reply, dict) and _NOT_WHOLE.search(printed(reply.get("error")) or ""):
            if not self._base:
                raise WrongShape(f"expected {_EXPECTED}, got {reply['error']!r:.60}")
            yield Request(f"{self._base}/widget.js", meta={"about": {"ask": "widget"}})
            return
        for row in rows_of(reply, _EXPECTED, ("name", "address_line_1")):
            yield self._listing(row, answer.url)

    def _read_overview(self, answer: Response) -> Iterator[Reading]:
        if answer.status >= 400:
            yield from self._on_a_grid()
            return
        expected = "an object with a list of geohashes in i"
        reply = json_or_call(answer, expected)
        hashes = member(reply, ("i",), expected)
        if not isinstance(hashes, list):
            raise WrongShape(f"expected {expected}")
        for number, text in enumerate(hashes):
            spot = spot_of(text[:-1]) if isinstance(text, str) else None
            if spot is None:
                raise WrongShape(f"expected {expected}, got {text!r:.40}")
            self._pins[number] = spot
            self._away[number] = EARTH_KM * 4
        yield Total(len(hashes), "Stockist overview.js", independent=True)
        yield from self._next_pin()

    def _read_search(self, answer: Response, context: Mapping[str, Any]) -> Iterator[Reading]:
        expected = "an object with locations"
        reply = json_or_call(answer, expected)
        rows = rows_of(member(reply, ("locations",), expected), expected, ("name", "latitude"))
        points = [_point(row) for row in rows]
        for row in rows:
            yield self._listing(row, answer.url)
        here = Cell(*context["cell"])
        if self._grid is not None:
            # Nobody prints how many rows are the most; only a limit gives a number that is round.
            full = len(rows) >= 10 and len(rows) % 5 == 0
            self._grid.answered(here, points, full)
            yield from self._next_cell()
            return
        for row, point in zip(rows, points, strict=True):
            self._tick_off(row, point)
        pin = context.get("pin")
        if pin in self._pins:
            del self._pins[pin], self._away[pin]
            self._missed += 1
        for number, spot in self._pins.items():
            away = km_between(here.centre, (spot.latitude, spot.longitude))
            self._away[number] = min(self._away[number], away)
        yield from self._next_pin()

    def _tick_off(self, row: Mapping[str, Any], point: Point | None) -> None:
        """One pin for one entry: there may be more people in a house than an answer holds."""
        number = row_id(row)
        if point is None or number in self._given or hidden_reason(row):
            return
        pin = next((one for one, spot in self._pins.items() if spot.holds(*point)), None)
        if pin is not None:
            self._given.add(number)
            del self._pins[pin], self._away[pin]

    # What is left

    def _next_pin(self) -> Iterator[Reading]:
        while self._pins and self._asked < self._most:
            pin = max(self._away, key=self._away.__getitem__)
            point = round(self._pins[pin].latitude, 6), round(self._pins[pin].longitude, 6)
            if point not in self._points:
                self._points.add(point)
                yield self._search(*point, pin)
                return
            # The same question has the same answer.
            del self._pins[pin], self._away[pin]
            self._missed += 1
        if self._pins:
            yield Shortfall(
                f"stopped after {self._asked} searches (max_cells): "
                f"{len(self._pins)} pins were not asked for"
            )
        if self._missed:
            yield Shortfall(f"pins of the overview that were in no answer: {self._missed}")

    def _on_a_grid(self) -> Iterator[Reading]:
        if not self._around.people:
            countries = ", ".join(self._sheet.coverage.countries)
            yield Shortfall(f"only searches are allowed, and no places are known in {countries}")
            return
        self._grid = Grid(self._around.people, self._distance)
        yield from self._next_cell()

    def _next_cell(self) -> Iterator[Reading]:
        assert self._grid is not None
        cell = self._grid.next_cell()
        if cell is not None and self._asked < self._most:
            yield self._search(cell.latitude, cell.longitude, None)
            return
        if cell is not None:
            share = self._grid.people_left() / max(self._grid.people, 1)
            yield Shortfall(
                f"stopped after {self._asked} searches (max_cells): where {share:.1%} of the "
                "people live was not searched"
            )
        if self._grid.too_full:
            yield Shortfall(f"{len(self._grid.too_full)} searches were full at one spot")

    def _search(self, latitude: float, longitude: float, pin: int | None) -> Request:
        self._asked += 1
        query = urlencode(
            {"latitude": latitude, "longitude": longitude, "distance": self._distance}
        )
        cell = (latitude, longitude, float(self._distance))
        context = {"ask": "search", "cell": cell, "pin": pin}
        return Request(f"{self._base}/locations/search?{query}", meta={"about": context})

    def _listing(self, row: Mapping[str, Any], url: str) -> Listing | Hidden:
        clean = allowed(row, _KEPT, self._sheet.options.columns)
        if any(clean.get(key) for key in ("address_line_1", "city", "postal_code")):
            clean.pop("full_address", None)
        clean["filters"] = names_in(row.get("filters"))
        clean |= {
            key: value
            for key, value in custom_fields(row.get("custom_fields")).items()
            if key not in clean
        }
        return listing_or_hidden(self._rows, row, clean, row_id(row), self._page_url or url)


def _max_distance(answer: Response) -> int:
    """The largest radius the account's settings allow, in kilometres; the whole world if none."""
    settings = literal(body_text(answer)) if answer.status < 400 else None
    if not isinstance(settings, dict):
        return _HALF_ROUND_THE_WORLD
    said = (printed(settings.get("max_distance")) or "").split(".", maxsplit=1)[0]
    return min(count_in(said) or _HALF_ROUND_THE_WORLD, _HALF_ROUND_THE_WORLD)


def _point(row: Mapping[str, Any]) -> Point | None:
    try:
        return float(row.get("latitude") or ""), float(row.get("longitude") or "")
    except (TypeError, ValueError):
        return None
