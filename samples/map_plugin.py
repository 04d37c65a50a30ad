"""What the sample sites of map plugins share: whom they list, and what pop-ups are made of.

They borrow the listings of one of the six sample directories, the one with the most hard cases, and
show them in another software's wire format.
"""

from __future__ import annotations

from typing import ClassVar

from samples.site import Reply, Request, escaped
from samples.wordpress import WordPressSite
from samples.world import TrueListing


class MapPluginSite(WordPressSite):
    """A WordPress site with a map of practitioners; a subclass says how it is drawn."""

    source_id = "sample_wpsl_b"
    organisation = "Made-Up Guild of Needling"
    directory_path = "/find-a-practitioner/"
    directory_words = "Find a Practitioner"
    post_type = "page"
    without_coordinates: ClassVar[bool] = True
    """Whether entries without coordinates are sent."""

    def shown(self) -> list[TrueListing]:
        """What a visitor of this site can see."""
        return [
            one
            for one in self.world.public(self.source_id)
            if self.without_coordinates or one.latitude is not None
        ]

    def withheld(self) -> list[TrueListing]:
        """Entries the software keeps and shows nobody."""
        return [one for one in self.world.listings[self.source_id] if not one.public]

    def directory(self, request: Request) -> Reply:
        return self.page(
            self.directory_words, f"<h1>{self.directory_words}</h1>\n{self.widget()}", request
        )

    def widget(self) -> str:
        """The map on the directory's page, with the scripts that start it."""
        raise NotImplementedError


def one_line(listing: TrueListing) -> str:
    """The address as map software keeps it: one line, no country."""
    street = " ".join(part for part in (listing.street, listing.unit) if part)
    place = " ".join(part for part in (listing.state, listing.postcode) if part)
    return ", ".join(part for part in (street, listing.city, place) if part)


def box(listing: TrueListing, *, phone_label: str = "Phone: ", website: bool = False) -> str:
    """The free HTML of an entry: practice, telephone, e-mail, and the web site if asked for."""
    lines = [escaped(listing.practice)] if listing.practice else []
    if listing.phone:
        lines.append(f"{phone_label}{escaped(listing.phone)}")
    if listing.email:
        mail = escaped(listing.email)
        lines.append(f'<a href="mailto:{mail}">{mail}</a>')
    if website and listing.website.startswith("http"):
        lines.append(f'<a href="{escaped(listing.website)}">Website</a>')
    return f"<p>{'<br>'.join(lines)}</p>" if lines else ""


def degrees(value: float | None) -> str:
    """Coordinates as databases print them; empty where there are none."""
    return "" if value is None else f"{value:.6f}"
