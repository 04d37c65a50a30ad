"""Which pairs of listings are worth judging, and what follows from the judgements.

Pairs are found by keys that only listings of one name share, so the number of judgements grows
with the number of listings and not with its square.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from db.people import RULE, Decision
from matching.judge import judge
from matching.names import parts, roots
from matching.side import Side

Pair = tuple[str, str]


def keys_of(side: Side) -> Iterator[tuple[str | None, ...]]:
    """The keys under which a listing meets others; a key with a None in it is none."""
    if side.kind == "practice":
        yield "practice", side.practice, side.phone
        yield "practice", side.practice, side.postcode
        yield "practice", side.practice, side.city, side.state
        return
    yield "NPI", side.npi
    yield "licence", side.licence
    yield "e-mail", side.own_email
    yield "profile", side.profile
    families = list(parts(side.family)) if side.family else []
    families += side.middle_words if families else ()
    given = [*roots(side.given), *roots(side.nickname)]
    for family in families:
        yield "website, family", side.website, family
        yield "phone, family", side.phone, family
        yield "street, family", side.street, family
        for name in given:
            yield "state, name", side.state, family, name
    # Who is misspelt, or married, has a given name all the same.
    for name in given:
        yield "phone, given", side.phone, name
        yield "street, given", side.street, side.postcode, name
    # Some directories print the family name first and no comma.
    if side.given and side.family:
        yield "state, both", side.state, *sorted((side.given, side.family))


def candidate_pairs(sides: Iterable[Side]) -> list[Pair]:
    """The pairs that share a key, each once, the smaller id first, sorted."""
    blocks: dict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for side in sides:
        for key in keys_of(side):
            if None not in key:
                blocks[key].append(side.id)
    return sorted({pair for ids in blocks.values() for pair in combinations(sorted(set(ids)), 2)})


def decide(
    sides: Mapping[str, Side], first_seen: Mapping[str, str], human: Iterable[Decision]
) -> tuple[list[Decision], list[list[str]]]:
    """The automatic decisions, and the listings of each practitioner.

    A person's decision on a pair goes before the rule's. Where *same* would bring together two
    listings that are *different*, nothing is merged silently: every automatic *same* between
    listings that do not differ from exactly the same others becomes a *cannot tell*. So with
    father, son and an entry that could be either, the entry stays alone.

    Clusters and their members are sorted by listing id; each listing is in exactly one.
    """
    spoken: dict[Pair, str] = {
        (one.left, one.right): one.judgement
        for one in human
        if one.left in sides and one.right in sides
    }
    decisions = {}
    for pair in candidate_pairs(sides.values()):
        judged = judge(sides[pair[0]], sides[pair[1]])
        decisions[pair] = Decision(
            *pair, judged.judgement, judged.score, judged.evidence, RULE,
            # Known since both were: the same however often matching runs.
            max(first_seen[pair[0]], first_seen[pair[1]]),
        )  # fmt: skip
    by_rule = [
        pair for pair, one in decisions.items() if one.judgement == "same" and pair not in spoken
    ]
    by_hand = [pair for pair, judgement in spoken.items() if judgement == "same"]
    kept = []
    differs = _differences(components(sides, [*by_rule, *by_hand]), sides, spoken)
    for pair in by_rule:
        left, right = pair
        if differs[left] == differs[right]:
            kept.append(pair)
        else:
            doubted = decisions[pair]
            [other, *_] = sorted(differs[left] ^ differs[right])
            decisions[pair] = Decision(
                left, right, "cannot_tell", 0.5,
                f"{doubted.evidence}; but only one of them can be told from {other}",
                RULE, doubted.created_at,
            )  # fmt: skip
    groups = _joined_by_hand(components(sides, kept), by_hand, spoken)
    return list(decisions.values()), groups


def components(ids: Iterable[str], edges: Iterable[Pair]) -> list[list[str]]:
    """The ids in groups that the edges connect, all sorted."""
    parent = {key: key for key in ids}

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for left, right in edges:
        a, b = root(left), root(right)
        parent[max(a, b)] = min(a, b)
    groups: dict[str, list[str]] = defaultdict(list)
    for key in sorted(parent):
        groups[root(key)].append(key)
    return list(groups.values())


def _differences(
    groups: list[list[str]], sides: Mapping[str, Side], spoken: Mapping[Pair, str]
) -> dict[str, frozenset[str]]:
    """For each listing, the others of its group that it is different from."""
    found: dict[str, set[str]] = {key: set() for key in sides}
    for group in groups:
        for left, right in combinations(group, 2):
            said = spoken.get((left, right))
            if said == "different" or (not said and _contradicted(sides[left], sides[right])):
                found[left].add(right)
                found[right].add(left)
    return {key: frozenset(others) for key, others in found.items()}


def _contradicted(one: Side, other: Side) -> bool:
    return judge(one, other).contradicted


def _joined_by_hand(
    groups: list[list[str]], by_hand: list[Pair], spoken: Mapping[Pair, str]
) -> list[list[str]]:
    """The groups with the pairs joined that persons called the same, unless that would join a pair
    that persons called different."""
    home = {key: set(group) for group in groups for key in group}
    apart = [pair for pair, judgement in spoken.items() if judgement == "different"]
    for left, right in by_hand:
        joined = home[left] | home[right]
        if not any(a in joined and b in joined for a, b in apart):
            for key in joined:
                home[key] = joined
    return [list(group) for group in sorted({tuple(sorted(one)) for one in home.values()})]
