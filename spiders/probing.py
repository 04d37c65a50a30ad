"""Whether a directory still answers as it did when it was recorded: its structure, not its values.

Compared are the kinds of questions, the keys and types of JSON, the elements that repeat in pages,
the fields that listings have, and counts far from those of the recording.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from parsel import Selector

from records.listing import Listing
from spiders.recordings import Exchange

#: An element that stands so often in a page is a part of its structure.
_REPEATS = 3
#: A count that moves by more than this share is no usual change of a directory.
_FAR = 0.4
#: In a directory of so few every one is a large share.
_FEW = 5


@dataclass(slots=True)
class Structure:
    """What stays the same while the entries of a directory come and go."""

    answers: dict[str, set[str]] = field(default_factory=dict)
    """Kind of question -> keys with their types, or elements that repeat."""
    fields: dict[str, int] = field(default_factory=dict)
    """Field of a listing -> how many have it."""
    listings: int = 0
    hidden: int = 0


def structure(exchanges: Sequence[Exchange], listings: Sequence[Listing], hidden: int) -> Structure:
    """The structure of a recording, or of a crawl a moment ago."""
    found = Structure(listings=len(listings), hidden=hidden)
    kinds = [kind_of(one) for one in exchanges]
    beside = Counter(_above(kind) for kind in set(kinds))
    for one, kind in zip(exchanges, kinds, strict=True):
        # Pages side by side are entries, each with a name of its own.
        name = f"{_above(kind)}/*" if beside[_above(kind)] > 2 else kind
        found.answers.setdefault(name, set()).update(_shape(one.body))
    found.fields = dict(
        Counter(name for one in listings for name in one.printed() if name != "source_id")
    )
    return found


def changes(before: Structure, now: Structure) -> list[str]:
    """What changed, a line each; empty when nothing did."""
    lines = []
    for kind in sorted(before.answers.keys() - now.answers.keys()):
        lines.append(f"no longer asked: {kind}")
    for kind in sorted(now.answers.keys() - before.answers.keys()):
        lines.append(f"newly asked: {kind}")
    for kind in sorted(before.answers.keys() & now.answers.keys()):
        old, new = before.answers[kind], now.answers[kind]
        lines += [f"{kind}: gone: {one}" for one in sorted(old - new)]
        lines += [f"{kind}: new: {one}" for one in sorted(new - old)]
    for name, many in sorted(before.fields.items()):
        if many and not now.fields.get(name):
            lines.append(f"listings have no {name} any more ({many} of {before.listings} had)")
    for name in sorted(now.fields.keys() - before.fields.keys()):
        lines.append(f"listings have {name} now ({now.fields[name]} of {now.listings})")
    lines += _far("listings", before.listings, now.listings)
    lines += _far("hidden rows", before.hidden, now.hidden)
    return lines


def _far(what: str, before: int, now: int) -> Iterator[str]:
    if abs(now - before) > max(_FEW, _FAR * before):
        yield f"{what}: {now}, {before} when recorded"


def kind_of(one: Exchange) -> str:
    """A question without its values: the method, the path, and the names in query and form."""
    parts = urlsplit(one.url)
    # Entries have pages of their own; their names and numbers differ, their depth does not.
    path = re.sub(r"/[^/]*\d[^/]*(?=/|$)", "/#", parts.path)
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    names += list(one.form)
    action = dict(parse_qsl(parts.query)).get("action") or one.form.get("action")
    said = f"{one.method} {path}"
    if names:
        said += f" ({', '.join(sorted(set(names)))})"
    return f"{said} action {action}" if action else said


def _above(kind: str) -> str:
    return kind.rstrip("/").rpartition("/")[0]


def _shape(body: str) -> Iterable[str]:
    start = body.lstrip("\ufeff \t\r\n")
    if start[:1] == "<":
        return _elements(start)
    # A guard, or the name of a function, before the JSON.
    found = re.search(r"[\[{]", start[:200])
    if found:
        try:
            value, _ = json.JSONDecoder().raw_decode(start[found.start() :])
        except ValueError:
            return {"text"}
        return set(_keys(value, ""))
    return {"text"} if start else {"nothing"}


def _keys(value: Any, where: str) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                # Numbers as keys are ids.
                name = "#" if re.fullmatch(r"\d+", key) else key
                yield from _keys(inner, f"{where}.{name}" if where else name)
        case list():
            for inner in value:
                yield from _keys(inner, f"{where}[]")
        case None:
            return
        case _:
            yield f"{where} ({_TYPES[type(value)]})"


_TYPES = {str: "text", bool: "yes or no", int: "number", float: "number"}


def _elements(text: str) -> Iterable[str]:
    selector = Selector(text=text.replace("\x00", ""))
    counts: Counter[str] = Counter()
    for element in selector.xpath("//*[@class]"):
        for name in (element.xpath("@class").get() or "").split():
            # "post-4711" and the like are one of a kind each.
            if not re.search(r"\d", name):
                counts[f"{element.root.tag}.{name}"] += 1
    return {name for name, many in counts.items() if many >= _REPEATS}
