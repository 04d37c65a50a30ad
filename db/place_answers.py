"""What a search for a place answers, and the rule for namesakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from db.place import RIVAL_SHARE, Place, people, same_place
from db.place_text import STATES, place_key
from records.said import said

PLAUSIBLE_PEOPLE = 50_000
"""A namesake so big may always be meant when no state was named."""

MOST_CHOICES = 30


@dataclass(frozen=True, slots=True)
class Found:
    """One place. `note` says in words how the text was understood, '' if it was plain;
    `corrected_from` is what was typed if the spelling was corrected, else None; `others` are
    places that could have been meant, biggest first."""

    place: Place
    note: str = ""
    corrected_from: str | None = None
    others: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """Several places, likeliest first, and why the person has to choose."""

    places: list[Place]
    reason: str
    corrected_from: str | None = None


@dataclass(frozen=True, slots=True)
class NothingFound:
    """No place. `reason` is a sentence for the person; `suggestions` may be empty."""

    reason: str
    suggestions: list[Place]


Answer = Found | Choices | NothingFound


@dataclass(frozen=True, slots=True)
class Reading:
    """Words understood as a name, exactly: the places of that name, and the state if named."""

    places: list[Place]
    state: str | None


def decide(
    reading: Reading, note: bool = False, corrected_from: str | None = None
) -> Found | Choices:
    """The place of a reading, or the choice between its places, which come likeliest first.

    `note` asks for words on how the text was understood; `corrected_from` is what was typed, if
    that was another spelling.
    """
    places = distinct(reading.places)
    first, rest = places[0], places[1:]
    if any(_rival(first, place, reading.state) for place in rest):
        return choices(places, reading.state, corrected_from)
    words = ""
    if corrected_from is not None:
        words = said("Showing %(place)s for '%(typed)s'.", place=first.label, typed=corrected_from)
    elif note:
        words = said("Understood as %(place)s.", place=first.label)
    return Found(first, words, corrected_from, tuple(rest[:MOST_CHOICES]))


def choices(
    places: list[Place], state: str | None = None, corrected_from: str | None = None
) -> Choices:
    """A choice between places of one name, and why."""
    return Choices(places[:MOST_CHOICES], _reason(places, state), corrected_from)


def _rival(first: Place, other: Place, state: str | None) -> bool:
    if "state" in (first.kind, other.kind) and first.state == other.state:
        return False
    if state is None and people(other) >= PLAUSIBLE_PEOPLE:
        return True
    return people(other) * RIVAL_SHARE >= people(first)


def distinct(places: Sequence[Place]) -> list[Place]:
    """Without entries that are one place to somebody who searches; the first of each stays."""
    kept: list[Place] = []
    for place in places:
        for other in kept:
            if place == other:
                break
            names = place_key(place.name), place_key(other.name)
            alike = names[0].startswith(names[1]) or names[1].startswith(names[0])
            if alike and "state" not in (place.kind, other.kind) and same_place(place, other):
                break
        else:
            kept.append(place)
    return kept


def _reason(places: list[Place], state: str | None) -> str:
    name = places[0].name
    if any(place.name != name for place in places):
        return said("Several places could be meant. Which one?")
    if state is None:
        return said("There are several places called %(name)s. Which one is meant?", name=name)
    return said(
        "There are several places called %(name)s in %(state)s. Which one is meant?",
        name=name,
        state=said(STATES[state]),
    )


def with_note(answer: Found | Choices, note: str) -> Found | Choices:
    """The same answer with a sentence before its note or reason."""
    if isinstance(answer, Found):
        rest = answer.note or said("Showing %(place)s.", place=answer.place.label)
        return replace(answer, note=_both(note, rest))
    return replace(answer, reason=_both(note, answer.reason))


def _both(first: str, second: str) -> str:
    return said("%(first)s %(second)s", first=first, second=second)
