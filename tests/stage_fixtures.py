"""What the tests of the cleaning stages share: counters, a fact sheet, a listing."""

from __future__ import annotations

from typing import Any

from scrapy.crawler import Crawler
from scrapy.statscollectors import MemoryStatsCollector

from records.factsheet import FactSheet
from records.listing import Listing
from spiders.directory import DirectorySpider


def counters() -> MemoryStatsCollector:
    """Empty counters, as a crawl has them."""
    return MemoryStatsCollector(Crawler(DirectorySpider))


def listing(**printed: Any) -> Listing:
    """A listing of an invented directory."""
    return Listing(
        **{
            "source_id": "alpha",
            "native_id": "1",
            "seen_url": "https://alpha.directory.example/",
            "name": "Ada Sampleton, PT",
            **printed,
        }
    )


def sheet(**more: Any) -> FactSheet:
    """The fact sheet of that directory, with two levels that it knows."""
    return FactSheet.model_validate(
        {
            "id": "alpha",
            "title": "Invented directory",
            "publisher": {"name": "Invented Institute"},
            "home_url": "https://alpha.directory.example/",
            "certification": {
                "issuer": "Invented Institute",
                "label": "Invented Institute graduate",
                "wording": {
                    "Level 1": "Foundations of Invented Needling",
                    "Level 2, advanced": "Certified Invented Needler",
                },
            },
            "status": {"state": "active", "reason": "a test", "date": "2026-01-01"},
            **more,
        }
    )
