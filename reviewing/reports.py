"""Reports and requests as a maintainer reads and settles them, in the terminal and on the page."""

from __future__ import annotations

import datetime as dt

from sqlite_utils import Database

from commands.forget import forget_person
from db.forgetting import NobodyOfThatId, listings_of
from db.reports import DAYS_TO_ANSWER, NoSuchReport, Report, answer, report_of
from records.listing import Listing

WHAT = {
    "moved": "No longer at this address",
    "phone": "The telephone number is wrong",
    "stopped": "Does not practise dry needling any more",
    "person": "Not that person, or two are mixed up",
    "other": "Something else",
    "barrier": "Something keeps a reader out",
    "law": "What is said about a law is wrong or old",
    "link": "A link does not work",
    "source": "A directory is missing",
    "removal": "Wants to be taken out",
    "correction": "Wants a correction",
}
ABOUT_THE_SITE = "This site itself"
OUTCOMES = {
    "answered": "Answered, keep it here",
    "closed": "Close it",
    "forget": "Take the person out and close it",
}


def entries_about(db: Database, report: Report) -> list[Listing]:
    """The listings of the practitioner a report is about; none when they are gone, or when it is
    about the site."""
    try:
        return listings_of(db, report.practitioner_id)
    except NobodyOfThatId:
        return []


def name_in(entries: list[Listing], report: Report) -> str:
    """How the person is listed, the id when nothing is listed any more, or that it is about the
    site."""
    if report.kind == "site":
        return ABOUT_THE_SITE
    names = (one.clean.name or one.name or one.practice for one in entries)
    return next((name for name in names if name), report.practitioner_id)


def said_of(report: Report) -> str:
    """What is wanted and until when, in a line."""
    what = WHAT.get(report.what, report.what)
    if report.first_answer_at:
        return f"{what}. Answered {report.first_answer_at[:10]}."
    due = dt.datetime.fromisoformat(report.created_at) + dt.timedelta(days=DAYS_TO_ANSWER)
    return f"{what}. Answer by {due:%Y-%m-%d}."


def facts_of(report: Report) -> tuple[tuple[str, str], ...]:
    """(label, value) of everything that was written."""
    told = (
        ("Entry", report.practitioner_id),
        ("Place", report.place),
        ("Text", report.message),
        ("Contact", report.reply_to),
        ("Received", report.created_at[:10]),
        ("Answer", f"{report.answer} ({report.answered_by})" if report.answer else None),
    )
    return tuple((label, value) for label, value in told if value)


def settle(  # noqa: PLR0913
    db: Database, reference: str, outcome: str, *, note: str, by: str, at: str
) -> str:
    """Write down what became of a report; `forget` runs what `needlepoint forget` runs.

    `at` is UTC, ISO 8601. Returns a line for the person. Raises ValueError, in words, when it
    cannot be done: no such report, closed already, nothing said, nobody left to take out, or
    taking out somebody who did not ask for it.
    """
    try:
        report = report_of(db, reference)
        if outcome not in OUTCOMES:
            raise ValueError(f"{outcome} is no answer to a report")
        if outcome == "forget":
            if report.kind != "removal":
                raise ValueError(f"{report.reference} does not ask for a removal")
            if report.status == "closed":
                raise ValueError(f"{report.reference} is closed already")
            if not note.strip() or not by.strip():
                raise ValueError("say who answers, and what was done")
            done = forget_person(db, report.practitioner_id, at)
            return (
                f"{report.reference}: {done.listings} listings deleted, {done.hashes} hashes kept,"
                " the request closed and its text deleted; publish to take the person out of the"
                " public file"
            )
        now = answer(db, reference, note=note, by=by, at=at, close=outcome == "closed")
    except NobodyOfThatId as error:
        raise ValueError(f"{error}; close it instead") from error
    except NoSuchReport as error:
        raise ValueError(str(error)) from error
    return f"{now.reference}: {now.status}"
