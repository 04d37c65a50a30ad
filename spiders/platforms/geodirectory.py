"""GeoDirectory: a WordPress plugin for directories of places, with or without its REST API.

How recognised
    An inline script that gives a map its `map_markers_ajax_url`; `geodir_params` beside entries of
    the class `geodir-post`; or `geodir/v2` among the namespaces of the site's REST API. The
    script's settings alone (`geodir_params`), which other pages of the site load too, are a
    look-alike.
What is asked
    1. `/wp-json/geodir/v2/places?per_page=100&page=N` (the route of another post type is looked up
       in `/geodir/v2/types`). It holds everything, but owners have to switch it on.
    2. Where it is off (404 `rest_no_route`, the default): the sitemap of the post type, found in
       `/wp-sitemap.xml`, and each entry's own page: its JSON-LD and its fields, which name
       themselves in their classes.
    3. Where there is no such sitemap: `/geodir/v2/markers/?post_type=…`, which maps cannot do
       without: every entry with coordinates in one answer. Their pages are asked for by number.
Limits
    100 rows a page. X-WP-Total, the sitemap and the markers' `total` say how many there are.
Traps
    * No nonce is ever sent: none is needed, and a stale one is answered with 403.
    * Ids are numbers or texts, coordinates are texts; "0" and "" are sent as they are.
    * `title.raw` has lost whatever stands in angle brackets; `title.rendered` is read.
    * A page past the last is status 400; nothing found among the markers is `[]`, not an object; a
      wrong post type is status 500.
    * Markers leave out entries without coordinates: then the run says how many are missing.
    * Rows marked private, or whose address is private, are dropped.
    * Screenshots of web sites, ratings and template settings say nothing of a person: left behind.
Settings in the fact sheet's `options.extra`
    `post_type`: which directory of a site with several; `gd_place` where nothing says another.
Source
    The plugin's own code (2.8.177, in public repositories) and answers of a running server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from scrapy.http import Request, Response, TextResponse

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
    instead,
)
from spiders.platforms.class_fields import class_fields
from spiders.platforms.entry_pages import Entry, EntryPages
from spiders.platforms.json_answers import body_text, is_yes, json_in, objects, printed
from spiders.platforms.map_rows import Rows, row_id, text_of
from spiders.platforms.schema_values import values_of
from spiders.platforms.structured import things
from spiders.platforms.wp import rest_url, settings, with_query
from spiders.platforms.wp_rest import (
    PER_PAGE,
    index,
    index_url,
    locations,
    namespaces,
    of_type,
    pages,
    route,
    rows,
    site_of,
    total,
)

_MAP = re.compile(r"\b\w*gd_map\w*\s*=(?!=)")
_PARAMS = re.compile(r"\bgeodir_params\s*=(?!=)")
_POST_TYPE = re.compile(r"^[a-z][a-z0-9_-]{0,40}$")
_ROUTE = re.compile(r"^[\w-]{1,60}$")
_FIELD = re.compile(r"geodir-field-([\w-]+)")
#: Lists of other places on the page of one.
_OTHERS = re.compile(r"geodir-(?:loop-container|category-list-view|widget|listing-posts)")
_POST_ID = re.compile(r"\bpostid-(\d{1,12})\b")
_USUAL_TYPE = "gd_place"
_USUAL_ROUTE = "places"

_EXPECTED = "a JSON array of places"
_MARKERS = "markers: an object with items, or []"
_FIELDS = {
    "title": "name",
    "street": "street",
    "street2": "street2",
    "city": "city",
    "region": "state",
    "zip": "postcode",
    "country": "country",
    "latitude": "latitude",
    "longitude": "longitude",
    "phone": "phone",
    "email": "email",
    "website": "website",
    "link": "profile_url",
    "date_gmt": "listed_on",
}
#: Of the post, the map or the template: nothing about the person.
_IGNORED = frozenset(
    """id slug status type author date date_gmt modified modified_gmt default_category post_tags
    mapview mapzoom business_hours featured rating rating_count featured_media featured_image images
    comment_status ping_status meta guid _links class_list template password private
    private_address post_images logo video mapaddress content neighbourhood is_featured
    package_id expire_date claimed special_offers""".split()
)
_PUBLIC = frozenset({"publish", ""})
_NOT_ON_PAGES = frozenset({"name", "latitude", "longitude", "profile_url"})


class GeoDirectory:
    """GeoDirectory, as the module's docstring describes it."""

    name: ClassVar[str] = "geodirectory"
    title: ClassVar[str] = "GeoDirectory"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._rows = Rows(
            around.sheet, {k: v for k, v in _FIELDS.items() if v != "listed_on"}, _IGNORED
        )
        self._entries = EntryPages(
            around.sheet, self._read_place_page, "a page of one place with its fields"
        )
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None
        self._seen: set[str] = set()

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse):
            return None
        found = index(page)
        if found is not None:
            if "geodir/v2" not in namespaces(found):
                return None
            facts = self._asked(index_url(page), None)
            return Match(self.name, "geodir/v2 in the REST API", 0.9, page.url, facts)
        shown = settings(page, _MAP)
        if shown is not None and isinstance(shown.get("map_markers_ajax_url"), str):
            facts = self._asked(_rest_of(page, shown), shown.get("post_type"))
            return Match(self.name, "a map with map_markers_ajax_url", 1.0, page.url, facts)
        if settings(page, _PARAMS) is None:
            return None
        facts = self._asked(rest_url(page), _type_of_posts(page))
        posts = page.xpath('//*[contains(concat(" ", @class, " "), " geodir-post ")]')
        evidence = "geodir_params and geodir-post" if posts else "the page sets geodir_params"
        return Match(self.name, evidence, 0.8 if posts else 0.35, page.url, facts)

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.page_url
        if match.facts["route"] is None:
            yield Request(
                route(match.facts["rest"], "geodir/v2/types"),
                meta={
                    "about": {"ask": "types"},
                    "optional": True,
                    "otherwise": self._sitemap_first(),
                },
            )
        else:
            yield self._places(match.facts["route"], 1)

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        match context.get("ask"):
            case "types":
                yield self._read_types(answer)
            case "sitemaps":
                yield from self._read_sitemaps(answer)
            case "sitemap":
                yield from self._read_sitemap(answer, context)
            case "markers":
                yield from self._read_markers(answer)
            case "entry":
                yield from self._entries.read(answer, context)
            case _:
                yield from self._read_places(answer, context)

    # The REST API

    def _places(self, base: str, number: int) -> Request:
        # The first page tells whether the API is on; from then on every page counts.
        meta: dict[str, Any] = {"about": {"ask": "places", "route": base, "page": number}}
        if number == 1:
            meta |= {"optional": True, "otherwise": self._sitemap_first()}
        else:
            meta["paging"] = True
        url = route(self._facts["rest"], f"geodir/v2/{base}", per_page=PER_PAGE, page=number)
        return Request(url, meta=meta)

    def _read_types(self, answer: Response) -> Request:
        """The route of the post type, out of the list of types."""
        reply = json_in(body_text(answer), "the types of GeoDirectory")
        kinds = list(reply.values()) if isinstance(reply, dict) else reply
        for kind in objects(kinds, "the types of GeoDirectory"):
            slug = printed(kind.get("slug")) or printed(kind.get("post_type"))
            base = printed(kind.get("rest_base")) or ""
            if slug == self._facts["post_type"] and _ROUTE.match(base):
                return self._places(base, 1)
        raise WrongShape(f"expected the type {self._facts['post_type']} among GeoDirectory's")

    def _read_places(self, answer: Response, context: Mapping[str, Any]) -> Iterator[Reading]:
        number = int(context.get("page", 1))
        found = rows(answer, _EXPECTED)
        for row in found:
            if not isinstance(row.get("title"), dict | str) or "status" not in row:
                raise WrongShape(f"expected {_EXPECTED}, got an entry with keys {sorted(row)[:8]}")
        said = total(answer)
        if number == 1 and said is not None:
            yield Total(said, "GeoDirectory REST API (X-WP-Total)")
        before = len(self._seen)
        for row in found:
            yield from self._place(row)
        last = pages(answer)
        more = number < last if last is not None else len(found) >= PER_PAGE
        if more and len(self._seen) > before and context.get("route"):
            yield self._places(str(context["route"]), number + 1)

    def _place(self, row: Mapping[str, Any]) -> Iterator[Reading]:
        native = row_id(row)
        self._seen.add(native)
        reason = _not_public(row)
        if reason:
            yield Hidden(reason)
            return
        title = row.get("title")
        flat = {
            **{key: _shown(value) for key, value in row.items()},
            "title": title.get("rendered") if isinstance(title, dict) else title,
        }
        categories = text_of(_names(row.get("post_category")))
        if categories:
            flat.setdefault("category", categories)
        content = row.get("content")
        if isinstance(content, dict) and content.get("protected") is True:
            yield Hidden("protected by a password")
            return
        if isinstance(content, dict):
            flat.setdefault("description", content.get("rendered"))
        yield self._rows.listing(flat, native, self._page_url or printed(row.get("link")) or "")

    # Without the REST API

    def _sitemap_first(self) -> dict[str, Any]:
        return instead(
            f"{self._facts['site']}wp-sitemap.xml",
            about={"ask": "sitemaps"},
            optional=True,
            otherwise=self._markers(),
        )

    def _markers(self) -> dict[str, Any]:
        kind = {"post_type": self._facts["post_type"]}
        url = route(self._facts["rest"], "geodir/v2/markers/", **kind)
        return instead(url, about={"ask": "markers"})

    def _read_sitemaps(self, answer: Response) -> Iterator[Request]:
        own = of_type(locations(answer), self._facts["post_type"])
        if not own:
            raise WrongShape(f"expected a sitemap of {self._facts['post_type']}")
        for number, url in enumerate(own):
            meta: dict[str, Any] = {"about": {"ask": "sitemap", "first": number == 0}}
            if number == 0:
                meta |= {"optional": True, "otherwise": self._markers()}
            yield Request(url, meta=meta, priority=10)

    def _read_sitemap(self, answer: Response, context: Mapping[str, Any]) -> Iterator[Reading]:
        urls = locations(answer)
        if not urls and context.get("first"):
            raise WrongShape("expected pages in the sitemap")
        # The archive of the post type may stand among its entries.
        own = [url for url in urls if not url.rstrip("/").endswith(f"/{_USUAL_ROUTE}")]
        self._seen.update(own)
        yield Total(len(self._seen), "the sitemap")
        yield from self._entries.pages(own)

    def _read_markers(self, answer: Response) -> Iterator[Reading]:
        reply = json_in(body_text(answer), _MARKERS)
        if reply == []:
            return
        if not isinstance(reply, dict) or "items" not in reply:
            raise WrongShape(f"expected {_MARKERS}, got {body_text(answer)[:60]!r}")
        found = list(objects(reply["items"], _MARKERS))
        said = printed(reply.get("total")) or ""
        if re.fullmatch(r"\d{1,7}", said):
            yield Total(int(said), "GeoDirectory markers")
        yield Shortfall(
            "the REST API is off and no sitemap names the entries: those without coordinates, "
            "which no map shows, are missing"
        )
        urls = []
        for one in found:
            number = row_id(one, "m")
            if not number.isdecimal():
                raise WrongShape(f"expected {_MARKERS}, got an item without a number")
            query = urlencode({"post_type": self._facts["post_type"], "p": number})
            urls.append(with_query(self._facts["site"], query))
        yield from self._entries.pages(urls)

    def _read_place_page(self, page: TextResponse) -> Entry | None:
        """What an entry's page says: its fields by their classes, the rest by its JSON-LD."""
        body = page.xpath("//body/@class").get() or ""
        known = _POST_ID.search(body)
        columns = self._sheet.options.columns
        values, extra = class_fields(page.selector, _FIELD, columns, _OTHERS)
        entry = next((one for one in things(page) if one.get("address") or one.get("geo")), None)
        if entry is None and not values and not (known and self._facts["post_type"] in body):
            return None
        said, _ = values_of(entry, page.url) if entry is not None else ({}, {})
        heading = page.xpath("//h1[contains(@class, 'title')]").get() or page.xpath("//h1").get()
        name = said.get("name") or plain(heading or "")
        if not name:
            return None
        merged = {key: text for key, text in values.items() if key not in _NOT_ON_PAGES}
        if {"street", "city", "postcode"} & set(said):
            for key in ("address", "street", "city", "state", "postcode", "country"):
                merged.pop(key, None)
        merged |= {key: text for key, text in said.items() if key not in merged}
        merged |= {"name": name, "profile_url": page.url}
        # The page names no telephone of its own in another field.
        extra.pop("type", None)
        return Entry(known[1] if known else "", merged, extra, page.url)

    # What a page says

    def _asked(self, rest: str, kind: Any) -> dict[str, Any]:
        named = self._sheet.options.extra.get("post_type") or printed(kind) or _USUAL_TYPE
        post_type = named if _POST_TYPE.match(named) else _USUAL_TYPE
        return {
            "rest": rest,
            "site": site_of(rest),
            "post_type": post_type,
            "route": _USUAL_ROUTE if post_type == _USUAL_TYPE else None,
        }


