"""Places while a visitor types: `/suggest.json?q=to`.

Nothing of it is kept: the access log has no query strings, and no cache may store the answer.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from db.place import Place
from db.place_counts import practitioners_near
from db.place_search import Choices, Found, find_place, suggest
from db.results import MOST
from plugins.pages.asking import DEFAULT_MILES, LONGEST_TEXT
from plugins.pages.language import spoken
from plugins.pages.searching import place_address

MOST_SUGGESTED = 8
SHORTEST = 2
"""Signs before anything is suggested."""
SHORTEST_GUESS = 4
"""Signs before a misspelt beginning is worth a guess."""


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The one address."""
    return [(r"^/suggest\.json$", suggest_json)]


async def suggest_json(datasette: Any, request: Request) -> Response:
    """At most 8 places, biggest first, each as `suggested` has it."""
    text = (request.args.get("q") or "")[:LONGEST_TEXT]
    found = await datasette.get_database("directory").execute_fn(
        lambda connection: suggested(connection, text)
    )
    # Here, and not where they are found: another thread does not know the request's language.
    for one in found:
        one |= {"label": spoken(one["label"]), "county": spoken(one["county"])}
    return Response.json(
        {"miles": DEFAULT_MILES, "suggestions": found}, headers={"cache-control": "no-store"}
    )


def suggested(connection: sqlite3.Connection, text: str) -> list[dict[str, Any]]:
    """The places a text may become: `near` finds exactly this one, `label` is for reading, `county`
    is '' unless two would read the same, `total` counts practitioners within DEFAULT_MILES, or
    in a whole state (`whole`), up to 1,000 (`more` beyond). Any text gives an answer."""
    if len(text.strip()) < SHORTEST:
        return []
    places = suggest(connection, text, MOST_SUGGESTED) or _guessed(connection, text)
    totals = practitioners_near(connection, places, DEFAULT_MILES)
    labels = [place.label for place in places]
    return [
        {
            "near": _near(connection, place),
            "label": place.label,
            "county": place.county_label if labels.count(place.label) > 1 else "",
            "total": min(total, MOST),
            "more": total > MOST,
            "whole": place.kind == "state",
        }
        for place, total in zip(places, totals, strict=True)
    ]


def _guessed(connection: sqlite3.Connection, text: str) -> list[Place]:
    if len(text.strip()) < SHORTEST_GUESS:
        return []
    answer = find_place(connection, text)
    if isinstance(answer, Found):
        return [answer.place]
    return answer.places[:MOST_SUGGESTED] if isinstance(answer, Choices) else []


def _near(connection: sqlite3.Connection, place: Place) -> str:
    """The shortest text that finds this place and no other."""
    answer = find_place(connection, place.label)
    if isinstance(answer, Found) and answer.place == place:
        return place.label
    return place.long_label if place.kind == "state" else place_address(place)
