"""The HTTP cache: an unchanged directory costs a question and no answer.

Every run asks again, with ETag and Last-Modified, so that "seen today" is true; a stored answer is
used only when the server says 304, never because it is young and never in place of an error.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import BaseSettings
from scrapy.spiders import Spider

if TYPE_CHECKING:
    from scrapy.utils.request import RequestFingerprinterProtocol

#: An answer nobody has confirmed for so long is deleted: it holds names of people.
KEEP_DAYS = 60

_CONDITIONS = (b"If-None-Match", b"If-Modified-Since")


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
        return super().process_request(request)

    def process_exception(
        self, request: Request, exception: Exception, spider: Spider | None = None
    ) -> None:
        request.meta.pop("cached_response", None)


class FileStorage:
    """One file an answer, written whole or not at all: a killed run leaves no half page behind.

    A line of JSON (url, status, headers, length), then the body as it was sent.
    """

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
        try:
            head, _, body = self._path(spider, request).read_bytes().partition(b"\n")
        except OSError:
            return None
        facts: dict[str, Any] = json.loads(head)
        if facts["length"] != len(body):
            return None
        headers = Headers(
            {
                name: [value.encode("latin-1") for value in values]
                for name, values in facts["headers"]
            }
        )
        kind = responsetypes.from_args(headers=headers, url=facts["url"], body=body)
        return kind(url=facts["url"], headers=headers, status=facts["status"], body=body)

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Keep an answer in place of the one before."""
        path = self._path(spider, request)
        path.parent.mkdir(parents=True, exist_ok=True)
        headers = [
            [name.decode("latin-1"), [value.decode("latin-1") for value in values]]
            for name, values in response.headers.items()
        ]
        facts = {
            "url": response.url,
            "status": response.status,
            "headers": headers,
            "length": len(response.body),
        }
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(facts).encode() + b"\n" + response.body)
        Path(name).replace(path)

    def _path(self, spider: Spider, request: Request) -> Path:
        return self._root / spider.name / self._fingerprinter.fingerprint(request).hex()


def _old(folder: Path, before: float) -> Iterator[Path]:
    if folder.is_dir():
        for path in folder.iterdir():
            if path.stat().st_mtime < before:
                yield path
