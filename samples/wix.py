"""A member list on Wix: collections inside the page, of which every page shows a part.

Traps: column keys that say nothing; drafts and a switch of the site's own among the records; a
second collection that is no directory; slashes escaped in the JSON; page 1 for a page that is not
there.
"""

from __future__ import annotations

import json
import uuid
from typing import Any, ClassVar
from urllib.parse import unquote

from samples.site import Reply, Request, Site, escaped, text
from samples.wordpress import slug
from samples.world import TrueListing

_FIELDS = {
    "title": "Name", "text_1": "Clinic", "address": "Location", "number_7": "Phone",
    "text_3": "E-mail", "url_2": "Website", "text_9": "Level of training",
    "picture": "Picture", "boolean_4": "Hidden", "link-members-title": "Members (Title)",
}  # fmt: skip


class WixSite(Site):
    """`?comp-list_page=N`, and a data set that says how many there are."""

    source_id = "sample_cards"
    organisation = "Daydream Institute"
    directory_path = "/find-a-therapist"
    directory_words = "Find a Therapist"
    per_page: ClassVar[int] = 20
    pages: ClassVar[bool] = True
    """Whether the page knows its page numbers; else only the sitemap leads to the others."""
    most: ClassVar[int] = 90

    def shown(self) -> list[TrueListing]:
        """Records that are published and not switched off."""
        return self.world.public(self.source_id)[: self.most]

    def withheld(self) -> list[TrueListing]:
        """Two drafts and two that the site's own switch hides."""
        return self.world.public(self.source_id)[self.most : self.most + 4]

    def answer(self, request: Request) -> Reply:
        if request.path == "/sitemap.xml":
            return _sitemap("sitemapindex", [f"{self.base_url}/dynamic-members-sitemap.xml"])
        if request.path == "/dynamic-members-sitemap.xml":
            return _sitemap("urlset", [self.base_url + self._path(one) for one in self._all()])
        for listing in self._all() if request.path.startswith("/members/") else ():
            if request.path == unquote(self._path(listing)):
                return self._document(escaped(listing.printed), [listing], 1)
        return super().answer(request)

    def directory(self, request: Request) -> Reply:
        asked = request.query.get("comp-list_page", "1")
        number = int(asked) if asked.isdigit() and self.pages else 1
        start = (number - 1) * self.per_page
        some = self._all()[start : start + self.per_page] or self._all()[: self.per_page]
        return self._document(self.directory_words, some, len(self._all()))

    def _all(self) -> list[TrueListing]:
        return [*self.shown(), *self.withheld()]

    def _document(self, title: str, some: list[TrueListing], total: int) -> Reply:
        records = {key_of(one): self._record(one) for one in some}
        store = {
            "recordsByCollectionId": {
                "Import7": records,
                "Courses": {
                    str(number): {"_id": str(number), "title": f"Course {number}", "price": 900}
                    for number in range(30)
                },
            },
            "recordInfosByDatasetId": {
                "comp-list": {
                    "itemIds": list(records),
                    "datasetSize": {"total": total, "loaded": len(records)},
                },
                "comp-courses": {"itemIds": ["0", "1"], "datasetSize": {"total": 30}},
            },
        }
        schema = {
            "id": "Import7",
            "displayName": "Members",
            "fields": {key: {"displayName": name, "type": "text"} for key, name in _FIELDS.items()},
        }
        binding = {"schemas": {"Import7": schema}, "dataStore": store}
        warm = json.dumps({"platform": {}, "appsWarmupData": {"dataBinding": binding}})
        items = "\n".join(
            '<div role="listitem" class="wixui-repeater__item"><h2 class="font_2">'
            f"{escaped(one.printed)}</h2></div>"
            for one in some
        )
        script = warm.replace("</", "<\\/").replace("/", "\\/").replace("\\\\/", "\\/")
        return self.page(
            title,
            f'<h1>{title}</h1>\n<div role="list">\n{items}\n</div>\n'
            f'<script type="application/json" id="wix-warmup-data">{script}</script>',
        )

    def _record(self, listing: TrueListing) -> dict[str, Any]:
        hidden = self.withheld()
        place = hidden.index(listing) if listing in hidden else -1
        return {
            "_id": key_of(listing),
            "_owner": str(uuid.uuid5(uuid.NAMESPACE_DNS, "owner.example")),
            "_createdDate": {"$date": "2026-01-01T00:00:00Z"},
            "_publishStatus": "DRAFT" if place in (0, 1) else "PUBLISHED",
            "title": listing.printed,
            "text_1": listing.practice,
            "address": _address(listing),
            "number_7": listing.phone,
            "text_3": listing.email,
            "url_2": listing.website,
            "text_9": f"<p>{escaped(listing.certification or '')}</p>",
            "picture": "wix:image://v1/abc.jpg/portrait.jpg#originWidth=10",
            "boolean_4": place in (2, 3),
            "link-members-title": self._path(listing),
        }

    def _path(self, listing: TrueListing) -> str:
        return f"/members/{slug(listing.printed)}-{listing.native_id}"


class WixSitemapSite(WixSite):
    """The same without page numbers: what the page does not show, the sitemap names."""

    pages = False


def key_of(listing: TrueListing) -> str:
    """The id of a record."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{listing.native_id}.example"))


def _address(listing: TrueListing) -> dict[str, Any]:
    town = f"{listing.state} {listing.postcode}".strip()
    whole = ", ".join(one for one in (listing.street, listing.unit, listing.city, town) if one)
    found: dict[str, Any] = {
        "formatted": whole,
        "city": listing.city,
        "subdivision": f"{listing.country}-{listing.state}" if listing.state else "",
        "postalCode": listing.postcode,
        "country": listing.country,
        "addressLine1": listing.street,
        "addressLine2": listing.unit,
    }
    if listing.latitude is not None:
        found["location"] = {"latitude": listing.latitude, "longitude": listing.longitude}
    return found


def _sitemap(kind: str, urls: list[str]) -> Reply:
    inner = "sitemap" if kind == "sitemapindex" else "url"
    rows = "".join(f"<{inner}><loc>{escaped(url)}</loc></{inner}>" for url in urls)
    return text(f"<?xml version='1.0'?><{kind}>{rows}</{kind}>", "application/xml")
