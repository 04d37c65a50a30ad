"""Wild Apricot member directory: an empty page, and one POST that answers all members.

How recognised
    An inline script that sets `MemberDirectoryListRenderer.FormId`. The class
    `WaGadgetMemberDirectory` alone is a look-alike: without the form's number nothing can be asked.
What is asked
    `POST …/Sys/MemberDirectory/LoadMembers` with `formId` and `X-Requested-With: XMLHttpRequest`,
    at the address the page's script names. One answer holds every member; the pages one sees are
    made in the browser. With `profiles: "yes"` also each member's public page.
Limits
    None. The answer says `TotalCount`, which is compared with the rows it brings.
Traps
    * The body starts with `while(1);`, and `JsonStructure` is the text of a JavaScript object:
      bare keys, single quotes, `\\'`. Read with chompjs, which is fast enough for large lists.
    * Columns are called c1, c2, …; what they mean stands in `layout.cN.h` and differs per site, so
      they are mapped by heading: fields.py first knows the fact sheet's `options.columns`.
    * Cells are lists of parts, values are HTML-escaped, and an empty field is `[]` or absent.
    * Fields for members only are absent, not empty.
    * The members' ids are a second list in the same order. Lists of different length are half an
      answer.
Settings in the fact sheet's `options.extra`
    `profiles`: "yes" reads every member's page too, where the list lacks what a directory needs.
Source
    Wild Apricot's own script, and two programs that read such directories.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from scrapy.http import FormRequest, Request, Response, TextResponse

from records.listing import Listing
from records.text import plain
from spiders.platforms import Match, Reading, Surroundings, Total, WrongShape, about
from spiders.platforms.fields import field_for, hashed_id, sort_cells
from spiders.platforms.json_answers import beginning, body_text, json_in, literal, printed

#: A statement of its own, not words in a text about it.
_FORM_ID = re.compile(
    r"(?:^|[;{}(),]|\*/)\s*(?:window\.)?MemberDirectoryListRenderer\.FormId"
    r"\s*=\s*['\"]?(\d{1,12})",
    re.M,
)
_LOAD = re.compile(
    r"MemberDirectoryListWebServiceUrl_LoadMembers\s*=\s*(?:'([^'\s]{1,500})'|\"([^\"\s]{1,500})\")"
)
_DETAILS = re.compile(r"detailsUrlTemplate\s*=\s*(?:'([^'\s]{1,500})'|\"([^\"\s]{1,500})\")")
_GUARD = re.compile(r"^\s*while\s*\(\s*1\s*\)\s*;\s*")

_EXPECTED = "while(1); and JSON with TotalCount and JsonStructure"


class WildApricot:
    """Wild Apricot, as the module's docstring describes it."""

    name: ClassVar[str] = "wild_apricot"
    title: ClassVar[str] = "Wild Apricot member directory"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None
        self._listed: dict[str, Listing] = {}

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse):
            return None
        for script in page.xpath("//script[not(@src)]/text()").getall():
            form = _FORM_ID.search(script)
            if form:
                facts = {
                    "form_id": form[1],
                    "load_url": _address(page, _LOAD, script, "/Sys/MemberDirectory/LoadMembers"),
                    "profile_base": _address(page, _DETAILS, script, "/Sys/PublicProfile/"),
                }
                evidence = f"the page sets MemberDirectoryListRenderer.FormId = {form[1]}"
                return Match(self.name, evidence, 1.0, page.url, facts)
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.page_url
        yield FormRequest(
            match.facts["load_url"],
            formdata={"formId": match.facts["form_id"]},
            headers={"X-Requested-With": "XMLHttpRequest"},
            meta={"about": {"ask": "members"}},
        )

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        if context.get("ask") == "profile":
            yield from self._read_profile(answer, context["id"])
            return
        count, rows, ids, headings = _members(answer)
        if count is not None:
            yield Total(count, "Wild Apricot TotalCount")
        with_profiles = self._sheet.options.extra.get("profiles") == "yes"
        for place, row in enumerate(rows):
            listing = self._listing(row, ids[place] if ids else "", headings, answer.url)
            if listing.native_id in self._listed:
                continue
            self._listed[listing.native_id] = listing
            if with_profiles and listing.profile_url:
                context = {"ask": "profile", "id": listing.native_id}
                yield Request(listing.profile_url, meta={"about": context})
            else:
                yield listing

    def _listing(
        self, row: Mapping[str, Any], member: str, headings: Mapping[str, str], url: str
    ) -> Listing:
        printed_row = [(headings.get(key, key), _cell(cell)) for key, cell in row.items()]
        values, extra = sort_cells(printed_row, self._sheet.options.columns)
        profile = None
        if member and self._facts:
            base = self._facts["profile_base"]
            profile = f"{base.rstrip('/')}/{member}/{self._facts['form_id']}"
        # The fact sheet may map a column to the member's own page; the service's address wins.
        values |= {"profile_url": profile} if profile else {}
        return Listing(
            source_id=self._sheet.id,
            native_id=member or hashed_id(values, self._sheet.options.identity),
            seen_url=self._page_url or url,
            extra=extra,
            **values,
        )

    def _read_profile(self, answer: Response, member: str) -> Iterator[Reading]:
        listed = self._listed[member]
        if not isinstance(answer, TextResponse) or not answer.xpath(
            '//*[contains(concat(" ", normalize-space(@class), " "), '
            '" memberDirectoryDetailsContainer ")]'
        ):
            raise WrongShape(
                "expected a page with memberDirectoryDetailsContainer, "
                f"got {beginning(body_text(answer))}"
            )
        cells = []
        for block in answer.xpath('//*[contains(@class, "fieldSubContainer")]'):
            label = plain(" ".join(block.xpath('.//*[@class="fieldLabel"]//text()').getall()))
            body = block.xpath('.//*[@class="fieldBody"]')
            link = block.xpath('.//*[@class="fieldBody"]//a[starts-with(@href, "http")]/@href')
            is_site = field_for(label, self._sheet.options.columns) == "website"
            text = link.get() if is_site and link else plain(" ".join(body.getall()))
            cells.append((label.rstrip(" :"), text or ""))
        values, extra = sort_cells(cells, self._sheet.options.columns)
        missing = {
            field: text
            for field, text in values.items()
            if getattr(listed, field) is None and field != "profile_url"
        }
        yield replace(listed, extra={**extra, **listed.extra}, **missing)


