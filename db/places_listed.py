"""Questions about places as a whole: who is listed in a state or a town, and what its rules say.

All of them keep to the finder's dates: a place not seen for HIDE_AFTER_DAYS before the release was
built counts nowhere here. Times are UTC, ISO 8601.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from db.freshness import HIDE_AFTER_DAYS, cutoff
from db.place_text import STATES, TERRITORIES, fold, place_key
from db.release import release
from db.results import Result, results
from db.state_rules import StateRule, state_rules

PROFESSIONS = ("physical_therapist", "occupational_therapist", "chiropractor", "athletic_trainer")
"""Those for which rules are collected, in the order they are shown."""

_LISTED = (
    " from location l join practitioner p on p.id = l.practitioner_id where l.last_seen >= ?"
    f" and l.state in ({', '.join('?' * len(STATES))})"
    # Australia has a WA too.
    " and coalesce(l.country, 'US') in ('US', 'PR', 'VI', 'GU', 'AS', 'MP')"
)


@dataclass(frozen=True, slots=True)
class State:
    """A state or territory: how many practitioners are listed there, when the last of them was
    seen (None where nobody is listed), and its rules in the order of PROFESSIONS."""

    code: str
    practitioners: int = 0
    last_seen: str | None = None
    rules: tuple[StateRule, ...] = ()

    @property
    def name(self) -> str:
        return STATES[self.code]

    @property
    def slug(self) -> str:
        """As in an address: 'ohio', 'district-of-columbia'."""
        return slug(self.name)


@dataclass(frozen=True, slots=True)
class Town:
    """A town of a state in which somebody is listed. `locations` has one location of each
    practitioner, by the practitioner's name."""

    name: str
    state: str
    last_seen: str
    locations: tuple[int, ...] = field(repr=False)

    @property
    def practitioners(self) -> int:
        return len(self.locations)

    @property
    def slug(self) -> str:
        return slug(self.name)

    @property
    def label(self) -> str:
        """As on an envelope: 'Toledo, OH'."""
        return f"{self.name}, {self.state}"


def slug(name: str) -> str:
    """A name as part of an address: 'st-louis' for 'St. Louis', '' for a name without letters."""
    return re.sub(r"[^0-9a-z]+", "-", fold(name)).strip("-")


def states(connection: sqlite3.Connection) -> list[State]:
    """Every state and DC by name, and the territories where somebody is listed."""
    counted = {
        code: (people, seen)
        for code, people, seen in _listed(
            connection,
            "l.state, count(distinct l.practitioner_id), max(l.last_seen)",
            " group by l.state",
        )
    }
    rules = rules_of(connection, STATES)
    return [
        State(code, *counted.get(code, (0, None)), rules=tuple(rules.get(code, ())))
        for code in sorted(STATES, key=STATES.__getitem__)
        # A territory stands among the states only if somebody is listed there.
        if code not in TERRITORIES or code in counted
    ]


def rules_of(connection: sqlite3.Connection, codes: Iterable[str]) -> dict[str, list[StateRule]]:
    """By state, its rules in the order of PROFESSIONS; a state without any is left out."""
    rules: dict[str, list[StateRule]] = defaultdict(list)
    codes = list(codes)
    for profession in PROFESSIONS:
        for rule in state_rules(connection, codes, profession):
            rules[rule.state].append(rule)
    return dict(rules)


def towns(connection: sqlite3.Connection, state: str | None = None) -> list[Town]:
    """The towns where somebody is listed, of one state or of all, by state and name.

    Spellings of one name are one town, called as the most entries call it.
    """
    wanted = "l.state, l.city, l.id, l.practitioner_id, l.last_seen"
    names: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    people: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    seen: dict[tuple[str, str], str] = {}
    where, order = (
        " and l.state = ?" if state else "",
        " order by p.name collate nocase, p.id, l.id",
    )
    for code, city, location, person, last in _listed(
        connection, wanted, where + order, (state,) if state else ()
    ):
        key = (code, place_key(city or ""))
        if not key[1] or not slug(city):
            continue
        names[key][city] += 1
        people[key].setdefault(person, location)
        seen[key] = max(seen.get(key, ""), last)
    found = [
        Town(
            min(names[key].items(), key=lambda one: (-one[1], one[0]))[0],
            key[0],
            seen[key],
            tuple(people[key].values()),
        )
        for key in names
    ]
    return sorted(found, key=lambda town: (STATES[town.state], fold(town.name)))


def same_town(among: Iterable[Town], name: str) -> Town | None:
    """The town that a name means in whatever spelling, also 'st-louis'; None if it is not there."""
    key = place_key(name)
    return next((town for town in among if key and place_key(town.name) == key), None)


def tally(rules: Iterable[StateRule]) -> dict[str, dict[str, int]]:
    """By profession, how many states say what (`StateRule.standing`)."""
    counted: dict[str, dict[str, int]] = {profession: {} for profession in PROFESSIONS}
    for rule in rules:
        of_one = counted[rule.profession]
        of_one[rule.standing] = of_one.get(rule.standing, 0) + 1
    return counted


def people_in(connection: sqlite3.Connection, town: Town, limit: int, offset: int) -> list[Result]:
    """Some of the practitioners listed in a town, by name. Their `miles` say nothing."""
    shown = town.locations[offset : offset + limit]
    return list(results(connection, [(number, 0.0) for number in shown]))


def practitioners(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Id and last day seen of everybody the finder shows, by id."""
    published = release(connection)
    if published is None:
        return
    cursor = connection.cursor()
    cursor.row_factory = None
    yield from cursor.execute(
        "select p.id, substr(p.last_seen, 1, 10) from practitioner p where exists (select 1"
        " from location l where l.practitioner_id = p.id and l.last_seen >= ?) order by p.id",
        (cutoff(published.built_at, HIDE_AFTER_DAYS),),
    )


def _listed(
    connection: sqlite3.Connection, columns: str, rest: str, params: tuple[str, ...] = ()
) -> list[tuple[Any, ...]]:
    """Columns of the locations `l` and practitioners `p` that the finder shows in the US."""
    published = release(connection)
    if published is None:
        return []
    cursor = connection.cursor()
    # Datasette's connections give sqlite3.Row.
    cursor.row_factory = None
    oldest = cutoff(published.built_at, HIDE_AFTER_DAYS)
    return cursor.execute(f"select {columns}{_LISTED}{rest}", (oldest, *STATES, *params)).fetchall()
