"""Rows of a question as plain tuples, and the columns that make a record of one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any


def columns(record: type, table: str) -> str:
    """The columns of `table` that a record with slots is made of, in the order of its fields."""
    return ", ".join(f"{table}.{name}" for name in record.__slots__)  # type: ignore[attr-defined]


def plain_rows(
    connection: sqlite3.Connection, sql: str, params: Sequence[object] = ()
) -> list[tuple[Any, ...]]:
    """All rows of the answer, whatever the connection's row factory."""
    cursor = connection.cursor()
    # Datasette's connections give sqlite3.Row.
    cursor.row_factory = None
    return cursor.execute(sql, params).fetchall()
