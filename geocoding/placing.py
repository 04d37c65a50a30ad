"""Where a listing is: the source's own point, then what a geocoder once said, then the gazetteer.

No network here. Whatever is found carries its precision and who said so, and the reason why a
printed coordinate was not believed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Protocol

from db.gazetteer import Gazetteer
from db.place import Place
from db.place_text import STATES, place_key
from db.point_decisions import PointAnswer
from geocoding.address import Address
from geocoding.points import Outcome, Verdict, check_point, possible_point, read_point
from records.listing import PRECISIONS, Clean, Precision

#: Note on a point that the directory itself does not call exact.
ABOUT_RIGHT = "the directory says that its coordinates are only about right"

#: Note on a point beside the address of a post office box.
AT_A_BOX = "the address is a post office box, so no point is a door"

#: Note on a listing for which a person found no right point.
NO_RIGHT_POINT = "a person found no point for this address that is right"


class Answer(Protocol):
    """A remembered answer of a network geocoder that found something."""

    @property
    def provider(self) -> str: ...
    @property
    def precision(self) -> Precision: ...
    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Point:
    """Where a listing is. All None, but perhaps the note, where nobody knows."""

    latitude: float | None = None
    longitude: float | None = None
    precision: Precision | None = None
    point_from: str | None = None
    point_note: str | None = None

    def put_on(self, clean: Clean) -> Clean:
        """A copy of the clean half that has this point."""
        return replace(clean, **{part.name: getattr(self, part.name) for part in fields(self)})


def printed_point(
    latitude: str | None, longitude: str | None, address: Address, gazetteer: Gazetteer
) -> Verdict:
    """What is to be made of the coordinates a directory prints beside an address."""
    read = read_point(latitude, longitude)
    if isinstance(read, Verdict):
        return read
    return check_point(*read, address, gazetteer)


def place_point(  # noqa: PLR0913 - the last by name
    latitude: str | None,
    longitude: str | None,
    address: Address,
    gazetteer: Gazetteer,
    answers: Iterable[Answer] = (),
    *,
    approximate: bool = False,
) -> tuple[Point, Outcome]:
    """The best point for a listing, and what became of the printed coordinates.

    `approximate`: the directory itself says that its coordinates are no front door; then they
    count as a town's and no finer, as they do beside a post office box. `answers` are the cache's
    for this address. They are checked against the address like printed coordinates, and count only
    where they are finer than the gazetteer.
    """
    verdict = printed_point(latitude, longitude, address, gazetteer)
    rough = ABOUT_RIGHT if approximate else AT_A_BOX if address.is_box else None
    if verdict.believed and not rough:
        point = Point(verdict.latitude, verdict.longitude, "source", "source", verdict.note)
        return point, verdict.outcome
    fallback, remark = _by_gazetteer(address, gazetteer)
    best = _best(answers, address, gazetteer)
    note = rough if rough and verdict.believed else verdict.note
    if best is not None and _finer(best.precision, fallback):
        point = Point(best.latitude, best.longitude, best.precision, best.provider, note)
    elif fallback is not None:
        precision: Precision = "postcode" if fallback.postcode else "city"
        note = "; ".join(part for part in (note, remark) if part) or None
        point = Point(fallback.latitude, fallback.longitude, precision, "gazetteer", note)
    elif verdict.believed:
        point = Point(verdict.latitude, verdict.longitude, "city", "source", note)
    else:
        note = "; ".join(part for part in (note, remark) if part) or None
        point = Point(point_note=note)
    return point, verdict.outcome


def decided_point(
    decision: PointAnswer | None, latitude: str | None, longitude: str | None, found: Point
) -> Point:
    """The point as a person decided, or `found` where nobody did or it is the one decided for."""
    if decision == "none":
        return Point(point_note=NO_RIGHT_POINT)
    if decision == "printed":
        printed = possible_point(latitude, longitude)
        if not isinstance(printed, Verdict):
            return Point(*printed, "source", "source")
    return found


def _best(answers: Iterable[Answer], address: Address, gazetteer: Gazetteer) -> Answer | None:
    good = [
        answer
        for answer in answers
        if check_point(answer.latitude, answer.longitude, address, gazetteer).outcome == "believed"
    ]
    return min(good, key=lambda answer: PRECISIONS.index(answer.precision), default=None)


def _finer(precision: Precision, fallback: Place | None) -> bool:
    if fallback is None:
        return True
    return PRECISIONS.index(precision) < PRECISIONS.index(
        "postcode" if fallback.postcode else "city"
    )


def _by_gazetteer(address: Address, gazetteer: Gazetteer) -> tuple[Place | None, str | None]:
    """The middle of the ZIP code or the town, and a remark where the two do not agree."""
    if address.country not in ("US", None):
        return None, None
    code = gazetteer.postal(address.postcode) if address.postcode else None
    town = gazetteer.city(address.city, address.state) if address.city and address.state else None
    if code is None:
        return town, None
    if address.state in (None, code.state) or address.state not in STATES:
        return code, None
    if address.state in gazetteer.state_of(code.latitude, code.longitude):
        return code, None  # a ZIP code that reaches over the border
    remark = f"ZIP {code.postcode} is in {code.state}, the address says {address.state}"
    if address.city and place_key(address.city) == place_key(code.name):
        return code, remark  # town and ZIP code agree against the state
    return town, remark
