"""People who asked not to be listed: hashes only, so that the list names nobody."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


def suppressed(data: Path) -> frozenset[str]:
    """The hashes of everybody who opted out, from working.db in the folder `data`.

    Empty where the file or its table does not exist yet. Raises sqlite3.DatabaseError when
    working.db is no database: going on without the list would show people who asked not to be.
    """
    path = data / "working.db"
    if not path.exists():
        return frozenset()
    uri = f"file:{quote(str(path.resolve()))}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=30)) as connection:
        known = connection.execute(
            "select 1 from sqlite_master where type = 'table' and name = 'suppression'"
        ).fetchone()
        if known is None:
            return frozenset()
        return frozenset(one for (one,) in connection.execute("select hash from suppression"))
