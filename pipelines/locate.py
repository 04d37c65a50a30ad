"""Stage: where a listing is, from its own coordinates, the cache and the gazetteer; no network."""

from __future__ import annotations

from pathlib import Path

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from db.gazetteer import Gazetteer, ensure
from geocoding.address import Address
from geocoding.cache import PlaceCache
from geocoding.placing import place_point
from spiders.listing import Listing


class LocatePipeline:
    """Fills latitude, longitude, precision, point_from and point_note of `clean`.

    Counts `locate/printed/<what became of the printed coordinates>` and
    `locate/precision/<precision or none>`.
    """

    def __init__(
        self, stats: StatsCollector, gazetteer: Gazetteer, cache: PlaceCache | None = None
    ) -> None:
        self._stats = stats
        self._gazetteer = gazetteer
        self._cache = cache or PlaceCache()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LocatePipeline:
        """Needs the setting NEEDLEPOINT_DATA, the folder of gazetteer.db and working.db. The
        cache in working.db is read once, now; a missing file is an empty cache."""
        data = Path(crawler.settings["NEEDLEPOINT_DATA"])
        cache = PlaceCache.read(data / "working.db")
        return cls(crawler.stats, Gazetteer(ensure(data)), cache)

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
        )
        clean = item.clean
        clean.latitude, clean.longitude = point.latitude, point.longitude
        clean.precision, clean.point_from = point.precision, point.point_from
        clean.point_note = point.point_note
        self._stats.inc_value(f"locate/printed/{outcome}")
        self._stats.inc_value(f"locate/precision/{point.precision or 'none'}")
        return item
