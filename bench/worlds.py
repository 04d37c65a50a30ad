"""A sample world as listings that the stages have cleaned, and the truth about their pairs."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from db.gazetteer import Gazetteer
from db.gazetteer_file import ensure
from db.stored_listing import clean_to_json
from matching.side import Side
from pipelines.together import clean
from records.factsheet import load_sheets
from records.listing import Listing
from samples.lookalikes import with_lookalikes
from samples.people import make_world
from samples.sheets import write_sheets
from samples.truth import public_listings
from samples.world import SOURCES, TrueListing, World

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a crawl of the world leaves in the working store."""

    listings: dict[str, Listing]
    """By listing id."""
    truth: dict[str, TrueListing]
    same: frozenset[Pair]
    """Every pair of listings of one person, the smaller id first."""


def hard_world(seed: int, people: int = 10_000) -> World:
    """The sample world with its lookalikes: 13,000 public listings for 10,000 people."""
    return with_lookalikes(make_world(seed, people))


def cleaned(world: World) -> Cleaned:
    """Every public listing of the world through the cleaning stages, without a crawl."""
    listings, truth = {}, {}
    owners: dict[str, list[str]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sheets(folder / "sheets", dict.fromkeys(SOURCES, "https://directory.example"))
        sheets = load_sheets(folder / "sheets")
        with Gazetteer(ensure(folder)) as gazetteer:
            for one in public_listings(world):
                listing = clean(_printed(one), sheets[one.source_id], gazetteer)
                assert listing is not None, one
                listings[listing.id], truth[listing.id] = listing, one
                if one.person_id:
                    owners[one.person_id].append(listing.id)
    pairs = (pair for ids in owners.values() for pair in combinations(sorted(ids), 2))
    return Cleaned(listings, truth, frozenset(pairs))


def _printed(one: TrueListing) -> Listing:
    """As the reader of that directory's platform hands it on."""
    column = one.source_id == "sample_jsonld" and bool(one.credentials)
    page = f"https://{one.source_id.replace('_', '-')}.directory.example/{one.native_id}"
    own_page = one.source_id in {"sample_wpsl_b", "sample_wild_apricot", "sample_jsonld"}
    return Listing(
        source_id=one.source_id,
        native_id=one.native_id,
        seen_url=page,
        name=one.name if column else one.printed,
        credentials=one.credentials if column else None,
        practice=one.practice or None,
        street=one.street or None,
        street2=one.unit or None,
        city=one.city or None,
        state=one.state or None,
        postcode=one.postcode or None,
        country=one.country or None,
        phone=one.phone or None,
        email=one.email or None,
        website=one.website or None,
        profile_url=page if own_page else None,
        certification=one.certification,
        latitude=None if one.latitude is None else str(one.latitude),
        longitude=None if one.longitude is None else str(one.longitude),
    )


def sides_of(world: Cleaned) -> dict[str, Side]:
    """Every listing as matching sees it, read back from what the store would hold."""
    return {
        key: Side.of(key, one.printed(), json.loads(clean_to_json(one.clean)))
        for key, one in world.listings.items()
    }
