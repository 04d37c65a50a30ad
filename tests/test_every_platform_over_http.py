"""Every platform against its sample servers, from the address to the last listing.

One crawl in a process of its own asks all of them over HTTP; what it found is held against what the
sites show. The stages are left out here: what is compared is what was read.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from samples.people import make_world
from samples.servers import running
from samples.site import Site
from spiders.platforms.registry import PLATFORMS
from tests.crawl_fixtures import crawl_apart
from tests.every_platform_fixtures import (
    ONLY_THE_LAST_STAGE,
    REFUSED,
    found_name,
    judged,
    kinds_of,
    small,
    true_name,
    write_platform_sheet,
)

NAMES = [name for name, _ in PLATFORMS]
#: Entries a site shows: more than any page of any of them, so that every pager has to turn.
LISTINGS = 130
#: Capped by number and distance: these get everybody there is, since that is their difficulty.
CAPPED = ("wp_store_locator", "store_locator_plus")
#: Their software has no way to some of its entries, and the run has to say so.
SAYS_WHAT_IS_MISSING = frozenset({"GeoDirectoryMapOnlySite"})
#: They answer 403 on purpose.
KEPT_TO_THEMSELVES = frozenset({"MeetingListRestrictedSite"})
#: Requests that each site may need, robots.txt and the way to the directory included. One whole
#: list, or pages of a hundred, is the usual.
USUAL = 12
MOST = {
    "SampleA": 60,
    "SampleB": 80,
    "CappedSite": 60,
    "CappedWithoutPagesSite": 60,
    "CappedAloneSite": 60,
    "StoreLocatorPlusSite": 120,
    "StoreLocatorPlusQuietSite": 240,
    "StoreLocatorPlusOldSite": 120,
    "StoreLocatorPlusCloudSite": 80,
    "ConnectionsClosedSite": 25,
    "BusinessDirectoryPluginFullSite": 25,
    "StockistSearchSite": 60,
    "StoreRocketCutSite": 320,
    "NppesSite": 130,
    "FhirPlanNetSite": 80,
    "SampleCards": 15,
}
#: A page an entry, since the lists do not say everything.
WITH_PAGES = frozenset(
    """SampleJsonld DirectoristClosedSite BusinessDirectoryPluginSite GeoDirectoryClosedSite
    WordPressPostsSite WordPressPostsBareSite ClosebyDetailsSite SquarespaceCollectionSite
    WixSitemapSite""".split()
)
#: The pop-up of every marker, and a page for the rest.
WITH_POPUPS = frozenset({"GeoDirectoryMapOnlySite"})


def most_requests(site: Site) -> int:
    kind, shown = type(site).__name__, len(site.shown())
    if kind in WITH_PAGES:
        return shown + 40
    return 2 * shown + 20 if kind in WITH_POPUPS else MOST.get(kind, USUAL)


@dataclass
class Run:
    platform: str
    site: Site
    bundle: dict[str, Any]
    verdict: str
    reason: str


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    folder = tmp_path_factory.mktemp("platforms")
    world = make_world()
    few = small(world, LISTINGS)
    sites: dict[str, Site] = {}
    software: dict[str, str] = {}
    for name in NAMES:
        for kind in kinds_of(name):
            source = f"s{len(sites)}_{name}"
            sites[source] = kind(world if name in CAPPED else few)
            software[source] = name
    with running(sites):
        for source, site in sites.items():
            write_platform_sheet(folder / "sources", source, site, software[source])
        bundles = crawl_apart(
            folder / "sources",
            folder / "data",
            before=ONLY_THE_LAST_STAGE,
            most_seconds=300,
        )
    said = judged(folder / "sources", bundles)
    found = {
        source: Run(software[source], site, bundles[source], *said[source])
        for source, site in sites.items()
    }
    yield found
    lines = [
        f"{type(run.site).__name__:32} {len(run.site.requests):4} requests  "
        f"{run.verdict}: {run.reason}"
        for run in found.values()
    ]
    sys.stdout.write("\n".join(("", *lines, "")))


def test_every_platform_has_a_sample_server() -> None:
    without = [name for name in NAMES if not kinds_of(name)]
    assert not without, f"no sample server for {', '.join(without)}"


@pytest.mark.parametrize("platform", NAMES)
def test_everybody_is_found_and_nobody_else(runs: dict[str, Run], platform: str) -> None:
    for run in runs.values():
        if run.platform != platform:
            continue
        kind = type(run.site).__name__
        if platform in REFUSED:
            assert run.verdict == "failed", kind
            assert "not read" in run.reason
            assert run.bundle["listings"] == []
            continue
        if kind in KEPT_TO_THEMSELVES:
            assert run.verdict == "failed", kind
            continue
        assert run.bundle["failure"] is None, f"{kind}: {run.bundle['failure']}"
        assert run.bundle["platform"] == platform, kind
        shown = Counter(true_name(one) for one in run.site.shown())
        found = Counter(found_name(one) for one in run.bundle["listings"])
        assert found - shown == Counter(), f"{kind}: invented"
        hidden = {true_name(one) for one in run.site.withheld()} - shown.keys()
        assert not hidden & found.keys(), f"{kind}: hidden entries"
        if kind in SAYS_WHAT_IS_MISSING:
            assert "missing" in run.bundle["stats"]["shortfall"], kind
            assert run.verdict == "suspect", f"{kind}: {run.reason}"
            continue
        missed = shown - found
        # An entry that stands there twice, in a directory without ids, is one.
        assert not missed.keys() - found.keys(), f"{kind}: not found"
        twice = run.bundle["stats"].get("store/duplicate/differs", 0)
        assert missed.total() == twice <= 2, f"{kind}: not found"
        assert run.verdict == "good", f"{kind}: {run.reason}"


@pytest.mark.parametrize("platform", NAMES)
def test_with_few_requests(runs: dict[str, Run], platform: str) -> None:
    for run in runs.values():
        if run.platform == platform:
            kind, asked = type(run.site).__name__, len(run.site.requests)
            assert asked <= most_requests(run.site), f"{kind}: {asked} requests"


def test_a_capped_locator_over_the_whole_country(runs: dict[str, Run]) -> None:
    """25 rows, 50 km, 409 listings: with pages, with the REST API only, and with neither."""
    capped = [run for run in runs.values() if type(run.site).__name__.startswith("Capped")]
    assert len(capped) == 3
    for run in capped:
        assert len(run.bundle["listings"]) == len(run.site.shown()) == 409
        assert len(run.site.requests) <= 400
        autoloads = {path for _, path, _ in run.site.requests if "autoload=1" in path}
        assert len(autoloads) <= 60, "each leaves a row in the site's database"
        latitudes = {path.split("lat=")[1].split("&")[0] for path in autoloads}
        assert len(latitudes) == len(autoloads), "the site keeps its answers by latitude"
        counted = "409 of 409; " in run.reason
        assert counted or type(run.site).__name__ == "CappedAloneSite"
