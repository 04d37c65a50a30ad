"""Which link of a site leads to its directory of practitioners.

Judged by what a link says and where it points (`finding_words.py`). The spider opens the best few,
one after another, until a platform recognises a page.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import tldextract
from scrapy.http import Response, TextResponse

from spiders.finding_words import words_score

#: Pages opened at most besides the home page and frames.
MOST_PAGES = 5
#: Frames opened at most.
MOST_FRAMES = 3
#: How many links from the home page a page may be away.
_DEEPEST = 2

_NO_PAGE = re.compile(
    r"\.(?:pdf|jpe?g|png|gif|svg|webp|docx?|xlsx?|pptx?|zip|mp[34]|ics|css|js|xml|rss)$", re.I
)
_ELSEWHERE_PATH = re.compile(
    r"/(?:wp-login|wp-admin|login|signin|sign-in|logout|account|cart|checkout|shop|product|blog"
    r"|news|category|tag|author|feed|event|events|courses?|jobs?|careers?)(?:[/.?]|$)",
    re.I,
)
#: Another page of a list is no other directory.
_PAGER = re.compile(r"/page/\d+/?$|[?&](?:page|paged|pg|start|offset)=\d+", re.I)
_STAGING = re.compile(
    r"^(?:dev|devel|development|stag(?:e|ing)|stg|test|testing|preview|sandbox|uat|qa|old|backup)\d*$"
    r"|[-_](?:dev|stag(?:e|ing)|test|preview)$|^(?:dev|staging|test)[-_]",
    re.I,
)
#: Where small organisations have their directory hosted under their own account.
_HOSTED = ("wildapricot.org", "membershipworks.com", "mylocator.com", "storepoint.co")
#: Frames that are never a directory.
_DECORATION = re.compile(
    r"(?:^|\.)(?:youtube(?:-nocookie)?\.com|youtu\.be|vimeo\.com|facebook\.com|instagram\.com"
    r"|twitter\.com|x\.com|tiktok\.com|linkedin\.com|spotify\.com|soundcloud\.com|recaptcha\.net"
    r"|googletagmanager\.com|doubleclick\.net|hcaptcha\.com|stripe\.com|paypal\.com"
    r"|calendly\.com|hubspot\.com|mailchimp\.com|typeform\.com|jotform\.com)$"
)

#: Knows the public suffixes that come with the package; never fetches a newer list.
_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page that may be the directory."""

    url: str
    score: int
    """100: the link says so outright. 30: it may be."""
    words: str
    """What the link says."""


