"""What somebody typed or said into the search box, cut into the words that may name a place.

Pure text, no database: spoken phrases lose their wrapping ('find dry needling near Toledo Ohio
please' leaves 'toledo ohio'), postal codes are picked out, everything stays bounded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from db.place_text import STATES, words

LONGEST_QUERY = 240
"""Signs read of a query. Longer ones are pasted by accident; their beginning is enough."""

LONGEST_PLACE = 8
"""Words in the longest place, as 'Lake Saint Louis, St. Charles County, Missouri'."""

_MARKERS = frozenset(
    "near nearby around in at by to from for of outside inside serving cerca en".split()
)
"""Words after which a place is named."""

_FILLERS = _MARKERS | frozenset(
    """
    a about acupuncture acupuncturist acupuncturists alexa all am an and any anybody anyone anywhere
    appointment are area areas asap athletic atc back based best between board book booking but can
    care certified certification chiro chiropractic chiropractor chiropractors clinic
    clinics close closest code con could course courses de dear directory dn do doctor doctors does
    done dpt dr dry dryneedling either euc fellow find finder finding first for get getting give go
    going good google got great guy has have headache hello help here hey hi how i im ims imt
    insurance is it ive jaw kindly kinetacore knee know lady licensed list listing live lives living
    local locate located location locations look looking looks low map me migraine mile miles
    minute minutes moved must my myofascial neck need needed needing needle needler needlers needles
    needling of offer offering offers office offices ok okay old on one or osteopath ot our
    out over pain people perform performing performs person physical physio physiotherapist
    physiotherapists physiotherapy place places plantar please pls plz postal
    practice practices practitioner practitioners provide provider providers provides providing pt
    puncion puncture question quick radius recommend recommendation recommended region rehab right
    say sciatica search searching seca see seek seeking service services shoulder show siri
    somebody someone someplace something somewhere specialist specialists spot suffering surrounding
    take tendon thank thanks that the their them therapies therapist therapists therapy there
    thing this thx today tomorrow top town trained treat treated treatment treatments trying
    u umm uh um up us vicinity visit visiting want wanted wants we well what whats when where wheres
    which who whos will with within work working works would yes you your zip zipcode
    """.split()
)
"""Words of the phrases around a place. Several are places too (Needles, Best, Guy), so a phrase
is always tried whole before any of them is taken away."""

_MEANT_AS_FILLER = tuple(sorted(word for word in _FILLERS if len(word) >= 4))

_COUNTRY = (
    ("united", "states", "of", "america"), ("united", "states"), ("usa",), ("u", "s", "a"), ("us",),
    ("america",),
)  # fmt: skip

_ZIP = re.compile(r"(?<!\d)(\d{5})(?:\s*[-‐-―]\s*\d{0,4}|\s?\d{4})?(?!\d)")
_TRIGGER_POINT = re.compile(r"\btrigger[\s-]*points?\b", re.IGNORECASE)
# Its 'of' would look like the word before a place.
_DISTRICT = re.compile(r"\bdistrict\s+of\s+columbia\b", re.IGNORECASE)
_CANADIAN = re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d\b", re.IGNORECASE)


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


def read_query(text: str) -> Query:
    """Take a query apart. Works on any string, in time bounded by LONGEST_QUERY."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_QUERY])[:LONGEST_QUERY]
    text = " ".join("".join(s if s.isprintable() else " " for s in text).split())
    zips = tuple(match[1] for match in _ZIP.finditer(text) if match[1].isascii())
    rest = _ZIP.sub(" , ", text) if zips else text
    # 'OH43604' leaves 'OH', 'Toledo,OH' two words.
    found: list[str] = []
    commas = set()
    for part in re.split(r"[,;|/()\[\]\n]", rest):
        commas.add(len(found))
        found.extend(words(_TRIGGER_POINT.sub(" ", _DISTRICT.sub(" DC ", part))))
    digits = "" if any(sign.isalpha() for sign in text) else re.sub(r"[^0-9]", "", text)
    return Query(
        text, zips, tuple(found[:40]), frozenset(commas), digits, bool(_CANADIAN.search(text))
    )


def without_country(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The words without 'USA' or the like at their end, unless there is nothing else."""
    for country in _COUNTRY:
        if len(parts) > len(country) and parts[-len(country) :] == country:
            return parts[: -len(country)]
    return parts


def is_filler(word: str) -> bool:
    """Whether the word belongs to the phrase around a place; numbers do."""
    return word in _FILLERS or word.isdigit()


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
    starts = [start for start in range(len(parts), 0, -1) if parts[start - 1] in _MARKERS]
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


def is_pronoun_state(parts: tuple[str, ...]) -> bool:
    """Whether a piece of a phrase is a little word that happens to be a state's code: 'me'."""
    return len(parts) == 1 and len(parts[0]) == 2 and parts[0] in _FILLERS
