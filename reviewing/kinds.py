"""What waits for a person beside pairs: one entry of KINDS for each kind of item.

A new kind is a function that lists its items and, where a person can
answer them, one that writes the answer down. Addresses, pages and buttons follow from that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlite_utils import Database

from db.reports import waiting
from db.review import doubted_points
from reviewing.reports import OUTCOMES, entries_about, facts_of, name_in, said_of, settle


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
    label: str = "Why"
    reason: str = "compared by a person"
    """What the field of that label offers."""


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


def _reports(*kinds: str) -> Callable[[Database], list[Item]]:
    def read(db: Database) -> list[Item]:
        found = []
        for report in waiting(db, kinds):
            entries = entries_about(db, report)
            link = next((one.profile_url or one.seen_url for one in entries), None)
            title = name_in(entries, report)
            found.append(Item(report.reference, title, said_of(report), facts_of(report), link))
        return found

    return read


def _settle(db: Database, given: Answered) -> None:
    settle(db, given.item, given.answer, note=given.reason, by=given.by, at=given.at)


_ANSWERED = "What you found or answered"
_DONE = tuple((value, words) for value, words in OUTCOMES.items() if value != "forget")

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
        Kind(
            "reports",
            "Reports of mistakes",
            "What readers say is wrong. Ask the directory or the practice; what changes there"
            " changes here. Closing deletes the reader's contact.",
            _reports("wrong"),
            _DONE,
            _settle,
            _ANSWERED,
            "",
        ),
        Kind(
            "removals",
            "Corrections and removals",
            "People about their own entry. Make sure that it is them: their number on their own"
            " site, or an answer from the telephone or e-mail that is listed. Write to them before"
            " you take them out: their contact is deleted with everything else.",
            _reports("removal", "correction"),
            tuple(OUTCOMES.items()),
            _settle,
            _ANSWERED,
            "",
        ),
    )
}
