"""Invented telephone numbers: a state's area code and 555-01xx, each given out once."""

from __future__ import annotations

import random

from samples.area_codes import AREA_CODES

FORMATS = (
    "({a}) {b}-{c}",
    "{a}-{b}-{c}",
    "{a}.{b}.{c}",
    "+1 {a} {b} {c}",
    "{a}{b}{c}",
    "1-{a}-{b}-{c}",
    "({a}){b}-{c}",
)


class PhoneBook:
    """Gives every office of a state another number."""

    def __init__(self, rng: random.Random) -> None:
        self._free: dict[str, list[str]] = {}
        for state, codes in sorted(AREA_CODES.items()):
            numbers = [f"{code}55501{last:02d}" for code in codes for last in range(100)]
            rng.shuffle(numbers)
            self._free[state] = numbers

    def number(self, state: str) -> str:
        """Ten digits nobody else has. Raises IndexError when the state's are all given out."""
        return self._free[state].pop()


def written(digits: str, form: str) -> str:
    """Ten digits in one of FORMATS; anything else (abroad) unchanged."""
    if len(digits) != 10 or not digits.isdigit():
        return digits
    return form.format(a=digits[:3], b=digits[3:6], c=digits[6:])
