"""What the states say about who may needle, from the published database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from db.plain_rows import columns, plain_rows


@dataclass(frozen=True, slots=True)
class StateRule:
    """Whether a profession may needle in a state, who says so, and as of when."""

    state: str
    state_name: str
    profession: str
    status: str
    basis: str
    summary: str
    training: str | None
    training_hours: str | None
    signed_on: str | None
    effective_on: str | None
    source_title: str
    source_url: str
    source_date: str | None
    as_of: str | None
    checked_on: str
    board_url: str | None
    confidence: str

    @property
    def standing(self) -> str:
        """`status`, but 'pending' where a signed law does not hold yet, and 'with_training' where
        it is permitted to who was trained for it."""
        if self.status == "prohibited" and self.signed_on:
            return "pending"
        if self.status == "permitted" and self.training == "required":
            return "with_training"
        return self.status


def state_rules(
    connection: sqlite3.Connection, states: Iterable[str], profession: str | None
) -> list[StateRule]:
    """The rules of these states for the profession, by state; none for an unknown profession."""
    if profession is None:
        return []
    return [
        StateRule(*row)
        for row in plain_rows(
            connection,
            f"select {columns(StateRule, 'r')} from state_rule r where r.profession = ?"  # noqa: S608
            " and r.state in (select value from json_each(?)) order by r.state",
            (profession, json.dumps(list(states))),
        )
    ]


def rules_by_key(
    connection: sqlite3.Connection, states: Iterable[str]
) -> dict[tuple[str | None, str | None], StateRule]:
    """The rules of these states for every profession, by (state, profession)."""
    rows = plain_rows(
        connection,
        f"select {columns(StateRule, 'r')} from state_rule r"  # noqa: S608
        " where r.state in (select value from json_each(?))",
        (json.dumps(sorted(states)),),
    )
    found = (StateRule(*row) for row in rows)
    return {(rule.state, rule.profession): rule for rule in found}
