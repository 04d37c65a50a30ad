"""Whether a page of HTML ends before its end: half a list looks like a shorter one."""

from __future__ import annotations

import re

from scrapy.http import TextResponse

_OPENED = re.compile(r"<(table|tbody|ul|ol|dl|div|section|article|main)\b(?![^<>]*/>)", re.I)
_CLOSED = re.compile(r"</(table|tbody|ul|ol|dl|div|section|article|main)\b", re.I)
_BEGINS = re.compile(r"<(?:html|body)\b", re.I)
_ENDS = re.compile(r"</(?:html|body)\b", re.I)


def cut_off(page: TextResponse) -> bool:
    """Whether a page began as one, and stops with a list or a block still open.

    HTML allows a page to leave out the end of its body, and many do; those have closed everything
    else by then.
    """
    text = page.text
    if not _BEGINS.search(text) or _ENDS.search(text):
        return False
    return len(_OPENED.findall(text)) > len(_CLOSED.findall(text))
