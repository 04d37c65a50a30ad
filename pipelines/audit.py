"""Stage: how well the listings are filled, counted for the report; changes nothing."""

from __future__ import annotations

from dataclasses import fields

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from records.listing import Clean, Listing

#: Printed fields that a listing may or may not have.
PRINTED = tuple(
    f.name
    for f in fields(Listing)
    if f.name not in {"source_id", "native_id", "seen_url", "extra", "clean"}
)
#: Fields of `clean` whose absence, where the printed one is filled, is worth a look.
_UNDERSTOOD = ("name", "practice", "city", "state", "postcode", "country", "phone", "website")
#: Different unknown keys counted by name in one run; the rest is counted together.
_MOST_KEYS = 100
assert {*_UNDERSTOOD} <= {f.name for f in fields(Clean)}


def findings(listing: Listing) -> list[str]:
    """What there is to count about one listing, as `field/outcome`."""
    found = [f"{name}/filled" for name in PRINTED if getattr(listing, name)]
    found += [
        f"{name}/not_understood"
        for name in _UNDERSTOOD
        if getattr(listing, name) and not getattr(listing.clean, name)
    ]
    if bool(listing.latitude) != bool(listing.longitude):
        found.append("coordinates/half")
    elif listing.latitude:
        found.append("coordinates/printed")
    if listing.clean.point_note:
        found.append("coordinates/not_believed")
    if listing.clean.latitude is None:
        found.append("point/none")
    return found


class AuditPipeline:
    """Counts `audit/<field>/<filled or not_understood>`, `audit/coordinates/…`, `audit/point/none`
    and `audit/extra/<key that no field fits>`."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats
        self._keys: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AuditPipeline:
        return cls(crawler.stats)

    def process_item(self, item: Listing) -> Listing:
        """The same listing, unchanged."""
        for finding in findings(item):
            self._stats.inc_value(f"audit/{finding}")
        for key in item.extra:
            if len(self._keys) < _MOST_KEYS:
                self._keys.add(key)
            self._stats.inc_value(f"audit/extra/{key if key in self._keys else '(others)'}")
        return item
