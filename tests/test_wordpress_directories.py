"""WordPress directory plugins on their sample sites: everybody is found, nobody else is."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from records.listing import Listing
from samples.business_directory_plugin import (
    BusinessDirectoryPluginFullSite,
    BusinessDirectoryPluginSite,
)
from samples.connections import ConnectionsClosedSite, ConnectionsSite
from samples.directorist import DirectoristClosedSite, DirectoristSite
from samples.directory_plugin import DirectoryPluginSite
from samples.geodirectory import (
    GeoDirectoryClosedSite,
    GeoDirectoryMapOnlySite,
    GeoDirectorySite,
)
from samples.meeting_list import MeetingListSite
from samples.people import make_world
from samples.truth import fold
from samples.wordpress_posts import WordPressPostsBareSite, WordPressPostsSite
from samples.world import TrueListing, World
from spiders.platforms import Platform
from spiders.platforms.registry import platform_named
from tests.directory_fixtures import visit
from tests.platform_fixtures import Harvest, around

#: Site -> (its platform, most requests for its people, whether the ZIP is a field of its own).
SITES: dict[type[DirectoryPluginSite], tuple[str, int]] = {
    GeoDirectorySite: ("geodirectory", 2),
    GeoDirectoryClosedSite: ("geodirectory", 103),
    GeoDirectoryMapOnlySite: ("geodirectory", 103),
    ConnectionsSite: ("connections", 2),
    ConnectionsClosedSite: ("connections", 13),
    DirectoristSite: ("directorist", 2),
    DirectoristClosedSite: ("directorist", 120),
    BusinessDirectoryPluginSite: ("business_directory_plugin", 112),
    BusinessDirectoryPluginFullSite: ("business_directory_plugin", 15),
    MeetingListSite: ("meeting_list", 1),
    WordPressPostsSite: ("wordpress_posts", 6),
    WordPressPostsBareSite: ("wordpress_posts", 102),
}


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(people=400)


@pytest.fixture(scope="module")
def larger() -> World:
    return make_world(people=1000)


def platform(name: str, **options: Any) -> Platform:
    return platform_named(name)(around(**options))


@pytest.mark.parametrize("kind", SITES, ids=lambda kind: kind.__name__)
def test_everybody_is_found_and_nobody_else(kind: type[DirectoryPluginSite], world: World) -> None:
    name, most = SITES[kind]
    site = kind(world)
    found = visit(site, platform(name))
    truth = {one.native_id: one for one in site.shown()}
    if kind is GeoDirectoryMapOnlySite:
        truth = {key: one for key, one in truth.items() if one.latitude}
        assert len(found.shortfalls) == 1
    else:
        assert found.shortfalls == []
    count = f"{len(found.listings)} of {len(truth)} in {len(found.requests)} requests"
    sys.stdout.write(f"{kind.__name__}: {count}\n")
    assert set(found.listings) == set(truth)
    withheld = {fold(one.printed) for one in site.withheld()}
    assert not withheld & {fold(one.name) for one in found.listings.values()}
    assert len(found.requests) <= most
    for native, one in truth.items():
        compare(one, found.listings[native], kind)


def compare(one: TrueListing, read: Listing, kind: type[DirectoryPluginSite]) -> None:
    assert fold(read.name) == fold(one.printed)
    address = " ".join(
        text
        for text in (
            read.street, read.street2, read.address, read.city, read.state, read.postcode,
        )
        if text
    )  # fmt: skip
    for part in (one.street, one.unit, one.city, one.state, one.postcode):
        assert fold(part) in fold(address), (part, address)
    assert fold(read.phone) == fold(one.phone)
    if one.website.startswith("http"):
        assert read.website == one.website
    if "@" in one.email and one.email.isascii():
        assert read.email == one.email
    if kind not in (BusinessDirectoryPluginSite, BusinessDirectoryPluginFullSite):
        no_points = kind is ConnectionsClosedSite
        wanted = None if no_points or one.latitude is None else one.latitude
        given = None if read.latitude is None else float(read.latitude)
        assert given == pytest.approx(wanted) if wanted is not None else given is None


PAGED = {GeoDirectorySite: 3, ConnectionsSite: 3, DirectoristSite: 3, WordPressPostsSite: 7}


@pytest.mark.parametrize("kind", PAGED, ids=lambda kind: kind.__name__)
def test_pages_of_a_hundred_are_turned_to_the_end(
    kind: type[DirectoryPluginSite], larger: World
) -> None:
    site = kind(larger)
    found = visit(site, platform(SITES[kind][0]))
    assert set(found.listings) == {one.native_id for one in site.shown()}
    assert len(found.listings) > 200
    assert len(found.requests) == PAGED[kind]


def hidden_of(kind: type[DirectoryPluginSite], world: World) -> Harvest:
    return visit(kind(world), platform(SITES[kind][0]))


@pytest.mark.parametrize(
    ("kind", "reasons"),
    [
        (GeoDirectorySite, ["private address"]),
        (ConnectionsSite, ["status pending", "visibility private"]),
        (DirectoristSite, ["status private", "its contact is hidden"]),
        (BusinessDirectoryPluginSite, ["inactive"]),
        (MeetingListSite, ["status draft"]),
        (WordPressPostsSite, ["protected by a password"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_hidden_rows_are_counted_by_reason(
    kind: type[DirectoryPluginSite], reasons: list[str], world: World
) -> None:
    assert hidden_of(kind, world).hidden == reasons
