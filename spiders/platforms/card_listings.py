"""Cards as listings: which id a card has where the directory prints none, and which came before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from records.factsheet import FactSheet
from records.listing import Listing
from spiders.platforms.cards import Card
from spiders.platforms.fields import hashed_id


class CardListings:
    """The cards of one run. The id is the path of the card's own page, else a hash of its fields.

    `options.identity` of the fact sheet names the fields; two cards that agree in these and print
    different things are two listings.
    """

    def __init__(self, sheet: FactSheet) -> None:
        self._sheet = sheet
        self._seen: dict[str, tuple[tuple[str, str], ...]] = {}

    def take(self, cards: Iterable[Card], url: str) -> tuple[list[Listing], list[Listing]]:
        """(listings that are new, listings that came before), in printed order."""
        fresh: list[Listing] = []
        again: list[Listing] = []
        for card in cards:
            listing = self._listing(card, url)
            known = listing.native_id in self._seen
            self._seen[listing.native_id] = _printed(card)
            (again if known else fresh).append(listing)
        return fresh, again

    def _listing(self, card: Card, url: str) -> Listing:
        values: dict[str, Any] = dict(card.values)
        printed = _printed(card)
        identity = self._sheet.options.identity
        profile = None if identity else values.get("profile_url")
        native = path_of(profile) if profile else hashed_id(values, identity)
        if self._seen.get(native, printed) != printed:
            # Two entries that the identity cannot tell apart, but that print different things.
            native = hashed_id({"": native} | values, ("", *dict(printed)))
        return Listing(
            source_id=self._sheet.id,
            native_id=native,
            seen_url=url,
            extra=dict(card.extra),
            **values,
        )


def path_of(url: str) -> str:
    """The part of a profile's address that tells it from the others: path and query."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.path.rstrip('/')}{query}"


def _printed(card: Card) -> tuple[tuple[str, str], ...]:
    """Everything a card prints in its fields, comparable."""
    return tuple(sorted((key, str(value)) for key, value in card.values.items() if value))
