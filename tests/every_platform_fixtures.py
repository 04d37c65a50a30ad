"""Every platform's sample sites, with the fact sheets to crawl them and the truth about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from db.gate import judge
from records.bundle import RunBundle
from records.factsheet import load_sheets
from records.listing import Listing
from samples.cards import SampleCards
from samples.html_table import SampleHtmlTable
from samples.jsonld_profiles import SampleJsonld
from samples.platform_sites import PLATFORM_SITES, VARIANTS
from samples.sheets import columns_of
from samples.site import Site
from samples.truth import fold
from samples.wild_apricot import SampleWildApricot
from samples.world import TrueListing, World
from samples.wp_store_locator import SampleA, SampleB
from tests.crawl_fixtures import write_sheet

#: The platforms of the six demo directories.
_DEMO: dict[str, tuple[type[Site], ...]] = {
    "wp_store_locator": (SampleA, SampleB),
    "wild_apricot": (SampleWildApricot,),
    "schema_org": (SampleJsonld,),
    "html_listing": (SampleHtmlTable, SampleCards),
}
#: Recognised and not read, with the reason: the whole point of their sites.
REFUSED = frozenset({"ultimate_member", "refused"})


#: The directory's page holds the listings, or leads to pages that do.
IN_PAGE = frozenset("mappress elfsight squarespace wix schema_org html_listing ".split())
#: Run in the crawl's process: what was read comes back as it was read, each id once.
ONLY_THE_LAST_STAGE = """
from pipelines import ITEM_PIPELINES
for stage in list(ITEM_PIPELINES)[:-1]:
    del ITEM_PIPELINES[stage]
"""
#: Their pages carry structured data as well, which would do: a sheet names the software.
_NAMED = frozenset({"wordpress_posts"})


def kinds_of(platform: str) -> tuple[type[Site], ...]:
    """The sample sites of a platform, its usual one first; empty where there is none."""
    usual = (PLATFORM_SITES[platform],) if platform in PLATFORM_SITES else ()
    return (*usual, *_DEMO.get(platform, ()), *VARIANTS.get(platform, ()))


def write_platform_sheet(folder: Path, source: str, site: Site, platform: str) -> Path:
    """A sheet for a site that is served: its address, and what no reader could know."""
    options: dict[str, Any] = {}
    if hasattr(site, "sheet_extra"):
        options["extra"] = site.sheet_extra()
    if columns := columns_of(site.source_id):
        options["columns"] = columns
    changes: dict[str, Any] = {"options": options, "coverage": {"countries": ["US", "CA"]}}
    if site.directory_path.startswith(("/api/", "/r4/")):
        # Nothing on such a server is a page with links to follow.
        changes["directory_url"] = f"{site.base_url}{site.directory_path}"
    if platform in _NAMED:
        changes["platform"] = platform
    return write_sheet(folder, source, site.base_url, **changes)


def words(text: str | None) -> str:
    """Without punctuation: a page may print letters after a name with commas or without."""
    return " ".join(re.findall(r"\w+", fold(text)))


def digits(text: str | None) -> str:
    return re.sub(r"\D", "", text or "")[-10:]


def true_name(listing: TrueListing) -> str:
    return words(listing.printed)


def found_name(printed: Mapping[str, Any]) -> str:
    """The same line of a listing as it was read."""
    name, credentials = printed.get("name") or "", printed.get("credentials") or ""
    if credentials and words(credentials) not in words(name):
        name = f"{name}, {credentials}"
    return words(name or printed.get("practice"))


def small(world: World, most: int) -> World:
    """A world with at most so many listings a directory: the hard and the hidden ones first."""
    few = World(seed=world.seed, people=world.people, unpublished=world.unpublished)
    for source, listings in world.listings.items():
        kept = [one for one in listings if one.hard or not one.public]
        kept += [one for one in listings if not one.hard and one.public][: max(0, most - len(kept))]
        few.listings[source] = [one for one in listings if one in kept]
    return few


def judged(sources: Path, bundles: Mapping[str, dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """The gate's verdict and reason for each bundle of `crawl_apart`, by source."""
    found = {}
    for source, sheet in load_sheets(sources).items():
        bundle = bundles[source]
        listings = [
            Listing(**{key: value for key, value in one.items() if key != "clean"})
            for one in bundle["listings"]
        ]
        said = judge(sheet, RunBundle(**bundle | {"listings": listings}), None)
        found[source] = said.verdict, said.reason
    return found
