"""WP Store Locator: a WordPress plugin that answers with the listings nearest to a point.

How recognised
    An inline script that sets `wpslSettings`, the `<div id="wpsl-wrap">` of the map, or the script
    `wp-store-locator/js/wpsl-gmap(.min).js`. Not by its style sheet, which it adds to every page
    of a site, nor by its name in a text.
What is asked
    1. `/wp-json/wp/v2/wpsl_stores?per_page=100&_fields=id,link`: an independent total
       (X-WP-Total) and the ids there are. Optional: some sites switch it off. Then the sitemap
       `/wp-sitemap-posts-wpsl_stores-1.xml`, for a total to compare with; it needs permalinks.
    2. `admin-ajax.php?action=store_search&autoload=1&lat=&lng=` at the point the page itself starts
       from: what a visitor's browser asks. Often that is everything.
    3. The same once more from the other side of the world. Nobody new, and the first number does
       not look like a limit: that was everything.
    4. Where the page offers a radius that makes a country a few dozen searches: searches with the
       largest radius and number of rows it offers, on a grid made from where people live
       (`grid.py`), until every id of the total has been seen or every place has been searched.
    5. Where it does not: autoload again, which has no radius, at points outside all that is known
       (`nearest.py`), at most 60 times; then step 4 for what is left, if anything is.
    6. For ids that searches cannot find (no coordinates), and as soon as searches bring less than
       one new listing each: the listing's own page, which holds the same data in `wpslMap_0`.
       Not where permalinks are off and the first pages hold no data.
Limits
    `autoload_limit` rows for autoload (default 50, 0 = all; not printed anywhere). For searches
    the largest values of the two drop-down lists; `wpslSettings` only has the defaults.
    No paging. Kilometres or miles: `distanceUnit`.
Traps
    * A radius or number above the largest allowed one is not clamped: the site's default answers.
      A theme may offer more than the settings allow, so each search is checked against the points
      already known, and an answer as long as the default counts as cut.
    * Nothing found is the JSON string `""`, an empty body, or `[]`.
    * Missing lat and lng mean 0,0 and find the listings without coordinates: always sent.
    * autoload is kept by latitude alone: a second longitude gets the first one's list, and every
      new latitude leaves a row in the site's database until the next entry is saved. So no
      latitude is asked with two longitudes, rows that do not come nearest first are not trusted,
      and there are two calls in most runs. Where a radius of 50 km is the largest, 25 to 60 small
      rows (the same ones again in the next run) take the place of a thousand searches.
      `skip_cache` is costly for the site: never sent.
    * Listings without coordinates are found by no search, and 0/0 and swapped ones only by
      autoload: both are listings all the same.
    * `store` and `url` are HTML-escaped; `lat` and `lng` are strings, or the number 0.
    * With the database down, admin-ajax.php answers 200 and an HTML page.
Settings in the fact sheet's `options.extra`
    `max_cells`: most searches of one run (default 1500); what is left then is reported.
Source
    The plugin's own code (2.2.241, GPLv3) and answers of running servers.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode, urljoin, urlsplit

from scrapy.http import Request, Response, TextResponse

from records.listing import Listing
from spiders.platforms import (
    Match,
    Reading,
    Shortfall,
    Surroundings,
    WrongShape,
    about,
)
from spiders.platforms.grid import KM_PER_MILE, Cell, Grid, Point, km_between
from spiders.platforms.json_answers import body_text, json_in, literal_after, objects
from spiders.platforms.map_rows import Rows, row_id
from spiders.platforms.nearest import Nearest, nearest_first, spread
from spiders.platforms.totals import sitemap_total, wordpress_total
from spiders.platforms.wp import ajax_url, inline_scripts, loaded, page_of, rest_url, settings

_SETTINGS = re.compile(r"\bwpslSettings\s*=")
_OWN_KEYS = frozenset(
    "ajaxurl maxResults searchRadius distanceUnit startLatlng autoLoad storeUrl categoryIds".split()
)
_MAP = re.compile(r"\bwpslMap_\d+\s*=")
_SCRIPT = re.compile(r"/wp-store-locator/js/wpsl-gmap")

_SITEMAP = "/wp-sitemap-posts-wpsl_stores-1.xml"
_EXPECTED = "a JSON array of stores"
_FIELDS = {
    "store": "name",
    "address": "street",
    "address2": "street2",
    "city": "city",
    "state": "state",
    "zip": "postcode",
    "country": "country",
    "phone": "phone",
    "email": "email",
    "url": "website",
    "permalink": "profile_url",
    "lat": "latitude",
    "lng": "longitude",
}
#: Sent for the map or for one search only: nothing about the person.
_IGNORED = frozenset({"id", "thumb", "hours", "distance"})

_DEFAULT_RESULTS = 25
_DEFAULT_RADIUS = 50
_DEFAULT_MAX_CELLS = 1500
#: The middle of the United States, for a page that says no starting point.
_MIDDLE = (39.8, -98.6)
#: A page of one listing brings one listing. When this many searches together bring fewer new ones
#: than their number, pages are the shorter way.
_POOR_SEARCHES = 10
#: Searches of this radius make a few dozen of the largest countries. Below it autoload is asked.
_WIDE_KM = 300.0
#: Each leaves a row in the site's database.
_MOST_AUTOLOADS = 60
#: So many pages of listings are tried before none is asked any more.
_TRIED_PAGES = 3
_REST_PAGE = 100
_MOST_REST_PAGES = 200


class WpStoreLocator:
    """WP Store Locator, as the module's docstring describes it."""

    name: ClassVar[str] = "wp_store_locator"
    title: ClassVar[str] = "WP Store Locator"

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS, _IGNORED)
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None
        self._seen: dict[str, Point | None] = {}
        self._total: int | None = None
        self._links: dict[str, str] = {}
        self._asked_ids = False
        self._searched = False
        self._round = False
        self._ends: list[tuple[Point, list[Point | None]]] = []
        self._nearest: Nearest | None = None
        self._autoloads = 0
        self._searches = 0
        self._autoload_limit = 0
        self._pages_answer = False
        self._asked_pages: set[str] = set()
        self._pages_left = 0
        self._ids_left = 0
        self._grid: Grid | None = None
        self._radius: int = _DEFAULT_RADIUS
        self._new_of_late: deque[int] = deque(maxlen=_POOR_SEARCHES)
        self._max_cells = _number(self._sheet.options.extra.get("max_cells"), _DEFAULT_MAX_CELLS)

    def recognise(self, page: Response) -> Match | None:
        looked = page_of(page)
        if looked is None:
            return None
        shown = settings(looked, _SETTINGS)
        if shown is not None and _OWN_KEYS & set(shown):
            evidence, certainty = "the page sets wpslSettings", 1.0
        elif looked.xpath('//div[@id="wpsl-wrap"]'):
            evidence, certainty = 'the page has <div id="wpsl-wrap">', 0.8
        elif loaded(looked, _SCRIPT):
            evidence, certainty = "the page loads wp-store-locator/js/wpsl-gmap", 0.6
        else:
            return None
        facts = _facts(looked, shown or {})
        return Match(self.name, evidence, certainty, page.url, facts)

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.page_url
        self._radius = match.facts["radius"]
        # The total first: it may make every further question unnecessary.
        yield self._rest(1, priority=20)
        yield self._autoload(self._start(), "start")

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        ask = context.get("ask")
        if ask == "ids":
            yield from self._read_ids(answer, context)
        elif ask == "sitemap":
            yield from sitemap_total(answer)
        elif ask == "page":
            yield from self._read_page(answer, context)
        elif ask in ("start", "opposite"):
            yield from self._read_end(answer, context)
        elif ask == "nearest":
            yield from self._read_nearest(answer, context)
        elif ask == "cell":
            yield from self._read_cell(answer, context)
        else:
            for row in _rows(answer):
                yield from self._new_listing(row, answer.url)

    # Asking

    def _search(self, about_it: dict[str, Any], **query: Any) -> Request:
        sent = {"action": "store_search", **query}
        if self._facts.get("filter"):
            sent["filter"] = self._facts["filter"]
        ajax = self._facts["ajax_url"]
        url = f"{ajax}{'&' if '?' in ajax else '?'}{urlencode(sent)}"
        return Request(url, meta={"about": about_it})

    def _autoload(self, point: Point, ask: str) -> Request:
        self._autoloads += 1
        context = {"ask": ask, "point": point}
        return self._search(context, autoload=1, lat=point[0], lng=point[1])

    def _rest(self, number: int, *, priority: int = 0) -> Request:
        query = {"per_page": _REST_PAGE, "_fields": "id,link"}
        if number > 1:
            query["page"] = number
        if self._facts.get("filter"):
            query["wpsl_store_category"] = self._facts["filter"]
        rest = self._facts["rest_url"]
        url = f"{rest}wp/v2/wpsl_stores{'&' if '?' in rest else '?'}{urlencode(query)}"
        context = {"ask": "ids", "number": number}
        return Request(url, priority=priority, meta={"about": context, "optional": True})

    def _start(self) -> Point:
        start: Point | None = self._facts.get("start")
        if start is not None:
            return start
        places = self._around.people
        if places:
            latitude, longitude, _ = max(places, key=lambda place: place[2])
            return latitude, longitude
        return _MIDDLE

    # Reading

    def _read_ids(self, answer: Response, context: Mapping[str, Any]) -> Iterator[Reading]:
        """Remember the ids that WordPress names. Whatever is no such list is no answer at all."""
        first = context["number"] == 1
        self._ids_left -= not first
        found = wordpress_total(answer)
        if found is not None:
            for row in found.rows:
                number, link = row.get("id"), row.get("link")
                if isinstance(number, int) and isinstance(link, str):
                    self._links[str(number)] = urljoin(answer.url, link)
            if first:
                self._total = found.total.count
                yield found.total
        elif first and self._facts and not self._facts["filter"]:
            # Only to compare with: a sitemap may lack entries, so nothing ends on its word.
            url = urljoin(self._facts["ajax_url"], _SITEMAP)
            meta = {"about": {"ask": "sitemap"}, "optional": True}
            yield Request(url, priority=20, meta=meta)
        if self._searched:
            yield from self._missing_pages()

    def _read_end(self, answer: Response, context: Mapping[str, Any]) -> Iterator[Reading]:
        """What is nearest to one end of the world, and then to the other."""
        points, fresh = yield from self._read_rows(answer)
        if not self._facts or self._everything():
            return
        self._autoload_limit = max(self._autoload_limit, len(points))
        self._ends.append((context["point"], points))
        if context["ask"] == "start":
            self._round = _round(len(points))
            yield self._autoload(_opposite(self._start()), "opposite")
            return
        asked_for = all(nearest_first(point, rows) for point, rows in self._ends)
        if not fresh and (not self._round or (asked_for and spread(*self._ends[0]))):
            # Whoever is left although both ends of the world give the same list has no
            # coordinates; no search would find them.
            yield from self._finish()
        elif asked_for and self._narrow() and self._around.people:
            self._nearest = Nearest(self._around.people)
            for end in self._ends:
                self._nearest.answered(*end)
            yield from self._try_a_page()
            yield from self._ask_nearest()
        else:
            yield from self._search_on()

    def _read_nearest(self, answer: Response, context: Mapping[str, Any]) -> Iterator[Reading]:
        points, fresh = yield from self._read_rows(answer)
        if self._nearest is None or self._everything():
            return
        if len(points) < self._autoload_limit or not nearest_first(context["point"], points):
            # Not an answer to what was asked: a list kept for somebody else, or a changed setting.
            yield from self._search_on()
            return
        self._new_of_late.append(fresh)
        self._nearest.answered(context["point"], points)
        yield from self._ask_nearest()

    def _ask_nearest(self) -> Iterator[Reading]:
        """The next question without a radius, or what follows when there is none."""
        assert self._nearest is not None
        if self._pages_are_shorter():
            yield from self._finish()
            return
        point = self._nearest.next_point()
        if point is None:
            yield from self._finish()
        elif self._autoloads < min(_MOST_AUTOLOADS, self._max_cells):
            yield self._autoload(point, "nearest")
        else:
            yield from self._search_on()

    def _read_rows(
        self, answer: Response
    ) -> Generator[Reading, None, tuple[list[Point | None], int]]:
        """Yields what is new in an answer; returns the points of its rows and how many were new."""
        rows = _rows(answer)
        fresh = 0
        for row in rows:
            for reading in self._new_listing(row, self._page_url or answer.url):
                fresh += 1
                yield reading
        return [_point(row) for row in rows], fresh

    def _read_cell(self, answer: Response, context: Mapping[str, Any]) -> Iterator[Reading]:
        cell = Cell(*context["cell"])
        points, fresh = yield from self._read_rows(answer)
        if self._grid is None:
            return
        self._new_of_late.append(fresh)
        # The default where more was asked: the site may have refused our number without a word.
        full = len(points) in (self._facts["default_results"], self._facts["results"])
        full = full or len(points) > self._facts["results"]
        if not full and self._left_out(cell, {row_id(row) for row in _rows(answer)}):
            if self._radius != self._facts["default_radius"]:
                self._radius = self._facts["default_radius"]
                self._grid = None
                yield from self._search_on()
                return
            yield Shortfall(
                f"the search around {cell.latitude}, {cell.longitude} left out listings that "
                "stand within its radius"
            )
        self._grid.answered(cell, points, full)
        yield from self._search_on()

    def _read_page(self, answer: Response, context: Mapping[str, Any]) -> Iterator[Reading]:
        self._pages_left -= 1
        yield from self._page_data(answer, context["id"])
        if self._searched:
            yield from self._missing_pages()

    def _page_data(self, answer: Response, number: str) -> Iterator[Reading]:
        if answer.status >= 400 or not isinstance(answer, TextResponse):
            return
        for script in inline_scripts(answer):
            found = literal_after(script, _MAP)
            places = found.get("locations") if isinstance(found, dict) else None
            if not isinstance(places, list):
                continue
            for row in places:
                if isinstance(row, dict) and row_id(row) == number:
                    self._pages_answer = True
                    yield from self._other_ids()
                    yield from self._new_listing({"permalink": answer.url, **row}, answer.url)
                    return

    # What is left

    def _everything(self) -> bool:
        """Whether as many listings were seen as WordPress says there are."""
        return self._total is not None and len(self._seen) >= self._total

    def _missing(self) -> list[str]:
        return [one for one in self._links if one not in self._seen]

    def _search_on(self) -> Iterator[Reading]:
        """The next search, or what follows when there is none."""
        if self._everything():
            return
        if self._grid is None:
            yield from self._first_search()
            return
        if self._pages_are_shorter():
            yield from self._finish()
            return
        cell = self._grid.next_cell()
        asked = self._searches + self._autoloads
        if cell is not None and asked < self._max_cells:
            yield self._cell(cell)
            return
        if cell is not None:
            share = self._grid.people_left() / max(self._grid.people, 1)
            yield Shortfall(
                f"stopped after {asked} searches (max_cells): where {share:.1%} of the "
                "people live was not searched"
            )
        yield from self._finish()

    def _first_search(self) -> Iterator[Reading]:
        if not self._around.people:
            countries = ", ".join(self._sheet.coverage.countries)
            yield Shortfall(f"the list is cut, and no places are known to search in ({countries})")
            return
        self._grid = Grid(self._around.people, self._radius * self._facts["unit_km"])
        if self._nearest is not None:
            self._nearest.teach(self._grid)
        self._new_of_late.clear()
        yield from self._try_a_page()
        yield from self._search_on()

    def _narrow(self) -> bool:
        """Whether searches with a radius would be many."""
        return bool(self._radius * self._facts["unit_km"] < _WIDE_KM)

    def _cell(self, cell: Cell) -> Request:
        self._searches += 1
        return self._search(
            {"ask": "cell", "cell": (cell.latitude, cell.longitude, cell.radius_km)},
            lat=cell.latitude,
            lng=cell.longitude,
            max_results=self._facts["results"],
            search_radius=self._radius,
        )

    def _pages_are_shorter(self) -> bool:
        return (
            self._pages_answer
            and self._total is not None
            and len(self._links) >= self._total
            and len(self._new_of_late) == _POOR_SEARCHES
            and sum(self._new_of_late) < _POOR_SEARCHES
        )

    def _finish(self) -> Iterator[Reading]:
        """The pages of the listings that no search found, now or when their ids are known."""
        crowded = [*(self._nearest.too_full if self._nearest else ())]
        crowded += self._grid.too_full if self._grid else ()
        if crowded and not self._everything():
            yield Shortfall(
                f"{len(crowded)} searches gave as many listings at one spot as the site allows; "
                f"the first at {crowded[0].latitude}, {crowded[0].longitude}"
            )
        self._searched = True
        yield from self._other_ids()
        yield from self._missing_pages()

    def _other_ids(self) -> Iterator[Request]:
        if self._total is not None and not self._asked_ids:
            self._asked_ids = True
            pages = min(math.ceil(self._total / _REST_PAGE), _MOST_REST_PAGES)
            self._ids_left = pages - 1
            for number in range(2, pages + 1):
                yield self._rest(number, priority=10)

    def _try_a_page(self) -> Iterator[Request]:
        """One page asked early tells whether pages can be relied on later."""
        if not self._asked_pages:
            yield from self._pages(self._missing()[:1])

    def _missing_pages(self) -> Iterator[Reading]:
        missing = [one for one in self._missing() if one not in self._asked_pages]
        if self._pages_answer:
            yield from self._pages(missing)
        elif not self._pages_left and len(self._asked_pages) < _TRIED_PAGES:
            yield from self._pages(missing[: _TRIED_PAGES - len(self._asked_pages)])
        left = (self._total or 0) - len(self._seen)
        if left > 0 and not self._pages_left and not self._ids_left:
            yield Shortfall(f"{left} in no search and without a page of their own")

    def _pages(self, ids: Iterable[str]) -> Iterator[Request]:
        site = urlsplit(self._facts["ajax_url"]).hostname
        for one in ids:
            url = self._links[one]
            if one in self._asked_pages or urlsplit(url).hostname != site:
                continue
            self._asked_pages.add(one)
            self._pages_left += 1
            context = {"ask": "page", "id": one}
            yield Request(url, priority=5, meta={"about": context, "optional": True})

    def _left_out(self, cell: Cell, given: set[str]) -> bool:
        """Whether an answer lacks a listing that stands well within its circle."""
        return any(
            point is not None and one not in given and point != (0.0, 0.0)
            and km_between(cell.centre, point) < cell.radius_km * 0.95
            for one, point in self._seen.items()
        )  # fmt: skip

    def _new_listing(self, row: Mapping[str, Any], seen_url: str) -> Iterator[Listing]:
        listing = self._rows.listing(row, row_id(row), seen_url)
        if listing.native_id not in self._seen:
            self._seen[listing.native_id] = _point(row)
            yield listing


