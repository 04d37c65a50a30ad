"""`needlepoint publish`: the public database, built, checked and moved into place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click
from sqlite_utils import Database

from commands.forget import refused_by
from commands.options import sheets_in, with_folders
from commands.store import alone, working_store
from db.forgetting import opted_out_hashes
from db.published import PublishError, publish
from db.published_fill import Built
from db.stored_sheets import remember_sheets
from db.swap import SwapBusy
from records.factsheet import FactSheet


@click.command("publish")
@click.option("--allow-empty", is_flag=True, help="Publish although nothing would be left.")
@with_folders
def command(allow_empty: bool, data: Path, sources: Path) -> None:
    """Build directory.db from working.db, check it, and move it under the running server.

    If a check fails, the served file stays as it is, and the check is named.
    """
    sheets = sheets_in(sources).values()
    with alone(data, "publish"), working_store(data) as db:
        release = publish_now(db, data, sheets, allow_empty=allow_empty)
    click.echo(in_words(release))


def publish_now(
    db: Database,
    data: Path,
    sheets: Iterable[FactSheet],
    *,
    allow_empty: bool = False,
    progress: Callable[[str], None] = lambda _line: None,
) -> Built:
    """Publish with the fact sheets as they are now. Raises click.ClickException with the reason."""
    remember_sheets(db, sheets)
    try:
        return publish(
            db,
            data,
            progress=progress,
            allow_empty=allow_empty,
            opted_out=refused_by(opted_out_hashes(db)),
        )
    except (PublishError, SwapBusy) as error:
        raise click.ClickException(f"not published: {error}") from error


def in_words(release: Built) -> str:
    """The release in two lines."""
    points = ", ".join(f"{key} {count:,}" for key, count in release.precision.items())
    return (
        f"release {release.id}: {release.practitioners:,} practitioners at"
        f" {release.locations:,} locations, from {release.listings:,} listings of"
        f" {release.sources:,} sources\nlocations by precision: {points or 'none'}"
    )
