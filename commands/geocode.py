"""`needlepoint geocode`: where every listing is, and how precisely."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from tqdm import tqdm

from commands.options import with_folders
from commands.store import working_store
from db.gazetteer import Gazetteer
from db.gazetteer_file import ensure
from geocoding.listings import Report, place_listings
from geocoding.providers import (
    PROVIDERS,
    PUBLIC_NOMINATIM_DELAY,
    PUBLIC_NOMINATIM_POLICY,
    ProviderError,
    ProviderName,
    Settings,
    build_provider,
)
from records.listing import PRECISIONS


@click.command(
    epilog="Only address lines are ever sent to a provider, never a name. Answers are kept in"
    " working.db, 'nothing found' for 30 days; errors are not. The public Nominatim's policy:"
    f" {PUBLIC_NOMINATIM_POLICY}"
)
@with_folders
@click.option(
    "--provider",
    type=click.Choice(PROVIDERS),
    default="none",
    show_default=True,
    help="Network geocoder for addresses the gazetteer knows no better than by ZIP code.",
)
@click.option("--domain", help="The provider's host, for one of your own: 127.0.0.1:8080/nominatim")
@click.option("--scheme", type=click.Choice(["https", "http"]), default="https", show_default=True)
@click.option("--contact", help="Your e-mail or web address, sent along. Nominatim wants it.")
@click.option("--user-agent", help="Sent instead of needlepoint's own name.")
@click.option(
    "--delay",
    type=click.FloatRange(min=0),
    help="Seconds between requests. The public Nominatim: at least 1, and"
    f" {PUBLIC_NOMINATIM_DELAY:g} unless you say otherwise.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds to wait for an answer. [default: 30; 900 for a Census batch]",
)
@click.option(
    "--batch", type=int, default=1000, show_default=True, help="Census: addresses a file."
)
@click.option("--most", type=click.IntRange(min=0), help="Ask for so many addresses, then stop.")
def command(  # noqa: PLR0913, PLR0917 - an option each
    data: Path,
    sources: Path,  # noqa: ARG001 - every subcommand takes it
    provider: ProviderName,
    domain: str | None,
    scheme: str,
    contact: str | None,
    user_agent: str | None,
    delay: float | None,
    timeout: float | None,
    batch: int,
    most: int | None,
) -> None:
    """Place every listing: source's own point, cache, provider, gazetteer.

    Without --provider nothing leaves this machine: every point is derived anew from the printed
    coordinates, the cache and the gazetteer. With one, addresses known no better than to the ZIP
    code are asked for. Stop it whenever you like; the next run goes on from there.
    """
    settings = Settings(
        provider=provider,
        domain=domain,
        scheme=scheme,
        user_agent=user_agent,
        contact=contact,
        delay=delay,
        timeout=timeout,
        batch=batch,
    )
    try:
        report = geocode(data, settings, most=most)
    except ProviderError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{data}: {error.strerror or error}") from error
    for line in summary(report):
        click.echo(line)
    if report.trouble:
        raise click.ClickException(f"{report.trouble}. Run it again later: it goes on from here.")


def geocode(data: Path, settings: Settings | None = None, *, most: int | None = None) -> Report:
    """Place all listings of `data`/working.db; the whole of the command but its printing.

    Raises ProviderError for settings that cannot be used, before anything is touched;
    click.ClickException when working.db cannot be used, OSError when gazetteer.db cannot be made.
    """
    provider = build_provider(settings or Settings())
    # Without the lock of `alone`: asking can take hours, and a crawl need not wait for it.
    with (
        working_store(data) as working,
        Gazetteer(ensure(data)) as gazetteer,
        _bar(provider is not None) as bar,
    ):

        def progress(asked: int, of: int) -> None:
            bar.total = of
            bar.update(asked - bar.n)

        return place_listings(working, gazetteer, provider, most=most, progress=progress)


def _bar(wanted: bool) -> tqdm[None]:
    # disable=None: quiet where the output is not a terminal
    return tqdm(
        desc="asking",
        unit="address",
        file=sys.stderr,
        disable=None if wanted else True,
        leave=False,
    )


def summary(report: Report) -> list[str]:
    """The report for people, a line each."""
    lines = [f"{report.listings:,} listings placed, {report.moved:,} of them anew or differently"]
    wrong = {
        outcome: number
        for outcome, number in sorted(report.printed.items())
        if outcome not in ("believed", "absent")
    }
    if wrong:
        kinds = ", ".join(f"{outcome.replace('_', ' ')} {n:,}" for outcome, n in wrong.items())
        lines.append(f"printed coordinates not believed: {kinds}")
    if report.asked or report.left:
        lines.append(
            f"addresses asked: {report.asked:,}, found {report.found:,}, still to ask"
            f" {report.left:,}"
        )
    parts = [
        f"{precision} {report.precisions[precision]:,}"
        for precision in (*PRECISIONS, "none")
        if report.precisions.get(precision)
    ]
    lines.append(f"locations by precision: {', '.join(parts) or 'no listings yet'}")
    return lines
