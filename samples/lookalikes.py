"""Makes a sample world harder for whoever has to say who is the same person.

`with_lookalikes` adds entries of two sorts: one person under another name, number or address, and
other people who share a name, a door or a telephone with somebody. `CASES` says how many of each;
they are marked in `TrueListing.hard`. The people of `make_world` all have different names; only
here are there namesakes, as many as a country of that size has.
"""

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace

from samples import words
from samples.people import LEAST_PEOPLE, make_world
from samples.printing import print_listing
from samples.world import SOURCES, Office, Person, TrueListing, World

#: Case -> entries added for each 10,000 people. The first group is one person again in another
#: directory, the second somebody else.
CASES = {
    # the same person
    "married": 80,  # Sampleton-Newname, Sampleton Newname, or Newname alone
    "misspelt": 100,  # one letter of given or family name is wrong
    "plain_letters": 20,  # José Muestreño as Jose Muestreno
    "other_order": 50,  # SAMPLETON, ADA or Sampleton Ada
    "initial_only": 40,  # A. Sampleton
    "part_of_surname": 40,  # Ada Sampleton Mockridge as Ada Mockridge or Ada Sampleton
    "three_clinics": 40,  # two more entries, each at another office
    "moved": 60,  # still at a former address, with its telephone
    # somebody else
    "namesake_far": 300,  # the same name in another state
    "namesake_near": 6,  # the same name in the same town, not in the same directory
    "couple": 80,  # one family name, practice and telephone, two given names
    "same_initial": 30,  # the same, and the given names begin alike
    "junior": 40,  # father and son; half of them with the suffix on one entry only
    "colleague": 40,  # the same given name, another family name, one front desk
    "chain": 30,  # a namesake in another state, at another branch of one chain
}

_JOINED = ("{old}-{new}", "{old} {new}", "{new}", "{old}-{new}")


def with_lookalikes(world: World, seed: int | None = None) -> World:
    """A copy of the world with the entries of CASES added, in proportion to its people.

    `seed` is the world's own unless given; the same arguments give the same world.
    """
    return _Lookalikes(world, world.seed if seed is None else seed).world


