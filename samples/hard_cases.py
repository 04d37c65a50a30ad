"""The hard cases: entries as real directories hold them, which a reader has to get right.

`CAST` says who is cast: the directories an entry of the case stands in, and how many people belong
together. Two limits keep every public listing findable, as on the real software: WP Store
Locator's search never returns an entry without coordinates, and one with swapped coordinates lies
outside any search area. Such entries therefore stand only in sample_wpsl_b, whose single pages
(permalinks on) show them, and in directories that are not searched by place.
"""

from __future__ import annotations

import random
from dataclasses import replace

from samples.world import SOURCES, Office, TrueListing

_WPSL_A, _WPSL_B, _WILD, _TABLE, _JSONLD, _CARDS = SOURCES
_SEARCHED = (_WPSL_A, _WPSL_B)
_WITH_POINTS = (_WPSL_A, _WPSL_B, _JSONLD)

#: Hard case -> (directories it stands in, people who belong together).
CAST: dict[str, tuple[tuple[str, ...], int]] = {
    "unicode_name": (SOURCES, 1),
    "apostrophe": (SOURCES, 1),
    "html_in_name": ((_WPSL_A, _WPSL_B, _TABLE, _CARDS), 1),
    "entity_stored_literally": (SOURCES, 1),
    "no_comma": (SOURCES, 1),
    "capitals": (SOURCES, 1),
    "quoted_nickname": (SOURCES, 1),
    "missing_phone": (SOURCES, 1),
    "odd_phone": (SOURCES, 1),
    "odd_website": ((_WPSL_A, _WPSL_B, _CARDS), 1),
    "po_box": (SOURCES, 1),
    "city_only": (SOURCES, 1),
    "state_spelled_out": (SOURCES, 1),
    "short_postcode": ((_WPSL_A, _TABLE, _CARDS), 1),
    "long_postcode": ((_WPSL_B, _WILD, _JSONLD), 1),
    "coords_missing": ((_WPSL_B, _JSONLD), 1),
    "coords_zero": (_WITH_POINTS, 1),
    "coords_swapped": ((_WPSL_B, _JSONLD), 1),
    "coords_wrong_state": (_WITH_POINTS, 1),
    "multiline_description": ((_WPSL_B, _JSONLD), 1),
    "canada": (SOURCES, 1),
    "abroad": ((_WILD, _TABLE, _CARDS), 1),
    "military": ((_TABLE, _CARDS), 1),
    "father_and_son": ((_WPSL_A, _WILD, _TABLE), 2),
    "same_name_same_town": ((_WPSL_A, _WILD, _CARDS), 2),
    "many_at_one_clinic": ((_WPSL_A, _WPSL_B, _TABLE), 6),
}

#: Every hard case there is; the last four are cast elsewhere in the making of the world.
HARD_CASES = (*CAST, "same_person_twice", "second_office", "clinic_without_person", "draft")

_CANADA = (
    ("Windsor", "ON", "N9A 1A1", "(519) 555-01{:02d}", 42.3172, -83.0353),
    ("Vancouver", "BC", "V6B 1A1", "(604) 555-01{:02d}", 49.2820, -123.1171),
    ("Niagara Falls", "ON", "L2G 2B2", "(905) 555-01{:02d}", 43.0896, -79.0849),
)

STATE_NAMES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia",
    "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois",
    "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
    "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
    "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia",
    "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "PR": "Puerto Rico", "GU": "Guam", "VI": "U.S. Virgin Islands",
}  # fmt: skip

_LONG_TEXT = """Invented listing, first line.
Second line: by appointment only.

A paragraph about R&D, backs & necks.
• bullet — dash “quotes” 'apostrophes' <not a tag>"""


