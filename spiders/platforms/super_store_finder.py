"""Super Store Finder: a WordPress plugin that writes its whole list as XML or as a JSON file.

How recognised
    An inline script that sets `ssf_wp_base` (the plugin's own address, whatever its folder is
    called) or names `ssf-wp-xml.php` or `ssf-data.json`; or a script loaded from a folder
    `…superstorefinder-wp/`. Not by its style sheet, nor by its name in a text.
What is asked
    `{plugin}/ssf-wp-xml.php?wpml_lang=`, once; where that is no XML, the file
    `wp-content/uploads/ssf-wp-uploads/ssf-data.json`. The file first, where the page names it. The
    time that the plugin's script adds to the address only defeats caches: it is not sent.
Limits
    None, no paging, no total.
Traps
    * The XML is written by hand: HTML's entities (`&nbsp;`), bare ampersands, and text that is
      escaped twice (`&amp;#44;` for a comma).
    * `address` is one line, its parts apart by two blanks; entities and line breaks in it.
    * `storeId` is often empty, and `sortord` is a place in a list that moves: neither is trusted
      alone. Without a `storeId` of its own an entry is known by name and address.
    * `operatingHours` and `description` hold HTML; what a description says is read as a pop-up.
    * `exturl` is another link of the entry, often a page of the directory's own site.
    * In JSON the rows stand in `item`, or are the whole answer.
Safety
    Rows with `is_published` 0 are dropped. Declarations in the XML are not read.
Source
    Programs that read such directories; forks of the plugin's code in public repositories.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from records.listing import Listing
from records.text import unescaped
from spiders.platforms import Hidden, Match, Reading, Surroundings, WrongShape, about, instead
from spiders.platforms.json_answers import beginning, body_text, json_in, objects, printed
from spiders.platforms.map_rows import Rows, link_of, row_id, text_of
from spiders.platforms.popups import popup
from spiders.platforms.wp import address, inline_scripts, loaded, page_of
from spiders.platforms.xml_answers import children, xml_in

_BASE = re.compile(r"\bssf_wp_base\s*=\s*[\"']([^\"'\s]{4,300})[\"']")
_UPLOADS = re.compile(r"\bssf_wp_uploads_base\s*=\s*[\"']([^\"'\s]{4,300})[\"']")
_XML = re.compile(r"[\"']([^\"'\s]{0,300}/ssf-wp-xml\.php)[^\"'\s]*[\"']")
_JSON = re.compile(r"[\"']([^\"'\s]{0,300}/ssf-data\.json)[^\"'\s]*[\"']")
_SCRIPT = re.compile(r"^[^\s?#]*?/[\w-]*superstorefinder-wp(?=/)")

_EXPECTED = "XML of store items"
_EXPECTED_JSON = "JSON of store items"
_FIELDS = {
    "location": "name",
    "address": "address",
    "telephone": "phone",
    "email": "email",
    "website": "website",
    "latitude": "latitude",
    "longitude": "longitude",
    "country": "country",
}
_IGNORED = frozenset(
    """storeId sortord description operatingHours embedvideo defaultmedia fax contactus exturl
    storeimage custmmarker storeRat storeTotalRat is_published category_icon zoom""".split()
)
_XML_ADDRESS = "/wp-content/plugins/superstorefinder-wp"
_JSON_ADDRESS = "/wp-content/uploads/ssf-wp-uploads/ssf-data.json"


class SuperStoreFinder:
    """Super Store Finder, as the module's docstring describes it."""

    name: ClassVar[str] = "super_store_finder"
    title: ClassVar[str] = "Super Store Finder"

    def __init__(self, around: Surroundings) -> None:
        self._rows = Rows(around.sheet, _FIELDS, _IGNORED)
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None
        self._trouble = ""

    def recognise(self, page: Response) -> Match | None:
        looked = page_of(page)
        if looked is None:
            return None
        scripts = "\n".join(inline_scripts(page)).replace("\\/", "/")
        base, uploads = _BASE.search(scripts), _UPLOADS.search(scripts)
        xml, file = _XML.search(scripts), _JSON.search(scripts)
        script = loaded(page, _SCRIPT)
        found = _SCRIPT.match(script) if script else None
        if base:
            evidence, certainty = "the page sets ssf_wp_base", 1.0
        elif xml or file:
            evidence, certainty = "a script of the page names Super Store Finder's list", 0.9
        elif found:
            evidence, certainty = "the page loads scripts of superstorefinder-wp", 0.6
        else:
            return None
        folder = base[1] if base else found[0] if found else _XML_ADDRESS
        listed = xml[1] if xml else f"{folder.rstrip('/')}/ssf-wp-xml.php"
        stored = file[1] if file else f"{uploads[1].rstrip('/')}/ssf-data.json" if uploads else ""
        xml_url = address(page.url, listed, f"{_XML_ADDRESS}/ssf-wp-xml.php")
        facts = {
            "xml_url": f"{xml_url}?wpml_lang=",
            "json_url": address(page.url, stored, _JSON_ADDRESS),
            "json_first": file is not None and xml is None,
        }
        return Match(self.name, evidence, certainty, page.url, facts)

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.page_url
        yield self._ask("json" if match.facts["json_first"] else "xml", first=True)

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        try:
            rows = _rows(answer)
        except WrongShape as error:
            # What the first address answered says more than that the second is not there.
            self._trouble = self._trouble or str(error)
            if not context.get("first") or not self._facts:
                raise WrongShape(self._trouble) from error
            yield self._ask("xml" if context["ask"] == "json" else "json", first=False)
            return
        ids = Counter(row_id(row, "storeId") for row in rows)
        for row in rows:
            if text_of(row.get("is_published")) in ("0", "false"):
                yield Hidden("not published")
                continue
            number = row_id(row, "storeId")
            # "0" for everybody is no id.
            own = number if number and ids[number] == 1 else ""
            yield self._listing(row, own, self._page_url or answer.url)

    def _ask(self, kind: str, *, first: bool) -> Request:
        meta: dict[str, Any] = {"about": {"ask": kind, "first": first}}
        if first:
            other = self._ask("xml" if kind == "json" else "json", first=False)
            meta |= {"optional": True, "otherwise": instead(other.url, **other.meta)}
        return Request(self._facts[f"{kind}_url"], meta=meta)

    def _listing(self, row: Mapping[str, Any], number: str, page_url: str) -> Listing:
        said, extra = popup(printed(row.get("description")) or "", page_url)
        link = link_of(row.get("exturl"))
        if link:
            own = _host(link) in ("", _host(page_url))
            said.setdefault("profile_url" if own else "website", link)
        line = _one_line(printed(row.get("address")) or "")
        return self._rows.listing({**row, "address": line}, number, page_url, (said, extra))


