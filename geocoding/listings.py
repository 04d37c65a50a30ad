"""Placing the listings of working.db: derive every point anew, then ask the provider for the rest.

Each step is written down before the next one, so a run that was stopped goes on where it stopped:
points are derived from what is stored, and an answer is kept together with the points it gave.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
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
from db.point_decisions import PointDecisions
from db.points import PlacedListing, count_by_precision, read_points, write_points
from geocoding.address import Address
from geocoding.cache import PlaceCache
from geocoding.placing import decided_point, place_point
from geocoding.points import Outcome
from geocoding.providers import Provider
from records.listing import Clean

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
    """What went wrong with the provider, in one line."""
    printed: Counter[str] = field(default_factory=Counter)
    """What became of the printed coordinates: see `geocoding.points.Outcome`."""
    precisions: dict[str, int] = field(default_factory=dict)
    """Listings by precision, as they are now; 'none' is without a point."""


def place_listings(  # noqa: PLR0913 - three objects, the rest by name
    working: Database,
    gazetteer: Gazetteer,
    provider: Provider | None = None,
    *,
    most: int | None = None,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
) -> Report:
    """Place every listing of working.db that is not retired, and say what was done.

    First every point is derived anew from the printed coordinates, the cache, the gazetteer and
    what persons decided; doing it twice changes nothing. Then the provider, if there is one, is
    asked for the addresses that are known no better than to the postal code, `most` of them at
    most, each distinct one once. Trouble with the provider is no exception: the report has it, and
    every listing still has the best point the gazetteer gives.

    A crawl may go on meanwhile: a listing that changed since it was read is left to the next run.
    """
    placing = _Placing(working, gazetteer, now or dt.datetime.now(dt.UTC))
    waiting = placing.derive(provider)
    if provider is not None and waiting:
        placing.ask(provider, waiting, most, progress)
    placing.report.moved = len(placing.moved)
    placing.report.precisions = count_by_precision(working.conn)
    return placing.report


@dataclass(slots=True)
class _Waiting:
    """An address to ask for, and the listings that have it."""

    address: Address
    listings: list[str] = field(default_factory=list)


class _Placing:
    """One run over one working.db."""

    def __init__(self, working: Database, gazetteer: Gazetteer, now: dt.datetime) -> None:
        self.report = Report()
        self.moved: set[str] = set()
        self._working = working
        self._gazetteer = gazetteer
        self._now = now
        self._cache = PlaceCache(read_answers(working.conn))
        self._decisions = PointDecisions.read(working.conn)

    def derive(self, provider: Provider | None) -> dict[str, _Waiting]:
        """Place everything without asking anybody; gives what the provider should be asked."""
        waiting: dict[str, _Waiting] = {}
        moves: list[tuple[PlacedListing, Clean]] = []
        for listing in list(read_points(self._working.conn)):
            clean, outcome = self._placed(listing)
            self.report.listings += 1
            self.report.printed[outcome] += 1
            if not listing.stands_at(clean):
                moves.append((listing, clean))
            address = Address.of(clean)
            key = address.key
            if (
                provider is not None
                and key is not None
                and clean.precision not in _GOOD_ENOUGH
                and provider.accepts(address)
                and not self._cache.knows(key, provider.name, self._now)
            ):
                waiting.setdefault(key, _Waiting(address)).listings.append(listing.id)
        for start in range(0, len(moves), WRITTEN_TOGETHER):
            with self._working.atomic():
                self._write(moves[start : start + WRITTEN_TOGETHER])
        return waiting

    def ask(
        self,
        provider: Provider,
        waiting: dict[str, _Waiting],
        most: int | None,
        progress: Progress | None,
    ) -> None:
        """Ask batch by batch, and write down each batch's answers with the points they give."""
        allowed = list(waiting.values())[:most]
        report, failed, in_a_row = self.report, 0, 0
        for start in range(0, len(allowed), provider.batch):
            batch = allowed[start : start + provider.batch]
            try:
                answers = provider.ask([one.address for one in batch], self._now)
            except GeopyError as error:
                failed += 1
                in_a_row += 1
                report.trouble = f"{provider.name}: {failed} failed, the last: {_in_words(error)}"
                if in_a_row >= provider.patience or isinstance(error, _STAY_AWAY):
                    break
                continue
            in_a_row = 0
            for answer in answers:
                self._cache.add(answer)
            ids = [listing_id for one in batch for listing_id in one.listings]
            with self._working.atomic():
                # Written first, so that nobody else writes between the reading and the writing.
                write_answers(self._working.conn, answers)
                now_stored = list(read_points(self._working.conn, ids))
                self._write([(listing, self._placed(listing)[0]) for listing in now_stored])
            report.asked += len(answers)
            report.found += sum(answer.outcome == "found" for answer in answers)
            if progress is not None:
                progress(report.asked, len(allowed))
        report.left = len(waiting) - report.asked

    def _placed(self, listing: PlacedListing) -> tuple[Clean, Outcome]:
        """The clean half with its point as it should be, and what became of the printed one."""
        address = Address.of(listing.clean)
        printed = listing.printed.get("latitude"), listing.printed.get("longitude")
        point, outcome = place_point(
            *printed,
            address,
            self._gazetteer,
            self._cache.found(address.key),
            approximate=bool(listing.printed.get("approximate")),
        )
        decision = self._decisions.answer(listing.id, listing.printed)
        return decided_point(decision, *printed, point).put_on(listing.clean), outcome

    def _write(self, moves: list[tuple[PlacedListing, Clean]]) -> None:
        moves = [(listing, clean) for listing, clean in moves if not listing.stands_at(clean)]
        write_points(self._working.conn, moves)
        self.moved.update(listing.id for listing, _ in moves)


def _in_words(error: GeopyError) -> str:
    text = " ".join(str(error).split())[:200] or "no reason given"
    wait = error.retry_after if isinstance(error, GeocoderRateLimited) else None
    return f"{type(error).__name__}, {text}" + (f"; come back in {wait} seconds" if wait else "")
