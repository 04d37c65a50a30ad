"""A map drawn as SVG: outlines, towns, how far, and marks. Nothing is asked, nothing is stored.

Lengths are pixels of the picture as it is meant to be shown, unless something else is said.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import asin, atan2, cos, degrees, pi, radians, sin
from pathlib import Path
from xml.sax.saxutils import escape

from db.nearest import EARTH_RADIUS_MILES
from plugins.pages.viewing import CLOSE, Room, View, land, towns

REACH = {"postcode": 2500, "city": 4500}
"""Metres around the centre of a ZIP code or town in which the door may be, as on the map."""
KEY_HEIGHT = 30
MOST_TOWNS = 40
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
    ' height="{height}" role="img" lang="{language}" aria-labelledby="title desc">'
)
SHAPES = (
    '<defs><path id="pin" d="M0 0C-2-5-11-10-11-19a11 11 0 1 1 22 0C11-10 2-5 0 0z"/>'
    '<path id="dot" d="M0 0C-1-3-5-5-5-9a5 5 0 1 1 10 0C5-5 1-3 0 0z"/></defs>'
)
SITE = Path(__file__).resolve().parents[2] / "static" / "site.css"


@dataclass(frozen=True, slots=True)
class Mark:
    """People at one spot. `reach` is None at a front door, else the metres in which it may be.

    `text` is shown where it fits; an empty one makes the mark as large, None does not.
    """

    latitude: float
    longitude: float
    reach: int | None
    names: tuple[str, ...]
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """How far a search looks, around which point, and that in words."""

    latitude: float
    longitude: float
    miles: float
    words: str

    def points(self) -> list[tuple[float, float]]:
        """Latitudes and longitudes on the ring, from the north eastwards."""
        there, north = self.miles / EARTH_RADIUS_MILES, radians(self.latitude)
        found = []
        for step in range(72):
            bearing = step * pi / 36
            latitude = asin(sin(north) * cos(there) + cos(north) * sin(there) * cos(bearing))
            east = atan2(
                sin(bearing) * sin(there) * cos(north),
                cos(there) - sin(north) * sin(latitude),
            )
            found.append((degrees(latitude), self.longitude + degrees(east)))
        return found


@lru_cache
def style() -> str:
    """The colours of the site, light and dark, and what is drawn in which."""
    site = SITE.read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", site, re.DOTALL)[:2]
    own = [" ".join(re.findall(r"--[\w-]+: #\w+;", one)) for one in (light, dark)]
    return f""":root{{{own[0]}}}
@media screen and (prefers-color-scheme:dark){{:root{{{own[1]}}}}}
text{{font:500 12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}}
.sea{{fill:var(--water)}} .neighbours{{fill:var(--abroad)}}
.states{{fill:var(--land);stroke:var(--border);stroke-width:12}}
.lakes{{fill:var(--water)}}
.counties{{fill:none;stroke:var(--county);stroke-width:10}}
path{{fill-rule:evenodd;stroke-linejoin:round}}
.ring{{fill:none;stroke:var(--soft);stroke-width:1.3;stroke-dasharray:4 5}}
.towns,.far{{text-anchor:middle;paint-order:stroke;stroke:var(--land);stroke-width:3px;stroke-linejoin:round}}
.towns text{{fill:var(--town)}} .towns .big{{font-size:14px;font-weight:650}}
.town{{fill:var(--town);stroke:none}} .far{{fill:var(--soft)}}
.centre{{fill:var(--surface);stroke:var(--focus);stroke-width:3}}
.pin,.dot{{fill:var(--accent);stroke:var(--surface);stroke-width:1.5}} .dot{{stroke-width:1}}
.hole{{fill:var(--accent-ink)}}
.area{{fill:var(--accent);fill-opacity:.2;
stroke:var(--accent);stroke-width:1.7;stroke-dasharray:4 3}}
.marks text{{font-size:11.5px;font-weight:700;text-anchor:middle;fill:var(--accent-ink)}}
.marks .on-area{{fill:var(--ink)}} .badge{{fill:var(--surface)}}
.marks .tight{{font-size:8.5px}}
.key rect{{fill:var(--surface)}} .key .from{{font-size:10px;fill:var(--soft);text-anchor:end;
paint-order:stroke;stroke:var(--surface);stroke-width:2px}}"""


@lru_cache
def style_hash() -> str:
    """The style as a Content-Security-Policy names it: `'sha256-…'`."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()}'"


def picture(  # noqa: PLR0913
    view: View,
    marks: Sequence[Mark],
    *,
    title: str,
    description: str,
    language: str,
    ring: Ring | None = None,
    key: tuple[str, str] | None = None,
    credit: str = "",
) -> str:
    """The SVG. `key` says what a pin is and what an area is; `credit` whose outlines these are."""
    large = _large(view, marks)
    height = view.height + (KEY_HEIGHT if key else 0)
    parts = [
        SVG.format(width=view.width, height=height, language=language),
        f'<title id="title">{text(title)}</title><desc id="desc">{text(description)}</desc>',
        f"<style>{style()}</style>{SHAPES}",
        f'<rect class="sea" width="{view.width}" height="{height}"/>',
        *land(view),
        *_far(view, ring),
        *_marks(view, marks, large, _towns(view, _free(view, marks, large, ring))),
        *_key(view, key, credit),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def words(x: float, y: float, printed: str, kind: str = "") -> str:
    """A text at a place, of a kind that the style knows."""
    kind = f' class="{kind}"' if kind else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}">{text(printed)}</text>'


def disc(x: float, y: float, radius: float, kind: str, more: str = "/>") -> str:
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"{more}'


def shape(x: float, y: float, kind: str, more: str = "/>") -> str:
    """A pin, large or small, with its tip at the place."""
    return f'<use class="{kind}" href="#{kind}" x="{x:.1f}" y="{y:.1f}"{more}'


