"""How much each level of each field weighs: the learned weights, and adding them up.

The weights are those of Fellegi and Sunter: the logarithm to base 2 of how much oftener a level
comes among pairs of one person than among pairs of two. +3 makes *same* eight times likelier, -1
half as likely. They stand in `weights.json` with where they come from; `python -m
bench.learn_weights` makes it anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log2
from pathlib import Path

_FILE = Path(__file__).with_name("weights.json")

#: No single field may decide alone: independent fields are an assumption, rare events are not.
_MOST = 9.0
_LEAST = -4.0
_NOTHING = frozenset({"missing"})


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of every level of every field, in bits, and what holds before any is compared."""

    before: float
    """Of two listings of which nothing is known."""
    bits: Mapping[str, Mapping[str, float]]

    def of(self, field: str, level: str) -> float:
        """0 for what is missing, and for a level that was never learned."""
        return self.bits.get(field, {}).get(level, 0.0)

    def total(self, levels: Mapping[str, str]) -> float:
        """The sum for a pair, in bits: 0 is as likely one person as two."""
        # Rounded: a sum must not depend on the order of its terms.
        return round(self.before + sum(self.of(*one) for one in sorted(levels.items())), 6)


def probability(bits: float) -> float:
    """0 to 1, six places: how likely one person is."""
    return round(1 / (1 + 2 ** -max(-60.0, min(60.0, bits))), 6)


@cache
def shipped() -> Weights:
    """The weights that come with the project."""
    known = json.loads(_FILE.read_text(encoding="utf-8"))
    return Weights(known["before"], known["fields"])


def learn(
    pairs: Iterable[tuple[Mapping[str, str], bool]],
    before: float,
    fields: Mapping[str, Sequence[str]],
    doubt: float = 0.5,
) -> Weights:
    """Weights from pairs of which is known whether they are one (levels, truth).

    `before`, in bits, is how likely one is before anything is compared; `fields` has each field's
    levels from surest to least. A level never weighs more than a surer one, whatever was counted,
    and one that was never seen weighs as much as the next that was.

    `doubt` is added to every count, so that what was never seen is rare and not impossible.
    Raises ValueError unless there are pairs of both sorts.
    """
    counts: dict[bool, dict[str, Counter[str]]] = {True: {}, False: {}}
    totals = Counter[bool]()
    for levels, same in pairs:
        totals[same] += 1
        for field, level in levels.items():
            if level not in _NOTHING:
                counts[same].setdefault(field, Counter())[level] += 1
    if not (totals[True] and totals[False]):
        raise ValueError("weights are learned from pairs of one person and pairs of two")
    bits: dict[str, dict[str, float]] = {}
    for field, order in fields.items():
        ours, theirs = (counts[which].get(field, Counter()) for which in (True, False))
        found: dict[str, float] = {}
        for level in order:
            if ours[level] or theirs[level]:
                weight = _bits(
                    (ours[level] + doubt) / (ours.total() + doubt * len(order)),
                    (theirs[level] + doubt) / (theirs.total() + doubt * len(order)),
                )
                found[level] = min(weight, *found.values()) if found else weight
        below = 0.0
        for level in reversed(order):
            below = found.setdefault(level, below)
        bits[field] = {level: found[level] for level in order}
    return Weights(before, bits)


def _bits(among_same: float, among_different: float) -> float:
    return round(max(_LEAST, min(_MOST, log2(among_same / among_different))), 2)
