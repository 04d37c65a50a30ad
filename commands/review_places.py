"""`needlepoint review`: places in doubt, in the terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from sqlite_utils import Database

from db.point_decisions import Doubted, doubted_points, take_back_point
from db.review import NoSuchListing, NothingDecided
from reviewing.places import ANSWERS, REASON, answer_place, place_facts

_LETTERS = {"p": "printed", "o": "used", "n": "none"}
_KEYS = (
    "[p]rinted point is right  [o]ther point, used instead, is right  [n]either, show no point"
    "  [k] skip  [u]ndo  [q]uit"
)


def list_places(db: Database) -> None:
    """One line for each place in doubt, and how many there are."""
    found = doubted_points(db)
    for listing, note in found:
        click.echo(f"{listing.id}  {note}")
    click.echo(f"{len(found):,} places are in doubt")


def one_place(
    db: Database, listing_id: str, answer: str, by: str | None, reason: str | None
) -> None:
    """Answer for the place of that listing, or take the answer back (`answer` is undo). Raises
    click.ClickException with the reason why not."""
    try:
        if answer == "undo":
            gone = take_back_point(db, listing_id, at=_now())
            click.echo(f"taken back: {gone.answer}, {gone.by}: {gone.reason}")
            return
        if not (by and reason):
            raise click.UsageError("--by NAME and --reason TEXT say who decided, and why")
        made = answer_place(db, listing_id, answer, by=by, reason=reason, at=_now())
    except (NoSuchListing, NothingDecided, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{made.listing_id}: {ANSWERS[made.answer].lower()}")


def ask_about_places(db: Database, by: str, reason: str | None) -> bool:
    """Show each place in doubt and ask. True if anything was decided or taken back."""
    waiting = doubted_points(db)
    done: list[int] = []
    changed = False
    at = 0
    while at < len(waiting):
        one = waiting[at]
        click.echo(f"\nPlace {at + 1} of {len(waiting)}\n{_shown(one)}")
        choice = click.Choice([*_LETTERS, "k", "u", "q"])
        key = click.prompt(_KEYS, type=choice, show_choices=False, default="k")
        if key == "q":
            break
        if key == "u":
            if done:
                at = done.pop()
                gone = take_back_point(db, waiting[at].listing.id, at=_now())
                click.echo(f"taken back: {gone.answer}")
            else:
                click.echo("nothing to take back yet")
            continue
        if key in _LETTERS:
            why = reason or click.prompt("Why", default=REASON)
            try:
                answer_place(db, one.listing.id, _LETTERS[key], by=by, reason=why, at=_now())
            except ValueError as error:
                click.echo(f"not done: {error}")
                continue
            done.append(at)
            changed = True
        at += 1
    click.echo(f"{len(done):,} places decided, {max(0, len(waiting) - at):,} not reached")
    return changed


def _shown(one: Doubted) -> str:
    listing, note = one
    facts = (
        ("Listing", listing.id),
        ("Name", listing.name or ""),
        *place_facts(listing),
        ("Printed at", listing.profile_url or listing.seen_url),
    )
    return "\n".join([note, *(f"  {label:<14}{value}" for label, value in facts)])


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
