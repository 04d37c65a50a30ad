"""FHIR Plan-Net: provider directories of US health plans and of CMS, FHIR R4 (Da Vinci PDex).

They say where somebody works and how they are reached, by NPI, often with coordinates; none says
who is certified in dry needling.

How recognised
    An answer of the server: a CapabilityStatement (`…/metadata`) that knows PractitionerRole,
    Practitioner or Location; a Bundle of them; the same inside `count`, `next` and `results`, as
    the CMS National Provider Directory sends it; or the server's own page about one of these.
What is asked
    With the address of a search (`…/PractitionerRole?…`): that search. Else `PractitionerRole`
    with `specialty` (NUCC codes of the fact sheet's `professions`), `_include` of practitioner,
    location and organization, and `_count=50`; `Practitioner` where the server has no roles. Then
    every `next` link, and what the roles refer to and no page brought: `?_id=` with 40 ids, and
    one by one what that did not bring.
    Header `Accept: application/fhir+json`.
Limits
    None but the server's own page size, whatever `_count` says.
Traps
    * References are relative, absolute, `urn:uuid:`, or `#contained`; what they name may come on a
      later page, twice with different content (the newest counts), or never.
    * What a role names and the server does not have is left out: the name beside the reference
      stands in for a practitioner, and a role that names nobody is dropped and counted.
    * A role is repeated for every network of a plan: one practitioner at one location is one
      listing, by NPI.
    * `Bundle.total` counts roles. Inside `count`/`next`/`results` it counts the page's entries.
    * A server without match-all wants a search; `_lastUpdated=gt2015-01-01` matches everything.
    * Some servers pass over a parameter they do not know: specialties are checked here again.
    * `next` may name a host only the server itself knows, and a page that repeats another.
    * null stands in lists of names; several names, of which some are past.
    * Inactive roles, practitioners and locations, roles whose period is over, and what is labelled
      restricted are dropped and counted. Home addresses and telephones are never taken.
Settings in the fact sheet's `options.extra`
    `states`: two-letter codes, asked one by one as `location.address-state`.
    `specialties`: NUCC codes, instead of those of the professions; "any" asks for all.
Source
    https://hl7.org/fhir/us/davinci-pdex-plan-net/, the CMS directory's source, and programs that
    read payers' directories.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from scrapy.http import Request, Response, TextResponse
from w3lib.url import canonicalize_url

from records.text import plain
from spiders.platforms import (
    Hidden,
    Match,
    Reading,
    Shortfall,
    Surroundings,
    Total,
    WrongShape,
    about,
)
from spiders.platforms.fhir_bundle import (
    EXPECTED,
    Resource,
    dicts,
    fingerprint,
    key_of,
    outcome,
    page_of,
    parsed,
    same_server,
    text_of,
)
from spiders.platforms.fhir_listing import Key, Shelf, listings_of
from spiders.platforms.nucc import taxonomies_of

_KINDS = ("PractitionerRole", "Practitioner", "Location")
_NUCC = "http://nucc.org/provider-taxonomy"
_ACCEPT = {"Accept": "application/fhir+json, application/json;q=0.9"}
_COUNT = 50
#: Ids in one question, and questions about one id each: then half the directory lacks its other.
_AT_ONCE = 40
_MOST_SINGLE = 2000
_EVERYTHING = [("_lastUpdated", "gt2015-01-01")]
_RAW_JSON = re.compile(r'"resourceType"\s*:\s*"(?:CapabilityStatement|Bundle)"')
_SHOWN_BY = re.compile(
    r"This result is being rendered in HTML for easy viewing|Django REST framework", re.I
)


class FhirPlanNet:
    """FHIR Plan-Net, as the module's docstring describes it."""

    name: ClassVar[str] = "fhir_plan_net"
    title: ClassVar[str] = "FHIR Plan-Net provider directory"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        extra = self._sheet.options.extra
        known = taxonomies_of(self._sheet.professions)
        own = tuple(re.findall(r"\w+", extra.get("specialties", "")))
        self._any = own == ("any",)
        self._codes = own or tuple(code for one in known for code in one.codes)
        self._prefixes = own or tuple(start for one in known for start in one.prefixes)
        self._states = re.findall(r"\w+", extra.get("states", ""))
        self._base = ""
        self._shelf = Shelf()
        self._waiting: dict[tuple[Key, str], tuple[Resource, str]] = {}
        """Matches no listing was made of yet, and the address that sent them."""
        self._met: set[tuple[Key, str]] = set()
        self._addresses: set[str] = set()
        self._open = 0
        """Answers still to come: only when there are none is it known what is missing."""
        self._asked: dict[str, set[Key]] = {"batch": set(), "one": set()}
        self._totals: dict[str, int] = {}
        """Of each search, by its number; `_found` are the matches that came."""
        self._found: dict[str, int] = {}
        self._said: set[str] = set()
        self._gone: set[Key] = set()
        """What roles name and the server does not have."""
        self._lost = 0

    # Recognition

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse):
            return None
        base, kind = _split(page.url)
        facts: dict[str, Any] = {"base": base, "kind": kind, "types": None, "here": False}
        try:
            evidence, certainty = _look(parsed(page), page.url, facts)
        except WrongShape:
            return self._recognise_html(page, facts)
        return Match(self.name, evidence, certainty, page.url, facts) if certainty else None

    def _recognise_html(self, page: TextResponse, facts: dict[str, Any]) -> Match | None:
        """The page that some servers show to browsers instead of their JSON."""
        text = page.text
        if not _SHOWN_BY.search(text) or "resourceType" not in text:
            return None
        shown = " ".join(plain(one) for one in page.xpath("//pre").getall())
        if not _RAW_JSON.search(shown):
            return None
        return Match(self.name, "the server's page about its own JSON", 0.9, page.url, facts)

    # Asking

    def requests(self, match: Match) -> Iterable[Request]:
        facts = match.facts
        self._base = facts["base"]
        if facts["here"]:
            self._addresses.add(canonicalize_url(match.page_url))
            return
        if facts["kind"] and urlsplit(match.page_url).query:
            yield self._ask(match.page_url, {"ask": "search", "kind": facts["kind"], "of": "0"})
            return
        types: Mapping[str, Sequence[str]] | None = facts["types"]
        kind = facts["kind"] or next((one for one in _KINDS if not types or one in types), "")
        known = types.get(kind, ()) if types else ()
        for number, query in enumerate(self._queries(kind, known)):
            url = f"{self._base}/{kind}?{urlencode(query)}"
            yield self._ask(url, {"ask": "search", "kind": kind, "of": str(number)})

    def _queries(self, kind: str, known: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
        """What to search for; `known` are the search parameters the server names, if any."""
        by_specialty = kind == "PractitionerRole" and not self._any
        if by_specialty and (not known or "specialty" in known):
            query = [("specialty", ",".join(f"{_NUCC}|{code}" for code in self._codes))]
        else:
            query = list(_EVERYTHING)
        if kind == "PractitionerRole":
            query += [
                ("_include", f"PractitionerRole:{one}")
                for one in ("practitioner", "location", "organization")
            ]
        query.append(("_count", str(_COUNT)))
        by_state = {"PractitionerRole": "location.address-state"}.get(kind, "address-state")
        for state in self._states:
            yield [(by_state, state), *query]
        if not self._states:
            yield query

    def _ask(self, url: str, context: dict[str, Any]) -> Request:
        self._addresses.add(canonicalize_url(url))
        self._open += 1
        return Request(url, headers=_ACCEPT, meta={"about": context})

    # Reading

    def read(self, answer: Response) -> Iterator[Reading]:
        base, kind = _split(answer.url)
        self._base = self._base or base
        context: dict[str, Any] = {"ask": "search", "kind": kind or "", "of": "0", "page": 1}
        context |= about(answer)
        readers = {"search": self._read_search, "batch": self._read_batch, "one": self._read_one}
        # Whole first: an answer that cannot be read is asked for again and still to come.
        readings = list(readers[context["ask"]](answer, context))
        self._open -= bool(about(answer))
        yield from readings
        yield from self._ready(giving_up=False)
        if self._open == 0:
            yield from self._the_rest()

    def _read_search(self, answer: Response, context: dict[str, Any]) -> Iterator[Reading]:
        number = context["page"]
        if number > 1 and answer.status in (404, 410):
            # Servers forget a search after a while.
            yield Shortfall(f"page {number} of a search is gone ({answer.status})")
            return
        page = page_of(parsed(answer), answer.url)
        if answer.status >= 400:
            raise WrongShape(f"expected {EXPECTED}, got one with status {answer.status}")
        kind = context["kind"] or next((key_of(one)[0] for one in page.matches), "")
        matches = {
            (key_of(one), fingerprint(one)): one for one in page.matches if key_of(one)[0] == kind
        }
        fresh = matches.keys() - self._met
        if not fresh and number == 2 and page.matches:
            raise WrongShape("expected more on page 2, got what page 1 held")
        for complaint in page.complaints:
            yield Shortfall(f"the server says: {complaint}")
        for one in (*page.included, *page.matches):
            self._shelf.keep(one)
        for url, one in page.by_url.items():
            self._shelf.keep(one, url)
        self._met |= fresh
        self._waiting.update(
            (mark, (matches[mark], answer.url)) for mark in matches if mark in fresh
        )
        of = context["of"]
        self._found[of] = self._found.get(of, 0) + len(matches)
        if page.total is not None:
            self._totals.setdefault(of, page.total)
        if page.next is not None and (fresh or number == 1):
            yield from self._following(page.next, context | {"kind": kind, "page": number + 1})

    def _following(self, address: str, context: dict[str, Any]) -> Iterator[Reading]:
        url = same_server(address, self._base)
        if url is None:
            yield Shortfall(f"the next page is on another server: {address:.100}")
        elif canonicalize_url(url) in self._addresses:
            yield Shortfall(f"after page {context['page'] - 1} comes a page already read")
        else:
            yield self._ask(url, context)

    def _read_batch(self, answer: Response, context: dict[str, Any]) -> Iterator[Reading]:
        """Some of what the roles refer to. What does not come here is asked for one by one."""
        reply = parsed(answer)
        if answer.status >= 400 or reply.get("resourceType") == "OperationOutcome":
            return
        page = page_of(reply, answer.url)
        new = [self._shelf.keep(one) for one in (*page.included, *page.matches)]
        if page.next is not None and any(new):
            yield from self._following(page.next, context | {"page": context["page"] + 1})

    def _read_one(self, answer: Response, context: dict[str, Any]) -> Iterator[Reading]:
        wanted = (context["kind"], context["id"])
        if answer.status in (404, 410):
            # A hole of the directory's own.
            self._gone.add(wanted)
            return
        reply = parsed(answer)
        if reply.get("resourceType") == "OperationOutcome":
            self._gone.add(wanted)
            yield Shortfall(f"{'/'.join(wanted)}: {outcome(reply)}")
        elif key_of(reply) != wanted:
            raise WrongShape(f"expected {'/'.join(wanted)}, got {'/'.join(key_of(reply))}")
        else:
            self._shelf.keep(reply)

    # What belongs together

    def _ready(self, *, giving_up: bool) -> Iterator[Reading]:
        """The listings of matches of which everything is here, or to be had no more."""
        codes = () if self._any else self._prefixes
        for mark, (match, url) in list(self._waiting.items()):
            missing = self._missing(match)
            if missing and not giving_up:
                continue
            del self._waiting[mark]
            self._lost += any(key not in self._gone for key in missing)
            for one in listings_of(match, self._shelf, codes, (self._sheet.id, url)):
                if isinstance(one, Hidden):
                    yield one
                elif one.native_id not in self._said:
                    self._said.add(one.native_id)
                    yield one

    def _missing(self, match: Resource) -> list[Key]:
        return self._shelf.missing(match) if key_of(match)[0] == "PractitionerRole" else []

    def _the_rest(self) -> Iterator[Reading]:
        """Ask for what no page brought; once nothing more is to be had, say what there is."""
        missing = list(
            dict.fromkeys(
                key for match, _ in self._waiting.values() for key in self._missing(match)
            )
        )
        unasked = [key for key in missing if key not in self._asked["batch"]]
        for kind in dict.fromkeys(kind for kind, _ in unasked):
            ids = [own for other, own in unasked if other == kind]
            for some in (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE)):
                query = urlencode({"_id": ",".join(some), "_count": str(_AT_ONCE)})
                context = {"ask": "batch", "kind": kind, "page": 1}
                yield self._ask(f"{self._base}/{kind}?{query}", context)
        self._asked["batch"].update(unasked)
        if self._open:
            return
        single = [key for key in missing if key not in self._asked["one"]]
        for kind, own in single[: max(0, _MOST_SINGLE - len(self._asked["one"]))]:
            self._asked["one"].add((kind, own))
            yield self._ask(f"{self._base}/{kind}/{own}", {"ask": "one", "kind": kind, "id": own})
        if self._open:
            return
        yield from self._ready(giving_up=True)
        yield from self._balance()

    def _balance(self) -> Iterator[Reading]:
        if self._lost:
            yield Shortfall(f"{self._lost} roles name what nobody asked for: they are too many")
        if self._totals:
            # The server counts roles, of which several may be one listing and one may be two: what
            # can be compared is how many of its roles came.
            lacking = sum(max(0, count - self._found[of]) for of, count in self._totals.items())
            yield Total(len(self._said) + lacking, "Bundle.total")


