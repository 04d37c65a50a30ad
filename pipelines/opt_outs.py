"""Stage: people who asked not to be listed, left out whichever directory lists them.

It runs after the contact stage, because a person is told by what was understood, and before
anything is looked up or kept. Only hashes are compared; the list itself names nobody.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Set
from pathlib import Path
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from db.given_names import forms_of
from db.opt_outs import suppressed
from records.listing import Clean, Listing

#: Hosts where many people have a page: the first part of the path says whose.
_SHARED_HOSTS = (
    "facebook.com",
    "instagram.com",
    "linkedin.com",
    "linktr.ee",
    "google.com",
    "goo.gl",
    "yelp.com",
    "youtube.com",
    "x.com",
    "twitter.com",
    "tiktok.com",
    "psychologytoday.com",
    "healthgrades.com",
    "zocdoc.com",
    "wixsite.com",
    "acuityscheduling.com",
    "calendly.com",
    "example.com",
)

#: Shorter names are too near to one another to be another writing: Lee and Leo.
_SHORTEST_MISSPELT = 5


def opt_out_hashes(listing: Listing) -> dict[str, str]:
    """Hash -> what it stands for, of everything by which this person could be told again.

    The same person listed by another directory shares at least one hash as long as a phone number,
    an e-mail address or a website is the same and the name is another writing of it: initials, a
    nickname, one half of the surname, one letter wrong. The full name and the postal code do as
    well. Needs the cleaned values: run the stages up to contact before.
    """
    clean = listing.clean
    found = {_hash("listing", listing.id): "listing"}
    site = website_key(clean.website)
    for person in _short_names(clean):
        for what, value in (("phone", clean.phone), ("e-mail", clean.email), ("website", site)):
            if value:
                found[_hash(f"name and {what}", person, value)] = f"name and {what}"
    # A family name and an initial are too common for a whole postal area.
    person = folded(f"{clean.given or ''} {clean.family or ''}" if clean.family else clean.name)
    if person and clean.postcode:
        place = folded(clean.postcode)
        found[_hash("name and postcode", person, place)] = "name and postcode"
    return found


def _short_names(clean: Clean) -> list[str]:
    """Writings of the family name, each with the first letters of what the given name and the
    nickname are forms of; a practice whole."""
    family = folded(clean.family)
    if clean.kind == "practice" or not family:
        whole = folded(clean.name)
        return [whole] if whole else []
    given = {folded(one) for one in (clean.given, clean.nickname) if one}
    initials = {form[:1] for one in given for form in forms_of(one)} or {""}
    writings = set().union(*map(_misspelt, {family, *_parts(clean.family or "")}))
    return sorted(f"{one} {initial}" for one in writings for initial in initials)


def _parts(family: str) -> list[str]:
    """The halves of a surname in two parts that can stand for it."""
    parts = [folded(part) for part in family.replace("-", " ").split()]
    return [part for part in parts if len(part) >= _SHORTEST_MISSPELT]


def _misspelt(family: str) -> set[str]:
    """The name, and it with each letter left out: two writings that differ by one letter, wrong,
    missing, doubled or out of order, have one of these in common."""
    if len(family) < _SHORTEST_MISSPELT:
        return {family}
    return {family, *(family[:at] + family[at + 1 :] for at in range(len(family)))}


def website_key(url: str | None) -> str | None:
    """Whose website it is: the host without www, and on hosts that many share the first part of
    the path too. None where that says nothing ("facebook.com")."""
    if not url:
        return None
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if not any(host == shared or host.endswith(f".{shared}") for shared in _SHARED_HOSTS):
        return host or None
    own = host.split(".")[:-2]
    first = next((part for part in parts.path.split("/") if part), "")
    if first:
        return f"{host}/{first.casefold()}"
    return host if own else None


def folded(text: str | None) -> str:
    """Letters and digits only, without case and accents."""
    bare = unicodedata.normalize("NFKD", text or "").casefold()
    return "".join(c for c in bare if c.isalnum())


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class OptOutPipeline:
    """Drops listings of people who opted out. Counts `opt_outs/listing/<by what>`."""

    def __init__(self, stats: StatsCollector, hashes: Set[str]) -> None:
        self._stats = stats
        self._hashes = hashes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OptOutPipeline:
        """For a spider that has `data`, the folder of working.db; the list is read once, now."""
        data: Path = crawler.spider.data  # type: ignore[union-attr]
        return cls(crawler.stats, suppressed(data))

    def process_item(self, item: Listing) -> Listing:
        """The same listing. Raises DropItem for one that must not be shown."""
        what = opted_out(item, self._hashes)
        if what:
            self._stats.inc_value(f"opt_outs/listing/{what}")
            raise DropItem("opted out", log_level="DEBUG")
        return item


def opted_out(listing: Listing, hashes: Set[str]) -> str | None:
    """By what this listing's person is on the list of opt-outs, or None."""
    if not hashes:
        return None
    return next((what for key, what in opt_out_hashes(listing).items() if key in hashes), None)
