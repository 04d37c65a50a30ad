"""XML as directory software sends it: escaped twice or with HTML's own entities, and never trusted.

What an answer declares for itself (a DOCTYPE, entities) is not read at all: directories have no use
for it, and it can be made to fill the memory. An answer that was cut short raises WrongShape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from typing import Any

from lxml import etree
from scrapy.http import Response

from spiders.platforms import WrongShape
from spiders.platforms.json_answers import beginning, body_text

_DECLARED = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.I)
_PROLOGUE = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_ENTITY = re.compile(r"&([a-zA-Z][a-zA-Z0-9]{1,31});")
_XML_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
#: A bare ampersand and the letters XML does not allow: software that writes XML by hand sends both.
_BARE = re.compile(r"&(?!#?\w{1,31};)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def xml_in(answer: Response, expected: str) -> Any:
    """The root element of an XML answer.

    Raises WrongShape, naming what was `expected`, for anything else: HTML, half an answer, a
    document that declares entities.
    """
    text = body_text(answer).strip()
    if _DECLARED.search(text):
        raise WrongShape(f"expected {expected}, got a document with declarations of its own")
    text = _FORBIDDEN.sub("", _PROLOGUE.sub("", text))
    text = "".join(_readable(text))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WrongShape(f"expected {expected}, got {beginning(text)}") from error


def children(element: Any) -> dict[str, str]:
    """Name -> text of an element's children; what stands in elements within them counts as text."""
    return {
        str(one.tag): "".join(one.itertext()) for one in element if isinstance(one.tag, str)
    }  # comments have no name


def _readable(text: str) -> Iterator[str]:
    """The document piece by piece, its entities as XML understands them."""
    place = 0
    while place < len(text):
        start = text.find("<![CDATA[", place)
        end = text.find("]]>", start) if start >= 0 else -1
        if end < 0:
            start = end = len(text)
        yield _ENTITY.sub(_number, _BARE.sub("&amp;", text[place:start]))
        # What stands in CDATA is text already.
        yield text[start : end + 3]
        place = end + 3


def _number(entity: re.Match[str]) -> str:
    """HTML's &nbsp; as XML understands it; a name nobody knows as it stands."""
    name = entity[1]
    if name in _XML_OWN:
        return entity[0]
    return f"&#{name2codepoint[name]};" if name in name2codepoint else f"&amp;{name};"
