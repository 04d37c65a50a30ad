"""The gate: whether a run of a source is believed. Pure, no database.

Verdicts: *good* replaces the source's published listings; *suspect* waits for a person, the last
good listings stay; *failed* is only noted. The gate is there because a directory that has a bad
day answers 200 with half its rows more often than it answers with an error.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from db.stored_listing import SOURCE_FIELDS
from records.bundle import RunBundle
from records.factsheet import FactSheet
from records.listing import Listing

Verdict = Literal["good", "suspect", "failed"]

#: Against the last good run: losing more than this share is doubtful, …
SHRINK_SHARE = 0.20
#: … but a small directory may lose a few people in a night without anybody being asked.
SHRINK_FEW = 5
#: Growing by more than this share is doubtful (an endless pager, a search without its filter), …
GROWTH_SHARE = 1.00
#: … unless it is by so few.
GROWTH_FEW = 20
#: At least this share of what the last good run had must be there again, by id: else the directory
#: has numbered its entries anew, and every one of them would be reported gone and new.
KEPT_SHARE = 0.50
#: How far short of the directory's own count a run may fall: entries do vanish while one reads.
INCOMPLETE_SHARE = 0.02
#: Least share of printed coordinates that can be a point on land as written.
COORDINATE_SHARE = 0.80
#: Entries that say the same under another id: the sign of a pager that repeats itself.
DUPLICATE_SHARE = 0.10
DUPLICATE_FEW = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a run was asked, what was required, what was found."""

    name: str
    required: str
    found: str
    passed: bool
    note: str | None = None
    fatal: bool = False
    """When it is not passed the run is failed, not merely doubtful."""


@dataclass(frozen=True, slots=True)
class LastGood:
    """What the last good run of the source left."""

    run_id: str
    started_at: str
    listings: int
    native_ids: frozenset[str] = field(default_factory=frozenset)
    """The entries that were listed after it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    reason: str
    """One line for a person."""
    checks: tuple[Check, ...]


def judge(sheet: FactSheet, bundle: RunBundle, last: LastGood | None) -> Judgement:
    """The verdict on a run, from its bundle, the bounds of its sheet and the last good run.

    A failed run is asked no further questions: its listings are not to be trusted.
    """
    checks = [_no_failure(bundle), _newer(bundle, last), _own(sheet, bundle), _not_empty(bundle)]
    if all(check.passed for check in checks):
        for ask in _QUESTIONS:
            checks += ask(sheet, bundle, last)
    wrong = [check for check in checks if not check.passed]
    if not wrong:
        said = f"{_counted(bundle)}all {len(checks)} checks passed"
        return Judgement("good", said, tuple(checks))
    verdict: Verdict = "failed" if any(check.fatal for check in wrong) else "suspect"
    # A crawl that failed has usually found nothing either; its own words say more than the rest.
    worth_saying = wrong[:1] if wrong[0].fatal else wrong
    return Judgement(verdict, "; ".join(map(_in_words, worth_saying)), tuple(checks))


def _counted(bundle: RunBundle) -> str:
    """ "403 of 409, 6 outside every cell; " where the directory says how many it has."""
    if bundle.expected is None:
        return ""
    shortfall = bundle.stats.get("shortfall")
    why = f", {shortfall}" if shortfall else ""
    return f"{_found(bundle, bundle.expected):,} of {bundle.expected:,}{why}; "


def _found(bundle: RunBundle, expected: int) -> int:
    """How many of the entries a directory counts were found: some count what they hide as well."""
    listed = len(bundle.listings)
    return max(listed, min(listed + sum(bundle.hidden.values()), expected))


def _in_words(check: Check) -> str:
    if check.name == "failure":
        return check.found
    return check.note or f"{check.name}: {check.found} found, {check.required} required"


def _no_failure(bundle: RunBundle) -> Check:
    found = " ".join((bundle.failure or "none").split())
    return Check("failure", "none", found, bundle.failure is None, fatal=True)


def _newer(bundle: RunBundle, last: LastGood | None) -> Check:
    after = last.started_at if last else ""
    passed = bundle.started_at > after
    note = None if passed else f"a newer run, of {after}, has been taken in already"
    return Check(
        "newer", f"after {after}" if last else "any", bundle.started_at, passed, note, True
    )


def _own(sheet: FactSheet, bundle: RunBundle) -> Check:
    others = sorted({one.source_id for one in bundle.listings} - {sheet.id})
    note = f"the run holds listings of another source: {', '.join(others)}" if others else None
    return Check("own", sheet.id, ", ".join(others) or sheet.id, not others, note, True)


def _not_empty(bundle: RunBundle) -> Check:
    count = len(bundle.listings)
    note = None if count else "no listings found; a directory with nobody in it is not believed"
    return Check("not_empty", "at least 1", str(count), count > 0, note, True)


def _bounds(sheet: FactSheet, bundle: RunBundle, _last: LastGood | None) -> list[Check]:
    count, low, high = len(bundle.listings), sheet.bounds.min, sheet.bounds.max
    checks = []
    if low is not None:
        note = f"{count:,} listings, at least {low:,} required by the fact sheet"
        checks.append(_asked("floor", f"at least {low}", str(count), count >= low, note))
    if high is not None:
        note = f"{count:,} listings, at most {high:,} allowed by the fact sheet"
        checks.append(_asked("ceiling", f"at most {high}", str(count), count <= high, note))
    return checks


def _fill_rates(sheet: FactSheet, bundle: RunBundle, _last: LastGood | None) -> list[Check]:
    checks = []
    for name, least in sorted(sheet.bounds.fill_rate.items()):
        required, key = f"at least {least:.0%}", f"fill_rate.{name}"
        if name not in SOURCE_FIELDS:
            note = f"bounds.fill_rate.{name}: no such printed field"
            checks.append(Check(key, required, "no such field", False, note))
            continue
        filled = sum(1 for one in bundle.listings if getattr(one, name))
        share = filled / len(bundle.listings)
        note = f"{name} is printed for {share:.0%} of the listings, {required} required"
        checks.append(_asked(key, required, f"{share:.1%}", share >= least, note))
    return checks


def _change(_sheet: FactSheet, bundle: RunBundle, last: LastGood | None) -> list[Check]:
    if last is None:
        return []
    now, before = len(bundle.listings), last.listings
    least = before - max(math.floor(before * SHRINK_SHARE), SHRINK_FEW)
    most = before + max(math.floor(before * GROWTH_SHARE), GROWTH_FEW)
    turn = f"{now - before:+,} ({(now - before) / before:+.0%})" if before else f"{now:+,}"
    note = f"{now:,} listings, {before:,} in the last good run: {turn}"
    again = sum(1 for one in bundle.listings if one.native_id in last.native_ids)
    known = len(last.native_ids)
    kept_note = (
        f"only {again:,} of the {known:,} entries of the last good run are there again: "
        "has the directory numbered them anew?"
    )
    kept = known - again <= SHRINK_FEW or again >= known * KEPT_SHARE
    return [
        _asked("change", f"{max(least, 1)} to {most}", str(now), least <= now <= most, note),
        _asked("kept", f"at least {KEPT_SHARE:.0%} of {known}", str(again), kept, kept_note),
    ]


def _complete(_sheet: FactSheet, bundle: RunBundle, _last: LastGood | None) -> list[Check]:
    return [*_counts_met(bundle), *_nothing_cut(bundle)]


def _counts_met(bundle: RunBundle) -> list[Check]:
    if bundle.expected is None:
        return []
    found, least = _found(bundle, bundle.expected), _least(bundle.expected)
    by = f" ({bundle.expected_by})" if bundle.expected_by else ""
    shortfall = bundle.stats.get("shortfall")
    why = f": {shortfall}" if shortfall else ""
    note = f"{found:,} of the {bundle.expected:,} entries the directory says it has{by}{why}"
    return [_asked("complete", f"at least {least}", str(found), found >= least, note)]


def _nothing_cut(bundle: RunBundle) -> list[Check]:
    """What a run says it lacks is believed, whatever the answers it did get say of themselves.

    A GeoDirectory map counts its own markers: 122 of 122 while entries without coordinates, which
    no map shows, are missing. Only somebody else's count can say that nothing is.
    """
    shortfall, apart = bundle.stats.get("shortfall"), bundle.counted_apart
    if not shortfall:
        return []
    # A count of fewer than were found is none of the whole.
    met = (
        apart is not None
        and apart >= _least(len(bundle.listings))
        and _found(bundle, apart) >= _least(apart)
    )
    counted = "nothing else counts its entries" if apart is None else f"{apart:,} counted elsewhere"
    note = f"not the whole directory: {shortfall} ({counted})"
    return [_asked("cut_short", "a count met that was made elsewhere", counted, met, note)]


def _least(count: int) -> int:
    """How many of a directory's `count` entries a run must hold."""
    return count - max(1, math.floor(count * INCOMPLETE_SHARE))


