"""How a report gets from the public server into the working store.

The server reads directory.db only; for a report it opens working.db for one statement and lets go.
It does not take the folder's lock (`db.lock`), which a night's crawl holds for hours, and it never
waits holding a lock of SQLite's: whoever crawls or matches must not fail because somebody reports
something. Where the store is busy it lets go at once and tries again for some seconds.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path
from urllib.parse import quote

from db.reports import KINDS, as_reference, new_reference

MOST_OPEN = 10_000
"""More than that is no reader, and a public form must not fill the disk."""
MOST_LETTERS = 1000
_TRY_FOR_SECONDS = 8.0
_PAUSE_SECONDS = 0.1
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Closed(Exception):
    """Reports cannot be taken here, and why, for the maintainer."""


class Busy(Exception):
    """The store was in use all the time; later it will do."""


@dataclass(frozen=True, slots=True)
class NewReport:
    """What somebody wrote. Nothing about the visitor's machine or address is in it."""

    kind: str
    practitioner_id: str
    location_id: int | None
    place: str | None
    what: str
    message: str
    reply_to: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What anybody with the number may know."""

    status: str
    created_at: str
    first_answer_at: str | None
    closed_at: str | None


def why_closed(data: Path) -> str | None:
    """Why no report can be taken into working.db of the folder `data`; None when it can be.

    A store that is only busy is open.
    """
    path = data / "working.db"
    if not path.is_file():
        return f"{path} is not there"
    if not os.access(path, os.W_OK) or not os.access(data, os.W_OK):
        return f"{path} or its folder cannot be written"
    try:
        with closing(_open(path, "ro")) as connection:
            connection.execute("select reference from report limit 1").fetchone()
    except sqlite3.DatabaseError as error:
        return None if _is_busy(error) else f"{path}: {error}"
    return None


def append(
    data: Path, new: NewReport, reference: str, at: str, try_for: float = _TRY_FOR_SECONDS
) -> str:
    """Store a report under `reference` and return its number; `at` is UTC, ISO 8601.

    The same report under the same number again is one report: a form may be sent twice. Another
    report under that number gets a number of its own. Waits up to `try_for` seconds for other
    writers. Raises Busy, Closed, and ValueError for a report no form sends.
    """
    if new.kind not in KINDS or len(new.message) > MOST_LETTERS or as_reference(reference) is None:
        raise ValueError("that is no report")
    until = time.monotonic() + try_for
    while True:
        try:
            return _append(data / "working.db", new, reference, at)
        except sqlite3.DatabaseError as error:
            if not _is_busy(error):
                raise Closed(f"{data / 'working.db'}: {error}") from error
            if time.monotonic() >= until:
                raise Busy(f"{data / 'working.db'} is in use") from error
        time.sleep(_PAUSE_SECONDS)


def progress(data: Path, reference: str) -> Progress | None:
    """How far the report of that number is; None where there is none. Raises Closed and Busy."""
    try:
        with closing(_open(data / "working.db", "ro", seconds=2)) as connection:
            row = connection.execute(
                "select status, created_at, first_answer_at, closed_at from report"
                " where reference = ?",
                (as_reference(reference),),
            ).fetchone()
    except sqlite3.DatabaseError as error:
        raise (Busy if _is_busy(error) else Closed)(str(error)) from error
    return Progress(*row) if row else None


def _append(path: Path, new: NewReport, reference: str, at: str) -> str:
    with closing(_open(path, "rw")) as connection:
        connection.execute("pragma secure_delete = on")
        # All locks or none: one that is held while waiting stops a reader that goes on to write.
        connection.execute("begin exclusive")
        [[open_now]] = connection.execute(
            "select count(*) from report where status = 'open'"
        ).fetchall()
        if open_now >= MOST_OPEN:
            raise Closed(f"{open_now:,} reports wait already")
        columns = "kind, practitioner_id, location_id, place, what, message, reply_to"
        while taken := connection.execute(
            f"select {columns} from report where reference = ?",  # noqa: S608 - our own names
            (reference,),
        ).fetchone():
            if taken == astuple(new):
                return reference
            reference = new_reference()
        connection.execute(
            f"insert into report ({columns}, reference, status, created_at)"  # noqa: S608
            " values (?, ?, ?, ?, ?, ?, ?, ?, 'open', ?)",
            (*astuple(new), reference, at),
        )
        connection.execute("commit")
    return reference


def _open(path: Path, mode: str, seconds: float = 0) -> sqlite3.Connection:
    """Never makes the file. Without `seconds` a busy store is an error at once."""
    uri = f"file:{quote(str(path.resolve()))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=seconds, isolation_level=None)


def _is_busy(error: sqlite3.Error) -> bool:
    # Extended codes carry the plain one in their last byte.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY
