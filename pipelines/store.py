"""Stage: the last one. Each native id once; what passes, the spider puts into its run bundle.

Nothing is written here: a source's listings go into the working store in one transaction, when its
run has ended and was judged.
"""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from db.stored_listing import source_hash
from records.listing import Listing


class StorePipeline:
    """Lets each native id through once. Counts `store/listing/kept`, `store/duplicate/same` and
    `store/duplicate/differs` (the same id with other content: an id that is none)."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats
        self._seen: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        return cls(crawler.stats)

    def process_item(self, item: Listing) -> Listing:
        """The same listing. Raises DropItem for the second of one native id."""
        content = source_hash(item)
        before = self._seen.get(item.native_id)
        if before is None:
            self._seen[item.native_id] = content
            self._stats.inc_value("store/listing/kept")
            return item
        outcome = "same" if before == content else "differs"
        self._stats.inc_value(f"store/duplicate/{outcome}")
        raise DropItem(f"a second listing with the same id ({outcome})", log_level="DEBUG")
