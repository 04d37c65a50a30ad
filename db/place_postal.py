"""What a search for a postal code answers, alone or with other words."""

from __future__ import annotations

from db.gazetteer import Gazetteer
from db.nearest import miles_between
from db.place import Place
from db.place_answers import Answer, Choices, Found, NothingFound, with_note
from db.place_query import Query
from db.place_text import is_military_postcode
from records.said import said

_NEAR_MILES = 60
"""A code so far from the town beside it in the same state still means the code."""


def by_codes(  # noqa: PLR0911 - one a case
    gazetteer: Gazetteer, query: Query, rest: Answer | None
) -> Answer:
    """The place of the query's five-digit codes. `rest` is what its other words say, None if there
    are none: it takes the place of an unknown code, and is a choice with one elsewhere."""
    # In an address the house number comes first and the postal code last.
    known = [place for code in query.zips[::-1] if (place := gazetteer.postal(code))]
    if not known:
        code = query.zips[-1]
        if is_military_postcode(code):
            return military(code)
        if isinstance(rest, Found | Choices):
            return with_note(rest, said("The ZIP code %(code)s is not known.", code=code))
        return _unknown(gazetteer, code)
    place = known[0]
    if not isinstance(rest, Found):
        return Found(place)
    other = rest.place
    if other.state == place.state and (
        other.kind == "state"
        or miles_between(place.latitude, place.longitude, other.latitude, other.longitude)
        < _NEAR_MILES
    ):
        return Found(place)
    if rest.corrected_from is not None and len(query.words) > 3:
        # A street or a clinic's name looked like a misspelt town: the code says more.
        return Found(place)
    return Choices(
        [place, other],
        said(
            "The ZIP code %(code)s is in %(place)s, not in %(other)s. Which one is meant?",
            code=place.postcode,
            place=place.label,
            other=other.label,
        ),
    )


def by_digits(gazetteer: Gazetteer, digits: str) -> Answer:
    """The place of a code that lost its first zero, or what a code looks like."""
    if len(digits) == 4 and (place := gazetteer.postal("0" + digits)):
        return Found(
            place,
            said("Taken as the ZIP code %(code)s.", code="0" + digits),
            corrected_from=digits,
        )
    return NothingFound(said("A ZIP code has five digits, such as 43604."), [])


def _unknown(gazetteer: Gazetteer, code: str) -> Answer:
    rows = gazetteer.connection.execute(
        "select code from postal where country = 'US' and code between ? and ?"
        " order by abs(cast(code as integer) - ?), code limit 60",
        (code[:3] + "00", code[:3] + "99", int(code)),
    ).fetchall()
    places: list[Place] = []
    for row in rows:
        place = gazetteer.postal(row[0])
        if place and all((place.name, place.state) != (p.name, p.state) for p in places):
            places.append(place)
    if not places:
        return NothingFound(said("There is no ZIP code %(code)s.", code=code), [])
    return Choices(
        places[:6], said("The ZIP code %(code)s is not known. These are near it:", code=code)
    )


def military(code: str) -> NothingFound:
    """That a code or address of the armed forces has no place."""
    return NothingFound(
        said(
            "%(code)s is a military address, which has no place on the map. Choose a city nearby.",
            code=code,
        ),
        [],
    )
