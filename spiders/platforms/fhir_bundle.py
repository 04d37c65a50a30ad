"""FHIR R4 on the wire: bundles, their links, references between resources, and what they say.

Knows the shapes, and nothing of which resources make a listing. Servers leave out what they like,
put null into lists, and wrap bundles into pages of their own; what is no FHIR raises WrongShape.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urljoin, urlsplit

from scrapy.http import Response

from records.text import plain
from spiders.platforms import WrongShape
from spiders.platforms.json_answers import beginning, body_text, json_in, printed

Resource: TypeAlias = Mapping[str, Any]

EXPECTED = "a FHIR Bundle"
_REFERENCE = re.compile(
    r"(?:^|/)([A-Z][A-Za-z]{2,60})/([A-Za-z0-9.\-]{1,128})(?:/_history/[^/]+)?$"
)
_NPI_SYSTEMS = ("us-npi", "namingsystem/npi", "2.16.840.1.113883.4.6")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search."""

    matches: list[Resource] = field(default_factory=list)
    """What was searched for, or everything where the server does not say which is which."""
    included: list[Resource] = field(default_factory=list)
    by_url: dict[str, Resource] = field(default_factory=dict)
    """Resources by their fullUrl, which `urn:uuid:` references name."""
    next: str | None = None
    total: int | None = None
    complaints: tuple[str, ...] = ()
    """What the server itself says went wrong with a part of the search."""


def parsed(answer: Response) -> Mapping[str, Any]:
    """The JSON object of an answer. Raises WrongShape."""
    reply = json_in(body_text(answer), EXPECTED)
    if not isinstance(reply, dict):
        raise WrongShape(f"expected {EXPECTED}, got {beginning(body_text(answer))}")
    return reply


def page_of(reply: Mapping[str, Any], url: str) -> Page:
    """The page of a search that a reply is: a Bundle, or one inside `count`/`next`/`results`.

    Raises WrongShape, with the server's own words where it answered an OperationOutcome.
    """
    if reply.get("resourceType") == "OperationOutcome":
        raise WrongShape(f"expected {EXPECTED}, got an error: {outcome(reply)}")
    bundle, following, total = reply, None, reply.get("total")
    if isinstance(reply.get("results"), dict):
        # A web framework's pages around the bundle: its `total` counts this page only.
        bundle, total = reply["results"], reply.get("count")
        following = reply.get("next")
    entries = bundle.get("entry", [])
    if bundle.get("resourceType") != "Bundle" or not isinstance(entries or [], list):
        raise WrongShape(f"expected {EXPECTED}, got {beginning(json.dumps(reply)[:400])}")
    page = Page(
        next=following if isinstance(following, str) else _next(bundle, url),
        total=total if isinstance(total, int) and not isinstance(total, bool) else None,
        complaints=tuple(_complaints(entries or [])),
    )
    for entry in dicts(entries):
        resource = entry.get("resource")
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            continue
        if resource["resourceType"] == "OperationOutcome":
            continue
        if isinstance(entry.get("fullUrl"), str):
            page.by_url[entry["fullUrl"]] = resource
        included = first(entry.get("search")).get("mode") == "include"
        (page.included if included else page.matches).append(resource)
    return page


def outcome(reply: Mapping[str, Any]) -> str:
    """What an OperationOutcome says, in its own words."""
    said = []
    for issue in dicts(reply.get("issue")):
        details = first(issue.get("details"))
        text = printed(issue.get("diagnostics")) or printed(details.get("text"))
        said.append(plain(text or printed(issue.get("code")) or ""))
    return "; ".join(one for one in said if one)[:200] or "an OperationOutcome without words"


def reference(value: Any) -> tuple[str, str] | None:
    """(type, id) of a relative or absolute reference, else None."""
    text = first(value).get("reference")
    if not isinstance(text, str):
        return None
    found = _REFERENCE.search(text.split("?", 1)[0].rstrip("/"))
    return (found[1], found[2]) if found else None


def key_of(resource: Resource) -> tuple[str, str]:
    """(type, id); the id is empty where a resource has none."""
    return str(resource.get("resourceType")), printed(resource.get("id")) or ""


def fingerprint(resource: Resource) -> str:
    """A short hash of all a resource says, but for when and how it was stored."""
    said = {key: value for key, value in resource.items() if key != "meta"}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def person_name(resource: Resource) -> tuple[str | None, str | None]:
    """(name, letters after it) of the name somebody goes by."""
    names = [one for one in dicts(resource.get("name")) if one.get("use") not in _PAST]
    names.sort(key=lambda one: _order(one.get("use"), ("official", "usual", None)))
    for one in names:
        words = [*texts(one.get("given")), *texts(one.get("family"))]
        suffixes = texts(one.get("suffix"))
        if words:
            return " ".join(words), ", ".join(suffixes) or None
        whole = text_of(one.get("text"))
        if whole:
            return whole, ", ".join(one for one in suffixes if one not in whole) or None
    return None, None