class _Lookalikes:
    def __init__(self, world: World, seed: int) -> None:
        self._rng = rng = random.Random(seed * 7919 + 1)
        listings = {source: list(found) for source, found in world.listings.items()}
        self.world = World(world.seed, list(world.people), list(world.unpublished), listings)
        self._count = 0
        in_sources: dict[str, list[str]] = defaultdict(list)
        self._hard: dict[str, str] = {}
        for source in SOURCES:
            for one in world.public(source):
                if one.person_id:
                    in_sources[one.person_id].append(source)
                    self._hard[one.person_id] = one.hard or ""
        self._sources = in_sources
        plain = [
            one
            for one in world.people
            if len(in_sources[one.id]) == 1 and not self._hard[one.id] and not one.suffix
        ]
        rng.shuffle(plain)
        self._plain = iter(plain)
        self._accented = iter([one for one in world.people if self._hard[one.id] == "unicode_name"])
        # Another world lends addresses and telephone numbers.
        lender = make_world(world.seed + 9000 + seed, max(LEAST_PEOPLE, len(world.people) // 8))
        self._lent: dict[str, list[Office]] = defaultdict(list)
        for person in lender.people:
            office = person.offices[0]
            if office.country == "US" and office.state != "AE":
                self._lent[office.state].append(office)
        for case, number in CASES.items():
            add: Callable[[], None] = getattr(self, f"_add_{case}")
            for _ in range(max(2, round(number * len(world.people) / 10_000))):
                add()

    # ---- the same person -----------------------------------------------------------------

    def _add_married(self) -> None:
        person = next(self._plain)
        family = self._rng.choice(_JOINED).format(old=person.family, new=self._surname())
        self._again(person, "married", replace(person, family=family))

    def _add_misspelt(self) -> None:
        person = next(self._plain)
        if self._rng.random() < 0.4:
            self._again(person, "misspelt", replace(person, given=self._misspelt(person.given)))
        else:
            self._again(person, "misspelt", replace(person, family=self._misspelt(person.family)))

    def _add_plain_letters(self) -> None:
        person = next(self._accented, None) or next(self._plain)
        self._again(
            person,
            "plain_letters",
            replace(person, given=_plain(person.given), family=_plain(person.family)),
        )

    def _add_other_order(self) -> None:
        person = next(self._plain)
        form = self._rng.choice(("{family}, {given}", "{family} {given}"))
        name = form.format(family=person.family, given=person.given)
        self._again(person, "other_order", person, name=self._rng.choice((name, name.upper())))

    def _add_initial_only(self) -> None:
        person = next(self._plain)
        self._again(person, "initial_only", person, name=f"{person.given[0]}. {person.family}")

    def _add_part_of_surname(self) -> None:
        person = next(self._plain)
        parts = (person.family, self._surname())
        # What the first directory prints is the whole name now.
        whole = replace(person, family=" ".join(parts))
        self._reprint(person, whole)
        shown = self._rng.choice(parts)
        self._again(person, "part_of_surname", replace(person, family=shown))

    def _add_three_clinics(self) -> None:
        person = next(self._plain)
        home = person.offices[0]
        others = self._other_sources(person, 2)
        for source in others:
            office = replace(self._near(home), practice=home.practice)
            self._put(person, office, source, "three_clinics")

    def _add_moved(self) -> None:
        person = next(self._plain)
        former = self._office_in(person.offices[0].state)
        self._put(person, former, self._other_sources(person, 1)[0], "moved")

    # ---- somebody else -------------------------------------------------------------------

    def _add_namesake_far(self) -> None:
        person = next(self._plain)
        self._stranger(person, "namesake_far", self._office_elsewhere(person))

    def _add_namesake_near(self) -> None:
        person = next(self._plain)
        self._stranger(person, "namesake_near", self._near(person.offices[0]))

    def _add_couple(self) -> None:
        person = next(self._plain)
        other = self._rng.choice([one for one in words.GIVEN if one[0] != person.given[0]])
        self._stranger(person, "couple", person.offices[0], given=other, website=person.website)

    def _add_same_initial(self) -> None:
        person = next(self._plain)
        alike = [
            one for one in words.GIVEN if one[0] == person.given[0] and one != person.given
        ] or ["Q"]
        self._stranger(
            person,
            "same_initial",
            person.offices[0],
            given=self._rng.choice(alike),
            website=person.website,
        )

    def _add_junior(self) -> None:
        person = next(self._plain)
        if self._rng.random() < 0.5:
            self._reprint(person, replace(person, suffix="Sr."))
        self._stranger(person, "junior", person.offices[0], suffix="Jr.", website=person.website)

    def _add_colleague(self) -> None:
        person = next(self._plain)
        self._stranger(
            person,
            "colleague",
            person.offices[0],
            family=self._surname(),
            website=person.website,
            email="frontdesk." + person.email,
        )

    def _add_chain(self) -> None:
        person = next(self._plain)
        office = replace(self._office_elsewhere(person), practice=person.offices[0].practice)
        self._stranger(person, "chain", office, website=person.website)

    # ---- how ------------------------------------------------------------------------------

    def _again(self, person: Person, case: str, shown: Person, name: str | None = None) -> None:
        """The person once more, in another directory, under the name that `shown` has."""
        source = self._other_sources(person, 1)[0]
        self._put(shown, person.offices[0], source, case, name)

    def _put(
        self, person: Person, office: Office, source: str, case: str, name: str | None = None
    ) -> None:
        self._count += 1
        varied = case not in {"married", "misspelt", "plain_letters"}
        listing = print_listing(person, office, source, self._rng, varied=varied)
        native = (
            f"lookalike-{self._count}" if source in _TEXT_IDS else str(95_000_000 + self._count)
        )
        self.world.listings[source].append(
            replace(listing, native_id=native, hard=case, name=name or listing.name)
        )

    def _reprint(self, person: Person, whole: Person) -> None:
        """Show the person's one listing under another name."""
        (source,) = self._sources[person.id]
        listings = self.world.listings[source]
        place = next(n for n, one in enumerate(listings) if one.person_id == person.id)
        again = print_listing(whole, whole.offices[0], source, self._rng)
        listings[place] = replace(again, native_id=listings[place].native_id)

    def _stranger(self, person: Person, case: str, office: Office, **other: str) -> None:
        """Somebody who is like the person, in another directory."""
        rng = self._rng
        profession = rng.choices(
            list(words.PROFESSION_WEIGHTS), weights=list(words.PROFESSION_WEIGHTS.values())
        )[0]
        one_id = f"k{len(self.world.people) + 1:05d}"
        slug = f"{person.given}.{person.family}.{one_id}".lower().replace(" ", ".")
        values = {
            "middle": rng.choice("ABCDEFGHJKLMNPRSTW") if rng.random() < 0.4 else "",
            "email": f"{_plain(slug)}@example.com",
            "website": f"https://www.example.com/{one_id}/" if rng.random() < 0.8 else "",
        }
        if case == "junior":
            values["middle"] = person.middle
        values |= other
        stranger = replace(
            person,
            id=one_id,
            profession=profession,
            credentials=rng.choice(words.CREDENTIALS[profession]),
            nickname=words.NICKNAMES.get(values.get("given", person.given), ""),
            offices=(office,),
            **values,
        )
        self.world.people.append(stranger)
        self._put(stranger, office, self._other_sources(person, 1)[0], case)

    def _other_sources(self, person: Person, count: int) -> list[str]:
        free = [one for one in SOURCES if one not in self._sources[person.id]]
        return self._rng.sample(free, count)

    def _office_in(self, state: str) -> Office:
        found = self._lent.get(state)
        return self._rng.choice(found) if found else self._rng.choice(self._lent["CA"])

    def _office_elsewhere(self, person: Person) -> Office:
        states = [one for one in sorted(self._lent) if one != person.offices[0].state]
        return self._office_in(self._rng.choice(states))

    def _near(self, home: Office) -> Office:
        """Another office in the same town, a few miles away at most."""
        lent = self._office_in(home.state)
        return replace(
            lent,
            city=home.city,
            state=home.state,
            postcode=home.postcode,
            latitude=round(home.latitude + self._rng.uniform(-0.03, 0.03), 6),
            longitude=round(home.longitude + self._rng.uniform(-0.03, 0.03), 6),
        )

    def _surname(self) -> str:
        return self._rng.choice(words.surnames())

    def _misspelt(self, name: str) -> str:
        rng = self._rng
        place = rng.randrange(1, len(name) - 1) if len(name) > 2 else 0
        letter = rng.choice("abcdefghijklmnoprstuvwy")
        return rng.choice(
            (
                name[:place] + name[place + 1 :],
                name[:place] + name[place] + name[place:],
                name[:place] + letter + name[place + 1 :],
                name[:place] + name[place : place + 2][::-1] + name[place + 2 :],
            )
        )


_TEXT_IDS = frozenset({"sample_jsonld", "sample_cards"})


def lookalike_cases(world: World) -> Iterator[TrueListing]:
    """The public listings that `with_lookalikes` added."""
    for source in SOURCES:
        yield from (one for one in world.public(source) if one.hard in CASES)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() or text
