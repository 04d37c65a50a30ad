"""Directorist: a WordPress plugin for business directories, by its REST API or by its cards.

How recognised
    An inline script that sets `directorist` (or the older `atbdp_…`) with an `ajax_nonce`; cards of
    the class `directorist-listing-single`; a map whose `data-card` holds entries; or
    `directorist/v1` among the namespaces of the site's REST API. The script alone, which other
    pages of the site load too, is a look-alike.
What is asked
    1. `/wp-json/directorist/v1/listings?per_page=100&page=N`.
    2. Where visitors may not read it (401), or it is not there: the cards of the page that was
       recognised and of the pages after it, and entries' own pages where they say more than
       their card. Coordinates that the page's map carries in `data-card` are added to them.
Limits
    100 rows a page; six cards a page. X-WP-Total says how many there are.
Traps
    * Past the last page the API answers 200 and `[]`, core would answer 400.
    * Single entries are handed out even when they are drafts: they are never asked for by number,
      and rows whose status is not `publish` are dropped.
    * `map_hidden` entries do not want to be shown on a map: their address and coordinates are
      left out. `owner_contact_hidden` entries do not want to be contacted: dropped.
    * `date_modified` is the time of reading, `related_ids` change at every read: neither is kept.
    * `radius` is accepted and ignored; the instant search needs a nonce and is not asked.
    * Names are HTML; empty fields are "" or null.
Settings in the fact sheet's `options.extra`
    `profiles`: "yes" or "no" reads every entry's own page or none, where cards are read.
Source
    The plugin's own code (8.9.2, in public repositories) and answers of a running server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urljoin

from parsel import Selector
from scrapy.http import Request, Response, TextResponse

from records.text import plain
from spiders.platforms import (
    Hidden,
    Match,
    Reading,
    Surroundings,
    Total,
    WrongShape,
    about,
    instead,
)
from spiders.platforms.class_fields import class_fields
from spiders.platforms.entry_pages import Entry, EntryPages
from spiders.platforms.fields import hashed_id
from spiders.platforms.json_answers import beginning, body_text, is_yes, printed
from spiders.platforms.map_rows import Rows, link_of, row_id, text_of
from spiders.platforms.pager import next_page, says_nobody
from spiders.platforms.popups import popup
from spiders.platforms.wp import rest_url, settings
from spiders.platforms.wp_rest import (
    PER_PAGE,
    index,
    index_url,
    namespaces,
    pages,
    route,
    rows,
    site_of,
    total,
)

_SETTINGS = re.compile(r"\b(?:directorist|atbdp_public_data|atbdp_search)\s*=(?!=)")
_CARD = '//*[contains(concat(" ", @class, " "), " directorist-listing-single ")]'
_MAP = "//*[@data-card]/@data-card"
#: Not the area, which is no address, nor what is counted, dated or rated.
_NO_FIELD = r"(?!(?:locations?|categor\w+|tags?|posted[\w-]*|rating|price|view[\w-]*|author)$)"
_FIELD = re.compile(rf"directorist-listing-card-{_NO_FIELD}([\w-]+)")
#: Cards on an entry's own page are other entries'.
_ON_PAGE = re.compile(rf"directorist-single-info-{_NO_FIELD}([\w-]+)")
_POST_ID = re.compile(r"\bpostid-(\d{1,12})\b")
_NUMBER = re.compile(r"^\d{1,12}$")

_EXPECTED = "a JSON array of Directorist listings"
_FIELDS = {
    "name": "name",
    "address": "address",
    "zip": "postcode",
    "phone": "phone",
    "email": "email",
    "website": "website",
    "permalink": "profile_url",
    "latitude": "latitude",
    "longitude": "longitude",
}
#: Of the post, the shop or the moment of reading: nothing about the person.
_IGNORED = frozenset(
    """id slug date_created date_created_gmt date_modified date_modified_gmt short_description
    social_links views_count map_hidden pricing_type price price_range owner_contact_hidden
    video_url directory date_expired never_expired featured new popular status reviews_allowed
    average_rating rating_count related_ids tags images menu_order author plan _links
    categories locations""".split()
)
#: What an entry that hides its map does not want printed.
_PLACE = frozenset({"address", "zip", "latitude", "longitude", "locations"})


class Directorist:
    """Directorist, as the module's docstring describes it."""

    name: ClassVar[str] = "directorist"
    title: ClassVar[str] = "Directorist"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS, _IGNORED)
        self._entries = EntryPages(around.sheet, self._read_entry_page, "a page of one listing")
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None
        self._seen: set[str] = set()
        self._points: dict[str, Mapping[str, str]] = {}
        """What the map of the page says of an entry, by its number."""

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse):
            return None
        found = index(page)
        if found is not None:
            if "directorist/v1" not in namespaces(found):
                return None
            facts = _facts(index_url(page), None)
            return Match(self.name, "directorist/v1 in the REST API", 0.9, page.url, facts)
        cards = len(page.xpath(_CARD))
        mapped = len(_mapped(page))
        set_by = settings(page, _SETTINGS)
        named = set_by is not None and bool({"ajax_nonce", "directorist_nonce"} & set(set_by))
        facts = _facts(rest_url(page), page.url)
        if cards or mapped:
            evidence = f"{cards} cards of the class directorist-listing-single"
            if not cards:
                evidence = f"a map of Directorist with {mapped} entries"
            return Match(self.name, evidence, 1.0 if named else 0.85, page.url, facts)
        if named:
            return Match(self.name, "the page sets directorist.ajax_nonce", 0.4, page.url, facts)
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.facts["page"]
        yield self._listings(1)

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        match context.get("ask"):
            case "page":
                yield from self._read_page(answer, int(context["number"]))
            case "entry":
                yield from self._entries.read(answer, context)
            case _:
                yield from self._read_listings(answer, int(context.get("page", 0)))

    # The REST API

    def _listings(self, number: int) -> Request:
        url = route(self._facts["rest"], "directorist/v1/listings", per_page=PER_PAGE, page=number)
        meta: dict[str, Any] = {"about": {"ask": "listings", "page": number}}
        if number == 1:
            first = self._page_url or self._facts["site"]
            meta |= {"optional": True, "otherwise": instead(first, about=_page_ask(1))}
        else:
            meta["paging"] = True
        return Request(url, meta=meta)

    def _read_listings(self, answer: Response, number: int) -> Iterator[Reading]:
        found = rows(answer, _EXPECTED)
        for row in found:
            if "name" not in row or not ("permalink" in row or "address" in row):
                raise WrongShape(f"expected {_EXPECTED}, got an entry with keys {sorted(row)[:8]}")
        said = total(answer)
        if number <= 1 and said is not None:
            yield Total(said, "Directorist REST API (X-WP-Total)")
        before = len(self._seen)
        for row in found:
            self._seen.add(row_id(row))
            yield from self._row(row)
        last = pages(answer)
        more = number < last if last is not None else len(found) >= PER_PAGE
        if number and more and len(self._seen) > before:
            yield self._listings(number + 1)

    def _row(self, row: Mapping[str, Any]) -> Iterator[Reading]:
        status = (printed(row.get("status")) or "").lower()
        if status not in ("", "publish"):
            yield Hidden(f"status {status}")
            return
        if is_yes(row.get("owner_contact_hidden")):
            yield Hidden("its contact is hidden")
            return
        no_map = is_yes(row.get("map_hidden"))
        flat = {key: value for key, value in row.items() if not (no_map and key in _PLACE)}
        for key, name in (("categories", "category"), ("locations", "area")):
            terms = text_of(_names(row.get(key)))
            if terms and not (no_map and key == "locations"):
                flat[name] = terms
        seen = self._page_url or link_of(row.get("permalink"))
        yield self._rows.listing(flat, row_id(row), seen)

    # The cards

    def _read_page(self, answer: Response, number: int) -> Iterator[Reading]:
        cards = answer.xpath(_CARD) if isinstance(answer, TextResponse) else []
        mapped = _mapped(answer) if isinstance(answer, TextResponse) else []
        if number > 1 and not cards and says_nobody(answer):
            return
        if not (cards or mapped) or not isinstance(answer, TextResponse):
            raise WrongShape(f"expected cards of Directorist, got {beginning(body_text(answer))}")
        for one in mapped:
            point = {key: text_of(one.get(key)) for key in ("latitude", "longitude")}
            self._points.setdefault(
                row_id(one, "listing_id"), {key: text for key, text in point.items() if text}
            )
        if number == 1 and mapped:
            yield Total(len(mapped), "the page's own map")
        found = [self._card(one, answer) for one in cards]
        if not found:
            found = [self._balloon(one, answer) for one in mapped]
        fresh = [one for one in found if one.native_id not in self._entries.seen]
        if number == 2 and found and not fresh:
            raise WrongShape("expected more people on page 2, got those of page 1 again")
        yield from self._entries.listed(fresh, answer.url)
        following = next_page(answer)
        if fresh and following:
            held = [one.native_id for one in fresh]
            meta = {"about": _page_ask(number + 1), "paging": True, "held": held}
            yield Request(following, meta=meta, priority=10)

    def _card(self, card: Selector, page: TextResponse) -> Entry:
        values, extra = class_fields(card, _FIELD, self._sheet.options.columns)
        link = card.xpath(
            './/*[contains(@class, "listing-title")]//a/@href'
            ' | .//a[contains(@class, "listing-title")]/@href | .//header//a/@href'
        ).get()
        url = _page_of(page, link)
        name = card.xpath('.//*[contains(@class, "listing-title")]').get()
        values["name"] = plain(name or card.xpath(".//h2 | .//h3 | .//h4").get() or "")
        native = _number_of(card) or hashed_id({**values, "profile_url": url})
        return Entry(native, self._with_point(native, values), extra, url)

    def _balloon(self, one: Mapping[str, Any], page: TextResponse) -> Entry:
        """An entry of the map, where the page has no cards."""
        native = row_id(one, "listing_id")
        html = printed(one.get("content")) or ""
        values, extra = popup(html, page.url, self._sheet.options.columns)
        box = Selector(text=f"<div>{html}</div>", type="html")
        title = box.xpath("//h1 | //h2 | //h3 | //h4 | //*[contains(@class, 'title')]").get()
        link = box.xpath("//h1//a/@href | //h2//a/@href | //h3//a/@href | //h4//a/@href").get()
        name = plain(title or box.xpath("//a").get() or "")
        return Entry(
            native,
            self._with_point(native, {**values, "name": name}),
            extra,
            _page_of(page, link or box.xpath("//a/@href").get()),
        )

    def _with_point(self, native: str, values: Mapping[str, Any]) -> dict[str, Any]:
        whole = {**self._points.get(native, {}), **values}
        return {key: text for key, text in whole.items() if text}

    def _read_entry_page(self, page: TextResponse) -> Entry | None:
        values, extra = class_fields(page.selector, _ON_PAGE, self._sheet.options.columns)
        heading = (
            page.xpath('//*[contains(@class, "directorist-listing-details__listing-title")]').get()
            or page.xpath("//h1").get()
        )
        name = plain(heading or "")
        known = _POST_ID.search(page.xpath("//body/@class").get() or "")
        is_listing = known and "single-at_biz_dir" in (page.xpath("//body/@class").get() or "")
        if not values and not is_listing:
            return None
        if name:
            values["name"] = name
        return Entry(known[1] if known else "", values, extra, page.url)


