"""`needlepoint match`: which listings are the same person."""

from __future__ import annotations

from pathlib import Path

import click

from commands.options import with_folders
from commands.store import alone, working_store
from matching.rebuild import Matched, match


@click.command("match")
@with_folders
def command(data: Path, sources: Path) -> None:  # noqa: ARG001 - every subcommand takes both
    """Decide which listings are the same person, and rebuild the practitioners.

    Automatic decisions are made anew; decisions of persons are kept to. Ids stay the same.
    """
    with alone(data, "match"), working_store(data) as db:
        click.echo(in_words(match(db)))


def in_words(matched: Matched) -> str:
    """The result in two lines."""
    return (
        f"{matched.listings:,} listings of {matched.practitioners:,} practitioners;"
        f" {matched.several:,} of them have more than one listing"
        f" ({matched.new:,} new, {matched.merged:,} merged into another)\n"
        f"pairs judged: {matched.same:,} same, {matched.different:,} different,"
        f" {matched.cannot_tell:,} cannot tell; {matched.by_hand:,} decided by a person"
    )
