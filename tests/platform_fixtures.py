"""What the tests of platforms share: a fact sheet, pages, and a browser that needs no network."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from scrapy.http import HtmlResponse, Request, Response, TextResponse

from records.factsheet import FactSheet
from records.listing import Listing
from spiders.platforms import Hidden, Platform, Shortfall, Surroundings, Total

ROOT = Path(__file__).parent.parent
RECORDINGS = Path(__file__).parent / "recordings"
SITE = "https://directory.example"


def fact_sheet(**options: Any) -> FactSheet:
    """A sheet for directory.example with these options."""
    return FactSheet.model_validate(
        {
            "id": "example",
            "title": "Example directory",
            "publisher": {"name": "Fictional Academy of Needling"},
            "home_url": f"{SITE}/",
            "certification": {"issuer": "Fictional Academy of Needling"},
            "status": {"state": "active", "reason": "test", "date": "2026-01-01"},
            "options": options,
        }
    )


def around(people: Any = (), **options: Any) -> Surroundings:
    return Surroundings(fact_sheet(**options), people)


def page(html: str, path: str = "/find/") -> HtmlResponse:
    """A page of directory.example that nobody asked for."""
    return HtmlResponse(f"{SITE}{path}", body=html.encode(), encoding="utf-8")


def answer(body: str, path: str = "/answer", *, status: int = 200, **about: Any) -> TextResponse:
    """An answer to a request that carried `about`."""
    url = f"{SITE}{path}"
    request = Request(url, meta={"about": about}) if about else None
    return HtmlResponse(url, status=status, body=body.encode(), encoding="utf-8", request=request)


def recorded(name: str) -> str:
    return (RECORDINGS / name).read_text(encoding="utf-8")


@cache
def us_places() -> tuple[tuple[float, float, int], ...]:
    """Where people live in the United States, from the project's own gazetteer."""
    with gzip.open(ROOT / "reference" / "us_place.csv.gz", "rt", encoding="utf-8") as handle:
        return tuple(
            (float(row["latitude"]), float(row["longitude"]), int(row["population"] or 0))
            for row in csv.DictReader(handle)
        )


@dataclass
class Harvest:
    """What a platform found by asking until it had nothing more to ask."""

    listings: dict[str, Listing] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    shortfalls: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)


def harvest(
    platform: Platform, first: Response, site: Callable[[Request], Response], most: int = 3000
) -> Harvest:
    """Recognise `first`, then ask `site` whatever the platform wants to know."""
    match = platform.recognise(first)
    assert match is not None, "the page was not recognised"
    found = Harvest()
    waiting = list(platform.requests(match))
    answers = [] if waiting else [first]
    asked: set[tuple[str, bytes]] = set()
    while waiting or answers:
        if not answers:
            waiting.sort(key=lambda one: -one.priority)
            request = waiting.pop(0)
            if (request.url, request.body) in asked:
                continue
            asked.add((request.url, request.body))
            found.requests.append(request)
            assert len(found.requests) <= most, "it asks without end"
            answers.append(site(request))
        for one in platform.read(answers.pop()):
            match one:
                case Listing():
                    found.listings.setdefault(one.native_id, one)
                case Request():
                    waiting.append(one)
                case Hidden():
                    found.hidden.append(one.reason)
                case Total():
                    found.totals.append(one.count)
                case Shortfall():
                    found.shortfalls.append(one.reason)
    return found
