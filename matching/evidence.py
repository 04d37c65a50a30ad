"""How two persons' listings compare, field by field: a level for each, in words.

Fields that hang together are compared as one: two listings of one clinic share its street, its
telephone and its name, which is one piece of evidence and not three. The order of the two listings
never matters.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from matching.names import family_level, given_level, parts
from matching.side import Side

Levels = dict[str, str]

#: The fields in the order in which evidence is told, with their levels. "missing" weighs nothing.
FIELDS: dict[str, tuple[str, ...]] = {
    "given name": ("same", "short form", "initial", "misspelt", "other"),
    "family name": ("same", "part", "misspelt", "turned round", "other"),
    "middle name": ("same", "initial"),
    "credentials": ("same", "some more", "some alike", "none alike", "other profession"),
    "e-mail address": ("same", "same desk", "other"),
    "website": ("same", "other"),
    "place": (
        "same phone and street",
        "same phone",
        "same street",
        "same practice and town",
        "within 10 miles",
        "same practice",
        "within 50 miles",
        "same state",
        "another state",
    ),
    "directory": ("two", "one lists both"),
}

_NEAR_MILES = 10
_REGION_MILES = 50
_EARTH_MILES = 3958.8


def compare(one: Side, other: Side) -> Levels:
    """Field -> level, for two listings of persons; fields that one of them lacks are "missing"."""
    given, family = name_levels(one, other)
    return {
        "given name": given,
        "family name": family,
        "middle name": middle_level(one, other),
        "credentials": _credentials(one, other),
        "e-mail address": _email(one, other),
        "website": _website(one, other),
        "place": place_level(one, other),
        "directory": "one lists both" if one.source == other.source else "two",
    }


def name_levels(one: Side, other: Side) -> tuple[str, str]:
    """The levels of given and of family name, also when one directory turned them round."""
    levels: tuple[str, str] = _given(one, other), _family(one, other)
    if levels[1] in {"same", "part"} or not (one.given and other.given):
        return levels
    if _solid(one.family) == other.given and _solid(other.family) == one.given:
        return "same", "turned round"
    return levels


def _family(one: Side, other: Side) -> str:
    level = family_level(one.family, other.family)
    # Of a surname in two parts without a hyphen, the first part reads like a middle name.
    if level == "other" and (_former(one, other) or _former(other, one)):
        return "part"
    return level


def _former(one: Side, other: Side) -> bool:
    return bool(set(one.middle_words) & set(parts(other.family or "")))


def _solid(family: str | None) -> str | None:
    return family.replace(" ", "") if family else None


def _given(one: Side, other: Side) -> str:
    level = given_level(one.given, other.given)
    if level != "other":
        return level
    # Printed nicknames: Robert "Skip" Sampleton is listed as Skip elsewhere. Who goes by the middle
    # name has it printed whole in one of the listings.
    for a, b in ((one, other), (other, one)):
        also = [name for name in (a.nickname, a.middle) if name and len(name) > 1]
        if b.given and b.given in also:
            return "short form"
    return level


def middle_level(one: Side, other: Side) -> str:
    """'other' where both print one and they cannot be the same name."""
    if not one.middle or not other.middle:
        return "missing"
    if one.middle == other.middle:
        return "same"
    if _former(one, other) or _former(other, one):
        return "missing"
    if one.given != other.given and one.middle in {other.given} | {other.nickname}:
        return "missing"
    initial = min(len(one.middle), len(other.middle)) == 1
    if one.middle[0] == other.middle[0] and (
        initial or one.middle.startswith(other.middle) or other.middle.startswith(one.middle)
    ):
        return "initial"
    return "other"


def _credentials(one: Side, other: Side) -> str:
    if one.profession and other.profession and one.profession != other.profession:
        return "other profession"
    if not one.letters or not other.letters:
        return "missing"
    if one.letters == other.letters:
        return "same"
    if one.letters <= other.letters or other.letters <= one.letters:
        return "some more"
    return "some alike" if one.letters & other.letters else "none alike"


def _email(one: Side, other: Side) -> str:
    if not one.email or not other.email:
        return "missing"
    if one.email == other.email:
        return "same" if one.own_email or other.own_email else "same desk"
    return "other" if one.own_email and other.own_email else "missing"


def _website(one: Side, other: Side) -> str:
    if not one.website or not other.website:
        return "missing"
    if one.website != other.website:
        return "other"
    # A chain has one website in many states, and two people of one name.
    return "same" if not (one.state and other.state) or one.state == other.state else "missing"


def place_level(one: Side, other: Side) -> str:  # noqa: PLR0911
    """Where the two see patients. The best of the levels that hold."""
    phone = one.phone is not None and one.phone == other.phone
    street = one.street is not None and one.street == other.street and one_town(one, other)
    if phone:
        return "same phone and street" if street else "same phone"
    if street:
        return "same street"
    miles = _miles(one, other)
    town = one_town(one, other)
    practice = one.practice is not None and one.practice == other.practice
    if practice and town:
        return "same practice and town"
    if town or (miles is not None and miles <= _NEAR_MILES):
        return "within 10 miles"
    if practice and one.state is not None and one.state == other.state:
        return "same practice"
    if miles is not None and miles <= _REGION_MILES:
        return "within 50 miles"
    if not one.state or not other.state:
        return "missing"
    return "same state" if one.state == other.state else "another state"


def one_town(one: Side, other: Side) -> bool:
    """One postcode, or where one of them lacks it one city."""
    if one.postcode and other.postcode:
        return one.postcode == other.postcode
    return one.city is not None and (one.city, one.state) == (other.city, other.state)


def _miles(one: Side, other: Side) -> float | None:
    if None in (one.latitude, one.longitude, other.latitude, other.longitude):
        return None
    assert one.latitude is not None
    assert one.longitude is not None
    assert other.latitude is not None
    assert other.longitude is not None
    south, north = sorted((radians(one.latitude), radians(other.latitude)))
    turn = radians(abs(one.longitude - other.longitude))
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(turn / 2) ** 2
    return 2 * _EARTH_MILES * asin(sqrt(min(1.0, half)))
