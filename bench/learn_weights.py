"""Learns `matching/weights.json` from sample worlds: `python -m bench.learn_weights`.

Twice counted, as Fellegi and Sunter have it: how often each level comes among pairs of one person,
and how often among pairs drawn at random. So the weight of a name is how rare names are, and not
how many namesakes somebody put into the samples. The worlds are others than those that `make eval`
measures. What a made-up world shows too rarely must not weigh too much: no weight is over 9 bits or
under -4.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from math import comb, log2
from pathlib import Path

from bench.worlds import Cleaned, cleaned, hard_world, sides_of
from matching.evidence import FIELDS, Levels, compare
from matching.weights import learn

#: `make eval` uses neither.
SEEDS = (101, 202)
RANDOM_PAIRS = 500_000
_FILE = Path(__file__).resolve().parent.parent / "matching" / "weights.json"


def labelled(world: Cleaned, seed: int) -> Iterator[tuple[Levels, bool]]:
    """The levels of every pair of one person, and of RANDOM_PAIRS others drawn at random."""
    sides = {key: one for key, one in sides_of(world).items() if one.kind == "person"}
    for left, right in sorted(world.same):
        if left in sides and right in sides:
            yield compare(sides[left], sides[right]), True
    rng = random.Random(seed)
    keys = sorted(sides)
    for _ in range(RANDOM_PAIRS):
        left, right = sorted(rng.sample(keys, 2))
        if (left, right) not in world.same:
            yield compare(sides[left], sides[right]), False


def prior(worlds: Iterable[Cleaned]) -> float:
    """Bits: how likely two listings drawn at random are one person."""
    shares = [len(one.same) / comb(len(one.listings), 2) for one in worlds]
    return round(log2(sum(shares) / len(shares)), 2)


def main() -> None:
    worlds = {seed: cleaned(hard_world(seed)) for seed in SEEDS}
    pairs = [pair for seed, world in worlds.items() for pair in labelled(world, seed)]
    weights = learn(pairs, prior(worlds.values()), FIELDS)
    content = {
        "what": "Fellegi-Sunter weights in bits for each level of each field",
        "learned_by": "python -m bench.learn_weights",
        "learned_from": "sample worlds with lookalikes, 10,000 people each",
        "seeds": list(SEEDS),
        "pairs_of_one_person": sum(same for _, same in pairs),
        "pairs_at_random": sum(not same for _, same in pairs),
        "before": weights.before,
        "fields": weights.bits,
    }
    _FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(_FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
