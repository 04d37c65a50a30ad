"""Words read as the name of a place, exactly: with or without state and county, long or short."""

from __future__ import annotations

from collections.abc import Sequence

from db.gazetteer import Gazetteer, Place, people
from db.place_answers import Reading
from db.place_query import is_pronoun_state
from db.place_text import STATE_KEYS, key_of_words, place_key

_OFFICIAL = frozenset("city town village township borough cdp municipality".split())
_STATE_OF = ("state", "of")
_BEFORE = (("city", "of"), ("town", "of"), ("village", "of"), ("downtown",), ("greater",),
           ("metro",), ("central",), ("uptown",), ("midtown",), ("old",))  # fmt: skip


class Reader:
    """Reads words as places of a gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def exact(self, parts: tuple[str, ...]) -> Reading | None:  # noqa: PLR0911 - one a reading
        """The words read as 'name state', 'state name', 'name', a state, or 'name county state'."""
        for size in (3, 2, 1):
            if len(parts) > size and (state := STATE_KEYS.get("".join(parts[-size:]))):
                name = parts[:-size]
                while len(name) > 1 and name[-1] in ("in", "of"):
                    name = name[:-1]
                if places := self.named(name, state):
                    return Reading(places, state)
                if places := self._in_county(name, state):
                    return Reading(places, state)
        said = parts[:-1] if parts[-1] == "state" else parts[2:] if parts[:2] == _STATE_OF else ()
        if area := self.gazetteer.state("".join(said)):
            return Reading([area.as_place()], None)
        state = STATE_KEYS.get("".join(parts))
        places = self.named(parts, None)
        if state:
            return Reading(self._state_or_namesake(state, places, parts), None)
        if places:
            return Reading(places, None)
        for size in (3, 2, 1):
            # 'in Washington' is no search in Indiana.
            if len(parts) <= size or is_pronoun_state(parts[:size]):
                continue
            state = STATE_KEYS.get("".join(parts[:size]))
            if state and (places := self.named(parts[size:], state)):
                return Reading(places, state)
        if places := self._in_county(parts, None):
            return Reading(places, None)
        return None

    def named(self, parts: Sequence[str], state: str | None) -> list[Place]:
        """Places of a name; if none, of the name without 'city of', 'township' and the like."""
        parts = list(parts)
        key = key_of_words(parts)
        found = self.by_key(key, state)
        if found:
            return found
        for before in _BEFORE:
            if len(parts) > len(before) and tuple(parts[: len(before)]) == before:
                return self.by_key(key_of_words(parts[len(before) :]), state)
        if len(parts) > 1 and parts[-1] in _OFFICIAL:
            return self.by_key(key_of_words(parts[:-1]), state)
        return []

    def by_key(self, key: str, state: str | None) -> list[Place]:
        places = self.gazetteer.by_key(key, state)
        others = self.gazetteer.by_alias_key(key, state)
        if not places:
            return others
        # A hamlet has the name, a metropolis the nickname ('Philly').
        big = [o for o in others if people(o) > 1000 * people(places[0]) and o not in places]
        return big + places

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

    def _in_county(self, parts: Sequence[str], state: str | None) -> list[Place]:
        """'Springfield Clark County': places of the name in the first words, in that county."""
        titled = parts[-1] in ("county", "parish", "co", "cnty") if parts else False
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
