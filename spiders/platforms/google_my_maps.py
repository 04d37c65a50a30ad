"""Google My Maps: a map somebody has drawn, asked for as the KML file behind it.

How recognised
    A frame, or failing that a link, to `google.com/maps/d/…?mid=<id>` (`embed`, `viewer`, `view`,
    `edit`, `kml`, with or without `/u/0`). Not a frame of ordinary Google Maps: it has no `mid`.
    Sure only where the page calls itself a directory: courses are drawn on such maps as well.
What is asked
    1. `GET https://www.google.com/maps/d/kml?mid=<id>&forcekml=1`, for every map on the page that
       is framed, or for the one that is linked.
    2. Where the answer only points to the map (`NetworkLink`), what it points to, if that is on
       the same host.
Limits
    None is known: a map holds 10,000 places at most. No paging, no count.
Traps
    * Without `forcekml=1`, and sometimes with it, a KMZ comes: a zip. Both are read, the zip only
      up to 64 MB of KML.
    * Folders are layers. A layer's name often is a level or a state: it is kept as the extra field
      `layer`, which a fact sheet can map.
    * Columns of the table behind a map are `ExtendedData`; the description then only repeats them.
      Without such columns the description is the one box in which people put everything.
    * Coordinates are longitude first. A placemark without a point has an address, to be placed by
      us. Lines and areas are no practitioners and are left out.
    * Placemarks have no ids: a listing is known by what it says.
    * A map that is not shared answers with a page that asks to log in, status 200.
Settings in the fact sheet's `options.extra`
    `api`: another address of the service (default https://www.google.com).
    `layers`: names of the layers to read, with `|` between them (default: all).
Safety
    Documents that declare entities are refused. Placemarks and folders that are switched off
    (`visibility` 0) are dropped. No other host is followed.
Source
    The OGC standard for KML, and programs that read such maps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from scrapy.http import Request, Response

from records.listing import Listing
from records.text import plain
from spiders.finding import says_directory
from spiders.platforms import Hidden, Match, Reading, Shortfall, Surroundings, about
from spiders.platforms.fields import extra_text, field_for, hashed_id, may_keep, sort_cells
from spiders.platforms.hosted import api_of, frame_sources, web_page
from spiders.platforms.kml import Placemark, kml_in, links, placemarks
from spiders.platforms.map_rows import link_of
from spiders.platforms.popups import popup
from spiders.platforms.shapes import has_place, is_street

_API = "https://www.google.com"
_MAP = re.compile(
    r"^(?:https?:)?//(?:www\.|maps\.)?google\.[a-z.]{2,10}/maps/d/(?:u/\d+/)?"
    r"(?:embed|viewer|view|edit|kml|print)\b",
    re.I,
)
_MID = re.compile(r"[\w.-]{6,120}")

_EXPECTED = "a KML document"
_MOST_LINKS = 20
#: What Google itself adds to the table behind a map.
_NOT_SAID = re.compile(r"^(?:gx_media_links|styleurl|wkt)$", re.I)


class GoogleMyMaps:
    """Google My Maps, as the module's docstring describes it."""

    name: ClassVar[str] = "google_my_maps"
    title: ClassVar[str] = "Google My Maps"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._page_url: str | None = None
        self._followed: set[str] = set()
        named = self._sheet.options.extra.get("layers", "")
        self._layers = {plain(one).casefold() for one in named.split("|") if one.strip()}

    def recognise(self, page: Response) -> Match | None:
        html = web_page(page)
        if html is None:
            return None
        framed = _maps(frame_sources(html))
        if framed:
            evidence = f"the page frames Google My Maps {', '.join(framed)[:80]}"
            # Courses and offices are drawn on such maps as well.
            likely = says_directory(page) or self._sheet.platform == self.name
            certainty = 0.8 if likely else 0.5
            return Match(self.name, evidence, certainty, page.url, {"mids": framed})
        if _maps([page.url]):
            # The map's own page, reached through a frame or named by the fact sheet.
            mids = _maps([page.url])
            return Match(self.name, "the page is a Google My Map", 1.0, page.url, {"mids": mids})
        linked = _maps(html.xpath("//a/@href").getall())
        if linked:
            evidence = f"the page links to Google My Maps {linked[0]}"
            return Match(self.name, evidence, 0.4, page.url, {"mids": linked[:1]})
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        self._page_url = match.page_url
        base = api_of(self._sheet, _API)
        for mid in match.facts["mids"]:
            yield self._ask(f"{base}/maps/d/kml?{urlencode({'mid': mid, 'forcekml': 1})}", 0)

    def read(self, answer: Response) -> Iterator[Reading]:
        root = kml_in(answer, _EXPECTED)
        for one in placemarks(root):
            if one.drawn and not one.address:
                continue
            if not one.visible:
                yield Hidden("switched off on the map")
            elif not self._layers or one.layer.casefold() in self._layers:
                listing = self._listing(one, answer.url)
                if listing is not None:
                    yield listing
        yield from self._follow(answer, links(root), about(answer).get("depth", 0))

    def _ask(self, url: str, depth: int) -> Request:
        self._followed.add(url)
        return Request(url, meta={"about": {"depth": depth}})

    def _follow(self, answer: Response, found: Iterable[str], depth: int) -> Iterator[Reading]:
        here = urlsplit(answer.url).hostname
        for href in found:
            url = _absolute(answer.url, href)
            if url is None or urlsplit(url).hostname != here:
                yield Shortfall(f"a layer of the map is kept elsewhere: {href[:120]}")
            elif url in self._followed:
                continue
            elif depth >= 3 or len(self._followed) >= _MOST_LINKS:
                yield Shortfall(f"the map points to more and more files; not followed: {url[:120]}")
            else:
                yield self._ask(url, depth + 1)

    def _listing(self, one: Placemark, url: str) -> Listing | None:
        """A placemark as a listing; None where it says nothing at all."""
        columns = self._sheet.options.columns
        said: tuple[dict[str, Any], dict[str, str]]
        if one.data:
            said = sort_cells(_cells(one.data), columns)
        else:
            said = popup(one.description, url, columns)
        values, extra = dict(said[0]), dict(said[1])
        name, address, phone = plain(one.name), plain(one.address), plain(one.phone)
        if name and name != values.get("name"):
            # The title is what the map shows, a column of another name beside it a nickname.
            if "name" in values:
                extra["name in the table"] = extra_text(str(values["name"]))
            values["name"] = name
        if not {"street", "address"} & values.keys():
            address = address or _address_in(extra)
            values |= {"address": address} if address else {}
        if phone:
            values.setdefault("phone", phone)
        if one.latitude and one.longitude:
            values |= {"latitude": one.latitude, "longitude": one.longitude}
        layer = plain(one.layer)
        if layer:
            field = field_for("layer", columns)
            if field is None:
                extra["layer"] = extra_text(layer)
            else:
                values.setdefault(field, layer)
        if not any(values.get(key) for key in ("name", "address", "street", "practice", "phone")):
            return None
        return Listing(
            source_id=self._sheet.id,
            native_id=hashed_id(values, self._sheet.options.identity),
            seen_url=self._page_url or url,
            extra=extra,
            **values,
        )


