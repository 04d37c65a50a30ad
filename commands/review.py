"""`needlepoint review`: a person answers what matching could not."""

from __future__ import annotations

import getpass
import shutil
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlite_utils import Database

from commands.geocode import geocode, summary
from commands.match import in_words
from commands.options import deciding_person, with_folders
from commands.review_places import ask_about_places, list_places, one_place
from commands.review_reports import ask_about_reports, list_reports, one_report
from commands.store import alone, working_store
from db.people import Decision
from db.point_decisions import doubted_points
from db.reports import waiting as reports
from db.review import (
    NoSuchListing,
    NothingDecided,
    decide_pair,
    questions,
    rule_says,
    side_by_side,
    take_back,
)
from matching.rebuild import match

_ANSWERS = {"s": "same", "d": "different", "?": "cannot_tell"}
_KEYS = "[s]ame  [d]ifferent  [?] cannot tell, do not ask again  [k] skip  [u]ndo  [q]uit"
_LABEL_WIDTH = 13
_NARROW = 60


@click.command("review")
@click.option("--pair", nargs=2, metavar="A B", help="Decide about these two listings only.")
@click.option("--same", "answer", flag_value="same", help="With --pair: they are one person.")
@click.option("--different", "answer", flag_value="different", help="With --pair: they are two.")
@click.option(
    "--cannot-tell", "answer", flag_value="cannot_tell", help="With --pair: nobody can tell."
)
@click.option(
    "--undo", "answer", flag_value="undo", help="With --pair or --place: take the decision back."
)
@click.option("--place", metavar="LISTING", help="Decide about this listing's place only.")
@click.option(
    "--printed-point", "point", flag_value="printed", help="With --place: the printed one is right."
)
@click.option(
    "--point-used",
    "point",
    flag_value="used",
    help="With --place: the one used instead is right.",
)
@click.option(
    "--no-point", "point", flag_value="none", help="With --place: neither is right, show none."
)
@click.option("--report", "reference", metavar="NUMBER", help="Answer this report only.")
@click.option(
    "--answered", "outcome", flag_value="answered", help="With --report: it has its answer."
)
@click.option("--closed", "outcome", flag_value="closed", help="With --report: it is done with.")
@click.option(
    "--forget",
    "outcome",
    flag_value="forget",
    help="With --report: take the person out, as `needlepoint forget` does, and close it.",
)
@click.option("--by", help="Who decides. Without --pair and --report your user name is offered.")
@click.option("--reason", help="Why; kept with the decision.")
@click.option("--list", "only_list", is_flag=True, help="Show the questions and end.")
@click.option("--serve", "as_page", is_flag=True, help="Ask on a page for this machine alone.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8002,
    show_default=True,
    help="With --serve; 0: any free one.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="With --serve.")
@click.option("--expose", is_flag=True, help="With --serve: let other machines in as well.")
@with_folders
def command(  # noqa: PLR0913
    *,
    pair: tuple[str, str] | None,
    answer: str | None,
    place: str | None,
    point: str | None,
    reference: str | None,
    outcome: str | None,
    by: str | None,
    reason: str | None,
    only_list: bool,
    as_page: bool,
    port: int,
    host: str,
    expose: bool,
    data: Path,
    sources: Path,  # noqa: ARG001 - every subcommand takes both
) -> None:
    """Answer reports of readers, the pairs that matching could not tell, with the evidence, and the
    places in doubt.

    Decisions outlive every rerun and can be taken back. Practitioners are rebuilt at the end, and
    listings placed anew where a place was decided; the public file follows with the next
    `needlepoint publish`. With --serve the questions, and other things that wait for a person, are
    on a private page.
    """
    _check_words(pair, place, reference, answer=answer, point=point, outcome=outcome)
    about_place = point or answer
    if as_page:
        if pair or place or reference or only_list:
            raise click.UsageError("--serve goes without --pair, --place, --report and --list")
        # Datasette takes a second to load, which the terminal's questions need not wait for.
        from commands.review_page import serve  # noqa: PLC0415

        serve(data, deciding_person(by), host, port, exposed=expose)
        return
    with alone(data, "review"), working_store(data) as db:
        changed, placed = True, False
        if place and about_place:
            one_place(db, place, about_place, by, reason)
            changed, placed = False, True
        elif pair and answer:
            _one_pair(db, pair, answer, by, reason)
        elif reference and outcome:
            one_report(db, reference, outcome, by, reason)
            changed = outcome == "forget"
        elif only_list:
            _list(db)
            list_reports(db)
            list_places(db)
            changed = False
        else:
            changed, placed = _everything(db, by, reason)
        if changed:
            click.echo(in_words(match(db)))
    if placed:
        click.echo("\n".join(summary(geocode(data))))


def _check_words(  # noqa: PLR0913
    pair: tuple[str, str] | None,
    place: str | None,
    reference: str | None,
    *,
    answer: str | None,
    point: str | None,
    outcome: str | None,
) -> None:
    """Raises click.UsageError where what to decide about and what is decided do not go together."""
    if sum(map(bool, (pair, place, reference))) > 1:
        raise click.UsageError("one thing at a time: --pair, --place or --report")
    place_answers = [one for one in (point, answer if place else None) if one]
    if bool(place) != (len(place_answers) == 1) or (place and answer not in {None, "undo"}):
        raise click.UsageError(
            "--place LISTING goes with --printed-point, --point-used, --no-point or --undo"
        )
    if not place and (pair is None) != (answer is None):
        raise click.UsageError("--pair A B goes with --same, --different, --cannot-tell or --undo")
    if (reference is None) != (outcome is None):
        raise click.UsageError("--report NUMBER goes with --answered, --closed or --forget")


def _everything(db: Database, by: str | None, reason: str | None) -> tuple[bool, bool]:
    """Reports first, which somebody waits for, then pairs, then places. Whether practitioners
    changed, and whether places did."""
    taken_out = ended = False
    if reports(db):
        by = by or click.prompt("Who decides", default=_user())
        taken_out, ended = ask_about_reports(db, by, reason)
    if ended:
        return taken_out, False
    pairs, places = questions(db), doubted_points(db)
    if not (pairs or places):
        click.echo("Nothing waits for a person.")
        return taken_out, False
    by = by or click.prompt("Who decides", default=_user())
    decided, ended = _session(db, pairs, by, reason)
    placed = not ended and bool(places) and ask_about_places(db, by, reason)
    return decided or taken_out, placed


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


def _session(
    db: Database, waiting: list[Decision], by: str, reason: str | None
) -> tuple[bool, bool]:
    """Ask until the queue is empty or the person quits. Whether anything was decided, and whether
    the person wants to end."""
    done: list[tuple[int, Decision]] = []
    changed = ended = False
    at = 0
    while at < len(waiting):
        one = waiting[at]
        click.echo(f"\n{at + 1} of {len(waiting)}\n{_side_by_side(db, one.left, one.right)}")
        key = _ask()
        if key == "q":
            ended = True
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
    if waiting:
        click.echo(f"{len(done):,} decided, {max(0, len(waiting) - at):,} not reached")
    return changed, ended


def _ask() -> str:
    choice = click.Choice([*_ANSWERS, "k", "u", "q"])
    answer: str = click.prompt(_KEYS, type=choice, show_choices=False, default="k")
    return answer


def _side_by_side(db: Database, left: str, right: str) -> str:
    """Both listings in two columns, what differs marked, and what matching made of them."""
    width = (max(shutil.get_terminal_size().columns, _NARROW) - _LABEL_WIDTH - 6) // 2
    lines = []
    for field in side_by_side(db, left, right):
        columns = [textwrap.wrap(value, width) or [""] for value in (field.one, field.other)]
        mark = "=" if field.one == field.other else " "
        for row in range(max(map(len, columns))):
            first, second = (column[row] if row < len(column) else "" for column in columns)
            shown = (field.label, mark) if row == 0 else ("", " ")
            lines.append(
                f"{shown[0]:<{_LABEL_WIDTH}}{shown[1]} {first:<{width}}  {second}".rstrip()
            )
    said = rule_says(db, left, right)
    if said:
        told = "\n".join(f"  {part}" for part in said.evidence.split("; "))
        lines += [f"Evidence (bits; likely {said.score:.0%} one person):", told]
    return "\n".join(lines)


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None  # a container's user may have no name


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
