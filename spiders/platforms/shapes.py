"""What a line of text looks like: a phone number, a town with its ZIP code, a street, a name.

Only shapes: whether the phone rings and the town exists is for others to say.
"""

from __future__ import annotations

import re

PHONE = re.compile(
    r"(?<![\d.-])(?:\+?1[\s.-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.\-/–])\d{3}[\s.\-–]\d{4}(?!\d)"
    r"(?:\s*(?:x|ext\.?|extension)\s*\d{1,6})?"
    r"|\+\d{2,3}[\s.\-/()\d]{7,16}\d",
    re.I,
)
_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
    "NM NY NC ND OH OK OR PA PR GU VI AS MP RI SC SD TN TX UT VT VA WA WV WI WY AE AP AA "
    "AB BC MB NB NL NS NT NU ON PE QC SK YT"
).split()
_NAMES = (
    "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia "
    "Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts "
    "Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada Ohio Oklahoma Oregon "
    "Pennsylvania Tennessee Texas Utah Vermont Virginia Washington Wisconsin Wyoming Ontario "
    "Quebec Alberta Manitoba"
).split()
_LONG_NAMES = (
    "New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Rhode Island|"
    "South Carolina|South Dakota|West Virginia|District of Columbia|Puerto Rico|British Columbia|"
    "Nova Scotia|New Brunswick"
)
_STATE = rf"(?:{'|'.join(_STATES)}|{'|'.join(_NAMES)}|{_LONG_NAMES})"
_CANADIAN = r"[A-Z]\d[A-Z]\s?\d[A-Z]\d"
#: "Columbus, OH 43201", "Toledo Ohio 43604-1234", "Vancouver, BC V6B 1A1"
TOWN_WITH_CODE = re.compile(
    rf"(?<![\w])(?:[^\d,\n]{{2,60}},?\s+)?{_STATE}\.?,?\s+(?:\d{{5}}(?:-\d{{4}})?|{_CANADIAN})(?!\d)"
)
#: "Columbus, OH", and nothing after it but a country
TOWN = re.compile(rf"^[A-Z][^\d,:]{{1,40}},\s*{_STATE}\.?(?:,?\s+(?:USA?|United States|Canada))?$")
#: "CH-8001 Zürich", "10115 Berlin", "1012 AB Amsterdam"
_CODE_FIRST = re.compile(r"^(?:[A-Z]{1,2}-)?\d{4,5}(?:\s[A-Z]{2})?\s+[A-ZÀ-Ý][^\d]{2,40}$")
_STREET = re.compile(
    r"^(?:(?:[NSEW]\.?\s?)?\d{1,6}[A-Za-z]?(?:[-/]\d{1,5})?\s+\S.{2,80}"
    r"|P\.?\s?O\.?\s*Box\s+\w{1,10}.{0,60}"
    r"|[A-ZÀ-Ý][\w.'’-]{2,40}(?:\s[\w.'’-]{1,40}){0,4}\s\d{1,4}\s?[a-z]?)$",
    re.I,
)
_UNIT = re.compile(
    r"^(?:suite|ste\.?|unit|apt\.?|apartment|room|rm\.?|floor|fl\.?|bldg\.?|building|#)\s*\S.{0,40}$",
    re.I,
)
_OFFER = re.compile(
    r"[$€£]\s?\d|\b\d+(?:[.,]\d\d)?\s?(?:USD|EUR|CHF)\b|\b(?:register now|registration|enroll|"
    r"sold out|add to cart|buy now|tuition|seats|waitlist|CEUs?|contact hours|early bird)\b|"
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s+\d{1,2}\s?[-–]\s?\d{1,2}\b",
    re.I,
)
#: Degrees that are states too, after two words: "Dot Mockly, MD", and alas "Silver Spring, MD".
_DEGREE = re.compile(r"^\S+\s+\S.*,\s*(?:MD|DC|PA|MS|MA|ND|CT|OT)$")
#: What telephones belong to that are no people: desks of one house, and where guests sleep.
_HOUSE = re.compile(
    r"\b(?:office|desk|department|dept|billing|registration|registrar|reception|admissions?|"
    r"enquir(?:y|ies)|inquir(?:y|ies)|support|helpline|hotline|sales|press|media|headquarters|"
    r"customer|emergency|hotel|inn|lodge|resort|motel|suites|airport|campus|warehouse)\b",
    re.I,
)
_PRACTICE = re.compile(
    r"therap|physio|rehab|clinic|wellness|sport|chiro|spine|needl|acupunct|medic|health|\bPT\b",
    re.I,
)
_LABEL = re.compile(r"^([^:\d]{2,40}?)\s*:\s*(.*)$")
_NOT_A_NAME = re.compile(
    r"@|https?:|www\.|\d{3}|[?!:;=|{}<>]|\$|€|\b(?:click|read|view|more|website|e-?mail|phone|call|"
    r"directions|profile|learn|contact us|map|book|price|cost|register|copyright|reserved|search|"
    r"course|posted|by admin|home|menu|next|previous|hours|monday|subscribe|comments?)\b",
    re.I,
)


def has_phone(text: str) -> bool:
    """Whether a phone number stands in it."""
    return PHONE.search(text) is not None


def has_place(text: str) -> bool:
    """Whether a town with its state and ZIP code stands in it."""
    return TOWN_WITH_CODE.search(text) is not None


def is_town(text: str) -> bool:
    """Whether the line is a town and no more: with its code, or with its state."""
    return bool(TOWN.match(text) or _CODE_FIRST.match(text) or TOWN_WITH_CODE.fullmatch(text))


def is_street(text: str) -> bool:
    """Whether the line looks like a street, a PO box, or a suite."""
    return not has_phone(text) and bool(_STREET.match(text) or _UNIT.match(text))


def is_unit(text: str) -> bool:
    """Whether the line is a suite or floor only."""
    return bool(_UNIT.match(text))


def is_name(text: str) -> bool:
    """Whether the line could be what a person or a practice is called, with credentials."""
    if not 3 <= len(text) <= 110 or _NOT_A_NAME.search(text):
        return False
    words = text.split()
    letters = [word for word in words if any(c.isalpha() for c in word)]
    # One word is a menu entry more often than a person.
    if not 2 <= len(letters) <= 14:
        return False
    upper = sum(word.lstrip("(\"'“‘#&").lstrip()[:1].isupper() for word in letters)
    if upper < max(2, len(letters) * 0.5) or is_street(text):
        return False
    return not is_town(text) or _DEGREE.search(text) is not None


def is_house(text: str) -> bool:
    """Whether it names a desk, a department or a hotel: somebody's telephone, but nobody's card."""
    return bool(_HOUSE.search(text)) and not _PRACTICE.search(text)


def is_offer(text: str) -> bool:
    """Whether the text sells something or announces an event: a price, days, a booking."""
    return _OFFER.search(text) is not None


def labelled(text: str) -> tuple[str, str] | None:
    """("Phone", "(614) 555-0100") out of "Phone: (614) 555-0100"; the second may be empty."""
    found = _LABEL.match(text)
    return (found[1].strip(), found[2].strip()) if found else None