def site_of(url: str) -> str:
    """The registered domain of an address ("directory.example"), or host and port of a bare one."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    try:
        ipaddress.ip_address(host)
    except ValueError:
        found = _SUFFIXES(host)
        # An invented or internal name has no public suffix: then its last two parts.
        return found.top_domain_under_public_suffix or ".".join(host.split(".")[-2:])
    return parts.netloc.lower()


def is_staging(url: str) -> bool:
    """Whether an address is a development or test copy of a site, which is not for the public."""
    host = (urlsplit(url).hostname or "").lower()
    site = site_of(url)
    labels = host.removesuffix(site).strip(".").split(".") if host != site else []
    return any(_STAGING.search(label) for label in labels if label)


def link_score(words: str, url: str) -> int:
    """How surely a link leads to the directory, by its words first and by its address.

    0 or less: it does not.
    """
    path = unquote(urlsplit(url).path)
    if _NO_PAGE.search(path) or _ELSEWHERE_PATH.search(path) or _PAGER.search(url):
        return -100
    # /graduates/a-name/ is a page below the directory: only the last part names the page itself.
    by_words, by_path = words_score(words), words_score(path.rstrip("/").rpartition("/")[2])
    if by_words < 0 or words_score(path) < 0:
        return -100
    # A long text is a sentence or a teaser, not the name of a page.
    if len(words) > 80:
        by_words //= 2
    return max(by_words + by_path // 5, by_path * 3 // 4)


def directory_links(page: Response, sites: Iterable[str]) -> list[Candidate]:
    """The links of a page that may lead to the directory, best first, each address once.

    `sites` are the registered domains that count as the organisation's own; hosted directories
    count too. Never raises on any page.
    """
    if not isinstance(page, TextResponse):
        return []
    own = {*sites, *_HOSTED}
    best: dict[str, Candidate] = {}
    for link in page.xpath("//a[@href] | //area[@href]"):
        # Not `.attrib`: lxml raises on an element that has an attribute with an odd name.
        url = _absolute(page, link.xpath("@href").get() or "")
        if url is None or site_of(url) not in own or is_staging(url):
            continue
        if url == urldefrag(page.url).url:
            continue
        says = " ".join(
            " ".join(
                link.xpath(".//text() | ./@title | ./@aria-label | .//img/@alt").getall()
            ).split()
        )
        score = link_score(says, url)
        if score > 0 and (url not in best or best[url].score < score):
            best[url] = Candidate(url, score, says)
    return sorted(best.values(), key=lambda one: -one.score)


def frames(page: Response) -> list[str]:
    """Addresses of the frames in a page that may hold a directory, in order."""
    if not isinstance(page, TextResponse):
        return []
    found = []
    for frame in page.xpath("//iframe"):
        source = frame.xpath("@src").get() or frame.xpath("@data-src").get() or ""
        url = _absolute(page, source) if source.strip() else None
        host = (urlsplit(url).hostname or "") if url else ""
        if url and not _DECORATION.search(host) and not is_staging(url) and url not in found:
            found.append(url)
    return found


def says_directory(page: Response) -> bool:
    """Whether a page calls itself a practitioner directory in its title or first heading."""
    if not isinstance(page, TextResponse):
        return False
    titles = page.xpath("//title").getall()[:1] + page.xpath("//h1").getall()[:2]
    plain = (re.sub(r"<[^>]*>", " ", title) for title in titles)
    return any(words_score(one) >= 50 for title in plain for one in re.split(r"[|–—·:]| - ", title))


def _absolute(page: TextResponse, address: str) -> str | None:
    try:
        url = urldefrag(urljoin(page.url, address.strip())).url
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


@dataclass(slots=True)
class Search:
    """What is still to be opened on the way to the directory, and what has been."""

    sites: frozenset[str]
    waiting: list[tuple[int, int, Candidate]] = field(default_factory=list)
    """(depth, score, page)"""
    opened: list[str] = field(default_factory=list)
    frames_left: int = MOST_FRAMES
    pages_left: int = MOST_PAGES
    frame_queue: list[str] = field(default_factory=list)

    def learn(self, page: Response, depth: int, *, links: bool = True) -> None:
        """Take in a page's frames and, unless it is too deep, its links."""
        if (here := urldefrag(page.url).url) not in self.opened:
            self.opened.append(here)  # a redirect's end, or the first page
        self.frame_queue += [url for url in frames(page) if url not in self.opened]
        if not links or depth >= _DEEPEST:
            return
        known = {*self.opened, *(one.url for _, _, one in self.waiting)}
        for one in directory_links(page, self.sites):
            if one.url not in known:
                self.waiting.append((depth + 1, one.score, one))
        # The surest first; of equals the nearer to the home page.
        self.waiting.sort(key=lambda entry: (-entry[1], entry[0]))

    def next(self) -> tuple[str, int] | None:
        """The next address to open and its depth, or None. Frames of an opened page come first."""
        while self.frame_queue and self.frames_left:
            url = self.frame_queue.pop(0)
            if url not in self.opened:
                self.frames_left -= 1
                self.opened.append(url)
                return url, _DEEPEST
        while self.waiting and self.pages_left:
            depth, _, one = self.waiting.pop(0)
            if one.url not in self.opened:
                self.pages_left -= 1
                self.opened.append(one.url)
                return one.url, depth
        return None
