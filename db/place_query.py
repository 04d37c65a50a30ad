"""What somebody typed or said into the search box, cut into the words that may name a place.

Pure text, no database: spoken phrases lose their wrapping ('find dry needling near Toledo Ohio
please' leaves 'toledo ohio'), postal codes are picked out, everything stays bounded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz.distance import OSA

from db.place_phrases import FILLERS, MARKERS, plainly
from db.place_text import STATE_KEYS, STATES, words

LONGEST_QUERY = 240
"""Signs read of a query. Longer ones are pasted by accident; their beginning is enough."""

LONGEST_PLACE = 8
"""Words in the longest place, as 'Lake Saint Louis, St. Charles County, Missouri'."""

_MEANT_AS_FILLER = tuple(sorted(word for word in FILLERS if len(word) >= 4))

_COUNTRY = (
    ("united", "states", "of", "america"), ("united", "states"), ("usa",), ("u", "s", "a"), ("us",),
    ("america",), ("estados", "unidos"), ("eeuu",), ("ee", "uu"),
)  # fmt: skip

_ZIP = re.compile(r"(?<!\d)(\d{5})(?:\s*[-‐-―]\s*\d{0,4}|\s?\d{4})?(?!\d)")
_CANADIAN = re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d\b", re.IGNORECASE)


_POINT = re.compile(
    r"\(?\s*([+-]?\d{1,2}(?:\.\d{1,20})?)\s*°?\s*([NS]?)\s*[,;\s]\s*"
    r"([+-]?\d{1,3}(?:\.\d{1,20})?)\s*°?\s*([EW]?)\s*\)?",
    re.IGNORECASE,
)


_DIGIT_NAMES = "zero oh o one two three four five six seven eight nine".split()
_SPOKEN_DIGITS = dict(zip(_DIGIT_NAMES, "000123456789", strict=True))
# To Python 'fıve' is 'five' in other letters, unless these are ASCII's alone.
_FIVE_SPOKEN = re.compile(
    r"(?<!\w)" + r"[\s,-]+".join([f"((?ai:{'|'.join(_SPOKEN_DIGITS)}))"] * 5) + r"(?!\w)"
)
_FIVE_SIGNS = re.compile(r"(?<![0-9a-z])[0-9oil]{5}(?![0-9a-z])", re.IGNORECASE)
_FIVE_APART = re.compile(r"(?<![\d.,-])(?<!\d )\d(?: ?\d){4}(?! ?\d|[.,]\d)")
_TAKEN_FOR_DIGITS = str.maketrans("OoIiLl", "001111")


def _with_plain_zips(text: str) -> str:
    """The text with five digits in a row where they were typed apart ('43 604'), spoken, or with
    letters that look like digits ('9O21O')."""
    text = _FIVE_SPOKEN.sub(
        lambda match: "".join(_SPOKEN_DIGITS[word.lower()] for word in match.groups()), text
    )
    text = _FIVE_SIGNS.sub(
        lambda match: (
            match[0].translate(_TAKEN_FOR_DIGITS) if any(map(str.isdigit, match[0])) else match[0]
        ),
        text,
    )
    return _FIVE_APART.sub(lambda match: match[0].replace(" ", ""), text)


@dataclass(frozen=True, slots=True)
class Query:
    """A query taken apart. `text` is what was typed, cleaned of control signs and cut to length;
    `zips` the five-digit codes in it; `words` the folded words without those codes."""

    text: str
    zips: tuple[str, ...]
    words: tuple[str, ...]
    commas: frozenset[int]
    """Positions in `words` that follow a comma or the like."""
    digits: str
    """All digits of a query that has no letters, else ''."""
    canadian: bool
    point: tuple[float, float] | None
    """Latitude and longitude, where the text is nothing but those: rounded to 0.01 degrees, so
    that nobody's door is looked up."""