def _facts(page: TextResponse, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What the page says about how it may be asked."""
    ajax = ajax_url(page, shown.get("ajaxurl"))
    default_results = _number(shown.get("maxResults"), _DEFAULT_RESULTS)
    default_radius = _number(shown.get("searchRadius"), _DEFAULT_RADIUS)
    unit = str(shown.get("distanceUnit") or "km").lower()
    return {
        "ajax_url": ajax,
        "rest_url": rest_url(page, _site(ajax) + "wp-json/"),
        "results": max([default_results, *_offered(page, "wpsl-results-dropdown")]),
        "radius": max([default_radius, *_offered(page, "wpsl-radius-dropdown")]),
        "default_results": default_results,
        "default_radius": default_radius,
        "unit_km": KM_PER_MILE if unit.startswith("mi") else 1.0,
        "start": _latlng(shown.get("startLatlng")),
        "filter": _ids(shown.get("categoryIds")),
    }


def _site(ajax_url: str) -> str:
    """The address of the WordPress behind an admin-ajax.php."""
    return ajax_url.split("wp-admin/", 1)[0] if "wp-admin/" in ajax_url else urljoin(ajax_url, "/")


def _offered(page: TextResponse, select_id: str) -> list[int]:
    values = page.xpath("//select[@id=$id]//option/@value", id=select_id).getall()
    return [number for value in values if (number := _number(value, 0)) > 0]


def _number(value: Any, otherwise: int) -> int:
    """A positive whole number out of what a page prints, else `otherwise`."""
    found = re.fullmatch(r"\s*(\d{1,6})(?:\.0*)?\s*", str(value), re.ASCII)
    return int(found[1]) if found and int(found[1]) > 0 else otherwise


def _latlng(value: Any) -> Point | None:
    found = re.fullmatch(
        r"\s*(-?\d{1,2}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*", str(value), re.ASCII
    )
    if not found:
        return None
    point = float(found[1]), float(found[2])
    return point if abs(point[0]) <= 90 and abs(point[1]) <= 180 and point != (0, 0) else None


def _ids(value: Any) -> str:
    """Category ids as the plugin takes them: "2,3"; empty for none."""
    return ",".join(re.findall(r"\d+", str(value))) if isinstance(value, str | int | list) else ""


def _opposite(point: Point) -> Point:
    """The point on the other side of the world: what is nearest to it is farthest from here.

    So a list that was cut shows its other end, with whatever stands outside the countries that are
    searched: an office abroad, coordinates that were swapped or never set.
    """
    return round(-point[0], 4) or 0.5, round(point[1] - 180 if point[1] > 0 else point[1] + 180, 4)


def _round(count: int) -> bool:
    """Whether a number of rows looks like a limit that somebody typed, or like nothing at all."""
    return count % 10 == 0 or count % 25 == 0


def _rows(answer: Response) -> list[Mapping[str, Any]]:
    text = body_text(answer).strip()
    if text in ("", '""'):
        return []
    rows = list(objects(json_in(text, _EXPECTED), _EXPECTED))
    for row in rows:
        if "store" not in row or not ("lat" in row or "address" in row):
            raise WrongShape(f"expected {_EXPECTED}, got an entry with keys {sorted(row)[:8]}")
    return rows


def _point(row: Mapping[str, Any]) -> Point | None:
    try:
        point = float(row.get("lat") or ""), float(row.get("lng") or "")
    except (TypeError, ValueError):
        return None
    return point if abs(point[0]) <= 90 and abs(point[1]) <= 180 else None
