"""`needlepoint demo`: the whole way on six sample directories served on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from commands.options import sheets_in, with_folders
from commands.run import whole_night
from commands.serve import listening, serve
from commands.store import alone
from samples.people import make_world
from samples.servers import SITES
from samples.servers import serve as serve_samples
from samples.sheets import write_sheets

#: The sample directories' own ports, so that a second demo finds the same addresses.
FIRST_PORT = 8701


@click.command("demo")
@click.option("--serve/--no-serve", "stay", default=True, help="Serve the finder afterwards.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True)
@with_folders
def command(stay: bool, port: int, data: Path, sources: Path) -> None:  # noqa: ARG001
    """Crawl, match, place, publish and serve six sample directories.

    2,000 invented practitioners stand in six small web servers on this machine, each speaking the
    wire format of real directory software. Their fact sheets are written to DATA/sources.
    """
    with serve_samples(make_world(), _ports()) as urls:
        folder = data / "sources"
        write_sheets(folder, urls)
        with alone(data, "demo"):
            night = whole_night(sheets_in(folder), data, contact=None)
        click.echo("\n" + night.in_words(), nl=False)
        if night.exit_code or not stay:
            raise SystemExit(night.exit_code)
        # The sample directories stay up, so that every link to a source leads somewhere.
        serve(data / "directory.db", listening("127.0.0.1", port))


def _ports() -> dict[str, int]:
    """The fixed ports where all of them are free, else any: two demos may run side by side."""
    ports = {site.source_id: FIRST_PORT + place for place, site in enumerate(SITES)}
    try:
        for number in ports.values():
            listening("127.0.0.1", number).close()
    except click.ClickException:
        return {}
    return ports
