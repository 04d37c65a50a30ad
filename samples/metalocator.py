"""A directory on MetaLocator: a bare array in which every account has fields of its own."""

from __future__ import annotations

from typing import Any

from samples.hosted import HostedSite, as_json
from samples.site import Reply, Request
from samples.world import TrueListing


class MetaLocatorSite(HostedSite):
    """Numbers as text, the level in a field of the account's own."""

    account = "12991"

    def widget(self) -> str:
        query = (
            "option=com_locator&amp;view=directory&amp;layout=combined_bootstrap"
            f"&amp;Itemid={self.account}&amp;tmpl=component&amp;framed=1&amp;source=js"
        )
        return (
            '<div id="locator"></div>\n'
            f'<script src="https://code.metalocator.com/index.php?{query}"></script>'
        )

    def service(self, path: str, request: Request) -> Reply | None:
        if path.rstrip("/") != "/webapi/api/search":
            return None
        if request.query.get("Itemid") != self.account:
            return as_json({"error": "An API key is required."})
        rows = [self._row(one, "1") for one in self.shown()]
        return as_json(rows + [self._row(one, "0") for one in self.withheld()])

    def _row(self, listing: TrueListing, published: str) -> dict[str, Any]:
        return {
            "id": listing.native_id,
            "name": listing.stored,
            "address": listing.street,
            "address2": listing.unit,
            "city": listing.city,
            "state": listing.state,
            "postalcode": listing.postcode,
            "country": listing.country,
            "phone": listing.phone,
            "email": listing.email,
            "link": listing.website,
            "lat": "" if listing.latitude is None else str(listing.latitude),
            "lng": "" if listing.longitude is None else str(listing.longitude),
            "hours": "Mon: 9-5|Tue: 9-5",
            "tags": "Needling",
            "certification": listing.certification or "",
            "practicename": listing.practice,
            "published": published,
            "user_id": "17",
            "apikey": "0000",
        }
