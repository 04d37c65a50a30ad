"""Maps Marker Pro: a WordPress plugin whose markers are one answer a map, their texts another.

How recognised
    An inline script that starts `new MapsMarkerPro({…})`, the `<div class="maps-marker-pro">` it
    fills, or a script `…/maps-marker-pro/js/mapsmarkerpro.js`. Maps of one marker (type `marker`)
    only show where somebody is: they are left alone.
What is asked
    For each map `POST admin-ajax.php` with `action=mmp_map_markers`, `type`, `id`, `custom` and
    `lang`, as the plugin's script sends it. Where the pop-ups did not come with the markers, they
    are asked for 200 at a time with `action=mmp_marker_popups`.
Limits
    None: the server reads in batches and sends everything.
Traps
    * Two forms: since 4.16 GeoJSON in `data.features`, before a bare array of markers.
    * `popup` is null where it has to be asked for and false where there is none.
    * A question without `id` answers all maps in new versions and nothing in old ones.
    * Coordinates are numbers, longitude first. Ids are text.
    * Everything but name and address stands in the pop-up, which is HTML: see popups.py.
    * Times of creation and change are no part of what a listing says.
Source
    The plugin's own code (4.3 and 4.16, in public repositories), and a program that reads such
    directories.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from scrapy.http import FormRequest, Request, Response

from spiders.platforms import Match, Reading, Surroundings, WrongShape, about
from spiders.platforms.json_answers import (
    beginning,
    body_text,
    json_in,
    literal,
    objects,
    printed,
)
from spiders.platforms.map_rows import Rows, row_id, text_of
from spiders.platforms.popups import popup
from spiders.platforms.wp import ajax_url, inline_scripts, loaded, page_of

_START = re.compile(r"\bnew\s+MapsMarkerPro\s*\(\s*(?=\{)")
_AJAX = re.compile(r"\bajaxurl\s*=\s*[\"']([^\"'\s]{4,300})[\"']")
_SCRIPT = re.compile(r"/maps-marker-pro/js/mapsmarkerpro[\w.-]*\.js")
_IDS = re.compile(r"\d{1,9}(?:,\d{1,9})*")

_EXPECTED = "GeoJSON of markers in data, or an array of markers"
_EXPECTED_POPUPS = "an array of pop-ups in data"
_FIELDS = {
    "name": "name",
    "address": "address",
    "link": "website",
    "lat": "latitude",
    "lng": "longitude",
}
_IGNORED = frozenset(
    """id popup zoom icon blank created created_on created_on_local_date created_on_local_time
    updated updated_on updated_on_local_date updated_on_local_time maps edit""".split()
)
_POPUPS_AT_ONCE = 200
_LONGEST_CALL = 20_000


class MapsMarkerPro:
    """Maps Marker Pro, as the module's docstring describes it."""

    name: ClassVar[str] = "maps_marker_pro"
    title: ClassVar[str] = "Maps Marker Pro"

    def __init__(self, around: Surroundings) -> None:
        self._rows = Rows(around.sheet, _FIELDS, _IGNORED)
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None
        self._waiting: dict[str, Mapping[str, Any]] = {}

    def recognise(self, page: Response) -> Match | None:
        looked = page_of(page)
        if looked is None:
            return None
        calls = [call for script in inline_scripts(page) for call in _calls(script)]
        maps = [form for call in calls if (form := _map(call))]
        if calls and not maps:
            return None
        if maps:
            evidence, certainty = "the page starts MapsMarkerPro", 1.0
        elif looked.xpath(
            '//div[contains(concat(" ", normalize-space(@class), " "), " maps-marker-pro ")]'
        ):
            evidence, certainty = 'the page has <div class="maps-marker-pro">', 0.7
        elif loaded(page, _SCRIPT):
            evidence, certainty = "the page loads mapsmarkerpro.js", 0.5
        else:
            return None
        said = next((one[1] for text in inline_scripts(page) if (one := _AJAX.search(text))), "")
        facts = {
            "ajax_url": ajax_url(page, said.replace("\\/", "/")),
            "maps": maps or [{"type": "map", "id": "", "custom": "", "lang": ""}],
        }
        return Match(self.name, evidence, certainty, page.url, facts)

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.page_url
        for one in match.facts["maps"]:
            yield self._post({"action": "mmp_map_markers", **one}, {"ask": "markers"})

    def read(self, answer: Response) -> Iterator[Reading]:
        page_url = self._page_url or answer.url
        if about(answer).get("ask") == "popups":
            yield from self._read_popups(answer, page_url)
            return
        later: list[str] = []
        for row in _rows(answer):
            number = row_id(row)
            if number in self._waiting:
                continue
            if row.get("popup") is None and "popup" in row and number and self._facts:
                self._waiting[number] = row
                later.append(number)
                continue
            said = popup(printed(row.get("popup")) or "", page_url)
            yield self._rows.listing(row, number, page_url, said)
        for start in range(0, len(later), _POPUPS_AT_ONCE):
            ids = ",".join(later[start : start + _POPUPS_AT_ONCE])
            form = {"action": "mmp_marker_popups", "id": ids, "lang": ""}
            yield self._post(form, {"ask": "popups", "ids": ids})

    def _post(self, form: dict[str, str], about_it: dict[str, Any]) -> Request:
        return FormRequest(self._facts["ajax_url"], formdata=form, meta={"about": about_it})

    def _read_popups(self, answer: Response, page_url: str) -> Iterator[Reading]:
        texts = {
            row_id(one): printed(one.get("popup")) or ""
            for one in objects(_data(answer, _EXPECTED_POPUPS), _EXPECTED_POPUPS)
        }
        ids = about(answer)["ids"].split(",")
        if ids and not any(number in texts for number in ids):
            raise WrongShape(f"expected {_EXPECTED_POPUPS}, got none of those asked for")
        for number in ids:
            # A marker that was taken down a moment ago has no pop-up any more.
            if number in self._waiting:
                said = popup(texts.get(number, ""), page_url)
                yield self._rows.listing(self._waiting[number], number, page_url, said)


