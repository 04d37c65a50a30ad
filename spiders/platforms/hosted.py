"""What the readers of hosted locators share: services whose answers come from another host.

The page of the directory only names an account; the listings are asked from the service's own
host, which has a robots.txt of its own, and the spider obeys it. A fact sheet can name another
address for the service in `options.extra.api`: for a mirror, or a server on this machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Response, TextResponse

from records.factsheet import FactSheet
from records.listing import Listing
from spiders.platforms import Hidden, WrongShape
from spiders.platforms.fields import heading_key
from spiders.platforms.json_answers import beginning, body_text, json_in, objects, printed
from spiders.platforms.map_rows import Rows
from spiders.platforms.wp import inline_scripts

#: `f({…});`, `/**/ typeof f === 'function' && f({…});`, `window.f && window.f([…])`
_CALL = re.compile(
    r"\s*(?:/\*.{0,50}?\*/\s*)?(?:[^({\[\"]{1,100}&&\s*)?[\w$][\w$.]{0,99}\s*\((?=\s*[\[{])", re.S
)
#: A call starts within so many letters; what is longer is looked at no further.
_CALL_STARTS = 500

#: Flags that say "nobody sees this", where they are true.
_WITHHELD = {
    "hidden": "hidden",
    "is hidden": "hidden",
    "private": "private",
    "is private": "private",
    "draft": "draft",
    "is draft": "draft",
    "pending": "pending",
    "is pending": "pending",
    "unpublished": "unpublished",
    "disabled": "disabled",
    "is disabled": "disabled",
    "archived": "archived",
    "is archived": "archived",
    "deleted": "deleted",
    "is deleted": "deleted",
    "deleted at": "deleted",
    "archived at": "archived",
    "members only": "members only",
    "hide address": "hidden address",
    "address hidden": "hidden address",
    "hidden address": "hidden address",
    "private address": "hidden address",
    "map hidden": "hidden address",
    "hide contact": "hidden contact",
    "owner contact hidden": "hidden contact",
}
#: Flags that say it where they are false.
_SHOWN = {
    "published": "unpublished",
    "is published": "unpublished",
    "active": "inactive",
    "is active": "inactive",
    "visible": "hidden",
    "is visible": "hidden",
    "enabled": "disabled",
    "is enabled": "disabled",
    "approved": "pending",
    "is approved": "pending",
}
_SET = frozenset(("1", "true", "on"))
_STATES = frozenset(("status", "publish_status", "post_status", "visibility"))
_WITHHELD_STATES = frozenset(
    """draft pending private hidden unpublished disabled inactive trash trashed archived deleted
    rejected expired suspended unapproved""".split()
)


def api_of(sheet: FactSheet, usual: str) -> str:
    """The service's address without a slash at the end: the fact sheet's `api`, or the usual one.

    Raises WrongShape when the fact sheet names something that is no web address.
    """
    named = sheet.options.extra.get("api", "").strip()
    if not named:
        return usual
    try:
        parts = urlsplit(named)
        if parts.scheme in ("http", "https") and parts.hostname:
            return named.rstrip("/")
    except ValueError:
        pass
    raise WrongShape(f"expected an http address in options.extra.api, got {beginning(named)}")


def web_page(page: Response) -> TextResponse | None:
    """The page if it is one with elements to look at; None for JSON, pictures and the like."""
    if isinstance(page, TextResponse) and page.selector.type in ("html", "xml"):
        return page
    return None


def script_sources(page: TextResponse) -> Iterator[str]:
    """What a page loads as scripts, by its own markup or by an inline script that adds one."""
    for attribute in ("src", "data-src", "data-lazy-src", "data-cfsrc"):
        yield from page.xpath(f"//script/@{attribute}").getall()
    yield from inline_scripts(page)


def frame_sources(page: TextResponse) -> Iterator[str]:
    """The addresses of a page's frames, also of those that are loaded late."""
    for attribute in ("src", "data-src", "data-lazy-src", "data-cmp-src", "data-cookieblock-src"):
        yield from page.xpath(f"//iframe/@{attribute}").getall()


def first_match(texts: Iterable[str], pattern: re.Pattern[str]) -> str | None:
    """The first group of the first match of `pattern` in any of the texts, or None."""
    for text in texts:
        found = pattern.search(text)
        if found:
            return found[1]
    return None


def attribute_of(page: TextResponse, attribute: str, pattern: re.Pattern[str]) -> str | None:
    """The value of the first element's `attribute` that `pattern` matches from end to end."""
    for value in page.xpath(f"//*[@{attribute}]/@{attribute}").getall():
        if pattern.fullmatch(value.strip()):
            return str(value.strip())
    return None


