"""How long after it was last seen an entry counts as today's, counted from the build of a release.

A served release does not age by itself: its day is the day it was built, so that the same file
gives the same answers for ever.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

FLAG_AFTER_DAYS = 90
"""Not seen for longer than this: shown with the day it was last seen."""
HIDE_AFTER_DAYS = 180
"""Not seen for longer than this: not in the finder's answers, still in the tables."""
STATEMENT_DAYS = 365
"""A statement about insurance that nobody checked for so long is not published (G12)."""

Freshness = Literal["current", "flagged", "hidden"]


def cutoff(built_at: str, days: int) -> str:
    """The moment so many days before the build, UTC, ISO 8601: what was seen earlier is older.

    Raises ValueError when `built_at` is no ISO 8601 time.
    """
    built = dt.datetime.fromisoformat(built_at.replace("Z", "+00:00"))
    return (built - dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def freshness(last_seen: str, built_at: str) -> Freshness:
    """How an entry last seen then is treated in a release built then. Both UTC, ISO 8601."""
    if last_seen < cutoff(built_at, HIDE_AFTER_DAYS):
        return "hidden"
    return "flagged" if last_seen < cutoff(built_at, FLAG_AFTER_DAYS) else "current"
