"""Two directories whose pages turn in their own way: ASP.NET's postbacks and Drupal's views.

ASP.NET turns a page by its own form, sent back with all its hidden fields; whoever leaves one out
gets an error page. Numbers come in blocks of ten. Drupal counts its pages from 0 and shows numbers
only.
"""

from __future__ import annotations

import hashlib
from typing import ClassVar

from samples.html_table import cell_name
from samples.site import Reply, Request, Site, escaped
from samples.world import TrueListing

_BLOCK = 10


class AspNetSite(Site):
    """A GridView of 20 rows a page."""

    source_id = "sample_html_table"
    organisation = "Pretend Board of Therapists"
    directory_path = "/Directory.aspx"
    directory_words = "Find a Therapist"
    per_page: ClassVar[int] = 20

    def shown(self) -> list[TrueListing]:
        """Everybody in the grid."""
        return self.world.public(self.source_id)

    def withheld(self) -> list[TrueListing]:
        """Drafts, which no page shows."""
        return [one for one in self.world.listings[self.source_id] if not one.public]

    def directory(self, request: Request) -> Reply:
        if request.method != "POST":
            return self._grid(1)
        form = request.form
        target, argument = form.get("__EVENTTARGET", ""), form.get("__EVENTARGUMENT", "")
        whole = {"__VIEWSTATEGENERATOR", "__EVENTVALIDATION", "ctl00$Main$State"} <= form.keys()
        pages = [
            number
            for number in range(1, self._pages() + 1)
            if form.get("__VIEWSTATE") == _state(number)
        ]
        if not whole or not pages or target != "ctl00$Main$Grid" or "ctl00$Main$Go" in form:
            error = self.document("Error", "<h1>Invalid postback or callback argument.</h1>")
            return Reply(status=500, body=error.encode())
        number = argument.removeprefix("Page$")
        return self._grid(int(number) if number.isdigit() else pages[0])

    def _pages(self) -> int:
        return -(-len(self.shown()) // self.per_page)

    def _grid(self, number: int) -> Reply:
        start = (number - 1) * self.per_page
        heads = "".join(
            f'<th scope="col">{one}</th>' for one in ("Name", "Address", "City", "State", "Phone")
        )
        rows = "".join(_row(one) for one in self.shown()[start : start + self.per_page])
        first = (number - 1) // _BLOCK * _BLOCK + 1
        links = []
        for one in range(max(1, first - 1), min(self._pages(), first + _BLOCK) + 1):
            words = str(one) if first <= one < first + _BLOCK else "..."
            call = f"javascript:__doPostBack(&#39;ctl00$Main$Grid&#39;,&#39;Page${one}&#39;)"
            links.append(
                f"<td><span>{one}</span></td>"
                if one == number
                else f'<td><a href="{call}">{words}</a></td>'
            )
        pager = (
            f'<tr class="pager"><td colspan="5"><table><tr>{"".join(links)}</tr></table></td></tr>'
        )
        hidden = {
            "__EVENTTARGET": "",
            "__EVENTARGUMENT": "",
            "__VIEWSTATE": _state(number),
            "__VIEWSTATEGENERATOR": "CA0B0334",
            "__EVENTVALIDATION": "/wEdAAL",
        }
        fields = "".join(
            f'<input type="hidden" name="{name}" id="{name}" value="{value}" />'
            for name, value in hidden.items()
        )
        return self.page(
            self.directory_words,
            f'<form method="post" action=".{self.directory_path}" id="aspnetForm">{fields}'
            '<select name="ctl00$Main$State"><option value="">All</option>'
            '<option value="OH">Ohio</option></select>'
            '<input type="submit" name="ctl00$Main$Go" value="Search" />'
            f"<h1>{self.directory_words}</h1>"
            f'<table id="Grid"><tr>{heads}</tr>{rows}{pager}</table></form>',
        )


class DrupalSite(Site):
    """A view with 25 rows a page, numbered from 0, the address in parts."""

    source_id = "sample_cards"
    organisation = "Reverie Society"
    directory_path = "/find-a-provider"
    directory_words = "Find a Provider"
    per_page: ClassVar[int] = 25

    def shown(self) -> list[TrueListing]:
        """Everybody in the view."""
        return self.world.public(self.source_id)

    def withheld(self) -> list[TrueListing]:
        """What is not published."""
        return [one for one in self.world.listings[self.source_id] if not one.public]

    def directory(self, request: Request) -> Reply:
        asked = request.query.get("page", "0")
        number = int(asked) if asked.isdigit() else 0
        pages = -(-len(self.shown()) // self.per_page)
        some = self.shown()[number * self.per_page : (number + 1) * self.per_page]
        rows = "\n".join(_views_row(place, one) for place, one in enumerate(some, start=1))
        links = "".join(
            f'<li class="pager__item"><a href="?page={one}"><span class="visually-hidden">Page'
            f"</span> {one + 1}</a></li>"
            for one in range(max(0, number - 4), min(pages, number + 5))
        )
        body = rows or '<div class="view-empty">No results found.</div>'
        return self.page(
            self.directory_words,
            f'<div class="view-content">{body}</div>\n'
            f'<nav class="pager"><ul class="pager__items">{links}</ul></nav>',
        )


def _state(number: int) -> str:
    return "/wEP" + hashlib.sha256(str(number).encode()).hexdigest()


def _row(listing: TrueListing) -> str:
    address = ", ".join(one for one in (listing.street, listing.unit, listing.postcode) if one)
    cells = (listing.city, listing.state, listing.phone)
    rest = "".join(f"<td>{escaped(one) or '&nbsp;'}</td>" for one in (address, *cells))
    return f"<tr><td>{cell_name(listing)}</td>{rest}</tr>"


def _views_row(place: int, listing: TrueListing) -> str:
    parts = (
        ("address-line1", listing.street),
        ("address-line2", listing.unit),
        ("locality", listing.city),
        ("administrative-area", listing.state),
        ("postal-code", listing.postcode),
        ("country", listing.country),
    )
    address = "\n".join(
        f'<span class="{name}">{escaped(value)}</span><br>' for name, value in parts if value
    )
    phone = (
        '<div class="views-field views-field-field-phone"><span class="views-label">Phone: </span>'
        f'<span class="field-content">{escaped(listing.phone)}</span></div>'
        if listing.phone
        else ""
    )
    return (
        f'<div class="views-row views-row-{place}"><div class="views-field views-field-title">'
        f'<h3 class="field-content">{cell_name(listing)}</h3></div>'
        '<div class="views-field views-field-field-address"><div class="field-content">'
        f'<p class="address" translate="no">{address}</p></div></div>{phone}</div>'
    )
