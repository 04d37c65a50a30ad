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

from rapidfuzz.distance import OSA

from db.gazetteer import Gazetteer, Place, people
from db.nearest import miles_between
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
from db.place_query import (
    Query,
    cores,
    is_filler,
    is_pronoun_state,
    nearly_filler,
    read_query,
    stripped,
    without_country,
)
from db.place_reading import Reader
from db.place_spelling import EDIT, Guess, Speller, place_score, speller
from db.place_suggest import suggest
from db.place_text import STATE_KEYS, STATES, is_military_postcode, key_of_words, words

_TYPO_SAME_SOUND = 0.05
_TYPO = 0.00005
"""How often a city's name is misspelt into one certain other name, if it sounds the same and if
not. Decides whether 'Pittsburg' may mean Pittsburgh."""

_CLOSE_CALL = 0.5
"""Guesses at a misspelt name whose scores differ by less (a factor of three) are both offered."""

_LEFT_OUT = 2.0
"""What a word costs, in scores, that a guess leaves out although it is no part of a phrase."""

_UNREAD = 3.0
"""What a word costs, in scores, before a city's name that is spelt right: more than a wrong letter,
so that 'Norht Little Rock' stays itself."""

_CITY_PEOPLE = 50_000
_SHORTEST_STATE = 4
_LONG_ENOUGH = 5

_MILITARY = frozenset(("apo", "fpo", "dpo"))
_MILITARY_AREAS = frozenset(("aa", "ae", "ap"))


def find_place(connection: sqlite3.Connection, text: str) -> Answer:
    """The place meant by a text, see the top of this file. Never raises on any text."""
    return _Search(connection).answer(read_query(text))


