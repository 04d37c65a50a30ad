"""The search box: from what a person typed to the place that is meant, or to a choice of places.

`find_place` takes a city, 'city, ST', a ZIP code, a state, a nickname, a misspelt name or a spoken
phrase. It never guesses silently. The rule for namesakes:

* The biggest place of a name is taken if every other one has less than a tenth of its people and
  less than 50,000 ('Chicago', 'Toledo', 'Houston'). Otherwise it is a choice, biggest first
  ('Springfield', 'Portland', 'Columbus', 'Kansas City').
* Where the state was named, the 50,000 no longer matter, only the tenth ('Midway, FL' is a choice).
* A state counts as a namesake with all its people, so 'Washington' is a choice; 'New York' is the
  city, because it lies in the state of its name and is most of it. A two-letter code is the state,
  unless a city elsewhere goes by it ('LA').
* Two entries within 12 miles in one state are one place.
* An exact name that is one letter from a far bigger city's ('Pittsburg') is a choice with it, or
  taken for it if the name is a hamlet's ('Huston').
* What people only say ('Buckhead') comes before towns of that name under 20,000 people; one of more
  than 3,000 makes it a choice.

Whatever was taken, the other candidates come along in `Found.others`, so that a page can offer
'you meant'. Any string gives an answer, in bounded time; only a database without the gazetteer's
tables raises (sqlite3.OperationalError).
"""

from __future__ import annotations

import sqlite3

from db.gazetteer import Gazetteer
from db.place import Place, people
from db.place_abroad import abroad
from db.place_answers import (
    MOST_CHOICES,
    Answer,
    Choices,
    Found,
    NothingFound,
    Reading,
    choices,
    decide,
    distinct,
)
from db.place_guess import Guesser, near_states
from db.place_postal import by_codes, by_digits, military
from db.place_query import (
    Query,
    cores,
    is_filler,
    is_pronoun_state,
    read_query,
    stripped,
    without_country,
)
from db.place_reading import CITY_PEOPLE, Reader, name_and_state
from db.place_suggest import suggest
from db.place_text import key_of_words, place_key
from records.said import said

_HAMLET = 1_000
_TOWN = 3_000
"""People of a place too big to be passed over for one that only goes by its name."""
_MILITARY = frozenset(("apo", "fpo", "dpo"))
_MILITARY_AREAS = frozenset(("aa", "ae", "ap"))


def find_place(connection: sqlite3.Connection, text: str) -> Answer:
    """The place meant by a text, see the top of this file. Never raises on any text."""
    return _Search(connection).answer(read_query(text))


