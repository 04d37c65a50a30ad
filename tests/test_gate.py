"""The gate: which runs are believed, and what it says of those that are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from db.gate import LastGood, judge
from records.bundle import RunBundle
from records.listing import Listing
from tests.store_fixtures import people, person, run, sheet


def last(count: int, started_at: str = "2026-02-01T02:00:00Z") -> LastGood:
    ids = frozenset(str(number) for number in range(1, count + 1))
    return LastGood(f"alpha@{started_at}", started_at, count, ids)


def without(listings: list[Listing], field: str, count: int) -> list[Listing]:
    emptied: dict[str, Any] = {field: None}
    return [replace(one, **emptied) if n < count else one for n, one in enumerate(listings)]


def bounds(**values: Any) -> Any:
    return sheet(bounds=values)


GOOD = [
    ("first run", sheet(), run(people(3)), None),
    ("same number", sheet(), run(people(100)), last(100)),
    ("fifth gone", sheet(), run(people(80)), last(100)),
    ("doubled", sheet(), run(people(200)), last(100)),
    ("few gone of a few", sheet(), run(people(3)), last(8)),
    ("few new of a few", sheet(), run(people(20)), last(1)),
    ("complete", sheet(), run(people(100), expected=100), None),
    ("hidden rows are counted", sheet(), run(people(90), expected=100, hidden={"x": 10}), None),
    ("two of a hundred vanished", sheet(), run(people(98), expected=100), None),
    ("more than it says", sheet(), run(people(100), expected=90), None),
    ("at the floor", bounds(min=3), run(people(3)), None),
    ("at the ceiling", bounds(max=3), run(people(3)), None),
    ("filled", bounds(fill_rate={"phone": 0.5}), run(without(people(10), "phone", 5)), None),
    (
        "a few impossible points",
        sheet(),
        run([*people(9), person(10, latitude="0", longitude="0")]),
        None,
    ),
]


@pytest.mark.parametrize(("sheet_", "bundle", "before"), [c[1:] for c in GOOD], ids=lambda _: "")
def test_good_runs(sheet_: Any, bundle: RunBundle, before: LastGood | None) -> None:
    judgement = judge(sheet_, bundle, before)
    assert judgement.verdict == "good", judgement.reason
    assert judgement.reason.endswith(f"all {len(judgement.checks)} checks passed")
    assert len({check.name for check in judgement.checks}) == len(judgement.checks)


NOT_GOOD = [
    (sheet(), run([], failure="robots.txt answers 503"), None, "failed", "robots.txt answers 503"),
    (sheet(), run(people(9), failure="cut\n off"), last(9), "failed", "cut off"),
    (sheet(), run([]), None, "failed", "no listings found"),
    (bounds(min=0), run([]), None, "failed", "no listings found"),
    (sheet(), run(people(3, "beta")), None, "failed", "listings of another source: beta"),
    (sheet(), run(people(3)), last(3, "2026-04-01T00:00:00Z"), "failed", "taken in already"),
    (bounds(min=4), run(people(3)), None, "suspect", "3 listings, at least 4 required"),
    (bounds(max=2), run(people(3)), None, "suspect", "3 listings, at most 2 allowed"),
    (sheet(), run(people(79)), last(100), "suspect", "100 in the last good run: -21 (-21%)"),
    (sheet(), run(people(201)), last(100), "suspect", "100 in the last good run: +101 (+101%)"),
    (
        sheet(), run(people(100, first=52)), last(100), "suspect",
        "only 49 of the 100 entries of the last good run are there again",
    ),
    (
        sheet(), run(people(97), expected=100, expected_by="the header"), None, "suspect",
        "97 of the 100 entries the directory says it has (the header)",
    ),
    (
        sheet(), run(people(97), stats={"shortfall": "a cell stayed full"}), None, "suspect",
        "not the whole directory: a cell stayed full",
    ),
    (
        sheet(), run(people(97), expected=109, stats={"shortfall": "a cell stayed full"}), None,
        "suspect", "97 of the 109 entries the directory says it has: a cell stayed full",
    ),
    (
        bounds(fill_rate={"phone": 0.5}), run(without(people(10), "phone", 6)), None, "suspect",
        "phone is printed for 40% of the listings",
    ),
    (bounds(fill_rate={"fax": 0.5}), run(people(3)), None, "suspect", "no such printed field"),
    (
        sheet(), run([replace(one, latitude="91") for one in people(10)]), None, "suspect",
        "only 0% of the printed coordinates",
    ),
    (sheet(), run([*people(3), person(1)]), None, "suspect", "1 entries carry an id that another"),
    (
        sheet(), run([*people(20), *(replace(one, native_id=f"x{n}", profile_url=None)
                                     for n, one in enumerate(people(20)))]),
        None, "suspect", "20 of 40 entries repeat another word for word",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sheet_", "bundle", "before", "verdict", "reason"), NOT_GOOD)
def test_runs_that_are_not_believed(
    sheet_: Any, bundle: RunBundle, before: LastGood | None, verdict: str, reason: str
) -> None:
    judgement = judge(sheet_, bundle, before)
    assert judgement.verdict == verdict
    assert reason in judgement.reason
    assert "\n" not in judgement.reason


def test_a_good_run_says_how_many_of_how_many() -> None:
    bundle = run(
        people(403), expected=409, counted_apart=409, stats={"shortfall": "6 outside every cell"}
    )
    assert judge(sheet(), bundle, None).reason.startswith("403 of 409, 6 outside every cell; all")
    assert judge(sheet(), run(people(4), expected=4), None).reason.startswith("4 of 4; all")


LACKS = {"shortfall": "entries without coordinates are missing"}


@pytest.mark.parametrize(
    ("found", "hidden", "expected", "counted_apart", "verdict"),
    [
        (122, 0, 122, None, "suspect"),  # a map counts what it shows
        (122, 0, None, None, "suspect"),
        (122, 0, 100, None, "suspect"),  # more than it says is not all there is
        (122, 0, 122, 122, "good"),
        (120, 0, 122, 122, "good"),  # two of a hundred may vanish while one reads
        (119, 0, 119, 122, "suspect"),  # what the answers say is met, the other count is not
        (110, 12, 122, 122, "good"),  # the other count holds what is hidden as well
        (122, 0, 200, 122, "suspect"),  # each count counts
        (122, 0, 0, 0, "suspect"),  # a count of fewer than were found is none of the whole
        (122, 0, 100, 100, "suspect"),
    ],
)
def test_only_a_count_made_elsewhere_outweighs_what_a_run_says_it_lacks(
    found: int, hidden: int, expected: int | None, counted_apart: int | None, verdict: str
) -> None:
    bundle = run(
        people(found),
        hidden={"private": hidden} if hidden else {},
        expected=expected,
        counted_apart=counted_apart,
        stats=LACKS,
    )
    judgement = judge(sheet(), bundle, None)
    assert judgement.verdict == verdict, judgement.reason
    assert LACKS["shortfall"] in judgement.reason


def test_a_failed_run_is_asked_nothing_further() -> None:
    judgement = judge(bounds(min=100), run(people(3), failure="cut off"), last(100))
    assert judgement.reason == "cut off"
    assert [c.name for c in judgement.checks] == ["failure", "newer", "own", "not_empty"]


def test_every_doubt_is_in_the_reason() -> None:
    judgement = judge(bounds(min=100), run(people(3)), last(100))
    assert judgement.reason.count(";") == 2
