"""Entries that stand in lists and on pages of their own: read the fewest pages that say it all.

A list often says everything an entry's own page says; then the pages are not opened. Whether it
does is found out by opening the pages of the first few entries: as soon as one of them says a field
that its list did not, every page is read. The fact sheet decides with `profiles` in
`options.extra`: "yes" reads them all, "no" none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response, TextResponse

from records.factsheet import FactSheet
from records.listing import Listing
from spiders.platforms import Hidden, Reading, WrongShape
from spiders.platforms.json_answers import beginning, body_text

#: Pages opened to find out whether they say more than the list.
_TRIED = 3
#: Being told where an entry's page is, or its description, is no reason to open all of them.
_NO_NEWS = frozenset({"profile_url", "profession"})
_GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list or a page says of one entry."""

    native_id: str
    """The directory's own id; empty where only the entry's page says it."""
    values: Mapping[str, Any]
    extra: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    """The entry's own page."""


#: What an entry's page says: the entry, that it is not for the public, or nothing it should.
ReadPage = Callable[[TextResponse], Entry | Hidden | None]


class EntryPages:
    """The entries of one run, each given once, with or without its page."""

    def __init__(self, sheet: FactSheet, read_page: ReadPage, expected: str) -> None:
        """`expected` says what an entry's page is, for the report of one that is not."""
        self._sheet = sheet
        self._read_page = read_page
        self._expected = expected
        wanted = sheet.options.extra.get("profiles")
        self._open_all: bool | None = {"yes": True, "no": False}.get(str(wanted).lower())
        self._held: dict[str, tuple[Entry, str]] = {}
        self._trying = 0
        self._tried = 0
        self.seen: set[str] = set()
        """Native ids, and addresses of pages, of everything met so far."""

    def listed(self, entries: Iterable[Entry], seen_url: str) -> Iterator[Reading]:
        """Entries as a list prints them: listings, or the pages to open for them."""
        for entry in entries:
            key = entry.native_id or entry.url or ""
            if not key or key in self.seen:
                continue
            self.seen.add(key)
            if entry.url is None or self._open_all is False:
                yield self._listing(entry, seen_url)
                continue
            self._held[key] = (entry, seen_url)
            if self._open_all is None and self._tried + self._trying < _TRIED:
                self._trying += 1
                yield self._page(key, entry.url)
            elif self._open_all:
                yield self._page(key, entry.url)

    def pages(self, urls: Iterable[str]) -> Iterator[Request]:
        """Pages of entries that no list says anything of."""
        for url in urls:
            if url not in self.seen:
                self.seen.add(url)
                self._held[url] = (Entry("", {}, {}, url), url)
                yield self._page(url, url)

    def read(self, answer: Response, about_it: Mapping[str, Any]) -> Iterator[Reading]:
        """An entry's page. Raises WrongShape where it is none."""
        key = str(about_it["key"])
        held = self._held.get(key)
        if held is None:
            return
        entry, seen_url = held
        trying = self._open_all is None and bool(entry.values)
        # A page that only a sitemap names, or the first ones tried, may be gone; where a list names
        # pages that are not there, the spider counts them and gives up when there are many.
        forgiving = trying or not entry.values
        told = self._told(answer, forgiving)
        del self._held[key]
        more = False
        if isinstance(told, Hidden):
            yield told
        else:
            # A page's first heading may be anything; what the list calls an entry is its name.
            name = entry.values.get("name") or told.values.get("name")
            values = {**entry.values, **told.values, "name": name}
            more = any(
                values.get(name) and not entry.values.get(name)
                for name in values
                if name not in _NO_NEWS
            )
            native_id = entry.native_id or told.native_id or _path_of(answer.url)
            whole = Entry(native_id, values, {**told.extra, **entry.extra}, entry.url)
            if entry.native_id or native_id not in self.seen:
                self.seen.add(native_id)
                yield self._listing(whole, seen_url)
        if trying:
            yield from self._decide(more)

    def _told(self, answer: Response, forgiving: bool) -> Entry | Hidden:
        if answer.status in _GONE and forgiving:
            return Hidden(f"named by the site, but its page is gone ({answer.status})")
        told = None
        if isinstance(answer, TextResponse) and answer.status < 400 and answer.text.strip():
            told = self._read_page(answer)
        if told is None:
            raise WrongShape(f"expected {self._expected}, got {beginning(body_text(answer))}")
        return told

    def _decide(self, more: bool) -> Iterator[Reading]:
        """Open all pages, or none, as soon as the tried ones have told."""
        self._trying -= 1
        self._tried += 1
        if more:
            self._open_all = True
            for key, (entry, _) in self._held.items():
                if entry.url is not None:
                    yield self._page(key, entry.url)
        elif self._trying == 0:
            self._open_all = False
            held, self._held = self._held, {}
            for entry, seen_url in held.values():
                yield self._listing(entry, seen_url)

    def _page(self, key: str, url: str) -> Request:
        return Request(url, meta={"about": {"ask": "entry", "key": key}})

    def _listing(self, entry: Entry, seen_url: str) -> Listing:
        values = dict(entry.values)
        if entry.url is not None:
            values["profile_url"] = entry.url
        return Listing(
            source_id=self._sheet.id,
            native_id=entry.native_id,
            seen_url=seen_url,
            extra=dict(entry.extra),
            **values,
        )


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.path.rstrip('/')}{query}"
