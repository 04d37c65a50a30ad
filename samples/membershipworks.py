"""A directory on MembershipWorks: keys of three letters, and no answer without the organisation."""

from __future__ import annotations

from typing import Any

from samples.hosted import HostedSite, as_json
from samples.site import Reply, Request, escaped
from samples.world import TrueListing


class MembershipWorksSite(HostedSite):
    """Members in two folders, the second named by the first answer."""

    account = "33993"
    folder = "0123456789abcdef01234567"

    def widget(self) -> str:
        return (
            f'<div id="SFctr" class="SF" data-org="{self.account}" data-ini="!directory/map" '
            'data-scl="0" data-sfi="1"></div>\n'
            '<script type="text/javascript" src="https://cdn.membershipworks.com/mfm.js"></script>'
        )

    def service(self, path: str, request: Request) -> Reply | None:
        page = f"{self.base_url}{self.directory_path}"
        headers = request.headers
        if headers.get("x-org") != self.account or headers.get("referer") != page:
            return as_json({"error": "Unknown organization"}, status=400)
        if path != "/v2/directory":
            return None
        rows = [self._row(one) for one in self.shown()]
        half = len(rows) // 2
        if request.query.get("dek") == self.folder:
            return as_json({"usr": rows[half:], "_re": 837})
        if request.query.get("_rf") == "Members":
            hidden = [self._row(one) | {"private": 1} for one in self.withheld()]
            folders = [{"did": self.folder, "nam": "Elsewhere"}]
            return as_json({"usr": rows[:half] + hidden, "dek": folders, "_re": 837, "_mk": "key"})
        return as_json({"usr": []})

    def _row(self, listing: TrueListing) -> dict[str, Any]:
        street = {"ad1": listing.street, "ad2": listing.unit, "cit": listing.city}
        place = {"sta": listing.state, "zip": listing.postcode, "con": listing.country}
        address: dict[str, Any] = {key: text for key, text in (street | place).items() if text}
        row: dict[str, Any] = {
            "uid": f"{int(listing.native_id):024x}",
            "nam": escaped(listing.stored),
            "cnm": escaped(listing.practice),
            "phn": [listing.phone] if listing.phone else [],
            "web": listing.website,
            "adr": address,
        }
        if listing.latitude is not None:
            row["loc"] = [listing.longitude, listing.latitude]
        return {key: value for key, value in row.items() if value}
