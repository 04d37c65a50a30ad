"""What a role, a practitioner or a location of a FHIR directory says, as listings.

`Shelf` keeps the resources that pages brought; `listings_of` puts those together that belong
together. Nothing is asked here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from records.listing import Listing
from spiders.platforms import Hidden
from spiders.platforms.fhir_bundle import (
    Resource,
    address_of,
    codes_of,
    dicts,
    fingerprint,
    first,
    key_of,
    npi_of,
    person_name,
    point_of,
    reached,
    reference,
    text_of,
)
from spiders.platforms.fields import extra_text, hashed_id
from spiders.platforms.json_answers import printed

Key: TypeAlias = tuple[str, str]

_GONE = frozenset({"inactive", "suspended", "entered-in-error"})
_RESTRICTED = frozenset({"R", "V"})
_DEGREES = "v2-0360"
_NUCC = "nucc.org/provider-taxonomy"
_NEEDLING = re.compile(r"needl", re.I)


class Shelf:
    """The resources that came so far, by type and id; of two with one id the newer."""

    def __init__(self) -> None:
        self._by_key: dict[Key, Resource] = {}
        self._by_url: dict[str, Resource] = {}

    def keep(self, resource: Resource, url: str | None = None) -> bool:
        """Put a resource on the shelf; whether its id was new."""
        key = key_of(resource)
        known = self._by_key.get(key)
        if known is None or _updated(resource) > _updated(known):
            self._by_key[key] = resource
        if url:
            self._by_url[url] = resource
        return known is None

    def has(self, key: Key) -> bool:
        return key in self._by_key

    def get(self, value: Any, within: Resource) -> Resource | None:
        """What a reference names: in the resource itself, or on the shelf."""
        text = first(value).get("reference")
        if not isinstance(text, str):
            return None
        if text.startswith("#"):
            return next(
                (one for one in dicts(within.get("contained")) if one.get("id") == text[1:]), None
            )
        if text in self._by_url:
            return self._by_url[text]
        key = reference(value)
        return self._by_key.get(key) if key else None

    def missing(self, role: Resource) -> list[Key]:
        """What a role refers to and nobody has sent yet."""
        found = []
        for value in (role.get("practitioner"), role.get("organization"), *places_named(role)):
            key = reference(value)
            if key and self.get(value, role) is None:
                found.append(key)
        return found


def places_named(role: Resource) -> list[Any]:
    """The references of a role to its locations."""
    named = role.get("location")
    return list(named) if isinstance(named, list) else [named] if named else []


def listings_of(
    resource: Resource, shelf: Shelf, codes: Sequence[str], source: tuple[str, str]
) -> Iterator[Listing | Hidden]:
    """The listings of one match: a role at each of its locations, a practitioner, a location.

    `codes` are beginnings of the NUCC codes that count, none for all; `source` is (id of the
    source, address of the answer). A role of another specialty is passed over.
    """
    reason = _why_hidden(resource)
    if reason:
        yield Hidden(reason)
        return
    kind = key_of(resource)[0]
    if kind == "PractitionerRole":
        yield from _of_role(resource, shelf, codes, source)
    elif kind == "Practitioner":
        yield from _of_practitioner(resource, codes, source)
    elif kind == "Location":
        yield from _of_location(resource, source)


def _of_role(
    role: Resource, shelf: Shelf, codes: Sequence[str], source: tuple[str, str]
) -> Iterator[Listing | Hidden]:
    person = shelf.get(role.get("practitioner"), role)
    reason = _why_hidden(person) if person else None
    if reason:
        yield Hidden(reason)
        return
    specialties = list(codes_of(role.get("specialty")))
    if not _wanted(specialties, codes):
        return
    clinic = shelf.get(role.get("organization"), role) or {}
    practice = text_of(clinic.get("name")) or text_of(
        first(role.get("organization")).get("display")
    )
    values = _of_person(person or {})
    if not values.get("name"):
        values["name"] = text_of(first(role.get("practitioner")).get("display")) or practice
    if not values.get("name"):
        yield Hidden("PractitionerRole names nobody")
        return
    values["profession"] = _words(specialties) or values.get("profession")
    own = {field: reached(role, system) for field, system in _REACHED.items()}
    who = _identity(person, role.get("practitioner"), values)
    places = [shelf.get(one, role) for one in places_named(role)]
    open_ = [one for one in places if one is not None and not _why_hidden(one)]
    if any(places) and not open_:
        yield Hidden("its location is closed")
        return
    for one in [one for one in open_ if first(one.get("address")).get("use") == "home"]:
        # Nothing of it is taken, not its point either; who works nowhere else has no place.
        open_.remove(one)
        yield Hidden("its location is a home")
    for place in open_ or [{}]:
        at = {field: reached(place, system) for field, system in _REACHED.items()}
        merged = {
            **values,
            **{key: own[key] or at[key] or values.get(key) for key in _REACHED},
            "practice": practice or text_of(place.get("name")),
            **address_of(place.get("address")),
            **point_of(place),
        }
        where = key_of(place)[1] if not _is_contained(place, role) else hashed_id(merged)[:12]
        yield _listing(f"{who}/{where}" if where else who, merged, person or {}, source)


def _of_practitioner(
    person: Resource, codes: Sequence[str], source: tuple[str, str]
) -> Iterator[Listing]:
    """Somebody without roles, at the addresses they give themselves."""
    specialties = list(codes_of([one.get("code") for one in dicts(person.get("qualification"))]))
    if not _wanted(specialties, codes):
        return
    values = _of_person(person)
    if not values.get("name"):
        return
    values |= {field: reached(person, system) for field, system in _REACHED.items()}
    addresses = dicts(person.get("address"))
    # A postal address is where letters go; where there is another it says nothing of the practice.
    visited = [one for one in addresses if one.get("type") != "postal"] or addresses
    places = [parts for one in visited if (parts := address_of(one))] or [{}]
    who = _identity(person, None, values)
    for number, parts in enumerate(places):
        native = who if number == 0 else f"{who}#{hashed_id(parts)[:8]}"
        yield _listing(native, values | parts, person, source)


def _of_location(place: Resource, source: tuple[str, str]) -> Iterator[Listing]:
    name = text_of(place.get("name"))
    if not name:
        return
    values: dict[str, str | None] = {
        "name": name,
        "practice": text_of(first(place.get("managingOrganization")).get("display")) or name,
        **{field: reached(place, system) for field, system in _REACHED.items()},
        **address_of(place.get("address")),
        **point_of(place),
    }
    yield _listing(key_of(place)[1] or hashed_id(values), values, place, source)


_REACHED: Mapping[str, str] = {"phone": "phone", "email": "email", "website": "url"}


def _of_person(person: Resource) -> dict[str, str | None]:
    name, letters = person_name(person)
    degrees, certificates = [], []
    for one in dicts(person.get("qualification")):
        for system, code, words in codes_of(one.get("code")):
            if system.casefold().endswith(_DEGREES):
                degrees.append(code or words)
            if _NEEDLING.search(words):
                certificates.append(words)
    return {
        "name": name,
        "credentials": letters or ", ".join(dict.fromkeys(degrees)),
        "certification": "; ".join(dict.fromkeys(certificates)),
        **{field: reached(person, system) for field, system in _REACHED.items()},
    }


def _listing(
    native: str, values: Mapping[str, str | None], resource: Resource, source: tuple[str, str]
) -> Listing:
    npi = npi_of(resource)
    said: dict[str, Any] = {key: text for key, text in values.items() if text}
    return Listing(
        source_id=source[0],
        native_id=native,
        seen_url=source[1],
        extra={"npi": extra_text(npi)} if npi else {},
        **said,
    )


def _identity(person: Resource | None, named: Any, values: Mapping[str, str | None]) -> str:
    """Who it is: by NPI, which a plan's many roles of one person share."""
    if person:
        number = npi_of(person)
        own = key_of(person)[1]
        if number or own:
            return number or own
    key = reference(named)
    return key[1] if key else hashed_id(values)


