"""How many listings there are by somebody else's count: WordPress's own, or a sitemap's.

A platform's answer can be short without saying so. What another part of the same site counts is the
only thing that tells. Both counts are optional: a site may have switched them off, and a run is
whole without them. Where an answer is something else nothing is counted, and nothing raised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scrapy.http import Response

from spiders.platforms import Total, WrongShape
from spiders.platforms.wp_rest import rows
from spiders.platforms.wp_rest import total as sent_total
from spiders.platforms.xml_answers import xml_in

#: WordPress begins a new sitemap file after so many addresses.
_FULL_SITEMAP = 2000


@dataclass(frozen=True, slots=True)
class WordPressCount:
    """What WordPress says of one kind of entry."""

    total: Total
    rows: Sequence[Mapping[str, Any]]
    """The entries of the page that was asked for, with the fields that were asked for."""


def wordpress_total(answer: Response) -> WordPressCount | None:
    """The count in an answer of WordPress's REST API, or None where it is no such answer."""
    count = sent_total(answer)
    if count is None or answer.status >= 400:
        return None
    try:
        found = rows(answer, "a JSON array of entries")
    except WrongShape:
        return None
    return WordPressCount(Total(count, "WordPress REST API (X-WP-Total)", independent=True), found)


def sitemap_total(answer: Response) -> Iterator[Total]:
    """How many entries one sitemap file names; nothing for another answer or a full file."""
    try:
        root = xml_in(answer, "a sitemap")
    except WrongShape:
        return
    count = sum(1 for one in root.iter("{*}loc"))
    if str(root.tag).endswith("urlset") and 0 < count < _FULL_SITEMAP and answer.status < 400:
        yield Total(count, "its sitemap", independent=True)
