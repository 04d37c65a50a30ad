"""Connections Business Directory: a WordPress plugin that prints hCards.

How recognised
    Rows of the class `cn-list-row` or `cn-entry` that carry `data-entry-id` or `data-entry-slug`;
    the plugin's `cn-list` or `cn-template` around a list; or `cn-api/v1` among the namespaces of
    the site's REST API.
What is asked
    1. `/wp-json/cn-api/v1/entry?per_page=100&offset=N` until a page is not full or adds nobody.
       The web site, which the API does not send, is taken from the rows of the page that was
       recognised: it usually prints everybody.
    2. Where the API is closed: the page itself and `pg/2/`, `pg/3/`, … until one adds nobody.
Limits
    100 rows an answer, or fewer where the site sends fewer: after a round number of rows the next
    are asked for. The API says no total.
Traps
    * `page` is ignored and would give page 1 for ever; `offset` works. `search` is ignored too.
    * Past the last page the HTML shows page 1 again; there is no link from page to page.
    * Single entries are handed out even when they are pending: they are never asked for, and rows
      whose status is not approved, or whose visibility is not public, are dropped.
    * Every address, telephone and e-mail has a visibility of its own; private ones are left out.
    * Text comes as `{"rendered": …}`, escaped for HTML; missing lists are `[]`, missing
      coordinates null, empty, or 0 in old versions.
    * A page of everybody is large and takes the site up to ten seconds.
    * Fax numbers stand among the telephones.
Settings in the fact sheet's `options.extra`
    None.
Source
    The plugin's own code (10.4.66, in public repositories) and answers of a running server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import unquote, urljoin

from parsel import Selector
from scrapy.http import Request, Response, TextResponse

from records.listing import Listing
from records.text import lines, plain
from spiders.platforms import (
    Hidden,
    Match,
    Reading,
    Surroundings,
    WrongShape,
    about,
    instead,
)
from spiders.platforms.fields import extra_text, hashed_id
from spiders.platforms.json_answers import beginning, body_text, is_yes, printed
from spiders.platforms.map_rows import link_of, row_id
from spiders.platforms.wp import rest_url
from spiders.platforms.wp_rest import PER_PAGE, index, index_url, namespaces, route, rows, site_of

_EXPECTED = "a JSON array of Connections entries"
_ROWS = (
    '//*[(contains(concat(" ", @class, " "), " cn-list-row ") '
    'or contains(concat(" ", @class, " "), " cn-entry ")'
    'or contains(concat(" ", @class, " "), " vcard ")) and (@data-entry-id or @data-entry-slug)]'
)
_LIST = '//*[@id="cn-list" or contains(concat(" ", @class, " "), " cn-template ")]'
_PUBLIC = frozenset({"public", ""})
_SHOWN = frozenset({"approved", ""})
_ADDRESS = {
    "locality": "city",
    "region": "state",
    "postal_code": "postcode",
    "country_name": "country",
}
_HCARD = {
    "locality": "city",
    "region": "state",
    "postal-code": "postcode",
    "country-name": "country",
}
_HIDDEN_EMAIL = re.compile(r"/cdn-cgi/l/email-protection|data-cfemail")
_PAGE = re.compile(r"/pg/\d+/?$")


class Connections:
    """Connections, as the module's docstring describes it."""

    name: ClassVar[str] = "connections"
    title: ClassVar[str] = "Connections Business Directory"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None
        self._seen: set[str] = set()
        self._full = PER_PAGE

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse):
            return None
        found = index(page)
        if found is not None:
            if "cn-api/v1" not in namespaces(found):
                return None
            facts = _facts(index_url(page), None)
            return Match(self.name, "cn-api/v1 in the REST API", 0.9, page.url, facts)
        shown = page.xpath(_ROWS)
        if not shown and not page.xpath(f"{_LIST}//*[contains(@class, 'vcard')]"):
            return None
        facts = _facts(rest_url(page), page.url) | {"sites": _sites(shown)}
        if shown:
            evidence = f"{len(shown)} rows with data-entry-id or data-entry-slug"
            return Match(self.name, evidence, 0.95, page.url, facts)
        return Match(self.name, "hCards in a list of Connections", 0.7, page.url, facts)

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.facts["page"]
        yield self._entries(0)

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        if context.get("ask") == "page":
            yield from self._read_page(answer, int(context["number"]))
        else:
            yield from self._read_entries(answer, context)

    # The REST API

    def _entries(self, offset: int) -> Request:
        url = route(self._facts["rest"], "cn-api/v1/entry", per_page=PER_PAGE, offset=offset)
        meta: dict[str, Any] = {"about": {"ask": "entries", "offset": offset}}
        if offset:
            meta["paging"] = True
        else:
            first = self._page_url or self._facts["site"]
            meta |= {"optional": True, "otherwise": instead(first, about=_page_ask(1))}
        return Request(url, meta=meta)

    def _read_entries(self, answer: Response, context: Mapping[str, Any]) -> Iterator[Reading]:
        found = rows(answer, _EXPECTED)
        for row in found:
            if "id" not in row or not ("fn" in row or "org" in row):
                raise WrongShape(f"expected {_EXPECTED}, got an entry with keys {sorted(row)[:8]}")
        before = len(self._seen)
        for row in found:
            self._seen.add(row_id(row))
            yield from self._entry(row, answer.url)
        if "offset" not in context:
            return
        if context["offset"] == 0 and found and len(found) % 10 == 0:
            # A round number may be a limit of the site's own: there is no total to tell.
            self._full = min(len(found), PER_PAGE)
        if len(found) >= self._full and len(self._seen) > before:
            yield self._entries(int(context["offset"]) + len(found))

    def _entry(self, row: Mapping[str, Any], url: str) -> Iterator[Reading]:
        status = (printed(row.get("status")) or "").lower()
        visibility = (printed(row.get("visibility")) or "").lower()
        if status not in _SHOWN:
            yield Hidden(f"status {status}")
            return
        if visibility not in _PUBLIC:
            yield Hidden(f"visibility {visibility}")
            return
        native = row_id(row)
        link = link_of(row.get("link"))
        values = {**_who(row), **_where(row), **_reach(row)}
        website = _website(row) or self._facts.get("sites", {}).get(native)
        if website:
            values["website"] = website
        if link:
            values["profile_url"] = link
        yield self._listing(native, self._page_url or url, values, _extra(row))

    # The pages

    def _read_page(self, answer: Response, number: int) -> Iterator[Reading]:
        shown = answer.xpath(_ROWS) if isinstance(answer, TextResponse) else []
        if not shown:
            raise WrongShape(f"expected rows of Connections, got {beginning(body_text(answer))}")
        fresh = 0
        for row in shown:
            native, values, extra = _hcard(row, answer.url)
            native = native or hashed_id(values, self._sheet.options.identity)
            if native in self._seen:
                continue
            self._seen.add(native)
            fresh += 1
            yield self._listing(native, self._page_url or answer.url, values, extra)
        if fresh and self._facts:
            base = _PAGE.sub("/", (self._page_url or answer.url).split("?", 1)[0])
            url = urljoin(base if base.endswith("/") else f"{base}/", f"pg/{number + 1}/")
            # A directory on one page has no second: the site may say so with 404.
            context = _page_ask(number + 1)
            yield Request(url, meta={"about": context, "paging": True, "optional": True})

    def _listing(
        self, native: str, url: str, values: Mapping[str, Any], extra: Mapping[str, str]
    ) -> Listing:
        return Listing(
            source_id=self._sheet.id, native_id=native, seen_url=url, extra=dict(extra), **values
        )