def _calls(script: str) -> Iterator[Mapping[str, Any]]:
    """What MapsMarkerPro is started with, once a map."""
    for found in _START.finditer(script):
        options = literal(script[found.end() : found.end() + _LONGEST_CALL])
        if isinstance(options, dict):
            yield options


def _map(call: Mapping[str, Any]) -> dict[str, str] | None:
    """The form that asks for the markers of a map, or None for a map of one marker."""
    kind, number = text_of(call.get("type")), text_of(call.get("id")).replace(" ", "")
    custom = text_of(call.get("markers") or call.get("custom")).replace(" ", "")
    language = text_of(call.get("language") or call.get("lang"))
    if kind not in ("map", "custom") or (number and not _IDS.fullmatch(number)):
        return None
    return {
        "type": kind,
        "id": number,
        "custom": custom if _IDS.fullmatch(custom) else "",
        "lang": language if re.fullmatch(r"[a-zA-Z]{2,3}(?:[_-]\w{2,8})?", language) else "",
    }


def _data(answer: Response, expected: str) -> Any:
    """What is in the envelope, or the answer itself where it has none. Raises WrongShape."""
    reply = json_in(body_text(answer), expected)
    if not isinstance(reply, dict):
        return reply
    if reply.get("success") is not True or "data" not in reply:
        raise WrongShape(f"expected {expected}, got {beginning(body_text(answer))}")
    return reply["data"]


def _rows(answer: Response) -> list[Mapping[str, Any]]:
    """The markers of either form, coordinates beside the rest."""
    data = _data(answer, _EXPECTED)
    if isinstance(data, dict):
        rows = [_flat(one) for one in objects(data.get("features"), _EXPECTED)]
    else:
        rows = list(objects(data, _EXPECTED))
    for row in rows:
        if "name" not in row or not ("lat" in row or "address" in row):
            raise WrongShape(f"expected {_EXPECTED}, got a marker with keys {sorted(row)[:8]}")
    return rows


def _flat(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    properties, geometry = feature.get("properties"), feature.get("geometry")
    if not isinstance(properties, dict):
        raise WrongShape(f"expected {_EXPECTED}, got a feature without properties")
    point = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if isinstance(point, list) and len(point) >= 2:
        return {**properties, "lng": point[0], "lat": point[1]}
    return properties
