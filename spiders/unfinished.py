"""A run that was interrupted goes on where it stopped.

While a source is crawled its answers are kept in `unfinished/<source>/`, with a mark that says when
the run began and what its fact sheet said. When the run has ended, well or not, and was taken in,
they are removed. What is left belongs to a run that was killed or stopped; the next run of the same
fact sheet takes those answers that are younger than `KEEP_HOURS` instead of asking again. What
robots.txt says is asked all the same.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from scrapy.http import Response

from records.factsheet import FactSheet
from spiders.stored import read_answer, write_answer, write_whole

#: A nonce printed on a WordPress page is good for twelve hours at least, and "seen today" is nearly
#: true of an answer that is no older.
KEEP_HOURS = 12
_MARK = "run.json"


@dataclass(slots=True)
class Unfinished:
    """The answers of one source's run until it ends."""

    folder: Path
    oldest: float
    """Answers kept before this moment (seconds of the epoch) are asked for again."""
    since: str | None = None
    """When the interrupted run began that this one goes on with, ISO 8601; None for a new one."""

    @classmethod
    def begin(cls, data: Path, sheet: FactSheet, now: dt.datetime) -> Unfinished:
        """Go on with what an interrupted run left, or begin anew. `now` is aware.

        Also removes what other sources left and nobody went on with in time.
        """
        oldest = now.timestamp() - KEEP_HOURS * 3600
        for folder in (data / "unfinished").glob("*"):
            if not any(path.stat().st_mtime >= oldest for path in folder.iterdir()):
                shutil.rmtree(folder)
        run = cls(data / "unfinished" / sheet.id, oldest)
        digest = hashlib.sha256(sheet.model_dump_json().encode()).hexdigest()
        run.since = run._left(digest)
        if run.since is None:
            run.end()
            mark = {"began": now.isoformat(timespec="seconds"), "sheet": digest}
            write_whole(run.folder / _MARK, json.dumps(mark).encode())
        return run

    def _left(self, digest: str) -> str | None:
        try:
            mark = json.loads((self.folder / _MARK).read_bytes())
        except (OSError, ValueError):
            return None
        same = isinstance(mark, dict) and mark.get("sheet") == digest
        return str(mark.get("began")) if same else None

    def answer(self, fingerprint: str) -> Response | None:
        """What the interrupted run was answered to a request, or None."""
        path = self.folder / fingerprint
        try:
            young = self.since is not None and path.stat().st_mtime >= self.oldest
        except OSError:
            return None
        return read_answer(path) if young else None

    def keep(self, fingerprint: str, answer: Response) -> None:
        """Keep an answer until the run ends."""
        write_answer(self.folder / fingerprint, answer)

    def end(self) -> None:
        """The run has ended: nothing is kept."""
        shutil.rmtree(self.folder, ignore_errors=True)
