"""Two directories typed into Squarespace: a list section, and a collection with a page a person.

Traps: entries as escaped JSON in an attribute, printed again as HTML; `offset` leads forward and
back; a map block that nobody filled in; pages behind a password; a robots.txt that forbids the
page's data.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar
from urllib.parse import unquote

from samples.map_plugin import degrees
from samples.site import Reply, Request, Site, escaped
from samples.wordpress import slug
from samples.world import TrueListing

_OFFICE = {"addressTitle": "", "addressLine1": "", "mapLat": 40.7207559, "mapLng": -74.0007613}


class SquarespaceSite(Site):
    """One page with a list section that holds everybody."""

    source_id = "sample_cards"
    organisation = "Figment Academy"
    directory_path = "/find-a-practitioner"
    directory_words = "Find a Practitioner"

    def shown(self) -> list[TrueListing]:
        """Everybody on the page."""
        return self.world.public(self.source_id)

    def withheld(self) -> list[TrueListing]:
        """Nobody: what is not on the page is nowhere."""
        return []

    def robots(self) -> str:
        rules = "".join(
            f"Disallow: /*?format={one}\nDisallow: /*&format={one}\n"
            for one in ("json", "json-pretty", "page-context", "main-content")
        )
        return f"User-agent: *\nDisallow: /config\nDisallow: /account$\n{rules}"

    def document(self, title: str, body: str, head: str = "") -> str:
        context = json.dumps({"templateVersion": "7.1", "website": {"id": "1"}})
        script = (
            '<script src="https://static1.squarespace.com/static/site.js"></script>\n'
            '<script data-name="static-context">Static = window.Static || {}; '
            f"Static.SQUARESPACE_CONTEXT = {context};</script>\n"
        )
        return super().document(title, body, head + script)

    def directory(self, request: Request) -> Reply:
        items = [self._item(one) for one in self.shown()]
        context = escaped(json.dumps({"userItems": items, "styles": {}}))
        printed = "\n".join(
            f'<li class="list-item"><h2 class="list-item-content__title">{escaped(one["title"])}'
            f'</h2><div class="list-item-content__description">{one["description"]}</div></li>'
            for one in items
        )
        return self.page(
            self.directory_words,
            f"<h1>{self.directory_words}</h1>\n"
            '<ul class="user-items-list-item-container user-items-list-simple" '
            f'data-controller="UserItemsListSimple" data-current-context="{context}">\n{printed}'
            "\n</ul>",
        )

    def _item(self, listing: TrueListing) -> dict[str, Any]:
        button = {"buttonText": "Website", "buttonLink": listing.website or "#"}
        return {"title": listing.printed, "description": _lines(listing), "button": button}


class SquarespaceCollectionSite(SquarespaceSite):
    """A collection of 20 entries a page, newest first; each entry is a page."""

    directory_path = "/practitioners"
    per_page: ClassVar[int] = 20
    most: ClassVar[int] = 70

    def shown(self) -> list[TrueListing]:
        return self.world.public(self.source_id)[: self.most]

    def withheld(self) -> list[TrueListing]:
        return self.world.public(self.source_id)[self.most : self.most + 3]

    def answer(self, request: Request) -> Reply:
        if request.path.startswith(f"{self.directory_path}/"):
            for listing in [*self.shown(), *self.withheld()]:
                if request.path == unquote(self._path(listing)):
                    return self._profile(listing)
            return self.not_found()
        return super().answer(request)

    def directory(self, request: Request) -> Reply:
        everybody = [*self.shown(), *self.withheld()]
        offset = request.query.get("offset", "")
        start = int(offset) if offset.isdigit() else 0
        some = everybody[start : start + self.per_page]
        articles = "\n".join(
            f'<article class="blog-basic-grid--container entry"><h1 class="blog-title">'
            f'<a href="{self._path(one)}">{escaped(one.printed)}</a></h1>'
            f'<a class="blog-more-link" href="{self._path(one)}">Read More</a></article>'
            for one in some
        )
        links = []
        if start:
            href = f"{self.directory_path}?offset={start}&amp;reversePaginate=true"
            links.append(f'<div class="newer"><a href="{href}">Newer</a></div>')
        if start + self.per_page < len(everybody):
            href = f"{self.directory_path}?offset={start + self.per_page}"
            links.append(f'<div class="older"><a href="{href}">Older Posts</a></div>')
        pager = f'<nav class="blog-list-pagination">{"".join(links)}</nav>'
        return self.page(self.directory_words, f"{articles}\n{pager}")

    def _path(self, listing: TrueListing) -> str:
        return f"{self.directory_path}/{slug(listing.printed)}-{listing.native_id}"

    def _profile(self, listing: TrueListing) -> Reply:
        if listing in self.withheld():
            page = self.document("Password", '<form class="password-form"></form>')
            return Reply(body=page.replace("<body>", '<body class="lock-screen">').encode())
        block = {"location": _OFFICE}
        if listing.latitude is not None:
            town = ", ".join(one for one in (listing.city, listing.state, listing.postcode) if one)
            block = {
                "location": {
                    "addressTitle": listing.practice,
                    "addressLine1": " ".join(filter(None, (listing.street, listing.unit))),
                    "addressLine2": town,
                    "addressCountry": listing.country,
                    "markerLat": degrees(listing.latitude),
                    "markerLng": degrees(listing.longitude),
                }
            }
        return self.page(
            escaped(listing.printed),
            f'<article class="entry"><h1 class="entry-title">{escaped(listing.printed)}</h1>\n'
            f'<div class="sqs-block html-block sqs-block-html"><div class="sqs-html-content">'
            f"{_lines(listing)}</div></div>\n"
            '<div class="sqs-block map-block sqs-block-map" '
            f'data-block-json="{escaped(json.dumps(block))}"></div></article>',
        )


def _lines(listing: TrueListing) -> str:
    town = ", ".join(
        one for one in (listing.city, f"{listing.state} {listing.postcode}".strip()) if one
    )
    place = "<br>".join(escaped(one) for one in (listing.street, listing.unit, town) if one)
    lines = [f'<p style="white-space:pre-wrap;">{place}</p>']
    if listing.phone:
        lines.append(f"<p>Phone: {escaped(listing.phone)}</p>")
    if listing.email:
        lines.append(f'<p><a href="mailto:{escaped(listing.email)}">E-mail</a></p>')
    return "".join(lines)
