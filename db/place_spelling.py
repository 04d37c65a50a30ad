"""Which place was meant by a misspelt name.

All name keys of the gazetteer are held in memory (36,000, about 8 MB, loaded at the first misspelt
query and kept as long as the data stays the same) and compared by edit distance, as letters and as
they sound. Nothing is missed by an index, and the comparison itself runs in C.
"""

from __future__ import annotations

import math
import re
import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from rapidfuzz import process
from rapidfuzz.distance import OSA

from db.place import Place, people

EDIT = 2.0
"""What one wrong letter weighs, in powers of ten of population: a name two letters off must belong
to a place a hundred times as big to win over one that is one letter off."""

SOUNDS_ALIKE = 0.5
"""Cost in letters of a name that is written otherwise but sounds the same."""

_FIRST_LETTER = 0.4
"""People seldom mistake the first letter."""

_ALIAS = 0.3
_FORMER = 1.0
"""Extras for names that people only say, and for former or foreign ones."""

UNKNOWN_PEOPLE = 200

BIG = 20_000

_ENOUGH = (3.0, 1.0)
"""Scores at which nothing two letters off, and three letters off, is worth looking for: a city of
100,000 one letter off, which two letters off only New York could beat; a town of 1,000."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A name that may be meant: its key, how many letters off (sound counts), and how likely
    against other guesses (higher is likelier, a difference of 1 means ten times)."""

    key: str
    cost: float
    score: float


class _Forms:
    """Spellings of one kind, sorted by length, each with the numbers of the names it stands for.

    Only those of nearly the same length are compared with what was typed.
    """

    def __init__(self, forms: list[str]) -> None:
        numbers: dict[str, list[int]] = defaultdict(list)
        for number, form in enumerate(forms):
            numbers[form].append(number)
        self._forms = sorted(numbers, key=len)
        self._numbers = [numbers[form] for form in self._forms]
        lengths = [len(form) for form in self._forms]
        self._start = [bisect_left(lengths, length) for length in range(max(lengths) + 2)]

    def near(self, text: str, most: int) -> Iterator[tuple[int, int]]:
        """(number of the name, distance) of all within `most` letters of the text."""
        last = len(self._start) - 1
        start = self._start[min(last, max(0, len(text) - most))]
        stop = self._start[min(last, len(text) + most + 1)]
        for _, distance, index in process.extract(
            text, self._forms[start:stop], scorer=OSA.distance, score_cutoff=most, limit=None
        ):
            for number in self._numbers[start + index]:
                yield number, int(distance)


class _Names:
    """The names of one state, or of all."""

    def __init__(self, names: dict[str, tuple[int, float]]) -> None:
        self.keys = list(names)
        self.people = [size for size, _ in names.values()]
        self.extra = [extra for _, extra in names.values()]
        self.letters = _Forms(self.keys)
        self.sounds = _Forms([sound(key) for key in self.keys])


def place_score(place: Place) -> float:
    """The score of a place whose name was spelt right, comparable with a Guess's."""
    return math.log10(people(place) + UNKNOWN_PEOPLE)


def allowance(length: int) -> int:
    """How many letters may be wrong in a name so long."""
    if length <= 3:
        return 0
    if length <= 4:
        return 1
    return 2 if length <= 8 else 3


