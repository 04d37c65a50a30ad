"""The way to a place, on three maps outside this site. A reader chooses to go there."""

from __future__ import annotations

from urllib.parse import quote

from db.practitioners import Location
from plugins.pages.wording import is_exact


def directions(at: Location) -> list[tuple[str, str]]:
    """(name of the map, address) for a place whose door is known, by its street or by an exact
    point (degrees WGS84); empty where only a town or ZIP is known: its centre is nobody's door."""
    words = ", ".join(part for part in (at.street, at.city, at.state, at.postcode) if part)
    point = f"{at.latitude},{at.longitude}" if is_exact(at.precision) else ""
    if not point and not at.street:
        return []
    door, by_point = quote(words if at.street else point), quote(point or words)
    return [
        ("OpenStreetMap", f"https://www.openstreetmap.org/directions?to={by_point}"),
        ("Google Maps", f"https://www.google.com/maps/dir/?api=1&destination={door}"),
        ("Apple Maps", f"https://maps.apple.com/?daddr={door}"),
    ]
