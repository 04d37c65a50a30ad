"""Professions of fact sheets in the code set that US registers use for them (NUCC taxonomy)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """How registers call one profession."""

    words: str
    """Its name in the code set, which a search by words understands."""
    prefixes: tuple[str, ...]
    """Beginnings of the codes that are this profession; assistants have others."""
    codes: tuple[str, ...]
    """The whole codes, for searches that know no beginnings."""


TAXONOMIES: Mapping[str, Taxonomy] = {
    "physical_therapist": Taxonomy(
        "Physical Therapist",
        ("2251",),
        (
            "225100000X", "2251C2600X", "2251E1200X", "2251E1300X", "2251G0304X", "2251H1200X",
            "2251H1300X", "2251N0400X", "2251P0200X", "2251S0007X", "2251X0800X",
        ),
    ),
    "occupational_therapist": Taxonomy("Occupational Therapist", ("225X",), ("225X00000X",)),
    "athletic_trainer": Taxonomy("Athletic Trainer", ("2255A2300X",), ("2255A2300X",)),
    "chiropractor": Taxonomy("Chiropractor", ("111N",), ("111N00000X",)),
    "acupuncturist": Taxonomy("Acupuncturist", ("171100000X",), ("171100000X",)),
    "massage_therapist": Taxonomy("Massage Therapist", ("225700000X",), ("225700000X",)),
}  # fmt: skip


def taxonomies_of(professions: Iterable[str]) -> tuple[Taxonomy, ...]:
    """The taxonomies of a fact sheet's professions; of physical therapists where none is known."""
    known = tuple(TAXONOMIES[one] for one in professions if one in TAXONOMIES)
    return known or (TAXONOMIES["physical_therapist"],)
