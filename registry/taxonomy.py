"""The professions that needle, in the code set of the register (NUCC health care taxonomy)."""

from __future__ import annotations

from collections.abc import Iterable

#: Beginning of a code -> profession, in the words of state_rules.csv and of a listing.
PREFIXES: dict[str, str] = {
    "2251": "physical_therapist",
    "225200000X": "physical_therapist_assistant",
    "111N": "chiropractor",
    "225X": "occupational_therapist",
    "2255A2300X": "athletic_trainer",
    "171100000X": "acupuncturist",
}
PROFESSIONS = frozenset(PREFIXES.values())
"""Who can be looked up. Physicians and nurses are left out: there, a name is too common and
needling too rare for a match to mean anything."""

_STARTS = tuple(PREFIXES)


def profession_of(code: str) -> str | None:
    """The profession of a taxonomy code, or None for one that does not count here."""
    if not code.startswith(_STARTS):
        return None
    return next(word for start, word in PREFIXES.items() if code.startswith(start))


def needles(codes: Iterable[str]) -> bool:
    """Whether any of the codes counts. A therapist may register therapy second."""
    return any(code.startswith(_STARTS) for code in codes)
