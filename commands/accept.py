"""`needlepoint accept`: a person's decision about a source's terms, kept in its fact sheet."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import click
import httpx
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.representer import RoundTripRepresenter

from commands.crawl import contact_option
from commands.options import NOT_ALLOWED, deciding_person, sheets_in, with_folders
from commands.whole_file import replace_file
from records.factsheet import FactSheet, SheetError, choose
from spiders.politeness import user_agent
from spiders.robots import Robots, read_robots, robots_url

_PATIENCE_SECONDS = 20


@click.command("accept")
@click.argument("source")
@click.option("--by", metavar="NAME", help="Who decides. Default: your name on this machine.")
@click.option("--note", metavar="TEXT", help="What the terms say, or whom you asked.")
@click.option("--refuse", is_flag=True, help="Record that its terms do not allow it.")
@click.option("--yes", is_flag=True, help="Answer every question with yes, for scripts.")
@contact_option
@with_folders
def command(  # noqa: PLR0913, PLR0917 - an option each
    source: str,
    by: str | None,
    note: str | None,
    refuse: bool,
    yes: bool,
    contact: str | None,
    data: Path,  # noqa: ARG001 - every subcommand takes both folders
    sources: Path,
) -> None:
    """Record that you read the terms of SOURCE, and what you decided.

    Shows where its terms are and what its robots.txt says to us today. The decision, with the
    day and your name, goes into the fact sheet itself, where others can review it.

    A forbidden source cannot be accepted: exit code 3.
    """
    try:
        (sheet,) = choose(sheets_in(sources), [source])
    except SheetError as error:
        raise click.ClickException(str(error)) from error
    if sheet.status.state == "forbidden":
        click.echo(f"{sheet.id} cannot be accepted: {sheet.why_not()}", err=True)
        raise SystemExit(NOT_ALLOWED)
    if not refuse and not (sheet.home_url or sheet.directory_url):
        raise click.ClickException(
            f"{sheet.id} has no address yet: write home_url into {sources / sheet.id}.yml first"
        )
    _show(sheet)
    if not refuse:
        _ask_about_robots(sheet, contact, yes)
    verb = "refuse" if refuse else "accept"
    by = deciding_person(by)
    if not yes:
        question = f"You, {by}, have read its terms and {verb} them?"
        click.confirm(question, abort=True)
    path = sources / f"{sheet.id}.yml"
    replace_file(path, _decided(path, by, note, refuse))
    click.echo(f"{path}: terms {verb}{'d' if refuse else 'ed'} by {by}.")
    if not refuse:
        click.echo(f"Next: needlepoint crawl {sheet.id}")


def _show(sheet: FactSheet) -> None:
    click.echo(f"{sheet.title}\n  publisher  {sheet.publisher.name}")
    click.echo(f"  home       {sheet.home_url or 'unknown'}")
    if sheet.directory_url:
        click.echo(f"  directory  {sheet.directory_url}")
    where = sheet.terms.url or "unknown: look for a terms page on the site, and read it"
    click.echo(f"  terms      {where}")
    if sheet.terms.decision != "undecided":
        who = sheet.terms.decided_by or "somebody"
        click.echo(f"  so far     {sheet.terms.decision} by {who} on {sheet.terms.checked_on}")
    click.echo(f"  status     {sheet.status.state}: {sheet.status.reason}")


def _ask_about_robots(sheet: FactSheet, contact: str | None, yes: bool) -> None:
    doubt = False
    known: dict[str, Robots] = {}
    for url in filter(None, (sheet.home_url, sheet.directory_url)):
        where = robots_url(url)
        if where not in known:
            known[where] = fetch_robots(where, contact)
        robots = known[where]
        if robots.stay_out:
            click.echo(f"  robots     {robots.stay_out}: the spider would stay out")
            doubt = True
        elif not robots.allows(url):
            click.echo(f"  robots     {where} forbids us {url}: the spider would stay out")
            doubt = True
        else:
            delay = robots.delay()
            pause = f", {delay:g} seconds between requests" if delay else ""
            click.echo(f"  robots     {robots.summary}: {url} is allowed{pause}")
    if doubt and not yes:
        click.confirm("Go on all the same?", abort=True)


def fetch_robots(where: str, contact: str | None) -> Robots:
    """What a robots.txt says today. Never raises: what cannot be had means stay out."""
    try:
        answer = httpx.get(
            where,
            headers={"User-Agent": user_agent(contact)},
            timeout=_PATIENCE_SECONDS,
            follow_redirects=True,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        return Robots("", "not had", f"{where} could not be fetched ({said})")
    return read_robots(answer.status_code, answer.content)


class _Nulls(RoundTripRepresenter):
    """Writes null where a sheet says null, and the same date twice where it is said twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_none(self, data: None) -> Any:
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_Nulls.add_representer(type(None), _Nulls.represent_none)


def _decided(path: Path, by: str, note: str | None, refuse: bool) -> str:
    """The text of the sheet with the decision in it, comments and order kept."""
    yaml = YAML()
    yaml.Representer = _Nulls
    yaml.preserve_quotes = True
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    with path.open(encoding="utf-8") as handle:
        content: Any = yaml.load(handle)
    today = dt.datetime.now(dt.UTC).date()
    terms = content.setdefault("terms", {})
    terms["checked_on"] = today
    terms["decision"] = "refused" if refuse else "accepted"
    terms["decided_by"] = by
    if note is not None:
        terms["note"] = note
    status = content["status"]
    if not refuse:
        status["state"], status["reason"] = "active", f"terms accepted by {by}"
        status["date"] = today
    elif status["state"] == "active":
        status["state"], status["reason"] = "paused", f"terms refused by {by}"
        status["date"] = today
    try:
        FactSheet.model_validate(content)
    except ValidationError as error:
        said = "; ".join(str(problem["msg"]) for problem in error.errors())
        raise click.ClickException(f"{path}: {said}") from error
    text = io.StringIO()
    yaml.dump(content, text)
    return text.getvalue()