def text(printed: str) -> str:
    """Any text as it may stand in XML: escaped, without letters that XML cannot have."""
    return escape(re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", printed))


def _far(view: View, ring: Ring | None) -> Iterator[str]:
    if ring is None:
        return
    points = [view.place(*one) for one in ring.points()]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    yield f'<path class="ring" d="M{path}z"/>'
    yield disc(*view.place(ring.latitude, ring.longitude), 5, "centre")
    yield words(points[0][0], points[0][1] + 16, ring.words, "far")


def _large(view: View, marks: Iterable[Mark]) -> set[Mark]:
    """The marks whose text fits, the first first: the heads of pins may not cover each other."""
    found = set()
    heads = Room(view.width, view.height)
    for mark in marks:
        x, y = view.place(mark.latitude, mark.longitude)
        up, down = (30, -8) if mark.reach is None else (10, 10)
        box = (x - 9, y - up, x + 9, y + down)
        if mark.text is not None and heads.has(box):
            heads.take(box)
            found.add(mark)
    return found


def _free(view: View, marks: Iterable[Mark], large: set[Mark], ring: Ring | None) -> Room:
    """Where names of towns may stand."""
    room = Room(view.width, view.height)
    for mark in marks:
        x, y = view.place(mark.latitude, mark.longitude)
        if mark.reach is not None:
            room.take((x - 10, y - 10, x + 10, y + 10))
        elif mark in large:
            room.take((x - 12, y - 31, x + 12, y))
        else:
            room.take((x - 5, y - 14, x + 5, y))
    room.take((view.width - 220, view.height - 16, view.width, view.height))  # the credit
    if ring:
        x, y = view.place(*ring.points()[0])
        room.take((x - 30, y + 4, x + 30, y + 20))
        x, y = view.place(ring.latitude, ring.longitude)
        room.take((x - 7, y - 7, x + 7, y + 7))
    return room


def _towns(view: View, room: Room) -> Iterator[str]:
    """The largest towns whose names fit, each below, above or beside its point. The name of a city
    that marks cover stands farther off, without the point."""
    known = [(town, *view.place(town.latitude, town.longitude)) for town in towns(view)]
    spots = [(x - 3, y - 3, x + 3, y + 3) for _town, x, y in known]
    covered = [not room.has(spot) for spot in spots]
    left = MOST_TOWNS
    for (town, x, y), spot, under_marks in zip(known, spots, covered, strict=True):
        big = town.people > (80_000 if view.world >= CLOSE else 500_000)
        half, high = len(town.name) * (4.2 if big else 3.4) + 2, 12 if big else 10
        beside = half + 6
        ways = [(0.0, 14), (0.0, -6), (beside, 4), (-beside, 4)]
        if under_marks:
            ways += [(0.0, 22), (beside + 16, 4), (-beside - 16, 4)]
        seen = room.has(spot)
        for across, down in ways if left and (seen or (big and under_marks)) else ():
            middle, line = x + across, y + down
            box = (middle - half, line - high, middle + half, line + 4)
            if room.has(box):
                room.take(box)
                room.take(spot)
                left -= 1
                yield disc(x, y, 1.7, "town") if seen else ""
                yield words(middle, line, town.name, "big" * big)
                break


def _marks(
    view: View, marks: Sequence[Mark], large: set[Mark], named: Iterable[str]
) -> Iterator[str]:
    """Areas below, then small pins, names of towns, and the marks with a text on top, the southern
    over the northern."""
    doors = [mark for mark in marks if mark.reach is None]
    yield '<g class="marks">'
    for mark in marks:
        if mark.reach is not None:
            # As far as the door may be away, and never too small to be seen.
            least = 14 if mark in large else 7
            radius = max(least, view.pixels(mark.reach, mark.latitude))
            yield disc(*view.place(mark.latitude, mark.longitude), radius, "area", _people(mark))
    for mark in doors:
        if mark not in large:
            yield shape(*view.place(mark.latitude, mark.longitude), "dot", _people(mark))
    yield '</g><g class="towns">'
    yield from named
    yield '</g><g class="marks">'
    for mark in sorted(large, key=lambda one: -one.latitude):
        x, y = view.place(mark.latitude, mark.longitude)
        if mark.reach is None:
            yield shape(x, y, "pin", _people(mark))
            yield "" if mark.text else disc(x, y - 19, 4, "hole")
        elif mark.text:
            yield disc(x, y, 9, "badge")
        if mark.text:
            kind = "tight " * (len(mark.text) > 2) + "on-area" * (mark.reach is not None)
            yield words(x, y + (4 if mark.reach is not None else -15), mark.text, kind.strip())
    yield "</g>"


def _people(mark: Mark) -> str:
    """How many, if several, and who: a browser shows that under the mouse. Ends the mark."""
    several = f' data-people="{len(mark.names)}"' if len(mark.names) > 1 else ""
    end = "use" if mark.reach is None else "circle"
    return f"{several}><title>{text(', '.join(mark.names))}</title></{end}>"


def _key(view: View, key: tuple[str, str] | None, credit: str) -> Iterator[str]:
    """What is a pin and what is an area, below the map, and whose outlines these are."""
    line = view.height + 20 if key else view.height - 6
    yield '<g class="key">'
    if key:
        next_to = 40 + len(key[0]) * 6.6
        yield f'<rect y="{view.height}" width="{view.width}" height="{KEY_HEIGHT}"/>'
        yield shape(16, line + 2, "dot") + words(28, line, key[0])
        yield disc(next_to + 10, line - 4, 8, "area") + words(next_to + 24, line, key[1])
    yield words(view.width - 8, line, credit, "from") + "</g>"