def _wanted(specialties: Sequence[tuple[str, str, str]], codes: Sequence[str]) -> bool:
    """Whether a specialty counts. Somebody without any code was found by the server's search."""
    own = [code for system, code, _ in specialties if _NUCC in system.casefold()]
    return not codes or not own or any(code.startswith(tuple(codes)) for code in own)


def _words(specialties: Sequence[tuple[str, str, str]]) -> str | None:
    return ", ".join(dict.fromkeys(words for _, _, words in specialties if words)) or None


def _is_contained(place: Resource, role: Resource) -> bool:
    """Whether a location has no id of the directory's own, so that its address must tell it."""
    return any(place is one for one in dicts(role.get("contained")))


def _why_hidden(resource: Resource) -> str | None:
    kind = key_of(resource)[0]
    if resource.get("active") is False or resource.get("status") in _GONE:
        return f"{kind} is not active"
    end = printed(first(resource.get("period")).get("end"))
    # A date may be a year or a month only: then its last day is not known, and not past.
    if end and len(end) >= 10 and end[:10] < dt.datetime.now(dt.UTC).date().isoformat():
        return f"{kind} is over"
    labels = dicts(first(resource.get("meta")).get("security"))
    if any(one.get("code") in _RESTRICTED for one in labels):
        return f"{kind} is restricted"
    return None


def _updated(resource: Resource) -> tuple[str, str]:
    """Orders two contents of one id: by time, and where that says nothing always the same way."""
    when = printed(first(resource.get("meta")).get("lastUpdated")) or ""
    return when, fingerprint(resource)
