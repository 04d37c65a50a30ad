"""The working store as commands use it: one writer at a time, and errors in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from sqlite_utils import Database

from commands.options import LOCKED
from db import lock as store_lock
from db.working import open_working


class Locked(click.ClickException):
    """Another needlepoint works on the same folder."""

    exit_code = LOCKED


@contextmanager
def alone(data: Path, what: str, lock: str = "needlepoint.lock") -> Iterator[None]:
    """As `db.lock.alone`. Raises Locked (exit code 75) when another process holds it."""
    with ExitStack() as held:
        try:
            held.enter_context(store_lock.alone(data, what, lock))
        except store_lock.InUse as error:
            raise Locked(str(error)) from None
        yield


@contextmanager
def working_store(data: Path) -> Iterator[Database]:
    """The open working store. Raises click.ClickException when it cannot be opened or written."""
    try:
        db = open_working(data)
        try:
            yield db
        finally:
            db.close()
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{data / 'working.db'}: {error}") from error
