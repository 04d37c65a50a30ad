"""The one spider: from an organisation's address to the listings of its directory.

It finds the directory's page, asks each platform whether it recognises it, then asks and reads as
the platform says. It ends in one of two ways: every answer was read, or `bundle.failure` says in
one line why not.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response, TextResponse
from twisted.python.failure import Failure

from db.bundle import RunBundle
from spiders.answers import status_words
from spiders.factsheet import FactSheet
from spiders.finding import Search, frames, says_directory, site_of
from spiders.guard import hosts_of
from spiders.listing import Listing
from spiders.paging import Pager, Turn
from spiders.people import PeopleOf
from spiders.platforms import (
    Hidden,
    Match,
    Platform,
    Reading,
    Shortfall,
    Surroundings,
    Total,
    WrongShape,
)
from spiders.platforms.registry import UnknownPlatform, platform_named, platforms
from spiders.politeness import HostTurns, Limits
from spiders.trouble import RunOver, Trouble, in_words

logger = logging.getLogger(__name__)

#: From here on a platform is sure enough that no other page is looked at.
SURE = 0.6
#: The same on a page that calls itself the practitioner directory.
LIKELY = 0.5
#: Entries whose own page is gone (404) are left out, up to this share of the answers.
GONE_SHARE = 0.05
#: A few may be gone in a small directory too.
GONE_FEW = 3
#: What a platform says of a request in its meta; the rest is Scrapy's.
_PLATFORMS_OWN = ("about", "paging", "optional", "otherwise")
#: Counters of Scrapy that say nothing about the run; requests, the cache and the stages stay.
_SCRAPYS_OWN = (
    "downloader/request_method",
    "downloader/response_count",
    "elapsed",
    "finish",
    "httpcompression/",
    "item_scraped",
    "items_per",
    "log_count",
    "memusage",
    "request_depth",
    "response_received",
    "responses_per",
    "scheduler/",
    "start_time",
)


def now_utc() -> str:
    """UTC, ISO 8601 with milliseconds and a Z."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class DirectorySpider(scrapy.Spider):
    """Reads one source into `bundle`. A run object: one spider, one source, one run."""

    def __init__(
        self, sheet: FactSheet, data: Path, turns: HostTurns, limits: Limits, **kwargs: Any
    ) -> None:
        super().__init__(name=sheet.id, **kwargs)
        self.sheet = sheet
        self.data = data
        self.turns = turns
        self.limits = limits
        self.bundle = RunBundle(source_id=sheet.id, started_at=now_utc())
        self.over = asyncio.Event()
        """Set when the run has ended, so that requests that wait their turn give up."""
        self.own_hosts = hosts_of(sheet)
        self.asked_delays: dict[str, float] = {}
        """Crawl-delay by host, in seconds, where robots.txt asks for one."""
        self._platforms: list[Platform] = []
        self._platform: Platform | None = None
        urls = (sheet.home_url, sheet.directory_url, sheet.publisher.url)
        self._search = Search(frozenset(site_of(url) for url in urls if url))
        self._best: tuple[float, Match, Platform, Response] | None = None
        self._unread: list[str] = []
        self._likeliest: tuple[int, Response] | None = None
        self._pager = Pager()
        self._read_so_far: dict[str, Listing] = {}
        self._asked: set[bytes] = set()
        self._answers = 0
        self._gone = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> DirectorySpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_listing, signals.item_scraped)
        crawler.signals.connect(spider.on_error, signals.spider_error)
        crawler.signals.connect(spider.on_stage_error, signals.item_error)
        crawler.signals.connect(spider.on_closed, signals.spider_closed)
        return spider

    def pause_for(self, host: str) -> float:
        """Seconds between two requests to a host: the sheet's, or robots.txt's if that is more."""
        return max(self.sheet.politeness.delay_seconds, self.asked_delays.get(host, 0.0))

    # The end

    def fail(self, line: str) -> None:
        """End the run with the reason it failed. The first reason is the one that is kept."""
        if self.bundle.failure is None:
            self.bundle.failure = line
        if not self.over.is_set():
            self.over.set()
            task = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="failed"))
            task.add_done_callback(lambda done: done.exception())

    def on_listing(self, item: Listing) -> None:
        """Keep a listing that came through every stage."""
        self.bundle.listings.append(item)

    def on_error(self, failure: Failure) -> None:
        self.fail(f"the spider broke: {_said(failure.value)}")

    def on_stage_error(self, failure: Failure) -> None:
        self.fail(f"a stage broke on a listing: {_said(failure.value)}")

    def on_closed(self, reason: str) -> None:
        self.over.set()
        bundle = self.bundle
        bundle.finished_at = now_utc()
        for key, value in self.crawler.stats.get_stats().items():
            if not key.startswith(_SCRAPYS_OWN) and isinstance(value, int | float | str):
                bundle.stats.setdefault(key, value)
        if bundle.failure is None and reason != "finished":
            bundle.failure = f"ended before it was done ({reason})"
        if bundle.failure is None and self._gone > max(GONE_FEW, GONE_SHARE * bundle.pages):
            bundle.failure = f"{self._gone} of {bundle.pages} pages it links to are gone"
        if bundle.failure is None and not self._read_so_far:
            hidden = f" but {sum(bundle.hidden.values())} hidden" if bundle.hidden else ""
            bundle.failure = f"{bundle.pages} answers read and no listing in them{hidden}"

    # Finding the directory

    async def start(self) -> AsyncIterator[Any]:
        url = self.sheet.directory_url or self.sheet.home_url
        if url is None:
            self.fail("the fact sheet has neither home_url nor directory_url")
            return
        around = Surroundings(
            sheet=self.sheet, people=PeopleOf(self.sheet.coverage.countries, self.data)
        )
        named = self.sheet.platform
        try:
            kinds = platforms() if named == "auto" else (platform_named(named),)
        except UnknownPlatform as error:
            self.fail(f"in the fact sheet: {error}")
            return
        self._platforms = [kind(around) for kind in kinds]
        yield self._open(url, 0)

    def _open(self, url: str, depth: int) -> Request:
        return Request(
            url,
            callback=self.read_page,
            errback=self.page_trouble,
            cb_kwargs={"depth": depth},
            dont_filter=True,
        )

    def read_page(self, page: Response, depth: int) -> Iterator[Any]:
        """Recognise a page, or look in it for the way to the directory."""
        if self.over.is_set():
            return
        self.bundle.pages += 1
        if page.status >= 400:
            yield from self._skip(f"{page.url} answered {status_words(page.status)}", depth)
            return
        if not isinstance(page, TextResponse):
            kind = (page.headers.get("Content-Type") or b"no content type").decode("latin-1")
            yield from self._skip(f"{page.url} is no web page ({kind})", depth)
            return
        is_home = depth == 0 and self.sheet.directory_url is None
        found = self._recognised(page)
        if found and is_home and found[0][1].refusal and not says_directory(page):
            # A search box of such a service on the home page need not be the directory.
            self._unread.append(f"{page.url} has {found[0][2].title}: {found[0][1].refusal}")
            found = []
        if found:
            certainty, match, platform = found[0]
            # Shops load a locator's script on every page, and a home page may show three of its
            # members: the home page counts after the pages it links to, unless nothing does.
            trusted = certainty >= SURE or not is_home or says_directory(page)
            if trusted and (self._best is None or certainty > self._best[0]):
                self._best = (certainty, match, platform, page)
                self._note_others(found)
            if not is_home and self._sure(certainty, page):
                yield from self._begin()
                return
        self._remember(page, depth)
        # The address of the directory itself was given: its links lead away from it.
        self._search.learn(page, depth, links=self.sheet.directory_url is None)
        yield from self._next_page()

    def _recognised(self, page: Response) -> list[tuple[float, Match, Platform]]:
        found = []
        for platform in self._platforms:
            match = platform.recognise(page)
            if match is not None:
                found.append((match.certainty, match, platform))
        # A directory that may be read goes before one that may not. Stable: of equals the
        # registry's first.
        return sorted(found, key=lambda one: (one[0] < SURE or bool(one[1].refusal), -one[0]))

    def _sure(self, certainty: float, page: Response) -> bool:
        """Whether to stop looking. A plain table is never certain, but one on a page that calls
        itself the directory and shows no frame is what was looked for.
        """
        likely = certainty >= LIKELY and says_directory(page) and not frames(page)
        return certainty >= SURE or likely

    def _note_others(self, found: list[tuple[float, Match, Platform]]) -> None:
        stats = self.bundle.stats
        for key in [key for key in stats if key.startswith("recognise/")]:
            del stats[key]
        for certainty, match, _ in found:
            stats[f"recognise/{match.platform}/certainty"] = round(certainty, 2)

    def _remember(self, page: Response, depth: int) -> None:
        # Of pages that nobody recognised the one that calls itself a directory is worth a look.
        likely = 2 if says_directory(page) else 1 if depth else 0
        if self._likeliest is None or likely > self._likeliest[0]:
            self._likeliest = (likely, page)

    def _next_page(self) -> Iterator[Any]:
        following = self._search.next()
        if following is not None:
            yield self._open(*following)
        elif self._best is not None:
            yield from self._begin()
        else:
            self.fail(self._not_found())

    def _skip(self, line: str, depth: int) -> Iterator[Any]:
        if depth == 0:
            self.fail(line)
            return
        self._unread.append(line)
        yield from self._next_page()

    def page_trouble(self, failure: Failure) -> Iterator[Any]:
        """A page on the way could not be had: go round it, unless its host is closed to us."""
        error, request = failure.value, failure.request  # type: ignore[attr-defined]
        if self.over.is_set() or isinstance(error, RunOver):
            return
        line = in_words(error, request.url)
        own = site_of(request.url) in self._search.sites
        if own and isinstance(error, Trouble) and error.whole_host:
            self.fail(line)
            return
        yield from self._skip(line, request.cb_kwargs["depth"])

    def _not_found(self) -> str:
        titles = ", ".join(one.title for one in self._platforms)
        line = f"no directory recognised; looked for {titles} on {' '.join(self._search.opened)}"
        if self._unread:
            # First, since the page that could not be had is likely the one.
            line = f"{'; '.join(self._unread)}; {line}"
        if self._likeliest is not None:
            line += f"; kept for you to look at: {self._save(self._likeliest[1])}"
        return line

    def _save(self, page: Response) -> Path:
        folder = self.data / "unrecognised"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.sheet.id}-{self.bundle.started_at[:10]}.html"
        path.write_bytes(page.body)
        return path

    # Reading the directory

    def _begin(self) -> Iterator[Any]:
        assert self._best is not None
        _, match, platform, page = self._best
        self._platform = platform
        self.bundle.platform = match.platform
        self.bundle.evidence = match.evidence
        self.bundle.directory_url = match.page_url
        if match.refusal:
            self.fail(f"{platform.title} at {match.page_url} is not read: {match.refusal}")
            return
        try:
            first = list(platform.requests(match))
        except WrongShape as error:
            self.fail(f"{platform.title}: {error} ({page.url})")
            return
        if not first:
            yield from self._read(page)
        for request in first:
            yield from self._ask(request)

    def _ask(self, request: Request) -> Iterator[Request]:
        print_of = self.crawler.request_fingerprinter.fingerprint(request)
        if print_of in self._asked:
            self._count("spider/request/asked_before")
            return
        self._asked.add(print_of)
        yield request.replace(
            callback=self.read_answer, errback=self.answer_trouble, dont_filter=True
        )

    def read_answer(self, answer: Response) -> Iterator[Any]:
        """Read what the platform asked for."""
        if self.over.is_set():
            return
        self.bundle.pages += 1
        yield from self._read(answer)

    def _read(self, answer: Response) -> Iterator[Any]:
        assert self._platform is not None
        self._answers += 1
        if self._answers > self.sheet.options.max_pages:
            self.fail(f"endless pager: more than {self.sheet.options.max_pages} answers")
            return
        try:
            # Whole before anything of it is used: half an answer is none.
            readings = list(self._platform.read(answer))
        except WrongShape as error:
            yield from self._unreadable(answer, error)
            return
        yield from self._take(answer, readings)

    def _take(self, answer: Response, readings: list[Reading]) -> Iterator[Any]:
        asked = answer.request.meta if answer.request is not None else {}
        requests = [one for one in readings if isinstance(one, Request)]
        marks = {one.native_id for one in readings if isinstance(one, Listing)}
        marks |= {one.url for one in requests if not one.meta.get("paging")}
        turn = self._pager.turn(marks, turned=bool(asked.get("paging")))
        if turn is Turn.STUCK:
            self.fail(f"its pager does not turn: {answer.url} holds only what page 1 held")
            return
        for one in readings:
            match one:
                case Listing():
                    # The same id with other content goes on: the last stage counts it, since it
                    # means that the id is none.
                    if self._read_so_far.get(one.native_id) == one:
                        self._count("spider/listing/again")
                    else:
                        self._read_so_far.setdefault(one.native_id, one)
                        yield one
                case Hidden():
                    hidden = self.bundle.hidden
                    hidden[one.reason] = hidden.get(one.reason, 0) + 1
                case Total():
                    if self.bundle.expected is None or one.count > self.bundle.expected:
                        self.bundle.expected, self.bundle.expected_by = one.count, one.said_by
                case Shortfall():
                    self._fall_short(one.reason)
                case Request():
                    if turn is Turn.STOP and one.meta.get("paging"):
                        self._count("spider/pager/ended")
                    else:
                        yield from self._ask(one)

    def _unreadable(self, answer: Response, error: WrongShape) -> Iterator[Any]:
        assert self._platform is not None
        request = answer.request
        meta = request.meta if request is not None else {}
        if meta.get("optional"):
            self._count("spider/optional/unreadable")
            yield from self._otherwise(meta)
            return
        if answer.status in (404, 410) and not meta.get("paging") and self._read_so_far:
            # A list names an entry whose own page was taken down a moment ago.
            self._gone += 1
            self._count("spider/entry/gone")
            return
        times = meta.get("unreadable", 0) + 1
        if request is not None and request.callback is not None and times <= self.limits.retries:
            self._count("spider/answer/asked_again")
            # Not from the cache: the server would say that its broken page has not changed.
            yield request.replace(
                meta={
                    **{key: meta[key] for key in _PLATFORMS_OWN if key in meta},
                    "unreadable": times,
                    "dont_cache": True,
                },
                dont_filter=True,
            )
            return
        status = "" if answer.status == 200 else f", status {status_words(answer.status)}"
        self.fail(f"{self._platform.title}: {error} ({answer.url}{status})")

    def answer_trouble(self, failure: Failure) -> Iterator[Any]:
        """An answer could not be had."""
        error, request = failure.value, failure.request  # type: ignore[attr-defined]
        if self.over.is_set() or isinstance(error, RunOver):
            return
        closed = isinstance(error, Trouble) and error.whole_host
        if request.meta.get("optional") and not closed:
            self._count("spider/optional/unanswered")
            yield from self._otherwise(request.meta)
            return
        self.fail(in_words(error, request.url))

    def _otherwise(self, meta: Mapping[str, Any]) -> Iterator[Request]:
        """What the platform asks where an optional answer could not be had or read."""
        instead = meta.get("otherwise")
        if instead is not None:
            yield from self._ask(Request(instead["url"], meta=instead["meta"]))

    def _fall_short(self, reason: str) -> None:
        stats = self.bundle.stats
        before = stats.get("shortfall")
        stats["shortfall"] = f"{before}; {reason}" if before else reason

    def _count(self, key: str) -> None:
        self.bundle.stats[key] = int(self.bundle.stats.get(key, 0)) + 1


def _said(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
