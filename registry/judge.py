"""Is this practitioner that person of the register? Same, cannot tell, or not found.

A name alone never decides, not even with the state: there are two people of one name in most. It
takes the same telephone, licence, street or ZIP code, or a number the directory itself prints; and
when two people fit, neither is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from db.listing_keys import name_key, street_key
from matching.names import given_level
from registry.record import Record, Slot, e164, is_npi, us_state, zip5
from registry.taxonomy import PROFESSIONS

Judgement = Literal["same", "cannot_tell", "not_found"]
_LICENCE_KEY = re.compile(r"licen[cs]e|\blic\b", re.I)
_PERSONAL = ("same NPI printed", "same licence")
"""What two people of one name never share."""


@dataclass(slots=True)
class Person:
    """What is known of a practitioner, from all listings, as keys that can be compared."""

    id: str
    names: set[tuple[str, str | None, str | None]] = field(default_factory=set)
    """(family, given, middle)."""
    written: set[tuple[str, str | None]] = field(default_factory=set)
    """(family, given) as they are written, for asking."""
    suffixes: set[str] = field(default_factory=set)
    professions: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    postcodes: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    streets: set[tuple[str, str]] = field(default_factory=set)
    """(street, ZIP code)."""
    npis: set[str] = field(default_factory=set)
    licences: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, key: str, listings: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]
    ) -> Person | None:
        """From the stored halves of the listings; None for whom the register cannot know: a
        practice, somebody outside the US or without a family name, another profession."""
        person = cls(key)
        for printed, clean in listings:
            family = name_key(clean.get("family"))
            if (clean.get("kind") or "person") != "person" or family is None:
                continue
            if (clean.get("country") or "US") != "US":
                continue
            person._add(family, clean)
            person._add_numbers(printed.get("extra") or {})
        known = not person.professions or bool(person.professions & PROFESSIONS)
        return person if person.names and person.states and known else None

    def _add(self, family: str, clean: Mapping[str, Any]) -> None:
        self.names.add((family, name_key(clean.get("given")), name_key(clean.get("middle"))))
        self.written.add((clean["family"], clean.get("given")))
        state, zip_code = us_state(clean.get("state")), zip5(clean.get("postcode"))
        street = street_key(clean.get("street"))
        for known, value in (
            (self.suffixes, name_key(clean.get("suffix"))),
            (self.professions, clean.get("profession")),
            (self.states, state),
            (self.postcodes, zip_code),
            (self.phones, e164(clean.get("phone"))),
        ):
            if value:
                known.add(value)
        if street and zip_code:
            self.streets.add((street, zip_code))

    def _add_numbers(self, extra: Mapping[str, str]) -> None:
        for key, value in extra.items():
            if key.casefold() == "npi" and is_npi(str(value).strip()):
                self.npis.add(str(value).strip())
            elif _LICENCE_KEY.search(key) and (licence := _licence_key(str(value))):
                self.licences.add(licence)


@dataclass(frozen=True, slots=True)
class Judged:
    judgement: Judgement
    evidence: str
    """What it rests on, in words."""
    record: Record | None = None
    """Who it is; only where the judgement is same."""
    slot: Slot | None = None
    """The registered profession to name."""
    state: str | None = None
    """Where the person is registered as that."""


def judge(person: Person, records: Iterable[Record]) -> Judged:
    """The judgement on a practitioner and everybody of the register who may be it.

    The order of `records` changes nothing; records that fit neither name nor number are left out.
    """
    fits = [fit for record in records if (fit := _fit(person, record))]
    sure = [fit for fit in fits if fit.sure]
    personal = [fit for fit in sure if fit.personal]
    chosen = personal if len(personal) == 1 else sure
    if len(chosen) == 1:
        one = chosen[0]
        slot = _slot(person, one.record)
        return Judged("same", ", ".join(one.reasons), one.record, slot, _state(person, one.record))
    if len(chosen) > 1:
        return Judged("cannot_tell", f"{len(chosen)} registered people fit equally")
    if fits:
        best = max(fits, key=lambda fit: (len(fit.reasons), fit.record.npi))
        others = f" (one of {len(fits)})" if len(fits) > 1 else ""
        return Judged("cannot_tell", ", ".join([*best.reasons, *best.doubts]) + others)
    return Judged("not_found", "nobody of this name and state is registered in these professions")


@dataclass(frozen=True, slots=True)
class _Fit:
    record: Record
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]
    sure: bool

    @property
    def personal(self) -> bool:
        return any(reason in _PERSONAL for reason in self.reasons)


def _fit(person: Person, record: Record) -> _Fit | None:
    printed = record.npi in person.npis
    name = _name_fit(person, record)
    if name is None:
        if not printed:
            return None
        # A clerk's mistake, or a marriage. A person has to look.
        return _Fit(record, ("same NPI printed",), ("registered under another name",), sure=False)
    shared = _shared(person, record)
    doubts = _doubts(person, record)
    # A short form of a name and a ZIP code are too little together.
    enough = name == "full" or bool(set(shared) - {"same ZIP"})
    reasons = ("same name" if name == "full" else "compatible name", *shared)
    if not shared:
        doubts.append("nothing else agrees")
    return _Fit(record, reasons, tuple(doubts), sure=enough and not doubts)


def _name_fit(person: Person, record: Record) -> Literal["full", "short"] | None:
    registered = {
        (name_key(family), name_key(given), name_key(record.middle))
        for family, given in ((record.family, record.given), *record.other_names)
    }
    best: Literal["full", "short"] | None = None
    for family, given, middle in person.names:
        for other_family, other_given, other_middle in registered:
            if family != other_family or not given or not other_given:
                continue
            if middle and other_middle and not _may_be_one(middle, other_middle):
                continue
            if given == other_given:
                return "full"
            if _may_be_given(given, other_given) or given == other_middle:
                best = "short"
    return best


def _shared(person: Person, record: Record) -> list[str]:
    shared = []
    if record.npi in person.npis:
        shared.append("same NPI printed")
    if person.licences & {_licence_key(slot.licence or "") for slot in record.slots}:
        shared.append("same licence")
    if record.phone in person.phones:
        shared.append("same phone")
    if record.postcode and (street_key(record.street), record.postcode) in person.streets:
        shared.append("same street")
    if record.postcode in person.postcodes:
        shared.append("same ZIP")
    return shared


def _doubts(person: Person, record: Record) -> list[str]:
    doubts = []
    suffix = name_key(record.suffix)
    if ({suffix} if suffix else set()) != person.suffixes:
        doubts.append("another suffix: parent and child share a name")
    if person.professions and not person.professions & {slot.profession for slot in record.slots}:
        doubts.append("registered in another profession")
    if not record.states & person.states:
        doubts.append("registered in another state")
    if person.npis and record.npi not in person.npis:
        doubts.append("a directory prints another NPI")
    return doubts


def _slot(person: Person, record: Record) -> Slot:
    """The profession listed, else the primary one, else the first that counts."""
    counting = [slot for slot in record.slots if slot.profession]
    counting.sort(
        key=lambda slot: (
            slot.profession not in person.professions,
            slot.state not in person.states,
            not slot.primary,
        )
    )
    return counting[0]


def _state(person: Person, record: Record) -> str | None:
    """Where they meet: the state of practice if it is one of the person's, else of a licence."""
    if record.state in person.states:
        return record.state
    return next(iter(sorted(record.states & person.states)), record.state)


def _may_be_one(name: str, other: str) -> bool:
    """Equal, an initial of the other, or its beginning: 'j' and 'jane', 'rob' and 'robert'."""
    return name.startswith(other) or other.startswith(name)


def _may_be_given(name: str, other: str) -> bool:
    """As for two listings: an initial, a beginning, or a nickname ('bob' and 'robert').

    Misspellings are left out: the register is written by the people themselves.
    """
    return given_level(name, other) in {"same", "initial", "short form"}


def _licence_key(number: str) -> str | None:
    """Digits without leading zeros; None for fewer than three, which many people share."""
    digits = "".join(re.findall(r"\d", number, re.ASCII)).lstrip("0")
    return digits if len(digits) >= 3 else None