def _rest_of(page: TextResponse, shown: Mapping[str, Any]) -> str:
    """The REST API as the map's own settings name it."""
    url = str(shown["map_markers_ajax_url"])
    if "geodir/v2" in url and re.match(r"https?://", url):
        return url.split("geodir/v2", 1)[0]
    return rest_url(page)


def _type_of_posts(page: TextResponse) -> str | None:
    found = page.xpath("//*[contains(@class, 'geodir-post')]/@class").re_first(
        r"\btype-(gd_[a-z0-9_]{1,30})\b|\b(gd_[a-z0-9_]{1,30})\b"
    )
    return found or None


def _not_public(row: Mapping[str, Any]) -> str | None:
    """Why a row is not shown to the public, or None where it is."""
    status = (printed(row.get("status")) or "").lower()
    if status not in _PUBLIC:
        return f"status {status}"
    if is_yes(row.get("private_address")):
        return "private address"
    if is_yes(row.get("private")):
        return "private"
    return None


def _shown(value: Any) -> Any:
    """The text of a field: `{raw, rendered}` as a reader sees it; other objects are no text."""
    if isinstance(value, dict):
        return value.get("rendered") if "rendered" in value else None
    return value


def _names(value: Any) -> list[Any]:
    terms = value if isinstance(value, list) else []
    return [one.get("name") for one in terms if isinstance(one, dict)]
