"""An address as the geocoding steps see it: what is asked, and under which key it is remembered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from records.listing import Clean

_HOUSE_NUMBER = re.compile(
    r"(?<![\w#.])[NSEW]?[0-9]+(?:[NSEW][0-9]+)?(?:[-/][0-9A-Za-z]+)?[A-Za-z]?(?=\s)"
)
_UNIT = re.compile(
    r"[,\s]+(?:(?:suites?|ste|units?|apt|apartment|rooms?|rm|floor|fl|building|bldg|lot|dept|office"
    r"|ofc)\b\.?\s*#?\s*[\w&./-]*|#\s*[\w./-]+|(?:[0-9]{1,3}(?:st|nd|rd|th)|first|second|third|ground"
    r"|lower|upper|main|top)\s+(?:floor|fl|level)\b)[^,]*",
    re.IGNORECASE,
)
_IN_CARE_OF = re.compile(r"[,\s]+(?:c/o|attn|attention|care of)\b.*$", re.IGNORECASE)
_BOX = re.compile(r"^\s*(?:po box|p\.?\s*o\.?\s*box|box)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """The cleaned address of a listing, and nothing else of it: no name ever comes in here."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None

    @classmethod
    def of(cls, clean: Clean) -> Address:
        """The address in a listing's clean half."""
        return cls(clean.street, clean.city, clean.state, clean.postcode, clean.country)

    @property
    def is_box(self) -> bool:
        """Whether the street line is a post office box: a place for letters, not for patients."""
        return bool(self.street and _BOX.match(self.street))

    @property
    def door(self) -> str | None:
        """House number and street alone, as a geocoder wants it, or None.

        None for a PO box and for a street without a number: no geocoder finds more there than the
        gazetteer does. What stands before the house number is cut off, be it a building or, in
        some directories, a person; so are suite, floor and whatever follows "c/o".
        """
        if not self.street or self.is_box:
            return None
        for piece in self.street.split(", "):
            found = _HOUSE_NUMBER.search(piece)
            if found and not _UNIT.match(f" {piece}"):
                text = _IN_CARE_OF.sub("", piece[found.start() :])
                text = _UNIT.sub("", text).strip(" ,#")
                return text if re.search(r"[A-Za-z]", text.partition(" ")[2]) else None
        return None

    @property
    def line(self) -> str | None:
        """What a network geocoder may be asked: "12 Sample Ave, Columbus, OH 43215, US"; or None
        where there is no house number, or neither a town with its state nor a postal code."""
        if not self.door or not (self.postcode or (self.city and (self.state or self.country))):
            return None
        end = " ".join(part for part in (self.state, self.postcode) if part)
        return ", ".join(part for part in (self.door, self.city, end, self.country) if part)

    @property
    def key(self) -> str | None:
        """The line under which answers are remembered: case and spaces make no difference."""
        return " ".join(self.line.casefold().split()) if self.line else None