def _maps(addresses: Iterable[str]) -> tuple[str, ...]:
    """The ids of the maps that addresses lead to, each once, in order."""
    found = []
    for address in addresses:
        if not _MAP.match(address.strip()):
            continue
        try:
            mids = parse_qs(urlsplit(address.strip()).query).get("mid", [])
        except ValueError:
            continue
        found += [mid for mid in mids if _MID.fullmatch(mid)]
    return tuple(dict.fromkeys(found))


def _address_in(extra: dict[str, str]) -> str:
    """The address among the lines of a description, which then leave `extra`; empty if none is."""
    lines = extra.get("text", "").split(" | ")
    for place, line in enumerate(lines):
        if has_place(line):
            start = place - 1 if place and is_street(lines[place - 1]) else place
            rest = lines[:start] + lines[place + 1 :]
            extra.pop("text")
            extra |= {"text": " | ".join(rest)} if rest else {}
            return ", ".join(lines[start : place + 1])
    return ""


def _cells(data: dict[str, str]) -> Iterator[tuple[str, str]]:
    for heading, text in data.items():
        if _NOT_SAID.match(heading) or not may_keep(heading):
            continue
        is_link = field_for(heading) in ("website", "booking_url", "profile_url")
        yield heading, link_of(text) if is_link else plain(text)


def _absolute(page_url: str, href: str) -> str | None:
    try:
        url = urljoin(page_url, href.strip())
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None
