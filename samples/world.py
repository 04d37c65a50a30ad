"""What the sample world is made of: people, their offices, and what directories print of them."""

from __future__ import annotations

from dataclasses import dataclass, field

#: The six sample directories, by the id of their fact sheet.
SOURCES = (
    "sample_wpsl_a",
    "sample_wpsl_b",
    "sample_wild_apricot",
    "sample_html_table",
    "sample_jsonld",
    "sample_cards",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A place where somebody works."""

    practice: str
    street: str
    """Number, name and kind in full: "410 North Specimen Street"."""
    unit: str
    """ "Suite 200", or empty."""
    city: str
    state: str
    postcode: str
    country: str
    phone: str
    """Ten digits; of somebody abroad the number as printed."""
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who does not exist."""

    id: str
    given: str
    middle: str
    """One letter, or empty."""
    family: str
    suffix: str
    """Jr., Sr., III, or empty."""
    nickname: str
    """Shorter form of the given name, or empty."""
    profession: str
    credentials: tuple[str, ...]
    email: str
    website: str
    offices: tuple[Office, ...]
    """The first is where they mostly are."""

    @property
    def name(self) -> str:
        """Given and family name and suffix, without titles and credentials."""
        return " ".join(part for part in (self.given, self.family, self.suffix) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueListing:
    """One entry of one sample directory: what a careful reader of it sees there.

    Every text is what a person reads on the page, after entities and markup. Fields that the
    directory does not print are empty (or None), whatever the world knows of the person.
    """

    person_id: str | None
    """None for a clinic that is listed without a person."""
    source_id: str
    native_id: str
    """The directory's own id. The HTML table prints none: it is only the truth's own there."""
    name: str
    """As printed, without the credentials: "Bob Sampleton", "MOCKRIDGE, ADA"."""
    credentials: str
    """As printed: "PT, DPT". Empty where none are."""
    practice: str
    street: str
    unit: str
    city: str
    state: str
    postcode: str
    country: str
    phone: str
    email: str
    website: str
    latitude: float | None
    longitude: float | None
    """The printed coordinates, right or wrong; None where none are printed."""
    certification: str | None
    """Wording about level or certificate as printed, or None."""
    description: str = ""
    """Plain text, lines separated by newlines."""
    offers: str = ""
    """What a field about offers or home visits says: "House calls", "Yes"; empty where none is."""
    public: bool = True
    """False for drafts and hidden entries, which no visitor is shown."""
    hard: str | None = None
    """Which hard case this entry is, if any."""
    stored_name: str = ""
    """The name as kept inside the directory's software when that differs (markup, entities)."""
    joined_by: str = ", "
    """What stands between name and credentials."""
    place_latitude: float | None = None
    """Where the office really is, whatever is printed; None abroad."""
    place_longitude: float | None = None

    @property
    def printed(self) -> str:
        """Name and credentials in one line, as directories with one name field show them."""
        return self.name + (self.joined_by + self.credentials if self.credentials else "")

    @property
    def stored(self) -> str:
        """The same line as the directory's software keeps it."""
        name = self.stored_name or self.name
        return name + (self.joined_by + self.credentials if self.credentials else "")


@dataclass(slots=True)
class World:
    """Everybody and every directory. Servers read `listings` at each request, so tests may
    change them between two crawls.
    """

    seed: int
    people: list[Person]
    """All have at least one public listing."""
    unpublished: list[Person]
    """These stand in drafts only and must never be seen."""
    listings: dict[str, list[TrueListing]] = field(default_factory=dict)

    def public(self, source_id: str) -> list[TrueListing]:
        """What a visitor of this directory can see, in the directory's own order."""
        return [listing for listing in self.listings[source_id] if listing.public]
