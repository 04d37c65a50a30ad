"""Places for words that are no place's name as they are spelt: the likeliest, or several."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA

from db.gazetteer import Gazetteer
from db.place import RIVAL_SHARE, Place, people
from db.place_answers import (
    MOST_CHOICES,
    Answer,
    Choices,
    Reading,
    decide,
    distinct,
)
from db.place_query import nearly_filler, stripped
from db.place_reading import CITY_PEOPLE, Reader, name_and_state
from db.place_spelling import (
    EDIT,
    SOUNDS_ALIKE,
    Guess,
    Speller,
    allowance,
    place_score,
    sound,
    speller,
)
from db.place_text import STATE_KEYS, STATE_NAMES, STATES, key_of_words, place_key, words
from records.said import said

_CLOSE_CALL = 0.5
"""Guesses at a misspelt name whose scores differ by less (a factor of three) are both offered."""

_BIGGER_CALL = 1.0
"""So are those of a bigger place whose scores differ by less."""

_LEFT_OUT = 2.0
"""What a word costs, in scores, that a guess leaves out although it is no part of a phrase."""

_UNREAD = 3.0
"""What a word costs, in scores, before a city's name that is spelt right: more than a wrong letter,
so that 'Norht Little Rock' stays itself."""

_SHORTEST_STATE = 3
_STATE_LESS = 0.5
"""In scores: fewer people ask for a state than live in it."""
_LONG_ENOUGH = 5
_FEW_LETTERS = 3
_TYPO_SAME_SOUND = 0.05
_TYPO = 0.0005
"""How often a name is misspelt into one certain other name, if it sounds the same and if not.
Decides whether 'Pittsburg' may mean Pittsburgh."""
_NEVER_A_SLIP = 200_000
"""Who types the name of a city so big means it."""
_OTHER_NAME_PEOPLE = 2_000
_HAMLET_PEOPLE = 20
"""What a place weighs against those: named so only formerly, or known only from ZIP codes."""
_STATE_NAMES = frozenset("".join(words(name)) for name in STATES.values())


class Guesser:
    """Guesses over a gazetteer. The names in memory are loaded at the first guess."""

    def __init__(self, gazetteer: Gazetteer, reader: Reader) -> None:
        self.gazetteer = gazetteer
        self.reader = reader

    @property
    def speller(self) -> Speller:
        return speller(self.gazetteer.connection, self.gazetteer.stamp)

    def _ending(self, core: tuple[str, ...]) -> tuple[float, Answer] | None:
        """'Back Bay Boston': a city after words that mean nothing to us, its quarter perhaps."""
        name, state = name_and_state(core)
        for cut in range(1, len(name)):
            key = key_of_words(list(name[cut:]))
            # Short nicknames are ends of other names too: 'Santa Fay' has nothing of Fayetteville.
            short = len(key) < _LONG_ENOUGH
            places = distinct(
                self.gazetteer.by_key(key, state)
                or self.gazetteer.by_alias_key(key, state, said=True)
                if short
                else self.reader.by_key(key, state)
            )
            if places and people(places[0]) >= CITY_PEOPLE:
                score = place_score(places[0]) - _UNREAD * cut
                return score, decide(Reading(places, state), note=True)
        return None

    def best(self, tried: list[tuple[str, ...]]) -> Answer | None:
        best: tuple[float, Answer] | None = None
        meant = max((_telling(core) for core in tried), default=0)
        for core in tried:
            # Wrappings of a phrase are not part of a misspelt name, unless it is nearly right with
            # them: 'Great Fall', 'De Tour Vilage'.
            if core != stripped(core) and stripped(core) and not self.nearly(core):
                continue
            found = self._guess(core) or self._elsewhere(core)
            ending = self._ending(core)
            if ending and (found is None or (ending[0] > found[0] and not self.nearly(core))):
                found = ending
            if found is None:
                continue
            score = found[0] - _LEFT_OUT * (meant - _telling(core))
            if best is None or score > best[0]:
                best = (score, found[1])
        return best[1] if best else None

    def nearly(self, core: tuple[str, ...]) -> bool:
        """Whether several words are the name of a place but for one letter."""
        name, state = name_and_state(core)
        key = key_of_words(list(name))
        spare = 1 - allowance(len(key))
        return len(name) > 1 and any(
            guess.cost <= 1 for guess in self.speller.guesses(key, state, extra=min(0, spare))
        )

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
            # Three letters are too few to guess from, but for the state: 'Lyn MA'.
            extra = int(state is not None and len(key) == _FEW_LETTERS)
            for guess in self.speller.guesses(key, state, extra=extra)[:6]:
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
        places = answer.places if isinstance(answer, Choices) else [answer.place]
        if state is None and len(places) > 1:
            places = self.with_big_neighbours(places, guess.key)
        close = [
            place
            for other, near, where in options[1:8]
            for place in self.reader.by_key(near.key, where)[:1]
            if score - other < _CLOSE_CALL
            or (score - other < _BIGGER_CALL and people(place) > people(places[0]))
        ]
        # Another spelling says more than the fourth town of the same name.
        places = distinct([places[0], *close, *places[1:]])[:MOST_CHOICES]
        if isinstance(answer, Choices) and not close:
            return score, Choices(places, answer.reason, typed)
        if len(places) > 1:
            return score, Choices(
                places, said("Which one is meant by '%(typed)s'?", typed=typed), typed
            )
        return score, answer

    def _spelt_right(self, key: str, state: str | None) -> Reading:
        """What the right spelling is read as: 'Washington' may be the state as well."""
        if state is None and key in STATE_KEYS and (reading := self.reader.exact((key,))):
            return reading
        return Reading(self.reader.by_key(key, state), state)

    def _state_guess(self, core: tuple[str, ...]) -> tuple[float, Answer] | None:
        """A misspelt state and nothing else: 'Californa'."""
        best: tuple[float, Answer] | None = None
        text = "".join(core[:-1] if core[-1] == "state" else core)
        for code, cost in near_states(text) if len(text) >= _SHORTEST_STATE else ():
            state = self.gazetteer.state(code)
            reading = self.reader.exact(tuple(words(STATES[code])))
            if state and reading:
                score = place_score(state.as_place()) - _STATE_LESS - EDIT * cost
                if best is None or score > best[0]:
                    best = score, decide(reading, corrected_from=" ".join(core))
        return best

    def with_big_neighbours(self, places: list[Place], key: str) -> list[Place]:
        """The places of a name (the key) that is spelt like somewhere's, with the cities and states
        it may be a misspelling of: before them if that is likelier."""
        first = places[0]
        if first.kind == "state" or people(first) >= _NEVER_A_SLIP:
            return places
        real = place_key(first.name) == key
        size = people(first) if real else min(people(first), _OTHER_NAME_PEOPLE)
        if first.population is None:
            size = _HAMLET_PEOPLE
        near: list[tuple[float, Place]] = []
        for name, many, same_sound in self.speller.big_neighbours(key):
            for city in self.gazetteer.by_key(name)[:1]:
                near.append((many * (_TYPO_SAME_SOUND if same_sound else _TYPO), city))
        for code, cost in near_states(key):
            state = self.gazetteer.state(code)
            if state and cost <= 1:
                likely = state.population * (_TYPO_SAME_SOUND if cost < 1 else _TYPO)
                near.append((likely, state.as_place()))
        near = [pair for pair in near if pair[0] * RIVAL_SHARE >= size]
        near.sort(key=lambda pair: -pair[0])
        before = [place for likely, place in near if likely > size]
        after = [place for likely, place in near if likely <= size]
        return distinct([*before, first, *after, *places[1:]])

    def _elsewhere(self, core: tuple[str, ...]) -> tuple[float, Answer] | None:
        """A name spelt right, in a state that has no such place: the places it has elsewhere."""
        for size in (3, 2, 1):
            if len(core) > size and (state := STATE_KEYS.get("".join(core[-size:]))):
                places = distinct(self.reader.named(core[:-size], None))
                if not places:
                    return None
                reason = said(
                    "No %(name)s is known in %(state)s. Is one of these meant?",
                    name=places[0].name,
                    state=said(STATES[state]),
                )
                # 'Wooster MA' is Worcester rather than Wooster in Ohio.
                near = [
                    place
                    for guess in self.speller.guesses(key_of_words(list(core[:-size])), state)[:3]
                    if guess.score > 0
                    for place in self.reader.by_key(guess.key, state)[:1]
                ]
                found = distinct([*near, *places])[: MOST_CHOICES - 1]
                # Last, all of the state that was named: its town may be one that nobody knows.
                if named := self.gazetteer.state(state):
                    found.append(named.as_place())
                return place_score(places[0]), Choices(found, reason)
        return None

    def suggestions(self, tried: list[tuple[str, ...]]) -> list[Place]:
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
            named = (core[:-size], state, 0.0)
            # 'Cedar Ark' may be Cedar Park as well: Arkansas is seldom written so.
            seldom = len(tail) > len(state) and tail not in _STATE_NAMES
            return [named, *ways] if seldom else [named]
        if len(tail) >= 3:
            for code, cost in near_states(tail):
                ways.append((core[:-size], code, 1.5 * cost))
    for size in (2, 1):
        if len(core) > size and (state := STATE_KEYS.get("".join(core[:size]))):
            ways.append((core[size:], state, 0.5))
    return ways


@lru_cache(maxsize=4096)
def near_states(text: str) -> tuple[tuple[str, float], ...]:
    """(code, letters off) of the states whose name in full is nearly the text, but not quite; one
    that sounds the same counts half a letter."""
    most = 1 if len(text) <= 5 else 2
    near: dict[str, float] = {}
    own = sound(text)
    for key, code in STATE_NAMES.items():
        if len(text) > 4 and key != text and sound(key) == own:
            near[code] = min(SOUNDS_ALIKE, near.get(code, 9.0))
        elif abs(len(key) - len(text)) <= most:
            cost = OSA.distance(text, key, score_cutoff=most)
            if cost <= most:
                near[code] = min(float(cost), near.get(code, 9.0))
    return tuple(near.items())
