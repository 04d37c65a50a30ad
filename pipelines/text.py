"""Stage: the printed texts made safe to read, and the name of the practice.

Platforms already take markup and entities out, because they know how their software writes. This
stage makes sure: what still looks like markup is counted, so that a reader that lets it through is
seen, and whatever later stages read goes through `tidy`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from records.listing import Listing
from records.text import plain

#: Printed fields that hold one text each; addresses are the place stage's.
TEXTS = (
    "name",
    "credentials",
    "profession",
    "practice",
    "phone",
    "email",
    "website",
    "booking_url",
    "home_visits",
    "certification",
)

#: What people type into a box that they have nothing for, without case and punctuation.
_NOTHING = frozenset(
    """na none null nil nan undefined unknown tbd tba notapplicable notavailable notprovided
    notlisted""".split()
)
#: Controls, direction marks, joiners, private and unpaired code points: nothing a reader sees.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
_ORDINARY = re.compile(r"[ -%'-;=?-~]*")  # ASCII without & < >
_QUOTES = str.maketrans({"`": "'", "´": "'", "‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"'})


@lru_cache(maxsize=20_000)
def tidy(text: str | None) -> str | None:
    """The text on one line: markup out, entities read, NFC, nothing invisible, single blanks.

    None when nothing is left, or only a word that stands for nothing ("N/A", "-", "none").
    """
    if not text:
        return None
    if not _ORDINARY.fullmatch(text):
        # Full-width digits and letters are ordinary ones to a reader; NFKC would also take ™ and
        # ½ apart, which stay.
        text = unicodedata.normalize("NFC", plain(text).translate(_WIDE))
        text = "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in text)
    text = " ".join(text.split())
    return None if _says_nothing(text) else text


def straight(text: str) -> str:
    """The text with typographic quotes and apostrophes as the ones on a keyboard."""
    return text.translate(_QUOTES)


_WIDE = {0xFF01 + i: 0x21 + i for i in range(94)}


def _says_nothing(text: str) -> bool:
    bare = "".join(c for c in text if c.isalnum()).casefold()
    return not bare or bare in _NOTHING


class TextPipeline:
    """Fills `practice` of `clean`.

    Counts `text/<field>/changed` where a printed text was not yet fit to show,
    `text/<field>/nothing` where it says nothing ("N/A"), and `text/practice/filled`.
    """

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> TextPipeline:
        return cls(crawler.stats)

    def process_item(self, item: Listing) -> Listing:
        """The same listing with `clean.practice` set."""
        for field in TEXTS:
            printed: str | None = getattr(item, field)
            if not printed:
                continue
            text = tidy(printed)
            if text is None:
                self._stats.inc_value(f"text/{field}/nothing")
            elif text != printed:
                self._stats.inc_value(f"text/{field}/changed")
        item.clean.practice = tidy(item.practice)
        if item.clean.practice:
            self._stats.inc_value("text/practice/filled")
        return item
