"""The text of an answer, whatever charset it claims: names of people must come through whole.

Servers declare one charset and send another in both directions. Decoding as declared would turn
"Zoë" into "Zo�" or "ZoÃ«", and nothing later could tell.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any, Self

from scrapy.http import HtmlResponse, Request, Response, TextResponse

from spiders.trouble import Trouble

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

#: One byte a letter: every byte sequence decodes, so a success proves nothing.
_ONE_BYTE = {"latin-1", "iso8859-1", "cp1252", "ascii", "iso8859-15"}
#: Characters no XML can hold: lxml raises on them in the middle of a page. Tab and newlines stay.
_UNPRINTABLE = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def true_charset(body: bytes, declared: str) -> str | None:
    """The charset to decode `body` with: the declared one where the bytes bear it out.

    UTF-8 wins over a one-byte charset when the bytes are valid UTF-8, since text in the other
    hardly ever is. None when the bytes fit neither the declared one, UTF-8 nor windows-1252.
    """
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        name = "utf-8"
    order = ["utf-8", name] if name in _ONE_BYTE else [name, "utf-8"]
    if body.startswith(codecs.BOM_UTF8):
        order.insert(0, "utf-8")
    for one in [*order, "cp1252"]:
        try:
            text = body.decode(one)
        except (UnicodeDecodeError, LookupError):
            continue
        if "\0" not in text:
            return one
    return None


class CharsetMiddleware:
    """Gives every answer of text the charset its bytes are in."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        if not isinstance(response, TextResponse) or not response.body:
            return response
        declared = response.encoding
        found = true_charset(response.body, declared)
        if found is None:
            raise Trouble(f"{request.url} is no text: its bytes fit no charset (says {declared})")
        text = response.body.decode(found)
        if isinstance(response, HtmlResponse):
            text = _UNPRINTABLE.sub(" ", text)
        spider: Any = self._crawler.spider
        if found != codecs.lookup(declared).name:
            stats = spider.bundle.stats
            stats["charset/corrected"] = int(stats.get("charset/corrected", 0)) + 1
        # JSON readers look at the bytes, not at the header.
        return response.replace(body=text.encode(), encoding="utf-8")
