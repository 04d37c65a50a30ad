"""How good matching is, on sample worlds where the truth is known: `make eval`.

    precision   of the pairs of listings that stand under one practitioner, the share that is one
                person
    recall      of the pairs of listings of one person, the share that stands under one practitioner
    cannot tell of the pairs that are not told apart for sure (same, or cannot tell), the share that
                waits for a person

One world was used while the thresholds were chosen, the other was not. Then the worst errors, and
what the variations of the generator cost. `bench/febrl.py` is the other half.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from itertools import combinations

from bench.worlds import Cleaned, Pair, cleaned, hard_world, sides_of
from db.people import Decision
from matching.pairs import decide
from matching.side import Side

TUNED = 2026
HELD_OUT = 4711
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares from 0 to 1."""

    listings: int
    true_pairs: int
    precision: float
    recall: float
    cannot_tell: float
    asked: int
    """Pairs that wait for a person."""
    false_merges: list[Pair]
    missed: list[Pair]


def score(world: Cleaned, sides: dict[str, Side]) -> tuple[Scores, list[Decision]]:
    """Match the listings of the world, and hold the result against its truth."""
    decisions, groups = decide(sides, dict.fromkeys(sides, ""), [])
    merged = {pair for group in groups for pair in combinations(group, 2)}
    people = {pair for pair in merged if sides[pair[0]].kind == "person"}
    # An undecided pair inside one practitioner asks nobody anything any more.
    asked = [
        one
        for one in decisions
        if one.judgement == "cannot_tell" and (one.left, one.right) not in merged
    ]
    right = people & world.same
    return Scores(
        listings=len(sides),
        true_pairs=len(world.same),
        precision=len(right) / len(people),
        recall=len(right) / len(world.same),
        cannot_tell=len(asked) / (len(asked) + len(people)),
        asked=len(asked),
        false_merges=sorted(people - world.same),
        missed=sorted(world.same - people),
    ), decisions


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--people", type=int, default=10_000)
    people = arguments.parse_args().people
    found = {}
    for seed, what in ((TUNED, "used while tuning"), (HELD_OUT, "not used while tuning")):
        world = cleaned(hard_world(seed, people))
        sides = sides_of(world)
        scores, decisions = score(world, sides)
        found[seed] = scores
        print(f"seed {seed} ({what}): {scores.listings:,} listings of six directories,")
        print(f"{scores.true_pairs:,} pairs of one person, {scores.asked:,} wait for a person")
        print(f"precision {scores.precision:.4f}")
        print(f"recall {scores.recall:.4f}")
        print(f"cannot tell {scores.cannot_tell:.4f}\n")
        _print_errors(world, scores, {(one.left, one.right): one for one in decisions})
    one, other = found[TUNED], found[HELD_OUT]
    apart = max(abs(one.precision - other.precision), abs(one.recall - other.recall))
    print(f"the two seeds are {100 * apart:.2f} points apart")
    sys.exit(0 if good_enough(one) and good_enough(other) and apart <= 0.005 else 1)


def good_enough(scores: Scores) -> bool:
    return scores.precision >= 0.999 and scores.recall >= 0.95 and scores.cannot_tell <= 0.03


def _print_errors(world: Cleaned, scores: Scores, decided: dict[Pair, Decision]) -> None:
    for title, pairs in (("merged wrongly", scores.false_merges), ("missed", scores.missed)):
        print(f"{title}: {len(pairs)}")
        cases = Counter(_case(world, pair) for pair in pairs)
        print("  " + ", ".join(f"{case} {count}" for case, count in cases.most_common()))

        def likely(pair: Pair) -> float:
            return decided[pair].score if pair in decided else 0.0

        # The surest errors are the worst: of the missed ones those that looked least alike.
        for pair in sorted(pairs, key=likely, reverse=title != "missed")[:_SHOWN]:
            one = decided.get(pair)
            print(f"  {_line(world, pair[0])}\n  {_line(world, pair[1])}")
            said = f"{one.judgement} {one.score}: {one.evidence}" if one else "never compared"
            print(f"    {said}")
        print()


def _case(world: Cleaned, pair: Pair) -> str:
    one, other = world.truth[pair[0]], world.truth[pair[1]]
    marked = other.hard or one.hard
    if marked:
        return marked
    elsewhere = (one.place_latitude, one.place_longitude) != (
        other.place_latitude,
        other.place_longitude,
    )
    return "another office" if elsewhere else "plain"


def _line(world: Cleaned, key: str) -> str:
    one = world.truth[key]
    parts = (key, one.printed, one.practice, one.street, one.city, one.state, one.phone, one.email)
    return " | ".join(part for part in parts if part)


if __name__ == "__main__":
    main()
