"""One small site a platform: the same wire format and the same traps, with nobody real in it.

Every class takes a world. `shown()` are the listings a visitor can see, `withheld()` those nobody
may ever find. Sites of hosted services also say with `sheet_extra()`, once they are served, what
belongs into the `options.extra` of their fact sheet: where the service is.
"""

from __future__ import annotations

from samples.agile_store_locator import AgileStoreLocatorSite, AgileStoreLocatorStrictSite
from samples.business_directory_plugin import (
    BusinessDirectoryPluginFullSite,
    BusinessDirectoryPluginSite,
)
from samples.closeby import ClosebyDetailsSite, ClosebySite
from samples.connections import ConnectionsClosedSite, ConnectionsSite
from samples.directorist import DirectoristClosedSite, DirectoristSite
from samples.elfsight import ElfsightBootSite, ElfsightSite
from samples.fhir_plan_net import FhirPlanNetSite
from samples.geodirectory import (
    GeoDirectoryClosedSite,
    GeoDirectoryMapOnlySite,
    GeoDirectorySite,
)
from samples.google_my_maps import GoogleMyMapsSite, GoogleMyMapsZipSite
from samples.grid_pages import AspNetSite, DrupalSite
from samples.mappress import MapPressFrameSite, MapPressRestSite, MapPressSite
from samples.maps_marker_pro import MapsMarkerProOldSite, MapsMarkerProSite
from samples.meeting_list import MeetingListRestrictedSite, MeetingListSite
from samples.membershipworks import MembershipWorksSite
from samples.metalocator import MetaLocatorSite
from samples.nppes import NppesSite
from samples.refused import RefusedSite
from samples.site import Site
from samples.squarespace import SquarespaceCollectionSite, SquarespaceSite
from samples.stockist import StockistSearchSite, StockistSite
from samples.store_locator_plus import (
    StoreLocatorPlusCloudSite,
    StoreLocatorPlusOldSite,
    StoreLocatorPlusQuietSite,
    StoreLocatorPlusSite,
)
from samples.store_locator_widgets import StoreLocatorWidgetsSite
from samples.storemapper import StoremapperSite
from samples.storepoint import StorepointSite
from samples.storerocket import StoreRocketCutSite, StoreRocketSite
from samples.super_store_finder import SuperStoreFinderFileSite, SuperStoreFinderSite
from samples.ultimate_member import UltimateMemberSite
from samples.wix import WixSite, WixSitemapSite
from samples.wordpress_posts import WordPressPostsBareSite, WordPressPostsSite
from samples.wp_go_maps import WpGoMapsClosedSite, WpGoMapsPathSite, WpGoMapsSite
from samples.wp_store_locator import CappedAloneSite, CappedSite, CappedWithoutPagesSite
from samples.yith_store_locator import YithStoreLocatorListSite, YithStoreLocatorSite

#: Name of the platform -> its site.
PLATFORM_SITES: dict[str, type[Site]] = {
    "agile_store_locator": AgileStoreLocatorSite,
    "store_locator_plus": StoreLocatorPlusSite,
    "super_store_finder": SuperStoreFinderSite,
    "wp_go_maps": WpGoMapsSite,
    "mappress": MapPressSite,
    "yith_store_locator": YithStoreLocatorSite,
    "maps_marker_pro": MapsMarkerProSite,
    "fhir_plan_net": FhirPlanNetSite,
    "nppes": NppesSite,
    "storepoint": StorepointSite,
    "stockist": StockistSite,
    "storerocket": StoreRocketSite,
    "storemapper": StoremapperSite,
    "closeby": ClosebySite,
    "store_locator_widgets": StoreLocatorWidgetsSite,
    "metalocator": MetaLocatorSite,
    "elfsight": ElfsightSite,
    "membershipworks": MembershipWorksSite,
    "google_my_maps": GoogleMyMapsSite,
    "refused": RefusedSite,
    "squarespace": SquarespaceSite,
    "wix": WixSite,
    "geodirectory": GeoDirectorySite,
    "connections": ConnectionsSite,
    "directorist": DirectoristSite,
    "business_directory_plugin": BusinessDirectoryPluginSite,
    "meeting_list": MeetingListSite,
    "wordpress_posts": WordPressPostsSite,
    "ultimate_member": UltimateMemberSite,
}

#: Name of the platform -> sites with other settings or versions of the same software.
VARIANTS: dict[str, tuple[type[Site], ...]] = {
    "wp_store_locator": (CappedSite, CappedWithoutPagesSite, CappedAloneSite),
    "agile_store_locator": (AgileStoreLocatorStrictSite,),
    "store_locator_plus": (
        StoreLocatorPlusQuietSite,
        StoreLocatorPlusOldSite,
        StoreLocatorPlusCloudSite,
    ),
    "super_store_finder": (SuperStoreFinderFileSite,),
    "wp_go_maps": (WpGoMapsPathSite, WpGoMapsClosedSite),
    "mappress": (MapPressFrameSite, MapPressRestSite),
    "yith_store_locator": (YithStoreLocatorListSite,),
    "maps_marker_pro": (MapsMarkerProOldSite,),
    "stockist": (StockistSearchSite,),
    "storerocket": (StoreRocketCutSite,),
    "closeby": (ClosebyDetailsSite,),
    "elfsight": (ElfsightBootSite,),
    "google_my_maps": (GoogleMyMapsZipSite,),
    "squarespace": (SquarespaceCollectionSite,),
    "wix": (WixSitemapSite,),
    "geodirectory": (GeoDirectoryClosedSite, GeoDirectoryMapOnlySite),
    "connections": (ConnectionsClosedSite,),
    "directorist": (DirectoristClosedSite,),
    "business_directory_plugin": (BusinessDirectoryPluginFullSite,),
    "meeting_list": (MeetingListRestrictedSite,),
    "wordpress_posts": (WordPressPostsBareSite,),
    "html_listing": (AspNetSite, DrupalSite),
}