class _Search:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.gazetteer = Gazetteer(connection)
        self.reader = Reader(self.gazetteer)
        self.guesser = Guesser(self.gazetteer, self.reader)

    def answer(self, query: Query) -> Answer:  # noqa: PLR0911 - one a kind of query
        if query.point:
            return self._here(*query.point)
        if not query.words and not query.zips:
            return NothingFound(said("Type a town or a ZIP code, such as Toledo, OH or 43604."), [])
        if query.zips:
            return self._by_zip(query)
        if query.digits:
            return by_digits(self.gazetteer, query.digits)
        if query.canadian:
            return NothingFound(
                said(
                    "That looks like a Canadian postal code. Only places in the United States are"
                    " known here."
                ),
                [],
            )
        if _MILITARY & {*query.words} and _MILITARY_AREAS & {*query.words}:
            return military(query.text)
        return self._by_words(query)

    def _here(self, latitude: float, longitude: float) -> Answer:
        """A point sent by the visitor's browser: no name is put to it, only the state's rule."""
        states = self.gazetteer.state_of(latitude, longitude)
        if not states:
            return NothingFound(
                said(
                    "That point is not in the United States. Type a town or a ZIP code, such as"
                    " Toledo, OH or 43604."
                ),
                [],
            )
        state = states.pop() if len(states) == 1 else ""
        return Found(
            Place(said("your location"), state, "", "US", latitude, longitude, None, "point")
        )

    def _by_zip(self, query: Query) -> Answer:
        rest = self._by_words(query) if stripped(query.words) else None
        return by_codes(self.gazetteer, query, rest)

    # ---- words ----------------------------------------------------------------------------------

    def _by_words(self, query: Query) -> Answer:
        whole = query.words
        tried: list[tuple[str, ...]] = []
        # Only when the words as they stand say nothing may those around the place be misspelt too:
        # 'needels ca' is no search for needles in California.
        for loosely in (False, True):
            new = [core for core in cores(whole, loosely=loosely) if core not in tried]
            tried += new
            for core in new:
                if core != whole and is_pronoun_state(core):
                    continue
                if (reading := self.reader.exact(core)) and not self._slip(reading, core, whole):
                    return self._decide(*self._with_state(reading, core, new), whole)
            if not loosely and (answer := self._abroad(new)):
                return answer
            if answer := self.guesser.best(new):
                return answer
        if answer := self._inside(query) or self._beginning(tried):
            return answer
        suggestions = [*self._states(tried), *self.guesser.suggestions(tried)]
        if not stripped(whole):
            return NothingFound(said("Add a town or a ZIP code, such as Toledo, OH or 43604."), [])
        return NothingFound(
            said(
                "No such place is known in the United States. Check the spelling, add the state, or"
                " type a ZIP code."
            ),
            suggestions,
        )

    def _states(self, tried: list[tuple[str, ...]]) -> list[Place]:
        """The state that the words name beside a town that nobody knows."""
        codes = (name_and_state(core)[1] for core in tried)
        state = next((self.gazetteer.state(code) for code in codes if code), None)
        return [state.as_place()] if state else []

    def _slip(self, reading: Reading, core: tuple[str, ...], whole: tuple[str, ...]) -> bool:
        """Whether a hamlet was found in what is a metropolis but for a letter: 'an Francisco'."""
        if core == whole or reading.state or people(reading.places[0]) > _HAMLET:
            return False
        return bool(self.guesser.speller.big_neighbours(key_of_words(list(whole))))

    def _with_state(
        self, reading: Reading, core: tuple[str, ...], tried: list[tuple[str, ...]]
    ) -> tuple[Reading, tuple[str, ...]]:
        """The reading, or one of the same phrase that names its state: 'near the university' says
        less than the 'Toledo OH' before it."""
        if reading.state is None and core != tried[0] and reading.places[0].kind != "state":
            for other in tried[tried.index(core) + 1 :]:
                if (
                    not is_pronoun_state(other)
                    and (told := self.reader.exact(other))
                    and told.state
                ):
                    return told, other
        return reading, core

    def _abroad(self, tried: list[tuple[str, ...]]) -> Answer | None:
        """Words that end in another country: never its namesake here without asking."""
        for core in tried:
            # Neither 'Niw Mexico' nor 'Suth Jordan' is a country.
            if near_states("".join(core[-2:])) or self.guesser.nearly(core):
                continue
            if not name_and_state(core)[1] and (found := abroad(core)):
                name, country = found
                only = said(
                    "Only places in the United States are known here, none in %(country)s.",
                    country=country,
                )
                places = distinct(self.reader.named(stripped(name), None)) if name else []
                if places:
                    return Choices(
                        places[:MOST_CHOICES], said("%(only)s Is one of these meant?", only=only)
                    )
                return NothingFound(only, [])
        return None

    def _beginning(self, tried: list[tuple[str, ...]]) -> Answer | None:
        """'Dallas Deep Ellum': a city before words that mean nothing to us."""
        for core in tried:
            name, state = name_and_state(core)
            for cut in range(len(name) - 1, 0, -1):
                places = distinct(self.reader.named(name[:cut], state))
                if places and people(places[0]) >= CITY_PEOPLE and not is_filler(name[0]):
                    return decide(Reading(places, state), note=True)
        return None

    def _inside(self, query: Query) -> Answer | None:
        """A place with its state, or after a comma, among words that mean nothing to us: the end of
        an address, or a clinic's name before the town. The last and longest wins."""
        parts = without_country(query.words)
        best: tuple[int, int, Reading, tuple[str, ...]] | None = None
        for start in range(len(parts)):
            for stop in range(start + 1, min(len(parts), start + 6) + 1):
                span = parts[start:stop]
                if not stripped(span):
                    continue
                reading = self.reader.exact(span)
                if reading is None or reading.places[0].kind == "state":
                    continue
                if not (
                    (reading.state and len(span) > 1)
                    or (start in query.commas and (stop == len(parts) or stop in query.commas))
                ):
                    continue
                rank = (stop, stop - start, reading, span)
                if best is None or rank[:2] > best[:2]:
                    best = rank
        if best is None or len(parts) - best[1] > 12:
            return None
        return self._decide(best[2], best[3], parts)

    def _decide(self, reading: Reading, core: tuple[str, ...], whole: tuple[str, ...]) -> Answer:
        """The answer for words of a whole query that are spelt as somewhere's name."""
        note = core != without_country(whole)
        if reading.state is None:
            own, key = distinct(reading.places), key_of_words(list(core))
            places = self.guesser.with_big_neighbours(own, key)
            if places[0] != own[0]:
                return decide(Reading(places, None), note, " ".join(core))
            # 'Crystal City' is a quarter of Arlington, and a town in Texas.
            if place_key(own[0].name) != key and any(
                place.kind != "state" and people(place) >= _TOWN and place_key(place.name) == key
                for place in own
            ):
                return choices(places)
            return decide(Reading(places, None), note)
        return decide(reading, note)


__all__ = ["Answer", "Choices", "Found", "NothingFound", "find_place", "suggest"]
