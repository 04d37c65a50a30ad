"""Moving a finished database into the file that is being served.

Replacing the file by rename under a running Datasette serves old and new answers in turn, because
each of its threads keeps the file it opened. SQLite's backup call writes into the same file within
one transaction instead: a reader sees the old content or the new, and the next question after it
the new. Stopped half-way, the half-written transaction is undone by whoever opens the file next.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

_PATIENCE_SECONDS = 60.0
_RETRY_SECONDS = 0.05


class SwapBusy(Exception):
    """A reader kept the served file locked for too long; the old content is still in place."""


def swap(fresh: Path, served: Path, patience: float = _PATIENCE_SECONDS) -> None:
    """Give `served` the content of `fresh`, in one transaction of `served`.

    Makes `served` when it does not exist. Raises SwapBusy when readers hold it for longer than
    `patience` seconds, sqlite3.DatabaseError when either file is no database.
    """
    heal(served)
    deadline = time.monotonic() + patience

    def give_up_in_time(status: int, _remaining: int, _total: int) -> None:
        waiting = status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if waiting and time.monotonic() > deadline:
            raise SwapBusy(
                f"{served} was being read for {patience:g} seconds without a pause; "
                "it still holds the release before. Try again"
            )

    with closing(sqlite3.connect(fresh)) as source, closing(_open(served)) as target:
        source.backup(target, pages=-1, progress=give_up_in_time, sleep=_RETRY_SECONDS)


def heal(served: Path) -> None:
    """Undo a swap that was stopped half-way, if there was one. Does nothing without the file.

    A server that opens the file read-only cannot do it itself.
    """
    if not served.exists():
        return
    with closing(_open(served)) as connection:
        connection.execute("select count(*) from sqlite_master").fetchone()


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=0.1)
