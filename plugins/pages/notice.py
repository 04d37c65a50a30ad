"""The one notice of whoever runs a site, for an area that they serve at home."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from db.nearest import miles_between
from db.place import Place
from db.place_search import Choices, Found, find_place
from plugins.pages.wording import web_address
from plugins.pages.written import NotRight, missing_and_unknown

MOST_MILES = 100
LONGEST = {"label": 80, "text": 300, "label_es": 80, "text_es": 300}
"""So much of each fits beside the results without becoming a second list."""
NEEDED = ("around", "miles", "label", "text", "link")
OPTIONAL = ("label_es", "text_es")
_WIDE = ("state", "county")
"""Places whose middle may lie within the area while most of them does not."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice, and the circle of `miles` around a point (degrees, WGS84) where it is shown.

    A language without words of its own is None: then English is shown.
    """

    latitude: float
    longitude: float
    miles: float
    label: str
    text: str
    link: str
    label_es: str | None = None
    text_es: str | None = None

    def is_for(self, place: Place) -> bool:
        """Whether somebody who searches near this place searches in the area."""
        there = (place.latitude, place.longitude)
        return (
            place.kind not in _WIDE
            and miles_between(self.latitude, self.longitude, *there) <= self.miles
        )

    def words(self, language: str) -> tuple[str, str, str]:
        """Label and text as near to this language as they were written, and which one that is."""
        if language == "es" and self.label_es and self.text_es:
            return self.label_es, self.text_es, "es"
        return self.label, self.text, "en"


def checked(written: Mapping[str, object], connection: sqlite3.Connection) -> Notice:
    """The notice that was written, its place looked up in a published directory.db.

    Raises NotRight, with everything that is wrong.
    """
    wrong = missing_and_unknown(written, NEEDED, OPTIONAL)
    wrong += [
        f"'{name}' has to be text of at most {most} characters"
        for name, most in LONGEST.items()
        if written.get(name) and not (isinstance(written[name], str) and _short(written, name))
    ]
    if len([name for name in OPTIONAL if written.get(name)]) == 1:
        wrong.append("'label_es' and 'text_es' belong together: give both or none")
    miles = written.get("miles")
    if miles is not None and (
        isinstance(miles, bool) or not isinstance(miles, int | float) or not 0 < miles <= MOST_MILES
    ):
        wrong.append(f"'miles' has to be a number up to {MOST_MILES}")
    if written.get("link") and not web_address(str(written["link"])):
        wrong.append("'link' has to be a whole address, such as https://example.com/")
    place = None
    if around := written.get("around"):
        answer = find_place(connection, str(around))
        if isinstance(answer, Found) and answer.place.kind not in _WIDE:
            place = answer.place
        else:
            wrong.append(_which_place(str(around), answer))
    if wrong or place is None:
        raise NotRight("; ".join(wrong))
    words = {name: str(written[name]).strip() for name in LONGEST if written.get(name)}
    return Notice(
        place.latitude,
        place.longitude,
        float(str(miles)),
        link=str(written["link"]),
        **words,
    )


def _short(written: Mapping[str, object], name: str) -> bool:
    return len(str(written[name]).strip()) <= LONGEST[name]


def _which_place(around: str, answer: object) -> str:
    """What to say of a place that is not one town or ZIP code."""
    example = "write a town with its state or a ZIP code, such as Toledo, OH or 43604"
    if isinstance(answer, Choices):
        some = "; ".join(place.long_label for place in answer.places[:3])
        return f"'around: {around}' may be several places ({some}): {example}"
    return f"'around: {around}' is no town or ZIP code: {example}"
