"""Words read as the name of a place, exactly: with or without state and county, long or short."""

from __future__ import annotations

from collections.abc import Sequence

from db.gazetteer import Gazetteer
from db.nearest import miles_between
from db.place import Place, people
from db.place_answers import Reading
from db.place_query import is_pronoun_state
from db.place_text import STATE_KEYS, key_of_words, place_key

_OFFICIAL = frozenset("city town village township borough cdp municipality".split())
_COUNTY = frozenset("county parish co cnty condado".split())
CITY_PEOPLE = 50_000
"""A city so big is known by its name alone, and its quarters by it."""
_PART_MILES = 20.0
NICKNAME_PEOPLE = 20_000
"""What a name that people only say weighs against towns of that very name: 'Buckhead' is Atlanta's
before the hamlet, 'Triangle' is not."""
_METROPOLIS = 1_000
"""So many times a hamlet's people, and the name is the city's."""
_PART_OF_STATE = frozenset(
    "north south east west northern southern eastern western central upstate downstate northeast"
    " northwest southeast southwest northeastern northwestern southeastern southwestern".split()
)
_RUN_TOGETHER = (("saint", "st"), ("fort", "ft"), ("mount", "mt"))
_KNOWN_PEOPLE = 5_000
_STATE_OF = (("state", "of"), ("estado", "de"))
_BEFORE = (("city", "of"), ("town", "of"), ("village", "of"), ("downtown",), ("greater",),
           ("metro",), ("central",), ("uptown",), ("midtown",), ("old",))  # fmt: skip


def _miles(one: Place, other: Place) -> float:
    return miles_between(one.latitude, one.longitude, other.latitude, other.longitude)


