"""Matching against a small sample world with namesakes, couples, moves and misspelt names."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.eval_matching import score
from bench.worlds import Cleaned, cleaned, hard_world, sides_of
from samples.lookalikes import CASES, lookalike_cases
from samples.truth import public_listings, public_people

SEED, PEOPLE = 8, 1000


@pytest.fixture(scope="module")
def world() -> Cleaned:
    return cleaned(hard_world(SEED, PEOPLE))


def test_matching_is_precise_and_finds_most(world: Cleaned) -> None:
    """The whole measurement is `make eval`; a world of this size allows no wrong merge at all."""
    scores, _ = score(world, sides_of(world))
    assert scores.false_merges == []
    assert scores.recall >= 0.93
    assert scores.cannot_tell <= 0.06


def test_the_same_seed_makes_the_same_lookalikes() -> None:
    assert hard_world(3, 400) == hard_world(3, 400)
    assert hard_world(3, 400) != hard_world(4, 400)


def test_every_case_is_cast_and_everybody_is_true() -> None:
    made = hard_world(SEED, PEOPLE)
    found = Counter(one.hard for one in lookalike_cases(made))
    assert found.keys() == CASES.keys()
    assert found["namesake_far"] == 30
    people = {one.id for one in made.people}
    assert len(people) == len(made.people)
    assert public_people(made) == people
    keys = [(one.source_id, one.native_id) for one in public_listings(made)]
    assert len(set(keys)) == len(keys)


def test_lookalikes_are_plainly_invented() -> None:
    for one in lookalike_cases(hard_world(SEED, PEOPLE)):
        digits = "".join(filter(str.isdigit, one.phone))[-10:]
        assert digits[3:8] == "55501", one.phone
        assert not one.email or one.email.endswith("@example.com")
        assert not one.website or "example.com" in one.website
