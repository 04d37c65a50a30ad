"""Invented fact sheets, listings and runs for the tests of keeping, matching and publishing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from records.bundle import RunBundle
from records.factsheet import FactSheet
from records.listing import Certified, Clean, Listing


def sheet(source_id: str = "alpha", **more: Any) -> FactSheet:
    """An active, accepted fact sheet of an invented directory."""
    return FactSheet.model_validate(
        {
            "id": source_id,
            "title": f"Invented directory {source_id}",
            "publisher": {"name": f"Institute {source_id}", "url": "https://example.com"},
            "home_url": f"https://{source_id}.directory.example/",
            "certification": {
                "issuer": f"Institute {source_id}",
                "label": "Certified Needler",
                "meaning": "Took an invented course.",
            },
            "professions": ["physical_therapist"],
            "status": {"state": "active", "reason": "a test", "date": "2026-01-01"},
            "terms": {
                "url": "https://example.com/terms",
                "checked_on": "2026-01-01",
                "decision": "accepted",
                "decided_by": "a tester",
            },
            "sample": True,
        }
        | more
    )


def person(
    native_id: str | int = 1,
    source_id: str = "alpha",
    given: str = "Ada",
    family: str = "Sampleton",
    *,
    clean: dict[str, Any] | None = None,
    **printed: Any,
) -> Listing:
    """A listing of an invented person in Columbus with everything filled in, cleaned."""
    number = int(native_id) if str(native_id).isdigit() else 1
    phone = f"(614) 555-01{number % 100:02d}"
    street = f"{100 + number} Fictional Ave"
    listing = Listing(
        source_id=source_id,
        native_id=str(native_id),
        seen_url=f"https://{source_id}.directory.example/list?page=1",
        name=f"{given} {family}, PT",
        practice="Invented Physical Therapy",
        street=street,
        city="Columbus",
        state="OH",
        postcode="43215",
        phone=phone,
        certification="Certified Needler",
        latitude="39.9612",
        longitude="-82.9988",
        profile_url=f"https://{source_id}.directory.example/p/{native_id}",
    )
    understood = Clean(
        name=f"{given} {family}",
        given=given,
        family=family,
        credentials=("PT",),
        profession="physical_therapist",
        practice="Invented Physical Therapy",
        street=street,
        city="Columbus",
        state="OH",
        postcode="43215",
        country="US",
        phone=f"+161455501{number % 100:02d}",
        email=f"{given}.{family}{number}@example.com".lower(),
        certified=(Certified(issuer=f"Institute {source_id}", label="Certified Needler"),),
        latitude=39.9612 + number / 10_000,
        longitude=-82.9988,
        precision="source",
        point_from="source",
    )
    return replace(listing, **printed, clean=replace(understood, **(clean or {})))


def people(count: int, source_id: str = "alpha", first: int = 1) -> list[Listing]:
    """Listings of so many different invented people."""
    return [
        person(number, source_id, given=f"Given{_word(number)}", family=f"Family{_word(number)}")
        for number in range(first, first + count)
    ]


def run(
    listings: Iterable[Listing], night: int = 1, source_id: str = "alpha", **more: Any
) -> RunBundle:
    """A run that found these listings, in the night of 2026-03-`night`."""
    day = f"2026-03-{night:02d}"
    return RunBundle(
        source_id=source_id,
        started_at=f"{day}T02:00:00Z",
        finished_at=f"{day}T02:05:00Z",
        platform="html_listings",
        pages=3,
        listings=list(listings),
        **more,
    )


def _word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))
