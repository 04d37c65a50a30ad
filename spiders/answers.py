"""Which answers reach a platform at all: bot walls, refusals and overload end there or wait."""

from __future__ import annotations

import datetime as dt
import logging
import re
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Request, Response

from spiders.robots import IS_ROBOTS
from spiders.trouble import PASSING, Trouble, host_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_HEADER_WALLS = (
    ("cf-mitigated", re.compile(r"challenge"), "Cloudflare challenge"),
    ("x-amzn-waf-action", re.compile(r"captcha|challenge"), "AWS challenge"),
    ("sg-captcha", re.compile(r"challenge"), "SiteGround captcha"),
    ("x-sucuri-block", re.compile(r"."), "Sucuri firewall"),
)
#: Only what the walls' own pages say. A contact form with a captcha is no wall.
_BODY_WALLS = (
    (re.compile(rb"<title>\s*Just a moment\.\.\.\s*</title>", re.I), "Cloudflare challenge"),
    (re.compile(rb"<title>\s*Attention Required! \| Cloudflare", re.I), "Cloudflare block"),
    (re.compile(rb"/\.well-known/sgcaptcha/"), "SiteGround captcha"),
    (re.compile(rb"_Incapsula_Resource\?"), "Imperva wall"),
    (re.compile(rb"geo\.captcha-delivery\.com/(captcha|interstitial)"), "DataDome captcha"),
    (re.compile(rb"id=[\"']px-captcha[\"']"), "HUMAN captcha"),
    (re.compile(rb"<title>\s*Sucuri WebSite Firewall", re.I), "Sucuri firewall"),
    (re.compile(rb"<title>\s*DDoS-Guard\s*</title>", re.I), "DDoS-Guard check"),
)
#: Walls are small pages of their own; a large page that mentions one is an article.
_WALL_BYTES = 60_000


def bot_wall(response: Response) -> str | None:
    """The name of the bot wall that answered instead of the site, or None."""
    for header, pattern, name in _HEADER_WALLS:
        value = response.headers.get(header)
        if value is not None and pattern.search(value.decode("latin-1")):
            return name
    if len(response.body) <= _WALL_BYTES:
        for body_pattern, name in _BODY_WALLS:
            if body_pattern.search(response.body):
                return name
    return None


def seconds_to_wait(header: bytes | None, now: dt.datetime) -> float | None:
    """What Retry-After asks for, in seconds from `now` (aware); None when absent or unreadable."""
    text = (header or b"").decode("latin-1").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, (when - now).total_seconds())


def status_words(status: int) -> str:
    """The number and its usual words: 503 Service Unavailable."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


class AnswersMiddleware:
    """Stops a host that refuses us, waits for one that is busy, asks again after a passing trouble.

    Everything else, whatever its status, goes to the platform: success is a matter of shape.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def _spider(self) -> Any:
        return self._crawler.spider

    def process_response(self, request: Request, response: Response) -> Response | Request:
        host, status = host_of(request.url), response.status
        wall = bot_wall(response)
        if wall:
            self._stop(host, f"{host} shows a bot wall ({wall}) instead of {request.url}")
        if request.meta.get(IS_ROBOTS):
            return self._busy(request, response) if status >= 500 else response
        if request.meta.get("optional") and status != HTTPStatus.TOO_MANY_REQUESTS:
            return response  # a site that keeps its REST API to itself refuses no visitor
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            self._stop(host, f"{host} refuses us: {status_words(status)} for {request.url}")
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self._stop(host, f"{host} says we ask too often: {status_words(status)}")
        if status >= 500 or status == HTTPStatus.REQUEST_TIMEOUT:
            return self._busy(request, response)
        return response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if not isinstance(exception, PASSING):
            return None
        return self._again(request, type(exception).__name__, None)

    def _busy(self, request: Request, response: Response) -> Response | Request:
        host = host_of(request.url)
        said = status_words(response.status)
        wait = seconds_to_wait(response.headers.get("Retry-After"), dt.datetime.now(dt.UTC))
        if wait is not None and wait > self._spider.limits.longest_wait:
            line = f"{host} answered {said} and asks to come back in {wait:.0f} seconds"
            self._stop(host, line)
        if request.meta.get(IS_ROBOTS) and wait is not None:
            return response  # means: stay out; no reason to sit and wait for it
        again = self._again(request, said, wait)
        if again is not None:
            return again
        if request.meta.get(IS_ROBOTS):
            return response
        times = request.meta.get("retry_times", 0) + 1
        raise Trouble(f"{host} answered {said} {times} times: {request.url}", whole_host=True)

    def _again(self, request: Request, why: str, wait: float | None) -> Request | None:
        again = get_retry_request(
            request,
            spider=self._spider,
            reason=why,
            max_retry_times=self._spider.limits.retries,
            give_up_log_level=logging.DEBUG,
        )
        if again is not None:
            host = host_of(request.url)
            if wait is None:
                # 2, 4, … times the usual pause
                pause = self._spider.pause_for(host) * 2.0 ** again.meta["retry_times"]
                wait = min(pause, self._spider.limits.longest_wait)
            self._spider.turns.pause(host, wait)
        return again

    def _stop(self, host: str, line: str) -> None:
        self._spider.turns.stop(host, line)
        raise Trouble(line, whole_host=True)