def json_or_call(answer: Response, expected: str) -> Any:
    """The JSON value of an answer that may be wrapped in one JavaScript call. Raises WrongShape."""
    text = body_text(answer).strip()
    call = _CALL.match(text[:_CALL_STARTS])
    if call is None:
        return json_in(text, expected)
    inner = text[call.end() :].removesuffix(";").rstrip()
    if not inner.endswith(")"):
        raise WrongShape(f"expected {expected}, got a call that was cut short: {beginning(text)}")
    return json_in(inner[:-1], expected)


def member(value: Any, path: tuple[str, ...], expected: str) -> Any:
    """What stands at a path of keys. Raises WrongShape where a step is missing.

    A service that says `success: false`, or an `error` instead of the first key, is quoted.
    """
    here = value
    for key in path:
        if not isinstance(here, dict) or key not in here:
            raise WrongShape(f"expected {expected}, got {beginning(json.dumps(value)[:400])}")
        here = here[key]
    return here


def rows_of(value: Any, expected: str, needs: Collection[str]) -> list[Mapping[str, Any]]:
    """The objects of a list, each with at least one of the keys in `needs`. Raises WrongShape."""
    rows = list(objects(value, expected))
    for row in rows:
        if not any(key in row for key in needs):
            raise WrongShape(f"expected {expected}, got an entry with keys {sorted(row)[:8]}")
    return rows


def refused(value: Any, expected: str) -> None:
    """Raises WrongShape where an object says `success: false` (or "false", or 0)."""
    if isinstance(value, dict) and "success" in value and not is_true(value["success"]):
        said = printed(value.get("message")) or printed(value.get("error")) or "nothing more"
        raise WrongShape(f"expected {expected}, got success: false ({beginning(said)})")


def is_true(value: Any) -> bool:
    """Whether a flag is set, however it is written: true, 1, "1", "true", "yes", "on"."""
    if isinstance(value, str):
        return value.strip().lower() not in ("", "0", "false", "no", "off", "null", "none")
    return bool(value)


def hidden_reason(row: Mapping[str, Any]) -> str | None:
    """Why a row is not shown to visitors, or None. Read from its flags and its status."""
    for key, value in row.items():
        name = heading_key(key)
        if name in _WITHHELD and is_true(value) and not _means_patients(name, value):
            return _WITHHELD[name]
        # Absent and null are no "false": most services leave out what they do not use.
        if name in _SHOWN and value is not None and value != "" and not is_true(value):
            return _SHOWN[name]
        if name.replace(" ", "_") in _STATES and isinstance(value, str):
            state = value.strip().lower()
            if state in _WITHHELD_STATES:
                return state
    return None


def _means_patients(name: str, value: Any) -> bool:
    """Whether a field called Private says "Yes" to a question about health insurance."""
    return name == "private" and isinstance(value, str) and value.strip().lower() not in _SET


def allowed(
    row: Mapping[str, Any], keys: Collection[str], columns: Mapping[str, str]
) -> dict[str, Any]:
    """What of a row may be read at all: the service's own known keys and the fact sheet's."""
    mapped = {heading_key(column) for column in columns}
    return {key: value for key, value in row.items() if key in keys or heading_key(key) in mapped}


def custom_fields(value: Any) -> dict[str, Any]:
    """A site's own fields, sent as a list of `name` and `value`, as keys of a row."""
    found: dict[str, Any] = {}
    if isinstance(value, dict):
        return {str(key): one for key, one in value.items() if not isinstance(one, dict)}
    for one in value if isinstance(value, list) else ():
        if not isinstance(one, dict):
            continue
        name = printed(one.get("name")) or printed(one.get("label")) or printed(one.get("key"))
        if name and name not in found:
            found[name] = next(
                (one[key] for key in ("value", "pivot_field_value", "text") if key in one), None
            )
    return found


def names_in(value: Any, *keys: str) -> str:
    """The names in a list of texts or of objects with a name, with commas between them."""
    found: list[str] = []
    for one in value if isinstance(value, list) else ():
        own = one if isinstance(one, dict) else {}
        named = next((own[key] for key in keys or ("name",) if key in own), None)
        text = printed(named if own else one)
        if text and text not in found:
            found.append(text)
    return ", ".join(found)


def count_in(value: Any) -> int | None:
    """A number of listings as a service says it: 12 or "12"; None for anything else."""
    text = printed(value) or ""
    return int(text) if re.fullmatch(r"\d{1,7}", text.strip(), re.ASCII) else None


def listing_or_hidden(
    rows: Rows, row: Mapping[str, Any], clean: Mapping[str, Any], native_id: str, seen_url: str
) -> Listing | Hidden:
    """`clean` as a listing, unless the row itself says that nobody is to see it."""
    reason = hidden_reason(row)
    return Hidden(reason) if reason else rows.listing(clean, native_id, seen_url)
