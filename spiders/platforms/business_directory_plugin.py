"""Business Directory Plugin: a WordPress plugin that prints lists and a page for every entry.

How recognised
    An element of the class `wpbdp-listing`, an element with the id `wpbdp-main-box` or of the
    class `wpbdp-page`, or an inline script that sets `wpbdp_global`. The last, which other pages
    of the site load too, is a look-alike. Not by the plugin's folder or name.
What is asked
    1. `/wp-json/wp/v2/wpbdp_listing?per_page=1&_fields=id`: how many there are (X-WP-Total). The
       API says nothing else that is needed, and some sites switch it off.
    2. The list of all entries (`?wpbdp_view=all_listings`) and its following pages.
    3. Entries' own pages, where they say more than the list: owners choose for every field whether
       the list shows it.
Limits
    Ten entries a page.
Traps
    * A page past the last is status 200 and says "No listings found."
    * An entry that is not published leads to a page with `inactive_listing=1`: it is hidden.
    * The address is free text with line breaks, the ZIP code a field of its own; in the JSON-LD of
      an entry's page the town stands within the street. The fields are read, not the JSON-LD.
    * Owners name their fields: what they mean says their label.
    * No coordinates in the free version.
Settings in the fact sheet's `options.extra`
    `profiles`: "yes" or "no" reads every entry's own page or none.
Source
    The plugin's own code (6.4.24, in public repositories) and answers of a running server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urljoin

from parsel import Selector
from scrapy.http import Request, Response, TextResponse

from records.text import plain
from spiders.platforms import Hidden, Match, Reading, Surroundings, Total, WrongShape, about
from spiders.platforms.class_fields import class_fields
from spiders.platforms.entry_pages import Entry, EntryPages
from spiders.platforms.fields import hashed_id
from spiders.platforms.json_answers import beginning, body_text
from spiders.platforms.map_rows import link_of
from spiders.platforms.pager import next_page, visible_text
from spiders.platforms.wp import rest_url, settings, with_query
from spiders.platforms.wp_rest import route, total

_SETTINGS = re.compile(r"\bwpbdp_global\s*=(?!=)")
_BOX = (
    '//*[@id="wpbdp-main-box" or contains(concat(" ", @class, " "), " wpbdp-main-box ")'
    ' or contains(concat(" ", @class, " "), " wpbdp-page ")]'
)
_LISTING = '//*[contains(concat(" ", @class, " "), " wpbdp-listing ")]'
_LISTS = "//*[contains(@class, 'wpbdp-listings-list') or @id='wpbdp-listings-list']"
#: Not what the plugin puts beside the name: what the field is kept as, and where it is shown.
_FIELD = re.compile(
    r"wpbdp-field-(?!(?:display|value|meta|title|content|category|tags|excerpt|type-[\w-]+|"
    r"association-[\w-]+)$)([\w-]+)"
)
_NUMBER = re.compile(r"\bwpbdp-listing-(\d{1,12})\b")
_ALL = "wpbdp_view=all_listings"
_NOBODY = re.compile(r"no listings (?:were )?found", re.I)


class BusinessDirectoryPlugin:
    """Business Directory Plugin, as the module's docstring describes it."""

    name: ClassVar[str] = "business_directory_plugin"
    title: ClassVar[str] = "Business Directory Plugin"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._entries = EntryPages(
            around.sheet, self._read_entry_page, "a page with the fields of one listing"
        )

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse):
            return None
        shown = len(page.xpath(_LISTING))
        facts = {"rest": rest_url(page), "all": _all_of(page)}
        if shown:
            return Match(self.name, f"{shown} of the class wpbdp-listing", 0.95, page.url, facts)
        if page.xpath(_BOX):
            return Match(self.name, "the page has wpbdp-main-box", 0.9, page.url, facts)
        if settings(page, _SETTINGS) is not None:
            return Match(self.name, "the page sets wpbdp_global", 0.35, page.url, facts)
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        url = route(match.facts["rest"], "wp/v2/wpbdp_listing", per_page=1, _fields="id")
        yield Request(url, priority=20, meta={"about": {"ask": "count"}, "optional": True})
        yield Request(match.facts["all"], meta={"about": {"ask": "list", "page": 1}})

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        match context.get("ask"):
            case "count":
                said = total(answer)
                if said is not None and answer.status < 400:
                    yield Total(said, "WordPress REST API (X-WP-Total)", independent=True)
            case "entry":
                yield from self._entries.read(answer, context)
            case _:
                yield from self._read_list(answer, context)

    def _read_list(self, answer: Response, context: Mapping[str, Any]) -> Iterator[Reading]:
        number = int(context.get("page", 1))
        shown = answer.xpath(_LISTING) if isinstance(answer, TextResponse) else []
        if not shown or not isinstance(answer, TextResponse):
            is_list = isinstance(answer, TextResponse) and answer.xpath(f"{_BOX} | {_LISTS}")
            if (is_list or number > 1) and _NOBODY.search(visible_text(answer)):
                return
            raise WrongShape(f"expected wpbdp-listing, got {beginning(body_text(answer))}")
        found = [self._entry(one, answer) for one in shown]
        fresh = [one for one in found if one.native_id not in self._entries.seen]
        if number == 2 and not fresh:
            raise WrongShape("expected more people on page 2, got those of page 1 again")
        yield from self._entries.listed(fresh, answer.url)
        following = next_page(answer)
        if fresh and following and context:
            held = [one.native_id for one in fresh]
            meta = {"about": {"ask": "list", "page": number + 1}, "paging": True, "held": held}
            # Before the entries' pages, so that all of them are known early.
            yield Request(following, meta=meta, priority=10)

    def _entry(self, node: Selector, page: TextResponse) -> Entry:
        values, extra = class_fields(node, _FIELD, self._sheet.options.columns)
        link = node.xpath(
            './/*[contains(@class, "listing-title")]//a/@href'
            ' | .//*[contains(@class, "wpbdp-field-title")]//a/@href'
            ' | .//a[.//*[contains(@class, "listing-title")]]/@href'
        ).get()
        title = node.xpath(
            './/*[contains(concat(" ", @class, " "), " listing-title ")]'
            ' | .//*[contains(@class, "wpbdp-field-title")]//*[contains(@class, "value")]'
        ).get()
        name = plain(title or "") or str(values.get("practice") or values.get("name") or "")
        values["name"] = name
        known = _NUMBER.search(f"{node.xpath('@id').get()} {node.xpath('@class').get()}")
        url = _joined(page.url, link)
        native = known[1] if known else hashed_id({**values, "profile_url": url or ""})
        if values.get("practice") == name:
            # The title is a field too, named after businesses.
            del values["practice"]
        return Entry(native, {key: text for key, text in values.items() if text}, extra, url)

    def _read_entry_page(self, page: TextResponse) -> Entry | Hidden | None:
        if "inactive_listing=" in page.url:
            return Hidden("inactive")
        nodes = page.xpath(_LISTING) or page.xpath(f"{_BOX}")
        if not nodes:
            return None
        entry = self._entry(nodes[0], page)
        values = dict(entry.values)
        if not values.get("name"):
            values["name"] = plain(page.xpath("//h1").get() or "")
        return Entry(entry.native_id, values, entry.extra, page.url) if values["name"] else None


def _all_of(page: TextResponse) -> str:
    """The address of the list of everybody: as the page links to it, else as the plugin has it."""
    for link in page.xpath("//a/@href").getall():
        if _ALL in link and "/page/" not in link:
            url = _joined(page.url, link)
            if url:
                return url
    return with_query(page.url.split("#", 1)[0].split("?", 1)[0], _ALL)


def _joined(base: str, link: str | None) -> str | None:
    if not link:
        return None
    try:
        url = urljoin(base, link_of(link))
    except ValueError:
        return None
    return url if re.match(r"https?://", url) else None
