"""The working store: what every source lists, run by run. Private; publishing reads it.

The file is kept in SQLite's rollback mode: at rest it is one file that can be copied, and what
`forget` deletes is overwritten rather than left behind in a log.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from db.migrations import bring_up_to_date

_BUSY_SECONDS = 30


def open_working(data: Path) -> Database:
    """The working store of the folder `data`, made or brought up to date when needed.

    Foreign keys are enforced and deleted content is overwritten. Waits up to 30 seconds for
    another process that is writing. Raises sqlite3.DatabaseError when working.db is no database.
    """
    connection = sqlite3.connect(data / "working.db", timeout=_BUSY_SECONDS)
    try:
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma secure_delete = on")
        connection.execute("pragma synchronous = full")
        db = Database(connection)
        bring_up_to_date(db)
    except BaseException:
        connection.close()
        raise
    return db