def _page_ask(number: int) -> dict[str, Any]:
    return {"ask": "page", "number": number}


def _facts(rest: str, page: str | None) -> dict[str, Any]:
    return {"rest": rest, "site": site_of(rest), "page": page, "sites": {}}


def _text(value: Any) -> str:
    """The text of a value as the API sends it: `{"rendered": …}`, or plain."""
    if isinstance(value, dict):
        value = value.get("rendered")
    return plain(printed(value) or "")


def _who(row: Mapping[str, Any]) -> dict[str, str]:
    organisation = row.get("org")
    practice = (
        _text(organisation.get("organization_name")) if isinstance(organisation, dict) else ""
    )
    suffix = _text(row.get("honorific_suffix"))
    name = _text(row.get("fn")) or practice
    person = _text(row.get("given_name")) or _text(row.get("family_name"))
    values = {"name": name, "profession": _text(row.get("job_title"))}
    if person:
        values |= {"practice": practice, "credentials": suffix}
    elif practice and practice != name:
        values["practice"] = practice
    return {key: text for key, text in values.items() if text}


def _public(row: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The addresses, telephones or the like that are for everybody, the preferred one first."""
    found = row.get(key)
    kept = [
        one
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and (printed(one.get("visibility")) or "").lower() in _PUBLIC
        if (printed(one.get("type")) or "").lower() != "home"
    ]
    return sorted(kept, key=lambda one: not is_yes(one.get("preferred")))


def _where(row: Mapping[str, Any]) -> dict[str, str]:
    for one in _public(row, "adr"):
        more = [_text(one.get(key)) for key in ("extended_address", "extended_address_2")]
        more.append(_text(one.get("extended_address_3")))
        values = {
            "street": _text(one.get("street_address")),
            "street2": ", ".join(text for text in more if text),
            **{field: _text(one.get(key)) for key, field in _ADDRESS.items()},
            "latitude": _text(one.get("latitude")),
            "longitude": _text(one.get("longitude")),
        }
        kept = {key: text for key, text in values.items() if text}
        if kept:
            return kept
    return {}


def _reach(row: Mapping[str, Any]) -> dict[str, str]:
    values: dict[str, str] = {}
    for one in _public(row, "tel"):
        kind = (printed(one.get("type")) or "").lower()
        number = _text(one.get("number"))
        if number and "fax" not in kind and not kind.startswith("home"):
            values.setdefault("phone", number)
    for one in _public(row, "email"):
        address = _text(one.get("address"))
        if "@" in address:
            values.setdefault("email", address)
    return values


def _website(row: Mapping[str, Any]) -> str:
    for key in ("link_list", "links", "website", "url"):
        found = row.get(key)
        for one in found if isinstance(found, list) else [found]:
            address = link_of(one.get("url") if isinstance(one, dict) else one)
            if re.match(r"https?://", address):
                return address
    return ""


def _extra(row: Mapping[str, Any]) -> dict[str, str]:
    fax = [
        _text(one.get("number"))
        for one in _public(row, "tel")
        if "fax" in (printed(one.get("type")) or "").lower()
    ]
    kind = _text(row.get("type"))
    said = {
        "type": kind if kind != "individual" else "",
        "bio": _text(row.get("bio")),
        "notes": _text(row.get("notes")),
        "fax": ", ".join(text for text in fax if text),
    }
    return {key: extra_text(text) for key, text in said.items() if text}


# hCard


def _with(name: str) -> str:
    return f'.//*[contains(concat(" ", normalize-space(@class), " "), " {name} ")]'


def _said(node: Selector, name: str) -> str:
    return plain(node.xpath(_with(name)).get() or "")


def _sites(shown: Iterable[Selector]) -> dict[str, str]:
    """Entry id -> its web site, of the rows that print both."""
    found = {}
    for row in shown:
        native = plain(row.xpath("@data-entry-id").get() or "")
        site = _site(row)
        if native and site:
            found[native] = site
    return found


def _site(row: Selector) -> str:
    links = row.xpath(
        './/a[contains(concat(" ", @class, " "), " url ")]/@href'
        ' | .//*[contains(concat(" ", @class, " "), " link ")]//a/@href'
    ).getall()
    return next((link_of(one) for one in links if re.match(r"\s*https?://", one, re.I)), "")


def _hcard(row: Selector, url: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """(id, fields of Listing, extra) of one row."""
    native = plain(row.xpath("@data-entry-id").get() or row.xpath("@data-entry-slug").get() or "")
    kind = (row.xpath("@data-entry-type").get() or "").strip()
    practice = _said(row, "organization-name") or _said(row, "org")
    name = _said(row, "fn") or practice
    person = _said(row, "given-name") or _said(row, "family-name")
    values = {"name": name, "profession": _said(row, "title"), "website": _site(row)}
    if person or practice != name:
        values["practice"] = practice
    if person:
        values["credentials"] = _said(row, "honorific-suffix")
    for one in row.xpath(_with("adr")):
        if _said(one, "type").lower() == "home":
            continue
        streets = [plain(part) for part in one.xpath(_with("street-address")).getall()]
        more = [plain(part) for part in one.xpath(_with("extended-address")).getall()]
        values["street"] = ", ".join(text for text in streets if text)
        values["street2"] = ", ".join(text for text in more if text)
        values |= {field: _said(one, name) for name, field in _HCARD.items()}
        break
    extra: dict[str, str] = {}
    for one in row.xpath(_with("tel")):
        kinds = " ".join((_said(one, "type"), _said(one, "phone-name"))).lower()
        number = _said(one, "value") or " ".join(lines(one.get() or ""))
        if "fax" in kinds:
            extra.setdefault("fax", number)
        elif "home" not in kinds:
            values.setdefault("phone", number)
    values |= _mail(row, extra)
    values |= {"latitude": _said(row, "latitude"), "longitude": _said(row, "longitude")}
    profile = row.xpath(f"{_with('fn')}//a/@href | {_with('fn')}/ancestor::a/@href").get()
    if profile:
        values["profile_url"] = urljoin(url, link_of(profile))
    if kind and kind != "individual":
        extra["type"] = kind
    return native, {key: text for key, text in values.items() if text}, extra


def _mail(row: Selector, extra: dict[str, str]) -> dict[str, str]:
    boxes = row.xpath(_with("email"))
    if any(_HIDDEN_EMAIL.search(box.get() or "") for box in boxes):
        extra["email"] = "contact via site"
        return {}
    for href in boxes.xpath(".//a/@href").getall():
        if href.lower().startswith("mailto:"):
            return {"email": unquote(href[7:]).split("?", 1)[0].strip()}
    found = [plain(one) for one in boxes.xpath(_with("email-address")).getall()]
    return {"email": found[0]} if found and "@" in found[0] else {}
