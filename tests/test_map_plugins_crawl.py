"""Map plugins over real HTTP: from the home page of a sample site to every listing of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from samples.map_plugin import MapPluginSite
from samples.people import make_world
from samples.platform_sites import PLATFORM_SITES, VARIANTS
from samples.servers import running
from samples.truth import fold
from tests.crawl_fixtures import crawl_apart, write_sheet
from tests.map_plugin_fixtures import NAMES


def test_every_map_plugin_is_found_and_read_from_the_home_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = make_world(people=400)
    sites: dict[str, MapPluginSite] = {}
    software: dict[str, str] = {}
    for name in NAMES:
        for kind in (PLATFORM_SITES[name], *VARIANTS[name]):
            assert issubclass(kind, MapPluginSite)
            source = f"s{len(sites)}_{name}"
            sites[source], software[source] = kind(world), name
    with running(sites):
        for source, site in sites.items():
            write_sheet(tmp_path / "sources", source, site.base_url)
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
        hidden = {fold(one.printed) for one in site.withheld()}
        assert not hidden & set(names)
