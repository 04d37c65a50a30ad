"""What network geocoders answered before, so that no address is asked twice.

An address that a provider did not know is remembered too, but only for a month: maps get better.
Errors and time-outs say nothing about the address and are never remembered.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from db.place_cache import CachedAnswer, read_answers
from records.listing import PRECISIONS, Precision

NOTHING_LASTS = dt.timedelta(days=30)
"""After this long an address that a provider did not know may be asked again."""


@dataclass(frozen=True, slots=True)
class Found:
    """A point a provider gave for an address."""

    provider: str
    precision: Precision
    latitude: float
    longitude: float


class PlaceCache:
    """The whole cache in memory, by address: look-ups by the thousand cost nothing."""

    def __init__(self, answers: Iterable[CachedAnswer] = ()) -> None:
        self._answers: defaultdict[str, dict[str, CachedAnswer]] = defaultdict(dict)
        for answer in answers:
            self.add(answer)

    @classmethod
    def read(cls, working: Path) -> PlaceCache:
        """The cache kept in a working.db; empty where there is no such file or table yet."""
        if not working.exists():
            return cls()
        where = f"{working.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(where, uri=True, timeout=30)) as opened:
            return cls(read_answers(opened))

    def add(self, answer: CachedAnswer) -> None:
        """Remember an answer in memory; writing it down is `db.place_cache.write_answers`."""
        self._answers[answer.query][answer.provider] = answer

    def found(self, key: str | None) -> list[Found]:
        """Every point any provider gave for the address with this `Address.key`."""
        return [
            Found(
                answer.provider,
                answer.precision,
                answer.latitude,
                answer.longitude,
            )
            for answer in (self._answers.get(key, {}).values() if key else ())
            if answer.outcome == "found"
            and answer.precision in PRECISIONS
            and answer.latitude is not None
            and answer.longitude is not None
        ]

    def knows(self, key: str, provider: str, now: dt.datetime) -> bool:
        """Whether this provider need not be asked (again) about the address."""
        answer = self._answers.get(key, {}).get(provider)
        if answer is None:
            return False
        if answer.outcome == "found":
            return True
        return now - dt.datetime.fromisoformat(answer.fetched_at) < NOTHING_LASTS
