"""WP Go Maps (WP Google Maps): a WordPress plugin whose markers are one REST answer.

How recognised
    An inline script that sets `WPGMZA_localized_data`, and an element with `data-map-id` and the
    class `wpgmza_map`. The settings alone, without a map on the page, are a look-alike.
What is asked
    The markers of the page's maps, once a map, and in turn until one way is answered:
    1. `/wp-json/wpgmza/v1/markers?filter={"map_id":"1"}`;
    2. `/wp-json/wpgmza/v1/features/base64…`, as the plugin's own script asks: the parameters as
       JSON, deflated, base64 with `-` for `/` and without `=`;
    3. `admin-ajax.php?action=wpgmza_rest_api_request&route=/features/`, for sites that keep their
       REST API to themselves;
    4. the XML file of the map, `…/wp-google-maps/1markers.xml`, where the page names its folder.
Limits
    None. No total is sent.
Traps
    * The free version sends the markers of every map whatever `map_id` asks for: rows of maps
      that are not on the page are left out. The paid version can show other maps' markers on
      one map, and its answer is taken as it is.
    * `id` is text in lists and a number in single answers; `lat` and `lng` are text, and empty
      where they are missing. Titles and addresses can hold HTML.
    * `address` is one line. Telephone, e-mail and everything else stand in `description`, which is
      HTML: see popups.py.
    * A damaged base64 path answers an HTML page.
    * `category` holds ids that nothing explains.
Safety
    Rows that are not `approved` are dropped. Nonces on the page are neither kept nor sent.
Source
    The plugin's own code (10.1.03, GPL) and answers of a running server.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from scrapy.http import Request, Response

from spiders.platforms import Hidden, Match, Reading, Surroundings, WrongShape, about, instead
from spiders.platforms.json_answers import (
    body_text,
    is_no,
    is_yes,
    json_in,
    objects,
    printed,
)
from spiders.platforms.map_rows import Rows, row_id, text_of
from spiders.platforms.popups import popup
from spiders.platforms.wp import address, ajax_url, page_of, rest_url, settings, with_query
from spiders.platforms.xml_answers import children, xml_in

_SETTINGS = re.compile(r"\bWPGMZA_localized_data\s*=")

_EXPECTED = "a JSON array of markers, or an object with markers"
_EXPECTED_XML = "an XML file of markers"
_FIELDS = {
    "title": "name",
    "address": "address",
    "link": "website",
    "lat": "latitude",
    "lng": "longitude",
}
_IGNORED = frozenset(
    """id marker_id map_id description desc pic icon anim infoopen category categories approved
    retina type did sticky other_data layergroup custom_field_data gallery linkd latlng created
    category_icon updated radius author user_created""".split()
)
#: The ways to ask, in order.
_WAYS = ("markers", "path", "ajax", "xml")


class WpGoMaps:
    """WP Go Maps, as the module's docstring describes it."""

    name: ClassVar[str] = "wp_go_maps"
    title: ClassVar[str] = "WP Go Maps"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS, _IGNORED)
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None
        self._elsewhere: set[str] = set()
        self._trouble = ""

    def recognise(self, page: Response) -> Match | None:
        looked = page_of(page)
        if looked is None:
            return None
        data = settings(page, _SETTINGS) or None
        maps = looked.xpath(
            '//*[@data-map-id and contains(concat(" ", normalize-space(@class), " "), '
            '" wpgmza_map ")]'
        )
        if data is None and not maps:
            return None
        data = data or {}
        certainty = 1.0 if data and maps else 0.7 if maps else 0.4
        evidence = "the page sets WPGMZA_localized_data" if data else "the page has a wpgmza_map"
        found = [one.attrib["data-map-id"].strip() for one in maps]
        facts = {
            "rest_url": address(page.url, data.get("resturl"), f"{rest_url(page)}wpgmza/v1"),
            "ajax_url": ajax_url(page, data.get("ajaxurl")),
            "xml_url": _xml_folder(page.url, data),
            "maps": list(dict.fromkeys(one for one in found if one.isascii() and one.isdecimal())),
            "pro": is_yes(data.get("_isProVersion")) or is_yes(data.get("is_pro")),
        }
        return Match(self.name, evidence, certainty, page.url, facts)

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.page_url
        for number in match.facts["maps"] or [""]:
            yield self._ask(self._ways()[0], number)

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        way, number = context.get("way"), context.get("map", "")
        try:
            rows = _xml_rows(answer) if way == "xml" else _rows(answer)
        except WrongShape as error:
            # What the first way answered says more than that the last one is not there.
            self._trouble = self._trouble or str(error)
            following = self._after(way)
            if following is None:
                raise WrongShape(self._trouble) from error
            yield self._ask(following, number)
            return
        for row in rows:
            yield from self._read_row(row, answer.url)

    # Asking

    def _ways(self) -> list[str]:
        return [way for way in _WAYS if way != "xml" or self._facts["xml_url"]]

    def _after(self, way: str | None) -> str | None:
        """The way to try after this one, or None when it was the last or nobody asked."""
        if way is None or not self._facts:
            return None
        ways = self._ways()
        place = ways.index(way) + 1
        return ways[place] if place < len(ways) else None

    def _ask(self, way: str, number: str) -> Request:
        wanted = {"filter": json.dumps({"map_id": number}, separators=(",", ":"))} if number else {}
        rest = self._facts["rest_url"].rstrip("/")
        if way == "markers":
            url = with_query(f"{rest}/markers", urlencode(wanted)) if wanted else f"{rest}/markers"
        elif way == "path":
            url = f"{rest}/features/{compressed({**wanted, 'include': 'markers'})}"
        elif way == "ajax":
            query = {"action": "wpgmza_rest_api_request", "route": "/features/", **wanted}
            url = with_query(self._facts["ajax_url"], urlencode(query))
        else:
            url = f"{self._facts['xml_url']}{number or 1}markers.xml"
        meta: dict[str, Any] = {"about": {"way": way, "map": number}}
        following = self._after(way)
        if following is not None:
            # A way that is refused leads to the next one; only with the last one the run ends.
            other = self._ask(following, number)
            meta |= {"optional": True, "otherwise": instead(other.url, **other.meta)}
        return Request(url, meta=meta)

    # Reading

    def _read_row(self, row: Mapping[str, Any], url: str) -> Iterator[Reading]:
        shown = self._facts.get("maps")
        number = row_id(row) or row_id(row, "marker_id")
        if shown and not self._facts["pro"] and row_id(row, "map_id") not in ("", *shown):
            if number not in self._elsewhere:  # every question brings all of them again
                self._elsewhere.add(number)
                yield Hidden("on another map of the site")
            return
        if is_no(row.get("approved")):
            yield Hidden("not approved")
            return
        page_url = self._page_url or url
        said = popup(printed(row.get("description") or row.get("desc")) or "", page_url)
        custom = row.get("custom_field_data")
        if isinstance(custom, list):
            row = {**_custom(custom), **row}
        yield self._rows.listing(row, number, page_url, said)


