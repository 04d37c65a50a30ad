"""`needlepoint hand-check`: random samples that a person compares, and the answers taken in."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

import click

from commands.options import deciding_person, with_folders
from commands.store import alone, working_store
from db.hand_checks import (
    ANSWERS,
    JOINED,
    HandCheck,
    keep_hand_checks,
    known,
    sample_listings,
    sample_pairs,
)
from reviewing.worksheets import WorksheetError, read_worksheet, write_listings, write_pairs

T = TypeVar("T")

_file = click.argument("worksheet", type=click.Path(dir_okay=False, path_type=Path))
_seed = click.option("--seed", type=int, help="Draw the same sample again; printed each time.")


@click.group("hand-check")
def command() -> None:
    """Have a person check a random sample of what is published: worksheets in CSV.

    `pairs` and `listings` write a worksheet, `read` takes the answers in. They are published, as G6
    and G13 of the quality page, with the next `needlepoint publish`.
    """


@command.command("pairs")
@_file
@click.option("--count", type=click.IntRange(min=1), default=200, show_default=True)
@_seed
@with_folders
def pairs(worksheet: Path, count: int, seed: int | None, data: Path, sources: Path) -> None:  # noqa: ARG001
    """Write WORKSHEET with pairs of listings that were joined as one person.

    Look at both pages and fill in same_person: same, different, or ? for cannot tell.
    """
    seed = _seed_of(seed)
    drawn = _drawn(data, partial(sample_pairs, count=count, seed=seed))
    _written(partial(write_pairs, worksheet, drawn), worksheet)
    click.echo(f"{worksheet}: {len(drawn):,} joined pairs, drawn with seed {seed}")


@command.command("listings")
@_file
@click.option("--count", type=click.IntRange(min=1), default=100, show_default=True)
@_seed
@with_folders
def listings(worksheet: Path, count: int, seed: int | None, data: Path, sources: Path) -> None:  # noqa: ARG001
    """Write WORKSHEET with listings to compare with their source.

    Open each address and fill in the columns that end in _right: y, n, or ? for cannot tell; leave
    empty what you did not look at. offers_dry_needling is for who asked the practice itself, by
    telephone or mail.
    """
    seed = _seed_of(seed)
    drawn = _drawn(data, partial(sample_listings, count=count, seed=seed))
    _written(partial(write_listings, worksheet, drawn), worksheet)
    click.echo(f"{worksheet}: {len(drawn):,} listings, drawn with seed {seed}")


@command.command("read")
@_file
@click.option("--by", help="Who compared; your user name otherwise. Never published.")
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="When, as 2026-11-24; today otherwise."
)
@with_folders
def read(
    worksheet: Path,
    by: str | None,
    day: dt.datetime | None,
    data: Path,
    sources: Path,  # noqa: ARG001
) -> None:
    """Take in the answers of a filled WORKSHEET of either kind.

    All or none: each line that is wrong is named, and nothing is kept. Read again, the answers
    replace those about the same pairs and listings.
    """
    who, today = deciding_person(by), dt.datetime.now(dt.UTC).date()
    on = day.date() if day else today
    if on > today:
        raise click.UsageError(f"{on} has not come yet")
    with alone(data, "hand-check"), working_store(data) as db:
        try:
            checks = read_worksheet(worksheet, partial(known, db))
        except WorksheetError as error:
            raise click.ClickException(f"nothing was kept:\n{error}") from error
        keep_hand_checks(db, checks, who, on.isoformat())
    for line in _in_words(checks):
        click.echo(line)


def _seed_of(seed: int | None) -> int:
    return random.SystemRandom().randrange(10**6) if seed is None else seed


def _drawn(data: Path, draw: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
    path = data / "directory.db"
    if not path.exists():
        raise click.ClickException(f"{path} does not exist: run needlepoint publish first")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as public:
            drawn = draw(public)
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{path}: {error}") from error
    if not drawn:
        raise click.ClickException(f"{path} holds nothing to draw from")
    return drawn


def _written(write: Callable[[], None], worksheet: Path) -> None:
    try:
        write()
    except FileExistsError as error:
        raise click.ClickException(
            f"{worksheet} exists and may hold answers; name another file"
        ) from error
    except OSError as error:
        raise click.ClickException(f"{worksheet} cannot be written ({error.strerror})") from error


def _in_words(checks: list[HandCheck]) -> list[str]:
    counts = Counter(check.answer for check in checks)
    about = len({(check.listing_id, check.other_id) for check in checks})
    what = "pairs" if any(check.field == JOINED for check in checks) else "listings"
    lines = [f"{len(checks):,} answers about {about:,} {what} kept"]
    lines += [f"{counts[key]:>6,} {key.replace('_', ' ')}" for key in ANSWERS]
    # Two people under one name is the worst of errors: it can be mended at once.
    for check in checks:
        if check.field == JOINED and check.answer == "wrong":
            lines.append(
                f"to part them: needlepoint review --pair {check.listing_id} {check.other_id}"
                " --different --by NAME --reason 'compared by hand'"
            )
    return lines
