"""MembershipWorks: a member directory drawn by a script, asked with the organisation's number.

How recognised
    `<div id="SFctr" data-org="12345">` whose `data-ini` names a directory, a folder, a map or
    nothing. The same element with `!event-list`, `!calendar`, `join` or `myaccount` is another
    page of the same software and no directory. Not by `cdn.membershipworks.com` alone.
What is asked
    1. `GET https://api.membershipworks.com/v2/directory?_st&_rf=Members` with `X-Org: <number>`,
       and with the true directory page as Referer and Origin, as a visitor's browser sends them.
       One answer holds every member who is listed. Other folders where the page or the fact sheet
       names them: `_rf=<folder>`, or `dek=<id>` for folders that are known by their number.
    2. What an answer names as its sub-folders (`dek`), and what it says comes next (`_st`).
    3. With `profiles: "yes"`, or where no row has a part of an address: each member's
       `GET /v2/account/<uid>/profile`.
Limits
    None is known. `_re` counts the organisation's accounts, most of whom are not listed: it is no
    total and is not compared.
Traps
    * Keys have three letters: `nam`, `phn` (a list), `web`, `loc` (longitude first, in the row or
      in `adr`), `adr` (`ad1`, `ad2`, `cit`, `sta`, `zip`, `con`). A part that is empty is absent.
    * `cnm` is what a member says of himself, no name. `ctc` is the person behind a business.
    * Text is escaped for HTML.
    * The answer brings the service's own key for maps (`_mk`): never kept.
    * A row's public page is a place on the directory's page, `#!biz/id/<uid>`.
Settings in the fact sheet's `options.extra`
    `api`: another address of the service (default https://api.membershipworks.com).
    `folders`: names of folders, with `|` between them (default Members).
    `profiles`: "yes" reads every member's profile too, "no" never does.
Safety
    Known keys only. Rows marked hidden, private or pending are dropped.
Source
    The official WordPress plugin (5.6, GPLv2), and programs that read such directories.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote, urldefrag, urlencode, urlsplit

from scrapy.http import Request, Response

from records.listing import Listing
from spiders.platforms import Hidden, Match, Reading, Surroundings, WrongShape, about
from spiders.platforms.hosted import (
    allowed,
    api_of,
    hidden_reason,
    json_or_call,
    member,
    names_in,
    refused,
    rows_of,
    web_page,
)
from spiders.platforms.json_answers import printed
from spiders.platforms.map_rows import Rows, row_id, text_of

_API = "https://api.membershipworks.com"
_ORG = re.compile(r"\d{1,9}")
_OTHER_PAGES = re.compile(
    r"event|calendar|join|signup|sign-up|account|login|donat|form|cart|shop|renew|label", re.I
)
_FOLDER = re.compile(r"!?(?:directory|folder)/(?:id/)?([0-9a-f]{24})\b", re.I)

_EXPECTED = "an object with usr"
_FIELDS = {
    "nam": "name",
    "ad1": "street",
    "ad2": "street2",
    "cit": "city",
    "sta": "state",
    "zip": "postcode",
    "con": "country",
    "phn": "phone",
    "web": "website",
    "eml": "email",
    "latitude": "latitude",
    "longitude": "longitude",
    "profile_url": "profile_url",
}
_ADDRESS = ("ad1", "ad2", "cit", "sta", "zip", "con")
_KEPT = frozenset({"nam", "phn", "web", "eml", "cnm", "ctc", *_ADDRESS})
_NAMES = {"cnm": "description", "ctc": "contact person"}
_MOST_FOLDERS = 200


class MembershipWorks:
    """MembershipWorks, as the module's docstring describes it."""

    name: ClassVar[str] = "membershipworks"
    title: ClassVar[str] = "MembershipWorks"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS)
        self._page_url = ""
        self._base = ""
        self._org = ""
        self._listed: dict[str, Listing] = {}
        self._folders: set[str] = set()

    def recognise(self, page: Response) -> Match | None:
        html = web_page(page)
        if html is None:
            return None
        for box in html.xpath('//*[@id="SFctr"][@data-org]'):
            org, start = box.attrib["data-org"].strip(), box.attrib.get("data-ini", "")
            if not _ORG.fullmatch(org) or _OTHER_PAGES.search(start):
                continue
            folder = _FOLDER.search(start)
            named = box.attrib.get("data-folder") or box.attrib.get("data-rf") or ""
            facts = {"org": org, "dek": folder[1] if folder else "", "folder": named.strip()}
            evidence = f'the page has <div id="SFctr" data-org="{org}" data-ini="{start[:40]}">'
            # Nothing to start from means that the page decides in the browser.
            return Match(self.name, evidence, 1.0 if start else 0.7, page.url, facts)
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        self._page_url = urldefrag(match.page_url).url
        self._base = api_of(self._sheet, _API)
        self._org = match.facts["org"]
        named = self._sheet.options.extra.get("folders") or match.facts["folder"] or "Members"
        if match.facts["dek"]:
            yield from self._folder(match.facts["dek"])
            return
        for folder in dict.fromkeys(one.strip() for one in named.split("|")):
            if folder:
                yield self._directory({"_st": "", "_rf": folder})

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        if context.get("ask") == "profile":
            yield from self._read_profile(answer, context["id"])
            return
        reply = json_or_call(answer, _EXPECTED)
        refused(reply, _EXPECTED)
        rows = rows_of(member(reply, ("usr",), _EXPECTED), _EXPECTED, ("uid", "nam"))
        with_profiles = self._with_profiles(rows)
        fresh = 0
        for row in rows:
            reason = hidden_reason(row)
            if reason:
                yield Hidden(reason)
                continue
            listing = self._listing(row, answer.url)
            again = listing.native_id in self._listed
            fresh += not again
            self._listed.setdefault(listing.native_id, listing)
            uid = row_id(row, "uid")
            if not with_profiles or not uid or not self._base:
                yield listing
            elif not again:
                yield self._ask(
                    f"{self._base}/v2/account/{quote(uid, safe='')}/profile",
                    {"ask": "profile", "id": listing.native_id},
                )
        yield from self._further(reply, context, fresh)

    def _further(
        self, reply: Mapping[str, Any], context: Mapping[str, Any], fresh: int
    ) -> Iterator[Request]:
        """The folders an answer names, and the page it says comes next."""
        folders = reply.get("dek")
        for one in folders if isinstance(folders, list) and self._base else ():
            number = printed(
                (one.get("did") or one.get("_id") or one.get("id"))
                if isinstance(one, dict)
                else one
            )
            if number and re.fullmatch(r"[0-9a-f]{24}", number):
                yield from self._folder(number)
        cursor = text_of(reply.get("_st"))
        query = context.get("query")
        if cursor and fresh and isinstance(query, dict) and query.get("_st") != cursor:
            yield self._directory({**query, "_st": cursor}, paging=True)

    def _folder(self, number: str) -> Iterator[Request]:
        if number not in self._folders and len(self._folders) < _MOST_FOLDERS:
            self._folders.add(number)
            yield self._directory({"_st": "", "dek": number})

    def _directory(self, query: Mapping[str, str], *, paging: bool = False) -> Request:
        url = f"{self._base}/v2/directory?{urlencode(query, quote_via=quote)}"
        return self._ask(url, {"ask": "directory", "query": dict(query)}, paging=paging)

    def _ask(self, url: str, context: dict[str, Any], *, paging: bool = False) -> Request:
        page = urlsplit(self._page_url)
        headers = {
            "Accept": "application/json",
            "X-Org": self._org,
            "Referer": self._page_url,
            "Origin": f"{page.scheme}://{page.netloc}",
        }
        return Request(url, headers=headers, meta={"about": context, "paging": paging})

    def _with_profiles(self, rows: list[Mapping[str, Any]]) -> bool:
        said = self._sheet.options.extra.get("profiles")
        if said in ("yes", "no"):
            return said == "yes"
        return bool(rows) and not any(_address(row) for row in rows)

    def _read_profile(self, answer: Response, native_id: str) -> Iterator[Reading]:
        row = json_or_call(answer, "a member's profile")
        refused(row, "a member's profile")
        rows_of([row], "a member's profile", ("uid", "nam"))
        reason = hidden_reason(row)
        if reason:
            yield Hidden(reason)
            return
        more, listed = self._listing(row, answer.url), self._listed.get(native_id)
        if listed is None:
            yield more
            return
        missing = {
            field: text
            for field, text in more.printed().items()
            if field not in ("extra", "native_id", "seen_url") and getattr(listed, field) is None
        }
        yield replace(listed, extra={**more.extra, **listed.extra}, **missing)

    def _listing(self, row: Mapping[str, Any], url: str) -> Listing:
        clean = allowed(row, _KEPT, self._sheet.options.columns) | _address(row)
        phones = names_in(row.get("phn"), "num", "val") or printed(row.get("phn"))
        # A field holds one number; what follows is a fax or a colleague as often as not.
        clean["phn"] = (phones or "").split(", ", maxsplit=1)[0]
        for key, name in _NAMES.items():
            if key in clean:
                clean[name] = clean.pop(key)
        point = row.get("loc")
        address = row.get("adr")
        if not point and isinstance(address, dict):
            point = address.get("loc")
        if isinstance(point, list) and len(point) >= 2:
            clean |= {"longitude": point[0], "latitude": point[1]}
        uid = row_id(row, "uid")
        if uid and self._page_url:
            clean["profile_url"] = f"{self._page_url}#!biz/id/{quote(uid, safe='')}"
        return self._rows.listing(clean, uid, self._page_url or url)


def _address(row: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a row's address that say something, wherever they stand."""
    within = row.get("adr")
    if within is not None and not isinstance(within, dict | list | str):
        raise WrongShape(f"expected {_EXPECTED}, got an address that is no object")
    parts = within if isinstance(within, dict) else row
    return {key: parts[key] for key in _ADDRESS if text_of(parts.get(key))}
