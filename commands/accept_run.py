"""`needlepoint accept-run`: a person believes a run that the gate doubted."""

from __future__ import annotations

from pathlib import Path

import click

from commands.match import in_words as match_in_words
from commands.options import sheets_in, with_folders
from commands.publish import in_words as release_in_words
from commands.publish import publish_now
from commands.store import alone, working_store
from db.working import NoHeldRun, accept_run
from matching.rebuild import match


@click.command("accept-run")
@click.argument("source")
@click.option("--reason", required=True, help="Why the run is right; kept and published.")
@click.option("--no-publish", is_flag=True, help="Take it in only.")
@with_folders
def command(source: str, reason: str, no_publish: bool, data: Path, sources: Path) -> None:
    """Take in the run of SOURCE that waits, then match and publish.

    `needlepoint status` says which runs wait, and why the gate doubted them.
    """
    if not reason.strip():
        raise click.BadParameter("say why the run is right", param_hint="--reason")
    sheets = sheets_in(sources)
    with alone(data, "accept-run"), working_store(data) as db:
        try:
            outcome = accept_run(db, source, reason)
        except NoHeldRun as error:
            raise click.ClickException(str(error)) from error
        click.echo(
            f"{source}: {outcome.found:,} listings taken in: {outcome.added:,} new,"
            f" {outcome.changed:,} changed, {outcome.missing:,} missing,"
            f" {outcome.returned:,} returned, {outcome.retired:,} retired"
        )
        if no_publish:
            return
        click.echo(match_in_words(match(db)))
        click.echo(release_in_words(publish_now(db, data, sheets.values())))
