"""A directory as a plain table of several pages, one of them in an old encoding.

Past the last page the last page comes again. Cells break lines with <br>.
"""

from __future__ import annotations

from samples.site import Reply, Request, Site, escaped
from samples.world import TrueListing

PER_PAGE = 40
#: This page is sent as windows-1252 and says so in its own head only.
LEGACY_PAGE = 3


class SampleHtmlTable(Site):
    """?page=N, rel=next, and headings as a small office types them."""

    source_id = "sample_html_table"
    organisation = "Placeholder College of Manual Therapy"
    directory_path = "/find-a-therapist/"
    directory_words = "Find a Therapist"

    def directory(self, request: Request) -> Reply:
        listings = self.world.public(self.source_id)
        pages = max(1, -(-len(listings) // PER_PAGE))
        asked = request.query.get("page", "1")
        number = min(max(1, int(asked)), pages) if asked.isascii() and asked.isdigit() else 1
        shown = listings[(number - 1) * PER_PAGE : number * PER_PAGE]
        rows = "\n".join(self._row(listing) for listing in shown)
        heads = "".join(
            f"<th>{head}</th>"
            for head in (
                "Practitioner",
                "Clinic",
                "Address",
                "City",
                "State/Province",
                "Zip",
                "Telephone",
                "Level",
            )
        )
        body = (
            f"<h1>{self.directory_words}</h1>\n<p>{len(listings)} therapists</p>\n"
            f'<table class="therapists">\n<thead><tr>{heads}</tr></thead>\n'
            f"<tbody>\n{rows}\n</tbody>\n</table>\n{self._pager(number, pages)}"
        )
        head = (
            f'<link rel="next" href="{self.directory_path}?page={number + 1}">\n'
            if number < pages
            else ""
        )
        document = self.document(self.directory_words, body, head)
        if number != LEGACY_PAGE:
            return Reply(body=document.encode())
        document = document.replace('charset="UTF-8"', 'charset="windows-1252"')
        # The page has no charset in its header; letters it cannot hold are references.
        return Reply(
            body=document.encode("windows-1252", "xmlcharrefreplace"), content_type="text/html"
        )

    def _pager(self, number: int, pages: int) -> str:
        links = [
            f'<a href="{self.directory_path}?page={one}">{one}</a>'
            for one in range(1, pages + 1)
            if one != number
        ]
        if number < pages:
            links.append(
                f'<a class="next" rel="next" href="{self.directory_path}?page={number + 1}">'
                "Next &raquo;</a>"
            )
        return f'<p class="pager">{" ".join(links)}</p>'

    def _row(self, listing: TrueListing) -> str:
        cells = (
            cell_name(listing),
            escaped(listing.practice),
            "<br>".join(escaped(part) for part in (listing.street, listing.unit) if part),
            escaped(listing.city),
            escaped(listing.state),
            escaped(listing.postcode),
            escaped(listing.phone).replace(" / ", "<br>"),
            escaped(listing.certification or ""),
        )
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def cell_name(listing: TrueListing) -> str:
    """The name line as HTML: markup that was typed stays markup, entities are escaped again."""
    if listing.hard == "html_in_name":
        return listing.stored
    return escaped(listing.stored)
