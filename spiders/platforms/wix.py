"""Wix: member lists out of the data that the page carries for itself.

How recognised
    `<script id="wix-warmup-data">` with a collection of at least three records that name somebody
    and say where; or, on a page with that script, repeated items that do so. A site on Wix without
    either is no directory.
What is asked
    The page; its other pages, where it links to them or where its data set has more records
    than it shows (`?DATASET_page=N`); and, if that does not bring them, the pages of single
    records that the sitemap names. What the browser would load with an access token out of the
    page is not asked.
Limits
    A page carries what it first shows, often 12 or 20 records. The data set says how many there
    are; fewer than that is reported.
Traps
    * What the columns mean stands in the collection's schema (`displayName`), not in their keys,
      which may be `text_1` for ever.
    * Addresses are objects with parts and a point, or texts; links to records begin with a slash;
      references to other collections are bare ids; pictures are `wix:image://`.
    * Records have `_publishStatus`: drafts are dropped and counted, as is what a switch of the
      collection's own hides ("Hidden", "Approved").
    * `_owner`, `_createdDate` and `_updatedDate` are the site's business.
    * A page number past the last shows the first page, or nothing.
Settings in the fact sheet's `options`
    `columns` by the column's display name or key; `identity`, as for HTML listings.
    In `extra`: `collection`, the id of the collection that is the directory.
Source
    Pages of Wix as they are, and programs that read collections out of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

from scrapy.http import Request, Response, TextResponse

from records.listing import Listing
from records.text import lines, plain
from spiders.platforms import Hidden, Match, Reading, Surroundings, Total, WrongShape, about
from spiders.platforms.card_listings import CardListings
from spiders.platforms.cards import LEAST, Card, Path, cards_at, find_cards
from spiders.platforms.fields import extra_text, sort_cells
from spiders.platforms.json_answers import beginning, body_text, json_in, printed
from spiders.platforms.pager import next_page
from spiders.platforms.shapes import is_name

_EXPECTED = "a page with wix-warmup-data"
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
#: Switches that a collection may have of its own. "Public insurance" is none.
_OF_IT = r"(?: (?:profile|listing|entry|member|record|on (?:web ?)?site|(?:in|from) directory))?"
_SHOWN = re.compile(rf"(?:is )?(?:approved|published|visible|public|active|show){_OF_IT}", re.I)
_HIDDEN = re.compile(
    rf"(?:is )?(?:hidden|hide|private|draft|archived|pending|unlisted){_OF_IT}", re.I
)
_LOC = re.compile(r"<loc>\s*([^<\s]{1,2000})\s*</loc>", re.I)
_DEEPEST = 8
_MOST_SITEMAPS = 30


@dataclass(frozen=True, slots=True)
class _Collection:
    """The records of one collection that a page carries."""

    name: str
    records: Mapping[str, Mapping[str, Any]]
    headings: Mapping[str, str] = field(default_factory=dict)
    dataset: str | None = None
    total: int | None = None


class Wix:
    """Wix, as the module's docstring describes it."""

    name: ClassVar[str] = "wix"
    title: ClassVar[str] = "Wix page"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._cards = CardListings(around.sheet)
        self._said: set[str] = set()
        self._hidden: set[str] = set()
        self._collection = self._sheet.options.extra.get("collection")
        self._total: int | None = None
        self._prefixes: set[str] = set()
        self._asked: set[str] = set()
        """Addresses asked for, and those of records that came with a page, without escapes."""
        self._sitemaps = 0
        self._path: Path = ()

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse):
            return None
        try:
            store = _store(page)
        except WrongShape:
            return None
        best = self._directory(_collections(store))
        if best is not None:
            evidence = f"the collection {best.name} with {len(best.records)} records"
            return Match(self.name, evidence, 0.9, page.url)
        cards = self._repeated(page)
        if cards:
            return Match(self.name, f"{len(cards)} repeated items", 0.6, page.url)
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        return ()

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        if context.get("ask") == "sitemap":
            yield from self._read_sitemap(answer)
            return
        if not isinstance(answer, TextResponse):
            raise WrongShape(f"expected {_EXPECTED}, got {beginning(body_text(answer))}")
        if context.get("ask") == "record" and answer.status in (404, 410):
            # Sitemaps keep what is gone.
            yield Hidden(f"in the sitemap, but its page is gone ({answer.status})")
            return
        store = _store(answer)
        found = _collections(store)
        best = (
            self._directory(found)
            if self._collection is None
            else next((one for one in found if one.name == self._collection), None)
        )
        if best is not None:
            self._collection = best.name
            yield from self._read_records(best, answer, context)
        elif self._collection is None:
            yield from self._read_cards(answer, context.get("page", 1))
        elif not context.get("ask"):
            raise WrongShape(f"expected the collection {self._collection}, got a page without it")

    # Records

    def _read_records(
        self, collection: _Collection, page: TextResponse, context: Mapping[str, Any]
    ) -> Iterator[Reading]:
        if collection.total is not None and self._total is None:
            self._total = collection.total
            yield Total(collection.total, "the data set's size")
        fresh = 0
        for number, record in collection.records.items():
            if number in self._said or number in self._hidden:
                continue
            fresh += 1
            reason = _why_hidden(record, collection.headings)
            values, extra = self._values(record, collection.headings, page.url)
            if values.get("profile_url"):
                self._prefixes.add(_prefix(values["profile_url"]))
                self._asked.add(unquote(values["profile_url"]))
            if reason:
                self._hidden.add(number)
                yield Hidden(reason)
                continue
            if not values.get("name"):
                continue
            self._said.add(number)
            yield Listing(
                source_id=self._sheet.id,
                native_id=number,
                seen_url=page.url,
                extra=extra,
                **values,
            )
        if context.get("ask") != "record":
            yield from self._further(collection, page, context.get("page", 1), fresh=bool(fresh))

    def _further(
        self, collection: _Collection, page: TextResponse, number: int, *, fresh: bool
    ) -> Iterator[Request]:
        """More pages while they bring somebody; then what the sitemap knows."""
        lacking = self._total is not None and len(self._said) + len(self._hidden) < self._total
        following = _page_link(page, number + 1)
        if following is None and lacking and collection.dataset:
            following = _with_query(page.url, f"{collection.dataset}_page", str(number + 1))
        if following and fresh and following not in self._asked:
            self._asked.add(following)
            # Not `paging`: a site that does not know the parameter shows page 1, and has a sitemap.
            yield Request(following, meta={"about": {"ask": "page", "page": number + 1}})
        elif lacking and self._prefixes:
            yield from self._sitemap(urljoin(page.url, "/sitemap.xml"))

    def _values(
        self, record: Mapping[str, Any], headings: Mapping[str, str], url: str
    ) -> tuple[dict[str, Any], dict[str, str]]:
        cells: list[tuple[str, str]] = []
        own: dict[str, str] = {}
        for key, value in record.items():
            if key.startswith("_"):
                continue
            if isinstance(value, str) and value.startswith("/") and key.startswith("link-"):
                # Lists of a collection have a page each too; the one with most words is its own.
                if len(value) > len(own.get("profile_url", "")):
                    own["profile_url"] = value
                continue
            if isinstance(value, dict) and _is_address(value):
                own |= {name: text for name, text in _address(value).items() if name not in own}
                continue
            text = _text(value)
            if text:
                cells.append((headings.get(key, key), text))
        values, extra = sort_cells(cells, self._sheet.options.columns)
        if "street" in own or "city" in own:
            values.pop("address", None)
        if "profile_url" in own:
            own["profile_url"] = urljoin(url, own["profile_url"])
        return own | values | _profile(own), {k: extra_text(text) for k, text in extra.items()}

    def _directory(self, found: Iterable[_Collection]) -> _Collection | None:
        """The collection with the most records that name somebody and say where."""
        best: tuple[int, _Collection] | None = None
        for one in found:
            if self._collection is not None and one.name != self._collection:
                continue
            good = 0
            for record in one.records.values():
                values, _ = self._values(record, one.headings, "https://x.invalid/")
                good += is_name(str(values.get("name") or "")) and any(
                    values.get(key) for key in _WHERE
                )
            enough = good >= LEAST and good * 2 >= len(one.records)
            if enough and (best is None or good > best[0]):
                best = (good, one)
        return best[1] if best else None

    # Repeated items

    def _repeated(self, page: TextResponse, least: int = LEAST) -> list[Card]:
        columns = self._sheet.options.columns
        cards, path = find_cards(page.selector, page.url, columns)
        if cards:
            self._path = path
        elif least == 1:
            cards = cards_at(page.selector, page.url, columns, self._path)
        named = [one for one in cards if is_name(str(one.values.get("name") or ""))]
        whole = sum(one.whole for one in named)
        return cards if len(named) >= least and whole >= max(least, 0.5 * len(cards)) else []

    def _read_cards(self, page: TextResponse, number: int) -> Iterator[Reading]:
        cards = self._repeated(page, LEAST if number == 1 else 1)
        if not cards:
            raise WrongShape("expected a Wix page with people on it, got one without")
        fresh, again = self._cards.take(cards, page.url)
        yield from fresh
        if number == 2 and not fresh:
            yield from again  # so that the spider can tell that the pager does not turn
        following = _page_link(page, number + 1) or next_page(page)
        if following and fresh:
            yield Request(
                following, meta={"about": {"ask": "page", "page": number + 1}, "paging": True}
            )

    # Sitemaps

    def _sitemap(self, url: str) -> Iterator[Request]:
        if url not in self._asked and self._sitemaps < _MOST_SITEMAPS:
            self._asked.add(url)
            self._sitemaps += 1
            yield Request(url, meta={"about": {"ask": "sitemap"}, "optional": True})

    def _read_sitemap(self, answer: Response) -> Iterator[Request]:
        text = body_text(answer)
        if answer.status >= 400 or "<loc>" not in text:
            return
        here = urlsplit(answer.url).netloc
        for address in (plain(one) for one in _LOC.findall(text)):
            url = urljoin(answer.url, address)
            if urlsplit(url).netloc != here or unquote(url) in self._asked:
                continue
            if "<sitemapindex" in text:
                yield from self._sitemap(url)
            elif _prefix(url) in self._prefixes:
                self._asked.add(unquote(url))
                yield Request(url, meta={"about": {"ask": "record"}})


