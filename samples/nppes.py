"""A register of US providers that answers like the NPI Registry API v2.1, caps and all.

Traps: errors with status 200; beyond the largest skip the last page again; numbers as text in some
rows and as integers in others; a mailing address that is nobody's business; a deactivated number;
assistants, whom the words asked for find as well.
"""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from samples.site import Reply, Request, Site
from samples.world import TrueListing

_PHYSICAL = {"code": "225100000X", "desc": "Physical Therapist"}
_ORTHOPEDIC = {"code": "2251X0800X", "desc": "Physical Therapist, Orthopedic"}
_ASSISTANT = {"code": "225200000X", "desc": "Physical Therapist Assistant"}
_ACUPUNCTURE = {"code": "171100000X", "desc": "Acupuncturist"}


class NppesSite(Site):
    """/api/ and nothing else worth reading."""

    source_id = "sample_wpsl_b"
    organisation = "Invented Register of Providers"
    directory_path = "/api/"
    directory_words = "Find a Provider"
    limit: ClassVar[int] = 200
    last_skip: ClassVar[int] = 1000

    def shown(self) -> list[TrueListing]:
        """Whom a search finds who asks for physical therapists in the United States."""
        return [one for one in self.world.public(self.source_id) if _zip(one)]

    def withheld(self) -> list[TrueListing]:
        """Deactivated numbers, which the register keeps and sends."""
        return [one for one in self.world.listings[self.source_id] if not one.public and _zip(one)]

    def directory(self, request: Request) -> Reply:
        query = request.query
        area = query.get("postal_code", "")
        if query.get("version") != "2.1":
            return _errors("version", "08", "Invalid API version.")
        if not area and not query.get("taxonomy_description"):
            return _errors("generic", "04", "No valid search criteria provided")
        if not re.fullmatch(r"\d{2,4}\*|\d{5}", area):
            return _errors("postal_code", "07", "Wildcard needs two characters")
        found = [row for row in self._rows() if _in_area(row, area.rstrip("*"))]
        limit = min(int(query.get("limit", "10")), self.limit)
        skip = min(int(query.get("skip", "0")), self.last_skip)
        rows = found[skip : skip + limit]
        return _json({"result_count": len(rows), "results": rows})

    def _rows(self) -> list[dict[str, Any]]:
        rows = []
        for place, listing in enumerate(self.shown()):
            taxonomies = [_PHYSICAL | {"primary": True}]
            if place % 7 == 3:
                taxonomies = [_ACUPUNCTURE | {"primary": True}, _ORTHOPEDIC | {"primary": False}]
            rows.append(_row(listing, taxonomies, "A"))
        rows += [_row(one, [_PHYSICAL | {"primary": True}], "D") for one in self.withheld()]
        for listing in self.shown()[::50]:
            # The same person as an assistant under another number is no therapist.
            row = _row(listing, [_ASSISTANT | {"primary": True}], "A")
            rows.append(row | {"number": f"2{str(row['number'])[1:]}"})
        return rows


def number(listing: TrueListing) -> str:
    """Ten digits by which the register knows an entry."""
    digits = re.sub(r"\D", "", listing.native_id)
    return f"1{int(digits or 0):09d}"


def _row(listing: TrueListing, taxonomies: list[dict[str, Any]], status: str) -> dict[str, Any]:
    given, _, family = (
        listing.printed.rpartition(" ")
        if not listing.credentials
        else (listing.name.rpartition(" "))
    )
    even = int(number(listing)) % 2 == 0
    place = {
        "country_code": "US",
        "country_name": "United States",
        "address_type": "DOM",
    }
    return {
        "enumeration_type": "NPI-1",
        "number": number(listing) if even else int(number(listing)),
        "last_updated_epoch": "1717200000000" if even else 1717200000,
        "basic": {
            "first_name": given,
            "last_name": family,
            "middle_name": "--" if even else "",
            "credential": listing.credentials,
            "last_updated": "2024-06-01",
            "status": status,
            "sex": "F",
        },
        "other_names": [],
        "addresses": [
            place
            | {
                "address_purpose": "MAILING",
                "address_1": "99 PRIVATE LANE",
                "city": "NOWHERE",
                "state": listing.state,
                "postal_code": listing.postcode,
                "telephone_number": "555-555-0199",
            },
            place
            | {
                "address_purpose": "LOCATION",
                "address_1": listing.street,
                "address_2": listing.unit,
                "city": listing.city,
                "state": listing.state,
                "postal_code": listing.postcode.replace("-", ""),
                "telephone_number": listing.phone,
            },
        ],
        "taxonomies": [one | {"state": listing.state, "license": "X1"} for one in taxonomies],
        "identifiers": [{"code": "05", "identifier": "0000001", "state": listing.state}],
        "practiceLocations": [],
        "endpoints": [],
    }


def _zip(listing: TrueListing) -> bool:
    return re.fullmatch(r"\d{5}(-\d{4})?", listing.postcode) is not None


def _in_area(row: dict[str, Any], area: str) -> bool:
    return any(str(one["postal_code"]).startswith(area) for one in row["addresses"])


def _errors(field: str, code: str, words: str) -> Reply:
    return _json({"Errors": [{"field": field, "number": code, "description": words}]})


def _json(value: Any) -> Reply:
    return Reply(body=json.dumps(value, indent=1).encode(), content_type="application/json")
