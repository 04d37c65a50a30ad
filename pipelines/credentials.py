"""Letters after a name: read into a closed list, and the profession they imply.

What the list does not have is kept as printed and counted, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipelines.credential_list import BY_KEY, PROFESSION_WORDS, spelling_key
from pipelines.text import straight, tidy

#: More letters than this after one name are a sentence, not credentials.
MOST = 24
#: A credential that nobody knows is at most this long; longer texts are words.
LONGEST_UNKNOWN = 24

_SEPARATOR = re.compile(r"[,;|•·+&()\[\]]|\s[-–—]\s|\s(?:and)\s", re.IGNORECASE)
_ABBREVIATED = re.compile(r"(?:cert|certified|dipl?|lic|reg|dr|bd)\b\.?$|^[a-z]\.$", re.IGNORECASE)
#: Spellings that are surnames or given names too: letters only where nothing else can be meant.
NAMES_TOO = frozenset(
    "MA DO MS BA AT ART MAC DOM AP DAT MAT LAC ND CES MOT LAT LOT CAPP DAC".split()
)
#: Held beside another profession by many, so the other one says what somebody is.
_BESIDE = frozenset(
    "nurse massage_therapist athletic_trainer physical_therapist_assistant "
    "occupational_therapy_assistant".split()
)


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of one text."""

    known: tuple[str, ...] = ()
    """In their usual spelling and printed order, each once."""
    unknown: tuple[str, ...] = ()
    """As printed, each once."""

    def __add__(self, other: Letters) -> Letters:
        """These letters, then those of `other` that are not among them."""
        return Letters(_once(self.known + other.known), _once(self.unknown + other.unknown))


@lru_cache(maxsize=10_000)
def read_letters(text: str | None) -> Letters:
    """The letters in a text that holds nothing else, such as a credentials column.

    Words that say a profession in full ("Physical Therapist") are no letters and left out.
    """
    text = tidy(text)
    if text is None:
        return Letters()
    known: list[str] = []
    unknown: list[str] = []
    for piece in pieces(text):
        usual = read_piece(piece)
        if usual:
            known += usual
        elif piece.casefold() not in PROFESSION_WORDS:
            for word in [piece] if len(piece) <= LONGEST_UNKNOWN else piece.split():
                if looks_like_letters(word) and spelling_key(word):
                    unknown.append(word)
    return Letters(_once(known)[:MOST], _once(unknown)[:MOST])


def pieces(text: str) -> list[str]:
    """The text cut where one credential ends: at commas and the like, and between words that are
    not one credential together ("PT DPT Cert. DN" -> "PT", "DPT", "Cert. DN")."""
    found: list[str] = []
    for part in _SEPARATOR.split(straight(text)):
        whole = part.strip(" .:*'\"") if spelling_key(part) not in BY_KEY else part.strip()
        single = " " not in whole and spelling_key(whole) in BY_KEY
        if single or whole.casefold() in PROFESSION_WORDS:
            found.append(whole)
            continue
        found += joined(whole.split())
    return [piece for piece in found if spelling_key(piece)]


def joined(words: Sequence[str]) -> list[str]:
    """Words put together where they are one credential: "Cert.", "DN" -> "Cert. DN"."""
    found: list[str] = []
    at = 0
    while at < len(words):
        for size in (4, 3, 2):
            together = words[at : at + size]
            if len(together) == size and _one_credential(together):
                found.append(" ".join(together))
                at += size
                break
        else:
            found.append(words[at])
            at += 1
    return found


def _one_credential(words: Sequence[str]) -> bool:
    # "MS PT" are two degrees although MSPT is one; "Cert. DN" and "P. T." are one each.
    return _ABBREVIATED.search(words[0]) is not None and spelling_key("".join(words)) in BY_KEY


def read_piece(piece: str) -> tuple[str, ...]:
    """The usual spelling of one piece, or of each part of "PT/DPT" and "DPT-OCS"; else empty."""
    known = BY_KEY.get(spelling_key(piece))
    if known:
        return (known.usual,)
    parts = [BY_KEY.get(spelling_key(part)) for part in re.split(r"[/\\–-]", piece)]
    if len(parts) > 1 and all(parts):
        return tuple(part.usual for part in parts if part)
    return ()


def looks_like_letters(word: str) -> bool:
    """Whether a word is written as letters after a name are: "FDN-2", "C.D.N.", "DipXYZ"."""
    if not 2 <= len(word) <= LONGEST_UNKNOWN:
        return False
    capitals = sum(c.isupper() for c in word)
    small = sum(c.islower() for c in word)
    return capitals >= 2 and capitals >= small


def written_as_letters(piece: str) -> bool:
    """Whether a known credential is written as one and not as a name: "DO", "D.O.", not "Do"."""
    known = BY_KEY.get(spelling_key(piece))
    if known and spelling_key(known.usual) == spelling_key(piece) and piece == known.usual:
        return True
    return "." in piece or (piece.upper() == piece and len(piece) >= 2)


def profession_of(
    credentials: Iterable[str], printed: str | None = None, usual: Sequence[str] = ()
) -> str | None:
    """What somebody is: by the letters after the name; else by the directory's words; else by
    what everybody in the directory is (`usual`, when it names one profession). None otherwise.

    Of several professions the first counts, but one that is often held beside another (nurse,
    athletic trainer) gives way to it.
    """
    said = [BY_KEY[spelling_key(one)].profession for one in credentials]
    found = [one for one in said if one]
    for one in found:
        if one not in _BESIDE:
            return one
    if found:
        return found[0]
    return profession_in(printed) or (usual[0] if len(usual) == 1 else None)


@lru_cache(maxsize=5_000)
def profession_in(text: str | None) -> str | None:
    """The profession that a text names, or None where it names none or more than one."""
    text = tidy(text)
    if text is None:
        return None
    folded = " ".join(re.sub(r"[^a-z]+", " ", text.casefold()).split())
    if folded in PROFESSION_WORDS:
        return PROFESSION_WORDS[folded]
    if text.upper() == text or len(text) <= 5:
        letters = {BY_KEY[spelling_key(one)].profession for one in read_letters(text).known}
        return letters.pop() if len(letters) == 1 else None
    named: set[str] = set()
    for words, profession in sorted(PROFESSION_WORDS.items(), key=lambda item: -len(item[0])):
        pattern = rf"\b{words}\b"
        if re.search(pattern, folded):
            named.add(profession)
            folded = re.sub(pattern, " ", folded)
    return named.pop() if len(named) == 1 else None


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
