"""Makes the sample world: 2,000 invented practitioners and what six directories print of them."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from samples import words
from samples.geography import Town, draw_towns, us_towns
from samples.hard_cases import CAST, alter, foreign_office
from samples.phones import PhoneBook
from samples.printing import print_clinic, print_listing, website_of
from samples.world import SOURCES, Office, Person, TrueListing, World

SEED = 2026
PEOPLE = 2000
#: Fewer people than this leave no room for every hard case.
LEAST_PEOPLE = 400

_FATHERS = ("William", "Robert", "George", "Henry", "Walter", "Samuel", "Edward", "Harold")

#: How the people of one directory only are spread over the six.
_SHARES = dict(zip(SOURCES, (27, 18, 18, 15, 12, 10), strict=True))
_IN_TWO = 0.11
_IN_THREE = 0.04
_TWICE_IN_ONE = 0.006
_TWO_OFFICES_IN_ONE = 0.006


@dataclass(slots=True)
class _Part:
    """What one invented person is cast as."""

    sources: tuple[str, ...]
    hard: str | None = None
    pair: int = 0
    """People with the same number other than 0 belong together (a clinic, father and son)."""


def make_world(seed: int = SEED, people: int = PEOPLE) -> World:
    """The same world for the same arguments, whatever the machine.

    Raises ValueError for fewer than LEAST_PEOPLE people.
    """
    if people < LEAST_PEOPLE:
        raise ValueError(f"a sample world needs at least {LEAST_PEOPLE} people, not {people}")
    rng = random.Random(seed)
    maker = _Maker(rng, people)
    parts = _cast(rng, people)
    persons = maker.persons(parts)
    listings: dict[str, list[TrueListing]] = {source: [] for source in SOURCES}
    for person, part in zip(persons, parts, strict=True):
        for listing in _printed(person, part, rng):
            listings[listing.source_id].append(listing)
    hidden = [_Part((source,), "draft") for source in SOURCES for _ in range(4)]
    unpublished = maker.persons(hidden, first=people + 1)
    for person, part in zip(unpublished, hidden, strict=True):
        draft = print_listing(person, person.offices[0], part.sources[0], rng)
        listings[draft.source_id].append(replace(draft, public=False, hard="draft"))
    for source in SOURCES:
        for office in maker.clinics(4):
            slug = _slug(office.practice)
            listings[source].append(print_clinic(office, website_of(slug), source, rng))
        rng.shuffle(listings[source])
        listings[source] = _numbered(source, listings[source])
    return World(seed, persons, unpublished, listings)


def _printed(person: Person, part: _Part, rng: random.Random) -> Iterator[TrueListing]:
    """Everything the directories print of one person."""
    home = person.offices[0]
    if part.hard in {"same_person_twice", "second_office"}:
        source = part.sources[0]
        second = person.offices[-1]
        again = part.hard == "same_person_twice"
        yield replace(print_listing(person, home, source, rng), hard=part.hard)
        yield replace(print_listing(person, second, source, rng, varied=again), hard=part.hard)
        return
    for number, source in enumerate(part.sources):
        office = person.offices[-1] if number else home
        listing = print_listing(person, office, source, rng, varied=number > 0)
        yield alter(listing, part.hard, rng) if part.hard else listing


def _cast(rng: random.Random, people: int) -> list[_Part]:
    """Who stands where, in a shuffled order; pairs and groups share a number."""
    size = max(1, round(people / 1000))
    parts: list[_Part] = []
    pair = 0
    for hard, (sources, group) in CAST.items():
        for source in sources:
            for _ in range(size):
                pair += 1
                parts += [_Part((source,), hard, pair if group > 1 else 0) for _ in range(group)]
    for hard, share in (
        ("same_person_twice", _TWICE_IN_ONE),
        ("second_office", _TWO_OFFICES_IN_ONE),
    ):
        parts += [
            _Part((SOURCES[number % len(SOURCES)],), hard)
            for number in range(max(len(SOURCES), round(share * people)))
        ]
    parts += [_Part(tuple(rng.sample(SOURCES, 2))) for _ in range(round(_IN_TWO * people))]
    parts += [_Part(tuple(rng.sample(SOURCES, 3))) for _ in range(round(_IN_THREE * people))]
    rest = people - len(parts)
    singles = rng.choices(SOURCES, weights=[_SHARES[source] for source in SOURCES], k=rest)
    parts += [_Part((source,)) for source in singles]
    rng.shuffle(parts)
    return parts


class _Maker:
    """Hands out names, offices, phones and addresses, each combination once."""

    def __init__(self, rng: random.Random, people: int) -> None:
        self._rng = rng
        self._towns = us_towns()
        self._book = PhoneBook(rng)
        families = rng.sample(words.surnames(), 300)
        wanted = people + 200
        count = len(words.GIVEN)
        chosen = rng.sample(range(count * len(families)), wanted)
        self._names = iter([(words.GIVEN[one % count], families[one // count]) for one in chosen])
        self._exotic = {
            "unicode_name": iter(words.UNICODE_NAMES * 20),
            "apostrophe": ((given, f"O'{family}") for given, family in self._names),
            "entity_stored_literally": ((given, f"O'{family}") for given, family in self._names),
        }
        self._slugs: dict[str, int] = {}
        self._groups: dict[int, list[Person]] = {}

    def persons(self, parts: list[_Part], first: int = 1) -> list[Person]:
        """One person a part, numbered from `first`."""
        drawn = draw_towns(self._towns, len(parts), self._rng)
        # A postcode can lose its leading zero only where it has one.
        zeros = [town for town in self._towns if town.postcode.startswith("0")]
        drawn = [
            draw_towns(zeros, 1, self._rng)[0] if part.hard == "short_postcode" else town
            for part, town in zip(parts, drawn, strict=True)
        ]
        found = []
        for number, (part, town) in enumerate(zip(parts, drawn, strict=True), start=first):
            person = self._person(f"p{number:04d}", part, town)
            if part.pair:
                self._groups.setdefault(part.pair, []).append(person)
            found.append(person)
        return found

    def clinics(self, count: int) -> list[Office]:
        """Offices of clinics that name nobody."""
        towns = draw_towns(self._towns, count, self._rng)
        return [self._office(town, practice=self._practice()) for town in towns]

    def _person(self, one_id: str, part: _Part, town: Town) -> Person:
        rng = self._rng
        given, family = next(self._exotic.get(part.hard or "", self._names))
        suffix = rng.choice(("Jr.", "III", "II")) if rng.random() < 0.015 else ""
        middle = rng.choice("ABCDEFGHJKLMNPRSTW") if rng.random() < 0.4 else ""
        profession = rng.choices(
            list(words.PROFESSION_WEIGHTS), weights=list(words.PROFESSION_WEIGHTS.values())
        )[0]
        kinds = words.CREDENTIALS[profession]
        credentials = rng.choices(kinds, weights=range(len(kinds) + 2, 2, -1))[0]
        offices = [foreign_office(part.hard, self._street(), rng) or self._office(town)]
        mates = self._groups.get(part.pair, [])
        if part.hard == "many_at_one_clinic" and mates:
            offices = [mates[0].offices[0]]
        elif part.hard == "many_at_one_clinic":
            offices = [replace(offices[0], practice=self._practice())]
        elif part.hard == "father_and_son":
            given, family, middle = (
                (mates[0].given, mates[0].family, mates[0].middle)
                if mates
                else (rng.choice(_FATHERS), family, "")
            )
            suffix = "Jr." if mates else "Sr."
            profession, credentials = "physical therapist", ("PT",)
            offices = [mates[0].offices[0]] if mates else offices
        elif part.hard == "same_name_same_town":
            suffix = middle = ""
            if mates:
                given, family = mates[0].given, mates[0].family
                twin = mates[0].offices[0]
                home = next(one for one in self._towns if one.postcode == twin.postcode)
                offices = [self._office(home)]
        elif part.hard == "second_office" or (len(part.sources) > 1 and rng.random() < 0.2):
            offices.append(self._office(self._near(town)))
        slug = self._unused(_slug(f"{given} {family} {suffix}"))
        email = f"{slug.replace('-', '.')}@example.com"
        website = website_of(slug) if rng.random() < 0.8 else ""
        if part.hard == "many_at_one_clinic":
            # A front desk answers for everybody: an address shared by people, naming none of them.
            desk = _slug(offices[0].practice)
            email, website = f"{desk.replace('-', '.')}@example.com", website_of(desk)
        return Person(
            id=one_id,
            given=given,
            middle=middle,
            family=family,
            suffix=suffix,
            nickname=words.NICKNAMES.get(given, ""),
            profession=profession,
            credentials=credentials,
            email=email,
            website=website,
            offices=tuple(offices),
        )

    def _office(self, town: Town, practice: str | None = None) -> Office:
        rng = self._rng
        if practice is None:
            practice = self._practice() if rng.random() < 0.92 else ""
        return Office(
            practice=practice,
            street=self._street(),
            unit=f"Suite {rng.randint(1, 40) * 10}" if rng.random() < 0.4 else "",
            city=town.city,
            state=town.state,
            postcode=town.postcode,
            country="US",
            phone=self._book.number(town.state),
            latitude=round(town.latitude + rng.uniform(-0.012, 0.012), 6),
            longitude=round(town.longitude + rng.uniform(-0.014, 0.014), 6),
        )

    def _near(self, town: Town) -> Town:
        """Another ZIP code of the same state, one of the nearest."""
        others = [one for one in self._towns if one.state == town.state and one != town]
        others.sort(
            key=lambda one: abs(one.latitude - town.latitude) + abs(one.longitude - town.longitude)
        )
        return self._rng.choice(others[:10]) if others else town

    def _street(self) -> str:
        rng = self._rng
        direction = f"{rng.choice(list(words.DIRECTIONS))} " if rng.random() < 0.2 else ""
        name = f"{rng.choice(words.STREETS)} {rng.choice(list(words.STREET_KINDS))}"
        return f"{rng.randint(11, 9899)} {direction}{name}"

    def _practice(self) -> str:
        rng = self._rng
        middle = f" {rng.choice(words.PRACTICE_MIDDLES)}" if rng.random() < 0.6 else ""
        return f"{rng.choice(words.PRACTICE_HEADS)}{middle} {rng.choice(words.PRACTICE_TAILS)}"

    def _unused(self, slug: str) -> str:
        self._slugs[slug] = count = self._slugs.get(slug, 0) + 1
        return slug if count == 1 else f"{slug}-{count}"


#: Native ids as the six pieces of software number them: first number and step.
_NUMBERS = {
    "sample_wpsl_a": (30, 1),
    "sample_wpsl_b": (31, 2),
    "sample_wild_apricot": (57350011, 7),
    "sample_html_table": (1, 1),
    "sample_jsonld": (1, 1),
    "sample_cards": (1201, 1),
}


def _numbered(source: str, listings: list[TrueListing]) -> list[TrueListing]:
    start, step = _NUMBERS[source]
    taken: dict[str, int] = {}
    done = []
    for place, listing in enumerate(listings):
        native = str(start + step * place)
        if source == "sample_jsonld":
            slug = _slug(listing.name) or "practitioner"
            taken[slug] = taken.get(slug, 0) + 1
            native = slug if taken[slug] == 1 else f"{slug}-{taken[slug]}"
        elif source == "sample_cards":
            native = f"practitioner-{native}"
        done.append(replace(listing, native_id=native))
    return done


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    kept = "".join(letter if letter.isalnum() else "-" for letter in plain.replace("'", ""))
    return "-".join(part for part in kept.split("-") if part)
