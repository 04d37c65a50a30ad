"""MapPress: a WordPress plugin that prints its places into the page, or into a frame of it.

How recognised
    An element `<mappress-map>`, an inline script that calls `mapp.data.push(…)`, or a frame with
    `?mappress=embed`. Not by the plugin's comment or its name in a text.
What is asked
    Nothing where the places stand in the page. Otherwise each frame, and where a map has a number
    and no places either, `/wp-json/mapp/v1/maps/<number>`, which is public.
Limits
    None, no paging, no total.
Traps
    * A place has no id: it is known by its title and address, or by its point where it has no
      address. Two that are the same in these are told apart by everything else they say.
    * Three forms: `<poi address='…' point='lat,lng' title='…'>HTML</poi>` with attributes escaped
      for HTML, the same as JSON in a script, and the REST answer.
    * The title is HTML, often with a link around it, which is taken as the web site.
    * Missing coordinates are 0,0. They are passed on as printed.
    * Telephone and e-mail stand in the body, which is HTML: see popups.py.
    * A page that was cut short is still a page: it must have the map's end.
    * Lines, areas and KML files are drawn on the same maps. They are nobody's address.
    * An unknown number is answered with 404; the list of maps needs a login and is not asked for.
Source
    The plugin's own code (2.97.6, in public repositories) and answers of a running server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from parsel import Selector
from scrapy.http import Request, Response, TextResponse

from records.listing import Listing
from spiders.platforms import Match, Reading, Surroundings, WrongShape, about
from spiders.platforms.fields import hashed_id
from spiders.platforms.json_answers import beginning, body_text, json_in, literal_after, printed
from spiders.platforms.map_rows import Rows, link_of, text_of
from spiders.platforms.popups import popup
from spiders.platforms.wp import address, inline_scripts, page_of, rest_url

_DATA = re.compile(r"\bmapp\.data\.push\s*\(")
_SHAPES = frozenset({"kml", "polygon", "polyline", "circle", "rectangle"})

_EXPECTED = "a page or a map with pois"
_FIELDS = {
    "title": "name",
    "address": "address",
    "lat": "latitude",
    "lng": "longitude",
    "website": "website",
}


class MapPress:
    """MapPress, as the module's docstring describes it."""

    name: ClassVar[str] = "mappress"
    title: ClassVar[str] = "MapPress"

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._rows = Rows(around.sheet, _FIELDS)
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None
        self._seen: dict[str, Mapping[str, Any]] = {}

    def recognise(self, page: Response) -> Match | None:
        looked = page_of(page)
        if looked is None:
            return None
        maps = looked.xpath("//mappress-map")
        pushed = list(_pushed(page))
        frames = _frames(looked)
        if maps:
            evidence, certainty = "the page has <mappress-map>", 1.0
        elif pushed:
            evidence, certainty = "a script of the page calls mapp.data.push", 1.0
        elif frames:
            evidence, certainty = "the page has a frame ?mappress=embed", 0.9
        else:
            return None
        try:
            places = list(_places_in(page))
        except WrongShape:
            places = []  # `read` says what is wrong with the page
        numbers = [one.attrib.get("mapid", "") for one in maps if not one.xpath(".//poi")]
        numbers += [text_of(one.get("mapid")) for one in pushed if not one.get("pois")]
        facts = {
            "rest_url": f"{rest_url(page)}mapp/v1/maps/",
            "frames": frames,
            "maps": [] if places else [one for one in dict.fromkeys(numbers) if _is_number(one)],
            "places": places,
        }
        return Match(self.name, evidence, certainty, page.url, facts)

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.page_url
        for url in match.facts["frames"]:
            yield Request(url, meta={"about": {"ask": "frame"}})
        for number in match.facts["maps"]:
            yield self._ask_map(number)

    def read(self, answer: Response) -> Iterator[Reading]:
        page_url = self._page_url or answer.url
        ask = about(answer).get("ask")
        if ask == "map" or (ask is None and _is_json(answer)):
            places = _places_of(_map(answer))
        else:
            places = list(_places_in(answer))
            looked = page_of(answer)
            known = looked is not None and (looked.xpath("//mappress-map") or any(_pushed(looked)))
            if not places and not known:
                # The frame was not what it looked like; its number says whom to ask.
                number = _number_in(answer.url)
                if ask != "frame" or not number:
                    raise WrongShape(f"expected {_EXPECTED}, got {beginning(body_text(answer))}")
                yield self._ask_map(number)
        # Places beside a frame stand in the page, which is not read again.
        for place in [*self._facts.get("places", ()), *places] if ask else places:
            listing = self._listing(place, page_url)
            if listing is not None:
                yield listing

    def _ask_map(self, number: str) -> Request:
        url = f"{self._facts['rest_url']}{number}"
        return Request(url, meta={"about": {"ask": "map"}})

    def _listing(self, place: Mapping[str, Any], page_url: str) -> Listing | None:
        """A place as a listing; None for one that was told before, and for what is no place."""
        if text_of(place.get("type")).lower() in _SHAPES or place.get("poly") or place.get("kml"):
            return None
        point = _point(place.get("point"))
        title = printed(place.get("title")) or ""
        row = {"title": title, "address": place.get("address"), **point}
        link = Selector(text=f"<div>{title}</div>", type="html").xpath("//a/@href").get()
        if link and link.strip().lower().startswith(("http://", "https://")):
            row["website"] = link_of(link)
        said = popup(printed(place.get("body")) or "", page_url)
        listing = self._rows.listing(row, "", page_url, said)
        whole = listing.printed()
        if not (listing.name or listing.address or whole.get("extra")):
            return None
        number = self._number(listing, whole)
        if number is None:
            return None
        return self._rows.listing(row, number, page_url, said)

    def _number(self, listing: Listing, whole: dict[str, Any]) -> str | None:
        """An id for a place, or None for one that was told before, word for word."""
        del whole["native_id"]
        identity = self._around.sheet.options.identity or (
            ("name", "address") if listing.address else ("name", "latitude", "longitude")
        )
        values = {key: text for key, text in whole.items() if isinstance(text, str)}
        first = hashed_id(values, identity)
        if first not in self._seen or self._seen[first] == whole:
            known = first in self._seen
            self._seen[first] = whole
            return None if known else first
        second = hashed_id(values, sorted(values))
        if second in self._seen:
            return None
        self._seen[second] = whole
        return second


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and text != "0"


