"""Same, different, or cannot tell: the judgement on two listings, from evidence a person can read.

A pure function of the two listings' clean values. A missed merge is a nuisance and a false one
sends a patient to the wrong door, so *same* needs the same name and a second thing that is hardly
ever shared by two people of one name, and anything that speaks against it wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from db.listing_keys import name_key, practice_key, street_key, website_key

Judgement = Literal["same", "different", "cannot_tell"]


@dataclass(frozen=True, slots=True)
class Side:
    """What judging needs of one listing, as keys that can be compared."""

    id: str
    kind: str
    given: str | None
    middle: str | None
    family: str | None
    suffix: str | None
    profession: str | None
    practice: str | None
    street: str | None
    city: str | None
    state: str | None
    postcode: str | None
    phone: str | None
    email: str | None
    website: str | None
    profile: str | None

    @classmethod
    def of(cls, listing_id: str, printed: Mapping[str, Any], clean: Mapping[str, Any]) -> Side:
        """From the stored halves of a listing."""
        kind = clean.get("kind") or "person"
        practice = clean.get("practice") or (clean.get("name") if kind == "practice" else None)
        email = clean.get("email")
        return cls(
            id=listing_id,
            kind=kind,
            given=name_key(clean.get("given")),
            middle=name_key(clean.get("middle")),
            family=name_key(clean.get("family")),
            suffix=name_key(clean.get("suffix")),
            profession=clean.get("profession"),
            practice=practice_key(practice),
            street=street_key(clean.get("street")),
            city=name_key(clean.get("city")),
            state=clean.get("state"),
            postcode=clean.get("postcode"),
            phone=clean.get("phone"),
            email=email.casefold() if email else None,
            website=website_key(clean.get("website")),
            profile=website_key(printed.get("profile_url")),
        )


@dataclass(frozen=True, slots=True)
class Judged:
    judgement: Judgement
    evidence: str
    """What it rests on, in words."""
    score: float
    """1 for same, 0 for different, between them for cannot tell."""


def judge(one: Side, other: Side) -> Judged:
    """The judgement on two listings. The same whichever comes first."""
    if one.kind != other.kind:
        return _different("one is a person, the other a practice")
    return _practices(one, other) if one.kind == "practice" else _persons(one, other)


def _persons(one: Side, other: Side) -> Judged:
    against = _contradiction(one, other)
    if against:
        return _different(against)
    if not (one.family and other.family):
        return _unsure("a name is missing")
    shared = _shared(one, other)
    if not shared and (one.family, one.given) != (other.family, other.given):
        return _unrelated()
    if one.family != other.family:
        # Somebody may have married; a couple may share an address. Not for a rule to say.
        return _unsure(f"another family name, {_listed(shared)}")
    return _of_one_family(one, other, shared)


def _of_one_family(one: Side, other: Side, shared: list[str]) -> Judged:
    in_full = one.given is not None and one.given == other.given
    doubt = _doubt(one, other)
    if in_full and shared and not doubt:
        return Judged("same", f"same name, {_listed(shared)}", 1.0)
    personal = [what for what in shared if what in _PERSONAL]
    if personal and not doubt and one.given and other.given:
        return Judged("same", f"compatible name, {_listed(personal)}", 1.0)
    name = "same name" if in_full else "compatible name"
    return _unsure(", ".join([name, *shared, *([doubt] if doubt else [])]))


def _practices(one: Side, other: Side) -> Judged:
    if not one.practice or not other.practice:
        return _unsure("a name is missing")
    if one.practice != other.practice:
        return _different("practices of different names")
    if one.street and other.street:
        if one.street == other.street and _one_town(one, other):
            return Judged("same", "same practice name, same street", 1.0)
        return _unsure("same practice name, another street")
    if one.phone and one.phone == other.phone:
        return Judged("same", "same practice name, same phone", 1.0)
    return _unsure("same practice name")


def _contradiction(one: Side, other: Side) -> str | None:
    """What makes two persons different whatever they share."""
    if one.suffix and other.suffix and one.suffix != other.suffix:
        return "another suffix: a parent and a child share name, practice and telephone"
    if one.given and other.given and not _may_be_one(one.given, other.given):
        return "different given names"
    if one.middle and other.middle and not _may_be_one(one.middle, other.middle):
        return "different middle names"
    return None


def _doubt(one: Side, other: Side) -> str | None:
    """What keeps a rule from saying *same* without making it *different*."""
    if one.suffix != other.suffix:
        return "only one of them has a suffix"
    if one.profession and other.profession and one.profession != other.profession:
        return "different professions"
    return None


_PERSONAL = ("same e-mail address", "same profile page")


def _shared(one: Side, other: Side) -> list[str]:
    """What two listings share that two people of one name hardly ever do."""
    shared = []
    if one.email and one.email == other.email:
        shared.append("same e-mail address")
    if one.profile and one.profile == other.profile:
        shared.append("same profile page")
    if one.phone and one.phone == other.phone:
        shared.append("same phone")
    # A chain has one website in many states, and two people of one name.
    if one.website and one.website == other.website and _may_be_one_state(one, other):
        shared.append("same website")
    if one.street and one.street == other.street and _one_town(one, other):
        shared.append("same street")
    return shared


def _may_be_one(name: str, other: str) -> bool:
    """Equal, an initial of the other, or its beginning: 'j' and 'jane', 'rob' and 'robert'."""
    return name.startswith(other) or other.startswith(name)


def _may_be_one_state(one: Side, other: Side) -> bool:
    return one.state is None or other.state is None or one.state == other.state


def _one_town(one: Side, other: Side) -> bool:
    if one.postcode and other.postcode:
        return one.postcode == other.postcode
    return one.city is not None and (one.city, one.state) == (other.city, other.state)


def _listed(shared: list[str]) -> str:
    return ", ".join(shared)


def _different(evidence: str) -> Judged:
    return Judged("different", evidence, 0.0)


def _unsure(evidence: str) -> Judged:
    return Judged("cannot_tell", evidence, 0.5)


def _unrelated() -> Judged:
    return Judged("cannot_tell", "nothing in common that tells", 0.1)
