"""`needlepoint status`: how every source stands and what a maintainer should do next."""

from __future__ import annotations

from pathlib import Path

import click

from commands.options import sheets_in, with_folders
from commands.store import working_store
from db.status import SourceState, source_states
from records.factsheet import FactSheet


@click.command("status")
@click.option("--all", "everything", is_flag=True, help="Also sources that may not run.")
@with_folders
def command(everything: bool, data: Path, sources: Path) -> None:
    """Say for each source how its last run went, how old its data is, and what to do next."""
    sheets = sheets_in(sources)
    states: dict[str, SourceState] = {}
    if (data / "working.db").exists():
        with working_store(data) as db:
            states = {state.id: state for state in source_states(db)}
    quiet = 0
    for key, sheet in sheets.items():
        state = states.get(key)
        ran = state is not None and state.last_attempt is not None
        if not ran and sheet.why_not() and not everything:
            quiet += 1
            continue
        for line in in_words(sheet, state):
            click.echo(line)
    if quiet:
        click.echo(f"{quiet} sources may not run yet; needlepoint status --all says why.")


def in_words(sheet: FactSheet, state: SourceState | None) -> list[str]:
    """A source in a few lines."""
    if state is None or state.last_attempt is None:
        return [f"{sheet.id}: never run", f"  next: {next_action(sheet, state)}"]
    held = ""
    if state.verdict != "good" and state.data_as_of:
        held = f", held since {state.data_as_of}"
    how_old = (
        f"  data as of {state.data_as_of or '(none yet)'}{held}; last attempt"
        f" {state.last_attempt}; {state.listed:,} listed, {state.missing_now:,} missing"
    )
    verdict = f"{sheet.id}: {state.verdict}: {state.reason}"
    return [verdict, how_old, f"  next: {next_action(sheet, state)}"]


def next_action(sheet: FactSheet, state: SourceState | None) -> str:
    """What a maintainer should do about a source, with the command for it."""
    forbidden = sheet.why_not()
    if forbidden:
        return forbidden
    if state is None or state.last_attempt is None:
        return f"needlepoint crawl {sheet.id}"
    if state.held:
        return (
            "look at the directory; if the run is right:"
            f" needlepoint accept-run {sheet.id} --reason '...'"
        )
    if state.verdict == "failed":
        return f"look at the reason; then needlepoint crawl {sheet.id}"
    return "nothing; the next run is the next night"
