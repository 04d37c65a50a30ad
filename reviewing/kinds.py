"""What waits for a person beside pairs: one entry of KINDS for each kind of item.

A new kind is a function that lists its items and, where a person can
answer them, one that writes the answer down. Addresses, pages and buttons follow from that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlite_utils import Database

from db.links import failing_links
from db.point_decisions import decided_points, doubted_points, take_back_point
from db.reports import waiting
from db.review import entry
from reviewing.places import ANSWERS, REASON, answer_place, place_facts
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
class Decided:
    """What a person answered about an item, in words."""

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
    decided: Callable[[Database], list[Decided]] = lambda _db: []
    """What was answered last and can be taken back, the newest first."""
    take_back: Callable[[Database, str, str], None] | None = None
    """Given the item's id and the time (UTC, ISO 8601). Raises NothingDecided."""


def _points(db: Database) -> list[Item]:
    return [
        Item(
            listing.id,
            listing.name or listing.id,
            note,
            place_facts(listing),
            listing.profile_url or listing.seen_url,
        )
        for listing, note in doubted_points(db)
    ]


def _answer_place(db: Database, given: Answered) -> None:
    answer_place(db, given.item, given.answer, by=given.by, reason=given.reason, at=given.at)


def _decided_points(db: Database) -> list[Decided]:
    return [
        Decided(one.listing_id, ANSWERS[one.answer], one.by, one.reason, one.created_at)
        for one in decided_points(db)
    ]


def _take_back_point(db: Database, listing_id: str, at: str) -> None:
    take_back_point(db, listing_id, at=at)


def _links(db: Database) -> list[Item]:
    found = []
    for one in failing_links(db):
        listing = entry(db, one.listing_id).listing if one.listing_id else None
        facts = (
            ("Host", urlsplit(one.url).hostname or ""),
            ("Last answer", str(one.status or "none")),
            ("Failing since", one.since[:10]),
            ("Failed in a row", str(one.failures)),
            ("Last asked", one.checked_at[:10]),
            ("Given by", (listing.name or listing.id) if listing else "the fact sheet"),
        )
        said = "Dead." if one.failures >= DEAD_AFTER else "Perhaps a bad hour: three mean dead."
        number = f"{one.listing_id or one.source_id}, {one.kind}"
        found.append(Item(number, one.url, said, facts, one.url))
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


#: Checks in a row that failed, after which a link counts as dead.
DEAD_AFTER = 3

_ANSWERED = "What you found or answered"
_DONE = tuple((value, words) for value, words in OUTCOMES.items() if value != "forget")

KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            "points",
            "Places in doubt",
            "Entries whose printed point, town, state and ZIP code do not agree. The point is not"
            " believed; what is used instead stands beside it. An answer counts from the next"
            " geocoding on, for as long as the directory prints the same.",
            _points,
            tuple(ANSWERS.items()),
            _answer_place,
            reason=REASON,
            decided=_decided_points,
            take_back=_take_back_point,
        ),
        Kind(
            "links",
            "Links that do not answer",
            "As of the last `needlepoint check-links` that drew them. Tell the directory or the"
            " practice; a link that answers again leaves this list.",
            _links,
        ),
        Kind(
            "reports",
            "Reports of mistakes",
            "What readers say is wrong with an entry or with this site. Ask the directory or the"
            " practice; what changes there changes here. Closing deletes the reader's contact.",
            _reports("wrong", "site"),
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
