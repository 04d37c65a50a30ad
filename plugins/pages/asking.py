"""What a visitor asks of the finder, read from the address: always something that can be answered.

Wrong values never fail: they are brought into bounds and a note says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan
from urllib.parse import urlencode

from db.facets import NAMES
from plugins.pages.language import gettext as _

RADII = (5, 10, 25, 50, 100, 250)
"""Miles a visitor can choose."""
DEFAULT_MILES = 25
PAGE_SIZE = 10
MOST_PAGES = 100
LONGEST_TEXT = 200
"""Letters of a place that are read; no place name is longer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: `near` as typed (trimmed), `miles` None where none was chosen, `page` from 1,
    `size` results a page, `notes` in words for what was changed."""

    near: str
    miles: int | None
    page: int
    size: int
    notes: tuple[str, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)
    """What the search is narrowed by: a value by the name of its facet."""

    def address(self, path: str, **changes: object) -> str:
        """`path` with this search as its query, some of it changed (None: left
        out); what is usual is left out."""
        query: dict[str, object] = {"near": self.near}
        if self.miles is not None:
            query["miles"] = self.miles
        if self.page > 1:
            query["page"] = self.page
        query.update(self.chosen)
        query.update(changes)
        query = {name: value for name, value in query.items() if value is not None}
        if query.get("page") == 1:
            del query["page"]
        return f"{path}?{urlencode(query)}"


def read_request(args: Mapping[str, str], *, most_a_page: int = PAGE_SIZE) -> Asked:
    """The search in the arguments of an address. Never raises.

    `size` is honoured up to `most_a_page`, for programs; pages for people have ten.
    """
    notes: list[str] = []
    near = " ".join((args.get("near") or "").replace("\x00", " ").split())
    if len(near) > LONGEST_TEXT:
        near = near[:LONGEST_TEXT]
        notes.append(
            _("Only the first %(count)s letters of the place were read.") % {"count": LONGEST_TEXT}
        )
    miles: int | None = None
    asked_miles = (args.get("miles") or "").strip()
    if asked_miles:
        miles, note = _radius(asked_miles)
        notes += [note] if note else []
    page, note = _whole(args.get("page"), "page", 1, MOST_PAGES)
    notes += [note] if note else []
    size = min(PAGE_SIZE, most_a_page)
    if args.get("size") and most_a_page > PAGE_SIZE:
        size, note = _whole(args.get("size"), "size", 1, most_a_page)
        notes += [note] if note else []
    chosen = {}
    for name in NAMES:
        value = (args.get(name) or "").replace("\x00", "").strip()[:LONGEST_TEXT]
        if value:
            chosen[name] = value
    return Asked(near, miles, page, size, tuple(notes), chosen)


def _radius(text: str) -> tuple[int, str | None]:
    try:
        wished = float(text[:20])
        if isnan(wished):
            raise ValueError
    except ValueError:
        return DEFAULT_MILES, _("The distance was not a number, so this is %(miles)s miles.") % {
            "miles": DEFAULT_MILES
        }
    if not RADII[0] <= wished <= RADII[-1]:
        wished, asked_outside = min(max(wished, RADII[0]), RADII[-1]), True
    else:
        asked_outside = False
    nearest = min(RADII, key=lambda choice: (abs(choice - wished), choice))
    if nearest == wished and not asked_outside:
        return nearest, None
    return nearest, _("That distance cannot be chosen, so this is %(miles)s miles.") % {
        "miles": nearest
    }


def _whole(text: str | None, name: str, least: int, most: int) -> tuple[int, str | None]:
    text = (text or "").strip()
    if not text:
        return least, None
    # isdecimal() also takes digits of other scripts, which int() reads; the length bounds the work.
    if not text.isdecimal() or len(text) > 9:
        return least, _("The number in “%(name)s” was not one from %(least)s to %(most)s.") % {
            "name": name,
            "least": least,
            "most": most,
        }
    number = int(text)
    if number < least or number > most:
        bounded = min(max(number, least), most)
        return bounded, _("“%(name)s” goes from %(least)s to %(most)s.") % {
            "name": name,
            "least": least,
            "most": most,
        }
    return number, None
