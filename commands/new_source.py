"""`needlepoint new-source`: a fact sheet for a directory, as far as its site tells."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import click
import pycountry

from commands.crawl import contact_option
from commands.detect import how_sure, in_words, looked_at, web_address
from commands.options import with_folders
from records.factsheet import FactSheet, SheetError, load_sheet
from spiders.detect import Detected, source_id_for
from spiders.finding import site_of

_ID = re.compile(r"[a-z][a-z0-9_]{1,60}")


@click.command("new-source")
@click.argument("url")
@click.option("--id", "source_id", metavar="ID", help="Default: made from the site's domain.")
@click.option("--anyway", is_flag=True, help="Write it even where no software was recognised.")
@contact_option
@with_folders
def command(  # noqa: PLR0913, PLR0917 - an option each
    url: str,
    source_id: str | None,
    anyway: bool,
    contact: str | None,
    data: Path,  # noqa: ARG001 - every subcommand takes both folders
    sources: Path,
) -> None:
    """Write the fact sheet of the directory behind URL, a home page or the directory's own.

    It says what the site tells about itself; what nobody has read is null. The new source is
    proposed and its terms are undecided, so nothing is crawled yet. A sheet that exists is never
    overwritten.

    Exit code 1: unrecognised (see --anyway), not reached, or the sheet exists.
    """
    address = web_address(url)
    name = source_id or source_id_for(address)
    if not _ID.fullmatch(name):
        raise click.UsageError(f"--id {name!r}: small letters, digits and _, a letter first")
    path = sources / f"{name}.yml"
    if path.exists():
        raise click.ClickException(f"{path} exists. Give another name with --id.")
    (one,) = looked_at([address], contact)
    click.echo(in_words(one))
    if one.recognition is None and not anyway:
        raise SystemExit(1)
    sources.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(sheet_text(name, one))
    except FileExistsError as error:
        raise click.ClickException(f"{path} exists. Give another name with --id.") from error
    try:
        sheet = load_sheet(path)
    except SheetError as error:
        path.unlink()
        raise click.ClickException(str(error)) from error
    click.echo(f"\n{path} written. Next:")
    click.echo("  1. read it, and fill in what is null and you know")
    click.echo(f"  2. {_next(sheet)}")


def _next(sheet: FactSheet) -> str:
    return f"read the site's terms, then: needlepoint accept {sheet.id}"


def sheet_text(source_id: str, one: Detected) -> str:
    """The text of a fact sheet that says what was detected, and null for what nobody has read."""
    found = one.recognition
    best = found.best if found else None
    home = _home(one.url)
    site = one.site_name or site_of(one.url)
    page = best.page_url if best else None
    # A frame of another host is not the page people know.
    page = page if page and page != home and site_of(page) == site_of(home) else None
    today = dt.datetime.now(dt.UTC).date()
    if best is None:
        seen = "Its software was not recognised."
    else:
        seen = f"{one.title} seen on {today}: {best.evidence}; {how_sure(best.certainty)}."
        if best.refusal:
            seen += f" Not read: {best.refusal}."
    text = json.dumps
    lines = [
        f"id: {source_id}",
        f"title: {text(f'{site}: practitioner directory', ensure_ascii=False)}",
        "publisher:",
        f"  name: {text(site, ensure_ascii=False)}  # as the site calls itself",
        f"  url: {home}",
        f"home_url: {home}",
        f"directory_url: {page or 'null'}",
        f"platform: {best.platform if best and best.certainty >= 0.6 else 'auto'}",
        "certification:",
        f"  issuer: {text(site, ensure_ascii=False)}  # who issues it, if another",
        "  label: null",
        "  meaning: null",
        "  evidence_url: null",
        "professions: []",
        "coverage:",
        f"  countries: [{country_of(one.url)}]  # by its domain; check it",
        "status:",
        "  state: proposed",
        "  reason: >-",
        "    Its terms have not been read by anyone here. Read them and record a decision.",
        f"  date: {today}",
        "terms:",
        "  url: null",
        "  checked_on: null",
        "  decision: undecided",
        "politeness:",
        "  delay_seconds: 5",
        "bounds: {}  # set from the first real run",
        "options: {}",
        f"notes: {text(seen, ensure_ascii=False)}",
    ]
    return "\n".join(lines) + "\n"


def _home(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def country_of(url: str) -> str:
    """The country of a national domain (.nl, .co.uk), else US."""
    last = (urlsplit(url).hostname or "").rpartition(".")[2].upper()
    if last == "UK":
        return "GB"
    return last if len(last) == 2 and pycountry.countries.get(alpha_2=last) else "US"
