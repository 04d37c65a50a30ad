"""The HTTP cache: an unchanged directory costs a question and no answer.

Every run asks again, with ETag and Last-Modified, so that "seen today" is true; a stored answer is
used only when the server says 304, never because it is young and never in place of an error. The
one exception is a run that goes on where an interrupted one stopped: see `unfinished.py`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from scrapy.spiders import Spider

from spiders.robots import IS_ROBOTS
from spiders.stored import read_answer, write_answer

if TYPE_CHECKING:
    from scrapy.utils.request import RequestFingerprinterProtocol

#: An answer nobody has confirmed for so long is deleted: it holds names of people.
KEEP_DAYS = 60

_CONDITIONS = (b"If-None-Match", b"If-Modified-Since")
#: In a request's meta: its answer is one of an interrupted run.
_HAD = "unfinished_answer"


class AskAgain(RFC2616Policy):
    """RFC 2616's rules of what may be kept; always asks whether it has changed."""

    def should_cache_request(self, request: Request) -> bool:
        return request.method == "GET" and super().should_cache_request(request)

    def should_cache_response(self, response: Response, request: Request) -> bool:
        can_be_asked = b"ETag" in response.headers or b"Last-Modified" in response.headers
        return (
            response.status == 200
            and can_be_asked
            and super().should_cache_response(response, request)
        )

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        self._set_conditional_validators(request, cachedresponse)
        return False

    def is_cached_response_valid(
        self, cachedresponse: Response, response: Response, request: Request
    ) -> bool:
        return response.status == 304


class CacheMiddleware(HttpCacheMiddleware):
    """Scrapy's, but an error stays an error where Scrapy would show the old answer."""

    def process_request(
        self, request: Request, spider: Spider | None = None
    ) -> Request | Response | None:
        # A redirect or a retry carries the conditions of the address before.
        for name in _CONDITIONS:
            request.headers.pop(name, None)
        if not _anew(request):
            had: Response | None = self._unfinished.answer(self._print(request))
            if had is not None:
                request.meta[_HAD] = True
                self.stats.inc_value("unfinished/answers")
                return had
        return super().process_request(request)

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        if request.meta.pop(_HAD, False):
            return response
        answer = super().process_response(request, response)
        if isinstance(answer, Response) and answer.status < 400 and not request.meta.get(IS_ROBOTS):
            self._unfinished.keep(self._print(request), answer)
        return answer

    def process_exception(
        self, request: Request, exception: Exception, spider: Spider | None = None
    ) -> None:
        request.meta.pop("cached_response", None)

    @property
    def _unfinished(self) -> Any:
        spider: Any = self.crawler.spider
        return spider.unfinished

    def _print(self, request: Request) -> str:
        return self.crawler.request_fingerprinter.fingerprint(request).hex()


def _anew(request: Request) -> bool:
    """Whether an answer of an interrupted run will not do: rules change, and faults pass."""
    return bool(request.meta.get(IS_ROBOTS) or request.meta.get("dont_cache"))


class FileStorage:
    """One file an answer; see `stored.py`."""

    def __init__(self, settings: BaseSettings) -> None:
        self._root = Path(settings["HTTPCACHE_DIR"])
        self._fingerprinter: RequestFingerprinterProtocol

    def open_spider(self, spider: Spider) -> None:
        self._fingerprinter = spider.crawler.request_fingerprinter
        for path in _old(self._root / spider.name, time.time() - KEEP_DAYS * 86400):
            path.unlink(missing_ok=True)

    def close_spider(self, spider: Spider) -> None:
        pass

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """The stored answer to this request, or None."""
        return read_answer(self._path(spider, request))

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Keep an answer in place of the one before."""
        write_answer(self._path(spider, request), response)

    def _path(self, spider: Spider, request: Request) -> Path:
        return self._root / spider.name / self._fingerprinter.fingerprint(request).hex()


def _old(folder: Path, before: float) -> Iterator[Path]:
    if folder.is_dir():
        for path in folder.iterdir():
            if path.stat().st_mtime < before:
                yield path
