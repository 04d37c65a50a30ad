"""How two given names, or two family names, compare: levels in words, from surest to least.

Pure text; the order of the arguments does not matter. Arguments are keys as `name_key` makes them
(lower case, no accents, no blanks) unless said otherwise.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from db.given_names import lines_of

Level = Literal["same", "short form", "initial", "part", "misspelt", "other", "missing"]

#: Shorter names are too near to one another: Ann and Ian, Lee and Leo.
_SHORTEST_MISSPELT = 5
#: From this length on two slips of the pen are believed of a family name.
_LONG = 9
_PARTICLES = frozenset("al da de del della der di do dos du el la las le los van von y".split())


def roots(given: str | None) -> tuple[str, ...]:
    """Keys under which the forms of one given name meet: 'bob' and 'robert' share one.

    A name that the list lacks is its own root; None has none.
    """
    if given is None:
        return ()
    numbers = lines_of(given)
    return tuple(f"#{number}" for number in sorted(numbers)) if numbers else (given,)


@lru_cache(maxsize=262_144)
def given_level(one: str | None, other: str | None) -> Level:
    """'short form' also for a beginning of three letters or more: 'christi' of 'christina'.

    Two different names that both stand in the list are never misspellings of each other.
    """
    if not one or not other:
        return "missing"
    if one == other:
        return "same"
    short, long = sorted((one, other), key=lambda name: (len(name), name))
    if len(short) == 1:
        return "initial" if long.startswith(short) else "other"
    kin, other_kin = lines_of(one), lines_of(other)
    if kin and other_kin:
        return "short form" if kin & other_kin else "other"
    if len(short) >= 3 and long.startswith(short):
        return "short form"
    return "misspelt" if _slip(one, other) else "other"


@lru_cache(maxsize=262_144)
def family_level(one: str | None, other: str | None) -> Level:
    """Takes family names as cleaned, blanks and hyphens left in, lower case and without accents.

    'part' when they share a part of a surname in two parts: 'sampleton-mockridge' and
    'mockridge'.
    """
    if not one or not other:
        return "missing"
    bare, other_bare = _bare(one), _bare(other)
    if bare == other_bare:
        return "same"
    if set(parts(one)) & set(parts(other)):
        return "part"
    return "misspelt" if _slip(bare, other_bare) else "other"


@lru_cache(maxsize=65_536)
def parts(family: str) -> tuple[str, ...]:
    """The parts of a surname that can stand for it: ('sampleton', 'mockridge'); never empty for a
    surname with letters."""
    words = family.replace("-", " ").split()
    found = tuple(word for word in words if len(word) > 2 and word not in _PARTICLES)
    return found or ((_bare(family),) if _bare(family) else ())


def _bare(family: str) -> str:
    return family.replace("-", "").replace(" ", "")


def _slip(one: str, other: str) -> bool:
    """One letter wrong, missing, doubled, or two in the wrong order; in a long name two slips."""
    shortest = min(len(one), len(other))
    if shortest < _SHORTEST_MISSPELT:
        return False
    allowed = 2 if shortest >= _LONG else 1
    return OSA.distance(one, other, score_cutoff=allowed) <= allowed