_WHERE = ("phone", "email", "address", "street", "city", "postcode", "website")


def _store(page: TextResponse) -> Any:
    """The data a page carries. Raises WrongShape where it carries none, or half of it."""
    script = page.xpath("//script[@id='wix-warmup-data']/text()").get()
    if script is None:
        raise WrongShape(f"expected {_EXPECTED}, got {beginning(body_text(page))}")
    return json_in(script, _EXPECTED)


def _collections(store: Any) -> list[_Collection]:
    binding = _binding(store, 0)
    if binding is None:
        return []
    data, schemas = _dict(binding.get("dataStore")), _dict(binding.get("schemas"))
    infos = _dict(data.get("recordInfosByDatasetId"))
    found = []
    for name, rows in _dict(data.get("recordsByCollectionId")).items():
        records = {key: row for key, row in _dict(rows).items() if isinstance(row, dict)}
        if not records or _dict(schemas.get(name)).get("isDeleted") is True:
            continue
        headings = {
            key: plain(printed(_dict(one).get("displayName")) or "") or key
            for key, one in _dict(_dict(schemas.get(name)).get("fields")).items()
        }
        dataset, total = _dataset(infos, records)
        found.append(_Collection(name, records, headings, dataset, total))
    return found


def _binding(value: Any, depth: int) -> Mapping[str, Any] | None:
    """The object that has the `dataStore`, however deep the page keeps it."""
    if not isinstance(value, dict) or depth > _DEEPEST:
        return None
    if isinstance(value.get("dataStore"), dict):
        return value
    return next((got for one in value.values() if (got := _binding(one, depth + 1))), None)


