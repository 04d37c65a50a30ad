"""Agile Store Locator: a WordPress plugin that sends its whole list in one answer.

How recognised
    An inline script that sets `ASL_REMOTE`, the `<div id="asl-storelocator">` of the map, or a
    script from `agile-store-locator/public/js/`. Not by its style sheet or its name in a text.
What is asked
    `admin-ajax.php?action=asl_load_stores&load_all=1&layout=1`, once, with the categories or
    entries that the page itself is restricted to, and its language where that is not the site's
    own. Without a nonce: most versions do not look at it. Where that is refused, the same once
    more with the nonce that the page gives every visitor.
Limits
    30,000 rows, by the plugin's own SQL. An answer of that length is reported as cut. No paging.
Traps
    * JSON arrives as text/html. Nothing found is `[]`.
    * A database error is an array of one string, with status 200.
    * Map bounds, coordinates and radius in the question are ignored: it is always everything.
    * Entries without coordinates, and entries of another language, are left out by the server.
    * Values are those of the database: titles keep entities somebody typed, and the web address is
      escaped for HTML. `open_hours` is a JSON document inside a string.
    * `categories` holds ids: the page's `asl_categories` has their names, which often are levels or
      professions. They are kept as one extra field, `categories`, which a fact sheet can map.
    * There is no second address line: the suite stands in `street`.
    * Fields a site has added are further keys of each row.
Safety
    Rows marked `pending` or `is_disabled` are dropped.
Source
    The plugin's own code (1.4.26, GPLv2+) and answers of a running server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from scrapy.http import Request, Response, TextResponse

from records.listing import Listing
from spiders.platforms import (
    Hidden,
    Match,
    Reading,
    Shortfall,
    Surroundings,
    WrongShape,
    about,
    instead,
)
from spiders.platforms.json_answers import body_text, is_yes, json_in, objects
from spiders.platforms.map_rows import Rows, row_id, text_of
from spiders.platforms.wp import ajax_url, loaded, page_of, settings, with_query

_REMOTE = re.compile(r"\bASL_REMOTE\s*=")
_CONFIGURATION = re.compile(r"\basl_configuration\s*=")
_CATEGORIES = re.compile(r"\basl_categories\s*=")
_SCRIPT = re.compile(r"/agile-store-locator/public/js/")
_ID_LIST = re.compile(r"\d{1,9}(?:,\d{1,9})*")

_EXPECTED = "a JSON array of stores"
_FIELDS = {
    "title": "name",
    "street": "street",
    "city": "city",
    "state": "state",
    "postal_code": "postcode",
    "country": "country",
    "phone": "phone",
    "email": "email",
    "website": "website",
    "lat": "latitude",
    "lng": "longitude",
}
_IGNORED = frozenset(
    """id logo_id path marker_id open_hours days_str ordr slug fax pending is_disabled created_on
    updated_on lang distance categories brand special""".split()
)
_MOST_ROWS = 30_000


class AgileStoreLocator:
    """Agile Store Locator, as the module's docstring describes it."""

    name: ClassVar[str] = "agile_store_locator"
    title: ClassVar[str] = "Agile Store Locator"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None

    def recognise(self, page: Response) -> Match | None:
        looked = page_of(page)
        if looked is None:
            return None
        remote = settings(page, _REMOTE)
        if remote is not None and "ajax_url" in remote:
            evidence, certainty = "the page sets ASL_REMOTE", 1.0
        elif looked.xpath('//div[@id="asl-storelocator"]'):
            evidence, certainty = 'the page has <div id="asl-storelocator">', 0.8
        elif loaded(page, _SCRIPT):
            evidence, certainty = "the page loads agile-store-locator/public/js", 0.6
        else:
            return None
        return Match(self.name, evidence, certainty, page.url, _facts(looked, remote or {}))

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.page_url
        # Where the page has a nonce to fall back on, a refusal without one ends nothing.
        yield self._ask(with_nonce=False)

    def read(self, answer: Response) -> Iterator[Reading]:
        try:
            rows = list(objects(json_in(body_text(answer), _EXPECTED), _EXPECTED))
            for row in rows:
                if "title" not in row or not ("lat" in row or "street" in row):
                    raise WrongShape(f"expected {_EXPECTED}, got keys {sorted(row)[:8]}")
        except WrongShape:
            if about(answer).get("ask") != "first" or not self._facts.get("nonce"):
                raise
            yield self._ask(with_nonce=True)
            return
        if len(rows) >= _MOST_ROWS:
            yield Shortfall(f"the answer holds {len(rows)} rows, the most the plugin sends")
        for row in rows:
            hidden = _hidden(row)
            yield Hidden(hidden) if hidden else self._listing(row, answer.url)

    def _ask(self, *, with_nonce: bool) -> Request:
        query = {"action": "asl_load_stores", "load_all": "1", "layout": "1"}
        query |= self._facts["restricted"]
        nonce = self._facts["nonce"]
        if with_nonce:
            query["nonce"] = nonce
        meta: dict[str, Any] = {"about": {"ask": "again" if with_nonce else "first"}}
        if nonce and not with_nonce:
            again = self._ask(with_nonce=True)
            meta |= {"optional": True, "otherwise": instead(again.url, **again.meta)}
        return Request(with_query(self._facts["ajax_url"], urlencode(query)), meta=meta)

    def _listing(self, row: Mapping[str, Any], url: str) -> Listing:
        names = self._facts.get("categories", {})
        ids = text_of(row.get("categories")).split(",")
        labels = [names[one] for part in ids if (one := part.strip()) in names]
        row = {**row, "categories": ", ".join(labels)} if labels else row
        ignored = _IGNORED - {"categories"} if labels else _IGNORED
        rows = Rows(self._sheet, _FIELDS, ignored)
        return rows.listing(row, row_id(row), self._page_url or url)


def _facts(page: TextResponse, remote: Mapping[str, Any]) -> dict[str, Any]:
    """What the page says about how it may be asked."""
    configuration = settings(page, _CONFIGURATION) or {}
    restricted = {
        key: value
        for key in ("category", "stores")
        if isinstance(value := configuration.get(key), str) and _ID_LIST.fullmatch(value)
    }
    language, usual = text_of(remote.get("lang")), text_of(remote.get("default_lang"))
    if language and language != usual:
        restricted["asl_lang"] = language
    nonce = remote.get("nonce")
    return {
        "ajax_url": ajax_url(page, remote.get("ajax_url")),
        "nonce": nonce if isinstance(nonce, str) and re.fullmatch(r"\w{6,20}", nonce) else "",
        "restricted": restricted,
        "categories": {
            number: name
            for number, one in (settings(page, _CATEGORIES) or {}).items()
            if isinstance(one, dict) and (name := text_of(one.get("name")))
        },
    }


def _hidden(row: Mapping[str, Any]) -> str | None:
    if is_yes(row.get("pending")):
        return "pending"
    return "disabled" if is_yes(row.get("is_disabled")) else None
