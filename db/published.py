"""Publishing: the public database built fresh from the working store, checked, moved into place.

Nothing is ever edited in the served file. It holds what may be shown and nothing else: no e-mail
address, no hash of a person, nobody's decision about anybody. A failed check replaces nothing.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from db.gazetteer_file import ensure
from db.published_checks import problems
from db.published_fill import Built, build_search, fill
from db.published_people import shown_people, shown_sources, unmatched
from db.quality import quality, store_quality
from db.quality_history import put_history, remember
from db.swap import heal, swap
from records.listing import Listing


class PublishError(Exception):
    """The fresh database may not be served, and why. The served one is as it was."""


def publish(  # noqa: PLR0913 - all but the first two by name
    db: Database,
    data: Path,
    *,
    progress: Callable[[str], None] = lambda _line: None,
    now: dt.datetime | None = None,
    allow_empty: bool = False,
    opted_out: Callable[[Listing], bool] = lambda _listing: False,
) -> Built:
    """Build `data`/directory.db anew from the working store.

    Only listings of sources whose terms are accepted and that are not forbidden are published; a
    source's last good run counts, whatever came after it. `progress` is told each step in a line.
    `now` is the time written as built_at, UTC. `opted_out` says whether a listing is somebody's who
    must not be shown; such listings are left out even if one got into the store.

    Raises PublishError when listings have not been matched, when a check fails, or when the result
    would empty a served database that is not (unless `allow_empty`); SwapBusy when readers do not
    let go of the served file.
    """
    built_at = (now or dt.datetime.now(dt.UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    served, fresh = data / "directory.db", data / "directory.new.db"
    before = _served_release(served)
    _remove(fresh)
    try:
        progress("building")
        with closing(sqlite3.connect(fresh)) as public:
            # A file nobody else sees: without a journal it is built in half the time.
            public.execute("pragma journal_mode = off")
            public.execute("pragma synchronous = off")
            public.execute("pragma foreign_keys = off")
            people = list(shown_people(db, _matched_sources(db), opted_out))
            release = fill(db, public, people, _release_id(built_at, before), built_at)
            build_search(public, ensure(data))
            with public:
                store_quality(public)
                fresh_history = put_history(db, public, quality(public))
            if not release.listings and before and before[1] and not allow_empty:
                raise PublishError(
                    f"the result would be empty but {served} holds {before[1]:,} listings"
                )
            progress("checking")
            found = problems(public)
            if found:
                rest = f" (and {len(found) - 5} more)" if len(found) > 5 else ""
                raise PublishError("nothing was replaced: " + "; ".join(found[:5]) + rest)
            public.execute("pragma journal_mode = delete")
        progress("moving into place")
        with db.atomic():
            remember(db, fresh_history)
            swap(fresh, served)
    finally:
        _remove(fresh)
    return release


def _matched_sources(db: Database) -> list[str]:
    shown = shown_sources(db)
    count = unmatched(db, shown)
    if count:
        raise PublishError(f"{count:,} listings have not been matched yet: run needlepoint match")
    return shown


def _served_release(served: Path) -> tuple[str, int] | None:
    """Id and listings of the release being served; None when there is none or it is unreadable."""
    if not served.exists():
        return None
    try:
        heal(served)
        with closing(sqlite3.connect(served)) as connection:
            row = connection.execute("select id, listings from release").fetchone()
    except sqlite3.DatabaseError as error:
        raise PublishError(f"{served} cannot be read ({error}); move it away first") from error
    return (str(row[0]), int(row[1])) if row else None


def _release_id(built_at: str, before: tuple[str, int] | None) -> str:
    day, last = built_at[:10], before[0] if before else ""
    count = int(last.rpartition(".")[2]) + 1 if last.startswith(f"{day}.") else 1
    return f"{day}.{count}"


def _remove(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
