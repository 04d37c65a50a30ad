"""Elfsight Google Maps and Store Locator: markers in an attribute of the page, or in a boot answer.

How recognised
    An attribute `data-elfsight-google-maps-options`; or a widget `elfsight-app-<id>` (also
    `elfsight-sapp-`, `data-elfsight-app`) on a page that loads Elfsight's script. The attribute is
    certain. A widget alone is a look-alike: reviews and galleries are embedded by the same words,
    so it counts only where the page calls itself a directory or a map.
What is asked
    The attribute holds everything. For a widget `GET
    https://core.service.elfsight.com/p/boot/?w=<id>`, one request a widget.
Limits
    None is known. No paging, no count.
Traps
    * The attribute is JSON, percent-encoded.
    * A widget that is no map answers like a map, without markers: no listing and no fault.
    * `coordinates` is one text, "lat, lng", or an object. `position` is what somebody typed into
      the search field: an address, or coordinates once more.
    * Markers have ids that the editor makes anew when a list is imported: they are not used, so a
      listing is known by what it says.
    * `infoDescription` is HTML.
    * The boot answer also holds a token of the widget, which is never kept.
Settings in the fact sheet's `options.extra`
    `api`: another address of the service (default https://core.service.elfsight.com).
Safety
    Known keys only. Markers marked hidden are dropped.
Source
    The reader of All The Places (MIT), and Elfsight's own converter of markers to tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import unquote, urlencode

from scrapy.http import Request, Response, TextResponse

from records.listing import Listing
from spiders.finding import says_directory
from spiders.platforms import Hidden, Match, Reading, Surroundings, WrongShape, about
from spiders.platforms.hosted import (
    allowed,
    api_of,
    first_match,
    hidden_reason,
    json_or_call,
    member,
    rows_of,
    script_sources,
    web_page,
)
from spiders.platforms.json_answers import literal, printed
from spiders.platforms.map_rows import Rows
from spiders.platforms.popups import popup

_API = "https://core.service.elfsight.com"
_OPTIONS = "data-elfsight-google-maps-options"
_SCRIPT = re.compile(r"\b((?:apps|static|universe-static|shy)\.elfsight(?:cdn)?\.com)/")
_SCRIPT_CDN = re.compile(r"\b(elfsightcdn\.com|elf\.site)/")
_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_WIDGET = re.compile(rf"\belfsight-s?app-({_ID})\b", re.I)
_BARE_ID = re.compile(_ID, re.I)
_ABOUT_A_MAP = re.compile(r"\b(?:maps?|locations?|locator|directory|find (?:a|an|your))\b", re.I)
_POINT = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,;]\s*(-?\d{1,3}(?:\.\d+)?)\s*", re.ASCII)

_EXPECTED = "settings with markers"
_FIELDS = {
    "infoTitle": "name",
    "infoAddress": "address",
    "infoPhone": "phone",
    "infoEmail": "email",
    "infoSite": "website",
    "infoWebsite": "website",
    "latitude": "latitude",
    "longitude": "longitude",
    "title": "name",
    "name": "name",
    "address": "address",
    "phone": "phone",
    "email": "email",
    "website": "website",
}
_KEPT = frozenset(_FIELDS)


class Elfsight:
    """Elfsight, as the module's docstring describes it."""

    name: ClassVar[str] = "elfsight"
    title: ClassVar[str] = "Elfsight Google Maps"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS)
        self._page_url: str | None = None

    def recognise(self, page: Response) -> Match | None:
        html = web_page(page)
        if html is None:
            return None
        if _inline(html) is not None:
            evidence = f"the page has {_OPTIONS}"
            return Match(self.name, evidence, 1.0, page.url, {"widgets": ()})
        widgets = _widgets(html)
        if not widgets or not _loads_elfsight(html):
            return None
        if self._sheet.platform == self.name:
            certainty = 0.8
        elif says_directory(page) or _about_a_map(html):
            certainty = 0.4
        else:
            return None
        evidence = f"the page has {len(widgets)} Elfsight widgets, which may be a map"
        return Match(self.name, evidence, certainty, page.url, {"widgets": widgets})

    def requests(self, match: Match) -> Iterable[Request]:
        self._page_url = match.page_url
        base = api_of(self._sheet, _API)
        for widget in match.facts["widgets"]:
            yield Request(
                f"{base}/p/boot/?{urlencode({'w': widget})}", meta={"about": {"widget": widget}}
            )

    def read(self, answer: Response) -> Iterator[Reading]:
        html = web_page(answer)
        inline = _inline(html) if html is not None else None
        if inline is not None:
            settings: Any = inline
        else:
            settings = _booted(answer, about(answer).get("widget"))
        markers = next((settings[key] for key in ("markers", "locations") if key in settings), None)
        if markers is None:
            if inline is not None:
                raise WrongShape(f"expected {_EXPECTED}, got keys {sorted(settings)[:8]}")
            return
        for row in rows_of(markers, _EXPECTED, ("infoTitle", "infoAddress", "position", "name")):
            yield self._listing(row, answer.url)

    def _listing(self, row: Mapping[str, Any], url: str) -> Listing | Hidden:
        reason = hidden_reason(row)
        if reason:
            return Hidden(reason)
        columns = self._sheet.options.columns
        clean = allowed(row, _KEPT, columns)
        point = _coordinates(row.get("coordinates")) or _coordinates(row.get("position"))
        if point:
            clean |= {"latitude": point[0], "longitude": point[1]}
        position = printed(row.get("position")) or ""
        if not clean.get("infoAddress") and not clean.get("address") and position:
            clean |= {} if _POINT.fullmatch(position) else {"infoAddress": position}
        said = popup(printed(row.get("infoDescription")) or "", url, columns)
        # The editor's own id changes with an import: only what a marker says tells it apart.
        return self._rows.listing(clean, "", self._page_url or url, also=said)


