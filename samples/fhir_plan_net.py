"""A health plan's provider directory on FHIR R4, with the habits of real servers.

Traps: pages of 20 whatever is asked for; next links that name the host the server knows itself by;
references in three forms, to what comes later, comes on request or stands inside; a role for
every network; ended and inactive roles; null in names; no answer to a search that asks for all.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from samples.nppes import number
from samples.site import Reply, Request, Site
from samples.world import TrueListing

_NPI = "http://hl7.org/fhir/sid/us-npi"
_NUCC = "http://nucc.org/provider-taxonomy"
_TYPE = "application/fhir+json;charset=utf-8"


class FhirPlanNetSite(Site):
    """/r4/metadata, /r4/PractitionerRole and what roles refer to."""

    source_id = "sample_wpsl_b"
    organisation = "Imaginary Health Plan"
    directory_path = "/r4/metadata"
    directory_words = "Find a Provider"
    page_size: ClassVar[int] = 20
    inside: ClassVar[str] = "http://internal.example:8080"

    def shown(self) -> list[TrueListing]:
        """Whose role is active."""
        return list(self.world.public(self.source_id))

    def withheld(self) -> list[TrueListing]:
        """Whose role is over, or who is not active."""
        return [one for one in self.world.listings[self.source_id] if not one.public]

    def answer(self, request: Request) -> Reply:
        if request.path == "/r4" and "_getpages" in request.query:
            return self._page(int(request.query["_getpagesoffset"]))
        if not request.path.startswith("/r4/"):
            return super().answer(request)
        kind, _, own = request.path.removeprefix("/r4/").partition("/")
        if kind == "metadata":
            return _fhir(_STATEMENT)
        if kind == "PractitionerRole":
            if request.query.keys() & {"specialty", "_lastUpdated"}:
                return self._page(0)
            return _outcome(400, "A search parameter is required")
        return self._read(kind, own, request)

    def _read(self, kind: str, own: str, request: Request) -> Reply:
        known = self._shelf().get(kind, {})
        if own:
            return _fhir(known[own]) if own in known else _outcome(404, f"{own} is not known")
        # Searches for locations by id are passed over, and find none.
        asked = request.query.get("_id", "").split(",") if kind == "Practitioner" else []
        entries = [_entry(self.base_url, known[one], "match") for one in asked if one in known]
        return _fhir({"resourceType": "Bundle", "type": "searchset", "entry": entries})

    def directory(self, request: Request) -> Reply:
        return _fhir(_STATEMENT)

    def _page(self, offset: int) -> Reply:
        roles = self._roles()
        some = roles[offset : offset + self.page_size]
        link = [{"relation": "self", "url": f"{self.inside}/r4/PractitionerRole"}]
        if offset + self.page_size < len(roles):
            url = f"{self.inside}/r4?_getpages=1&_getpagesoffset={offset + self.page_size}"
            link.append({"relation": "next", "url": url})
        entries = [_entry(self.base_url, role, "match") for role in some]
        shelf = self._shelf()
        for place, role in enumerate(some):
            key = role["practitioner"]["reference"].rpartition("/")[2]
            if place % 5:
                entries.append(_entry(self.base_url, shelf["Practitioner"][key], "include"))
            if place % 3 and f"l{key}" in shelf["Location"]:
                entries.append(_entry(self.base_url, shelf["Location"][f"l{key}"], "include"))
        bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(roles)}
        return _fhir(bundle | {"link": link, "entry": entries})

    def _roles(self) -> list[dict[str, Any]]:
        roles = []
        for place, listing in enumerate(self.world.listings[self.source_id]):
            own = number(listing)
            person = f"Practitioner/{own}"
            role = {
                "resourceType": "PractitionerRole",
                "id": f"r{own}",
                "active": listing.public,
                "practitioner": {"reference": [person, f"{self.base_url}/r4/{person}"][place % 2]},
                "location": [{"reference": f"Location/l{own}"}],
                "specialty": [{"coding": [{"system": _NUCC, "code": "225100000X"}]}],
            }
            if place % 11 == 4:
                role["location"] = [{"reference": "#here"}]
                role["contained"] = [_location(listing, "here")]
            if not listing.public and place % 2:
                role |= {"active": True, "period": {"end": "2020-12-31"}}
            roles.append(role)
            if place % 9 == 0:
                roles.append(role | {"id": f"n{own}", "network": [{"display": "Second network"}]})
        return roles

    def _shelf(self) -> dict[str, dict[str, dict[str, Any]]]:
        people, places = {}, {}
        for place, listing in enumerate(self.world.listings[self.source_id]):
            own = number(listing)
            people[own] = _practitioner(listing)
            if place % 11 != 4:
                places[f"l{own}"] = _location(listing, f"l{own}")
        return {"Practitioner": people, "Location": places}


_STATEMENT = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "fhirVersion": "4.0.1",
    "rest": [
        {
            "mode": "server",
            "resource": [
                {"type": "Practitioner"},
                {"type": "PractitionerRole", "searchParam": [{"name": "specialty"}]},
                {"type": "Location"},
            ],
        }
    ],
}


def _practitioner(listing: TrueListing) -> dict[str, Any]:
    given, _, family = listing.name.rpartition(" ")
    return {
        "resourceType": "Practitioner",
        "id": number(listing),
        "identifier": [{"system": _NPI, "value": number(listing)}],
        "active": True,
        "gender": "female",
        "name": [
            {"use": "old", "family": "Formerly", "given": ["Somebody"]},
            {
                "use": "official",
                "text": f"DR. {listing.name}",
                "family": family,
                "given": [given, None],
                "suffix": [one.strip() for one in listing.credentials.split(",")] or [None],
            },
        ],
        "telecom": [{"system": "phone", "use": "home", "value": "555-555-0199"}],
    }


def _location(listing: TrueListing, own: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "Location",
        "id": own,
        "status": "active",
        "name": listing.practice,
        "telecom": [
            {"system": "phone", "value": listing.phone},
            {"system": "email", "value": listing.email},
            {"system": "url", "value": listing.website},
        ],
        "address": {
            "line": [one for one in (listing.street, listing.unit) if one] or [None],
            "city": listing.city,
            "state": listing.state,
            "postalCode": listing.postcode,
            "country": listing.country,
        },
    }
    if listing.latitude is not None:
        found["position"] = {"latitude": listing.latitude, "longitude": listing.longitude}
    return found


def _entry(base: str, resource: dict[str, Any], mode: str) -> dict[str, Any]:
    url = f"{base}/r4/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": url, "resource": resource, "search": {"mode": mode}}


def _outcome(status: int, words: str) -> Reply:
    issue = [{"severity": "error", "code": "processing", "diagnostics": words}]
    return _fhir({"resourceType": "OperationOutcome", "issue": issue}, status)


def _fhir(value: Any, status: int = 200) -> Reply:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(status=status, body=body, content_type=_TYPE)
