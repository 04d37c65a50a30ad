"""What readers report about entries, and what people ask about their own: the maintainer's side.

Texts and contacts stay in the working store. A contact goes when its report is closed, everything
that was written goes when the person is forgotten, and only counts are ever published. How a report
comes in is `db.report_inbox`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

KINDS = ("wrong", "removal", "correction", "site")
"""A reader says an entry is wrong; a person wants to be taken out; a person wants it corrected; a
reader says something of the site itself is wrong."""
DAYS_TO_ANSWER = 7

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is read as another
_REFERENCE = re.compile(f"NP-[{_LETTERS}]{{4}}-[{_LETTERS}]{{2}}")
_COLUMNS = (
    "reference, kind, practitioner_id, location_id, place, what, message, reply_to, status,"
    " created_at, first_answer_at, closed_at, answer, answered_by"
)


class NoSuchReport(Exception):
    """The store has no report of that number."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report as stored. Times are UTC, ISO 8601."""

    reference: str
    kind: str
    practitioner_id: str
    """Empty for a report about the site."""
    location_id: int | None
    """Of the release it was written about: the numbers are new in every release, so `place` says
    the same in words."""
    place: str | None
    what: str
    message: str
    reply_to: str | None
    status: str
    """open, answered or closed."""
    created_at: str
    first_answer_at: str | None
    closed_at: str | None
    answer: str | None
    answered_by: str | None


def new_reference() -> str:
    """A number to give to the reader, such as NP-7K3F-92. It says nothing about anybody."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return f"NP-{drawn[:4]}-{drawn[4:]}"


def as_reference(text: str) -> str | None:
    """The number somebody typed, in its own spelling; None where it is none."""
    typed = text.strip().upper()
    return typed if _REFERENCE.fullmatch(typed) else None


def waiting(db: Database, kinds: Iterable[str] = KINDS) -> list[Report]:
    """Reports of these kinds that are not closed: those nobody has answered first, then by age."""
    rows = db.conn.execute(
        f"select {_COLUMNS} from report where status <> 'closed'"  # noqa: S608 - our own names
        " and kind in (select value from json_each(?))"
        " order by status = 'answered', created_at, id",
        (json.dumps(list(kinds)),),
    )
    return [Report(*row) for row in rows]


def report_of(db: Database, reference: str) -> Report:
    """The report of that number. Raises NoSuchReport."""
    row = db.conn.execute(
        f"select {_COLUMNS} from report where reference = ?",  # noqa: S608 - our own names
        (as_reference(reference),),
    ).fetchone()
    if row is None:
        raise NoSuchReport(f"there is no report {reference}")
    return Report(*row)


def answer(  # noqa: PLR0913
    db: Database, reference: str, *, note: str, by: str, at: str, close: bool = False
) -> Report:
    """Write down that `by` answered a report, and what was done; `close` ends it as well.

    The first answer's time stays. Closing deletes the contact, which nobody needs any more. `at` is
    UTC, ISO 8601. Returns the report as it is now. Raises NoSuchReport, and ValueError when it is
    closed already or when `note` or `by` is empty.
    """
    if not note.strip() or not by.strip():
        raise ValueError("say who answers, and what was done")
    with db.atomic():
        # Writing first takes the store's lock at once.
        changed = db.conn.execute(
            "update report set status = case when :close then 'closed' else 'answered' end,"
            " first_answer_at = coalesce(first_answer_at, :at), answer = :note, answered_by = :by,"
            " closed_at = case when :close then :at end,"
            " reply_to = case when :close then null else reply_to end"
            " where reference = :reference and status <> 'closed'",
            {
                "close": int(close), "at": at, "note": note.strip(), "by": by.strip(),
                "reference": as_reference(reference),
            },
        ).rowcount  # fmt: skip
        found = report_of(db, reference)
        if not changed:
            raise ValueError(f"{found.reference} is closed already")
    return found


def blank_reports(db: Database, practitioner_ids: Iterable[str], at: str) -> int:
    """Close the reports about people who were forgotten, and delete all that was written in them:
    what is left can be counted and nothing more. `at` is UTC, ISO 8601. Returns how many. Within
    the caller's transaction."""
    return db.conn.execute(
        "update report set message = '', reply_to = null, place = null, location_id = null,"
        " practitioner_id = '', answer = null, status = 'closed',"
        " first_answer_at = coalesce(first_answer_at, :at), closed_at = coalesce(closed_at, :at)"
        " where practitioner_id in (select value from json_each(:these))",
        {"at": at, "these": json.dumps(sorted(practitioner_ids))},
    ).rowcount


def report_counts(db: Database, built_at: str) -> Iterator[dict[str, Any]]:
    """The rows of the public table `report_count`: numbers by month and kind, nothing else.

    In time means that an answer came within DAYS_TO_ANSWER days. A report without one whose days
    are not over at `built_at` (UTC, ISO 8601) is neither in time nor late, so it is counted apart.
    """
    still = dt.datetime.fromisoformat(built_at) - dt.timedelta(days=DAYS_TO_ANSWER)
    rows = db.conn.execute(
        """
        select substr(created_at, 1, 7), kind, count(*),
            coalesce(sum(julianday(first_answer_at) - julianday(created_at) <= :days), 0),
            sum(first_answer_at is null and created_at > :still), sum(status = 'closed')
        from report group by 1, 2 order by 1, 2
        """,
        {"days": DAYS_TO_ANSWER, "still": still.strftime("%Y-%m-%dT%H:%M:%SZ")},
    )
    names = ("month", "kind", "received", "answered_in_7_days", "waiting", "closed")
    for row in rows:
        yield dict(zip(names, row, strict=True))
