"""What waits for a person beside pairs: one entry of KINDS for each kind of item.

A new kind (reports from readers, say) is a function that lists its items and, where a person can
answer them, one that writes the answer down. Addresses, pages and buttons follow from that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlite_utils import Database

from db.review import doubted_points


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at. All values are text for a person; `link` is a web address."""

    id: str
    title: str
    said: str
    facts: tuple[tuple[str, str], ...] = ()
    """(label, value)."""
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a person answers about an item. `at` is UTC, ISO 8601."""

    item: str
    answer: str
    by: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One list of the private page. Without `answer` it is only to be read."""

    slug: str
    title: str
    what: str
    read: Callable[[Database], list[Item]]
    answers: tuple[tuple[str, str], ...] = ()
    """(value, words on the button)."""
    answer: Callable[[Database, Answered], None] | None = None
    """Writes one down. Raises ValueError, in words, when it cannot."""


def _points(db: Database) -> list[Item]:
    found = []
    for listing, note in doubted_points(db):
        clean = listing.clean
        address = listing.address or ", ".join(
            part for part in (listing.street, listing.city, listing.state, listing.postcode) if part
        )
        printed = ", ".join(part for part in (listing.latitude, listing.longitude) if part)
        used = "none"
        if clean.latitude is not None:
            used = f"{clean.latitude:.4f}, {clean.longitude:.4f} ({clean.precision})"
        facts = (("Address", address), ("Printed point", printed or "none"), ("Point used", used))
        link = listing.profile_url or listing.seen_url
        found.append(Item(listing.id, listing.name or listing.id, note, facts, link))
    return found


KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            "points",
            "Places in doubt",
            "Entries whose printed point, town, state and ZIP code do not agree. The point is not"
            " believed; what is used instead stands beside it. The directory can correct it.",
            _points,
        ),
    )
}
