"""`needlepoint review`: reports of readers and requests of listed people, in the terminal."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime

import click
from sqlite_utils import Database

from db.reports import Report, waiting
from reviewing.reports import ABOUT_THE_SITE, entries_about, facts_of, name_in, said_of, settle

_OUTCOMES = {"a": "answered", "c": "closed", "f": "forget"}
_KEYS = "[a]nswered, keep it here  [c]lose  [k] skip  [q]uit"
_KEYS_OF_REMOVAL = _KEYS.replace("  [k]", "  [f]orget the person and close  [k]")


def list_reports(db: Database) -> None:
    """One line for each report that is not closed, and how many there are."""
    found = waiting(db)
    for one in found:
        about = one.practitioner_id or ABOUT_THE_SITE
        click.echo(f"{one.reference}  {one.kind:<10}  {about}  {said_of(one)}")
    click.echo(f"{len(found):,} reports and requests are not closed")


def one_report(
    db: Database, reference: str, outcome: str, by: str | None, note: str | None
) -> None:
    """Settle the report of that number. Raises click.ClickException with the reason."""
    if not (by and note):
        raise click.UsageError("--by NAME and --reason TEXT say who answered, and what")
    try:
        click.echo(settle(db, reference, outcome, note=note, by=by, at=_now()))
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def ask_about_reports(db: Database, by: str, note: str | None) -> tuple[bool, bool]:
    """Show each report and ask. Returns whether somebody was taken out, and whether the person
    wants to end."""
    taken_out = False
    found = waiting(db)
    for number, one in enumerate(found, 1):
        click.echo(f"\nReport {number} of {len(found)}\n{_shown(db, one)}")
        keys = _KEYS_OF_REMOVAL if one.kind == "removal" else _KEYS
        letters = [*_OUTCOMES, "k", "q"] if one.kind == "removal" else ["a", "c", "k", "q"]
        key = click.prompt(keys, type=click.Choice(letters), show_choices=False, default="k")
        if key == "q":
            return taken_out, True
        if key == "k":
            continue
        why = note or click.prompt("What you found or answered")
        try:
            click.echo(settle(db, one.reference, _OUTCOMES[key], note=why, by=by, at=_now()))
        except ValueError as error:
            click.echo(f"not done: {error}")
        else:
            taken_out |= key == "f"
    return taken_out, False


def _shown(db: Database, report: Report) -> str:
    entries = entries_about(db, report)
    pages = dict.fromkeys(one.profile_url or one.seen_url for one in entries)
    facts = [
        ("Name", name_in(entries, report)),
        *facts_of(report),
        *(("Printed at", page) for page in pages),
    ]
    lines = [f"{report.reference}: {said_of(report)}"]
    for label, value in facts:
        for number, line in enumerate(value.splitlines()):
            lines += textwrap.wrap(
                line,
                100,
                initial_indent=f"  {label if not number else '':<11}",
                subsequent_indent=" " * 13,
            )
    return "\n".join(lines)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
