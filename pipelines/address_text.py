"""One printed address text taken apart: street, city, state, postal code.

The tail is read from the right, where American addresses are regular: postal code, then state.
What is left is street and city, and there the gazetteer knows better than grammar where a town's
name begins; usaddress (a trained tagger) decides where the gazetteer does not know the town.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import usaddress

from db.place_text import STATES, state_code, words

IsTown: TypeAlias = Callable[[str, str | None], bool]
"""Says whether the gazetteer knows a town of this name (in this state, when one is given)."""

_FULL_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}
_BREAK = re.compile(
    r"<\s*(?:br|/p|/div|/li)\b[^<>]*>|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029|•·]+", re.I
)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff\ud800-\udfff]"
)
_COMMAS = re.compile(r"\s*,[\s,]*")
_NOTHING = {
    "",
    "na",
    "none",
    "null",
    "nil",
    "undefined",
    "unknown",
    "tbd",
    "tba",
    "notprovided",
    "notavailable",
    "notapplicable",
    "notlisted",
}

_UNIT_WORD = (
    r"(?:suites?|ste|units?|apt|apartment|rooms?|rm|floor|building|bldg|box|lot|dept|office|ofc)"
)
OCCUPANCY = re.compile(
    rf"(?:{_UNIT_WORD}\b\.?\s*#?\s*[\w./&-]{{1,12}}(?:\s*(?:&|-)\s*\w{{1,6}})?"
    rf"|#\s*[\w./-]{{1,12}}"
    rf"|fl\b\.?\s*[0-9]{{1,2}}(?![0-9])"  # "Fl 3" is a floor, "FL 32309" is Florida
    rf"|(?:[0-9]{{1,3}}(?:st|nd|rd|th)|first|second|third|fourth|ground|lower|upper|main|top)"
    rf"\s+(?:floor|fl|level)\b\.?)",
    re.IGNORECASE,
)
"""A unit within a building: "Suite 200", "Ste # 128", "Unit B", "#4", "2nd Floor"."""

_POST_OFFICE_BOX = re.compile(
    r"\b(?:p\.?\s*o\.?\s*b(?:ox|\.)?|post\s+office\s+box|pob)\s*(?:no\.?|\#)?\s*(?=[0-9])", re.I
)
_ZIP_AT_END = re.compile(
    r"(?:^|[\s,])(?:zip:?\s*)?([0-9]{5})(?:\s?[-–]\s?[0-9]{4}|[0-9]{4})?$", re.I
)
_SHORT_ZIP_AT_END = re.compile(r"(?:^|[\s,])([0-9]{3,4})(?:-[0-9]{4})?$")
_UNIT_AFTER_ZIP = re.compile(rf"([0-9]{{5}}(?:-[0-9]{{4}})?)[\s,]+({OCCUPANCY.pattern})$", re.I)
_NUMBER_FOLLOWS = re.compile(
    rf"(?:^|[\s,#])(?:{_UNIT_WORD}|hwy|highway|route|rte|rt|road|rd|fm|cr|no|number|interstate|\#)"
    r"[\s.#]*$",
    re.IGNORECASE,
)
_STREET_WORDS = frozenset(
    "street st avenue ave av road rd drive dr boulevard blvd lane ln way court ct circle cir "
    "place pl parkway pkwy highway hwy terrace ter trail trl plaza plz square sq pike loop route "
    "building bldg floor suite ste unit campus clinic hospital mall".split()
)
STATES_WITH_LEADING_ZERO = frozenset({"CT", "MA", "ME", "NH", "NJ", "PR", "RI", "VI", "VT"})
"""States whose ZIP codes begin with 0, which spreadsheets drop."""
MILITARY_STATES = frozenset({"AA", "AE", "AP"})


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of an address: what is before it, and what it says. Codes are not checked here."""

    rest: str
    state: str | None = None
    postcode: str | None = None
    """Five digits, or three or four where a leading zero seems lost."""
    unit: str | None = None
    """A unit that was printed behind the postal code."""


def tidy(text: str | None) -> str | None:
    """The text on one line: line breaks are ", ", markup, entities and doubled spaces gone.

    None when nothing is left, or only a word that stands for nothing ("N/A", "-", "null").
    """
    if not text:
        return None
    text = _TAG.sub(" ", _BREAK.sub(", ", html.unescape(text)))
    text = _UNPRINTABLE.sub(" ", text).translate(_FULL_WIDTH)
    text = _COMMAS.sub(", ", " ".join(text.split())).strip(" ,;")
    return None if "".join(words(text)) in _NOTHING and text.isascii() else text


def box_spelled_once(text: str) -> str:
    """The text with every writing of "P.O. Box 12" as "PO Box 12"."""
    return _POST_OFFICE_BOX.sub("PO Box ", text)


