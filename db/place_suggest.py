"""Places for a type-ahead box."""

from __future__ import annotations

import sqlite3

from db.gazetteer import Gazetteer
from db.place import Place, State
from db.place_query import Query, read_query
from db.place_text import STATES, place_key

_READ_AHEAD = 60
"""Rows looked at for each wanted one's rank; ids are in order of population, so more would only add
smaller places."""

_STATE_LETTERS = 3
"""Letters typed before states are suggested that begin with them: 'cal', 'new y'."""
_BIG_CITY = 500_000

_FIELDS = "place.name, place.state, county, country, latitude, longitude, population, kind"


def suggest(connection: sqlite3.Connection, text: str, limit: int = 8) -> list[Place]:
    """Places whose names begin with the words typed so far, at most `limit`.

    A ZIP code's first digits give ZIP codes. Places whose real name begins with the text come
    first, then those that have the words inside or as another name; bigger places first. After a
    name, a state may follow ('springfield, o'). Empty for fewer than two signs, and for anything
    that is no beginning of a place. Never raises on any text.
    """
    query = read_query(text)
    if len("".join(query.words)) + len(query.zips) * 5 < 2 or limit <= 0:
        return []
    cursor = connection.cursor()
    cursor.row_factory = None
    if query.digits:
        return _postal(cursor, query.digits[:5], limit)
    if not query.words:
        return _postal(cursor, query.zips[0], limit)
    return _named(cursor, connection, query, limit)


def _states(connection: sqlite3.Connection, key: str) -> tuple[list[Place], list[Place]]:
    """The state of this name or code, and the two biggest others whose names begin so."""
    gazetteer = Gazetteer(connection)
    named: list[State] = []
    begun: list[State] = []
    for code, name in STATES.items():
        whole = key in (place_key(name), code.lower())
        begins = len(key) >= _STATE_LETTERS and place_key(name).startswith(key)
        if (whole or begins) and (state := gazetteer.state(code)):
            (named if whole else begun).append(state)
    begun.sort(key=lambda state: -state.population)
    return [one.as_place() for one in named], [one.as_place() for one in begun[:2]]


def _postal(cursor: sqlite3.Cursor, digits: str, limit: int) -> list[Place]:
    rows = cursor.execute(
        "select name, state, county, country, latitude, longitude, null, 'postal', code from postal"
        " where country = 'US' and code between ? and ? order by code limit ?",
        (digits.ljust(5, "0"), digits.ljust(5, "9"), limit),
    )
    return [Place(*row) for row in rows]


def _named(
    cursor: sqlite3.Cursor, connection: sqlite3.Connection, query: Query, limit: int
) -> list[Place]:
    parts = list(query.words[:8])
    # Only a-z and 0-9 are left in words, quoted all the same: 'near' and 'not' are operators.
    first, *more = parts
    ends = "*" if not query.text.endswith((",", ".")) else ""
    terms = [f'{{name other}} : "{first}"' + ("" if more else "*")]
    terms += [f'"{word}"' for word in more[:-1]]
    terms += [f'"{more[-1]}"{ends}'] if more else []
    match = " AND ".join(f"({term})" for term in terms)
    if more:
        # 'mc al' and 'o fal' are one word in the name.
        match = f'({match}) OR ({{other}} : "{"".join(parts)}"*)'
    rows = cursor.execute(
        f"select {_FIELDS} from place_fts f join place on place.id = f.rowid"  # noqa: S608
        " where place_fts match ? order by f.rowid limit ?",
        (match, _READ_AHEAD + limit),
    ).fetchall()
    found = [Place(*row) for row in rows]
    key = place_key(" ".join(parts))
    plain = "".join(parts)
    starts = [f for f in found if place_key(f.name).startswith((key, plain))]
    # What stands before the state: 'springfield oh' begins with the whole name.
    names = [f for f in found if f not in starts and key.startswith(place_key(f.name))]
    ranked = starts + names + [f for f in found if f not in starts and f not in names]
    ranked.sort(key=lambda place: place.kind == "county" and place in starts)
    named, begun = _states(connection, key)
    # Who begins with 'okl' or 'new y' sooner means the big city than its state.
    after = 1 if ranked and (ranked[0].population or 0) >= _BIG_CITY else 0
    ranked[after:after] = begun
    ranked[:0] = named
    kept: list[Place] = []
    for place in ranked:
        if all(
            (place.name, place.state, place.county) != (k.name, k.state, k.county) for k in kept
        ):
            kept.append(place)
    return kept[:limit]
