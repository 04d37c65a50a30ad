"""One writer at a time on a data folder: a lock that falls when its process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class InUse(Exception):
    """Another needlepoint works on the same folder, and which."""


@contextmanager
def alone(data: Path, what: str, lock: str = "needlepoint.lock") -> Iterator[None]:
    """Hold the lock of the folder `data` while `what` goes on; it falls when the process ends.

    `lock` names another file for work that touches neither working.db nor directory.db.

    Raises InUse when somebody else holds it; says which process and what it does.
    """
    with (data / lock).open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "another needlepoint"
            raise InUse(f"{data} is in use: {holder}. Try again when it has ended.") from None
        handle.seek(0)
        handle.truncate()
        handle.write(f"needlepoint {what}, process {os.getpid()}")
        handle.flush()
        try:
            yield
        finally:
            handle.seek(0)
            handle.truncate()
