"""What Store Locator Plus answers: its envelope, its rows, and where and how far away they are.

The rows hold every value twice, escaped for HTML and as stored. The stored ones are read, and of
what is stored only the columns named here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from scrapy.http import Response

from spiders.platforms import WrongShape
from spiders.platforms.grid import Point
from spiders.platforms.json_answers import beginning, body_text, is_no, json_in, objects, printed
from spiders.platforms.map_rows import text_of

_CALL = re.compile(r"^\s*(?:/\*\*/)?\s*[\w.$]{1,60}\s*\((.*)\)\s*;?\s*$", re.S)
_LIMIT = re.compile(r"\bLIMIT\s+(\d{1,6})\b")

_EXPECTED = "an object with success and response"
#: Column of the plugin's table -> key of its answers. Nothing else of a stored row is looked at.
_STORED = {
    "sl_id": "id",
    "sl_store": "name",
    "sl_address": "address",
    "sl_address2": "address2",
    "sl_city": "city",
    "sl_state": "state",
    "sl_zip": "zip",
    "sl_country": "country",
    "sl_phone": "phone",
    "sl_email": "email",
    "sl_url": "url",
    "sl_pages_url": "sl_pages_url",
    "sl_latitude": "lat",
    "sl_longitude": "lng",
    "sl_tags": "tags",
    "sl_description": "description",
}


def rows_in(answer: Response) -> tuple[list[Mapping[str, Any]], int | None]:
    """(rows, the limit of the search where the answer tells it). Raises WrongShape."""
    text = body_text(answer)
    call = _CALL.match(text)
    reply = json_in(call[1] if call else text, _EXPECTED)
    inner = reply.get("data") if isinstance(reply, dict) else None
    if isinstance(inner, dict) and "response" in inner:
        reply = inner
    if not isinstance(reply, dict) or not isinstance(reply.get("response"), list | dict):
        raise WrongShape(f"expected {_EXPECTED}, got {beginning(text)}")
    if reply.get("success") not in (True, "true", "1", "True"):
        raise WrongShape("the answer says success: false")
    rows = list(objects(reply["response"], _EXPECTED))
    for row in rows:
        if "name" not in row or not ("lat" in row or "address" in row):
            raise WrongShape(f"expected {_EXPECTED}, got an entry with keys {sorted(row)[:8]}")
    count = printed(reply.get("count"))
    if count is not None and count.isdecimal() and int(count) != len(rows):
        raise WrongShape(f"the answer counts {count} entries and holds {len(rows)}")
    limits = _LIMIT.findall(str(reply.get("data_queries") or reply.get("dbQuery") or ""))
    return rows, int(limits[-1]) if limits else None


def single_in(answer: Response) -> Mapping[str, Any] | None:
    """The entry that an answer about one entry holds, or None where it is another answer."""
    try:
        found = json_in(body_text(answer), _EXPECTED)
    except WrongShape:
        return None
    return found if isinstance(found, dict) and "sl_id" in found else None


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its values as they were typed, where the answer has them."""
    stored = row.get("data")
    if not isinstance(stored, dict):
        return dict(row)
    typed = {
        key: stored[name] for name, key in _STORED.items() if stored.get(name) not in (None, "")
    }
    return {**row, **typed}


def is_private(row: Mapping[str, Any]) -> bool:
    """Whether the site keeps this entry to itself."""
    stored = row.get("data")
    said = [row.get("private"), row.get("sl_private")]
    if isinstance(stored, dict):
        said.append(stored.get("sl_private"))
    return any(one not in (None, "", []) and not is_no(one) for one in said)


def point_of(row: Mapping[str, Any]) -> Point | None:
    """(latitude, longitude) of a row, or None where they are missing or impossible."""
    try:
        point = float(text_of(row.get("lat"))), float(text_of(row.get("lng")))
    except ValueError:
        return None
    return point if abs(point[0]) <= 90 and abs(point[1]) <= 180 else None


def distances(rows: list[Mapping[str, Any]]) -> list[tuple[Point, float]]:
    """(point, the distance the answer prints) of the rows that have both."""
    found = []
    for row in rows:
        point = point_of(plain_row(row))
        try:
            said = float(text_of(row.get("distance")))
        except ValueError:
            continue
        if point is not None:
            found.append((point, said))
    return found


def ascending(far: list[float]) -> bool:
    """Whether rows at these distances came nearest first, as far as rounding lets one tell."""
    return all(nearer <= farther * 1.01 + 1 for nearer, farther in pairwise(far))
