"""`needlepoint accept-run`: a person believes a run that the gate doubted, or takes that back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from commands.match import in_words as match_in_words
from commands.options import deciding_person, sheets_in, with_folders
from commands.publish import in_words as release_in_words
from commands.publish import publish_now
from commands.store import alone, working_store
from db.accepted_runs import NoHeldRun, NothingToTakeBack, accept_run, take_back
from matching.rebuild import match


@click.command("accept-run")
@click.argument("source")
@click.option("--reason", required=True, help="Why; kept and published.")
@click.option("--undo", is_flag=True, help="Go back to what was before the accepted run.")
@click.option("--by", metavar="NAME", help="Who decides; not published. Default: your user name.")
@click.option("--no-publish", is_flag=True, help="Change the working store only.")
@with_folders
def command(  # noqa: PLR0913
    *,
    source: str,
    reason: str,
    undo: bool,
    by: str | None,
    no_publish: bool,
    data: Path,
    sources: Path,
) -> None:
    """Take in the run of SOURCE that waits, then match and publish.

    `needlepoint status` says which runs wait, and why the gate doubted them. With --undo the
    entries from before the accepted run are shown again, and it waits for a decision as before;
    that is possible until the next good run.
    """
    if not reason.strip():
        raise click.BadParameter("say why", param_hint="--reason")
    sheets = sheets_in(sources)
    decide = take_back if undo else accept_run
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with alone(data, "accept-run"), working_store(data) as db:
        try:
            outcome = decide(db, source, reason=reason, by=deciding_person(by), at=at)
        except (NoHeldRun, NothingToTakeBack) as error:
            raise click.ClickException(str(error)) from error
        if undo:
            click.echo(f"{source}: as before the run of {outcome.run_id.partition('@')[2]}")
        else:
            click.echo(
                f"{source}: {outcome.found:,} listings taken in: {outcome.added:,} new,"
                f" {outcome.changed:,} changed, {outcome.missing:,} missing,"
                f" {outcome.returned:,} returned, {outcome.retired:,} retired"
            )
        if no_publish:
            return
        click.echo(match_in_words(match(db)))
        click.echo(release_in_words(publish_now(db, data, sheets.values())))
