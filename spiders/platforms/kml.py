"""KML and KMZ: maps as files, read without trusting them.

A KMZ is a zip with a KML in it. Only that one entry is unpacked, and only so far: a few kilobytes
can hold gigabytes of blanks. What a document declares for itself is not read (`xml_answers.py`).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from scrapy.http import Response, TextResponse

from spiders.platforms import WrongShape
from spiders.platforms.xml_answers import xml_in

#: Google allows 10,000 places a map; with long descriptions that is some 20 MB.
MOST_BYTES = 64_000_000
_MOST_ENTRIES = 2000
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Placemark:
    """One entry of a map, as its file says it."""

    name: str = ""
    description: str = ""
    """HTML."""
    address: str = ""
    phone: str = ""
    layer: str = ""
    """Names of the folders it stands in, outermost first, joined with " / "."""
    data: dict[str, str] = field(default_factory=dict)
    """Columns of the table behind the map."""
    longitude: str = ""
    latitude: str = ""
    """As written; empty where the entry has no point."""
    drawn: bool = False
    """Whether it is a line or an area instead of a point."""
    visible: bool = True


def kml_in(answer: Response, expected: str) -> Any:
    """The root element of a KML or KMZ answer.

    Raises WrongShape, naming what was `expected`, for anything else: HTML, half an answer, a zip
    without a KML or with more than MOST_BYTES of it, a document that declares entities.
    """
    if answer.body.startswith(_ZIP):
        content = _unzipped(answer.body, expected)
        answer = TextResponse(answer.url, body=content, encoding="utf-8")
    root = xml_in(answer, expected)
    if _tag(root) != "kml":
        raise WrongShape(f"expected {expected}, got <{_tag(root)[:40]}>")
    return root


def placemarks(root: Any) -> Iterator[Placemark]:
    """Every placemark of a document in order, with the names of its folders."""
    yield from _within(root, (), visible=True)


def links(root: Any) -> list[str]:
    """Where a document says that more of the map is kept, as written."""
    found = []
    for element in root.iter():
        if _tag(element) == "NetworkLink":
            for link in element:
                if _tag(link) in ("Link", "Url"):
                    found.append(_text(link, "href"))
    return [one for one in dict.fromkeys(found) if one]


def _unzipped(body: bytes, expected: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_ENTRIES:
                raise WrongShape(f"expected {expected}, got a zip of {len(entries)} files")
            names = [one for one in entries if one.filename.lower().endswith(".kml")]
            # doc.kml by custom; where there are several, the first one is the map.
            names.sort(key=lambda one: one.filename.lower() != "doc.kml")
            if not names:
                raise WrongShape(f"expected {expected}, got a zip without a .kml")
            with archive.open(names[0]) as handle:
                # What an entry claims to hold is not believed: it is read up to the limit.
                content = handle.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        # RuntimeError: encrypted. NotImplementedError, a kind of it: packed in an unknown way.
        raise WrongShape(f"expected {expected}, got a zip that cannot be read ({error})") from error
    if len(content) > MOST_BYTES:
        raise WrongShape(f"expected {expected}, got a zip of more than {MOST_BYTES} bytes")
    return content


def _within(element: Any, folders: tuple[str, ...], *, visible: bool) -> Iterator[Placemark]:
    # A stack instead of recursion: how deep a file nests its folders is up to whoever wrote it.
    stack = [(element, folders, visible)]
    while stack:
        here, names, shown = stack.pop()
        tag = _tag(here)
        if tag == "Placemark":
            yield _placemark(here, names, shown)
            continue
        shown = shown and _text(here, "visibility") != "0"
        name = _text(here, "name")
        if tag == "Folder" and name:
            names = (*names, name)
        stack.extend((child, names, shown) for child in reversed(here) if _tag(child))


def _placemark(element: Any, folders: tuple[str, ...], visible: bool) -> Placemark:
    point, drawn = "", False
    for inner in element.iter():
        tag = _tag(inner)
        if tag == "Point" and not point:
            point = _text(inner, "coordinates")
        drawn = drawn or tag in ("LineString", "LinearRing", "Polygon", "Track")
    numbers = [one.strip() for one in point.split()[0].split(",")] if point.split() else []
    located = len(numbers) >= 2
    return Placemark(
        name=_text(element, "name"),
        description=_text(element, "description"),
        address=_text(element, "address"),
        phone=_text(element, "phoneNumber"),
        layer=" / ".join(folders),
        data=_data(element),
        longitude=numbers[0] if located else "",
        latitude=numbers[1] if located else "",
        drawn=drawn and not located,
        visible=visible and _text(element, "visibility") != "0",
    )


def _data(element: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for inner in element.iter():
        tag = _tag(inner)
        if tag not in ("Data", "SimpleData"):
            continue
        name = _text(inner, "displayName") or str(inner.get("name") or "").strip()
        text = _text(inner, "value") if tag == "Data" else "".join(inner.itertext()).strip()
        if name and text:
            found.setdefault(name, text)
    return found


def _text(element: Any, child: str) -> str:
    """The text of a child element, whatever its namespace; empty where there is none."""
    for one in element:
        if _tag(one) == child:
            return "".join(one.itertext()).strip()
    return ""


def _tag(element: Any) -> str:
    """The name of an element without its namespace; empty for comments."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""
