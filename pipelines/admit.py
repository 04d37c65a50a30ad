"""Stage: is this a listing at all? What is not never reaches the others.

People who opted out are left out later, by the opt-outs stage: they are told by what the stages
between have understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from pipelines.text import tidy
from records.factsheet import FactSheet
from records.listing import Listing

#: Longest printed texts, in characters; longer ones mean that a reader took a page for a field.
LONGEST: Mapping[str, int] = {
    "native_id": 200,
    "name": 300,
    "practice": 300,
    "credentials": 500,
    "profession": 500,
    "address": 1000,
    "certification": 1000,
    "seen_url": 4000,
    "website": 4000,
    "booking_url": 4000,
    "profile_url": 4000,
}
_LONGEST_ELSE = 500
_FIELDS = tuple(
    """native_id seen_url name credentials profession practice address street street2 city state
    postcode country phone email website booking_url home_visits profile_url certification latitude
    longitude listed_on""".split()
)
_BAD_IN_ID = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def refusal(listing: Listing, source_id: str) -> str | None:
    """Why this is no listing of the source, as `field/outcome`; None when it is one."""
    if listing.source_id != source_id:
        return "source/other"
    if not listing.native_id.strip():
        return "native_id/missing"
    if _BAD_IN_ID.search(listing.native_id):
        return "native_id/unprintable"
    if not (tidy(listing.name) or tidy(listing.practice)):
        return "name/missing"
    for field in _FIELDS:
        if len(getattr(listing, field) or "") > LONGEST.get(field, _LONGEST_ELSE):
            return f"{field}/too_long"
    return None


class AdmitPipeline:
    """Lets through what is a listing. Counts `admit/listing/admitted` and
    `admit/<field>/<missing, unprintable, too_long or other>`."""

    def __init__(self, stats: StatsCollector, sheet: FactSheet) -> None:
        self._stats = stats
        self._source_id = sheet.id

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AdmitPipeline:
        """For a spider that has `sheet`, its fact sheet."""
        sheet: FactSheet = crawler.spider.sheet  # type: ignore[union-attr]
        return cls(crawler.stats, sheet)

    def process_item(self, item: Listing) -> Listing:
        """The same listing. Raises DropItem for what is none."""
        why = refusal(item, self._source_id)
        if why:
            self._stats.inc_value(f"admit/{why}")
            raise DropItem(why, log_level="DEBUG")
        self._stats.inc_value("admit/listing/admitted")
        return item
