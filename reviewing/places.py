"""Places in doubt as a maintainer reads and answers them, in the terminal and on the page."""

from __future__ import annotations

from sqlite_utils import Database

from db.point_decisions import PointDecision, decide_point
from db.review import entry
from geocoding.points import Verdict, possible_point
from records.listing import Listing

ANSWERS = {
    "printed": "The printed point is right",
    "used": "The point used instead is right",
    "none": "Neither is right: show no point",
}
REASON = "looked at by a person"


def place_facts(listing: Listing) -> tuple[tuple[str, str], ...]:
    """(label, value): the printed address, the printed point and the one used."""
    clean = listing.clean
    parts = (listing.street, listing.city, listing.state, listing.postcode)
    printed = ", ".join(part for part in (listing.latitude, listing.longitude) if part)
    used = "none"
    if clean.latitude is not None:
        used = f"{clean.latitude:.4f}, {clean.longitude:.4f} ({clean.precision})"
    return (
        ("Address", listing.address or ", ".join(part for part in parts if part)),
        ("Printed point", printed or "none"),
        ("Point used", used),
    )


def answer_place(  # noqa: PLR0913
    db: Database, listing_id: str, answer: str, *, by: str, reason: str, at: str
) -> PointDecision:
    """Write down a person's answer, see `db.point_decisions.decide_point`. Raises ValueError also
    when the printed point is called right and is nowhere anybody works."""
    if answer == "printed":
        listing = entry(db, listing_id).listing
        point = possible_point(listing.latitude, listing.longitude)
        if isinstance(point, Verdict):
            raise ValueError(f"it cannot be shown: {point.note or 'no point is printed'}")
    return decide_point(db, listing_id, answer, by=by, reason=reason, at=at)
