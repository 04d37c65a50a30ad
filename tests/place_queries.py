"""Queries for the place search with the place each must find, made by rule from the gazetteer.

    python -m tests.place_queries [--seed 1] [--failures] [--all]

prints how many are answered right, by kind. The rules are written down in docs/gazetteer.md.
Another seed draws other places, other letters and other phrases, so a search that was fitted to
one table shows itself on the next.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from db.gazetteer_file import REFERENCE, _rows, copy_into, ensure
from db.nearest import miles_between
from db.place import Place
from db.place_search import Choices, Found, find_place
from db.place_text import STATES, place_key, state_code
from tests.place_spoken import ENGLISH, SPANISH

NEAR_MILES = 13.0
"""A town and the township of its name are one place to somebody who searches."""

FIFTY = sorted(set(STATES) - {"DC", "PR", "VI", "GU", "AS", "MP"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query and what it has to find: a place at this point. A state is right only as a state.
    `kind` is the rule it was made by."""

    kind: str
    text: str
    name: str
    state: str
    latitude: float
    longitude: float
    what: str = "town"

    def is_place(self, place: Place) -> bool:
        if self.what == "state":
            return place.kind == "state" and place.state == self.state
        if place.kind == "state" or (self.what == "postal") != (place.postcode is not None):
            return False
        miles = miles_between(self.latitude, self.longitude, place.latitude, place.longitude)
        return miles <= NEAR_MILES


@dataclass(frozen=True, slots=True)
class Town:
    name: str
    state: str
    latitude: float
    longitude: float
    people: int
    kind: str


