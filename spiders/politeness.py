"""How a host is asked: who we say we are, one request at a time, with pauses, and when to stop."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

from scrapy.http import Request, Response

from spiders.trouble import RunOver, Trouble, host_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

#: The name robots.txt files can address us by.
PRODUCT = "NeedlepointBot"


def user_agent(contact: str | None) -> str:
    """The name, version and, where one is given, the contact address sent with every request."""
    name = f"{PRODUCT}/{version('needlepoint')}"
    return f"{name} (+{contact})" if contact else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run puts up with. Seconds and bytes."""

    timeout_seconds: float = 60
    """For a whole answer, so a server that sends a byte now and then ends too."""
    most_bytes: int = 20_000_000
    """Of one answer, unpacked. The largest directories send their list in a few megabytes."""
    longest_wait: float = 120
    """A Retry-After or Crawl-delay beyond this ends the run of that host."""
    retries: int = 2
    """How often an answer is asked for again after a passing trouble."""


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    stopped: str | None = None


class HostTurns:
    """One request at a time and a pause between two, per host, for all sources of a process.

    Two sources on one host share its turns: politeness is owed to the host.
    """

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    def _host(self, name: str) -> _Host:
        return self._hosts.setdefault(name, _Host())

    async def take(self, name: str, over: asyncio.Event) -> None:
        """Return when it is this caller's turn; `give_back` must follow.

        Raises Trouble when the host was stopped and RunOver when `over` is set while waiting;
        then the turn is not held.
        """
        host = self._host(name)
        await host.lock.acquire()
        try:
            await self._wait(host, over)
        except BaseException:
            host.lock.release()
            raise

    async def _wait(self, host: _Host, over: asyncio.Event) -> None:
        while not over.is_set():
            if host.stopped:
                raise Trouble(host.stopped, whole_host=True)
            left = host.free_at - time.monotonic()
            if left <= 0:
                return
            try:
                await asyncio.wait_for(over.wait(), left)
            except TimeoutError:
                continue
        raise RunOver("the run is over")

    def give_back(self, name: str, pause: float) -> None:
        """End a turn; the next one begins `pause` seconds from now."""
        host = self._host(name)
        host.free_at = max(host.free_at, time.monotonic() + pause)
        host.lock.release()

    def pause(self, name: str, seconds: float) -> None:
        """Let nobody ask this host for `seconds` from now."""
        host = self._host(name)
        host.free_at = max(host.free_at, time.monotonic() + seconds)

    def stop(self, name: str, why: str) -> None:
        """Let nobody ask this host any more."""
        host = self._host(name)
        host.stopped = host.stopped or why


class TurnsMiddleware:
    """Stands last before the downloader: what the cache answers needs no turn."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._holding: dict[int, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def _spider(self) -> Any:
        return self._crawler.spider

    async def process_request(self, request: Request) -> None:
        host = host_of(request.url)
        await self._spider.turns.take(host, self._spider.over)
        self._holding[id(request)] = host

    def process_response(self, request: Request, response: Response) -> Response:
        self._release(request)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        self._release(request)

    def _release(self, request: Request) -> None:
        host = self._holding.pop(id(request), None)
        if host is not None:
            self._spider.turns.give_back(host, self._spider.pause_for(host))
