"""Lets time pass in a sample world: people join, move and leave, as between two crawls."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from samples.people import LEAST_PEOPLE, make_world
from samples.world import SOURCES, TrueListing, World


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened, each listing as it is now (removed ones as they were)."""

    added: list[TrueListing]
    changed: list[TrueListing]
    removed: list[TrueListing]


def evolve(world: World, seed: int = 1, share: float = 0.02) -> Changes:
    """Changes `world.listings` in place; servers of the world show it at the next request.

    In every directory about `share` of the plain public listings leave, as many get another phone
    and street, and as many newcomers appear. The same seed does the same.
    """
    rng = random.Random(seed)
    # Another world lends newcomers, and new phones and streets for those who move.
    other = make_world(world.seed + 1000 + seed, LEAST_PEOPLE)
    known = {person.name for person in world.people}
    names = {person.id: person.name for person in other.people}
    changes = Changes([], [], [])
    for source in SOURCES:
        listings = world.listings[source]
        plain = [one for one in listings if one.public and one.hard is None]
        lent = [
            one
            for one in other.public(source)
            if one.hard is None and names.get(one.person_id or "") not in known
        ]
        count = min(max(2, round(share * len(plain))), len(plain) // 3, len(lent) // 2)
        chosen = rng.sample(plain, 2 * count)
        leaving, moving = chosen[:count], chosen[count:]
        drawn = rng.sample(lent, 2 * count)
        moved = {
            old.native_id: replace(old, phone=new.phone, street=new.street, unit=new.unit)
            for old, new in zip(moving, drawn[:count], strict=True)
        }
        gone = {one.native_id for one in leaving}
        joined = [
            replace(
                one, native_id=_native(source, seed, place), person_id=f"n{seed}-{one.person_id}"
            )
            for place, one in enumerate(drawn[count:])
        ]
        world.listings[source] = [
            moved.get(one.native_id, one) for one in listings if one.native_id not in gone
        ] + joined
        changes.added.extend(joined)
        changes.changed.extend(moved.values())
        changes.removed.extend(leaving)
    return changes


def _native(source: str, seed: int, place: int) -> str:
    number = 90_000_000 + seed * 10_000 + place
    if source == "sample_jsonld":
        return f"newcomer-{number}"
    return f"practitioner-{number}" if source == "sample_cards" else str(number)