def _inline(page: TextResponse) -> dict[str, Any] | None:
    """The settings that stand in the page's own attribute, or None."""
    for value in page.xpath(f"//@{_OPTIONS}").getall():
        found = literal(unquote(value))
        if isinstance(found, dict):
            return found
    return None


def _booted(answer: Response, widget: str | None) -> Mapping[str, Any]:
    reply = json_or_call(answer, _EXPECTED)
    widgets = member(reply, ("data", "widgets"), _EXPECTED)
    if widget is None and isinstance(widgets, dict) and len(widgets) == 1:
        widget = next(iter(widgets))
    one = member(widgets, (str(widget),), _EXPECTED)
    settings = member(one, ("data", "settings"), _EXPECTED)
    if not isinstance(settings, dict):
        raise WrongShape(f"expected {_EXPECTED}, got a widget without settings")
    return settings


def _widgets(page: TextResponse) -> tuple[str, ...]:
    """The ids of a page's widgets, each once, in order."""
    found = []
    for value in page.xpath('//*[contains(@class, "elfsight-")]/@class').getall():
        found += [one.lower() for one in _WIDGET.findall(value)]
    for value in page.xpath("//@data-elfsight-app").getall():
        found += [one.lower() for one in _BARE_ID.findall(value)]
    return tuple(dict.fromkeys(found))


def _loads_elfsight(page: TextResponse) -> bool:
    sources = list(script_sources(page))
    return any(first_match(sources, pattern) for pattern in (_SCRIPT, _SCRIPT_CDN))


def _about_a_map(page: TextResponse) -> bool:
    titles = page.xpath("//title").getall()[:1] + page.xpath("//h1").getall()[:2]
    return any(_ABOUT_A_MAP.search(re.sub(r"<[^>]*>", " ", one)) for one in titles)


def _coordinates(value: Any) -> tuple[str, str] | None:
    if isinstance(value, dict):
        pairs = (("lat", "lng"), ("latitude", "longitude"))
        for one, other in pairs:
            latitude, longitude = printed(value.get(one)), printed(value.get(other))
            if latitude and longitude:
                return latitude, longitude
        return None
    found = _POINT.fullmatch(printed(value) or "")
    return (found[1], found[2]) if found else None
