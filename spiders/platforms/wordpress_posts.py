"""WordPress posts: a directory kept as a post type of its own, read through WordPress's REST API.

How recognised
    A page of WordPress (it links to its REST API) whose body or entries carry the class of a post
    type with a practitioner's name: `post-type-archive-therapist`, `type-provider`. Or the list
    of types, `/wp-json/wp/v2/types`, with such a type in it. Never certain: software that brings
    the type with it, structured data, and cards that say more are preferred.
What is asked
    1. `/wp-json/wp/v2/types`: the route of the type.
    2. `/wp-json/wp/v2/<route>?per_page=100&page=N`: the title, fields of ACF and registered meta
       where the site exposes them, and the text.
    3. Entries' own pages, where the first few say more than the API: schema.org data, or what a
       card would say.
Limits
    100 rows a page. X-WP-Total says how many there are.
Traps
    * A page past the last is status 400, a draft asked for by number 401; lists hold what is
      published. Rows with another status, and rows behind a password, are dropped.
    * `title.rendered` is HTML, escaped once or twice.
    * Fields of ACF are texts, numbers, lists, objects (a map: address and coordinates), or `false`
      where they are empty.
    * Types of shops, events, sliders and page builders are public too: only those with a
      practitioner's name count.
Settings in the fact sheet's `options.extra`
    `post_type`: the type, where its name says nothing.
    `profiles`: "yes" or "no" reads every entry's own page or none.
Source
    WordPress's own code and handbook, and answers of running servers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from scrapy.http import Request, Response, TextResponse

from records.text import plain
from spiders.platforms import Hidden, Match, Reading, Surroundings, Total, WrongShape, about
from spiders.platforms.cards import read_card
from spiders.platforms.entry_pages import Entry, EntryPages
from spiders.platforms.json_answers import body_text, json_in, printed
from spiders.platforms.map_rows import Rows, link_of, row_id
from spiders.platforms.popups import popup
from spiders.platforms.schema_values import values_of
from spiders.platforms.structured import PEOPLE, things, types_of
from spiders.platforms.wp import named_rest_url, rest_url
from spiders.platforms.wp_rest import PER_PAGE, pages, route, rows, total

_PRACTITIONER = re.compile(
    r"(?:^|[_-])(?:practi[ct]ioner|provider|therapist|clinician|physio(?:therapist)?|doctor|"
    r"physician|graduate|alum(?:ni|nus|na)|member|instructor|specialist|clinic|practice|"
    r"listing|location|directory|profile|dn_?provider|pt)s?(?:$|[_-])",
    re.I,
)
_NOBODY = re.compile(
    r"testimonial|template|block|menu|font|slider|popup|form|product|order|event|course|lesson|"
    r"elementor|attachment|revision|faq|review|portfolio|job|membership|staff_?only",
    re.I,
)
#: Types that software with a reader of its own brings along; it knows them better.
_KNOWN = frozenset({"wpsl_stores", "gd_place", "wpbdp_listing", "at_biz_dir", "tsml_meeting"})
_OF_BODY = re.compile(r"(?:^|\s)(?:post-type-archive|single)-([a-z][a-z0-9_-]{1,30})(?=$|\s)")
_OF_ENTRY = re.compile(r"(?:^|\s)type-([a-z][a-z0-9_-]{1,30})(?=$|\s)")
_LEAST = 3
_ROUTE = re.compile(r"^[\w-]{1,60}$")
#: A field of ACF may be a group in a group, but no deeper.
_DEEPEST = 3

_TYPES = "the types of WordPress"
_EXPECTED = "a JSON array of posts"
_FIELDS = {"title": "name", "link": "profile_url"}


class WordPressPosts:
    """WordPress posts, as the module's docstring describes them."""

    name: ClassVar[str] = "wordpress_posts"
    title: ClassVar[str] = "WordPress posts"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._rows = Rows(around.sheet, _FIELDS)
        self._entries = EntryPages(around.sheet, self._read_entry_page, "an entry's own page")
        self._facts: Mapping[str, Any] = {}
        self._page_url: str | None = None
        self._base = ""

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse):
            return None
        named = self._sheet.options.extra.get("post_type")
        found = _types(page)
        if found is not None:
            kind = next((one for one in found if one == named or _fits(one)), None)
            rest = page.url.split("wp/v2/types", 1)[0]
            evidence = f"the post type {kind} in /wp/v2/types"
        else:
            if named_rest_url(page) is None:
                return None
            kind = _type_of(page, named)
            rest = rest_url(page)
            evidence = f"entries of the post type {kind}"
        if kind is None:
            return None
        facts = {"rest": rest, "post_type": kind}
        return Match(self.name, evidence, 0.52, page.url, facts)

    def requests(self, match: Match) -> Iterable[Request]:
        self._facts = match.facts
        self._page_url = match.page_url
        url = route(match.facts["rest"], "wp/v2/types")
        yield Request(url, meta={"about": {"ask": "types"}})

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        match context.get("ask"):
            case "types":
                yield self._read_types(answer)
            case "entry":
                yield from self._entries.read(answer, context)
            case _:
                yield from self._read_posts(answer, int(context.get("page", 0)))

    def _read_types(self, answer: Response) -> Request:
        kind = self._facts.get("post_type")
        found = json_in(body_text(answer), _TYPES)
        row = found.get(kind) if isinstance(found, dict) else None
        base = printed(row.get("rest_base")) if isinstance(row, dict) else None
        if answer.status >= 400 or not base or not _ROUTE.match(base):
            raise WrongShape(f"expected {_TYPES} with {kind}, which the site keeps to itself")
        self._base = base
        return self._posts(1)

    def _posts(self, number: int, held: Sequence[str] = ()) -> Request:
        url = route(self._facts["rest"], f"wp/v2/{self._base}", per_page=PER_PAGE, page=number)
        meta: dict[str, Any] = {"about": {"ask": "posts", "page": number}}
        if number > 1:
            meta |= {"paging": True, "held": list(held)}
        return Request(url, meta=meta, priority=10)

    def _read_posts(self, answer: Response, number: int) -> Iterator[Reading]:
        found = rows(answer, _EXPECTED)
        for row in found:
            if "id" not in row or not ("title" in row or "slug" in row):
                raise WrongShape(f"expected {_EXPECTED}, got an entry with keys {sorted(row)[:8]}")
        said = total(answer)
        if number <= 1 and said is not None:
            yield Total(said, "WordPress REST API (X-WP-Total)")
        entries = []
        for row in found:
            reason = _not_public(row)
            if reason:
                yield Hidden(reason)
            else:
                entries.append(self._entry(row, answer.url))
        fresh = [one for one in entries if one.native_id not in self._entries.seen]
        if number == 2 and entries and not fresh:
            raise WrongShape("expected more posts on page 2, got those of page 1 again")
        yield from self._entries.listed(fresh, self._page_url or answer.url)
        last = pages(answer)
        more = number < last if last is not None else len(found) >= PER_PAGE
        if number and more and fresh:
            yield self._posts(number + 1, [one.native_id for one in fresh])

    def _entry(self, row: Mapping[str, Any], url: str) -> Entry:
        flat: dict[str, Any] = {"title": _shown(row.get("title"))}
        for group in ("acf", "meta", "meta_box", "fields"):
            _flatten(row.get(group), flat, 0)
        values, extra = self._rows.sorted(flat)
        said, more = popup(_shown(row.get("content")), url, self._sheet.options.columns)
        for field, text in said.items():
            values.setdefault(field, text)
        link = link_of(row.get("link"))
        # Not kept: the text of a post is a biography.
        more = {key: text for key, text in more.items() if key != "text"}
        return Entry(row_id(row), values, {**more, **extra}, link or None)

    def _read_entry_page(self, page: TextResponse) -> Entry | None:
        found = [one for one in things(page) if one.get("address") or one.get("telephone")]
        people = [one for one in found if types_of(one) & PEOPLE]
        known = re.search(r"\bpostid-(\d+)\b", page.xpath("//body/@class").get() or "")
        native = known[1] if known else ""
        columns = self._sheet.options.columns
        box = page.xpath(
            f"(//article[contains(@class, 'type-{self._facts.get('post_type', '')}')]"
            " | //main | //article)[1]"
        )
        card = read_card(box[0], page.url, columns) if box else None
        values = dict(card.values) if card else {}
        values.pop("profile_url", None)
        if people or len(found) == 1:
            said, _ = values_of((people or found)[0], page.url)
            values |= said
        if not values and not native:
            return None
        # The list knows the name; a page's first heading may be the site's.
        values.pop("name", None)
        extra = {key: text for key, text in card.extra.items() if key != "text"} if card else {}
        return Entry(native, values, extra, page.url)


