"""Asks published links whether they still answer, as politely as a directory is crawled.

A link is asked with HEAD, and with GET only where the server does not know HEAD; of an answer to
GET nothing but the head is read. One link of a host after the other, with pauses.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import scrapy
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Request, Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from db.links import Answered, Check, Link
from records.bundle import RunBundle
from records.factsheet import DEFAULT_DELAY_SECONDS, FactSheet
from spiders.guard import hosts_of
from spiders.politeness import HostTurns, Limits
from spiders.robots import IS_ROBOTS
from spiders.settings import process_settings, settings_for
from spiders.trouble import KeptOut, host_of

#: Servers that do not know HEAD say so with one of these.
_NO_HEAD = (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)
_CLASSES: dict[int, Answered] = {2: "2xx", 3: "3xx", 5: "5xx"}
#: A link is asked once, so that what judges, decodes and keeps answers has nothing to do.
_NOT_NEEDED = (
    "spiders.charset.CharsetMiddleware",
    "spiders.answers.AnswersMiddleware",
    "spiders.cache.CacheMiddleware",
)


def ask_links(  # noqa: PLR0913 - all but the first two by name
    links: Iterable[Link],
    data: Path,
    *,
    sheets: Sequence[FactSheet],
    contact: str | None,
    timeout: float,
    on_check: Callable[[Check], None] = lambda _check: None,
) -> list[Check]:
    """What each link answers, in the order in which they did; those that a stop of the program
    left over are not among them.

    robots.txt is obeyed. Private addresses are not asked, unless a fact sheet names their host; its
    pause between two requests counts for its host. `timeout` is in seconds. Once per process.
    """
    checks: list[Check] = []

    def done(check: Check) -> None:
        checks.append(check)
        on_check(check)

    limits = Limits(timeout_seconds=timeout, retries=0)
    settings = settings_for(data, contact=contact, limits=limits, pipelines={})
    settings |= {"HTTPCACHE_ENABLED": False, "CONCURRENT_REQUESTS": 16}
    settings["DOWNLOADER_MIDDLEWARES"] |= dict.fromkeys(_NOT_NEEDED)
    process = AsyncCrawlerProcess(process_settings())
    crawler = Crawler(LinkSpider, Settings(settings))
    process.crawl(crawler, links=links, sheets=sheets, limits=limits, done=done)
    process.start()
    return checks


class LinkSpider(scrapy.Spider):
    """Asks links, every host's in a row of their own."""

    name = "links"

    def __init__(
        self,
        links: Iterable[Link],
        sheets: Sequence[FactSheet],
        limits: Limits,
        done: Callable[[Check], None],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.limits = limits
        self.turns = HostTurns()
        self.over = asyncio.Event()
        self.bundle = RunBundle(source_id=self.name, started_at=_now())
        """Only for its counts, which robots.txt is noted in."""
        self.own_hosts = frozenset(host for sheet in sheets for host in hosts_of(sheet))
        self.asked_delays: dict[str, float] = {}
        self._done = done
        self._pauses = {
            host_of(url): sheet.politeness.delay_seconds
            for sheet in sheets
            for url in (sheet.home_url, sheet.directory_url)
            if url
        }
        self._waiting: dict[str, deque[Link]] = {}
        for link in links:
            self._waiting.setdefault(host_of(link.url), deque()).append(link)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_headers, signals.headers_received)
        crawler.signals.connect(spider.on_closed, signals.spider_closed)
        return spider

    def pause_for(self, host: str) -> float:
        """Seconds between two requests to a host."""
        usual = self._pauses.get(host, DEFAULT_DELAY_SECONDS)
        return max(usual, self.asked_delays.get(host, 0.0))

    def on_headers(self, request: Request) -> None:
        """Read no body: only whether there is an answer."""
        if not request.meta.get(IS_ROBOTS):
            raise StopDownload(fail=False)

    def on_closed(self) -> None:
        self.over.set()

    async def start(self) -> AsyncIterator[Any]:
        for waiting in self._waiting.values():
            for request in self._next(waiting):
                yield request

    def _next(self, waiting: deque[Link]) -> Iterator[Request]:
        if waiting:
            yield self._request(waiting.popleft(), "HEAD")

    def _request(self, link: Link, method: str) -> Request:
        return Request(
            link.url,
            method=method,
            callback=self.answered,
            errback=self.not_answered,
            cb_kwargs={"link": link},
            dont_filter=True,
        )

    def answered(self, answer: Response, link: Link) -> Iterator[Request]:
        """Note what came, and ask the next link of the host."""
        assert answer.request is not None
        waiting = self._waiting[host_of(link.url)]
        if answer.status in _NO_HEAD and answer.request.method == "HEAD":
            yield self._request(link, "GET")
            return
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            # Says nothing about the link, and no more of them are to be asked there.
            for one in (link, *waiting):
                self._note(one, "not_asked", answer.status if one is link else None)
            waiting.clear()
            return
        found = _CLASSES.get(answer.status // 100, "4xx")
        if found == "2xx" and answer.request.meta.get("redirect_times"):
            found = "3xx"
        self._note(link, found, answer.status)
        yield from self._next(waiting)

    def not_answered(self, failure: Failure) -> Iterator[Request]:
        """Nothing came, or nothing was asked; the next link of the host may fare better."""
        link: Link = failure.request.cb_kwargs["link"]  # type: ignore[attr-defined]
        if self.over.is_set():
            return
        kept_out = isinstance(failure.value, KeptOut)
        self._note(link, "not_asked" if kept_out else "none", None)
        yield from self._next(self._waiting[host_of(link.url)])

    def _note(self, link: Link, answer: Answered, status: int | None) -> None:
        self._done(Check(link, answer, status, _now()))


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