def split_tail(text: str, is_town: IsTown) -> Tail:
    """Take state and postal code off the end of a tidy text, in either order."""
    unit = None
    behind = _UNIT_AFTER_ZIP.search(text)
    if behind:
        unit, text = behind[2], text[: behind.end(1)]
    rest, postcode = _without_zip(text)
    rest, state = _without_state(rest, is_town, sure=postcode is not None)
    if postcode is None and state is not None:
        rest, postcode = _without_zip(rest)
    if postcode is None and state is None:
        short = _SHORT_ZIP_AT_END.search(text)
        if short:
            before, maybe = _without_state(text[: short.start()], is_town, sure=True)
            if maybe in STATES_WITH_LEADING_ZERO:
                return Tail(before.strip(" ,"), maybe, short[1], unit)
    return Tail(rest.strip(" ,"), state, postcode, unit)


def _without_zip(text: str) -> tuple[str, str | None]:
    text = text.rstrip(" ,.")
    found = _ZIP_AT_END.search(text)
    if found is None or _NUMBER_FOLLOWS.search(text[: found.start(1)]):
        return text, None
    return text[: found.start()], found[1]


def _without_state(text: str, is_town: IsTown, *, sure: bool) -> tuple[str, str | None]:
    """`sure`: a postal code follows, so that unusual abbreviations may be read as states too."""
    text = text.rstrip(" ,()")
    for count in (3, 2, 1):
        found = re.search(rf"(?:^|[\s,(]+)((?:[A-Za-z.]+\s){{{count - 1}}}[A-Za-z.]+)$", text)
        if found is None:
            continue
        printed, rest = found[1], text[: found.start()]
        key = "".join(words(printed))
        code = state_code(printed) or (printed if printed in MILITARY_STATES else None)
        # "Washington DC" is a town and its state, not a state
        if code is None or (count > 1 and key.startswith("washington")):
            continue
        after_comma = "," in text[found.start() : found.start(1)]
        if len(key) == 2:
            plain = " " not in printed or "." in printed
            good = plain and (sure or after_comma or printed.isupper())
        elif key == "".join(words(STATES.get(code, ""))):
            # "100 Delaware" is a street; "Wilmington Delaware" is not
            good = (
                sure
                or after_comma
                or not re.search("[0-9]", rest)
                or _ends_in_town(rest, code, is_town)
            )
        else:
            good = sure or "." in printed
        if good:
            return rest, code
    return text, None


def _ends_in_town(text: str, state: str, is_town: IsTown) -> bool:
    return town_at_end(text, state, is_town) is not None


def town_at_end(text: str, state: str | None, is_town: IsTown) -> int | None:
    """Where the longest town name known to the gazetteer begins that ends the text, or None.

    What stands before it must still be a street: a number and a word, or nothing.
    """
    starts = [word.start() for word in re.finditer(r"[^\s,]+", text)][-5:]
    for start in starts:
        name, before = text[start:], text[:start]
        if re.search(r"[0-9,#]", name) or not is_town(name, state):
            continue
        if name.casefold() in _STREET_WORDS:  # there is a town called Street, in Maryland
            continue
        if not before.strip(" ,") or re.search(r"[0-9].*[A-Za-z]|[A-Za-z].*[0-9]", before):
            return start
    return None


def split_street_city(
    rest: str, state: str | None, postcode: str | None, is_town: IsTown
) -> tuple[str | None, str | None]:
    """Street and city of what stood before state and postal code; either may be None."""
    pieces = [piece for piece in rest.split(", ") if piece.strip(" ,.-")]
    units: list[str] = []
    while len(pieces) > 1 and OCCUPANCY.fullmatch(pieces[-1]):
        units.insert(0, pieces.pop())
    if not pieces:
        return None, None
    if len(pieces) > 1 and pieces[-1].lower().endswith(" county") and not _digits(pieces[-2]):
        pieces.pop()
    last = pieces[-1]
    if not _digits(last) and (is_town(last, state) or not _street_like(last)):
        street = [*pieces[:-1], *units]
        return ", ".join(street) or None, last
    inner = ", ".join(pieces)
    start = _city_start(inner, state, postcode, is_town)
    if start is None:
        return ", ".join([inner, *units]), None
    street = [inner[:start].strip(" ,"), *units]
    return ", ".join(piece for piece in street if piece) or None, inner[start:]


def _city_start(text: str, state: str | None, postcode: str | None, is_town: IsTown) -> int | None:
    known = town_at_end(text, state, is_town)
    if known is not None:
        return known
    # usaddress takes a bare word for a town: without a state behind it that is a guess
    if not (state or postcode):
        return None
    tagged = tagged_city(f"{text}, {state or ''} {postcode or ''}".strip(" ,"))
    start = len(text) - len(tagged) if tagged and text.endswith(tagged) else None
    return start or None


def tagged_city(text: str) -> str | None:
    """The last run of words that usaddress takes for a town. `parse` never raises
    RepeatedLabelError, `tag` does: "Medical Arts Bldg, 4th Floor, 77 Summer Street"."""
    city: list[str] = []
    for token, label in reversed(usaddress.parse(text)):
        if label == "PlaceName":
            city.insert(0, token.strip(",;"))
        elif city:
            break
    return " ".join(city) or None


def _digits(text: str) -> bool:
    return re.search("[0-9#]", text) is not None


def _street_like(text: str) -> bool:
    last = words(text)[-1:]
    return bool(last) and last[0] in _STREET_WORDS
