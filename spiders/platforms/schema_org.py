"""schema.org: structured data on the listing pages themselves, or on the profiles they lead to.

How recognised
    Several people or practices as JSON-LD or microdata on the page; an ItemList of addresses; or
    at least three links with names under one address (`/graduates/NAME/`) that look like a
    directory and say little themselves. The last is only a hope, and yields to cards that print
    phone and address.
What is asked
    The page, its following pages, and every profile it links to. Profiles that no page links to
    are found by the sitemaps that robots.txt names (else `/sitemap.xml`), where they share the
    address of the linked ones.
Limits
    None of its own.
Traps
    * The publisher's own Organization or LocalBusiness stands on every page and is no entry; nor
      are authors of articles.
    * `address` is a text, a PostalAddress or a list; the telephone may stand inside it;
      `hasCredential` is a text, a thing or a list; types may be whole addresses or several.
    * JSON with comments and stray commas is common: read as JavaScript.
    * A profile without structured data is read as a card. One that is neither is reported, so that
      half a directory does not pass for the whole.
    * Sitemaps keep what is gone, and drafts: a profile only they name that is not there is counted
      as hidden.
    * A home address is never taken.
Source
    https://schema.org, and the shapes that parsers of other projects have had to learn.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urljoin, urlsplit

from scrapy.http import Request, Response, TextResponse

from records.listing import Listing
from records.text import plain
from spiders.platforms import (
    Hidden,
    Match,
    Reading,
    Shortfall,
    Surroundings,
    WrongShape,
    about,
)
from spiders.platforms.cards import LEAST, read_card
from spiders.platforms.fields import hashed_id, heading_key
from spiders.platforms.json_answers import beginning, body_text
from spiders.platforms.pager import next_page, next_request, says_nobody, visible_text
from spiders.platforms.schema_values import PLACE, address_of, joined, values_of
from spiders.platforms.shapes import is_name
from spiders.platforms.structured import (
    PEOPLE,
    Thing,
    first,
    listed_addresses,
    text_of,
    things,
    types_of,
)

_DIRECTORY_WORDS = re.compile(
    r"practitioner|provider|therapist|graduate|member|clinician|doctor|physio|people|team|staff|"
    r"profile|find|director|location|clinic|alumn|listing|certified|instructor|specialist|dry-?need",
    re.I,
)
_NOT_PROFILES = re.compile(
    r"/(?:blog|news|posts?|tag|category|author|events?|courses?|products?|shop|\d{4}/\d{2})(?:/|$)",
    re.I,
)
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.I | re.M)
_LOC = re.compile(r"<(?:\w+:)?loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]{1,2000})", re.I)
_MOST_SITEMAPS = 60
#: What an entry says beyond a name. Authors and editors have none of it.
_SUBSTANCE = (
    "address", "telephone", "geo", "hasCredential", "worksFor", "affiliation", "workLocation",
    "medicalSpecialty", "honorificSuffix",
)  # fmt: skip


class SchemaOrg:
    """schema.org data, as the module's docstring describes it."""

    name: ClassVar[str] = "schema_org"
    title: ClassVar[str] = "schema.org data"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._seen: set[str] = set()
        self._asked: set[str] = set()
        self._prefixes: set[tuple[str, str, tuple[str, ...]]] = set()
        self._sitemaps = 0
        self._own = {heading_key(self._sheet.publisher.name)}
        """Names of the publisher, as its own pages print them."""

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse) or not page.text.strip():
            return None
        entries = self._entries(page)
        if len(entries) >= 2:
            kinds = ", ".join(sorted({kind for one in entries for kind in types_of(one)}))
            return Match(self.name, f"{len(entries)} entries of {kinds}", 0.9, page.url)
        listed = self._profiles(page, listed_addresses(page))
        if len(listed) >= LEAST:
            return Match(self.name, f"an ItemList of {len(listed)} pages", 0.7, page.url)
        linked = self._linked_profiles(page)
        if len(linked) >= LEAST:
            evidence = f"{len(linked)} links to pages like {linked[0]}"
            return Match(self.name, evidence, 0.5, page.url)
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        return ()

    def read(self, answer: Response) -> Iterator[Reading]:
        context = about(answer)
        ask = context.get("ask")
        if ask == "robots":
            yield from self._read_robots(answer)
        elif ask == "sitemap":
            yield from self._read_sitemap(answer)
        elif ask == "profile":
            yield from self._read_profile(answer, context)
        else:
            yield from self._read_page(answer, context.get("page", 1))

    # Pages that list

    def _read_page(self, answer: Response, number: int) -> Iterator[Reading]:
        if not isinstance(answer, TextResponse) or not answer.text.strip():
            raise WrongShape(f"expected a page, got {beginning(body_text(answer))}")
        entries, profiles = self._listed(answer)
        if number > 1 and not entries and not profiles:
            if says_nobody(answer):
                return
            raise WrongShape(f"expected more people, got {beginning(visible_text(answer))}")
        fresh = 0
        for entry in entries:
            for listing in self._listings(entry, answer, None):
                fresh += 1
                yield listing
        for url in profiles:
            self._prefixes.add(_prefix(url))
            for request in self._profile(url, linked=True):
                fresh += 1
                yield request
        if number == 2 and not fresh:
            raise WrongShape("expected more people on page 2, got those of page 1 again")
        if number == 1:
            if not fresh:
                raise WrongShape(
                    "expected schema.org people, or links to their pages, "
                    f"got {beginning(plain(answer.text[:2000]))}"
                )
            if profiles:
                yield Request(
                    urljoin(answer.url, "/robots.txt"),
                    meta={"about": {"ask": "robots"}, "optional": True},
                )
        following = next_request(answer, number + 1)
        if fresh and following:
            context = {"ask": "page", "page": number + 1}
            # Before the profiles, so that all of them are known early.
            yield following.replace(priority=10, meta={"about": context, "paging": True})

    def _listed(self, page: TextResponse) -> tuple[list[Thing], list[str]]:
        """The entries that a page holds, or else the addresses of their pages."""
        entries = self._entries(page)
        if len(entries) >= 2:
            return entries, []
        named = self._profiles(page, listed_addresses(page))
        return [], named or self._linked_profiles(page)

    def _entries(self, page: TextResponse) -> list[Thing]:
        """The entries on a page, without the publisher and people who only wrote something."""
        return [
            one
            for one in things(page)
            if text_of(one.get("name")) or one.get("familyName")
            if any(one.get(key) for key in _SUBSTANCE)
            if not self._is_publisher(one, page)
        ]

    def _is_publisher(self, thing: Thing, page: TextResponse) -> bool:
        if types_of(thing) & PEOPLE and "Organization" not in types_of(thing):
            return False
        if heading_key(text_of(thing.get("name")) or "") in self._own:
            return True
        for key in ("@id", "url"):
            address = thing.get(key)
            if isinstance(address, str) and address:
                parts = urlsplit(joined(page.url, address))
                if parts.netloc == urlsplit(page.url).netloc and parts.path in ("", "/"):
                    self._own.add(heading_key(text_of(thing.get("name")) or ""))
                    return True
        return False

    # Links to profiles

    def _profiles(self, page: TextResponse, addresses: Iterable[str]) -> list[str]:
        here = urlsplit(page.url)
        found = []
        for address in addresses:
            url = joined(page.url, address).split("#", 1)[0]
            parts = urlsplit(url)
            if parts.scheme in ("http", "https") and parts.netloc == here.netloc:
                found.append(url)
        return [
            url
            for url in dict.fromkeys(found)
            if urlsplit(url).path.rstrip("/") != here.path.rstrip("/")
            or urlsplit(url).query != here.query
            if not _NOT_PROFILES.search(urlsplit(url).path)
        ]

    def _linked_profiles(self, page: TextResponse) -> list[str]:
        """Links of the page that share one address, most of them under names."""
        groups: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
        names: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
        paging = next_page(page)
        for link in page.xpath("//a[@href][not(ancestor::nav or ancestor::footer)]"):
            url = next(iter(self._profiles(page, [link.attrib["href"].strip()])), None)
            if url is None or url == paging or re.search(r"/page/\d+/?$", url):
                continue
            key = _prefix(url)
            if key in self._prefixes or _DIRECTORY_WORDS.search(key[1]):
                if url not in groups[key]:
                    groups[key].append(url)
                names[key] += is_name(plain(link.get() or ""))
        good = [key for key in groups if min(names[key], len(groups[key])) >= LEAST]
        known = [key for key in groups if key in self._prefixes]
        best = max(good, key=lambda key: names[key], default=None)
        chosen = known or ([best] if best else [])
        return [url for key in chosen for url in groups[key]]

    def _profile(self, url: str, *, linked: bool) -> Iterator[Request]:
        key = _path_of(url)
        if key not in self._asked:
            self._asked.add(key)
            yield Request(url, meta={"about": {"ask": "profile", "linked": linked}})

    # Sitemaps

    def _read_robots(self, answer: Response) -> Iterator[Request]:
        named = _SITEMAP_LINE.findall(body_text(answer)) if answer.status < 400 else []
        for url in named or [urljoin(answer.url, "/sitemap.xml")]:
            yield from self._sitemap(joined(answer.url, url), answer)

    def _sitemap(self, url: str, answer: Response) -> Iterator[Request]:
        same = urlsplit(url).netloc == urlsplit(answer.url).netloc
        if same and url not in self._asked and self._sitemaps < _MOST_SITEMAPS:
            self._asked.add(url)
            self._sitemaps += 1
            yield Request(url, meta={"about": {"ask": "sitemap"}, "optional": True})

    def _read_sitemap(self, answer: Response) -> Iterator[Request]:
        """Links of a sitemap that share the profiles' address; sitemaps that it names."""
        text = body_text(answer)
        if answer.status >= 400 or "<" not in text:
            return
        # No XML parser: there is nothing to expand, and half a file still names its pages.
        addresses = [joined(answer.url, plain(one)) for one in _LOC.findall(text)]
        if "<sitemapindex" in text:
            for url in addresses:
                yield from self._sitemap(url, answer)
            return
        for url in addresses:
            if _prefix(url) in self._prefixes:
                yield from self._profile(url, linked=False)

    # Profiles

    def _read_profile(self, answer: Response, context: Mapping[str, Any]) -> Iterator[Reading]:
        if answer.status in (404, 410) and not context.get("linked"):
            yield Hidden(f"in the sitemap, but its page is gone ({answer.status})")
            return
        if not isinstance(answer, TextResponse) or answer.status >= 400:
            raise WrongShape(f"expected a profile page, got {beginning(body_text(answer))}")
        entries = self._entries(answer)
        people = [one for one in entries if types_of(one) & PEOPLE]
        practices = {
            heading_key(text_of(first(p.get("worksFor")).get("name")) or "") for p in people
        }
        own = people or entries
        # A person and the practice at which they work are one entry; two practices are two.
        for place, entry in enumerate(
            one for one in own if text_of(one.get("name")) not in practices
        ):
            yield from self._listings(entry, answer, place)
        if own:
            return
        for main in answer.xpath("(//main|//article|//*[contains(@class, 'vcard')])[1]"):
            card = read_card(main, answer.url, self._sheet.options.columns)
            if card.whole:
                values = {**card.values, "profile_url": answer.url}
                yield from self._once(_path_of(answer.url), answer.url, values, dict(card.extra))
                return
        yield Shortfall(f"{answer.url} has neither schema.org data nor a card with a name")

    def _listings(self, entry: Thing, page: TextResponse, place: int | None) -> Iterator[Listing]:
        """The listings of one entry: one for each place. `place` counts entries of a profile."""
        values, extra = values_of(entry, page.url)
        if place is not None:
            values["profile_url"] = page.url
            native = _path_of(page.url) + (f"#{hashed_id(values)[:8]}" if place else "")
        else:
            native = self._native(entry, values, page)
        yield from self._once(native, page.url, values, extra)
        others = entry.get("address")
        for number, other in enumerate(others[1:] if isinstance(others, list) else (), start=2):
            parts = address_of(other)
            if parts:
                rest = {key: text for key, text in values.items() if key not in PLACE}
                yield from self._once(f"{native}#{number}", page.url, rest | parts, extra)

    def _native(self, entry: Thing, values: Mapping[str, Any], page: TextResponse) -> str:
        for key in ("@id", "url"):
            address = entry.get(key)
            if not isinstance(address, str) or address.startswith("_:"):
                continue
            parts = urlsplit(joined(page.url, address))
            fragment = f"#{parts.fragment}" if parts.fragment else ""
            own = _path_of(parts.geturl()) + fragment
            if parts.netloc == urlsplit(page.url).netloc and own != _path_of(page.url):
                return own
        return hashed_id(values, self._sheet.options.identity)

    def _once(
        self, native: str, url: str, values: Mapping[str, Any], extra: Mapping[str, str]
    ) -> Iterator[Listing]:
        if native not in self._seen:
            self._seen.add(native)
            yield Listing(
                source_id=self._sheet.id, native_id=native, seen_url=url, extra=extra, **values
            )


def _path_of(url: str) -> str:
    """What tells a profile's address from the others: path and query."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.path.rstrip('/')}{query}"


def _prefix(url: str) -> tuple[str, str, tuple[str, ...]]:
    """What profiles of one directory share: host, path without the last part, keys of the query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", "", ()
    keys = tuple(sorted(key for key, _ in parse_qsl(parts.query)))
    path = parts.path if keys else parts.path.rstrip("/").rpartition("/")[0] + "/"
    return parts.netloc, path, keys
