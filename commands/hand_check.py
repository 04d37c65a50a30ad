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

#: So many are drawn unless --count says otherwise.
_USUAL = {"pairs": 200, "listings": 100}


@click.command("hand-check")
@click.argument("what", type=click.Choice(["pairs", "listings", "read"]))
@click.argument("worksheet", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--count", type=click.IntRange(min=1), help="So many; otherwise 200 pairs or 100 listings."
)
@click.option("--seed", type=int, help="Draw the same sample again; printed each time.")
@click.option("--by", help="read: who compared; your user name otherwise. Never published.")
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="read: the day, as 2026-11-24; today otherwise.",
)
@with_folders
def command(  # noqa: PLR0913
    *,
    what: str,
    worksheet: Path,
    count: int | None,
    seed: int | None,
    by: str | None,
    day: dt.datetime | None,
    data: Path,
    sources: Path,  # noqa: ARG001 - as everywhere
) -> None:
    """Have a person check a random sample of what is published, in a WORKSHEET (CSV).

    \b
    pairs     writes listings that were joined as one person, two a line. Look at both
              pages and fill in same_person: same, different, or ? for cannot tell.
    listings  writes listings to compare with the page in url. Fill in the columns that
              end in _right: y, n, or ?; leave empty what you did not look at.
              offers_dry_needling is for who asked the practice by telephone or mail.
    read      takes the answers of either kind in: all, or, with each wrong line named,
              none. The newest answer about a thing counts.

    The answers are published, as G6 and G13 of the quality page, with the next `needlepoint
    publish`.
    """
    if what == "read":
        _read(data, worksheet, deciding_person(by), day.date() if day else None)
        return
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    count = count or _USUAL[what]
    if what == "pairs":
        pairs = _drawn(data, partial(sample_pairs, count=count, seed=seed))
        _written(partial(write_pairs, worksheet, pairs), worksheet)
        drawn = len(pairs)
    else:
        listings = _drawn(data, partial(sample_listings, count=count, seed=seed))
        _written(partial(write_listings, worksheet, listings), worksheet)
        drawn = len(listings)
    named = "joined pairs" if what == "pairs" else "listings"
    click.echo(f"{worksheet}: {drawn:,} {named}, drawn with seed {seed}")


def _read(data: Path, worksheet: Path, by: str, day: dt.date | None) -> None:
    today = dt.datetime.now(dt.UTC).date()
    if day is not None and day > today:
        raise click.UsageError(f"{day} has not come yet")
    with alone(data, "hand-check"), working_store(data) as db:
        try:
            checks = read_worksheet(worksheet, partial(known, db))
        except WorksheetError as error:
            raise click.ClickException(f"nothing was kept:\n{error}") from error
        keep_hand_checks(db, checks, by, (day or today).isoformat())
    for line in _in_words(checks):
        click.echo(line)


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