def _dataset(infos: Mapping[str, Any], records: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """The data set that shows the most of these records, and its size."""
    best: tuple[int, str | None, int | None] = (0, None, None)
    for name, info in infos.items():
        ids = _dict(info).get("itemIds")
        shown = [one for one in ids if isinstance(one, str)] if isinstance(ids, list) else []
        total = _dict(_dict(info).get("datasetSize")).get("total")
        if not isinstance(total, int) or isinstance(total, bool):
            continue
        # Where a page names one data set only, it need not say which records are its own.
        mine = sum(one in records for one in shown) if shown else len(infos) == 1
        if mine and (total, name) > (best[2] or -1, best[1] or ""):
            best = (int(mine), name, total)
    return best[1], best[2]


def _why_hidden(record: Mapping[str, Any], headings: Mapping[str, str]) -> str | None:
    status = printed(record.get("_publishStatus"))
    if status and status.upper() != "PUBLISHED":
        return f"its status is {status.lower()}"
    for key, value in record.items():
        words = re.sub(r"[_\W]+|(?<=[a-z])(?=[A-Z])", " ", headings.get(key, key)).strip()
        if isinstance(value, bool) and (
            (value and _HIDDEN.fullmatch(words)) or (not value and _SHOWN.fullmatch(words))
        ):
            return f"the site hides it ({plain(headings.get(key, key))})"
    return None


def _is_address(value: Mapping[str, Any]) -> bool:
    return "formatted" in value or {"city", "country"} <= value.keys()


def _address(value: Mapping[str, Any]) -> dict[str, str]:
    street = _dict(value.get("streetAddress"))
    line = " ".join(part for key in ("number", "name") if (part := _text(street.get(key))))
    parts = {
        "street": line or _text(value.get("addressLine1") or value.get("addressLine")),
        "street2": _text(street.get("apt")) or _text(value.get("addressLine2")),
        "city": _text(value.get("city")),
        "state": _text(value.get("subdivision")).rpartition("-")[2],
        "postcode": _text(value.get("postalCode")),
        "country": _text(value.get("country")),
    }
    if not (parts["street"] and parts["city"]):
        parts = {
            "address": _text(value.get("formatted")) or ", ".join(filter(None, parts.values()))
        }
    point = _dict(value.get("location"))
    parts |= {key: printed(point.get(key)) or "" for key in ("latitude", "longitude")}
    return {key: text for key, text in parts.items() if text}


def _text(value: Any) -> str:
    """A value of a record as text; pictures, files and references to other records are none."""
    if isinstance(value, list):
        return ", ".join(text for one in value if (text := _text(one)))
    text = printed(value) or ""
    if text.startswith("wix:") or _UUID.fullmatch(text.strip().lower()):
        return ""
    return ", ".join(lines(text))


def _profile(own: Mapping[str, str]) -> dict[str, str]:
    return {"profile_url": own["profile_url"]} if "profile_url" in own else {}


def _page_link(page: TextResponse, number: int) -> str | None:
    """The page's own link to its page N: `?comp-abc_page=N`."""
    for href in page.xpath("//a[contains(@href, '_page=')]/@href").getall():
        try:
            url = urljoin(page.url, href.strip()).split("#", 1)[0]
            parts, here = urlsplit(url), urlsplit(page.url)
        except ValueError:
            continue
        pages = {key: value for key, value in parse_qsl(parts.query) if key.endswith("_page")}
        same = (parts.netloc, parts.path.rstrip("/")) == (here.netloc, here.path.rstrip("/"))
        if same and str(number) in pages.values():
            return url
    return None


def _with_query(url: str, key: str, value: str) -> str:
    parts = urlsplit(url)
    query = [(k, v) for k, v in parse_qsl(parts.query) if k != key]
    return parts._replace(query=urlencode([*query, (key, value)]), fragment="").geturl()


def _prefix(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path.rstrip('/').rpartition('/')[0]}/"


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