def foreign_office(hard: str | None, street: str, rng: random.Random) -> Office | None:
    """The office of somebody outside the states, or None for everybody else."""
    if hard == "canada":
        city, state, postcode, phone, latitude, longitude = rng.choice(_CANADA)
        return Office(
            practice="Fictional Physiotherapy",
            street=street,
            unit="",
            city=city,
            state=state,
            postcode=postcode,
            country="CA",
            phone=phone.format(rng.randint(0, 99)),
            latitude=latitude,
            longitude=longitude,
        )
    if hard == "abroad":
        return Office(
            practice="Imaginary Physiotherapy",
            street=street,
            unit="",
            city="London",
            state="",
            postcode="W1A 1AA",
            country="GB",
            # A line of the other continent: British numbers have no 555-01xx.
            phone=f"+1 613 555 01{rng.randint(0, 99):02d}",
            latitude=51.5186,
            longitude=-0.1437,
        )
    if hard == "military":
        return Office(
            practice="Specimen Base Clinic",
            street=f"PSC {rng.randint(10, 99)} Box {rng.randint(100, 999)}",
            unit="",
            city="APO",
            state="AE",
            postcode="09012",
            country="US",
            phone=f"71055501{rng.randint(0, 99):02d}",
            latitude=49.4369,
            longitude=7.6003,
        )
    return None


def alter(listing: TrueListing, hard: str, rng: random.Random) -> TrueListing:  # noqa: PLR0911, PLR0912
    """The listing turned into this hard case and marked with it."""
    listing = replace(listing, hard=hard)
    match hard:
        case "html_in_name":
            first, _, rest = listing.name.partition(" ")
            return replace(listing, stored_name=f"{first} <b>{rest}</b>")
        case "entity_stored_literally":
            curly = listing.name.replace("'", "’")
            return replace(listing, name=curly, stored_name=curly.replace("’", "&#8217;"))
        case "no_comma":
            letters = listing.credentials.replace(",", "")
            return replace(listing, credentials=letters, joined_by=" ")
        case "capitals":
            return replace(listing, name=listing.name.upper(), city=listing.city.upper())
        case "quoted_nickname":
            if ", " in listing.name:
                return replace(listing, name=f'{listing.name} "Skip"')
            head, _, tail = listing.name.rpartition(" ")
            return replace(listing, name=f'{head} "Skip" {tail}')
        case "missing_phone":
            return replace(listing, phone="")
        case "odd_phone":
            return replace(listing, phone=_odd_phone(listing.phone, rng))
        case "odd_website":
            return replace(listing, website=rng.choice(("example.com/sample", "n/a")))
        case "po_box":
            form = rng.choice(("PO Box {}", "P.O. Box {}", "POB {}", "Post Office Box {}"))
            return replace(listing, street=form.format(rng.randint(10, 999)), unit="")
        case "city_only":
            return replace(listing, street="", unit="", postcode="")
        case "state_spelled_out":
            return replace(listing, state=STATE_NAMES.get(listing.state, listing.state))
        case "short_postcode":
            return replace(listing, postcode=listing.postcode.lstrip("0"))
        case "long_postcode":
            return replace(listing, postcode=f"{listing.postcode}-{rng.randint(1, 9999):04d}")
        case "multiline_description":
            return replace(listing, description=_LONG_TEXT)
        case "canada" | "abroad":
            return _abroad(listing, hard)
        case "military":
            return replace(listing, place_latitude=None, place_longitude=None)
        case _:
            return _misplaced(listing, hard)


def _odd_phone(printed: str, rng: random.Random) -> str:
    form = rng.choice(("{} ext. 7", "{0} / {0}", "call {}", "{} (text only)", "{} x 12"))
    return form.format(printed)


def _abroad(listing: TrueListing, hard: str) -> TrueListing:
    country = {"canada": "Canada", "abroad": "United Kingdom"}[hard]
    if listing.source_id == _JSONLD:
        country = "CA"
    # These directories have no column for a country, so nobody can read one there.
    if listing.source_id in {_WILD, _TABLE, _CARDS}:
        country = ""
    return replace(listing, country=country, place_latitude=None, place_longitude=None)


def _misplaced(listing: TrueListing, hard: str) -> TrueListing:
    latitude, longitude = listing.latitude, listing.longitude
    if latitude is None or longitude is None:
        return listing
    match hard:
        case "coords_missing":
            return replace(listing, latitude=None, longitude=None)
        case "coords_zero":
            return replace(listing, latitude=0.0, longitude=0.0)
        case "coords_swapped":
            return replace(listing, latitude=longitude, longitude=latitude)
        case "coords_wrong_state":
            # Kansas or Georgia: inside the country, so a search finds it, and far away.
            wrong = (38.5, -98.5) if longitude > -90 else (32.9, -83.4)
            return replace(listing, latitude=wrong[0], longitude=wrong[1])
    return listing