def _page_ask(number: int) -> dict[str, Any]:
    return {"ask": "page", "number": number}


def _facts(rest: str, page: str | None) -> dict[str, Any]:
    return {"rest": rest, "site": site_of(rest), "page": page}


def _names(value: Any) -> list[Any]:
    terms = value if isinstance(value, list) else []
    return [one.get("name") for one in terms if isinstance(one, dict)]


def _mapped(page: TextResponse) -> list[Mapping[str, Any]]:
    """The entries that a map of the page carries; none where there is none."""
    for text in page.xpath(_MAP).getall():
        try:
            found = json.loads(text, parse_float=str)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, list):
            entries: list[Mapping[str, Any]] = [
                one for one in found if isinstance(one, dict) and "listing_id" in one
            ]
            if entries:
                return entries
    return []


def _number_of(card: Selector) -> str | None:
    """The entry's number, which a card carries for its favourite button, or its id."""
    for text in card.xpath("(.|.//*)/@data-listing_id | (.|.//*)/@data-listing-id").getall():
        if _NUMBER.match(text.strip()):
            return text.strip()
    found = re.search(
        r"\bpost-(\d{1,12})\b", f"{card.xpath('@id').get()} {card.attrib.get('class')}"
    )
    return found[1] if found else None


def _page_of(page: TextResponse, link: str | None) -> str | None:
    if not link:
        return None
    try:
        url = urljoin(page.url, link_of(link))
    except ValueError:
        return None
    return url if re.match(r"https?://", url) else None
