"""How every source stands: its last run, the run before it, and what it has listed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlite_utils import Database

from records.factsheet import FactSheet

_STATES = """
select source.id, last.verdict, last.reason,
    (select verdict from run before where before.source_id = source.id
        and before.started_at < last.started_at order by before.started_at desc limit 1),
    good.started_at, last.started_at,
    exists (select 1 from held_run join run on run.id = run_id where run.source_id = source.id),
    (select count(*) from listing where source_id = source.id and status = 'listed'),
    (select count(*) from listing where source_id = source.id and status = 'missing'),
    coalesce(last.pages, 0), coalesce(last.listings, 0), coalesce(last.hidden, 0),
    coalesce(last.added, 0), coalesce(last.changed, 0), coalesce(last.missing, 0),
    coalesce(last.returned, 0), coalesce(last.retired, 0)
from source left join run last on last.id = last_run_id
left join run good on good.id = last_good_run_id
order by source.id
"""


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source. Times are UTC, None where there is no such run."""

    id: str
    verdict: str | None
    """Of the last run."""
    reason: str | None
    verdict_before: str | None
    """Of the run before the last."""
    data_as_of: str | None
    """Start of the run whose listings count."""
    last_attempt: str | None
    held: bool
    """A doubtful run waits for a person."""
    listed: int
    missing_now: int
    pages: int
    """This and the rest: what the last run found."""
    found: int
    hidden: int
    added: int
    changed: int
    missing: int
    returned: int
    retired: int

    @property
    def turned(self) -> bool:
        """The last run was judged otherwise than the one before it."""
        return self.verdict_before is not None and self.verdict != self.verdict_before


def due_on(sheet: FactSheet, last_attempt: str | None, verdict: str | None) -> str | None:
    """The day a source is to be read next: so many days after a good run as its fact sheet says,
    one day after any other. None where it may not run, or never has and is due at once."""
    if sheet.why_not() is not None or last_attempt is None:
        return None
    days = sheet.every_days if verdict == "good" else 1
    return (dt.date.fromisoformat(last_attempt[:10]) + dt.timedelta(days)).isoformat()


def is_due(sheet: FactSheet, state: SourceState | None, today: dt.date) -> bool:
    """Whether a night's run should read a source. One that is read every day always is, whatever
    the hour of the last run."""
    if sheet.every_days == 1 or state is None:
        return True
    due = due_on(sheet, state.last_attempt, state.verdict)
    return due is None or due <= today.isoformat()


def source_states(db: Database) -> list[SourceState]:
    """Every source the store knows, by id."""
    states = []
    for row in db.conn.execute(_STATES):
        values = list(row)
        values[6] = bool(values[6])
        states.append(SourceState(*values))
    return states
