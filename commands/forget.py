"""`needlepoint forget`: somebody does not want to be listed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlite_utils import Database

from commands.options import with_folders
from commands.store import alone, working_store
from db.forgetting import Forgotten, NobodyOfThatId, forget, listings_of
from pipelines.opt_outs import opt_out_hashes, opted_out
from records.listing import Listing


@click.command("forget")
@click.argument("some_id", metavar="ID")
@with_folders
def command(some_id: str, data: Path, sources: Path) -> None:  # noqa: ARG001 - as everywhere
    """Take a person out for good: ID is a practitioner's (np-...) or a listing's (source:entry).

    Only hashes are kept, so that no later crawl of any directory brings the person back. The
    listings, their history and every copy in a run that waits are deleted. The public file follows
    with the next `needlepoint publish`.
    """
    with alone(data, "forget"), working_store(data) as db:
        since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            done = forget_person(db, some_id, since)
        except NobodyOfThatId as error:
            raise click.ClickException(str(error)) from error
    click.echo(
        f"{done.listings} listings deleted, with their history and in {done.held_runs} waiting"
        f" runs; {done.hashes} hashes kept.\nNow run: needlepoint match && needlepoint publish"
    )


def forget_person(db: Database, some_id: str, since: str) -> Forgotten:
    """Take out whoever has the id of a practitioner or a listing; `since` is UTC, ISO 8601.

    Raises NobodyOfThatId.
    """
    listings = listings_of(db, some_id)
    hashes = {key: what for one in listings for key, what in opt_out_hashes(one).items()}
    return forget(db, listings, hashes, refused_by, since)


def refused_by(hashes: frozenset[str]) -> Callable[[Listing], bool]:
    """The test the crawl applies: is this the listing of somebody who opted out?"""
    return lambda listing: opted_out(listing, hashes) is not None