def reached(resource: Resource, system: str) -> str | None:
    """The first phone, email or url of a resource that is neither private nor past."""
    found = [
        one
        for one in dicts(resource.get("telecom"))
        if one.get("system") == system and one.get("use") not in ("home", "old", "temp")
    ]
    found.sort(key=lambda one: one["rank"] if isinstance(one.get("rank"), int) else 99)
    return next((text for one in found if (text := text_of(one.get("value")))), None)


def address_of(value: Any) -> dict[str, str]:
    """An Address as fields of Listing. Home, past and billing addresses are never taken."""
    one = first(value)
    if one.get("use") in ("home", "old", "billing", "temp"):
        return {}
    street = texts(one.get("line"))
    parts = {
        "street": street[0] if street else None,
        "street2": ", ".join(street[1:]),
        "city": text_of(one.get("city")),
        "state": text_of(one.get("state")),
        "postcode": text_of(one.get("postalCode")),
        "country": text_of(one.get("country")),
    }
    whole = text_of(one.get("text"))
    if whole and not (parts["street"] or parts["city"]):
        parts["address"] = whole
    return {key: text for key, text in parts.items() if text}


def point_of(location: Resource) -> dict[str, str]:
    """Latitude and longitude of a Location, as sent."""
    position = first(location.get("position"))
    pair = printed(position.get("latitude")), printed(position.get("longitude"))
    return {"latitude": pair[0], "longitude": pair[1]} if pair[0] and pair[1] else {}


def npi_of(resource: Resource) -> str | None:
    """The ten digits of the National Provider Identifier, whatever the server calls the system."""
    for one in dicts(resource.get("identifier")):
        system = (printed(one.get("system")) or "").casefold()
        number = (printed(one.get("value")) or "").strip()
        if system.endswith(_NPI_SYSTEMS) and re.fullmatch(r"\d{10}", number, re.ASCII):
            return number
    return None


def codes_of(value: Any) -> Iterator[tuple[str, str, str]]:
    """(system, code, words) of CodeableConcepts, one or many."""
    for concept in dicts(value if isinstance(value, list) else [value]):
        words = text_of(concept.get("text")) or ""
        codings = dicts(concept.get("coding"))
        for coding in codings:
            yield (
                printed(coding.get("system")) or "",
                (printed(coding.get("code")) or "").strip(),
                words or text_of(coding.get("display")) or "",
            )
        if words and not codings:
            yield "", "", words


def text_of(value: Any) -> str | None:
    """A value as clean text, or None."""
    return plain(printed(value) or "") or None


def texts(value: Any) -> list[str]:
    """The texts of a list that may be one text, and may have null in it."""
    values = value if isinstance(value, list) else [value]
    return [text for one in values if (text := text_of(one))]


def dicts(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; none where there is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def first(value: Any) -> Mapping[str, Any]:
    """An object, or the first of a list, or an empty one."""
    if isinstance(value, dict):
        return value
    return next(iter(dicts(value)), {})


def same_server(url: str, base: str) -> str | None:
    """An address as one of this server's, or None where it is another's.

    Servers behind a proxy print the name they have inside ("http://localhost:8000/fhir/…"): an
    address with the path of this server's base is this server's.
    """
    try:
        there, here = urlsplit(urljoin(base + "/", url)), urlsplit(base)
    except ValueError:
        return None
    inside = there.path == here.path or there.path.startswith(here.path.rstrip("/") + "/")
    if there.scheme not in ("http", "https") or not (there.netloc == here.netloc or inside):
        return None
    return there._replace(scheme=here.scheme, netloc=here.netloc, fragment="").geturl()


_PAST = ("old", "maiden", "nickname", "anonymous", "temp")


def _order(value: Any, order: tuple[Any, ...]) -> int:
    return order.index(value) if value in order else len(order)


def _next(bundle: Mapping[str, Any], url: str) -> str | None:
    for link in dicts(bundle.get("link")):
        target = link.get("url")
        if link.get("relation") == "next" and isinstance(target, str) and target.strip():
            try:
                return urljoin(url, target.strip())
            except ValueError as error:
                raise WrongShape(f"expected {EXPECTED}, got a next link {target!r:.80}") from error
    return None


def _complaints(entries: list[Any]) -> Iterator[str]:
    for entry in dicts(entries):
        resource = first(entry.get("resource"))
        if resource.get("resourceType") == "OperationOutcome" and any(
            issue.get("severity") in ("error", "fatal") for issue in dicts(resource.get("issue"))
        ):
            yield outcome(resource)
