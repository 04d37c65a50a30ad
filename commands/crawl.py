"""`needlepoint crawl`: asks the directories and keeps what they list."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click
from tqdm import tqdm

from commands.options import NOT_ALLOWED, sheets_in, with_folders
from commands.store import alone
from db.runs import Outcome, take_in
from db.working import open_working
from records.bundle import RunBundle
from records.factsheet import FactSheet, SheetError, choose
from spiders.crawl import crawl
from spiders.guard import hosts_of, is_local_name
from spiders.politeness import user_agent
from spiders.robots import robots_url

_CONTACT = re.compile(r"https?://[^\s/]+\S*|mailto:\S+@\S+")

contact_option = click.option(
    "--contact",
    envvar="NEEDLEPOINT_CONTACT",
    metavar="URL",
    help="Page or mailto: address at which whoever runs a directory can reach you; sent with every"
    " request. Also read from NEEDLEPOINT_CONTACT.",
)


@click.command("crawl")
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "everything", is_flag=True, help="All active sources.")
@contact_option
@click.option("--dry-run", is_flag=True, help="Only say what would be asked.")
@with_folders
def command(  # noqa: PLR0913, PLR0917 - an option each
    names: tuple[str, ...],
    everything: bool,
    contact: str | None,
    dry_run: bool,
    data: Path,
    sources: Path,
) -> None:
    """Ask directories for their listings and take them in.

    Name sources, or give --all. Each source is one run with a verdict: a good one becomes the
    source's state, a doubtful one waits for `needlepoint accept-run`, and after a failed one the
    last good listings stay.

    Exit code 0: every run is good. 1: not every one. 3: a source may not run, and what to do.
    75: another needlepoint is at work on this folder.
    """
    if everything == bool(names):
        raise click.UsageError("Name the sources to crawl, or give --all.")
    sheets = sheets_in(sources)
    if everything:
        chosen = allowed_of(sheets.values())
    else:
        try:
            chosen = choose(sheets, dict.fromkeys(names))
        except SheetError as error:
            raise click.ClickException(str(error)) from error
        refuse_others(chosen)
    if dry_run:
        for sheet in chosen:
            click.echo(_plan(sheet, contact))
        return
    check_contact(chosen, contact)
    with alone(data, "crawl"):
        outcomes = crawl_sources(chosen, data, contact=contact)
    if any(outcome.verdict != "good" for outcome in outcomes):
        raise SystemExit(1)


def allowed_of(sheets: Iterable[FactSheet]) -> list[FactSheet]:
    """The sources that may run; says of each other one what a maintainer must do.

    Ends the program with code 3 when none may.
    """
    chosen = []
    for sheet in sheets:
        reason = sheet.why_not()
        if reason is None:
            chosen.append(sheet)
        else:
            click.echo(f"not crawled: {sheet.id}: {reason}", err=True)
    if not chosen:
        click.echo(
            "Nothing was crawled: no source may run yet. For each one listed above somebody has to"
            " read its terms and decide; `needlepoint accept SOURCE` records the decision.",
            err=True,
        )
        raise SystemExit(NOT_ALLOWED)
    return chosen


def refuse_others(chosen: Iterable[FactSheet]) -> None:
    """End the program with code 3, and the reasons, when one of these may not run."""
    reasons = [(sheet.id, sheet.why_not()) for sheet in chosen]
    forbidden = [(name, reason) for name, reason in reasons if reason]
    for name, reason in forbidden:
        click.echo(f"{name} was not crawled: {reason}", err=True)
    if forbidden:
        raise SystemExit(NOT_ALLOWED)


def crawl_sources(
    sheets: Sequence[FactSheet], data: Path, *, contact: str | None = None
) -> list[Outcome]:
    """Crawl these sources side by side, take each in as it ends, and print a line for each.

    The outcomes come in the order in which the sources ended. Raises click.ClickException when
    the working store cannot be opened or written, or when a real server would be asked by
    somebody who gives no contact address. Once per process: see `spiders.crawl`.
    """
    check_contact(sheets, contact)
    try:
        db = open_working(data)
    except sqlite3.Error as error:
        raise click.ClickException(f"{data / 'working.db'}: {error}") from error
    outcomes: list[Outcome] = []
    width = max(len(sheet.id) for sheet in sheets) if sheets else 0
    _say(_columns("source".ljust(width), "asked", "listings", "new", "changed", "missing", "run"))

    def keep(sheet: FactSheet, bundle: RunBundle) -> None:
        outcome = take_in(db, sheet, bundle)
        outcomes.append(outcome)
        _say(_line(bundle, outcome, width))

    try:
        crawl(sheets, data, on_bundle=keep, contact=contact, progress=True)
    except sqlite3.Error as error:
        raise click.ClickException(f"{data / 'working.db'}: {error}") from error
    finally:
        db.conn.close()
    return outcomes


def check_contact(
    sheets: Iterable[FactSheet],
    contact: str | None,
    called: Callable[[FactSheet], str] = lambda sheet: sheet.id,
) -> None:
    """Raise click.UsageError for no contact address where one is owed, or for no address at all.

    `called` says what the message calls a source.
    """
    if contact is not None:
        if not _CONTACT.fullmatch(contact):
            raise click.UsageError(
                f"--contact {contact!r} is no address; give https://… or mailto:you@…"
            )
        return
    real = [called(s) for s in sheets if not all(is_local_name(host) for host in hosts_of(s))]
    if real:
        raise click.UsageError(
            "Whoever runs a directory must be able to find out who asks. Give --contact"
            " https://… (a page that says how to stop you) or mailto:you@…, or set"
            f" NEEDLEPOINT_CONTACT. Needed for: {', '.join(real)}."
        )


def _plan(sheet: FactSheet, contact: str | None) -> str:
    url = sheet.directory_url or sheet.home_url or ""
    what = "the directory" if sheet.directory_url else "the home page, to find the directory"
    delay = sheet.politeness.delay_seconds
    return (
        f"{sheet.id}: would ask {robots_url(url)}, then {url} ({what}), "
        f"{delay:g} seconds apart or more, as {user_agent(contact)}"
    )


def _line(bundle: RunBundle, outcome: Outcome, width: int) -> str:
    counts = (bundle.pages, outcome.found, outcome.added, outcome.changed, outcome.missing)
    numbers = (f"{count:,}" for count in counts)
    verdict = f"{outcome.verdict}: {outcome.reason}"
    return _columns(bundle.source_id.ljust(width), *numbers, verdict)


def _columns(source: str, *rest: str) -> str:
    *numbers, verdict = rest
    return f"{source} {''.join(number.rjust(9) for number in numbers)}  {verdict}"


def _say(line: str) -> None:
    # Above the moving lines of the sources that still run.
    tqdm.write(line)
