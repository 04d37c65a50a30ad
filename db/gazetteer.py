"""The gazetteer: postal codes, towns and states of the US, looked up.

`Gazetteer` answers over gazetteer.db (`db.gazetteer_file` builds it) and over the published
database, which has the same tables.

Territories (PR, VI, GU, AS, MP) are treated like states of the country 'US', as on an envelope.
All coordinates are degrees, WGS84.
"""

from __future__ import annotations

import re
import sqlite3
from functools import cached_property
from pathlib import Path

from db.gazetteer_file import open_read_only
from db.nearest import miles_between
from db.place import Place, State, clear_winner
from db.place_text import place_key, state_code

_ZIP_PLUS_4 = re.compile(r"\d{5}[\s-]*(\d{4})?")
_PLACE = "name, state, county, country, latitude, longitude, population, kind"
_POSTAL = "name, state, county, country, latitude, longitude, null, 'postal', code"


class Gazetteer:
    """Look-ups over a database that holds the gazetteer's tables.

    Takes a path (gazetteer.db, opened read-only and closed by `close`) or an open connection,
    which stays the caller's. A connection of its own may be used from several threads in turn, not
    at the same time.
    """

    def __init__(self, where: Path | str | sqlite3.Connection) -> None:
        self._own = not isinstance(where, sqlite3.Connection)
        self.connection = (
            where if isinstance(where, sqlite3.Connection) else open_read_only(Path(where))
        )
        # A cursor of our own: the caller's connection may have a row factory.
        self._cursor = self.connection.cursor()
        self._cursor.row_factory = None

    @cached_property
    def _states(self) -> dict[str, State]:
        # Read when first needed: most searches name a town or a ZIP code, and each has a Gazetteer.
        return {
            row[0]: State(*row)
            for row in self._cursor.execute(
                "select code, name, latitude, longitude, population, min_latitude, max_latitude,"
                " min_longitude, max_longitude from state order by code"
            )
        }

    def close(self) -> None:
        """Close the connection if it is the gazetteer's own."""
        if self._own:
            self.connection.close()

    def __enter__(self) -> Gazetteer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def stamp(self) -> str:
        """Fingerprint of the data; equal stamps mean equal answers."""
        sql = "select value from gazetteer_stamp where key = 'content'"
        return str(self._cursor.execute(sql).fetchone()[0])

    def postal(self, code: str, country: str = "US") -> Place | None:
        """The postal code's place, or None if unknown. Takes ZIP and ZIP+4, spaces around it.
        Military codes (APO, FPO) have no place and are unknown."""
        code = code.strip()
        if country == "US" and _ZIP_PLUS_4.fullmatch(code):
            code = code[:5]
        row = self._cursor.execute(
            f"select {_POSTAL} from postal where country = ? and code = ?",  # noqa: S608
            (country, code),
        ).fetchone()
        return Place(*row) if row else None

    def city(self, name: str, state: str) -> Place | None:
        """The town of that name in that state (code or name), or None.

        Any usual spelling will do: 'St Louis', 'Saint Louis', "O'Fallon", 'Mt. Vernon'. Real names
        come before other names, bigger towns before smaller ones. None if there is no such town,
        and also if there are several that could be meant ('Midway', FL): see `clear_winner`.
        """
        code = state_code(state)
        return clear_winner(self.cities(name, code)) if code else None

    def cities(self, name: str, state: str | None = None) -> list[Place]:
        """All towns that go by the name, in one state (code) or everywhere, biggest first.

        Towns whose real name it is; only if there is none, those that have it as another name.
        Counties are found by their full name ('Lucas County').
        """
        key = place_key(name)
        return self.by_key(key, state) or self.by_alias_key(key, state) if key else []

    def by_key(self, key: str, state: str | None = None) -> list[Place]:
        """Towns whose name has this `place_key`, biggest first."""
        sql = f"select {_PLACE} from place where norm = ?"  # noqa: S608 - our own columns
        if state is None:
            rows = self._cursor.execute(sql + " order by id", (key,))
        else:
            rows = self._cursor.execute(sql + " and state = ? order by id", (key, state))
        return [Place(*row) for row in rows.fetchall()]

    def by_alias_key(
        self, key: str, state: str | None = None, *, said: bool = False
    ) -> list[Place]:
        """Towns of which another name has this `place_key`, biggest first; with `said`, only names
        that people use (us_nickname.csv), no former or foreign ones."""
        rows = self._cursor.execute(
            f"select distinct {_PLACE}, id from place_alias a"  # noqa: S608
            " join place on place.id = a.place_id where a.norm = ? and a.said >= ? order by id",
            (key, int(said)),
        )
        return [Place(*row[:-1]) for row in rows.fetchall() if state in (None, row[1])]

    def state(self, text: str) -> State | None:
        """The state by code or name in any usual writing, or None."""
        code = state_code(text)
        return self._states.get(code) if code else None

    def states(self) -> list[State]:
        """All states, the District of Columbia and the territories, by code."""
        return list(self._states.values())

    def nearest_postal(self, latitude: float, longitude: float, miles: float = 100) -> Place | None:
        """The postal code whose point is nearest, within so many miles, or None."""
        found = self._postal_around(latitude, longitude, miles)
        return found[0][1] if found else None

    def state_of(self, latitude: float, longitude: float) -> set[str]:
        """Codes of the states the point may lie in; empty if it lies in none.

        Those whose box contains the point and that have a postal code's point nearby: about as near
        as the nearest one of all. Well inside a state that is one code, near a border several, on
        the open sea none. Good for rejecting wrong coordinates, not for deciding a border.
        """
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return set()
        boxes = {s.code for s in self._states.values() if s.may_contain(latitude, longitude)}
        if not boxes:
            return set()
        around = self._postal_around(latitude, longitude, 150)
        if not around:
            return set()
        # Codes lie about 6 miles apart, 30 in the West: the second nearest state's point may be
        # nearer than the first's only this close to the border.
        limit = around[0][0] * 2 + 6
        return {place.state for distance, place in around if distance <= limit} & boxes

    def _postal_around(
        self, latitude: float, longitude: float, miles: float
    ) -> list[tuple[float, Place]]:
        """Postal points in a growing band around the point, nearest first, with their miles."""
        wrap = longitude - 360 if longitude > 0 else longitude + 360
        half = 0.15
        while True:
            wide = half / max(0.05, miles_between(latitude, 0, latitude, 1) / 69.0)
            found = []
            for centre in (longitude, wrap):
                rows = self._cursor.execute(
                    f"select {_POSTAL} from postal where latitude between ? and ?"  # noqa: S608
                    " and longitude between ? and ?",
                    (latitude - half, latitude + half, centre - wide, centre + wide),
                ).fetchall()
                for row in rows:
                    distance = miles_between(latitude, longitude, row[4], row[5])
                    found.append((distance, row))
            # Only what lies inside the band's inner circle is complete; look 3 times as far as the
            # nearest, so that its neighbours are among them.
            nearest = min((distance for distance, _ in found), default=miles + 1)
            if half * 69 >= min(miles, 3 * nearest + 6):
                found.sort(key=lambda pair: (pair[0], pair[1][8]))
                return [(d, Place(*row)) for d, row in found if d <= miles]
            half *= 3

    def people_points(self, country: str = "US") -> list[tuple[float, float, int]]:
        """Where people live: (latitude, longitude, people) of every town, biggest first.

        Towns of unknown population count 100. Districts are left out, their city counts them.
        """
        return self._cursor.execute(
            "select latitude, longitude, coalesce(population, 100) from place"
            " where country = ? and kind in ('city', 'post_office') order by id",
            (country,),
        ).fetchall()
