"""NPPES NPI Registry API v2.1: the federal register of US providers, asked by ZIP code areas.

It says who is licensed as what and where they work, never who is certified in dry needling: of use
beside a directory, or for those who write a certificate into their credentials.

How recognised
    An answer of the interface itself: JSON with `result_count` and `results`, or its `Errors`
    (status 200). The pages of npiregistry.cms.hhs.gov lead to the same interface. The address may
    carry a search of its own; its parameters are kept.
What is asked
    `GET /api/?version=2.1&enumeration_type=NPI-1&address_purpose=LOCATION` with
    `taxonomy_description`, `postal_code` (two digits and a `*`), `limit=200` and `skip`. The
    taxonomies follow from the fact sheet's `professions`.
Limits
    200 rows an answer and `skip` up to 1,000: 1,200 rows a search. Beyond that the server repeats
    its last page and says nothing. A search that fills is split by the next digit of the ZIP code;
    to know early, the second page asked of a wide area is its last. A single ZIP code that
    fills is reported as cut short.
Traps
    * Errors come with status 200, as `Errors`. State alone and type alone are refused.
    * `result_count` is the number of rows in the answer at best: rows are counted here. A
      page that adds nobody new ends its search, and a full one is reported.
    * `number` and the epochs were integers in seconds once and are strings in milliseconds now.
    * The mailing address is somebody's accountant or home: only LOCATION is read.
    * Empty fields are "" or "--"; names are in capitals; there is no coordinate.
    * A therapist may list therapy second: all taxonomies count, by prefix.
    * A deactivated number is kept with status D: dropped and counted.
    * Licence numbers, identifiers of other payers, sex and the authorised official are not read.
Settings in the fact sheet's `options.extra`
    `states`: two-letter codes; only ZIP codes of these states are asked.
    `taxonomies`: prefixes of NUCC codes that count, instead of those of the professions.
    `taxonomy_description`: the words asked for, instead of those of the professions.
    `credential`: words of which one must stand in the credentials ("CIDN, CMTPT"); others are left
    out.
    `organisations`: "yes" asks for practices (NPI-2) instead of people.
    `practice_locations`: "yes" reads further practice locations as listings of their own.
Source
    https://npiregistry.cms.hhs.gov/api-page, the R package npi, and answers recorded with it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from scrapy.http import Request, Response, TextResponse

from records.listing import Listing
from records.text import plain
from spiders.platforms import (
    Hidden,
    Match,
    Reading,
    Shortfall,
    Surroundings,
    WrongShape,
    about,
)
from spiders.platforms.fields import extra_text, full_name, hashed_id
from spiders.platforms.json_answers import beginning, body_text, json_in, objects, printed
from spiders.platforms.nucc import taxonomies_of

_HOST = "npiregistry.cms.hhs.gov"
_EXPECTED = "JSON with results of the NPI Registry"
#: Rows an answer may hold, and the largest `skip` that is believed.
LIMIT = 200
LAST_SKIP = 1000
#: Areas with fewer digits are wide: their last page is asked before those between.
_WIDE = 5

#: First two digits of the ZIP codes of each state; a few areas belong to two.
_ZIP_AREAS = """AL 35 36; AK 99; AZ 85 86; AR 71 72 75; CA 90 91 92 93 94 95 96; CO 80 81; CT 06;
    DE 19; DC 20 56; FL 32 33 34; GA 30 31 39; HI 96; ID 83; IL 60 61 62; IN 46 47; IA 50 51 52;
    KS 66 67; KY 40 41 42; LA 70 71; ME 03 04; MD 20 21; MA 01 02 05; MI 48 49; MN 55 56;
    MS 38 39; MO 63 64 65 72; MT 59; NE 68 69; NV 88 89; NH 03; NJ 07 08; NM 87 88;
    NY 00 06 10 11 12 13 14; NC 27 28; ND 58; OH 43 44 45; OK 73 74; OR 97; PA 15 16 17 18 19;
    PR 00; RI 02; SC 29; SD 57; TN 37 38; TX 73 75 76 77 78 79 88; UT 84; VT 05; VA 20 22 23 24;
    WA 98 99; WV 24 25 26; WI 53 54; WY 82 83; VI 00; GU 96; AS 96; MP 96;
    MH 96; FM 96; PW 96"""
_AREAS: Mapping[str, tuple[str, ...]] = {
    words[0]: tuple(words[1:]) for line in _ZIP_AREAS.split(";") if (words := line.split())
}
_NOTHING = frozenset({"", "-", "--", "null", "none"})


class Nppes:
    """The NPI Registry, as the module's docstring describes it."""

    name: ClassVar[str] = "nppes"
    title: ClassVar[str] = "NPPES NPI Registry"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        extra = self._sheet.options.extra
        self._states = tuple(word.upper() for word in _words(extra.get("states", "")))
        known = taxonomies_of(self._sheet.professions)
        asked = extra.get("taxonomy_description")
        self._asked = (asked,) if asked else tuple(dict.fromkeys(one.words for one in known))
        own = tuple(word.upper() for word in _words(extra.get("taxonomies", "")))
        self._prefixes = own or tuple(start for one in known for start in one.prefixes)
        words = "|".join(re.escape(word) for word in _words(extra.get("credential", ""), ","))
        self._credential = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.I) if words else None
        self._kind = "NPI-2" if extra.get("organisations") == "yes" else "NPI-1"
        self._everywhere = extra.get("practice_locations") == "yes"
        self._seen: set[str] = set()
        self._met: dict[tuple[str, str], set[str]] = {}
        """Numbers met in each search: another search may have found them first."""
        self._facts: Mapping[str, Any] = {}

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse):
            return None
        parts = urlsplit(page.url)
        own = {key: value for key, value in parse_qsl(parts.query) if key not in _OURS}
        facts = {"api": urljoin(page.url, "/api/"), "own": own}
        if parts.path.rstrip("/").endswith("/api"):
            facts["api"] = f"{parts.scheme}://{parts.netloc}{parts.path}"
            try:
                evidence = _evidence(page)
            except WrongShape:
                evidence = None
            if evidence:
                return Match(self.name, evidence, 1.0, page.url, facts)
        if parts.hostname == _HOST:
            facts["own"] = {}
            return Match(self.name, f"a page of {_HOST}", 0.95, page.url, facts)
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        unknown = [state for state in self._states if state not in _AREAS]
        if unknown:
            raise WrongShape(f"the fact sheet's options.extra.states has {', '.join(unknown)}")
        states = self._states or tuple(_AREAS)
        areas = sorted({area for state in states for area in _AREAS[state]})
        own = match.facts["own"].get("postal_code", "").rstrip("*")
        areas = [own] if re.fullmatch(r"\d{2,5}", own, re.ASCII) else areas
        for words in self._asked:
            for area in areas:
                yield self._search(words, area, 0)

    def _search(self, words: str, area: str, skip: int) -> Request:
        query = {
            **self._facts["own"],
            "version": "2.1",
            "enumeration_type": self._kind,
            "address_purpose": "LOCATION",
            "taxonomy_description": words,
            "postal_code": area if len(area) == _WIDE else f"{area}*",
            "limit": str(LIMIT),
            "skip": str(skip),
        }
        context = {"words": words, "area": area, "skip": skip}
        # Not `paging`: the pages of one area may hold only whom another area had before.
        return Request(f"{self._facts['api']}?{urlencode(query)}", meta={"about": context})

    def read(self, answer: Response) -> Iterator[Reading]:
        rows = list(_results(answer))
        context = about(answer)
        met = self._met.setdefault((context.get("words", ""), context.get("area", "")), set())
        numbers = [_number(row) for row in rows]
        fresh = set(numbers) - met
        met |= fresh
        for number, row in zip(numbers, rows, strict=True):
            if number not in self._seen:
                self._seen.add(number)
                yield from self._listings(number, row, answer.url)
        if context:
            yield from self._further(context, full=len(rows) >= LIMIT, fresh=bool(fresh))

    def _further(
        self, context: Mapping[str, Any], *, full: bool, fresh: bool
    ) -> Iterator[Request | Shortfall]:
        """What to ask after this page of an area."""
        words, area, skip = context["words"], context["area"], context["skip"]
        wide = len(area) < _WIDE
        most = LAST_SKIP + LIMIT
        if full and not fresh:
            yield Shortfall(f"ZIP codes {area}: the page after {skip} holds only whom others held")
        elif full and skip == LAST_SKIP and wide:
            for digit in "0123456789":
                yield self._search(words, area + digit, 0)
        elif full and skip == LAST_SKIP:
            yield Shortfall(f"ZIP code {area} has more than the {most:,} rows one may see")
        elif skip == LAST_SKIP and wide:
            yield self._search(words, area, LIMIT)
        elif full and skip == 0 and wide:
            yield self._search(words, area, LAST_SKIP)
        elif full and (skip + LIMIT < LAST_SKIP or not wide):
            yield self._search(words, area, skip + LIMIT)

    def _listings(self, number: str, row: Mapping[str, Any], url: str) -> Iterator[Reading]:
        basic = row.get("basic")
        if not isinstance(basic, dict):
            raise WrongShape(f"expected {_EXPECTED}, got a result without basic")
        taxonomies = [one for one in _dicts(row.get("taxonomies")) if self._counts(one)]
        if not taxonomies:
            return
        if (_text(basic.get("status")) or "A").upper() not in ("A", "ACTIVE"):
            yield Hidden("its number is deactivated")
            return
        credentials = _text(basic.get("credential"))
        if self._credential and not self._credential.search(credentials or ""):
            return
        taxonomies.sort(key=lambda one: one.get("primary") is not True)
        person = row.get("enumeration_type") != "NPI-2"
        name = _name(basic) if person else _text(basic.get("organization_name"))
        values: dict[str, Any] = {
            "name": name or _text(basic.get("name")) or _text(basic.get("organization_name")),
            "credentials": credentials,
            "profession": _text(taxonomies[0].get("desc")),
            "practice": None if person else _text(basic.get("organization_name")),
            "listed_on": _text(basic.get("last_updated")) or _day(row.get("last_updated_epoch")),
            "profile_url": urljoin(url, f"/provider-view/{number}"),
        }
        extra = {"npi": number, "taxonomy": _text(taxonomies[0].get("code")) or ""}
        trade = [_text(one.get("organization_name")) for one in _dicts(row.get("other_names"))]
        if not person and any(trade):
            extra["other name"] = extra_text("; ".join(one for one in trade if one))
        for place, address in enumerate(self._places(row)):
            parts = _address(address)
            yield Listing(
                source_id=self._sheet.id,
                native_id=number if place == 0 else f"{number}#{hashed_id(parts)[:8]}",
                seen_url=url,
                extra={key: text for key, text in extra.items() if text},
                **values,
                **parts,
            )

    def _counts(self, taxonomy: Mapping[str, Any]) -> bool:
        return (_text(taxonomy.get("code")) or "").upper().startswith(self._prefixes)

    def _places(self, row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The place of work first; an empty one where none is sent, since the person is listed."""
        places = [
            one
            for one in _dicts(row.get("addresses"))
            if (_text(one.get("address_purpose")) or "").upper() in ("LOCATION", "PRIMARY")
        ][:1] or [{}]
        return places + (_dicts(row.get("practiceLocations")) if self._everywhere else [])


#: Parameters of our own; the others of a given address are kept.
_OURS = frozenset(
    "version enumeration_type address_purpose taxonomy_description limit skip pretty".split()
)


def _reply(answer: Response) -> Mapping[str, Any]:
    reply = json_in(body_text(answer), _EXPECTED)
    if not isinstance(reply, dict):
        raise WrongShape(f"expected {_EXPECTED}, got {beginning(body_text(answer))}")
    return reply


def _evidence(page: Response) -> str | None:
    reply = _reply(page)
    errors = _dicts(reply.get("Errors"))
    if errors and all({"description", "number"} <= error.keys() for error in errors):
        return "the NPI Registry's Errors"
    if "result_count" in reply and isinstance(reply.get("results"), list):
        return "an answer of the NPI Registry"
    return None


def _results(answer: Response) -> Iterator[Mapping[str, Any]]:
    reply = _reply(answer)
    if "Errors" in reply:
        said = "; ".join(_text(one.get("description")) or "?" for one in _dicts(reply["Errors"]))
        raise WrongShape(f"expected {_EXPECTED}, got its error: {said or reply['Errors']!r:.100}")
    if "results" not in reply:
        raise WrongShape(f"expected {_EXPECTED}, got {beginning(body_text(answer))}")
    yield from objects(reply["results"], _EXPECTED)


def _number(row: Mapping[str, Any]) -> str:
    number = printed(row.get("number")) or ""
    if not re.fullmatch(r"\d{10}", number, re.ASCII):
        raise WrongShape(f"expected {_EXPECTED}, got a result without a number of ten digits")
    return number


def _name(basic: Mapping[str, Any]) -> str | None:
    parts = {
        "given": _text(basic.get("first_name")),
        "middle": _text(basic.get("middle_name")),
        "family": _text(basic.get("last_name")),
    }
    if not (parts["given"] or parts["family"]):
        return None
    suffix = _text(basic.get("name_suffix"))
    return " ".join(part for part in (full_name(parts), suffix) if part)


def _address(address: Mapping[str, Any]) -> dict[str, Any]:
    postcode = _text(address.get("postal_code"))
    if postcode and re.fullmatch(r"\d{9}", postcode, re.ASCII):
        # Nine digits in a row are ZIP+4, which everybody else writes with its dash.
        postcode = f"{postcode[:5]}-{postcode[5:]}"
    return {
        "street": _text(address.get("address_1")),
        "street2": _text(address.get("address_2")),
        "city": _text(address.get("city")),
        "state": _text(address.get("state")),
        "postcode": postcode,
        "country": _text(address.get("country_code")),
        "phone": _text(address.get("telephone_number")),
    }


def _day(epoch: Any) -> str | None:
    """The day of an epoch in seconds or milliseconds, a number or a text."""
    text = printed(epoch) or ""
    if not re.fullmatch(r"\d{9,14}", text, re.ASCII):
        return None
    seconds = int(text) / 1000 if len(text) >= 12 else int(text)
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()


def _text(value: Any) -> str | None:
    text = plain(printed(value) or "")
    return None if text.casefold() in _NOTHING else text


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _words(text: str, between: str = r"[,;\s]") -> list[str]:
    return [word.strip() for word in re.split(f"{between}+", text) if word.strip()]
