"""`needlepoint review`: a person answers what matching could not."""

from __future__ import annotations

import getpass
import shutil
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlite_utils import Database

from commands.match import in_words
from commands.options import with_folders
from commands.store import alone, working_store
from db.people import Decision
from db.review import (
    Entry,
    NoSuchListing,
    NothingDecided,
    decide_pair,
    entry,
    questions,
    rule_says,
    take_back,
)
from matching.rebuild import match

_ANSWERS = {"s": "same", "d": "different", "?": "cannot_tell"}
_KEYS = "[s]ame  [d]ifferent  [?] cannot tell, do not ask again  [k] skip  [u]ndo  [q]uit"
_LABEL_WIDTH = 13
_NARROW = 60

_FIELDS: dict[str, Callable[[Entry], str | None]] = {
    "listing": lambda one: one.listing.id,
    "name": lambda one: one.listing.name,
    "credentials": lambda one: ", ".join(one.listing.clean.credentials),
    "practice": lambda one: one.listing.clean.practice,
    "street": lambda one: one.listing.clean.street,
    "town": lambda one: _joined(
        one.listing.clean.city, one.listing.clean.state, one.listing.clean.postcode
    ),
    "phone": lambda one: one.listing.clean.phone,
    "e-mail": lambda one: one.listing.clean.email,
    "website": lambda one: one.listing.clean.website,
    "profile": lambda one: one.listing.profile_url or one.listing.seen_url,
    "last seen": lambda one: f"{one.last_seen} ({one.status})",
    "practitioner": lambda one: one.practitioner_id,
}


@click.command("review")
@click.option("--pair", nargs=2, metavar="A B", help="Decide about these two listings only.")
@click.option("--same", "answer", flag_value="same", help="With --pair: they are one person.")
@click.option("--different", "answer", flag_value="different", help="With --pair: they are two.")
@click.option(
    "--cannot-tell", "answer", flag_value="cannot_tell", help="With --pair: nobody can tell."
)
@click.option("--undo", "answer", flag_value="undo", help="With --pair: take the decision back.")
@click.option("--by", help="Who decides. Without --pair your user name is offered.")
@click.option("--reason", help="Why; kept with the decision.")
@click.option("--list", "only_list", is_flag=True, help="Show the questions and end.")
@with_folders
def command(  # noqa: PLR0913
    *,
    pair: tuple[str, str] | None,
    answer: str | None,
    by: str | None,
    reason: str | None,
    only_list: bool,
    data: Path,
    sources: Path,  # noqa: ARG001 - every subcommand takes both
) -> None:
    """Answer the pairs that matching could not tell, side by side with the evidence.

    Decisions outlive every rerun and can be taken back. Practitioners are rebuilt at the end; the
    public file follows with the next `needlepoint publish`.
    """
    if (pair is None) != (answer is None):
        raise click.UsageError("--pair A B goes with --same, --different, --cannot-tell or --undo")
    with alone(data, "review"), working_store(data) as db:
        if pair and answer:
            _one_pair(db, pair, answer, by, reason)
        elif only_list or not _session(db, by, reason):
            if only_list:
                _list(db)
            return
        click.echo(in_words(match(db)))


def _one_pair(
    db: Database, pair: tuple[str, str], answer: str, by: str | None, reason: str | None
) -> None:
    try:
        if answer == "undo":
            gone = take_back(db, *pair, at=_now())
            click.echo(f"taken back: {gone.judgement}, {gone.by}: {gone.evidence}")
            return
        if not (by and reason):
            raise click.UsageError("--by NAME and --reason TEXT say who decided, and why")
        made = decide_pair(db, *pair, answer, by=by, reason=reason, at=_now())
    except (NoSuchListing, NothingDecided, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{made.left} and {made.right}: {made.judgement}")


def _list(db: Database) -> None:
    waiting = questions(db)
    for one in waiting:
        click.echo(f"{one.score:.2f}  {one.left}  {one.right}  {one.evidence}")
    click.echo(f"{len(waiting):,} pairs wait for a person")


def _session(db: Database, by: str | None, reason: str | None) -> bool:
    """Ask until the queue is empty or the person quits. True if anything was decided."""
    waiting = questions(db)
    if not waiting:
        click.echo("Nothing waits for a person.")
        return False
    by = by or click.prompt("Who decides", default=_user())
    done: list[tuple[int, Decision]] = []
    changed = False
    at = 0
    while at < len(waiting):
        one = waiting[at]
        click.echo(f"\n{at + 1} of {len(waiting)}\n{_side_by_side(db, one.left, one.right)}")
        key = _ask()
        if key == "q":
            break
        if key == "u":
            if done:
                at, last = done.pop()
                take_back(db, last.left, last.right, at=_now())
                click.echo(f"taken back: {last.judgement}")
            else:
                click.echo("nothing to take back yet")
            continue
        if key in _ANSWERS:
            why = reason or click.prompt("Why", default="compared by a person")
            try:
                made = decide_pair(
                    db, one.left, one.right, _ANSWERS[key], by=by, reason=why, at=_now()
                )
            except ValueError as error:
                raise click.ClickException(str(error)) from error
            done.append((at, made))
            changed = True
        at += 1
    click.echo(f"{len(done):,} decided, {max(0, len(waiting) - at):,} not reached")
    return changed


def _ask() -> str:
    choice = click.Choice([*_ANSWERS, "k", "u", "q"])
    answer: str = click.prompt(_KEYS, type=choice, show_choices=False, default="k")
    return answer


def _side_by_side(db: Database, left: str, right: str) -> str:
    """Both listings in two columns, what differs marked, and what matching made of them."""
    one, other = entry(db, left), entry(db, right)
    width = (max(shutil.get_terminal_size().columns, _NARROW) - _LABEL_WIDTH - 6) // 2
    lines = []
    for label, read in _FIELDS.items():
        values = read(one) or "", read(other) or ""
        if not any(values):
            continue
        columns = [textwrap.wrap(value, width) or [""] for value in values]
        mark = "=" if values[0] == values[1] else " "
        for row in range(max(map(len, columns))):
            first, second = (column[row] if row < len(column) else "" for column in columns)
            shown = (label, mark) if row == 0 else ("", " ")
            lines.append(
                f"{shown[0]:<{_LABEL_WIDTH}}{shown[1]} {first:<{width}}  {second}".rstrip()
            )
    said = rule_says(db, left, right)
    if said:
        told = "\n".join(f"  {part}" for part in said.evidence.split("; "))
        lines += [f"Evidence (bits; likely {said.score:.0%} one person):", told]
    return "\n".join(lines)


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None  # a container's user may have no name


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
