"""From an organisation's address to the page of its directory: the half that reads nothing yet.

It opens the pages `finding.py` thinks best and shows each to `recognition.py`. What follows when a
directory was recognised is the business of the spider that is made of it: reading it
(`directory.py`), or only saying so (`detect.py`).
"""

from __future__ import annotations

import asyncio
import datetime as dt
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response, TextResponse
from twisted.python.failure import Failure

from records.bundle import RunBundle
from records.factsheet import FactSheet
from records.listing import Listing
from spiders.answers import status_words
from spiders.finding import Search, frames, says_directory, site_of
from spiders.guard import hosts_of
from spiders.people import PeopleOf
from spiders.platforms import Surroundings
from spiders.platforms.registry import UnknownPlatform, platform_named, platforms
from spiders.politeness import HostTurns, Limits
from spiders.recognition import LIKELY, SURE, Named, Recogniser, Recognition, as_markup, rest_api
from spiders.trouble import RunOver, Trouble, in_words
from spiders.unfinished import Unfinished

#: In the failure of a run that looked everywhere.
NOT_RECOGNISED = "no directory recognised"
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


class SeekingSpider(scrapy.Spider):
    """Looks for the directory of one source. A run object: one spider, one source, one run.

    Ends in `begin`, or with `bundle.failure`, which says in one line why not.
    """

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
        self.unfinished = Unfinished.begin(data, sheet, dt.datetime.now(dt.UTC))
        """The answers of this run until it ends, and those of an interrupted one before."""
        self.interrupted = False
        """Whether somebody stopped the run before it was done."""
        if self.unfinished.since is not None:
            self.bundle.stats["unfinished/since"] = self.unfinished.since
        self.own_hosts = hosts_of(sheet)
        self.asked_delays: dict[str, float] = {}
        """Crawl-delay by host, in seconds, where robots.txt asks for one."""
        self.recogniser = Recogniser(())
        urls = (sheet.home_url, sheet.directory_url, sheet.publisher.url)
        self.search = Search(frozenset(site_of(url) for url in urls if url))
        self.starts_at_home = sheet.directory_url is None
        self.follows_links = sheet.directory_url is None
        """The address of the directory itself was given: its links lead away from it."""
        self.unread: list[str] = []
        """Pages that could not be had, and why."""
        self.named: tuple[Named, ...] = ()
        """What WordPress names, where nothing else was found."""
        self._best: tuple[Recognition, Response] | None = None
        self._likeliest: tuple[int, Response] | None = None
        self._rest_api: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_listing, signals.item_scraped)
        crawler.signals.connect(spider.on_error, signals.spider_error)
        crawler.signals.connect(spider.on_stage_error, signals.item_error)
        crawler.signals.connect(spider.on_closed, signals.spider_closed)
        return spider

    def pause_for(self, host: str) -> float:
        """Seconds between two requests to a host: the sheet's, or robots.txt's if that is more."""
        return max(self.sheet.politeness.delay_seconds, self.asked_delays.get(host, 0.0))

    @abstractmethod
    def begin(self, found: Recognition, page: Response) -> Iterator[Any]:
        """The directory was recognised on this page."""

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
        """Close the books of the run."""
        self.over.set()
        bundle = self.bundle
        bundle.finished_at = now_utc()
        for key, value in self.crawler.stats.get_stats().items():
            if not key.startswith(_SCRAPYS_OWN) and isinstance(value, int | float | str):
                bundle.stats.setdefault(key, value)
        if bundle.failure is None and reason != "finished":
            bundle.failure = f"ended before it was done ({reason})"
            self.interrupted = True

    # Looking

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
        self.recogniser = Recogniser([kind(around) for kind in kinds])
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
        page = as_markup(page)
        if site_of(page.url) in self.search.sites:
            self._rest_api = self._rest_api or rest_api(page)
        is_home = depth == 0 and self.starts_at_home
        found = self.recogniser.recognise(page)
        if found.refusal and is_home and not says_directory(page):
            # A search box of such a service on the home page need not be the directory.
            self.unread.append(f"{page.url} has {self._title(found)}: {found.refusal}")
            found = Recognition(page.url)
        if found:
            # Shops load a locator's script on every page, and a home page may show three of its
            # members: the home page counts after the pages it links to, unless nothing does.
            trusted = found.certainty >= SURE or not is_home or says_directory(page)
            if trusted and (self._best is None or found.certainty > self._best[0].certainty):
                self._best = (found, page)
                self._note_others(found)
            if not is_home and _sure(found, page):
                yield from self._begin()
                return
        self._remember(page, depth)
        self.search.learn(page, depth, links=self.follows_links)
        yield from self._next_page()

    def _title(self, found: Recognition) -> str:
        assert found.best is not None
        return self.recogniser.platform(found.best).title

    def _note_others(self, found: Recognition) -> None:
        stats = self.bundle.stats
        for key in [key for key in stats if key.startswith("recognise/")]:
            del stats[key]
        for match in found.matches:
            stats[f"recognise/{match.platform}/certainty"] = round(match.certainty, 2)

    def _remember(self, page: Response, depth: int) -> None:
        # Of pages that nobody recognised the one that calls itself a directory is worth a look.
        likely = 2 if says_directory(page) else 1 if depth else 0
        if self._likeliest is None or likely > self._likeliest[0]:
            self._likeliest = (likely, page)

    def _next_page(self) -> Iterator[Any]:
        following = self.search.next()
        if following is not None:
            yield self._open(*following)
        elif self._best is not None:
            yield from self._begin()
        elif self._rest_api is not None:
            url, self._rest_api = self._rest_api, None
            yield Request(
                url,
                callback=self.read_index,
                errback=self.index_trouble,
                meta={"optional": True},
                dont_filter=True,
            )
        else:
            self.fail(self.not_found())

    def _begin(self) -> Iterator[Any]:
        assert self._best is not None
        yield from self.begin(*self._best)

    def read_index(self, index: Response) -> Iterator[Any]:
        """Recognise what WordPress says of itself: the last resort."""
        if self.over.is_set():
            return
        self.bundle.pages += 1
        found = self.recogniser.recognise(index)
        self.named = found.named
        if found:
            self._best = (found, index)
            self._note_others(found)
            yield from self._begin()
        else:
            self.fail(self.not_found())

    def index_trouble(self, failure: Failure) -> None:
        """The index is closed to us: nothing is lost."""
        if not self.over.is_set() and not isinstance(failure.value, RunOver):
            self.fail(self.not_found())

    def _skip(self, line: str, depth: int) -> Iterator[Any]:
        if depth == 0:
            self.fail(line)
            return
        self.unread.append(line)
        yield from self._next_page()

    def page_trouble(self, failure: Failure) -> Iterator[Any]:
        """A page on the way could not be had: go round it, unless its host is closed to us."""
        error, request = failure.value, failure.request  # type: ignore[attr-defined]
        if self.over.is_set() or isinstance(error, RunOver):
            return
        line = in_words(error, request.url)
        own = site_of(request.url) in self.search.sites
        if own and isinstance(error, Trouble) and error.whole_host:
            self.fail(line)
            return
        yield from self._skip(line, request.cb_kwargs["depth"])

    def not_found(self) -> str:
        """What was looked for, where, and what could not be looked at."""
        titles = ", ".join(self.recogniser.titles())
        line = f"{NOT_RECOGNISED}; looked for {titles} on {' '.join(self.search.opened)}"
        if self.named:
            said = ", ".join(f"{one.platform} ({one.namespace})" for one in self.named)
            line = f"WordPress names {said}, but no page of it was found; {line}"
        if self.unread:
            # First, since the page that could not be had is likely the one.
            line = f"{'; '.join(self.unread)}; {line}"
        if self._likeliest is not None:
            line += self.keep(self._likeliest[1])
        return line

    def keep(self, page: Response) -> str:
        """Put aside the likeliest of the pages nobody recognised; what the line says of it."""
        return ""


def _sure(found: Recognition, page: Response) -> bool:
    """Whether to stop looking. A plain table is never certain, but one on a page that calls
    itself the directory and shows no frame is what was looked for.
    """
    likely = found.certainty >= LIKELY and says_directory(page) and not frames(page)
    return found.certainty >= SURE or likely


def _said(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