def read_query(text: str) -> Query:
    """Take a query apart. Works on any string, in time bounded by LONGEST_QUERY."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_QUERY])[:LONGEST_QUERY]
    if not text.isprintable():
        text = "".join(s if s.isprintable() else " " for s in text)
    text = " ".join(text.split())
    point = _point(text)
    if point:
        return Query(text, (), (), frozenset(), "", canadian=False, point=point)
    text = _with_plain_zips(text)
    zips = tuple(match[1] for match in _ZIP.finditer(text) if match[1].isascii())
    rest = _ZIP.sub(" , ", text) if zips else text
    # 'OH43604' leaves 'OH', 'Toledo,OH' two words.
    found: list[str] = []
    commas = set()
    for part in re.split(r"[,;|/()\[\]\n]", rest):
        commas.add(len(found))
        found.extend(words(plainly(part)))
    digits = "" if any(sign.isalpha() for sign in text) else re.sub(r"[^0-9]", "", text)
    return Query(
        text,
        zips,
        tuple(found[:40]),
        frozenset(commas),
        digits,
        canadian=bool(_CANADIAN.search(text)),
        point=None,
    )


def _point(text: str) -> tuple[float, float] | None:
    match = _POINT.fullmatch(text.replace("\N{MINUS SIGN}", "-"))
    if not match or "." not in match[0]:
        return None
    latitude, longitude = float(match[1]), float(match[3])
    latitude = -latitude if match[2] in ("S", "s") else latitude
    longitude = -longitude if match[4] in ("W", "w") else longitude
    return (round(latitude, 2), round(longitude, 2)) if abs(longitude) <= 180 else None


def without_country(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The words without 'USA' or the like at their end, unless there is nothing else."""
    for country in _COUNTRY:
        if len(parts) > len(country) and parts[-len(country) :] == country:
            return parts[: -len(country)]
    return parts


def is_filler(word: str) -> bool:
    """Whether the word belongs to the phrase around a place; numbers do."""
    return word in FILLERS or word.isdigit()


def nearly_filler(word: str) -> bool:
    """Whether the word is a filler, perhaps misspelt by one letter."""
    if is_filler(word):
        return True
    return len(word) >= 4 and any(
        OSA.distance(word, filler, score_cutoff=1) <= 1 for filler in _MEANT_AS_FILLER
    )


def stripped(parts: tuple[str, ...], *, loosely: bool = False) -> tuple[str, ...]:
    """The words without fillers at either end."""
    drop = nearly_filler if loosely else is_filler
    start, stop = 0, len(parts)
    while start < stop and drop(parts[start]):
        start += 1
    while stop > start and drop(parts[stop - 1]):
        # 'portland or' and 'portland me' end in a state, 'near me' does not.
        if parts[stop - 1].upper() in STATES and stop > 1 and not drop(parts[stop - 2]):
            break
        stop -= 1
    return parts[start:stop]


def cores(parts: tuple[str, ...], *, loosely: bool = False) -> Iterator[tuple[str, ...]]:
    """What may be the place in a phrase, likeliest first, without repeats.

    The whole; what follows each of the words like 'near', the last of them first; the same without
    fillers at the ends; the same up to the next filler.
    """
    drop = nearly_filler if loosely else is_filler
    seen: set[tuple[str, ...]] = {()}

    def fresh(candidate: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        candidate = without_country(candidate)
        if candidate not in seen and len(candidate) <= LONGEST_PLACE:
            seen.add(candidate)
            yield candidate

    yield from fresh(parts)
    starts = [start for start in range(len(parts), 0, -1) if parts[start - 1] in MARKERS]
    for start in starts:
        # 'in Needles, California': the town's name is one of the fillers.
        yield from fresh(parts[start:])
    tight = [stripped(parts[start:], loosely=loosely) for start in (0, *starts)]
    for candidate in tight:
        yield from fresh(candidate)
    for candidate in tight[1:] + tight[:1]:
        cut = next((n for n, word in enumerate(candidate) if n and drop(word)), None)
        if cut is None:
            continue
        if candidate[cut].upper() in STATES:
            # 'fulton in and my back hurts': the little word is a state first.
            yield from fresh(candidate[: cut + 1])
        if cut + 1 < len(candidate):
            yield from fresh(candidate[:cut])
    # 'quad strain dry needling Boca Raton': what stands between the words of a phrase. One such
    # word makes no phrase, it may be part of a misspelt name ('Hastings-on-Hduson').
    if sum(map(drop, parts)) > 1:
        runs = groupby(parts, lambda word: drop(word) and word.upper() not in STATES)
        for run in [tuple(run) for filler, run in runs if not filler][::-1]:
            if "".join(run) not in STATE_KEYS:
                yield from fresh(run)


def is_pronoun_state(parts: tuple[str, ...]) -> bool:
    """Whether a piece of a phrase is a little word that happens to be a state's code: 'me'."""
    return len(parts) == 1 and len(parts[0]) == 2 and parts[0] in FILLERS