def name_and_state(core: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """The words before a state at the end, and the state; None if there is none."""
    for size in (3, 2, 1):
        if len(core) > size and (state := STATE_KEYS.get("".join(core[-size:]))):
            return core[:-size], state
    return core, None


class Reader:
    """Reads words as places of a gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def exact(self, parts: tuple[str, ...]) -> Reading | None:  # noqa: PLR0911, PLR0912 - one a reading
        """The words read as 'name state', 'state name', 'name', a state, or 'name county state'."""
        for size in (3, 2, 1):
            if len(parts) > size and (state := STATE_KEYS.get("".join(parts[-size:]))):
                name = parts[:-size]
                while len(name) > 1 and name[-1] in ("in", "of"):
                    name = name[:-1]
                for read in (self.named, self._in_county, self._county):
                    if places := read(name, state):
                        return Reading(places, state)
        said = (
            parts[:-1]
            if parts[-1] == "state"
            else parts[2:]
            if tuple(parts[:2]) in _STATE_OF
            else ()
        )
        if area := self.gazetteer.state("".join(said)):
            return Reading([area.as_place()], None)
        state = STATE_KEYS.get("".join(parts))
        places = self.named(parts, None)
        if state:
            return Reading(self._state_or_namesake(state, places, parts), None)
        if places:
            return Reading(self._with_county(parts, places), None)
        for size in (3, 2, 1):
            # 'in Washington' is no search in Indiana.
            if len(parts) <= size or is_pronoun_state(parts[:size]):
                continue
            state = STATE_KEYS.get("".join(parts[:size]))
            if state and (places := self.named(parts[size:], state)):
                return Reading(places, state)
        for read in (self._in_county, self._county):
            if places := read(parts, None):
                return Reading(places, None)
        if places := self._in_city(parts):
            return Reading(places, None)
        if parts[0] in _PART_OF_STATE and (area := self.gazetteer.state("".join(parts[1:]))):
            return Reading([area.as_place()], None)
        return self._run_together(parts)

    def _run_together(self, parts: tuple[str, ...]) -> Reading | None:
        """'toledoohio', 'bostonma', 'stlouis': a name in one word with its state or its 'Saint'."""
        last = parts[-1]
        for key, state in STATE_KEYS.items():
            if len(last) > len(key) + 3 and last.endswith(key):
                places = self.by_key(key_of_words([*parts[:-1], last[: -len(key)]]), state)
                if places and (len(key) > 2 or people(places[0]) >= _KNOWN_PEOPLE):
                    return Reading(places, state)
        name, told = name_and_state(parts)
        for long, short in _RUN_TOGETHER:
            if name[0].startswith(short) and len(name[0]) > len(short) + 2:
                rest = [long, name[0][len(short) :], *name[1:]]
                if places := self.gazetteer.by_key(key_of_words(rest), told):
                    return Reading(places, told)
        return None

    def named(self, parts: Sequence[str], state: str | None) -> list[Place]:
        """Places of a name; if none, of the name without 'city of', 'township' and the like."""
        parts = list(parts)
        key = key_of_words(parts)
        found = self.by_key(key, state)
        if found:
            return found
        if parts[:1] == ["pt"] and len(parts) > 1:
            # 'Pt' is long for Point in the keys, and short for Port as well.
            return self.by_key(key_of_words(["port", *parts[1:]]), state)
        if len(parts) > 1 and parts[0] in _COUNTY:
            return self.by_key(key_of_words([*parts[1:], "county"]), state)
        for before in _BEFORE:
            if len(parts) > len(before) and tuple(parts[: len(before)]) == before:
                return self.by_key(key_of_words(parts[len(before) :]), state)
        if len(parts) > 1 and parts[-1] in _OFFICIAL:
            return self.by_key(key_of_words(parts[:-1]), state)
        return []

    def by_key(self, key: str, state: str | None) -> list[Place]:
        """Places that have the key as their name or as another one, likeliest first."""
        places = self.gazetteer.by_key(key, state)
        said = self.gazetteer.by_alias_key(key, state, said=True)
        if not places:
            return said or self.gazetteer.by_alias_key(key, state)
        most = people(places[0])
        others = [o for o in self.gazetteer.by_alias_key(key, state) if o not in places]
        before = [
            other
            for other in others
            if people(other) > _METROPOLIS * most
            or (other in said and state is None and most < NICKNAME_PEOPLE)
        ]
        return before + places + [o for o in others if o in said and o not in before]

    def _state_or_namesake(
        self, code: str, namesakes: list[Place], parts: tuple[str, ...]
    ) -> list[Place]:
        """The state and the towns that go by the same text, likeliest first."""
        if code == "DC" and (city := self.gazetteer.city("Washington", "DC")):
            return [city, *(place for place in namesakes if place != city)]
        area = self.gazetteer.state(code)
        assert area is not None
        state = area.as_place()
        if "".join(parts) == code.lower():
            # A code is the state, unless a city in another state goes by it, as Los Angeles does.
            return [*(p for p in namesakes if p.state != code and people(p) > 500_000), state]
        if namesakes and namesakes[0].state == code and people(namesakes[0]) > people(state) / 4:
            return [namesakes[0], state, *namesakes[1:]]
        return sorted([state, *namesakes], key=lambda place: -people(place))

    def _county(self, parts: Sequence[str], state: str | None) -> list[Place]:
        """'Lucas Co', 'county Lucas' or, where no town has the name, 'Anne Arundel': the county."""
        if len(parts) > 1 and parts[-1] in _COUNTY:
            name = parts[:-1]
        elif len(parts) > 1 and parts[0] in _COUNTY:
            name = parts[1:]
        else:
            name = parts
        for title in ("county", "parish"):
            if found := self.gazetteer.by_key(key_of_words([*name, title]), state):
                return found
        return []

    def _with_county(self, parts: Sequence[str], places: list[Place]) -> list[Place]:
        """The places of a name, and before them the county if they are hamlets beside it."""
        if places[0].kind == "county" or people(places[0]) >= _METROPOLIS:
            return places
        counties = self._county(parts, None)
        most = people(places[0]) * _METROPOLIS
        return [*(county for county in counties if people(county) >= most), *places]

    def _in_city(self, parts: Sequence[str]) -> list[Place]:
        """'Astoria Queens', 'La Jolla San Diego': a place of the first words within 20 miles of a
        city of the last ones."""
        for cut in range(len(parts) - 1, 0, -1):
            cities = [c for c in self.named(parts[cut:], None)[:3] if people(c) >= CITY_PEOPLE]
            for place in self.named(parts[:cut], None) if cities else ():
                for city in cities:
                    if place.state == city.state and _miles(place, city) <= _PART_MILES:
                        # 'NYC Brooklyn' is as good as 'Brooklyn NYC'.
                        return [min(place, city, key=people)]
        return []

    def _in_county(self, parts: Sequence[str], state: str | None) -> list[Place]:
        """'Springfield Clark County': places of the name in the first words, in that county."""
        titled = parts[-1] in _COUNTY if parts else False
        if len(parts) < 2 or (state is None and not titled):
            return []
        body = parts[:-1] if titled else parts
        for cut in range(len(body) - 1, 0, -1):
            county = key_of_words(list(body[cut:]))
            found = [
                place
                for place in self.gazetteer.by_key(key_of_words(list(body[:cut])), state)
                if place_key(place.county) == county
            ]
            if found:
                return found
        return []
