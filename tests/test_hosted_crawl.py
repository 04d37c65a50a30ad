"""Hosted locators over real HTTP: from the home page of a sample site to every listing of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from samples.hosted import HostedSite
from samples.people import make_world
from samples.platform_sites import PLATFORM_SITES, VARIANTS
from samples.servers import running
from samples.site import Site
from samples.truth import fold
from samples.world import World
from spiders.platforms.registry import platform_named
from tests.crawl_fixtures import crawl_apart, write_sheet
from tests.hosted_fixtures import NAMES


def hosted_sites(world: World) -> tuple[dict[str, HostedSite], dict[str, str]]:
    """Every site by the id of its source, and the platform each should be recognised as."""
    sites: dict[str, HostedSite] = {}
    software: dict[str, str] = {}
    for name in NAMES:
        for kind in (PLATFORM_SITES[name], *VARIANTS.get(name, ())):
            assert issubclass(kind, HostedSite)
            source = f"s{len(sites)}_{name}"
            sites[source], software[source] = kind(world), name
    return sites, software


def test_every_hosted_locator_is_found_and_read_from_the_home_page(
    tmp_path: Path, capsys: Any
) -> None:
    sites, software = hosted_sites(make_world(people=400))
    with running(sites):
        for source, site in sites.items():
            options = {"extra": site.sheet_extra()}
            write_sheet(tmp_path / "sources", source, site.base_url, options=options)
        bundles = crawl_apart(tmp_path / "sources", tmp_path / "data")
    for source, site in sites.items():
        bundle, shown = bundles[source], site.shown()
        with capsys.disabled():
            asked = len(site.requests)
            sys.stdout.write(
                f"\n{source}: {len(bundle['listings'])} of {len(shown)}, {asked} requests"
            )
        assert bundle["failure"] is None, source
        assert bundle["platform"] == software[source]
        assert "shortfall" not in bundle["stats"]
        names = sorted(fold(one["name"]) for one in bundle["listings"])
        assert names == sorted(fold(one.printed) for one in shown), source
        assert not {fold(one.printed) for one in site.withheld()} & set(names)
        assert asked <= 400


class Withdrawn(PLATFORM_SITES["storepoint"]):  # type: ignore[misc,name-defined]
    """A service whose robots.txt forbids it."""

    def robots(self) -> str:
        return "User-agent: *\nDisallow: /service/\n"


class Elsewhere(PLATFORM_SITES["storepoint"]):  # type: ignore[misc,name-defined]
    """A service at an address of a private network that is not the site's own."""

    def sheet_extra(self) -> dict[str, str]:
        return {"api": "http://169.254.169.254/latest"}


def test_what_may_not_be_asked_is_not_asked(tmp_path: Path) -> None:
    world = make_world(people=400)
    sites: dict[str, Site] = {
        "withdrawn": Withdrawn(world),
        "elsewhere": Elsewhere(world),
        "with_a_key": PLATFORM_SITES["refused"](world),
    }
    with running(sites):
        for source, site in sites.items():
            extra = site.sheet_extra() if isinstance(site, HostedSite) else {}
            write_sheet(tmp_path / "sources", source, site.base_url, options={"extra": extra})
        bundles = crawl_apart(tmp_path / "sources", tmp_path / "data")
    assert "robots.txt" in bundles["withdrawn"]["failure"]
    assert "169.254.169.254" in bundles["elsewhere"]["failure"]
    assert "ApiKey" in bundles["with_a_key"]["failure"]
    for source, site in sites.items():
        assert bundles[source]["listings"] == []
        assert not [path for _, path, _ in site.requests if path.startswith("/service")]


def test_a_sheet_names_the_service_in_words_of_the_manual() -> None:
    for name in NAMES:
        kind = platform_named(name)
        manual = sys.modules[kind.__module__].__doc__ or ""
        assert "`api`: another address of the service" in manual, name
