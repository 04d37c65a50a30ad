"""How a directory prints a person: which fields it shows, and how the wording varies."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from samples import phones, words
from samples.world import Office, Person, TrueListing


@dataclass(frozen=True, slots=True)
class House:
    """What one sample directory prints at all."""

    practice: bool = True
    email: bool = True
    website: bool = True
    country: str = ""
    decimals: int | None = None
    """Digits of printed coordinates; None where none are printed."""
    description: bool = False
    surname_first: bool = False
    phone_form: str = phones.FORMATS[0]
    levels: tuple[str | None, ...] = (None,)
    """Wording about certification, one drawn a listing."""
    offers: tuple[str, ...] = ("",)
    """What its field about offers or home visits says, one drawn a person."""


#: Wording that the sample directories print about levels; fact sheets map it.
HOUSES: dict[str, House] = {
    "sample_wpsl_a": House(practice=False, country="United States", decimals=6),
    "sample_wpsl_b": House(
        country="United States",
        decimals=6,
        description=True,
        phone_form=phones.FORMATS[1],
        levels=("Level 1", "Level 1", "Level 2", "Certified Sample Needling Specialist"),
        offers=("House calls, Sports rehabilitation", "Sports rehabilitation", "", "", ""),
    ),
    "sample_wild_apricot": House(
        email=False,
        levels=("Foundations", "Advanced", "Fellow", None),
        phone_form="({a}) {b}-{c}",
        offers=("Yes", "No", "", "", ""),
    ),
    "sample_html_table": House(
        email=False,
        website=False,
        surname_first=True,
        phone_form=phones.FORMATS[1],
        levels=("DN-1", "DN-2", "DN-2", "DN-Master"),
    ),
    "sample_jsonld": House(
        country="US",
        decimals=5,
        description=True,
        phone_form=phones.FORMATS[3],
        levels=("Dry Needling Certified (Sample Institute)",),
    ),
    "sample_cards": House(
        phone_form=phones.FORMATS[2],
        levels=("Certified Mock Needling Practitioner", "Mock Needling Level I", None),
    ),
}


def website_of(slug: str) -> str:
    """An address on a host that is reserved for examples."""
    return f"https://www.example.com/{slug}/"


def short_street(street: str, dotted: bool) -> str:
    """The street line with its kind and direction shortened: "410 N Specimen St"."""
    table = {**words.STREET_KINDS, **words.DIRECTIONS}
    return " ".join(table[word][dotted] if word in table else word for word in street.split(" "))


def print_listing(
    person: Person, office: Office, source_id: str, rng: random.Random, *, varied: bool = False
) -> TrueListing:
    """What `source_id` prints of this person at this office.

    `varied` prints name, credentials, phone and street in other wording than the first directory.
    The native id is still empty.
    """
    house = HOUSES[source_id]
    street, unit = office.street, office.unit
    if varied or rng.random() < 0.5:
        street = short_street(street, rng.random() < 0.3)
    if unit and (varied or rng.random() < 0.4):
        unit = rng.choice(("Ste {}", "Ste. {}", "#{}", "Suite {}")).format(unit.split()[-1])
    form = rng.choice(phones.FORMATS) if varied else house.phone_form
    email, website = person.email, person.website
    if rng.random() < (0.3 if varied else 0.1):
        email = ""
    elif varied and rng.random() < 0.2:
        email = f"office.{email}"
    if varied and rng.random() < 0.3:
        website = ""
    return TrueListing(
        person_id=person.id,
        source_id=source_id,
        native_id="",
        name=_name(person, house, rng, varied),
        credentials=_credentials(person, rng, varied),
        practice=office.practice if house.practice else "",
        street=street,
        unit=unit,
        city=office.city,
        state=office.state,
        postcode=office.postcode,
        country=house.country,
        phone=phones.written(office.phone, form),
        email=email if house.email else "",
        website=website if house.website else "",
        latitude=None if house.decimals is None else round(office.latitude, house.decimals),
        longitude=None if house.decimals is None else round(office.longitude, house.decimals),
        certification=rng.choice(house.levels),
        description=_description(person, office, rng) if house.description else "",
        # Drawn apart: other offers change nothing else that is drawn.
        offers=random.Random(person.id).choice(house.offers),
        place_latitude=office.latitude,
        place_longitude=office.longitude,
    )


def print_clinic(office: Office, website: str, source_id: str, rng: random.Random) -> TrueListing:
    """A clinic that stands in the directory without naming anybody."""
    stranger = Person(
        id="",
        given=office.practice,
        middle="",
        family="",
        suffix="",
        nickname="",
        profession="",
        credentials=(),
        email="",
        website=website,
        offices=(office,),
    )
    listing = print_listing(stranger, office, source_id, rng)
    return replace(
        listing,
        person_id=None,
        name=office.practice,
        credentials="",
        certification=None,
        offers="",
        description="A clinic of the sample world." if listing.description else "",
        hard="clinic_without_person",
    )


def _name(person: Person, house: House, rng: random.Random, varied: bool) -> str:
    given, middle, family = person.given, person.middle, person.family
    suffix = f" {person.suffix}" if person.suffix else ""
    initial = f" {middle}." if middle and rng.random() < 0.5 else ""
    if varied:
        shape = rng.choice(("nickname", "initial", "no middle", "middle", "both"))
        if shape in {"nickname", "both"} and person.nickname:
            given = person.nickname
        if shape in {"initial", "both"} and middle:
            initial = f" {middle}" if shape == "both" else f" {middle}."
        if shape == "no middle":
            initial = ""
    if house.surname_first:
        return f"{family}{suffix}, {given}{initial}"
    return f"{given}{initial} {family}{suffix}"


def _credentials(person: Person, rng: random.Random, varied: bool) -> str:
    letters = person.credentials
    if not letters:
        return ""
    shape = rng.choice(("commas", "blanks", "dots", "turned", "first")) if varied else "commas"
    if shape == "blanks":
        return " ".join(letters)
    if shape == "dots":
        return ", ".join(
            ".".join(one) + "." if one.isupper() and one.isalpha() and len(one) < 4 else one
            for one in letters
        )
    if shape == "turned":
        return ", ".join(reversed(letters))
    return letters[0] if shape == "first" else ", ".join(letters)


def _description(person: Person, office: Office, rng: random.Random) -> str:
    place = f" at {office.practice}" if office.practice else ""
    return rng.choice(
        (
            f"{person.name} treats patients{place}. Invented listing of the sample world.",
            f"Invented listing. {person.given} sees patients by appointment{place}.",
            "Invented listing of the sample world.",
        )
    )
