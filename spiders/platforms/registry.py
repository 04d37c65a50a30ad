"""Which platforms there are, in the order they are asked. A new one is one line here."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from spiders.platforms import Platform

#: Module in this folder and class in it. Software that names itself comes before look-alikes: of
#: equally sure answers the first one counts.
PLATFORMS: tuple[tuple[str, str], ...] = (
    ("wp_store_locator", "WpStoreLocator"),
    ("agile_store_locator", "AgileStoreLocator"),
    ("store_locator_plus", "StoreLocatorPlus"),
    ("super_store_finder", "SuperStoreFinder"),
    ("wp_go_maps", "WpGoMaps"),
    ("mappress", "MapPress"),
    ("yith_store_locator", "YithStoreLocator"),
    ("maps_marker_pro", "MapsMarkerPro"),
    ("geodirectory", "GeoDirectory"),
    ("connections", "Connections"),
    ("directorist", "Directorist"),
    ("business_directory_plugin", "BusinessDirectoryPlugin"),
    ("meeting_list", "MeetingList"),
    ("ultimate_member", "UltimateMember"),
    ("wordpress_posts", "WordPressPosts"),
    ("wild_apricot", "WildApricot"),
    ("fhir_plan_net", "FhirPlanNet"),
    ("nppes", "Nppes"),
    ("membershipworks", "MembershipWorks"),
    ("storepoint", "Storepoint"),
    ("stockist", "Stockist"),
    ("storerocket", "StoreRocket"),
    ("storemapper", "Storemapper"),
    ("closeby", "Closeby"),
    ("store_locator_widgets", "StoreLocatorWidgets"),
    ("metalocator", "MetaLocator"),
    ("elfsight", "Elfsight"),
    ("google_my_maps", "GoogleMyMaps"),
    ("refused", "Refused"),
    ("squarespace", "Squarespace"),
    ("wix", "Wix"),
    ("schema_org", "SchemaOrg"),
    ("html_listing", "HtmlListing"),
)


class UnknownPlatform(Exception):
    """A fact sheet names a platform that does not exist; the message lists those that do."""


@cache
def platforms() -> tuple[type[Platform], ...]:
    """All platform classes, in order. Loaded on first use: their parsers take time to import."""
    return tuple(_load(module, name) for module, name in PLATFORMS)


def platform_named(name: str) -> type[Platform]:
    """The platform whose `name` a fact sheet gives. Raises UnknownPlatform."""
    for one in platforms():
        if one.name == name:
            return one
    known = ", ".join(one.name for one in platforms())
    raise UnknownPlatform(f"no platform named {name!r}. There are: auto, {known}")


def _load(module: str, name: str) -> type[Platform]:
    found: type[Platform] = getattr(import_module(f"spiders.platforms.{module}"), name)
    return found
