"""A plain home page that leads to a directory of repeated cards on numbered pages.

The trap: past the last page the first one comes again, with its link to the next; only pages
beyond 200 are missing.
"""

from __future__ import annotations

import re

from samples.html_table import cell_name
from samples.site import Reply, Request, Site, escaped
from samples.world import TrueListing

PER_PAGE = 24
LAST_ADDRESS = 200


class SampleCards(Site):
    """/practitioners/ and /practitioners/page/N/."""

    source_id = "sample_cards"
    organisation = "Mock School of Dry Needling"
    directory_path = "/practitioners/"
    directory_words = "Find a practitioner near you"

    def answer(self, request: Request) -> Reply:
        if found := re.fullmatch(r"/practitioners/page/(\d{1,6})/", request.path):
            number = int(found[1])
            return self._page(number) if number <= LAST_ADDRESS else self.not_found()
        return super().answer(request)

    def directory(self, request: Request) -> Reply:
        return self._page(1)

    def _page(self, number: int) -> Reply:
        listings = self.world.public(self.source_id)
        pages = max(1, -(-len(listings) // PER_PAGE))
        first = ((number if 1 <= number <= pages else 1) - 1) * PER_PAGE
        cards = "\n".join(self._card(one) for one in listings[first : first + PER_PAGE])
        following = (
            f'<a class="next page-numbers" href="/practitioners/page/{number + 1}/">Next</a>'
        )
        return self.page(
            "Practitioners",
            f'<h1>Practitioners</h1>\n<div class="cards">\n{cards}\n</div>\n'
            f'<nav class="pagination">{following}</nav>',
        )

    def _card(self, listing: TrueListing) -> str:
        lines = [f"<h3>{cell_name(listing)}</h3>"]
        if listing.practice and listing.practice != listing.name:
            lines.append(f'<p class="practice">{escaped(listing.practice)}</p>')
        place = " ".join(part for part in (listing.state, listing.postcode) if part)
        town = ", ".join(part for part in (listing.city, place) if part)
        address = [listing.street, listing.unit, town]
        inner = "<br>\n".join(escaped(part) for part in address if part)
        lines.append(f'<p class="address">{inner}</p>')
        if listing.phone:
            digits = re.sub(r"\D", "", listing.phone)[:11]
            link = f'<a href="tel:{digits}">{escaped(listing.phone)}</a>'
            lines.append(f'<p class="phone">{link}</p>')
        if listing.email:
            email = escaped(listing.email)
            lines.append(f'<p class="email"><a href="mailto:{email}">{email}</a></p>')
        if listing.website:
            site = escaped(listing.website)
            lines.append(f'<p class="web"><a href="{site}">Website</a></p>')
        if listing.certification:
            lines.append(f'<p class="level">{escaped(listing.certification)}</p>')
        inner = "\n".join(lines)
        return f'<div class="card" id="{listing.native_id}">\n{inner}\n</div>'
