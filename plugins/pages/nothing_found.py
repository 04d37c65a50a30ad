"""What helps where nobody is near: the state's rules, and the directories to ask oneself."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from db.place_text import STATES
from db.places_listed import rules_of
from db.sources import Source, sources
from db.state_rules import StateRule


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The searched state's name (None where the search has none) and rules, and the directories
    that list somebody."""

    state: str | None
    rules: tuple[StateRule, ...]
    directories: tuple[Source, ...]


def elsewhere(connection: sqlite3.Connection, state: str | None) -> Elsewhere:
    """What else there is for who searched in the state of this code."""
    known = state if state in STATES else None
    return Elsewhere(
        STATES[known] if known else None,
        tuple(rules_of(connection, [known]).get(known, ())) if known else (),
        tuple(one for one in sources(connection) if one.listings),
    )
