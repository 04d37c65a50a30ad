"""Stage: where a listing is, from its own coordinates, the cache, the gazetteer and what persons
decided; no network."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from db.gazetteer import Gazetteer
from db.gazetteer_file import ensure
from db.point_decisions import PointDecisions
from geocoding.address import Address
from geocoding.cache import PlaceCache
from geocoding.placing import decided_point, place_point
from records.listing import Listing


class LocatePipeline:
    """Fills latitude, longitude, precision, point_from and point_note of `clean`.

    Counts `locate/printed/<what became of the printed coordinates>` and
    `locate/precision/<precision or none>`.
    """

    def __init__(
        self,
        stats: StatsCollector,
        gazetteer: Gazetteer,
        cache: PlaceCache | None = None,
        decisions: PointDecisions | None = None,
    ) -> None:
        self._stats = stats
        self._gazetteer = gazetteer
        self._cache = cache or PlaceCache()
        self._decisions = decisions or PointDecisions()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LocatePipeline:
        """For a spider that has `data`, the folder of gazetteer.db and working.db. What working.db
        remembers is read once, now; a missing file remembers nothing."""
        data: Path = crawler.spider.data  # type: ignore[union-attr]
        working = data / "working.db"
        return cls(
            crawler.stats,
            Gazetteer(ensure(data)),
            PlaceCache.read(working),
            PointDecisions.of_file(working),
        )

    def close_spider(self) -> None:
        """Let go of the gazetteer."""
        self._gazetteer.close()

    def process_item(self, item: Listing) -> Listing:
        """The same listing, placed as well as can be told without asking anybody."""
        address = Address.of(item.clean)
        point, outcome = place_point(
            item.latitude,
            item.longitude,
            address,
            self._gazetteer,
            self._cache.found(address.key),
            approximate=bool(item.approximate),
        )
        decision = self._decisions.answer(item.id, item.printed())
        point = decided_point(decision, item.latitude, item.longitude, point)
        for part in fields(point):
            setattr(item.clean, part.name, getattr(point, part.name))
        self._stats.inc_value(f"locate/printed/{outcome}")
        self._stats.inc_value(f"locate/precision/{point.precision or 'none'}")
        return item
