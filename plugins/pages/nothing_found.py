"""What helps where nobody is near: the state's rules, and the directories to ask oneself."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from db.finder import Source, StateRule, sources, state_rules
from plugins.pages.wording import PROFESSIONS


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The rules of the searched state, by profession, and the directories that list somebody."""

    rules: tuple[StateRule, ...]
    directories: tuple[Source, ...]


def elsewhere(connection: sqlite3.Connection, state: str | None) -> Elsewhere:
    """For a state's code; without one there are no rules."""
    states = [state] if state else []
    return Elsewhere(
        tuple(rule for word in PROFESSIONS for rule in state_rules(connection, states, word)),
        tuple(
            source
            for source in sources(connection)
            if source.listings and (source.directory_url or source.home_url)
        ),
    )