def _address(page: TextResponse, pattern: re.Pattern[str], script: str, usual: str) -> str:
    """An address the script names, or the usual one; never anything but http."""
    found = pattern.search(script)
    url = urljoin(page.url, (found[1] or found[2]) if found else usual)
    return url if urlsplit(url).scheme in ("http", "https") else urljoin(page.url, usual)


def _members(
    answer: Response,
) -> tuple[int | None, list[Mapping[str, Any]], list[str], dict[str, str]]:
    """(TotalCount, rows, member ids or none, heading of each column). Raises WrongShape."""
    reply = json_in(_GUARD.sub("", body_text(answer), count=1), _EXPECTED)
    if not isinstance(reply, dict) or not isinstance(reply.get("JsonStructure"), str):
        raise WrongShape(f"expected {_EXPECTED}, got {beginning(body_text(answer))}")
    structure = literal(reply["JsonStructure"])
    members = structure.get("members") if isinstance(structure, dict) else None
    layout = structure.get("layout") if isinstance(structure, dict) else None
    if not (
        isinstance(structure, dict)
        and isinstance(members, list)
        and members
        and isinstance(layout, dict)
        and isinstance(members[0], list)
        and all(isinstance(row, dict) for row in members[0])
    ):
        raise WrongShape("expected members and layout in JsonStructure")
    ids = members[1] if len(members) > 1 else []
    if not isinstance(ids, list) or (ids and len(ids) != len(members[0])):
        raise WrongShape("expected as many member ids as members")
    headings = {
        key: plain(column["h"])
        for key, column in layout.items()
        if isinstance(column, dict) and isinstance(column.get("h"), str)
    }
    count = reply.get("TotalCount")
    total = count if isinstance(count, int) and not isinstance(count, bool) else None
    return total, members[0], [plain(printed(one) or "") for one in ids], headings


def _cell(cell: Any) -> str:
    """The text of a cell: its parts' values, one after another."""
    if isinstance(cell, list):
        return ", ".join(text for part in cell if (text := _cell(part)))
    if isinstance(cell, dict):
        return _cell(cell.get("v"))
    return plain(printed(cell) or "")
