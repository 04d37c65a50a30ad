"""`needlepoint probe`: whether a directory still answers as it did when it was recorded."""

from __future__ import annotations

from pathlib import Path

import click

from commands.crawl import contact_option
from commands.options import with_folders
from commands.record import crawl_once, sheet_named
from spiders.people import PeopleOf
from spiders.platforms import Surroundings, WrongShape
from spiders.platforms.registry import platform_named
from spiders.probing import changes, structure
from spiders.recordings import NotRecorded, load, play


@click.command("probe")
@click.argument("source")
@click.option(
    "--recordings",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("tests/recordings"),
    show_default=True,
    help="Where recordings are, a folder for each source.",
)
@contact_option
@with_folders
def command(source: str, recordings: Path, contact: str | None, data: Path, sources: Path) -> None:
    """Compare what SOURCE answers today with its recording: structure and counts, not values.

    Keys, types, elements that repeat, the fields of listings, and numbers that are far off. The
    directory is crawled once, politely; nothing is kept.

    Exit code 0: nothing changed. 1: something did, and it is said; or the crawl failed.
    3: the source may not run.
    """
    sheet = sheet_named(sources, source)
    folder = recordings / sheet.id
    try:
        exchanges = load(folder)
    except (OSError, ValueError, KeyError) as error:
        raise click.ClickException(
            f"{folder} holds no recording. Make one: needlepoint record {sheet.id}"
        ) from error
    now = crawl_once(sheet, data, contact)
    around = Surroundings(sheet=sheet, people=PeopleOf(sheet.coverage.countries, data))
    try:
        before = play(exchanges, platform_named(now.platform)(around))
    except (WrongShape, NotRecorded, ValueError) as error:
        raise click.ClickException(
            f"{sheet.id} runs on {now.platform} now, which cannot read the recording: {error}"
        ) from error
    lines = changes(
        structure(exchanges, list(before.listings.values()), len(before.hidden)),
        structure(now.exchanges, now.listings, sum(now.bundle.hidden.values())),
    )
    for line in lines:
        click.echo(line)
    count = f"{len(now.exchanges)} answers, {len(now.listings)} listings"
    if lines:
        click.echo(f"{sheet.id}: changed since it was recorded ({count})")
        raise SystemExit(1)
    click.echo(f"{sheet.id}: answers as it did when it was recorded ({count})")