def _coordinates(_sheet: FactSheet, bundle: RunBundle, _last: LastGood | None) -> list[Check]:
    printed = [one for one in bundle.listings if one.latitude and one.longitude]
    if not printed:
        return []
    share = sum(map(_possible, printed)) / len(printed)
    note = f"only {share:.0%} of the printed coordinates can be a point on land"
    required = f"at least {COORDINATE_SHARE:.0%} possible"
    return [_asked("coordinates", required, f"{share:.1%}", share >= COORDINATE_SHARE, note)]


def _possible(listing: Listing) -> bool:
    try:
        latitude, longitude = float(listing.latitude or ""), float(listing.longitude or "")
    except ValueError:
        return False
    in_range = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return in_range and (abs(latitude) > 0.01 or abs(longitude) > 0.01)


def _duplicates(_sheet: FactSheet, bundle: RunBundle, _last: LastGood | None) -> list[Check]:
    ids = Counter(one.native_id for one in bundle.listings)
    twice = len(bundle.listings) - len(ids)
    note = f"{twice:,} entries carry an id that another entry has"
    checks = [_asked("ids", "each once", f"{twice} repeated", twice == 0, note)]
    content = Counter(
        tuple(getattr(one, key) for key in SOURCE_FIELDS if key != "profile_url")
        for one in bundle.listings
    )
    repeats = len(bundle.listings) - len(content)
    few = max(DUPLICATE_FEW, math.floor(len(bundle.listings) * DUPLICATE_SHARE))
    note = f"{repeats:,} of {len(bundle.listings):,} entries repeat another word for word"
    checks.append(_asked("duplicates", f"at most {few}", str(repeats), repeats <= few, note))
    return checks


def _asked(name: str, required: str, found: str, passed: bool, note: str) -> Check:
    return Check(name, required, found, passed, None if passed else note)


_QUESTIONS: Sequence[Callable[[FactSheet, RunBundle, LastGood | None], list[Check]]] = (
    _bounds,
    _fill_rates,
    _change,
    _complete,
    _coordinates,
    _duplicates,
)
