"""Registers, site builders and pages that turn oddly, over real HTTP and from the home page."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from samples.grid_pages import AspNetSite, DrupalSite
from samples.people import make_world
from samples.platform_sites import PLATFORM_SITES, VARIANTS
from samples.servers import running
from samples.site import Reply, Request
from samples.squarespace import SquarespaceSite
from samples.truth import fold
from tests.crawl_fixtures import crawl_apart, write_sheet

NAMES = ("fhir_plan_net", "nppes", "squarespace", "wix")


def name_and_phone(name: str | None, phone: str | None) -> tuple[str, str]:
    return fold(name), re.sub(r"\D", "", phone or "")


def test_everybody_is_found_from_the_home_page(tmp_path: Path, capsys: Any) -> None:
    world = make_world(people=400)
    software = {
        f"s_{name}_{number}": (name, kind(world))
        for name in NAMES
        for number, kind in enumerate((PLATFORM_SITES[name], *VARIANTS.get(name, ())))
    }
    software |= {
        "s_aspnet": ("html_listing", AspNetSite(world)),
        "s_drupal": ("html_listing", DrupalSite(world)),
    }
    with running({source: site for source, (_, site) in software.items()}):
        for source, (_, site) in software.items():
            write_sheet(tmp_path / "sources", source, site.base_url)
        bundles = crawl_apart(tmp_path / "sources", tmp_path / "data")
    for source, (platform, site) in software.items():
        bundle = bundles[source]
        shown, withheld = site.shown(), site.withheld()  # type: ignore[attr-defined]
        with capsys.disabled():
            found, asked = len(bundle["listings"]), len(site.requests)
            sys.stdout.write(f"\n{source}: {found} of {len(shown)}, {asked} requests")
        assert bundle["failure"] is None, source
        assert bundle["platform"] == platform, source
        assert "shortfall" not in bundle["stats"], source
        got = {fold(one["name"]) for one in bundle["listings"]}
        true = {fold(one.name) for one in shown} | {fold(one.printed) for one in shown}
        assert got <= true, source
        assert len(bundle["listings"]) == len(shown), source
        # One who is listed twice may be hidden once.
        hidden = {fold(one.printed) for one in withheld} - true
        assert not hidden & got, source
        assert asked <= 400, source


class AsksForData(SquarespaceSite):
    """A page that links to its own data, which its robots.txt forbids."""

    def directory(self, request: Request) -> Reply:
        reply = super().directory(request)
        assert isinstance(reply.body, bytes)
        link = (
            f'<a class="next" rel="next" href="{self.directory_path}?format=json-pretty">Next</a>'
        )
        return Reply(body=reply.body.replace(b"</main>", link.encode() + b"</main>"))


def test_the_data_of_squarespace_pages_is_never_asked_for(tmp_path: Path) -> None:
    site = AsksForData(make_world(people=400))
    with running({"s_page": site}):
        write_sheet(tmp_path / "sources", "s_page", site.base_url)
        bundles = crawl_apart(tmp_path / "sources", tmp_path / "data")
    assert bundles["s_page"]["failure"] is None
    assert not [path for _, path, _ in site.requests if "format=" in path]
