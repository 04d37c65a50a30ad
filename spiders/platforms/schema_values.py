"""What a schema.org thing says, in the fields of Listing."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from spiders.platforms.fields import extra_text
from spiders.platforms.structured import (
    PEOPLE,
    Thing,
    first,
    lines_of,
    text_of,
    texts_of,
    types_of,
)

_EXTRA = ("description", "knowsAbout", "faxNumber", "honorificPrefix", "award")

#: Fields that say where.
PLACE = frozenset(
    "address street city state postcode country latitude longitude".split()
)  # fmt: skip


def values_of(entry: Thing, page_url: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of Listing that an entry says, and what else is worth counting."""
    works = first(entry.get("worksFor")) or first(entry.get("affiliation"))
    at_work = (entry, first(entry.get("workLocation")), first(entry.get("location")), works)
    given, family = text_of(entry.get("givenName")), text_of(entry.get("familyName"))
    name = text_of(entry.get("name")) or " ".join(part for part in (given, family) if part)
    place: dict[str, str] = {}
    for thing in at_work:
        if not place:
            addresses = thing.get("address")
            one = addresses[:1] if isinstance(addresses, list) else addresses
            place = address_of(one)
    geo: Thing = next((found for thing in at_work if (found := first(thing.get("geo")))), {})
    phones = [
        text
        for thing in (*at_work, first(entry.get("contactPoint")), first(entry.get("address")))
        for text in texts_of(thing.get("telephone"))
    ]
    certificates = [
        text_of(one) or text_of(one.get("credentialCategory") if isinstance(one, dict) else None)
        for one in _as_list(entry.get("hasCredential"))
    ]
    specialty = texts_of(entry.get("jobTitle")) or texts_of(entry.get("hasOccupation"))
    specialty = specialty or [
        re.split(r"[/#]", text)[-1] for text in texts_of(entry.get("medicalSpecialty"))
    ]
    email = text_of(entry.get("email"))
    values: dict[str, str | None] = {
        "name": name,
        "credentials": ", ".join(texts_of(entry.get("honorificSuffix"))),
        "profession": ", ".join(specialty),
        "practice": text_of(entry.get("worksFor")) or text_of(entry.get("affiliation")),
        "phone": next(iter(phones), None),
        "email": re.sub(r"^mailto:", "", unquote(email), flags=re.I) if email else None,
        "certification": "; ".join(dict.fromkeys(one for one in certificates if one)),
        "latitude": text_of(geo.get("latitude")),
        "longitude": text_of(geo.get("longitude")),
        **place,
        **_web(entry, page_url),
    }
    extra = {key: extra_text(", ".join(texts_of(entry.get(key)))) for key in _EXTRA}
    kinds = types_of(entry)
    if not kinds & PEOPLE:
        extra["type"] = ", ".join(sorted(kinds))
    return (
        {key: text for key, text in values.items() if text},
        {key: text for key, text in extra.items() if text},
    )


def address_of(value: Any) -> dict[str, str]:
    """An address as parts, or as the one text it was sent as."""
    one = first(value)
    if not one:
        text = lines_of(value)
        return {"address": text} if text else {}
    parts = {
        "street": lines_of(one.get("streetAddress")),
        "city": text_of(one.get("addressLocality")),
        "state": text_of(one.get("addressRegion")),
        "postcode": text_of(one.get("postalCode")),
        "country": text_of(one.get("addressCountry")),
    }
    box = text_of(one.get("postOfficeBoxNumber"))
    if box and not parts["street"]:
        parts["street"] = box if re.search("box", box, re.I) else f"PO Box {box}"
    return {key: text for key, text in parts.items() if text}


def _web(entry: Thing, page_url: str) -> dict[str, str]:
    """The entry's own site, and its page in the directory."""
    found: dict[str, str] = {}
    for key in ("url", "sameAs"):
        for address in texts_of(entry.get(key)):
            parts = urlsplit(joined(page_url, address))
            if parts.scheme not in ("http", "https"):
                continue
            if parts.netloc == urlsplit(page_url).netloc:
                if key == "url":
                    found.setdefault("profile_url", parts.geturl())
            elif key == "url" or not re.search(
                r"(?:facebook|instagram|twitter|linkedin|youtube|x|tiktok)\.com$", parts.netloc
            ):
                found.setdefault("website", address)
    return found


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def joined(base: str, address: str) -> str:
    """An address as the page's; empty where it is none."""
    try:
        found = urljoin(base, address)
        urlsplit(found)
    except ValueError:
        return ""
    return found