class _Search:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.gazetteer = Gazetteer(connection)
        self.reader = Reader(self.gazetteer)

    @property
    def speller(self) -> Speller:
        return speller(self.gazetteer.connection, self.gazetteer.stamp)

    def answer(self, query: Query) -> Answer:  # noqa: PLR0911 - one a kind of query
        if query.point:
            return self._here(*query.point)
        if not query.words and not query.zips:
            return NothingFound("Type a town or a ZIP code, such as Toledo, OH or 43604.", [])
        if query.zips:
            return self._by_zip(query)
        if query.digits and (answer := self._by_digits(query.digits)):
            return answer
        if query.canadian:
            return NothingFound(
                "That looks like a Canadian postal code. Only places in the United States are"
                " known here.",
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
                "That point is not in the United States. Type a town or a ZIP code, such as"
                " Toledo, OH or 43604.",
                [],
            )
        state = states.pop() if len(states) == 1 else ""
        return Found(Place("your location", state, "", "US", latitude, longitude, None, "point"))

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
                return with_note(rest, f"The ZIP code {code} is not known.")
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
            f"The ZIP code {place.postcode} is in {place.label}, not in {other.label}."
            " Which one is meant?",
        )

    def _by_digits(self, digits: str) -> Answer | None:
        if len(digits) == 4 and (place := self.gazetteer.postal("0" + digits)):
            return Found(place, f"Taken as the ZIP code 0{digits}.", corrected_from=digits)
        return NothingFound("A ZIP code has five digits, such as 43604.", [])

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
            return NothingFound(f"There is no ZIP code {code}.", [])
        return Choices(places[:6], f"The ZIP code {code} is not known. These are near it:")

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
            if answer := self._best_guess(new):
                return answer
        if answer := self._inside(query) or self._beginning(tried):
            return answer
        suggestions = self._suggestions(tried)
        if not stripped(whole):
            return NothingFound("Add a town or a ZIP code, such as Toledo, OH or 43604.", [])
        return NothingFound(
            "No such place is known in the United States. Check the spelling, add the state, or"
            " type a ZIP code.",
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
            if not _name_and_state(core)[1] and (found := abroad(core)):
                name, country = found
                only = f"Only places in the United States are known here, none in {country}."
                places = distinct(self.reader.named(stripped(name), None)) if name else []
                if places:
                    return Choices(places[:MOST_CHOICES], f"{only} Is one of these meant?")
                return NothingFound(only, [])
        return None

    def _ending(self, core: tuple[str, ...]) -> tuple[float, Answer] | None:
        """'Back Bay Boston': a city after words that mean nothing to us, its quarter perhaps."""
        name, state = _name_and_state(core)
        for cut in range(1, len(name)):
            key = key_of_words(list(name[cut:]))
            # Short nicknames are ends of other names too: 'Santa Fay' has nothing of Fayetteville.
            places = distinct(
                self.reader.by_key(key, state)
                if len(key) >= _LONG_ENOUGH
                else self.gazetteer.by_key(key, state)
            )
            if places and people(places[0]) >= _CITY_PEOPLE:
                score = place_score(places[0]) - _UNREAD * cut
                return score, decide(Reading(places, state), note=True)
        return None

    def _beginning(self, tried: list[tuple[str, ...]]) -> Answer | None:
        """'Dallas Deep Ellum': a city before words that mean nothing to us."""
        for core in tried:
            name, state = _name_and_state(core)
            for cut in range(len(name) - 1, 0, -1):
                places = distinct(self.reader.named(name[:cut], state))
                if places and people(places[0]) >= _CITY_PEOPLE and not is_filler(name[0]):
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
        for name, size, same_sound in self.speller.big_neighbours(key):
            likely = size * (_TYPO_SAME_SOUND if same_sound else _TYPO)
            if likely * RIVAL_SHARE < people(first):
                continue
            city = self.gazetteer.by_key(name)[:1] or self.gazetteer.by_alias_key(name)[:1]
            at = 0 if likely > people(first) else 1
            places = [*places[:at], *city, *places[at:]]
        return distinct(places)

    # ---- misspelt -------------------------------------------------------------------------------

    def _best_guess(self, tried: list[tuple[str, ...]]) -> Answer | None:
        best: tuple[float, Answer] | None = None
        meant = max((_telling(core) for core in tried), default=0)
        for core in tried:
            # Wrappings of a phrase are not part of a misspelt name.
            if core != stripped(core) and stripped(core):
                continue
            found = self._guess(core) or self._elsewhere(core)
            ending = self._ending(core)
            if ending and (found is None or ending[0] > found[0]):
                found = ending
            if found is None:
                continue
            score = found[0] - _LEFT_OUT * (meant - _telling(core))
            if best is None or score > best[0]:
                best = (score, found[1])
        return best[1] if best else None

    def _guess(self, core: tuple[str, ...]) -> tuple[float, Answer] | None:
        options: list[tuple[float, Guess, str | None]] = []
        for name, state, penalty in _splits(core):
            key = key_of_words(list(name))
            if not key:
                continue
            exact = self.gazetteer.by_key(key, state) or self.gazetteer.by_alias_key(key, state)
            if exact and penalty:
                guess = Guess(key, 0.0, place_score(exact[0]))
                options.append((guess.score - penalty, guess, state))
            for guess in self.speller.guesses(key, state)[:6]:
                options.append((guess.score - penalty, guess, state))
        area = self._state_guess(core)
        if area and all(area[0] >= option[0] for option in options):
            return area
        if not options:
            return None
        options.sort(key=lambda option: (-option[0], option[1].key, option[2] or ""))
        score, guess, state = options[0]
        if guess.cost > 1 and (elsewhere := self._elsewhere(core)):
            return elsewhere
        typed = " ".join(core)
        answer = decide(self._spelt_right(guess.key, state), corrected_from=typed)
        close = [
            place
            for other, near, where in options[1:8]
            if score - other < _CLOSE_CALL
            for place in self.reader.by_key(near.key, where)[:1]
        ]
        if close and isinstance(answer, Found):
            places = distinct([answer.place, *close])
            if len(places) > 1:
                return score, Choices(places, f"Which one is meant by '{typed}'?", typed)
        return score, answer

    def _spelt_right(self, key: str, state: str | None) -> Reading:
        """What the right spelling is read as: 'Washington' may be the state as well."""
        if state is None and key in STATE_KEYS and (reading := self.reader.exact((key,))):
            return reading
        return Reading(self.reader.by_key(key, state), state)

    def _state_guess(self, core: tuple[str, ...]) -> tuple[float, Answer] | None:
        """A misspelt state and nothing else: 'Californa'."""
        best: tuple[float, Answer] | None = None
        text = "".join(core)
        for code, cost in _near_states(text) if len(text) >= _SHORTEST_STATE else ():
            state = self.gazetteer.state(code)
            reading = self.reader.exact(tuple(words(STATES[code])))
            if state and reading:
                score = place_score(state.as_place()) - EDIT * cost
                if best is None or score > best[0]:
                    best = score, decide(reading, corrected_from=" ".join(core))
        return best

    def _elsewhere(self, core: tuple[str, ...]) -> tuple[float, Answer] | None:
        """A name spelt right, in a state that has no such place: the places it has elsewhere."""
        for size in (3, 2, 1):
            if len(core) > size and (state := STATE_KEYS.get("".join(core[-size:]))):
                places = distinct(self.reader.named(core[:-size], None))
                if not places:
                    return None
                reason = f"No {places[0].name} is known in {STATES[state]}. Is one of these meant?"
                # 'Wooster MA' is Worcester rather than Wooster in Ohio.
                near = [
                    place
                    for guess in self.speller.guesses(key_of_words(list(core[:-size])), state)[:3]
                    if guess.score > 0
                    for place in self.reader.by_key(guess.key, state)[:1]
                ]
                score = place_score(places[0])
                return score, Choices(distinct([*near, *places])[:MOST_CHOICES], reason)
        return None

    def _suggestions(self, tried: list[tuple[str, ...]]) -> list[Place]:
        found: list[tuple[float, Place]] = []
        for core in tried[:6]:
            for name, state, penalty in _splits(stripped(core)):
                key = key_of_words(list(name))
                # A name of another place in the state that was named, or a looser spelling.
                for place in self.gazetteer.by_key(key)[:3]:
                    found.append((place_score(place) - 2, place))
                if 3 < len(key) <= 30:
                    for guess in self.speller.guesses(key, state, extra=1)[:3]:
                        for place in self.reader.by_key(guess.key, state)[:1]:
                            found.append((guess.score - penalty, place))
        found.sort(key=lambda pair: -pair[0])
        return distinct([place for _, place in found])[:5]


def _military(said: str) -> NothingFound:
    return NothingFound(
        f"{said} is a military address, which has no place on the map. Choose a city nearby.", []
    )


def _name_and_state(core: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    for size in (3, 2, 1):
        if len(core) > size and (state := STATE_KEYS.get("".join(core[-size:]))):
            return core[:-size], state
    return core, None


def _telling(core: tuple[str, ...]) -> int:
    return sum(not nearly_filler(word) for word in core)


def _splits(core: tuple[str, ...]) -> list[tuple[tuple[str, ...], str | None, float]]:
    """Ways to read words as (name, state, penalty): the state named, misspelt, or not named."""
    ways: list[tuple[tuple[str, ...], str | None, float]] = [(core, None, 0.0)]
    for size in (3, 2, 1):
        if len(core) <= size:
            continue
        tail = "".join(core[-size:])
        if state := STATE_KEYS.get(tail):
            return [(core[:-size], state, 0.0)]
        if len(tail) >= 3:
            for code, cost in _near_states(tail):
                ways.append((core[:-size], code, 1.5 * cost))
    for size in (2, 1):
        if len(core) > size and (state := STATE_KEYS.get("".join(core[:size]))):
            ways.append((core[size:], state, 0.5))
    return ways


def _near_states(text: str) -> list[tuple[str, int]]:
    most = 1 if len(text) <= 5 else 2
    near: dict[str, int] = {}
    for key, code in STATE_KEYS.items():
        if len(key) > 3 and abs(len(key) - len(text)) <= most:
            cost = OSA.distance(text, key, score_cutoff=most)
            if cost <= most:
                near[code] = min(cost, near.get(code, cost))
    return list(near.items())


__all__ = ["Answer", "Choices", "Found", "NothingFound", "find_place", "suggest"]
