"""What one directory prints about one practitioner at one place, raw beside clean.

A spider fills the printed half and nothing else: every printed field is the text of the source
with its markup and entities removed, or None where the source prints nothing. The stages in
`pipelines/` fill `Listing.clean` beside it; the printed half is frozen, so no stage can lose what
the directory really said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

Kind = Literal["person", "practice"]
Precision = Literal["source", "rooftop", "street", "postcode", "city"]

#: From the finest to the coarsest. `source` is a coordinate the directory itself printed.
PRECISIONS: tuple[Precision, ...] = ("source", "rooftop", "street", "postcode", "city")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """What an issuer says of a practitioner, in the issuer's own words."""

    issuer: str
    """The organisation that issues the certificate or keeps the list."""
    label: str
    """The issuer's own label, verbatim: "Certified in Integrative Dry Needling"."""
    level: str | None = None
    """The level the listing prints, verbatim, when the fact sheet knows that wording."""


@dataclass(slots=True, kw_only=True)
class Clean:
    """What the stages understood. None or empty means: not printed, or not understood."""

    kind: Kind = "person"
    """A person, or a practice listed without one."""
    name: str | None = None
    """The name to show, without titles and credentials: "Ada Q. Sampleton Jr."."""
    given: str | None = None
    middle: str | None = None
    family: str | None = None
    suffix: str | None = None
    """Generational only: Jr., III."""
    nickname: str | None = None
    credentials: tuple[str, ...] = ()
    """Letters after the name in their usual spelling, in printed order, from the closed list."""
    unknown_credentials: tuple[str, ...] = ()
    """Letters after the name that the closed list does not have, as printed."""
    profession: str | None = None
    """physical_therapist, chiropractor, … : the words of state_rules.csv and a few more."""
    practice: str | None = None
    street: str | None = None
    """Street line with suite, or the PO box."""
    city: str | None = None
    state: str | None = None
    """Two-letter code of a US state, DC or territory; the province code for Canada."""
    postcode: str | None = None
    """US: five digits. Elsewhere as printed, upper case."""
    country: str | None = None
    """ISO 3166 alpha-2."""
    phone: str | None = None
    """E.164: +16145550142."""
    phone_extension: str | None = None
    email: str | None = None
    """Private: used to match, never published."""
    website: str | None = None
    booking_url: str | None = None
    home_visits: bool | None = None
    """Whether the source says that home visits are made; None where it does not say."""
    certified: tuple[Certified, ...] = ()
    latitude: float | None = None
    """Degrees WGS84."""
    longitude: float | None = None
    precision: Precision | None = None
    point_from: str | None = None
    """Who gave the point: "source", "gazetteer", "census", "nominatim"."""
    point_note: str | None = None
    """Why a printed coordinate was not believed, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One entry of one source, as printed there."""

    source_id: str
    native_id: str
    """The directory's own id; where it has none, a hash of the fields the fact sheet names."""
    seen_url: str
    """The address that printed this entry."""
    name: str | None = None
    """As printed, often with title and credentials."""
    credentials: str | None = None
    """Only where the directory has a field of its own for them."""
    profession: str | None = None
    practice: str | None = None
    address: str | None = None
    """The whole address, where the directory prints one text instead of parts."""
    street: str | None = None
    street2: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    booking_url: str | None = None
    home_visits: str | None = None
    """The directory's own words in a field about visits to a patient's home: "Yes"."""
    profile_url: str | None = None
    """The entry's own page in the directory, where there is one."""
    certification: str | None = None
    """The words of the listing about a certificate or level, verbatim."""
    latitude: str | None = None
    longitude: str | None = None
    approximate: str | None = None
    """The directory's own mark that its coordinates are no front door, as sent; else None."""
    listed_on: str | None = None
    """A date the directory prints or sends for the entry itself (never the time of reading)."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Fields that no field above fits, by the directory's own key; counted, never published."""
    clean: Clean = field(default_factory=Clean, compare=False)

    @property
    def id(self) -> str:
        """`source:native_id`, the same from run to run."""
        return f"{self.source_id}:{self.native_id}"

    def printed(self) -> dict[str, Any]:
        """The printed half as a plain dict, empty fields left out."""
        half = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "clean"}
        half["extra"] = dict(self.extra)
        return {key: value for key, value in half.items() if value not in (None, "", {})}