def _is_json(answer: Response) -> bool:
    return body_text(answer).lstrip()[:1] == "{"


def _number_in(url: str) -> str:
    """The number of the map that a frame's address names, or empty."""
    try:
        found = parse_qs(urlsplit(url).query).get("mapid", [""])[0]
    except ValueError:
        return ""
    return found if _is_number(found) else ""


def _frames(page: TextResponse) -> list[str]:
    found = []
    for src in page.xpath("//iframe/@src | //iframe/@data-src").getall():
        if "mappress=embed" in src:
            url = address(page.url, src, "/")
            if "mappress=embed" in url:
                found.append(url)
    return list(dict.fromkeys(found))


def _pushed(page: Response) -> Iterator[Mapping[str, Any]]:
    """The maps that scripts of the page hand over."""
    for script in inline_scripts(page):
        for found in _DATA.finditer(script):
            value = literal_after(script[found.start() :], _DATA)
            if isinstance(value, dict) and "pois" in value:
                yield value


def _places_in(page: Response) -> Iterator[Mapping[str, Any]]:
    """The places that stand in a page, in either form."""
    looked = page_of(page)
    if looked is None:
        return
    if looked.text.count("<mappress-map") > looked.text.count("</mappress-map"):
        # A parser of HTML mends what is missing, and half a list would look like a whole one.
        raise WrongShape(f"expected {_EXPECTED}, got one that ends within the map")
    for poi in looked.xpath("//mappress-map//poi"):
        whole = poi.get() or ""
        body = whole.split(">", 1)[-1]
        # The first ">" may stand in an attribute, which the parser has written with &gt;.
        yield {**poi.attrib, "body": body.rsplit("</poi", 1)[0]}
    for found in _pushed(page):
        yield from _places_of(found)


def _map(answer: Response) -> Mapping[str, Any]:
    found = json_in(body_text(answer), _EXPECTED)
    if not isinstance(found, dict) or not isinstance(found.get("pois"), list):
        raise WrongShape(f"expected {_EXPECTED}, got {beginning(body_text(answer))}")
    return found


def _places_of(one_map: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    pois = one_map.get("pois")
    if not isinstance(pois, list) or not all(isinstance(one, dict) for one in pois):
        raise WrongShape(f"expected {_EXPECTED}, got pois of another shape")
    return pois


def _point(value: Any) -> dict[str, str]:
    """Latitude and longitude as they were sent: "lat,lng", or an object with both."""
    if isinstance(value, dict):
        found = {key: text_of(value.get(key)) for key in ("lat", "lng")}
    else:
        latitude, _, longitude = text_of(value).partition(",")
        found = {"lat": latitude.strip(), "lng": longitude.strip()}
    return found if all(found.values()) else {}
