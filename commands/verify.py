"""`needlepoint verify`: what the federal register of providers says of the practitioners."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import click
from sqlite_utils import Database
from tqdm import tqdm

from commands.crawl import contact_option
from commands.options import NOT_ALLOWED, sheets_in, with_folders
from commands.store import alone, working_store
from db.registry_store import Load, open_registry
from records.factsheet import FactSheet
from registry.api import LEAST_PAUSE, RegistryApi
from registry.bulk import BulkError, open_bulk
from registry.verify import Verified, load_file, verify_all, verify_few
from spiders.politeness import user_agent

#: The fact sheet that holds the register's address and the decision about using it.
SHEET = "nppes"


class NotAllowed(click.ClickException):
    """Nobody has decided that the register may be asked."""

    exit_code = NOT_ALLOWED


@click.command("verify")
@click.option(
    "--bulk",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The register's monthly file (V2), as the .zip or its npidata_pfile_….csv.",
)
@click.option("--api", is_flag=True, help="Ask the register's API, for a few.")
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="--api: so many practitioners, the never checked first.",
)
@contact_option
@with_folders
def command(  # noqa: PLR0913, PLR0917 - an option each
    bulk: Path | None, api: bool, most: int, contact: str | None, data: Path, sources: Path
) -> None:
    """Check practitioners with the NPI registry: same, cannot tell, or not found.

    A name alone never decides: state and telephone, street, ZIP code or licence must agree. With
    --bulk all practitioners are checked and nothing leaves this machine; the file is read once, and
    a load that was stopped goes on. With --api the names of practitioners are sent to the register,
    at most one question in 1.5 seconds, if a person has accepted its terms in the fact sheet nppes.

    The outcome is published with the next `needlepoint publish`. It is no certificate.
    """
    if bool(bulk) == api:
        raise click.UsageError("say how to check: --bulk FILE or --api")
    sheet = _allowed(sheets_in(sources).get(SHEET)) if api else None
    if bulk:
        verified = _with_file(bulk, data)
    else:
        assert sheet is not None
        with alone(data, "verify"), working_store(data) as db:
            verified = _with_api(db, sheet, contact, most)
    for line in in_words(verified):
        click.echo(line)
    if verified.trouble:
        raise click.ClickException(f"{verified.trouble}. Run it again later: it goes on from here.")


def _allowed(sheet: FactSheet | None) -> FactSheet:
    if sheet is None:
        raise NotAllowed(f"there is no fact sheet {SHEET}.yml that says where the register is")
    if sheet.status.state == "forbidden" or sheet.terms.decision != "accepted":
        raise NotAllowed(f"the register may not be asked: {sheet.why_not()}")
    if sheet.directory_url is None:
        raise NotAllowed(f"{SHEET}.yml has no directory_url")
    return sheet


def _with_file(bulk: Path, data: Path) -> Verified:
    try:
        file = open_bulk(bulk)
        # Loading takes minutes and touches registry.db only: a crawl need not wait for it.
        with alone(data, "verify", "registry.lock"), open_registry(data) as registry:
            with _bar("loading", file.size, "B") as bar:

                def progress(load: Load) -> None:
                    bar.set_postfix_str(f"{load.rows:,} rows, {load.kept:,} kept", refresh=False)
                    bar.update(load.bytes_read - bar.n)

                load = load_file(registry, file, _now(), progress)
            click.echo(
                f"{load.file}: {load.rows:,} rows, {load.kept:,} people of these professions in"
                f" force, {load.inactive:,} not in force, {load.unreadable:,} unreadable"
            )
            with (
                alone(data, "verify"),
                working_store(data) as db,
                _bar("matching", None, " practitioners") as bar,
            ):
                return verify_all(db, registry, load, day_of(bulk, file.member), bar.update)
    except BulkError as error:
        raise click.ClickException(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{data / 'registry.db'}: {error}") from error


def _with_api(db: Database, sheet: FactSheet, contact: str | None, most: int) -> Verified:
    parts = urlsplit(str(sheet.directory_url))
    address = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    pause = max(LEAST_PAUSE, sheet.politeness.delay_seconds)
    with (
        RegistryApi(address, user_agent(contact), pause=pause) as api,
        _bar("asking", most, " practitioners") as bar,
    ):
        return verify_few(db, api, most, _now()[:10], bar.update)


def day_of(path: Path, member: str | None) -> str:
    """The day the file's data end, which its name says (npidata_pfile_20050523-20261108.csv); the
    day it was written where the name says nothing."""
    found = re.search(r"-(\d{4})(\d{2})(\d{2})\.csv$", member or path.name, re.I | re.ASCII)
    if found:
        try:
            return dt.date(*map(int, found.groups())).isoformat()
        except ValueError:
            pass  # digits that are no day: as good as none
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date().isoformat()


def in_words(verified: Verified) -> list[str]:
    """The outcome for people, a line or two."""
    count = verified.judgements
    lines = [
        (
            f"{verified.checked:,} practitioners checked: {count['same']:,} registered,"
            f" {count['cannot_tell']:,} cannot tell, {count['not_found']:,} not found;"
            f" {verified.not_covered:,} not looked for (practices, other professions, no US state)"
        )
    ]
    if verified.refused:
        lines.append(f"{verified.refused:,} questions the register did not take")
    return lines


def _bar(what: str, total: int | None, unit: str) -> tqdm[None]:
    # disable=None: quiet where the output is not a terminal
    return tqdm(
        desc=what,
        total=total,
        unit=unit,
        unit_scale=True,
        file=sys.stderr,
        disable=None,
        leave=False,
    )


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