def compressed(parameters: Mapping[str, str]) -> str:
    """The parameters as the plugin's script writes them into a path."""
    deflated = zlib.compress(json.dumps(parameters, separators=(",", ":")).encode())
    return "base64" + base64.b64encode(deflated).decode().rstrip("=").replace("/", "-")


def _xml_folder(page_url: str, data: Mapping[str, Any]) -> str | None:
    """Where the XML files are, where the page says so."""
    folder = data.get("markerXMLPathURL")
    if not isinstance(folder, str) or not folder.strip():
        return None
    found = address(page_url, folder, "/")
    return found if found.endswith("/") else f"{found}/"


def _rows(answer: Response) -> list[Mapping[str, Any]]:
    reply = json_in(body_text(answer), _EXPECTED)
    if isinstance(reply, dict) and "markers" in reply:
        reply = reply["markers"]
    elif isinstance(reply, dict) and "map_id" in reply and "id" in reply:
        reply = [reply]
    rows = list(objects(reply, _EXPECTED))
    for row in rows:
        if "title" not in row and not ("address" in row and "lat" in row):
            raise WrongShape(f"expected {_EXPECTED}, got an entry with keys {sorted(row)[:8]}")
    return rows


def _xml_rows(answer: Response) -> list[Mapping[str, Any]]:
    root = xml_in(answer, _EXPECTED_XML)
    rows = [children(one) for one in root.iter("marker")]
    if not rows and root.tag != "markers":
        raise WrongShape(f"expected {_EXPECTED_XML}, got <{root.tag}>")
    return [{"link": row.get("linkd", ""), **row} for row in rows]


def _custom(fields: list[Any]) -> dict[str, Any]:
    """Fields that a site has added: name -> value."""
    return {
        text_of(one["name"]): one.get("value")
        for one in fields
        if isinstance(one, dict) and text_of(one.get("name"))
    }