def _look(reply: Resource, url: str, facts: dict[str, Any]) -> tuple[str, float]:
    """(evidence, certainty) of a JSON answer, 0 where it is none of a directory; fills `facts`."""
    if reply.get("resourceType") == "CapabilityStatement":
        types = _types(reply)
        facts["types"] = types
        version = text_of(reply.get("fhirVersion")) or "?"
        known = 1.0 if set(types) & set(_KINDS) else 0.0
        return f"a CapabilityStatement of FHIR {version}", known
    if reply.get("resourceType") == "OperationOutcome":
        return "an OperationOutcome", 0.9 if dicts(reply.get("issue")) else 0.0
    page = page_of(reply, url)
    kinds = {key_of(one)[0] for one in page.matches} & set(_KINDS)
    if not kinds and (page.matches or not facts["kind"]):
        return "", 0.0
    facts |= {"kind": facts["kind"] or min(kinds, key=_KINDS.index), "here": True}
    return f"a Bundle of {facts['kind']}", 1.0


def _split(url: str) -> tuple[str, str | None]:
    """(address of the service, type that is searched) of any address on a FHIR server."""
    parts = urlsplit(url)
    words = parts.path.rstrip("/").split("/")
    kind = None
    for place, word in enumerate(words):
        if word in _KINDS or word == "metadata":
            kind = word if word in _KINDS else None
            words = words[:place]
            break
    return f"{parts.scheme}://{parts.netloc}{'/'.join(words)}", kind


def _types(statement: Resource) -> dict[str, list[str]]:
    """Type -> names of its search parameters, as the server declares them."""
    found = {}
    for rest in dicts(statement.get("rest")):
        for one in dicts(rest.get("resource")):
            named = [text_of(param.get("name")) for param in dicts(one.get("searchParam"))]
            found[text_of(one.get("type")) or ""] = [name for name in named if name]
    return found
