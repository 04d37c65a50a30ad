"""Store Locator Plus: a WordPress plugin, and a hosted service, that answer with the nearest 25.

How recognised
    Self-hosted: an inline script that sets `slplus`, the `<div id="sl_div">` of the results, or a
    script from `store-locator-le/js/`. Hosted: an address of `…/wp-json/myslp/v2`, or of
    dashboard.storelocatorplus.com, in a script or frame of the page, together with an `api_key`.
What is asked
    1. Self-hosted only: `/wp-json/store-locator-plus/v2/locations/`, the ids of all entries.
       Optional. It costs the server less than the searches it saves.
    2. `csl_ajax_onload` around the page's own centre and `csl_ajax_search` from the other side of
       the world, both with a radius that reaches everybody. Small directories are whole by then.
    3. Otherwise searches on a grid made from where people live (`grid.py`), until every id is
       known, or every place has been searched.
    4. When searches bring hardly anything new: single entries by their id, which also tells what
       is private and what has no coordinates.
Limits
    Two settings, `initial_results_returned` for the first kind of search and
    `max_results_returned` for the second; both 25 as the plugin comes, neither for the visitor to
    change. The answer echoes its SQL, whose `LIMIT` is read and nothing else of it. No paging.
Traps
    * The ids' list answers 201, and has private entries in it; so do single entries.
    * An empty radius means none in new versions and zero in old ones: a real one is always sent.
    * Missing or unreadable coordinates in a question are read as 0,0. Old versions read them from a
      POST only. So every answer is checked against the place that was asked for, by the distances
      it prints, and the questions go on as POST where they do not fit.
    * A site can have another order than nearest first: a full answer then says nothing about where
      it was cut, and the circles are halved until none is full.
    * Values are escaped for HTML once, whatever somebody typed. The row's `data` holds them as
      stored: names, addresses and links are taken from there, and nothing else is.
    * The unit of the radius is the site's: `options.distance_unit`.
    * The hosted service wraps its answer in `data`, and in a function call when asked to.
    * Entries without coordinates are in no search.
Safety
    Rows with `sl_private` are dropped. The SQL, the rows of the database and the nonce are not
    kept. No nonce is sent: it is not looked at.
Settings in the fact sheet's `options.extra`
    `max_cells`: most searches of one run (default 1500); what is left then is reported.
Source
    The plugin's own code (4.2.67, 2311.17), answers of a running server, and programs that read
    the hosted service.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from scrapy.http import FormRequest, Request, Response, TextResponse

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
from spiders.platforms.grid import KM_PER_MILE, Cell, Grid, Point, km_between
from spiders.platforms.json_answers import beginning, body_text, json_in, objects
from spiders.platforms.map_rows import Rows, row_id, text_of
from spiders.platforms.slp_answers import (
    ascending,
    distances,
    is_private,
    plain_row,
    point_of,
    rows_in,
    single_in,
)
from spiders.platforms.wp import (
    address,
    ajax_url,
    inline_scripts,
    loaded,
    page_of,
    rest_url,
    settings,
    with_query,
)

_SETTINGS = re.compile(r"\bslplus\s*=")
_SCRIPT = re.compile(r"/store-locator-le/(?:[\w-]+/)*js/")
_CLOUD = re.compile(
    r"https?:\\?/\\?/(?:[^\s\"'<>\\]|\\/){1,200}?\\?/wp-json\\?/myslp\\?/v2"
    r"|https?:\\?/\\?/dashboard\.storelocatorplus\.com\\?/[\w.-]{3,100}(?=\\?/)"
)
_KEY = re.compile(r"\bapi_key[\"']?\s*(?:[=:]|%3D)\s*[\"']?([\w.-]{8,120})")

_EXPECTED_IDS = "a JSON array of sl_id"
_FIELDS = {
    "name": "name",
    "address": "street",
    "address2": "street2",
    "city": "city",
    "state": "state",
    "zip": "postcode",
    "country": "country",
    "phone": "phone",
    "email": "email",
    "url": "website",
    "sl_pages_url": "profile_url",
    "lat": "latitude",
    "lng": "longitude",
}
_IGNORED = frozenset(
    """id data distance hours fax image option_value attributes linked_postid neat_title email_link
    web_link url_link city_state_zip zip_state_city sl_pages_on sl_private private exdata marker
    icon iconsize featured rank hours_sanitized contact_image pages_url""".split()
)
#: Half around the world and more, in any unit.
_EVERYWHERE = 25_000
#: Of one search on the grid, in kilometres. Answers are short, so larger ones would be no better.
_CELL_KM = 800.0
#: Where a site has another order than nearest first, circles are halved down to this.
_LEAST_KM = 10.0
_DEFAULT_LIMIT = 25
_DEFAULT_MAX_CELLS = 1500
#: One entry by its id brings one entry: see wp_store_locator.py.
_POOR_SEARCHES = 10
_MOST_SINGLE = 500
_MIDDLE = (39.8, -98.6)


class StoreLocatorPlus:
    """Store Locator Plus, as the module's docstring describes it."""

    name: ClassVar[str] = "store_locator_plus"
    title: ClassVar[str] = "Store Locator Plus"

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS, _IGNORED)
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None
        self._seen: dict[str, Point | None] = {}
        self._private: set[str] = set()
        self._ids: set[str] = set()
        self._single: set[str] = set()
        self._single_left = 0
        self._wide: list[tuple[str, int, int | None]] = []
        self._grid: Grid | None = None
        self._action = "csl_ajax_search"
        self._post = False
        self._in_order = True
        self._cells = 0
        self._cell_km = _CELL_KM
        self._unit_km = KM_PER_MILE
        self._limit = _DEFAULT_LIMIT
        self._new_of_late: deque[int] = deque(maxlen=_POOR_SEARCHES)
        sent = self._sheet.options.extra.get("max_cells", "")
        self._max_cells = int(sent) if sent.isascii() and sent.isdecimal() else _DEFAULT_MAX_CELLS

    def recognise(self, page: Response) -> Match | None:
        looked = page_of(page)
        if looked is None:
            return None
        cloud = _cloud(looked)
        if cloud:
            base, key = cloud
            facts = {"cloud": base, "key": key, **_centre_and_unit(settings(page, _SETTINGS) or {})}
            return Match(self.name, f"the page asks {base}", 1.0, page.url, facts)
        slplus = settings(page, _SETTINGS)
        if slplus is not None and ("options" in slplus or "ajaxurl" in slplus):
            evidence, certainty = "the page sets slplus", 1.0
        elif looked.xpath('//div[@id="sl_div"]'):
            evidence, certainty = 'the page has <div id="sl_div">', 0.8
        elif loaded(page, _SCRIPT):
            evidence, certainty = "the page loads store-locator-le/js", 0.6
        else:
            return None
        slplus = slplus or {}
        usual = f"{rest_url(page)}store-locator-plus/v2/"
        facts = {
            "ajax_url": ajax_url(page, slplus.get("ajaxurl")),
            "rest_url": address(page.url, slplus.get("rest_url"), usual),
            **_centre_and_unit(slplus),
        }
        return Match(self.name, evidence, certainty, page.url, facts)

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.page_url
        self._unit_km = match.facts["unit_km"]
        if "rest_url" in self._facts:
            url = f"{self._facts['rest_url'].rstrip('/')}/locations/"
            meta = {"about": {"ask": "ids"}, "optional": True}
            yield Request(url, priority=20, meta=meta)
        yield self._search("csl_ajax_onload", self._start(), _EVERYWHERE, {"ask": "wide"})

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        ask = context.get("ask")
        if ask == "ids":
            self._read_ids(answer)
        elif ask == "single":
            yield from self._read_single(answer, context["id"])
        elif ask is None and (stored := single_in(answer)) is not None:
            yield from self._take({"data": stored}, answer.url)
        else:
            rows, limit = rows_in(answer)
            yield from self._read_rows(answer, rows, limit, context)

    # Asking

    def _search(
        self, action: str, point: Point, radius: float, about_it: dict[str, Any]
    ) -> Request:
        query = {
            "action": action,
            "lat": f"{point[0]:.5f}",
            "lng": f"{point[1]:.5f}",
            "radius": f"{radius:.0f}",
        }
        if "cloud" in self._facts:
            base = f"{self._facts['cloud']}/locations-map/search"
            query["api_key"] = self._facts["key"]
        else:
            base = self._facts["ajax_url"]
        meta = {"about": {"action": action, "point": point, "radius": radius, **about_it}}
        if self._post:
            return FormRequest(base, formdata=query, meta=meta)
        return Request(with_query(base, urlencode(query)), meta=meta)

    def _start(self) -> Point:
        centre: Point | None = self._facts.get("centre")
        return centre or _MIDDLE

    # Reading

    def _read_ids(self, answer: Response) -> None:
        """Remember the ids there are. Whatever is no such list is no answer at all."""
        try:
            rows = list(objects(json_in(body_text(answer), _EXPECTED_IDS), _EXPECTED_IDS))
        except WrongShape:
            return
        self._ids = {number for row in rows if (number := row_id(row, "sl_id"))}

    def _read_single(self, answer: Response, number: str) -> Iterator[Reading]:
        self._single_left -= 1
        stored = json_in(body_text(answer), "an entry with sl_id")
        if not isinstance(stored, dict):
            raise WrongShape(f"expected an entry with sl_id, got {beginning(body_text(answer))}")
        if answer.status in (404, 410) or "code" in stored:
            self._ids.discard(number)
        elif row_id(stored, "sl_id") != number:
            raise WrongShape(f"expected the entry {number}")
        else:
            yield from self._take({"data": stored}, answer.url)
        if self._single_left == 0:
            yield from self._total()

    def _read_rows(
        self,
        answer: Response,
        rows: list[Mapping[str, Any]],
        limit: int | None,
        context: Mapping[str, Any],
    ) -> Iterator[Reading]:
        fresh = 0
        for row in rows:
            for reading in self._take(row, self._page_url or answer.url):
                fresh += isinstance(reading, Listing)
                yield reading
        if not self._facts or "ask" not in context:
            return
        if not self._is_about(context["point"], rows):
            yield from self._ask_otherwise(context)
        elif context["ask"] == "cell" and self._grid is not None:
            self._answered(Cell(*context["cell"]), rows)
            self._new_of_late.append(fresh)
            yield from self._search_on()
        else:
            far = [km_between(context["point"], point) for point, _ in distances(rows)]
            self._in_order = self._in_order and ascending(far)
            yield from self._read_wide(context["action"], len(rows), limit, fresh)

    def _ask_otherwise(self, context: Mapping[str, Any]) -> Iterator[Reading]:
        """The same question as POST, or the end where that was one."""
        if self._post or "cloud" in self._facts:
            yield Shortfall("the site's searches do not answer about the place they are asked for")
            yield from self._finish()
            return
        self._post = True
        kept = {key: context[key] for key in ("ask", "cell") if key in context}
        yield self._search(context["action"], context["point"], context["radius"], kept)

    def _is_about(self, asked: Point, rows: list[Mapping[str, Any]]) -> bool:
        """Whether the distances of an answer are those from the point that was asked for."""
        if not rows:
            # Nobody anywhere is what a search without coordinates and radius finds, too.
            return bool(self._seen or self._post or "cloud" in self._facts)
        told = [(km_between(asked, point), said) for point, said in distances(rows)]
        for unit in (self._unit_km, KM_PER_MILE, 1.0):
            fitting = sum(abs(km - said * unit) <= max(3.0, 0.02 * km) for km, said in told)
            if fitting * 2 >= len(told):
                self._unit_km = unit
                return True
        return False

    def _answered(self, cell: Cell, rows: list[Mapping[str, Any]]) -> None:
        """Tell the grid what an answer has shown of a cell."""
        assert self._grid is not None
        points = [point_of(plain_row(row)) for row in rows]
        far = [km_between(cell.centre, point) for point, _ in distances(rows)]
        in_order = ascending(far)
        # Nearest first, so one from outside the circle means that all of the circle was shown.
        beyond = in_order and any(one > cell.radius_km * 1.02 for one in far)
        full = len(rows) >= self._limit and not beyond
        self._cells += 1
        if full and not in_order and self._cell_km > _LEAST_KM:
            # Nobody knows which part of the circle was shown; a smaller one may be shown whole.
            self._cell_km /= 2
            self._grid = Grid(self._around.people, self._cell_km)
            return
        self._grid.answered(cell, points if in_order else [], full)

    def _read_wide(
        self, action: str, count: int, limit: int | None, fresh: int
    ) -> Iterator[Reading]:
        """What follows a search around the whole world."""
        self._wide.append((action, count, limit))
        if self._whole(fresh):
            yield from self._finish()
        elif len(self._wide) == 1:
            # The hosted service has been seen to answer the first kind only.
            action = "csl_ajax_onload" if "cloud" in self._facts else "csl_ajax_search"
            yield self._search(action, _opposite(self._start()), _EVERYWHERE, {"ask": "wide"})
        else:
            self._action, most, said = max(self._wide, key=lambda one: one[1])
            self._limit = said or max(most, 1)
            yield from self._first_cell()

    def _take(self, row: Mapping[str, Any], url: str) -> Iterator[Listing | Hidden]:
        """The listing of a row, once; a private row is counted once and left behind."""
        typed = plain_row(row)
        number = row_id(typed)
        if number and (number in self._seen or number in self._private):
            return
        if is_private(row):
            self._private.add(number)
            yield Hidden("private")
            return
        listing = self._rows.listing(typed, number, url)
        if listing.native_id not in self._seen:
            self._seen[listing.native_id] = point_of(typed)
            yield listing

    # What is left

    def _missing(self) -> list[str]:
        return sorted(self._ids - self._seen.keys() - self._private, key=_in_order)

    def _whole(self, fresh: int) -> bool:
        """Whether the searches around the world have shown everybody who is in any search."""
        if self._ids and not self._missing():
            return True
        _, count, limit = self._wide[-1]
        if limit is not None and count < limit:
            return True
        # Both ends of the world give the same list, and not because one limit is the shorter or
        # because the list is cut by name.
        same = len(self._wide) > 1 and not fresh and len({one[1] for one in self._wide}) == 1
        return same and self._in_order

    def _first_cell(self) -> Iterator[Reading]:
        if not self._around.people:
            countries = ", ".join(self._sheet.coverage.countries)
            yield Shortfall(f"the list is cut, and no places are known to search in ({countries})")
            yield from self._finish()
            return
        self._grid = Grid(self._around.people, self._cell_km)
        yield from self._search_on()

    def _search_on(self) -> Iterator[Reading]:
        """The next search, or what follows when there is none."""
        assert self._grid is not None
        missing = self._missing()
        if self._ids and (not missing or self._poor(missing)):
            yield from self._finish()
            return
        cell = self._grid.next_cell()
        if cell is not None and self._cells < self._max_cells:
            context = {"ask": "cell", "cell": (cell.latitude, cell.longitude, cell.radius_km)}
            radius = cell.radius_km / self._unit_km
            yield self._search(self._action, cell.centre, radius, context)
            return
        if cell is not None:
            share = self._grid.people_left() / max(self._grid.people, 1)
            yield Shortfall(
                f"stopped after {self._cells} searches (max_cells): where {share:.1%} of the "
                "people live was not searched"
            )
        if self._grid.too_full:
            crowded = self._grid.too_full[0]
            yield Shortfall(
                f"{len(self._grid.too_full)} searches gave {self._limit} listings at one spot, the "
                f"most the site sends; the first at {crowded.latitude}, {crowded.longitude}"
            )
        yield from self._finish()

    def _poor(self, missing: list[str]) -> bool:
        return (
            len(missing) <= _MOST_SINGLE
            and len(self._new_of_late) == _POOR_SEARCHES
            and sum(self._new_of_late) < _POOR_SEARCHES
        )

    def _finish(self) -> Iterator[Reading]:
        """The entries no search has shown, one by one, or the total when there are none."""
        missing = [one for one in self._missing() if one not in self._single]
        if len(missing) > _MOST_SINGLE:
            yield Shortfall(
                f"{len(missing)} of {len(self._ids)} entries are in no search; {_MOST_SINGLE} of "
                "them were asked for"
            )
            missing = missing[:_MOST_SINGLE]
        self._single_left += len(missing)
        for number in missing:
            self._single.add(number)
            url = f"{self._facts['rest_url'].rstrip('/')}/locations/{number}"
            meta = {"about": {"ask": "single", "id": number}, "optional": True}
            yield Request(url, priority=5, meta=meta)
        if not missing:
            yield from self._total()

    def _total(self) -> Iterator[Total]:
        if self._ids:
            public = len(self._ids - self._private)
            yield Total(public, "its REST API, private entries left out", independent=True)


def _cloud(page: TextResponse) -> tuple[str, str] | None:
    """(base of the hosted API, key) where the page uses the hosted service."""
    sources = [*inline_scripts(page), *page.xpath("//script/@src | //iframe/@src").getall()]
    text = "\n".join(sources)
    found, key = _CLOUD.search(text), _KEY.search(text)
    if not found or not key:
        return None
    base = found[0].replace("\\/", "/")
    return base if "/myslp/v2" in base else f"{base}/wp-json/myslp/v2", key[1]


def _centre_and_unit(slplus: Mapping[str, Any]) -> dict[str, Any]:
    options = slplus.get("options")
    options = options if isinstance(options, dict) else {}
    unit = text_of(options.get("distance_unit")).lower()
    point = point_of({"lat": options.get("map_center_lat"), "lng": options.get("map_center_lng")})
    return {"centre": point, "unit_km": 1.0 if unit.startswith("k") else KM_PER_MILE}


def _opposite(point: Point) -> Point:
    """The point on the other side of the world."""
    return -point[0], point[1] - 180 if point[1] > 0 else point[1] + 180


def _in_order(number: str) -> tuple[int, str]:
    return len(number), number
