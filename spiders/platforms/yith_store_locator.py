"""YITH Store Locator: a WordPress plugin that answers with all stores when asked for no place.

How recognised
    An inline script that sets `yith_sl_store_locator`, the `<div id="yith-store-locator">` of the
    map, or the script `…/js/frontend/store-locator.js` of the plugin. Not by its name in a text.
What is asked
    The sitemap of the plugin's posts, `/wp-sitemap-posts-yith_sl_store-1.xml`, for an independent
    total. Optional: other sitemaps take its place on some sites.
    `POST admin-ajax.php` with `action=yith_sl_get_results`, `context=frontend`, `show_all=yes` and
    no coordinates: what the page's "show all stores" sends. Where that is not answered, the same
    as GET, which some versions read.
Limits
    None without coordinates: the plugin reads every published store. A sitemap holds 2,000
    addresses; a full one tells no total.
Traps
    * Without `context=frontend` the plugin thinks of its admin pages and does not answer.
    * `markers` hold name, id, slug and coordinates; address and contact stand in HTML, in each
      marker's `pin_modal` and, often with more in it, in the list `results`. Both are read.
    * `pin_modal` is the text "undefined" where the site shows no pop-ups.
    * Sites choose what a pop-up shows; the telephone is not shown as the plugin comes.
Source
    The plugin's own code in a public repository, and a program that reads such directories.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from parsel import Selector
from scrapy.http import FormRequest, Request, Response

from records.text import lines
from spiders.platforms import (
    Match,
    Reading,
    Surroundings,
    WrongShape,
    about,
    instead,
)
from spiders.platforms.json_answers import beginning, body_text, json_in, objects, printed
from spiders.platforms.map_rows import Rows, row_id
from spiders.platforms.popups import popup
from spiders.platforms.totals import sitemap_total
from spiders.platforms.wp import address, ajax_url, loaded, page_of, settings, with_query

_SETTINGS = re.compile(r"\byith_sl_store_locator\s*=")
_SCRIPT = re.compile(r"/yith-store-locator[\w-]*/assets/js/frontend/store-locator(?:\.min)?\.js")

_SITEMAP = "/wp-sitemap-posts-yith_sl_store-1.xml"

_EXPECTED = "an object with markers"
_FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude"}
_IGNORED = frozenset({"id", "slug", "pin_modal", "pin_icon", "featured", "distance"})
_FORM = {
    "action": "yith_sl_get_results",
    "context": "frontend",
    "show_all": "yes",
    "latitude": "",
    "longitude": "",
    "geolocation": "no",
}


class YithStoreLocator:
    """YITH Store Locator, as the module's docstring describes it."""

    name: ClassVar[str] = "yith_store_locator"
    title: ClassVar[str] = "YITH Store Locator"

    def __init__(self, around: Surroundings) -> None:
        self._rows = Rows(around.sheet, _FIELDS, _IGNORED)
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None

    def recognise(self, page: Response) -> Match | None:
        looked = page_of(page)
        if looked is None:
            return None
        found = settings(page, _SETTINGS)
        if found is not None:
            evidence, certainty = "the page sets yith_sl_store_locator", 1.0
        elif looked.xpath('//div[@id="yith-store-locator"]'):
            evidence, certainty = 'the page has <div id="yith-store-locator">', 0.8
        elif loaded(page, _SCRIPT):
            evidence, certainty = "the page loads YITH Store Locator's script", 0.6
        else:
            return None
        facts = {"ajax_url": ajax_url(page, (found or {}).get("ajaxurl"))}
        return Match(self.name, evidence, certainty, page.url, facts)

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.page_url
        sitemap = address(match.page_url, None, _SITEMAP)
        yield Request(sitemap, priority=20, meta={"about": {"ask": "sitemap"}, "optional": True})
        # A refusal of this one leads to the other; it ends nothing.
        other = self._get()
        otherwise = instead(other.url, **other.meta)
        meta = {"about": {"ask": "post"}, "optional": True, "otherwise": otherwise}
        yield FormRequest(match.facts["ajax_url"], formdata=_FORM, meta=meta)

    def _get(self) -> Request:
        url = with_query(self._facts["ajax_url"], urlencode(_FORM))
        return Request(url, meta={"about": {"ask": "get"}})

    def read(self, answer: Response) -> Iterator[Reading]:
        page_url = self._page_url or answer.url
        if about(answer).get("ask") == "sitemap":
            yield from sitemap_total(answer)
            return
        try:
            markers, results = _markers(answer)
        except WrongShape:
            if about(answer).get("ask") != "post" or not self._facts:
                raise
            yield self._get()
            return
        listed = {one.attrib["data-id"]: one for one in results.xpath("//*[@data-id]")}
        for marker in markers:
            number = row_id(marker)
            pin = printed(marker.get("pin_modal")) or ""
            values, extra = _card("" if pin == "undefined" else pin, page_url)
            if number in listed:
                more, also = _card(listed[number].get() or "", page_url)
                values, extra = {**more, **values}, {**also, **extra}
            yield self._rows.listing(marker, number, page_url, (values, extra))


def _markers(answer: Response) -> tuple[list[Mapping[str, Any]], Selector]:
    """(markers, the list as it is shown). Raises WrongShape."""
    reply = json_in(body_text(answer), _EXPECTED)
    if not isinstance(reply, dict) or "markers" not in reply:
        raise WrongShape(f"expected {_EXPECTED}, got {beginning(body_text(answer))}")
    markers = list(objects(reply["markers"] or [], _EXPECTED))
    for marker in markers:
        if "name" not in marker or "latitude" not in marker:
            raise WrongShape(f"expected {_EXPECTED}, got a marker with {sorted(marker)[:8]}")
    shown = printed(reply.get("results")) or ""
    return markers, Selector(text=f"<div>{shown}</div>", type="html")


def _card(html: str, page_url: str) -> tuple[dict[str, str], dict[str, str]]:
    """What a pop-up or an entry of the list says: by the plugin's own classes, then as any."""
    if not html.strip():
        return {}, {}
    box = Selector(text=f"<div>{html}</div>", type="html")
    values: dict[str, str] = {}
    for name, field in (("store-address", "address"), ("store-email", "email")):
        found = box.xpath(f'//*[contains(concat(" ", @class, " "), " {name} ")]').get()
        if found:
            parts = [part for part in lines(found) if not part.endswith(":")]
            text = ", ".join(part.strip(" ,") for part in parts)
            if field == "email":
                text = text.split(": ", 1)[-1]
                # One that the site hides from programs reads "[email protected]".
                text = text if "@" in text and "data-cfemail" not in found else ""
            values[field] = text
    site = box.xpath('//a[contains(@class, "view-website")]/@href').get()
    page = box.xpath('//*[contains(@class, "store-name")]//a/@href').get()
    for node in box.xpath('//a[contains(@class, "custom-link")] | //*[@class="store-name"]'):
        node.drop()
    said, extra = popup(box.get() or "", page_url)
    values = {**said, **{field: text for field, text in values.items() if text}}
    if site and site.strip().lower().startswith(("http://", "https://")):
        values["website"] = site.strip()
    if page and page.strip().lower().startswith(("http://", "https://")):
        values["profile_url"] = page.strip()
    text = extra.get("text", "")
    kept = [part for part in text.split(" | ") if part not in values.get("address", "")]
    extra.pop("text", None)
    if kept and kept != [""]:
        extra["text"] = " | ".join(kept)
    return values, extra