class Tables:
    """The places queries are made from."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        ask = connection.execute
        self.towns = [
            Town(*row)
            for row in ask(
                "select name, state, latitude, longitude, coalesce(population, 0), kind from place"
                " where kind != 'county' order by id"
            )
        ]
        self.counties = ask(
            "select name, state, latitude, longitude from place where kind = 'county' order by id"
        ).fetchall()
        self.postal = ask(
            "select code, name, state, latitude, longitude, kind from postal order by code"
        ).fetchall()
        self.states = ask("select code, name, latitude, longitude from state").fetchall()
        self.keys: dict[str, set[str]] = defaultdict(set)
        for key, state in ask("select norm, state from place"):
            self.keys[key].add(state)
        for key, state in ask(
            "select a.norm, p.state from place_alias a join place p on p.id = a.place_id"
        ):
            self.keys[key].add(state)
        self.biggest: dict[str, Town] = {}
        for town in self.towns:
            self.biggest.setdefault(place_key(town.name), town)
        firsts: dict[tuple[str, str], Town] = {}
        for town in self.towns:
            firsts.setdefault((place_key(town.name), town.state), town)
        self.first_in_state = list(firsts.values())

    def is_name(self, text: str) -> bool:
        return bool(self.keys[place_key(text)])


# ---- writing a name wrong -----------------------------------------------------------------------

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("ei", "ie"), ("ie", "ei"), ("ville", "vile"), ("burgh", "burg"),
    ("burg", "berg"), ("ou", "o"), ("ough", "o"), ("c", "k"), ("k", "c"), ("s", "c"), ("z", "s"),
    ("y", "i"), ("i", "y"), ("e", "a"), ("a", "e"), ("o", "a"), ("i", "e"), ("u", "o"),
    ("ea", "ee"), ("ee", "ea"), ("ai", "ay"), ("tion", "shun"), ("wh", "w"), ("que", "k"),
    ("x", "ks"), ("sch", "sh"), ("gh", ""), ("oo", "u"), ("er", "or"), ("or", "er"),
)  # fmt: skip


def _neighbours(letter: str) -> str:
    for row, keys in enumerate(_KEYBOARD):
        if (at := keys.find(letter)) >= 0:
            near = keys[max(0, at - 1) : at] + keys[at + 1 : at + 2]
            for other in (row - 1, row + 1):
                if 0 <= other < len(_KEYBOARD):
                    near += _KEYBOARD[other][max(0, at - 1) : at + 1]
            return near
    return letter


def _slip(name: str, rnd: random.Random) -> str:
    """One slip of the finger after the first letter, or one spelling by ear."""
    rule = rnd.choice(("key", "drop", "double", "swap", "ear", "ear"))
    places = [i for i in range(1, len(name)) if name[i].isalpha()]
    at = rnd.choice(places)
    if rule == "key":
        return name[:at] + rnd.choice(_neighbours(name[at])) + name[at + 1 :]
    if rule == "drop":
        return name[:at] + name[at + 1 :]
    if rule == "double":
        return name[:at] + name[at] + name[at:]
    if rule == "swap":
        pairs = [i for i in places if i + 1 < len(name) and name[i + 1].isalpha()]
        at = rnd.choice(pairs or [1])
        return name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :]
    heard = [(old, new) for old, new in _SOUNDS if old in name[1:]]
    if not heard:
        return name[:at] + name[at] + name[at:]
    old, new = rnd.choice(heard)
    return name[0] + name[1:].replace(old, new, 1)


def _misspelt(name: str, rnd: random.Random, taken: Callable[[str], bool]) -> str | None:
    """The name with a slip, two in a long one; None if only names of other places came out."""
    plain = name.lower()
    for _ in range(20):
        wrong = _slip(plain, rnd)
        if len(plain) >= 9 and rnd.random() < 0.3:
            wrong = _slip(wrong, rnd)
        if wrong != plain and place_key(wrong) != place_key(plain) and not taken(wrong):
            return wrong
    return None


# ---- the table ----------------------------------------------------------------------------------

FORMATS: tuple[Callable[[str, str], str], ...] = (
    lambda n, s: f"{n}, {s}",
    lambda n, s: f"{n} {s}",
    lambda n, s: f"{n},{s}",
    lambda n, s: f"{n}, {STATES[s]}",
    lambda n, s: f"{n} {STATES[s]}",
    lambda n, s: f"{n}, {s}".lower(),
    lambda n, s: f"{n} {STATES[s]}".lower(),
    lambda n, s: f"{n} {s}".upper(),
    lambda n, s: f"{n}, {STATES[s]}".upper(),
    lambda n, s: f"  {n}  ,  {s} ",
    lambda n, s: f"{n}, {s}, USA",
    lambda n, s: f"{n} {STATES[s]} United States".lower(),
    lambda n, s: f"{n}. {s}.",
    lambda n, s: f"{n}; {s}",
    lambda n, s: f"{n} - {s}",
    lambda n, s: f"{n} ({s})",
    lambda n, s: f"{STATES[s]}, {n}",
    lambda n, s: f"{n.replace(' ', '-')}, {s}".lower(),
    lambda n, s: f"{n.replace('-', ' ')} {s}".lower(),
    lambda n, s: f"{n} in {STATES[s]}".lower(),
    lambda n, s: f"{n}/{s}",
    lambda n, s: f'"{n}, {s}"',
)

_SHORT = (("Saint ", "St "), ("Saint ", "St. "), ("St. ", "Saint "), ("Fort ", "Ft "),
          ("Fort ", "Ft. "), ("Mount ", "Mt "), ("Mount ", "Mt. "), ("North ", "N "),
          ("East ", "E. "), ("West ", "W "), (" Heights", " Hts"), (" Springs", " Spgs"),
          (" Beach", " Bch"), (" Junction", " Jct"), ("Lake ", "Lk "))  # fmt: skip


def make(connection: sqlite3.Connection, seed: int) -> list[Wanted]:
    """More than 1,000 queries; the same seed and data give the same ones."""
    rnd = random.Random(seed)
    tables = Tables(connection)
    made = [
        *_formats(tables, rnd),
        *_postal(tables, rnd),
        *_states(tables, rnd),
        *_counties(tables, rnd),
        *_bare(tables, rnd),
        *_wrong(tables, rnd),
        *_wrong_states(tables, rnd),
        *_other_names(tables, rnd),
        *_spoken(tables, rnd),
        *_small(tables, rnd),
    ]
    once = {query.text: query for query in made}
    return list(once.values())


def _wanted(kind: str, text: str, town: Town) -> Wanted:
    return Wanted(kind, text, town.name, town.state, town.latitude, town.longitude)


def _some(towns: list[Town], many: int, rnd: random.Random) -> list[Town]:
    """Drawn without repeats, bigger towns likelier (by the square root of their people)."""
    weigh = {t: rnd.random() ** (1 / (t.people + 100) ** 0.5) for t in towns}
    return sorted(towns, key=lambda t: -weigh[t])[:many]


def _formats(tables: Tables, rnd: random.Random) -> list[Wanted]:
    return [
        _wanted("format", FORMATS[n % len(FORMATS)](town.name, town.state), town)
        for n, town in enumerate(_some(tables.first_in_state, 220, rnd))
    ]


def _postal(tables: Tables, rnd: random.Random) -> list[Wanted]:
    areas = [row for row in tables.postal if row[5] == "zcta2020"]
    boxes = [row for row in tables.postal if row[5] != "zcta2020"]
    texts: tuple[tuple[str, Callable[..., str]], ...] = (
        ("zip", lambda c, n, s: c),
        ("zip+4", lambda c, n, s: f"{c}-{rnd.randrange(1, 9999):04}"),
        ("zip", lambda c, n, s: f"{n}, {s} {c}"),
        ("zip", lambda c, n, s: f"{c} {n}".lower()),
        ("zip", lambda c, n, s: f" {c} "),
        ("zip", lambda c, n, s: f"{n} {s} {c}".lower()),
        ("zip+4", lambda c, n, s: f"{c} {rnd.randrange(1, 9999):04}"),
        ("zip", lambda c, n, s: f"zip code {c}"),
        ("zip", lambda c, n, s: f"dry needling near {c}"),
    )
    rows = rnd.sample(areas, 70) + rnd.sample(boxes, 40)
    made = []
    for number, (code, name, state, latitude, longitude, kind) in enumerate(rows):
        how, text = texts[number % len(texts)]
        how = how if kind == "zcta2020" else "PO box ZIP"
        made.append(
            Wanted(how, text(code, name, state), name, state, latitude, longitude, "postal")
        )
    return made


def _states(tables: Tables, rnd: random.Random) -> list[Wanted]:
    made = []
    for code, name, latitude, longitude in tables.states:
        if code in ("DC", "NY"):
            continue  # their names are cities first
        text = rnd.choice((name, name.lower(), name.upper(), f"{name}, USA", f"in {name}"))
        made.append(Wanted("state", text, name, code, latitude, longitude, "state"))
    return made


def _counties(tables: Tables, rnd: random.Random) -> list[Wanted]:
    made = []
    for name, state, latitude, longitude in rnd.sample(tables.counties, 40):
        text = rnd.choice(
            (f"{name}, {state}", f"{name} {STATES[state]}", f"{name} {state}".lower())
        )
        made.append(Wanted("county", text, name, state, latitude, longitude))
    towns = [t for t in tables.first_in_state if t.kind == "city"]
    return made + [
        _wanted("county", f"{t.name}, {county}, {t.state}", t)
        for t, county in _with_county(tables, _some(towns, 60, rnd))[:40]
    ]


def _with_county(tables: Tables, towns: list[Town]) -> list[tuple[Town, str]]:
    known = {(row[0], row[1]) for row in tables.counties}
    point = {(c, s): (y, x) for c, s, y, x in tables.counties}
    found = []
    for town in towns:
        near = [
            (miles_between(town.latitude, town.longitude, *point[name, state]), name)
            for name, state in known
            if state == town.state
        ]
        # Only where the county's middle leaves no doubt which one it is.
        near.sort()
        if len(near) > 1 and near[0][0] < 6 and near[1][0] > 25:
            found.append((town, near[0][1]))
    return found


def _bare(tables: Tables, rnd: random.Random) -> list[Wanted]:
    """The name alone: of the biggest place that has it."""
    towns = [t for t in tables.biggest.values() if t.people >= 5_000 and t.kind == "city"]
    towns = [t for t in towns if not state_code(t.name)]
    return [
        _wanted("name alone", rnd.choice((t.name, t.name.lower(), t.name.upper())), t)
        for t in _some(towns, 80, rnd)
    ]


def _wrong(tables: Tables, rnd: random.Random) -> list[Wanted]:
    made = []
    for town in _some([t for t in tables.first_in_state if len(t.name) >= 5], 290, rnd):
        wrong = _misspelt(town.name, rnd, lambda w, s=town.state: s in tables.keys[place_key(w)])
        if wrong:
            end = rnd.choice((town.state, town.state.lower(), STATES[town.state]))
            made.append(_wanted("misspelt, state", f"{wrong}{rnd.choice((', ', ' '))}{end}", town))
    big = [
        t
        for t in tables.biggest.values()
        if t.people >= 60_000 and len(t.name) >= 6 and t.kind == "city" and not state_code(t.name)
    ]
    for town in _some(big, 130, rnd):
        wrong = _misspelt(town.name, rnd, tables.is_name)
        if wrong:
            made.append(_wanted("misspelt alone", wrong, town))
    return made


def _wrong_states(tables: Tables, rnd: random.Random) -> list[Wanted]:
    made = []
    for town in _some([t for t in tables.first_in_state if t.people > 3_000], 70, rnd):
        state = STATES[town.state]
        if len(state) < 5 or "." in state:
            continue
        wrong = _misspelt(state, rnd, lambda w: bool(state_code(w)))
        assert wrong
        name = town.name
        if rnd.random() < 0.4 and len(name) > 5:
            name = _misspelt(name, rnd, tables.is_name) or name
        made.append(_wanted("misspelt state", f"{name}, {wrong}", town))
    for code, name, latitude, longitude in tables.states:
        if len(name) >= 7 and code in FIFTY:
            wrong = _misspelt(name, rnd, tables.is_name)
            if wrong:
                made.append(
                    Wanted("misspelt state alone", wrong, name, code, latitude, longitude, "state")
                )
    return rnd.sample(made, 90)


def _other_names(tables: Tables, rnd: random.Random) -> list[Wanted]:
    point = {(place_key(t.name), t.state): t for t in reversed(tables.towns)}
    made = []
    for row in _rows(REFERENCE / "us_nickname.csv"):
        if state_code(row["nickname"]) or place_key(row["nickname"]) in tables.biggest:
            continue  # a state's or a hamlet's own name as well
        town = point.get((place_key(row["name"]), row["state"]))
        if town is None:
            continue  # a county's
        made.append(_wanted("nickname", row["nickname"], town))
    made = rnd.sample(made, 60)
    districts = [t for t in tables.first_in_state if t.kind == "district"]
    for town in rnd.sample(districts, 30):
        city = "New York" if town.state == "NY" else "Washington"
        text = rnd.choice((f"{town.name}, {town.state}", f"{town.name} {city}"))
        made.append(_wanted("part of a city", text, town))
    short = [
        (town, town.name.replace(old, new))
        for town in tables.first_in_state
        for old, new in _SHORT
        if town.name.startswith(old) or (old.startswith(" ") and town.name.endswith(old))
    ]
    for town, name in rnd.sample(short, 60):
        made.append(_wanted("short form", f"{name}, {town.state}", town))
    return made


def _spoken(tables: Tables, rnd: random.Random) -> list[Wanted]:
    made = []
    for kind, phrases in (("spoken", ENGLISH), ("Spanish", SPANISH)):
        towns = _some(tables.first_in_state, len(phrases) * 2, rnd)
        for number, town in enumerate(towns):
            state = rnd.choice((STATES[town.state], town.state))
            place = f"{town.name}{rnd.choice((', ', ' '))}{state}"
            text = phrases[number % len(phrases)].format(place=place)
            made.append(_wanted(kind, rnd.choice((text, text.lower())), town))
    return made


def _small(tables: Tables, rnd: random.Random) -> list[Wanted]:
    """Three towns of fewer than 1,000 people in each of the 50 states, thirty in Puerto Rico."""
    made = []
    for state in (*FIFTY, "PR"):
        towns = [
            t
            for t in tables.first_in_state
            if t.state == state and (t.people < 1_000 or state == "PR") and t.kind != "district"
        ]
        for town in rnd.sample(towns, 3 if state != "PR" else 30):
            text = FORMATS[rnd.randrange(len(FORMATS))](town.name, state)
            made.append(_wanted("small town" if state != "PR" else "Puerto Rico", text, town))
    return made


# ---- judging ------------------------------------------------------------------------------------


def rank(connection: sqlite3.Connection, query: Wanted) -> int:
    """Where the right place stands in the answer: 1, 2, 3; 0 if not among the first three.

    The right answer to a name of several places is the choice with the place in it, wherever; of a
    choice between different names its rank counts.
    """
    answer = find_place(connection, query.text)
    if isinstance(answer, Choices):
        found = [n for n, place in enumerate(answer.places, 1) if query.is_place(place)]
        if len({place_key(place.name) for place in answer.places}) > 1:
            return found[0] if found and found[0] <= 3 else 0
        return 1 if found else 0
    places = [answer.place, *answer.others] if isinstance(answer, Found) else answer.suggestions
    for number, place in enumerate(places[:3], 1):
        if query.is_place(place):
            return number if isinstance(answer, Found) else number + 1
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--failures", action="store_true", help="print what was not found first")
    parser.add_argument("--all", action="store_true", help="print the table itself")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(":memory:")) as opened:
        copy_into(opened, ensure(Path(folder)))
        for seed in chosen.seed or [1, 2]:
            _report(opened, seed, chosen)


def _report(connection: sqlite3.Connection, seed: int, chosen: argparse.Namespace) -> None:
    table = make(connection, seed)
    ranks: dict[str, list[int]] = defaultdict(list)
    for query in table:
        if chosen.all:
            print(query.kind, query.text, f"{query.name}, {query.state}", sep="\t")
        place = rank(connection, query)
        ranks[query.kind].append(place)
        if chosen.failures and place != 1:
            print(
                f"  {place} {query.kind}: {query.text!r} for {query.name}, {query.state}:", end=""
            )
            print("", str(find_place(connection, query.text))[:230])
    print(f"seed {seed}: {len(table)} queries")
    for kind, found in {**ranks, "all": [r for each in ranks.values() for r in each]}.items():
        first, three = sum(r == 1 for r in found), sum(r > 0 for r in found)
        share = f"{100 * first / len(found):6.2f} % first {100 * three / len(found):6.2f} % in 3"
        print(f"{kind:22}{len(found):6}{share}")


if __name__ == "__main__":
    main()
