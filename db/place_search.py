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
* An exact name that is one letter from a far bigger city's ('Pittsburg') is a choice with it.

Whatever was taken, the other candidates come along in `Found.others`, so that a page can offer
'you meant'. Any string gives an answer, in bounded time; only a database without the gazetteer's
tables raises (sqlite3.OperationalError).
"""

from __future__ import annotations

import sqlite3

from db.gazetteer import Gazetteer
from db.nearest import miles_between
from db.place import Place, people
from db.place_abroad import abroad
from db.place_answers import (
    MOST_CHOICES,
    RIVAL_SHARE,
    Answer,
    Choices,
    Found,
    NothingFound,
    Reading,
    decide,
    distinct,
    with_note,
)
from db.place_guess import Guesser
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
from db.place_text import is_military_postcode, key_of_words
from records.said import said

_TYPO_SAME_SOUND = 0.05
_TYPO = 0.00005
"""How often a city's name is misspelt into one certain other name, if it sounds the same and if
not. Decides whether 'Pittsburg' may mean Pittsburgh."""


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
        if query.digits and (answer := self._by_digits(query.digits)):
            return answer
        if query.canadian:
            return NothingFound(
                said(
                    "That looks like a Canadian postal code. Only places in the United States are"
                    " known here."
                ),
                [],
            )
        if _MILITARY & {*query.words} and _MILITARY_AREAS & {*query.words}:
            return _military(query.text)
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

    # ---- postal codes ---------------------------------------------------------------------------

    def _by_zip(self, query: Query) -> Answer:  # noqa: PLR0911 - one a case
        # In an address the house number comes first and the postal code last.
        known = [place for code in query.zips[::-1] if (place := self.gazetteer.postal(code))]
        rest = self._by_words(query) if stripped(query.words) else None
        if not known:
            code = query.zips[-1]
            if is_military_postcode(code):
                return _military(code)
            if isinstance(rest, Found | Choices):
                return with_note(rest, said("The ZIP code %(code)s is not known.", code=code))
            return self._unknown_zip(code)
        place = known[0]
        if not isinstance(rest, Found):
            return Found(place)
        other = rest.place
        if other.state == place.state and (
            other.kind == "state"
            or miles_between(place.latitude, place.longitude, other.latitude, other.longitude) < 60
        ):
            return Found(place)
        if rest.corrected_from is not None and len(query.words) > 3:
            # A street or a clinic's name looked like a misspelt town: the code says more.
            return Found(place)
        return Choices(
            [place, other],
            said(
                "The ZIP code %(code)s is in %(place)s, not in %(other)s. Which one is meant?",
                code=place.postcode,
                place=place.label,
                other=other.label,
            ),
        )

    def _by_digits(self, digits: str) -> Answer | None:
        if len(digits) == 4 and (place := self.gazetteer.postal("0" + digits)):
            return Found(
                place,
                said("Taken as the ZIP code %(code)s.", code="0" + digits),
                corrected_from=digits,
            )
        return NothingFound(said("A ZIP code has five digits, such as 43604."), [])

    def _unknown_zip(self, code: str) -> Answer:
        rows = self.gazetteer.connection.execute(
            "select code from postal where country = 'US' and code between ? and ?"
            " order by abs(cast(code as integer) - ?), code limit 60",
            (code[:3] + "00", code[:3] + "99", int(code)),
        ).fetchall()
        places: list[Place] = []
        for row in rows:
            place = self.gazetteer.postal(row[0])
            if place and all((place.name, place.state) != (p.name, p.state) for p in places):
                places.append(place)
        if not places:
            return NothingFound(said("There is no ZIP code %(code)s.", code=code), [])
        return Choices(
            places[:6], said("The ZIP code %(code)s is not known. These are near it:", code=code)
        )

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
                if reading := self.reader.exact(core):
                    return self._decide(*self._with_state(reading, core, new), whole)
            if not loosely and (answer := self._abroad(new)):
                return answer
            if answer := self.guesser.best(new):
                return answer
        if answer := self._inside(query) or self._beginning(tried):
            return answer
        suggestions = self.guesser.suggestions(tried)
        if not stripped(whole):
            return NothingFound(said("Add a town or a ZIP code, such as Toledo, OH or 43604."), [])
        return NothingFound(
            said(
                "No such place is known in the United States. Check the spelling, add the state, or"
                " type a ZIP code."
            ),
            suggestions,
        )

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
            own = distinct(reading.places)
            places = self._with_big_neighbours(own, key_of_words(list(core)))
            typed = " ".join(core) if places[0] != own[0] else None
            return decide(Reading(places, None), note, typed)
        return decide(reading, note)

    def _with_big_neighbours(self, places: list[Place], key: str) -> list[Place]:
        first = places[0]
        if first.kind == "state" or people(first) >= 200_000:
            return places
        for name, size, same_sound in self.guesser.speller.big_neighbours(key):
            likely = size * (_TYPO_SAME_SOUND if same_sound else _TYPO)
            if likely * RIVAL_SHARE < people(first):
                continue
            city = self.gazetteer.by_key(name)[:1] or self.gazetteer.by_alias_key(name)[:1]
            at = 0 if likely > people(first) else 1
            places = [*places[:at], *city, *places[at:]]
        return distinct(places)


def _military(code: str) -> NothingFound:
    return NothingFound(
        said(
            "%(code)s is a military address, which has no place on the map. Choose a city nearby.",
            code=code,
        ),
        [],
    )


__all__ = ["Answer", "Choices", "Found", "NothingFound", "find_place", "suggest"]
