"""The pages' facts for search engines: schema.org as JSON-LD.

Nobody is called a Physician (to schema.org a doctor's office): the people here are mostly none. A
practice is a MedicalBusiness, and says Physiotherapy where its person is a physical therapist. A
certificate names its issuer, and when it was last seen. What the finder hides is not described.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from db.freshness import freshness
from db.practitioners import Certification, Location, Practitioner
from db.profile import Profile
from plugins.pages.wording import is_exact, web_address

Thing = dict[str, Any]

_UNSAFE = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


def script(*things: Thing | None) -> Markup:
    """The element that carries these things; nothing where there is none.

    Whatever a directory printed, the text cannot end the element: `<`, `>` and `&` are escaped as
    JSON, where they can stand only inside strings.
    """
    graph = [thing for thing in things if thing]
    if not graph:
        return Markup("")
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return Markup(f'<script type="application/ld+json">{text.translate(_UNSAFE)}</script>')  # noqa: S704


def breadcrumbs(trail: Sequence[tuple[str, str]]) -> Thing:
    """The way to a page: (name, absolute address) from the home page down."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": url}
            for place, (name, url) in enumerate(trail, 1)
        ],
    }


def item_list(name: str, total: int, first: int, items: Iterable[tuple[str, str]]) -> Thing:
    """A page of a list of `total` items, counted from `first`: (name, absolute address) each."""
    return {
        "@type": "ItemList",
        "name": name,
        "numberOfItems": total,
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": one, "url": url}
            for place, (one, url) in enumerate(items, first)
        ],
    }


def practitioner(profile: Profile, url: str, built_at: str) -> Thing | None:
    """A practitioner as a Person with the businesses they work for, or a practice as one.

    None for somebody who is hidden from the finder. `url` is the page's absolute address.
    """
    places = [at for at in profile.locations if freshness(at.last_seen, built_at) != "hidden"]
    if not places:
        return None
    person = profile.practitioner
    said = [one for one in profile.certifications if freshness(one.seen, built_at) != "hidden"]
    described = _practice(person, places) if person.kind == "practice" else _person(person, places)
    described |= {"@id": url, "url": url, "name": person.name}
    if said:
        described["hasCredential"] = [_credential(one) for one in said]
    return described


def _person(person: Practitioner, places: Sequence[Location]) -> Thing:
    described: Thing = {"@type": "Person"}
    if person.credentials:
        described["honorificSuffix"] = person.credentials
    businesses = [_business(at.practice, at, person) for at in places if at.practice]
    nameless = [_place(at) for at in places if not at.practice]
    if businesses:
        described["worksFor"] = businesses
    if nameless:
        described["workLocation"] = nameless
    return described


def _practice(practice: Practitioner, places: Sequence[Location]) -> Thing:
    if len(places) == 1:
        return _business(practice.name, places[0], practice)
    return {"@type": "MedicalBusiness", "location": [_place(at) for at in places]}


def _business(name: str, at: Location, listed: Practitioner) -> Thing:
    described = _place(at) | {"@type": "MedicalBusiness", "name": name}
    if listed.profession == "physical_therapist":
        described["medicalSpecialty"] = "https://schema.org/Physiotherapy"
    site = web_address(at.website)
    if site:
        described["url"] = site
    return described


def _place(at: Location) -> Thing:
    described: Thing = {"@type": "Place", "address": _address(at)}
    if at.phone:
        described["telephone"] = at.phone
    # The centre of a town is no address.
    if is_exact(at.precision) and at.latitude is not None and at.longitude is not None:
        described["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": at.latitude,
            "longitude": at.longitude,
        }
    return described


def _address(at: Location) -> Thing:
    parts = {
        "streetAddress": at.street,
        "addressLocality": at.city,
        "addressRegion": at.state,
        "postalCode": at.postcode,
        "addressCountry": at.country,
    }
    return {"@type": "PostalAddress"} | {name: part for name, part in parts.items() if part}


def _credential(said: Certification) -> Thing:
    described: Thing = {
        "@type": "EducationalOccupationalCredential",
        "name": said.label,
        "description": f"{said.source}, seen {said.seen[:10]}",
        "recognizedBy": {"@type": "Organization", "name": said.issuer},
    }
    if said.level and said.level != said.label:
        described["educationalLevel"] = said.level
    return described
