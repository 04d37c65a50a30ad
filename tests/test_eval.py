"""`make eval`: its bounds, and that what only it needs stays out of the run-time environment."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace

import pytest

from bench.eval_matching import Scores, good_enough
from tests.conftest import ROOT

GOOD = Scores(
    listings=13_040,
    true_pairs=2_930,
    precision=0.999,
    recall=0.95,
    cannot_tell=0.03,
    asked=83,
    false_merges=[],
    missed=[],
)


@pytest.mark.parametrize(
    ("missed_by_little", "good"),
    [
        ({}, True),
        ({"precision": 0.9989}, False),
        ({"recall": 0.9499}, False),
        ({"cannot_tell": 0.0301}, False),
    ],
)
def test_a_missed_bound_is_no_success(missed_by_little: dict[str, float], good: bool) -> None:
    assert good_enough(replace(GOOD, **missed_by_little)) is good  # type: ignore[arg-type]


def test_the_bench_has_a_lock_of_its_own_and_pandas_is_only_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run_time, bench = (
        (ROOT / path).read_text() for path in ("requirements.lock", "bench/requirements.lock")
    )
    for wanted in project["dependency-groups"]["bench"]:
        name = re.split(r"[<>=]", wanted)[0]
        assert re.search(rf"^{name}==[\w.]+ \\\n    --hash=sha256:", bench, re.MULTILINE), name
    for heavy in ("pandas", "splink", "recordlinkage", "duckdb"):
        assert re.search(rf"^{heavy}==", bench, re.MULTILINE)
        assert not re.search(rf"^{heavy}==", run_time, re.MULTILINE)
    assert "://" not in bench
