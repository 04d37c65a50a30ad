"""Same, different, or cannot tell: the judgement on two listings, from evidence a person can read.

A pure function of the two listings' values. A missed merge is a nuisance and a false one sends a
patient to the wrong door. So what contradicts wins over all else; a shared identifier decides; and
everything between is weighed by learned weights, with a wide band in which the answer is that
nobody can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from matching.evidence import FIELDS, Levels, compare, middle_level, name_levels, one_town
from matching.side import Side
from matching.weights import probability, shipped

Judgement = Literal["same", "different", "cannot_tell"]

#: Bits from which a pair is the same (64 to 1), and from which a person is asked (8 to 1). Less is
#: "different": it keeps two entries apart, but stands in the way of no other pair.
SAME_FROM = 6.0
ASK_FROM = 3.0


#: Levels of the field "place" at which nothing says that both work at one practice.
_ELSEWHERE = frozenset(FIELDS["place"][FIELDS["place"].index("within 10 miles") :]) | {"missing"}


@dataclass(frozen=True, slots=True)
class Judged:
    judgement: Judgement
    evidence: str
    """What it rests on, in words; each weighed field with its weight in bits."""
    score: float
    """How likely one person is, 0 to 1. 1 or 0 where an identifier or a contradiction decides."""
    contradicted: bool = False
    """Different whatever else is shared: no chain of other pairs may join these two."""


def judge(one: Side, other: Side) -> Judged:
    """The judgement on two listings. The same whichever comes first."""
    if one.kind != other.kind:
        return _contradicted("one is a person, the other a practice")
    return _practices(one, other) if one.kind == "practice" else _persons(one, other)


def _persons(one: Side, other: Side) -> Judged:
    given, family = name_levels(one, other)
    against = _contradiction(one, other, given)
    if against:
        return _contradicted(against)
    number = _shared_number(one, other)
    if number:
        return Judged("same", number, 1.0)
    personal = _personal(one, other)
    if "missing" in (given, family) or family == "other":
        return _nameless(given, family, personal)
    levels = compare(one, other)
    doubt = _doubt(one, other)
    shared = _deciding(levels, personal)
    if not (doubt or shared):
        doubt = _thin(levels)
    if shared and not doubt:
        return Judged("same", _told(levels, shared), 1.0)
    return _weighed(levels, doubt, personal)


def _nameless(given: str, family: str, personal: list[str]) -> Judged:
    """For names that do not fit: only what belongs to one person makes it a question."""
    if "missing" in (given, family):
        what = "a name is missing"
    else:
        # Somebody may have married; a couple may share an address. Not for a rule to say.
        what = "another family name"
        personal = personal if given != "initial" else []
    return _unsure(", ".join([what, *personal])) if personal else _unlike(what)


def _weighed(levels: Levels, doubt: str | None, personal: list[str]) -> Judged:
    bits = shipped().total(levels)
    told = _told(levels, [*personal, *([doubt] if doubt else [])])
    evidence = f"{told}; together {_signed(bits)} bits"
    likely = probability(bits)
    if bits >= SAME_FROM and not doubt:
        return Judged("same", evidence, likely)
    if bits >= ASK_FROM or personal:
        return Judged("cannot_tell", evidence, likely)
    return Judged("different", evidence, likely)


def _deciding(levels: Levels, personal: list[str]) -> list[str]:
    """The shared identifiers that decide for this pair of names."""
    if personal:
        return personal
    named = levels["given name"] == "same" and levels["family name"] in {"same", "turned round"}
    if named and levels["website"] == "same":
        return ["same website and name"]
    return []


def _practices(one: Side, other: Side) -> Judged:
    if not one.practice or not other.practice:
        return _unlike("a name is missing")
    if one.practice != other.practice:
        return _contradicted("practices of different names")
    if one.street and other.street:
        if one.street == other.street and one_town(one, other):
            return Judged("same", "same practice name, same street", 1.0)
        return _unsure("same practice name, another street")
    if one.phone and one.phone == other.phone:
        return Judged("same", "same practice name, same phone", 1.0)
    return _unsure("same practice name")


def _contradiction(one: Side, other: Side, given: str) -> str | None:
    """What makes two persons different whatever they share."""
    if one.npi and other.npi and one.npi != other.npi:
        return "different NPI numbers"
    if one.suffix and other.suffix and one.suffix != other.suffix:
        return "another suffix: a parent and a child share name, practice and telephone"
    if given == "other":
        return "different given names"
    if middle_level(one, other) == "other":
        return "different middle names"
    if _licences(one, other) == "other":
        return "different licence numbers of one state"
    return None


def _licences(one: Side, other: Side) -> str:
    """Licences compare only within one state and one profession: a person may hold two."""
    if not (one.licence and other.licence) or one.state != other.state:
        return "missing"
    if one.licence == other.licence:
        return "same"
    one_profession = one.profession is not None and one.profession == other.profession
    return "other" if one_profession else "missing"


def _shared_number(one: Side, other: Side) -> str | None:
    if one.npi and one.npi == other.npi:
        return "same NPI number"
    # Two professions of one state may count from one.
    if _licences(one, other) == "same" and _may_be_one(one.profession, other.profession):
        return "same licence number"
    return None


def _may_be_one(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _personal(one: Side, other: Side) -> list[str]:
    """The identifiers two listings share that belong to one person."""
    shared = []
    if one.email and one.email == other.email and (one.own_email or other.own_email):
        shared.append("same e-mail address")
    if one.profile and one.profile == other.profile:
        shared.append("same profile page")
    return shared


def _doubt(one: Side, other: Side) -> str | None:
    """What keeps a rule from saying *same* without making it *different*."""
    if one.suffix != other.suffix:
        return "only one of them has a suffix"
    if one.profession and other.profession and one.profession != other.profession:
        return "different professions"
    return None


def _thin(levels: Levels) -> str | None:
    """Why a pair without a shared identifier should not be merged on its weights alone."""
    if levels["place"] in _ELSEWHERE:
        if levels["directory"] == "one lists both":
            return "one directory lists both, at two places"
        if levels["e-mail address"] == "other":
            return "two places, and each entry has another e-mail address of its own"
    if levels["given name"] == "initial" and levels["place"] != "same phone and street":
        return "only the initial of the given name"
    return None


def _told(levels: Levels, more: list[str]) -> str:
    """The evidence in words, the weightiest kind of it first: "given name: same (+2.1); …"."""
    weights = shipped()
    told = [
        f"{field}: {levels[field]} ({_signed(weights.of(field, levels[field]))})"
        for field in FIELDS
        if levels[field] != "missing"
    ]
    return "; ".join([*more, *told])


def _signed(bits: float) -> str:
    return f"{bits:+.1f}"


def _contradicted(evidence: str) -> Judged:
    return Judged("different", evidence, 0.0, contradicted=True)


def _unlike(evidence: str) -> Judged:
    return Judged("different", evidence, 0.0)


def _unsure(evidence: str) -> Judged:
    return Judged("cannot_tell", evidence, 0.5)
