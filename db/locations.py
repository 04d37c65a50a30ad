"""Which listings of one practitioner mean the same place, and in which order places are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.listing_keys import street_key
from records.listing import PRECISIONS, Clean

_RANK = {precision: rank for rank, precision in enumerate(PRECISIONS)}

#: Fields of a location that are taken together from one listing where possible.
_ADDRESS = ("street", "city", "state", "postcode", "country")
_CONTACT = ("phone", "phone_extension", "website", "booking_url", "practice")


@dataclass(frozen=True, slots=True)
class Entry:
    """One published listing, as far as building practitioners and locations needs it."""

    id: str
    source_id: str
    run_id: str
    printed: dict[str, Any]
    clean: Clean
    status: str
    first_seen: str
    last_seen: str
    changed_at: str | None


def grouped(entries: Sequence[Entry]) -> list[list[Entry]]:
    """The entries of one practitioner, those of one place together, in the given order.

    One place is: the same building and ZIP (or town, where a ZIP is missing); or the same telephone
    and ZIP. An entry that gives only a town joins the place in that town if there is exactly one.
    """
    groups: list[list[Entry]] = []
    for entry in entries:
        same = [group for group in groups if any(_same_place(entry, other) for other in group)]
        merged = [one for group in same for one in group] + [entry]
        groups = [group for group in groups if group not in same] + [merged]
    exact = [group for group in groups if any(_says_where(one) for one in group)]
    result = list(exact)
    for group in groups:
        if group in exact:
            continue
        homes = [other for other in exact if _same_area(group[0].clean, other[0].clean)]
        if len(homes) == 1:
            homes[0].extend(group)
        else:
            result.append(group)
    order = {entry.id: place for place, entry in enumerate(entries)}
    for group in result:
        group.sort(key=lambda one: order[one.id])
    return sorted(result, key=lambda group: order[group[0].id])


def location_row(group: Sequence[Entry]) -> dict[str, Any]:
    """The columns of a location from its listings, the most trusted first.

    The address comes from the first listing that prints a street, whole, so that no address is
    put together from two; the point is the most precise one there is.
    """
    with_street = [one for one in group if one.clean.street] or list(group)
    row: dict[str, Any] = {key: getattr(with_street[0].clean, key) for key in _ADDRESS}
    for key in (*_ADDRESS[1:], *_CONTACT):
        if row.get(key) is None:
            filled = (getattr(one.clean, key) for one in group)
            row[key] = next((value for value in filled if value), None)
    # An extension belongs to its telephone and to no other.
    row["phone_extension"] = next(
        (one.clean.phone_extension for one in group if one.clean.phone == row["phone"]), None
    )
    said = (one.clean.home_visits for one in group)
    row["home_visits"] = next((yes for yes in said if yes is not None), None)
    best = min(group, key=lambda one: _precision_rank(one.clean))
    for key in ("latitude", "longitude", "precision", "point_from", "point_note"):
        row[key] = getattr(best.clean, key)
    if best.clean.latitude is None or best.clean.longitude is None:
        row |= dict.fromkeys(("latitude", "longitude", "precision", "point_from"))
    row["last_seen"] = max(one.last_seen for one in group)
    return row


def morton(latitude: float | None, longitude: float | None) -> int:
    """The place on a Z-shaped curve through all points: near numbers are near on earth.

    Places without a point come last.
    """
    if latitude is None or longitude is None:
        return 1 << 40
    y = int((latitude + 90) / 180 * 0xFFFF)
    x = int((longitude + 180) / 360 * 0xFFFF)
    return _spread(x) | _spread(y) << 1


def _spread(number: int) -> int:
    """The 16 bits of a number with a zero between each two."""
    number &= 0xFFFF
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        number = (number | number << shift) & mask
    return number


def _precision_rank(clean: Clean) -> int:
    if clean.latitude is None or clean.longitude is None or clean.precision is None:
        return len(_RANK)
    return _RANK[clean.precision]


def _says_where(entry: Entry) -> bool:
    return bool(entry.clean.street)


def _same_place(one: Entry, other: Entry) -> bool:
    a, b = one.clean, other.clean
    if not _same_area(a, b):
        return False
    if a.street is None and b.street is None:
        return True
    same_door = a.street and street_key(a.street) == street_key(b.street)
    same_call = a.phone and a.phone == b.phone and a.postcode and a.postcode == b.postcode
    return bool(same_door or same_call)


def _same_area(a: Clean, b: Clean) -> bool:
    if a.postcode and b.postcode:
        return a.postcode == b.postcode
    return ((a.city or "").casefold(), a.state) == ((b.city or "").casefold(), b.state)
