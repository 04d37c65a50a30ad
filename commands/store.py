"""The working store as commands use it: one writer at a time, and errors in words."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlite_utils import Database

from commands.options import LOCKED
from db.working import open_working


class Locked(click.ClickException):
    """Another needlepoint works on the same folder."""

    exit_code = LOCKED


@contextmanager
def alone(data: Path, what: str, lock: str = "needlepoint.lock") -> Iterator[None]:
    """Hold the lock of the folder `data` while `what` goes on; it falls when the process ends.

    `lock` names another file for work that touches neither working.db nor directory.db.

    Raises Locked (exit code 75) when another process holds it; says which and what it does.
    """
    with (data / lock).open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "another needlepoint"
            raise Locked(f"{data} is in use: {holder}. Try again when it has ended.") from None
        handle.seek(0)
        handle.truncate()
        handle.write(f"needlepoint {what}, process {os.getpid()}")
        handle.flush()
        try:
            yield
        finally:
            handle.seek(0)
            handle.truncate()


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
