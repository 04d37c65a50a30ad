"""Placing the listings of working.db: derive every point anew, then ask the provider for the rest.

Each step is written down before the next one, so a run that was stopped goes on where it stopped:
points are derived from what is stored, and an answer is kept together with the points it gave.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from geopy.exc import (
    GeocoderAuthenticationFailure,
    GeocoderInsufficientPrivileges,
    GeocoderQuotaExceeded,
    GeocoderRateLimited,
    GeopyError,
)
from sqlite_utils import Database

from db.gazetteer import Gazetteer
from db.place_cache import read_answers, write_answers
from db.points import ListingPoint, NewPoint, count_by_precision, read_points, write_points
from geocoding.address import Address
from geocoding.cache import PlaceCache
from geocoding.placing import place_point
from geocoding.providers import Provider

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many addresses have been asked of how many."""

WRITTEN_TOGETHER = 500
"""Points in one transaction."""

_GOOD_ENOUGH = ("source", "rooftop", "street")
_STAY_AWAY = (
    GeocoderAuthenticationFailure,
    GeocoderInsufficientPrivileges,
    GeocoderQuotaExceeded,
)
"""Errors after which asking on would only make it worse."""


@dataclass(slots=True)
class Report:
    """What a geocoding run did."""

    listings: int = 0
    moved: int = 0
    """Listings whose point, precision or note changed."""
    asked: int = 0
    """Addresses the provider answered."""
    found: int = 0
    """Of these, found."""
    left: int = 0
    """Addresses the provider could still be asked for: another run goes on there."""
    trouble: str | None = None
    """Why the provider was left alone before its time, in one line."""
    printed: Counter[str] = field(default_factory=Counter)
    """What became of the printed coordinates: see `geocoding.points.Outcome`."""
    precisions: dict[str, int] = field(default_factory=dict)
    """Listings by precision, as they are now; 'none' is without a point."""


def place_listings(
    working: Database,
    gazetteer: Gazetteer,
    provider: Provider | None = None,
    *,
    most: int | None = None,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
) -> Report:
    """Place every listing of working.db that is not retired, and say what was done.

    First every point is derived anew from the printed coordinates, the cache and the gazetteer;
    doing it twice changes nothing. Then the provider, if there is one, is asked for the addresses
    that are known no better than to the postal code, `most` of them at most, each distinct one
    once. Trouble with the provider is no exception: the report has it, and every listing still
    has the best point the gazetteer gives.
    """
    now = now or dt.datetime.now(dt.UTC)
    cache = PlaceCache(read_answers(working.conn))
    report = Report()
    waiting: defaultdict[str, list[ListingPoint]] = defaultdict(list)
    moves: list[NewPoint] = []
    for listing in list(read_points(working.conn)):
        move, outcome = _placed(listing, gazetteer, cache)
        report.listings += 1
        report.printed[outcome] += 1
        address = Address.of(listing.clean)
        key = address.key
        if (
            provider is not None
            and key is not None
            and move.precision not in _GOOD_ENOUGH
            and provider.accepts(address)
            and not cache.knows(key, provider.name, now)
        ):
            waiting[key].append(listing)
        if move[:5] != listing[3:]:
            moves.append(move)
    for start in range(0, len(moves), WRITTEN_TOGETHER):
        with working.atomic():
            write_points(working.conn, moves[start : start + WRITTEN_TOGETHER])
    report.moved = len(moves)
    if provider is not None and waiting:
        _ask(working, gazetteer, cache, provider, waiting, report, now, most, progress)
    report.precisions = count_by_precision(working.conn)
    return report


def _placed(listing: ListingPoint, gazetteer: Gazetteer, cache: PlaceCache) -> tuple[NewPoint, str]:
    address = Address.of(listing.clean)
    point, outcome = place_point(
        listing.printed.get("latitude"),
        listing.printed.get("longitude"),
        address,
        gazetteer,
        cache.found(address.key),
    )
    return (
        NewPoint(
            point.latitude,
            point.longitude,
            point.precision,
            point.point_from,
            point.point_note,
            listing.id,
        ),
        outcome,
    )


def _ask(  # noqa: PLR0913, PLR0917 - one call, split off for reading only
    working: Database,
    gazetteer: Gazetteer,
    cache: PlaceCache,
    provider: Provider,
    waiting: dict[str, list[ListingPoint]],
    report: Report,
    now: dt.datetime,
    most: int | None,
    progress: Progress | None,
) -> None:
    """Ask for the waiting addresses, batch by batch, and write down each batch's answers."""
    keys = list(waiting)
    allowed = keys if most is None else keys[:most]
    failures = 0
    for start in range(0, len(allowed), provider.batch):
        batch = allowed[start : start + provider.batch]
        try:
            answers = provider.ask([Address.of(waiting[key][0].clean) for key in batch], now)
        except GeopyError as error:
            failures += 1
            if failures >= provider.patience or isinstance(error, _STAY_AWAY):
                report.trouble = f"{provider.name} was left alone: {_in_words(error)}"
                break
            continue
        failures = 0
        for answer in answers:
            cache.add(answer)
        moves = [_placed(listing, gazetteer, cache)[0] for key in batch for listing in waiting[key]]
        # Only what changed: the answer may be no finer than the gazetteer's.
        before = {listing.id: listing for key in batch for listing in waiting[key]}
        moves = [move for move in moves if move[:5] != before[move.id][3:]]
        with working.atomic():
            write_answers(working.conn, answers)
            write_points(working.conn, moves)
        report.moved += len(moves)
        report.asked += len(answers)
        report.found += sum(answer.outcome == "found" for answer in answers)
        if progress is not None:
            progress(report.asked, len(allowed))
    report.left = len(keys) - report.asked


def _in_words(error: GeopyError) -> str:
    text = " ".join(str(error).split())[:200] or "no reason given"
    wait = error.retry_after if isinstance(error, GeocoderRateLimited) else None
    return f"{type(error).__name__}, {text}" + (f"; come back in {wait} seconds" if wait else "")
