"""JSON and JavaScript literals as directory software sends them: any content type, any status.

Directories answer JSON under text/html, an error page under application/json with status 200, an
empty result as a string, and settings as JavaScript in the page. What is not of the expected shape
raises WrongShape, with the beginning of what came instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import chompjs
from scrapy.http import Response, TextResponse

from spiders.platforms import WrongShape

#: The code stands in a text of the script: somebody's post about it, sent as JSON.
_QUOTED = re.compile(r"""\s*[{[]\s*\\+["']""")
#: A settings object longer than this is no settings object.
_LONGEST_LITERAL = 2_000_000


def body_text(answer: Response) -> str:
    """The body as text, in the charset the answer names, else UTF-8; a BOM is left out."""
    if isinstance(answer, TextResponse):
        return answer.text.lstrip("\ufeff")
    return answer.body.decode("utf-8", errors="replace").lstrip("\ufeff")


def json_in(text: str, expected: str) -> Any:
    """The JSON value that `text` is.

    Numbers with a point stay text, digit for digit. Raises WrongShape, naming what was `expected`,
    for anything else: HTML, half an answer, text.
    """
    try:
        return json.loads(text, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise WrongShape(f"expected {expected}, got {beginning(text)}") from error


def beginning(text: str) -> str:
    """The first words of an answer, for a report; says so when there is none."""
    words = " ".join(text[:400].split())
    if not words:
        return "an empty answer"
    return repr(words if len(words) <= 60 else words[:59] + "…")


def literal_after(script: str, pattern: re.Pattern[str]) -> Any | None:
    """The first object or array literal that follows a match of `pattern`, or None.

    The literal is JSON or JavaScript (bare keys, single quotes, trailing commas). Matches that no
    literal follows are passed over, so a page that merely names the variable gives None.
    """
    for found in pattern.finditer(script):
        rest = script[found.end() : found.end() + _LONGEST_LITERAL]
        if rest.lstrip()[:1] not in ("{", "[") or _QUOTED.match(rest):
            continue
        try:
            return json.JSONDecoder(parse_float=str).raw_decode(rest.lstrip())[0]
        except (ValueError, RecursionError):
            value = literal(rest)
            if value is not None:
                return value
    return None


def literal(text: str) -> Any | None:
    """The first JavaScript object or array in `text`, or None where there is none to read.

    Numbers with a point stay text, digit for digit.
    """
    try:
        return chompjs.parse_js_object(text, loader_kwargs={"parse_float": str, "strict": False})
    except (ValueError, RecursionError, AttributeError):
        return None


def objects(value: Any, expected: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON array, one by one.

    PHP writes an array that lost an element on the way as `{"0": …, "2": …}`: that is one too.
    Raises WrongShape where `value` is no array, or something in it is no object: some software
    reports a database error as an array of one string.
    """
    if isinstance(value, dict) and value and all(key.isdecimal() for key in value):
        value = list(value.values())
    if not isinstance(value, list):
        raise WrongShape(f"expected {expected}, got {beginning(json.dumps(value)[:400])}")
    for row in value:
        if not isinstance(row, dict):
            raise WrongShape(
                f"expected {expected}, got an entry {beginning(json.dumps(row)[:400])}"
            )
        yield row


def printed(value: Any) -> str | None:
    """A JSON value as the text it was sent as; None for null, booleans, lists and objects."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return json.dumps(value)


def is_yes(value: Any) -> bool:
    """Whether a flag is set, however it is sent: true, 1, "1", "yes", "on"; null and "" are not."""
    return str(value).strip().lower() in ("1", "true", "yes", "y", "on")


def is_no(value: Any) -> bool:
    """Whether a flag is there and says no: false, 0, "0", "no", "off"; null and "" say nothing."""
    return str(value).strip().lower() in ("0", "false", "no", "n", "off")