def _fits(kind: str) -> bool:
    return bool(_PRACTITIONER.search(kind)) and not _NOBODY.search(kind) and kind not in _KNOWN


def _types(page: TextResponse) -> Mapping[str, Any] | None:
    """The list of types, where the page is one."""
    if "wp/v2/types" not in page.url or page.text.lstrip()[:1] != "{":
        return None
    try:
        found = json_in(page.text, _TYPES)
    except WrongShape:
        return None
    return found if isinstance(found, dict) and "post" in found else None


def _type_of(page: TextResponse, named: str | None) -> str | None:
    """The practitioners' post type that a page shows, by the classes WordPress gives it."""
    body = page.xpath("//body/@class").get() or ""
    for kind in _OF_BODY.findall(body):
        if "post-type-archive" in body and (kind == named or _fits(kind)):
            return str(kind)
    counts: dict[str, int] = {}
    for classes in page.xpath("//*[contains(@class, 'type-')]/@class").getall():
        for kind in set(_OF_ENTRY.findall(classes)):
            counts[kind] = counts.get(kind, 0) + 1
    fitting = [kind for kind in counts if kind == named or _fits(kind)]
    best = max(fitting, key=lambda kind: counts[kind], default=None)
    return best if best is not None and counts[best] >= _LEAST else None


def _not_public(row: Mapping[str, Any]) -> str | None:
    status = (printed(row.get("status")) or "").lower()
    if status not in ("", "publish"):
        return f"status {status}"
    content = row.get("content")
    if isinstance(content, dict) and content.get("protected") is True:
        return "protected by a password"
    return None


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("rendered")
    return printed(value) or ""


def _flatten(value: Any, into: dict[str, Any], depth: int) -> None:
    """Fields of ACF as one level: of a link its address, of a map its parts, of a term its name."""
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    for key, one in value.items():
        if isinstance(one, dict):
            if isinstance(one.get("url"), str):
                into.setdefault(key, one["url"])
            elif "lat" in one and "lng" in one:
                into.setdefault("latitude", one["lat"])
                into.setdefault("longitude", one["lng"])
                into.setdefault("address", one.get("address"))
            else:
                _flatten(one, into, depth + 1)
        elif isinstance(one, list):
            names = [part.get("name") if isinstance(part, dict) else part for part in one]
            into.setdefault(key, [name for name in names if isinstance(name, str | int)])
        elif not isinstance(one, bool):
            into.setdefault(key, plain(one) if isinstance(one, str) and "<" in one else one)
