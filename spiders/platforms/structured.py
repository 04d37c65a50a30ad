"""schema.org data of one page: JSON-LD and microdata as one kind of thing, found wherever it hides.

Everything comes out as JSON-LD's dictionaries. What cannot be read is left out: hand-written JSON
with comments and stray commas is read as JavaScript, the rest as if it were not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from extruct.w3cmicrodata import MicrodataExtractor
from scrapy.http import TextResponse

from records.text import lines, plain
from spiders.platforms.json_answers import literal, printed

Thing: TypeAlias = Mapping[str, Any]

#: Types that may be an entry of a directory.
PEOPLE = frozenset({"Person", "Physician", "IndividualPhysician"})
PRACTICES = frozenset(
    """PhysiciansOffice MedicalBusiness MedicalClinic MedicalOrganization Physiotherapy Chiropractic
    LocalBusiness HealthAndBeautyBusiness""".split()
)
_WANTED = PEOPLE | PRACTICES
#: Where an entry may be wrapped. Not author, publisher or provider: those are the site's own.
_WRAPPERS = (
    "@graph", "mainEntity", "itemListElement", "item", "member", "members", "employee",
    "employees", "hasPart", "mainEntityOfPage", "about",
)  # fmt: skip
_DEEPEST = 12
_MOST_THINGS = 20_000


def things(page: TextResponse) -> list[Thing]:
    """Every thing of a wanted type on the page, in printed order, wrappers taken off."""
    found: list[Thing] = []
    for root in _roots(page):
        _collect(root, found, 0)
    return found


def listed_addresses(page: TextResponse) -> list[str]:
    """Addresses that an ItemList names instead of the things themselves."""
    found: list[str] = []
    for root in _roots(page):
        for one in _walk(root, 0):
            if "ItemList" not in types_of(one):
                continue
            for element in _list(one.get("itemListElement")):
                item = element.get("item", element) if isinstance(element, dict) else element
                address = item.get("url") or item.get("@id") if isinstance(item, dict) else item
                if isinstance(address, str) and not (isinstance(item, dict) and is_wanted(item)):
                    found.append(address)
    return list(dict.fromkeys(found))


def is_wanted(thing: Thing) -> bool:
    """Whether its type may be an entry of a directory."""
    return bool(types_of(thing) & _WANTED)


def types_of(thing: Thing) -> frozenset[str]:
    """Its types without schema.org's address: {"Person", "Physiotherapy"}."""
    names = [one for one in _list(thing.get("@type")) if isinstance(one, str)]
    return frozenset(re.split(r"[/#:]", name.strip())[-1] for name in names)


def text_of(value: Any) -> str | None:
    """The text of a value: of a thing its name, of a list its first text; None where there is none.

    A PostalAddress or a Country may stand where a text is expected, and the other way round.
    """
    for one in _list(value):
        named = one
        if isinstance(one, dict):
            named = one.get("name") or one.get("@value") or one.get("value")
        text = plain(printed(named) or "")
        if text:
            return text
    return None


def texts_of(value: Any) -> list[str]:
    """The text of every value in a list, each once."""
    found = [text for one in _list(value) if (text := text_of(one))]
    return list(dict.fromkeys(found))


def lines_of(value: Any) -> str | None:
    """Like `text_of`, the lines of the text and the texts of a list joined by commas."""
    found: list[str] = []
    for one in _list(value):
        found += lines(printed(one) or "")
    return ", ".join(line.rstrip(", ") for line in dict.fromkeys(found)) or None


def first(value: Any) -> Thing:
    """The first thing of a value, or an empty one."""
    return next((one for one in _list(value) if isinstance(one, dict)), {})


def _roots(page: TextResponse) -> Iterator[Any]:
    for script in page.xpath("//script[contains(@type, 'ld+json')]/text()").getall():
        value = _json_ld(script)
        if value is not None:
            yield value
    if page.xpath("//*[@itemscope]"):
        items = MicrodataExtractor(strict=False).extract_items(
            page.selector.root, base_url=page.url
        )
        yield from (_from_microdata(item, 0) for item in items)


def _json_ld(script: str) -> Any | None:
    bare = re.sub(r"^\s*(?:<!--|//\s*<!\[CDATA\[)|(?:-->|//\s*\]\]>)\s*$", "", script.strip())
    try:
        return json.loads(bare, strict=False, parse_float=str)
    except (ValueError, RecursionError):
        return literal(bare)


def _from_microdata(item: Any, depth: int) -> Any:
    if isinstance(item, list):
        return [_from_microdata(one, depth + 1) for one in item]
    if not isinstance(item, dict) or depth > _DEEPEST:
        return item
    properties = item.get("properties")
    thing = {
        key: _from_microdata(value, depth + 1)
        for key, value in (properties if isinstance(properties, dict) else {}).items()
    }
    return {"@type": item.get("type"), "@id": item.get("id"), **thing}


def _walk(value: Any, depth: int) -> Iterator[Thing]:
    if depth > _DEEPEST:
        return
    for one in _list(value):
        if isinstance(one, dict):
            yield one
            for key in _WRAPPERS:
                if key in one:
                    yield from _walk(one[key], depth + 1)


def _collect(value: Any, found: list[Thing], depth: int) -> None:
    for one in _walk(value, depth):
        if len(found) >= _MOST_THINGS:
            return
        if is_wanted(one) and not any(one is known for known in found[-50:]):
            found.append(one)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
