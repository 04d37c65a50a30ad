"""`needlepoint record`: a directory's answers as a recording for tests, with nobody real in it."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

from commands.crawl import check_contact, contact_option, refuse_others
from commands.options import sheets_in, with_folders
from db.gazetteer_file import ensure
from records.bundle import RunBundle
from records.factsheet import FactSheet, SheetError, choose
from records.listing import Listing
from spiders.crawl import run_spiders
from spiders.disguise import Disguise, Leak, check
from spiders.people import PeopleOf
from spiders.platforms import Surroundings, WrongShape
from spiders.platforms.registry import platform_named
from spiders.recordings import Exchange, NotRecorded, Played, RecordingSpider, play, save


@click.command("record")
@click.argument("source")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("tests/recordings"),
    show_default=True,
    help="Where recordings are; this one goes into a folder named after the source.",
)
@contact_option
@with_folders
def command(source: str, folder: Path, contact: str | None, data: Path, sources: Path) -> None:
    """Crawl SOURCE and save its answers for tests, every person replaced by an invented one.

    Names, practices, streets, telephone numbers, e-mail addresses and web sites are replaced the
    same way throughout; keys, markup and lengths stay. Nothing is written unless the disguised
    answers are read as the real ones were and no value of a real listing is left in them. Read the
    result before you commit it all the same.

    Exit code 1: the crawl failed, the recording exists, or it would not be the same or not be safe.
    3: the source may not run.
    """
    sheet = sheet_named(sources, source)
    target = folder / sheet.id
    if target.exists():
        raise click.ClickException(f"{target} exists. Remove it to record anew.")
    taken = crawl_once(sheet, data, contact)
    disguise = Disguise.of(taken.exchanges, taken.listings)
    exchanges = [disguise.exchange(one) for one in taken.exchanges]
    try:
        check(exchanges, taken.listings)
        played = play(exchanges, platform_named(taken.platform)(_around(sheet, data)))
    except (Leak, NotRecorded, WrongShape, ValueError) as error:
        raise click.ClickException(f"nothing written: {error}") from error
    if differs := difference(taken, played):
        raise click.ClickException(f"nothing written: read again, {differs}")
    save(target, exchanges, taken.platform, played)
    count = len(played.listings)
    click.echo(f"{target}: {len(exchanges)} answers, {count} listings, nobody real. Read them.")


def sheet_named(sources: Path, source: str) -> FactSheet:
    """The sheet of a source that may run; ends the program where it may not."""
    try:
        (sheet,) = choose(sheets_in(sources), [source])
    except SheetError as error:
        raise click.ClickException(str(error)) from error
    refuse_others([sheet])
    return sheet


@dataclass(frozen=True)
class Taken:
    """A crawl with its answers."""

    platform: str
    exchanges: list[Exchange]
    bundle: RunBundle

    @property
    def listings(self) -> list[Listing]:
        """As they were printed, each once."""
        return list({one.native_id: one for one in reversed(self.bundle.listings)}.values())[::-1]


def crawl_once(sheet: FactSheet, data: Path, contact: str | None) -> Taken:
    """Crawl a source beside the store, every answer kept. Raises click.ClickException."""
    check_contact([sheet], contact)
    taken: list[Taken] = []

    def ended(_: FactSheet, bundle: RunBundle, spider: RecordingSpider | None) -> None:
        if bundle.failure is not None:
            raise click.ClickException(f"{sheet.id}: {bundle.failure}")
        assert spider is not None
        assert spider.platform_name is not None
        taken.append(Taken(spider.platform_name, spider.exchanges, bundle))

    ensure(data)  # the gazetteer, for searches by place
    with tempfile.TemporaryDirectory(prefix="needlepoint-") as folder:
        (Path(folder) / "gazetteer.db").symlink_to((data / "gazetteer.db").resolve())
        run_spiders(
            RecordingSpider,
            [sheet],
            Path(folder),
            on_end=ended,
            contact=contact,
            progress=True,
            pipelines={},
        )
    return taken[0]


def difference(taken: Taken, played: Played) -> str | None:
    """How the disguised answers are read otherwise than the real ones, or None."""
    before, after = taken.listings, list(played.listings.values())
    if len(before) != len(after):
        return f"{len(after)} listings instead of {len(before)}"
    hidden = sum(taken.bundle.hidden.values())
    if hidden != len(played.hidden):
        return f"{len(played.hidden)} hidden rows instead of {hidden}"
    had, has = (Counter(key for one in some for key in one.printed()) for some in (before, after))
    if had != has:
        wrong = sorted(key for key in had | has if had[key] != has[key])
        return f"other listings have {', '.join(wrong)}"
    return None


def _around(sheet: FactSheet, data: Path) -> Surroundings:
    return Surroundings(sheet=sheet, people=PeopleOf(sheet.coverage.countries, data))
