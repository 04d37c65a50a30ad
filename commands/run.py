"""`needlepoint run`: a whole night, for a scheduler."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from commands.crawl import allowed_of, contact_option, crawl_sources
from commands.geocode import geocode
from commands.night import Night
from commands.options import sheets_in, with_folders
from commands.publish import publish_now
from commands.store import alone, working_store
from db.status import is_due, source_states
from matching.rebuild import match
from records.factsheet import FactSheet


@click.command("run")
@contact_option
@with_folders
def command(contact: str | None, data: Path, sources: Path) -> None:
    """A whole night: crawl every active source that is due, match, geocode, publish, report.

    The report is printed at the end and kept in reports/ of the data folder, as text and as JSON.
    A source that goes wrong is reported and keeps its last good listings; the others go on.

    Exit code 0: every source is good and the release is out. 1: not every source is good, or a step
    did not succeed. 3: no source may run. 75: another needlepoint is at work on this folder.
    """
    sheets = sheets_in(sources)
    with alone(data, "run"):
        night = whole_night(sheets, data, contact=contact)
    click.echo("\n" + night.in_words(), nl=False)
    raise SystemExit(night.exit_code)


def whole_night(sheets: dict[str, FactSheet], data: Path, *, contact: str | None) -> Night:
    """Crawl all sources that may run and are due, then match, geocode, publish; save the report.

    Steps after the crawl that do not succeed are named in `Night.trouble`. Raises what
    `crawl_sources` raises when it cannot begin, and SystemExit(3) when no source may run.
    """
    night = Night(started_at=_now())
    chosen = allowed_of(sheets.values())
    try:
        chosen = _due(chosen, data)
        ran = {outcome.source_id for outcome in crawl_sources(chosen, data, contact=contact)}
        with working_store(data) as db:
            night.sources = [one for one in source_states(db) if one.id in ran]
        _after_the_crawl(night, sheets.values(), data)
    except click.UsageError:
        raise
    except click.ClickException as error:
        night.trouble.append(error.format_message())
    night.finished_at = _now()
    night.save(data)
    return night


def _due(sheets: list[FactSheet], data: Path) -> list[FactSheet]:
    with working_store(data) as db:
        states = {one.id: one for one in source_states(db)}
    today = datetime.now(UTC).date()
    return [sheet for sheet in sheets if is_due(sheet, states.get(sheet.id), today)]


def _after_the_crawl(night: Night, sheets: Iterable[FactSheet], data: Path) -> None:
    def matching() -> None:
        with working_store(data) as db:
            night.matched = match(db)

    def placing() -> None:
        placed = geocode(data)
        if placed.trouble:
            night.trouble.append(f"geocode: {placed.trouble}")

    def publishing() -> None:
        with working_store(data) as db:
            night.release = publish_now(db, data, sheets)

    steps: dict[str, Callable[[], None]] = {
        "match": matching,
        "geocode": placing,
        "publish": publishing,
    }
    for name, step in steps.items():
        try:
            step()
        except (click.ClickException, sqlite3.Error, OSError) as error:
            reason = error.format_message() if isinstance(error, click.ClickException) else error
            night.trouble.append(f"{name}: {reason}")
            return


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
