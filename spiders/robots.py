"""robots.txt as RFC 9309 has it: longest match, 4xx means no rules, 5xx or silence means stay out.

Scrapy's own middleware lets everything through when robots.txt cannot be had; this one does not.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from spiders.politeness import PRODUCT
from spiders.trouble import KeptOut, RunOver, Trouble, host_of, in_words

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

#: In a request's meta: this fetches robots.txt itself.
IS_ROBOTS = "robots_txt"


@dataclass(frozen=True, slots=True)
class Robots:
    """What one host's robots.txt says to us."""

    text: str
    """Empty when there is none."""
    summary: str
    """For the report: "no robots.txt (404)", "rules"."""
    stay_out: str | None = None
    """Why nothing may be asked at all, when the file could not be had."""
    silent: bool = False
    """The host did not answer."""

    @property
    def digest(self) -> str:
        """SHA-256 of the text, to notice when it changes."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def allows(self, url: str) -> bool:
        """Whether we may ask for `url`."""
        if self.stay_out:
            return False
        return bool(Protego.parse(self.text).can_fetch(url, PRODUCT))

    def delay(self) -> float:
        """Seconds between two requests that it asks for, 0 when it does not."""
        rules = Protego.parse(self.text)
        rate = rules.request_rate(PRODUCT)
        by_rate = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return max(float(rules.crawl_delay(PRODUCT) or 0), float(by_rate))


def read_robots(status: int, body: bytes) -> Robots:
    """What an answer to /robots.txt means. Redirects have been followed before."""
    # 429 is of the 4xx that RFC 9309 reads as "no rules", but a host that says we ask too often
    # is not to be asked more.
    if 400 <= status < 500 and status != HTTPStatus.TOO_MANY_REQUESTS:
        return Robots("", f"no robots.txt ({status})")
    if not 200 <= status < 300:
        return Robots("", f"robots.txt answered {status}", f"its robots.txt answered {status}")
    return Robots(body.decode("utf-8-sig", errors="replace"), "rules")


def robots_url(url: str) -> str:
    """Where the robots.txt for `url` is."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


class RobotsMiddleware:
    """Asks each host's robots.txt once a run and lets no request through that it forbids."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._asked: dict[str, asyncio.Task[tuple[Robots, Protego]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def _spider(self) -> Any:
        return self._crawler.spider

    async def process_request(self, request: Request) -> None:
        if request.meta.get(IS_ROBOTS):
            return
        where = robots_url(request.url)
        if where not in self._asked:
            self._asked[where] = asyncio.ensure_future(self._ask(where))
        robots, rules = await self._asked[where]
        host = host_of(request.url)
        if robots.stay_out:
            kind = Trouble if robots.silent else KeptOut
            raise kind(f"staying out of {host}: {robots.stay_out}", whole_host=True)
        if not rules.can_fetch(request.url, PRODUCT):
            raise KeptOut(f"robots.txt of {host} forbids {request.url}")

    async def _ask(self, where: str) -> tuple[Robots, Protego]:
        robots = await self._fetch(where)
        host, stats = host_of(where), self._spider.bundle.stats
        delay = robots.delay()
        if delay > self._spider.limits.longest_wait:
            robots = Robots(
                robots.text,
                robots.summary,
                f"its robots.txt asks for {delay:g} seconds between requests; "
                "ask the publisher for an export instead",
            )
        elif delay:
            self._spider.asked_delays[host] = delay
            stats[f"robots/{host}/crawl_delay"] = delay
        stats[f"robots/{host}/says"] = robots.summary
        stats[f"robots/{host}/sha256"] = robots.digest
        return robots, Protego.parse(robots.text)

    async def _fetch(self, where: str) -> Robots:
        request = Request(where, callback=NO_CALLBACK, priority=1000, meta={IS_ROBOTS: True})
        try:
            answer: Response = await self._crawler.engine.download_async(request)
        except RunOver:
            raise
        except Exception as error:  # whatever keeps us from it means stay out
            line = in_words(error, where)
            return Robots("", line, f"its robots.txt could not be had ({line})", silent=True)
        return read_robots(answer.status, answer.body)
