"""Stable ids: a practitioner's id never changes because a listing came or went.

An id is minted from the smallest listing id of a new practitioner, so the same listings give the
same ids everywhere. From then on what exists wins: a practitioner keeps the oldest id any of its
listings brings along; ids that lose by a merge lead on to the one that stays, and come back if
the merge is undone.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from db.people import People


def minted(listing_id: str, attempt: int = 0) -> str:
    """'np-' and ten letters or digits, made from a listing id; another for each attempt."""
    text = f"{listing_id}#{attempt}" if attempt else listing_id
    digest = hashlib.sha256(text.encode()).digest()
    return "np-" + base64.b32encode(digest)[:10].decode().lower()


def assign(groups: Sequence[Sequence[str]], known: People, first_seen: Mapping[str, str]) -> People:
    """The practitioners for these groups of listing ids, after those known before.

    Where a practitioner has fallen apart, its id stays with the listing it was made from, else
    with the larger part. Pure; the same input gives the same ids.
    """
    people = People(minted=dict(known.minted), aliases=dict(known.aliases))
    owned, idle = _owned(groups, known), _idle(known)
    for number, group in enumerate(groups):
        since = max(first_seen[key] for key in group)
        ids = sorted(owned[number], key=lambda key: (known.minted[key][1], key))
        chosen = ids[0] if ids else _new_id(group, people, idle)
        people.minted.setdefault(chosen, (group[0], min(first_seen[key] for key in group)))
        people.aliases.pop(chosen, None)
        for lost in ids[1:]:
            people.aliases[lost] = (chosen, since)
        people.membership |= dict.fromkeys(group, chosen)
    for old, (new, since) in people.aliases.items():
        people.aliases[old] = (_end_of(new, people), since)
    return people


def _owned(groups: Sequence[Sequence[str]], known: People) -> dict[int, list[str]]:
    """Group number -> the known ids that belong to it now."""
    members: dict[str, Counter[int]] = defaultdict(Counter)
    home = {key: number for number, group in enumerate(groups) for key in group}
    for key, number in home.items():
        if key in known.membership:
            members[known.membership[key]][number] += 1
    owned: dict[int, list[str]] = defaultdict(list)
    for practitioner_id, counts in members.items():
        source = home.get(known.minted[practitioner_id][0])
        if source is None or source not in counts:
            source = min(counts, key=lambda number: (-counts[number], groups[number][0]))
        owned[source].append(practitioner_id)
    return owned


def _idle(known: People) -> dict[str, list[str]]:
    """Listing id -> the ids made from it that nobody has now: merged away, or their listings were
    gone for a while."""
    used = set(known.membership.values())
    idle: dict[str, list[str]] = defaultdict(list)
    for key, (source, _) in known.minted.items():
        if key not in used:
            idle[source].append(key)
    return idle


def _new_id(group: Sequence[str], people: People, idle: Mapping[str, list[str]]) -> str:
    """The id for a group that brings none: the oldest that was made from one of its listings and
    is free again, or a fresh one."""
    former = [key for listing_id in group for key in idle.get(listing_id, ())]
    if former:
        return min(former, key=lambda key: (people.minted[key][1], key))
    attempt = 0
    while (fresh := minted(group[0], attempt)) in people.minted:
        attempt += 1
    return fresh


def _end_of(new: str | None, people: People) -> str | None:
    seen = set()
    while new in people.aliases and new not in seen:
        seen.add(new)
        new = people.aliases[new][0]
    return new
