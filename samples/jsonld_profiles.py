"""Cards that lead to profile pages with schema.org data, in all the shapes real sites use.

Some profiles stand in the sitemap only; drafts stand there too and answer 404. Every tenth profile
has microdata instead of JSON-LD, and one shape is not quite JSON.
"""

from __future__ import annotations

import json
import re
from typing import Any

from samples.site import Reply, Request, Site, escaped, text
from samples.wordpress import sitemap_index, urlset
from samples.world import TrueListing

PER_PAGE = 60
#: Every such profile is linked from nowhere but the sitemap.
UNLINKED = 11
SHAPES = (
    "plain",
    "graph",
    "type list",
    "address text",
    "credential list",
    "phone in address",
    "type address",
    "not quite json",
    "microdata",
    "profile page",
)


class SampleJsonld(Site):
    """/our-graduates/ with pages, /graduates/NAME/, /sitemap.xml."""

    source_id = "sample_jsonld"
    organisation = "Sample Institute of Needling Arts"
    directory_path = "/our-graduates/"
    directory_words = "Our Graduates"

    def answer(self, request: Request) -> Reply:
        path = request.path
        if path == "/sitemap.xml":
            names = ("sitemap-pages.xml", "sitemap-graduates.xml")
            return _xml(sitemap_index(f"{self.base_url}/{name}" for name in names))
        if path == "/sitemap-pages.xml":
            return _xml(urlset(f"{self.base_url}{one}" for one in ("/", self.directory_path)))
        if path == "/sitemap-graduates.xml":
            return _xml(urlset(self.profile(one) for one in self.world.listings[self.source_id]))
        if found := re.fullmatch(r"/our-graduates/page/(\d{1,4})/", path):
            return self._page(int(found[1]))
        if found := re.fullmatch(r"/graduates/([\w-]+)/", path):
            for listing in self.world.public(self.source_id):
                if listing.native_id == found[1]:
                    return self._profile(listing)
        return super().answer(request)

    def robots(self) -> str:
        return f"User-agent: *\nDisallow: /account/\nSitemap: {self.base_url}/sitemap.xml\n"

    def directory(self, request: Request) -> Reply:
        return self._page(1)

    def profile(self, listing: TrueListing) -> str:
        """The address of the listing's own page."""
        return f"{self.base_url}/graduates/{listing.native_id}/"

    def linked(self) -> list[TrueListing]:
        """Public listings that the listing pages link to."""
        public = self.world.public(self.source_id)
        return [one for place, one in enumerate(public) if place % UNLINKED != UNLINKED - 1]

    def _page(self, number: int) -> Reply:
        linked = self.linked()
        pages = max(1, -(-len(linked) // PER_PAGE))
        if not 1 <= number <= pages:
            return self.not_found()
        cards = "\n".join(
            '<article class="graduate-card"><h2><a href="'
            f'/graduates/{one.native_id}/">{escaped(one.stored_name or one.name)}</a></h2>'
            f"<p>{escaped(one.city)}, {escaped(one.state)}</p>"
            f'<a class="more" href="/graduates/{one.native_id}/">View profile</a></article>'
            for one in linked[(number - 1) * PER_PAGE : number * PER_PAGE]
        )
        following = (
            f'<a rel="next" href="/our-graduates/page/{number + 1}/">Older graduates</a>'
            if number < pages
            else ""
        )
        return self.page(
            self.directory_words, f"<h1>Our Graduates</h1>\n{cards}\n<nav>{following}</nav>"
        )

    def _profile(self, listing: TrueListing) -> Reply:
        shape = self.shape(listing)
        if shape == "microdata":
            return Reply(body=self.document("Graduate", self._microdata(listing)).encode())
        data = _jsonld(listing, shape, self.profile(listing), self.organisation)
        code = json.dumps(data, ensure_ascii=False, indent=1).replace("</", "<\\/")
        if shape == "not quite json":
            # Typed by hand: a comment, and a comma before the closing brace.
            code = code.replace("{", "{\n /* graduate */", 1)
            code = code.rstrip().removesuffix("}").rstrip() + ",\n}"
        head = f'<script type="application/ld+json">\n{code}\n</script>\n'
        body = (
            f"<h1>{escaped(listing.name)}</h1>\n<p>A graduate of the {self.organisation}.</p>\n"
            f'<p><a href="{self.directory_path}">All graduates</a></p>'
        )
        return Reply(body=self.document("Graduate", body, head).encode())

    def shape(self, listing: TrueListing) -> str:
        """Which of SHAPES this listing's profile has."""
        # Text cannot tell a city without a street from a street, so these keep their parts.
        shape = SHAPES[sum(listing.native_id.encode()) % len(SHAPES)]
        if shape == "address text" and not listing.street:
            return "plain"
        return shape

    def _microdata(self, listing: TrueListing) -> str:
        def prop(name: str, value: str, tag: str = "span") -> str:
            return f'<{tag} itemprop="{name}">{escaped(value)}</{tag}>\n' if value else ""

        street = ", ".join(part for part in (listing.street, listing.unit) if part)
        point = (
            '<div itemprop="geo" itemscope itemtype="https://schema.org/GeoCoordinates">'
            f'<meta itemprop="latitude" content="{listing.latitude}">'
            f'<meta itemprop="longitude" content="{listing.longitude}"></div>\n'
            if listing.latitude is not None
            else ""
        )
        kind = "Person" if listing.person_id else "MedicalClinic"
        practice = (
            '<div itemprop="worksFor" itemscope itemtype="https://schema.org/Organization">'
            f"{prop('name', listing.practice)}</div>\n"
            if listing.practice and listing.person_id
            else ""
        )
        site = (
            f'<a itemprop="url" href="{escaped(listing.website)}">Website</a>\n'
            if listing.website
            else ""
        )
        return (
            f'<div itemscope itemtype="https://schema.org/{kind}">\n'
            f"{prop('name', listing.stored_name or listing.name, 'h1')}"
            f"{prop('honorificSuffix', listing.credentials)}{practice}"
            f"{prop('hasCredential', listing.certification or '')}"
            '<div itemprop="address" itemscope itemtype="https://schema.org/PostalAddress">\n'
            f"{prop('streetAddress', street)}{prop('addressLocality', listing.city)}"
            f"{prop('addressRegion', listing.state)}{prop('postalCode', listing.postcode)}"
            f"{prop('addressCountry', listing.country)}</div>\n{point}"
            f"{prop('telephone', listing.phone)}{prop('email', listing.email)}{site}"
            f"{prop('description', listing.description, 'p')}</div>"
        )


def _jsonld(listing: TrueListing, shape: str, url: str, organisation: str) -> dict[str, Any]:
    street = ", ".join(part for part in (listing.street, listing.unit) if part)
    address: Any = {
        "@type": "PostalAddress",
        "streetAddress": street,
        "addressLocality": listing.city,
        "addressRegion": listing.state,
        "postalCode": listing.postcode,
        "addressCountry": listing.country,
    }
    address = {key: value for key, value in address.items() if value}
    person: dict[str, Any] = {
        "@type": "Person" if listing.person_id else "MedicalClinic",
        "@id": f"{url}#person",
        "name": listing.stored_name or listing.name,
    }
    if listing.credentials:
        person["honorificSuffix"] = listing.credentials
    if listing.practice and listing.person_id:
        person["worksFor"] = {"@type": "Organization", "name": listing.practice}
    if listing.phone:
        if shape == "phone in address":
            address["telephone"] = listing.phone
        else:
            person["telephone"] = listing.phone
    for key, value in (
        ("email", listing.email),
        ("url", listing.website),
        ("description", listing.description),
        ("hasCredential", listing.certification),
    ):
        if value:
            person[key] = value
    if shape == "address text":
        place = " ".join(part for part in (listing.state, listing.postcode) if part)
        address = ", ".join(part for part in (street, listing.city, place) if part)
        if listing.country not in {"", "US"}:
            address += f", {listing.country}"
    person["address"] = [address] if shape == "credential list" else address
    if listing.latitude is not None and listing.longitude is not None:
        # Some generators write numbers, some write texts.
        as_text = shape in {"graph", "type address"}
        person["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": str(listing.latitude) if as_text else listing.latitude,
            "longitude": str(listing.longitude) if as_text else listing.longitude,
        }
    return _wrapped(person, listing, shape, url, organisation)


def _wrapped(
    person: dict[str, Any], listing: TrueListing, shape: str, url: str, organisation: str
) -> dict[str, Any]:
    site = {"@type": "WebSite", "@id": "/#website", "name": organisation}
    if shape == "type list" and listing.person_id:
        person["@type"] = ["Person", "Physiotherapy"]
    if shape == "type address":
        person["@type"] = f"http://schema.org/{person['@type']}"
    if shape == "credential list" and listing.certification:
        person["hasCredential"] = [
            {
                "@type": "EducationalOccupationalCredential",
                "credentialCategory": "certificate",
                "name": listing.certification,
            }
        ]
    if shape == "not quite json" and listing.certification:
        person["hasCredential"] = {
            "@type": "EducationalOccupationalCredential",
            "name": listing.certification,
        }
    if shape == "graph":
        crumbs = {"@type": "BreadcrumbList", "itemListElement": []}
        return {"@context": "https://schema.org", "@graph": [site, crumbs, person]}
    if shape == "profile page":
        page = {"@type": "ProfilePage", "url": url, "mainEntity": person}
        return {"@context": "https://schema.org", **page}
    return {"@context": "https://schema.org", **person}


def _xml(document: str) -> Reply:
    return text(document, "application/xml; charset=utf-8")
