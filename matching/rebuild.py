"""Matching as a whole: judge, decide, and rebuild the practitioners. One transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlite_utils import Database

from db.people import human_decisions, known_people, store_people, stored_listings
from matching.ids import assign
from matching.pairs import decide
from matching.side import Side


@dataclass(frozen=True, slots=True)
class Matched:
    """What matching did. Retired listings count as well: who comes back is recognised."""

    listings: int
    practitioners: int
    several: int
    """Practitioners with more than one listing."""
    same: int
    different: int
    cannot_tell: int
    by_hand: int
    """Decisions of persons that were kept to."""
    new: int
    """Practitioners that have an id for the first time."""
    merged: int
    """Ids that lead to another one since this run."""


def match(db: Database) -> Matched:
    """Judge the listings anew and rebuild the practitioners from the decisions.

    Automatic decisions are replaced, decisions of persons are kept to. Run again on the same
    listings it leaves the store as it is.
    """
    sides: dict[str, Side] = {}
    first_seen: dict[str, str] = {}
    with db.atomic():
        for listing_id, printed, clean, seen in stored_listings(db):
            sides[listing_id] = Side.of(listing_id, printed, clean)
            first_seen[listing_id] = seen
        human = human_decisions(db)
        decisions, groups = decide(sides, first_seen, human)
        known = known_people(db)
        people = assign(groups, known, first_seen)
        store_people(db, people, decisions)
    counts = Counter(one.judgement for one in decisions)
    return Matched(
        listings=len(sides),
        practitioners=len(groups),
        several=sum(1 for group in groups if len(group) > 1),
        same=counts["same"],
        different=counts["different"],
        cannot_tell=counts["cannot_tell"],
        by_hand=len(human),
        new=len(people.minted.keys() - known.minted.keys()),
        merged=len(people.aliases.keys() - known.aliases.keys()),
    )