_SOUND_RULES = (
    (re.compile(r"^kn|^gn"), "n"),
    (re.compile(r"^wr"), "r"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"eaux$|eau|oa|ough$|owe?$|oe$|o[uw]?$"), "o"),
    (re.compile(r"(?<=[oi])(?:r|u)?ces?ter"), "ster"),
    (re.compile(r"^(la|san)j(?=[aeo])"), r"\1h"),
    (re.compile(r"lla$"), "ya"),
    (re.compile(r"sch"), "sk"),
    (re.compile(r"tch"), "ch"),
    (re.compile(r"gh"), "g"),
    (re.compile(r"ck|cc(?![eiy])|q(?:ue?)?"), "k"),
    (re.compile(r"sc(?=[eiy])|c(?=[eiy])"), "s"),
    (re.compile(r"c(?!h)"), "k"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"z"), "s"),
    (re.compile(r"v(?:ille|il|ile|ill)$"), "vl"),
    (re.compile(r"e(?=vl$)"), ""),
    (re.compile(r"b(?:urgh|urg|erg|ergh|org|ourg)$"), "brg"),
    (re.compile(r"wh"), "w"),
    (re.compile(r"(?<=[^aeioul])e(?=le?y$)"), ""),
    (re.compile(r"(?<=[^aeiou])h|(?<=[aeiou])h(?![aeiou])"), ""),
    (re.compile(r"[ae]y|ei|ai|ie|ea|ee|y"), "i"),
    (re.compile(r"e$"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


@lru_cache(maxsize=65_536)
def sound(key: str) -> str:
    """The key as it sounds: 'pittsburgh' and 'pitsburg' are the same."""
    for pattern, plain in _SOUND_RULES:
        key = pattern.sub(plain, key)
    return key


class Speller:
    """Guesses at misspelt names, in one state or everywhere."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        cursor = connection.cursor()
        cursor.row_factory = None
        best: dict[tuple[str, str], tuple[int, float]] = {}
        rows = cursor.execute(
            "select norm, state, coalesce(population, ?), 0.0 from place"
            " union all select a.norm, p.state, coalesce(p.population, ?), iif(a.said, ?, ?)"
            " from place_alias a join place p on p.id = a.place_id where length(a.norm) > 4",
            (UNKNOWN_PEOPLE, UNKNOWN_PEOPLE, _ALIAS, _FORMER),
        )
        for key, state, size, extra in rows:
            known = best.get((key, state))
            if known is None or (known[1], -known[0]) > (extra, -size):
                best[key, state] = (size, extra)
        grouped: dict[str | None, dict[str, tuple[int, float]]] = defaultdict(dict)
        for (key, state), (size, extra) in best.items():
            grouped[state][key] = (size, extra)
            known = grouped[None].get(key)
            if known is None or known[0] < size:
                grouped[None][key] = (size, extra)
        self._names = {state: _Names(names) for state, names in grouped.items()}
        self._big: dict[str, set[str]] = defaultdict(set)
        self._people: dict[str, int] = {}
        for (key, _), (size, extra) in best.items():
            if size >= BIG and len(key) > 3 and not extra:
                self._people[key] = max(size, self._people.get(key, 0))
                for form in _one_less(key):
                    self._big[form].add(key)

    def guesses(self, key: str, state: str | None = None, *, extra: int = 0) -> list[Guess]:
        """Names near the key, likeliest first, at most 20; `extra` allows more wrong letters."""
        names = self._names.get(state)
        most = allowance(len(key)) + extra
        if names is None or most <= 0:
            return []
        found: list[Guess] = []
        # Comparing takes longer the more letters may be wrong, so names further off are looked at
        # only where one of them could still win.
        for letters in range(1, most + 1):
            found = [
                _weighed(names, number, cost, key)
                for number, cost in _costs(names, key, letters).items()
            ]
            enough = _ENOUGH[letters - 1] if letters <= len(_ENOUGH) else -math.inf
            if found and max(guess.score for guess in found) >= enough:
                break
        found.sort(key=lambda guess: (-guess.score, guess.key))
        return found[:20]

    def big_neighbours(self, key: str) -> list[tuple[str, int, bool]]:
        """Names of cities of BIG people and more that are one letter from the key: name key,
        people, and whether it sounds the same."""
        near = {name for form in _one_less(key) for name in self._big.get(form, ())} - {key}
        return [
            (name, self._people[name], sound(name) == sound(key))
            for name in sorted(near)
            if OSA.distance(name, key) <= 1
        ]


def _weighed(names: _Names, number: int, cost: float, key: str) -> Guess:
    candidate = names.keys[number]
    weight = cost + names.extra[number]
    if candidate[0] != key[0]:
        weight += _FIRST_LETTER
    score = math.log10(names.people[number] + UNKNOWN_PEOPLE) - EDIT * weight
    return Guess(candidate, cost, score)


def _costs(names: _Names, key: str, most: int) -> dict[int, float]:
    """Numbers of the names at most so many letters from the key, with the letters, sound counting
    for less."""
    costs = {number: float(distance) for number, distance in names.letters.near(key, most)}
    own = sound(key)
    for number, distance in names.sounds.near(own, max(0, min(most - 1, len(own) // 4))):
        cost = distance + (SOUNDS_ALIKE if names.keys[number] != key else 0.0)
        costs[number] = min(cost, costs.get(number, cost))
    return costs


def _one_less(key: str) -> set[str]:
    return {key} | {key[:i] + key[i + 1 :] for i in range(len(key))}


_spellers: dict[str, Speller] = {}
_lock = Lock()


def speller(connection: sqlite3.Connection, stamp: str) -> Speller:
    """The speller for the data with this stamp, made at the first call (about 0.3 s)."""
    with _lock:
        known = _spellers.get(stamp)
        if known is None:
            # One database is served at a time; during a swap there may be two.
            while len(_spellers) >= 2:
                del _spellers[next(iter(_spellers))]
            known = _spellers[stamp] = Speller(connection)
        return known
