"""What is true of a sample world: for tests that compare it with what was found."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from samples.world import TrueListing, World


def public_listings(world: World) -> list[TrueListing]:
    """Every listing a visitor of the six directories can see."""
    return [one for source in world.listings for one in world.public(source)]


def hidden_listings(world: World) -> list[TrueListing]:
    """Drafts: none of these may be found anywhere."""
    return [one for listings in world.listings.values() for one in listings if not one.public]


def public_people(world: World) -> set[str]:
    """Ids of the people with at least one public listing."""
    return {one.person_id for one in public_listings(world) if one.person_id}


def same_person_pairs(world: World) -> Iterator[tuple[TrueListing, TrueListing]]:
    """Every pair of public listings of one person, each pair once."""
    by_person: dict[str, list[TrueListing]] = {}
    for listing in public_listings(world):
        if listing.person_id:
            by_person.setdefault(listing.person_id, []).append(listing)
    for listings in by_person.values():
        for place, first in enumerate(listings):
            for second in listings[place + 1 :]:
                yield first, second


def fold(text: str | None) -> str:
    """The text for comparing what was printed with what was read.

    Entities and tags gone, quotes straight, marks as one letter each, blanks single, lower case.
    """
    plain = html.unescape(html.unescape(text or ""))
    plain = re.sub(r"</?\w[^<>]*>", "", re.sub(r"<br[^<>]*>", " ", plain))
    plain = plain.translate({0x2019: "'", 0x2018: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-"})
    return " ".join(unicodedata.normalize("NFC", plain).split()).lower()


def key(listing: TrueListing) -> tuple[str, str, str, str]:
    """(source_id, name line, digits of the phone, city), folded.

    Tells the public listings of a world apart also where the directory prints no id; people of one
    name in one town with one phone do not exist in it, but for one person listed twice.
    """
    digits = re.sub(r"\D", "", listing.phone)
    return listing.source_id, fold(listing.printed), digits, fold(listing.city)


def write_truth(world: World, path: Path) -> None:
    """Writes people and listings, hidden ones included, as one JSON file."""
    content = {
        "seed": world.seed,
        "people": [asdict(person) for person in world.people],
        "unpublished": [asdict(person) for person in world.unpublished],
        "listings": [asdict(one) for rows in world.listings.values() for one in rows],
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