def _rows(answer: Response) -> list[Mapping[str, Any]]:
    """The rows of either form; which one it is shows in its first letter."""
    text = body_text(answer).lstrip()
    rows: list[Mapping[str, Any]]
    if text[:1] in ("{", "["):
        reply = json_in(text, _EXPECTED_JSON)
        if isinstance(reply, dict):
            if "item" not in reply:
                raise WrongShape(f"expected {_EXPECTED_JSON}, got {beginning(text)}")
            reply = reply["item"]
            reply = [reply] if isinstance(reply, dict) else reply or []
        rows = list(objects(reply, _EXPECTED_JSON))
    else:
        root = xml_in(answer, _EXPECTED)
        if root.tag not in ("locator", "store", "stores") and root.find(".//store") is None:
            raise WrongShape(f"expected {_EXPECTED}, got <{root.tag}>")
        rows = [children(one) for one in root.iter("item")]
    for row in rows:
        if "location" not in row or "address" not in row:
            raise WrongShape(f"expected {_EXPECTED}, got an item with {sorted(row)[:8]}")
    return rows


def _one_line(text: str) -> str:
    """The parts of an address, apart by two blanks or a line break, with commas between them."""
    spaced = unescaped(re.sub(r"<br\s*/?>|[\r\n]+", "  ", text, flags=re.I)).replace("\xa0", " ")
    parts = [part.strip(" ,") for part in re.split(r"\s{2,}", spaced)]
    return ", ".join(part for part in parts if part)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return "?"
