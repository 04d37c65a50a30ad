"""One person's name taken apart, and written as one writes names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from nameparser import HumanName
from nameparser.config import Constants

from pipelines.text import straight

#: Small words that begin a surname.
PARTICLES = frozenset(
    """af al av bin da das de degli dei del della den der des di dos du el la las le lo los of ten
    ter van von vom y zu zum zur ibn san""".split()
)
_SUFFIX = {"jr": "Jr.", "sr": "Sr.", "ii": "II", "iii": "III", "iv": "IV", "v": "V"}
_MAC = frozenset(
    """macarthur macdonald macdougall macdougal macgregor macintosh macintyre mackenzie maclean
    macleod macmillan macneil macneill macpherson macallister macaulay""".split()
)
_SEVERAL = re.compile(r"\s(?:&|and|\+)\s", re.IGNORECASE)
# Titles, suffixes and credentials are cut off before: nameparser must take none of what is left
# for one ("Dean", "King" and "Judge" are given names here).
_CONSTANTS = Constants(
    titles=[],
    first_name_titles=[],
    suffix_acronyms=[],
    suffix_not_acronyms=[],
    suffix_acronyms_ambiguous=[],
    conjunctions=["y"],
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A person's name; None where it has no such part."""

    given: str | None = None
    middle: str | None = None
    family: str | None = None
    suffix: str | None = None
    nickname: str | None = None

    @property
    def shown(self) -> str:
        """As a reader expects it: 'Robert J. "Skip" Dummy III'. Empty without any part."""
        nickname = f'"{self.nickname}"' if self.nickname else None
        parts = (self.given, self.middle, nickname, self.family, self.suffix)
        return " ".join(part for part in parts if part)


def suffix_of(word: str) -> str | None:
    """The generational suffix that a word is ("jr" -> "Jr.", "III" -> "III"), else None."""
    bare = word.strip(" .,").casefold()
    if bare == "v" and word.strip(" ,") != "V":
        return None
    return _SUFFIX.get(bare)


@lru_cache(maxsize=20_000)
def person_parts(text: str, suffix: str | None = None) -> Parts:
    """The parts of a name without title and credentials, given first or "Family, Given".

    A name in capitals, or in small letters only, is written as names are; any other is left as
    printed. Never raises; a text without letters gives no parts.
    """
    words: list[str] = []
    for word in straight(text).split():
        found = suffix_of(word) if words and word.strip(".,").casefold() != "v" else None
        if found and not (len(words) == 1 and "," not in text):
            suffix = suffix or found
            if word.endswith(","):
                words[-1] = words[-1].rstrip(",") + ","
        else:
            words.append(word)
    text = " ".join(words).strip(" ,")
    if not any(c.isalpha() for c in text):
        return Parts()
    shouted = text.upper() == text or text.lower() == text
    name = HumanName(text, constants=_CONSTANTS)
    given = " ".join(part for part in (name.title, name.first) if part)
    middle, family = name.middle, name.last
    suffix = suffix or (suffix_of(name.suffix) if name.suffix else None)
    if _SEVERAL.search(text) and "," not in text:
        # "Pat & Sam Sample" is not Pat Sample
        *several, family = text.split()
        given, middle = " ".join(several), ""
    if not given and not family:
        family, middle = text, ""
    return Parts(
        given=cased(given, shouted) or None,
        middle=cased(middle, shouted) or None,
        family=cased(family, shouted) or None,
        suffix=suffix,
        nickname=cased(name.nickname, shouted) or None,
    )


def cased(text: str, shouted: bool) -> str:
    """The text with words in capitals as names are written; other words as printed.

    `shouted` says that the whole name is in one case, so that short words count too.
    """
    text = " ".join(text.strip(' ,;:-"').split())
    return " ".join(_cased_word(word, shouted) for word in text.split())


def _cased_word(word: str, shouted: bool) -> str:
    letters = [c for c in word if c.isalpha()]
    if not letters or len(letters) == 1 or "." in word[:-1]:
        return word.upper() if shouted and len(letters) == 1 else word
    if not shouted and (word.upper() != word or len(letters) < 4):
        return word
    lower = word.lower()
    if lower in PARTICLES and shouted:
        return lower
    return "".join(_cased_piece(piece) for piece in re.split(r"([-'’])", lower))


def _cased_piece(piece: str) -> str:
    if piece.startswith("mc") and len(piece) > 3:
        return f"Mc{piece[2].upper()}{piece[3:]}"
    if piece in _MAC:
        return f"Mac{piece[3].upper()}{piece[4:]}"
    return piece[:1].upper() + piece[1:]
