"""What judging needs of one listing, as keys that can be compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.listing_keys import name_key, practice_key, street_key, website_key
from db.place_text import words

#: Keys under which directories print a registry number or a licence beside their usual fields.
_NPI_KEYS = frozenset({"npi", "npinumber", "nationalprovideridentifier"})
_LICENCE_KEYS = frozenset(
    "license licence licensenumber licencenumber licenseno licenceno statelicense"
    " licensenum professionallicense".split()
)
#: What stands before the @ of an address that a whole practice reads.
_DESKS = frozenset(
    "admin appointments billing care clinic contact desk frontdesk hello help info mail manager"
    " office pt reception rehab schedule scheduling team therapy welcome".split()
)


@dataclass(frozen=True, slots=True)
class Side:
    """One listing for judging. Text is lower case without accents; None where unknown."""

    id: str
    kind: str
    source: str
    given: str | None
    middle: str | None
    """With the blanks between its words: "q pretendby"."""
    family: str | None
    """With the blanks between its parts: "sampleton mockridge"."""
    suffix: str | None
    nickname: str | None
    letters: frozenset[str]
    """Credentials in their usual spelling."""
    profession: str | None
    practice: str | None
    street: str | None
    city: str | None
    state: str | None
    postcode: str | None
    latitude: float | None
    longitude: float | None
    phone: str | None
    email: str | None
    website: str | None
    profile: str | None
    npi: str | None
    licence: str | None
    """State and number: "OH 12345"."""

    @classmethod
    def of(cls, listing_id: str, printed: Mapping[str, Any], clean: Mapping[str, Any]) -> Side:
        """From the stored halves of a listing. Never raises on what a directory prints."""
        kind = clean.get("kind") or "person"
        practice = clean.get("practice") or (clean.get("name") if kind == "practice" else None)
        email = clean.get("email")
        extra = printed.get("extra") or {}
        return cls(
            id=listing_id,
            kind=kind,
            source=listing_id.partition(":")[0],
            given=_name(clean.get("given")),
            middle=_family(clean.get("middle")),
            family=_family(clean.get("family")),
            suffix=name_key(clean.get("suffix")),
            nickname=_name(clean.get("nickname")),
            letters=frozenset(clean.get("credentials") or ()),
            profession=clean.get("profession"),
            practice=practice_key(practice),
            street=street_key(clean.get("street")),
            city=name_key(clean.get("city")),
            state=clean.get("state"),
            postcode=clean.get("postcode"),
            latitude=clean.get("latitude"),
            longitude=clean.get("longitude"),
            phone=clean.get("phone"),
            email=email.casefold() if email else None,
            website=website_key(clean.get("website")),
            profile=website_key(printed.get("profile_url")),
            npi=_npi(extra),
            licence=_licence(extra, clean.get("state")),
        )

    @property
    def middle_words(self) -> tuple[str, ...]:
        """The middle names that are no initials: each may be a part of the surname."""
        return tuple(word for word in (self.middle or "").split() if len(word) > 2)

    @property
    def own_email(self) -> str | None:
        """The e-mail address if it is one person's and not a desk's, as far as it shows."""
        if self.email is None:
            return None
        before = re.split(r"[._+-]", self.email.partition("@")[0])
        if _DESKS & set(before):
            return None
        joined = "".join(before)
        names = [name for name in (self.given, *(self.family or "").split()) if name]
        return self.email if any(len(name) > 2 and name in joined for name in names) else None


def _name(text: str | None) -> str | None:
    # Names in other letters than Latin ones have no ASCII key, and are names all the same.
    return (name_key(text) or "".join(text.casefold().split())) if text else None


def _family(text: str | None) -> str | None:
    return (" ".join(words(text)) or text.casefold().strip()) if text else None


def _npi(extra: Mapping[str, Any]) -> str | None:
    for key, value in extra.items():
        digits = re.sub(r"\D", "", str(value))
        if _bare(key) in _NPI_KEYS and len(digits) == 10 and digits[0] in "12":
            return digits
    return None


def _licence(extra: Mapping[str, Any], state: str | None) -> str | None:
    for key, value in extra.items():
        number = re.sub(r"[^A-Z0-9]", "", str(value).upper())
        if _bare(key) in _LICENCE_KEYS and state and re.search(r"\d{3}", number):
            return f"{state} {number}"
    return None


def _bare(key: str) -> str:
    return re.sub(r"[^a-z]", "", key.lower())
