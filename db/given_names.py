"""Which given names are forms of one another: 'bob' and 'robert'. Pure text, from the list beside
this file; names are keys as `listing_keys.name_key` makes them (lower case, no accents)."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("given_names.txt")


def lines_of(name: str) -> frozenset[int]:
    """The numbers of the families of names that a name stands in; none for one the list lacks."""
    return _by_name().get(name, frozenset())


@cache
def forms_of(name: str) -> frozenset[str]:
    """The name and all others it may stand for."""
    families = _families()
    return frozenset({name}.union(*(families[number] for number in lines_of(name))))


@cache
def _families() -> tuple[tuple[str, ...], ...]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return tuple(tuple(line.split()) for line in lines if not line.startswith("#"))


@cache
def _by_name() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for number, names in enumerate(_families()):
        for name in names:
            found[name].add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}
