"""What can go wrong on the way to an answer, each in one line a maintainer can act on."""

from __future__ import annotations

import zlib
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

#: Worth asking again after a pause: the network's and the server's passing moods.
PASSING = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Trouble(IgnoreRequest):
    """An address that will not be read. Its text is the line for the report.

    A subclass of IgnoreRequest so that Scrapy hands it to the errback and logs no traceback.
    """

    def __init__(self, line: str, *, whole_host: bool = False) -> None:
        super().__init__(line)
        self.whole_host = whole_host
        """Nothing more may be asked of this host in this run."""


class KeptOut(Trouble):
    """An address that a host which does answer closes to us in its robots.txt."""


class RunOver(IgnoreRequest):
    """A request that waited while its run came to an end."""


def host_of(url: str) -> str:
    """Host and, where it is not the scheme's own, port: what politeness is counted by."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    if ":" in name:
        name = f"[{name}]"
    try:
        port = parts.port
    except ValueError:  # "http://directory.example:port/"
        return name
    return name if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{name}:{port}"


def in_words(error: BaseException | None, url: str) -> str:  # noqa: PLR0911 - a table in order
    """One line about why `url` could not be read."""
    host = host_of(url)
    if isinstance(error, Trouble):
        return str(error)
    if isinstance(error, CannotResolveHostError):
        return f"{host}: no such host (its name could not be resolved)"
    if isinstance(error, DownloadConnectionRefusedError):
        return f"{host} refuses connections"
    if isinstance(error, DownloadTimeoutError):
        return f"{host} did not answer in time: {url}"
    if isinstance(error, ResponseDataLossError):
        return f"{host} cut the connection in the middle of its answer: {url}"
    if isinstance(error, DownloadCancelledError):
        return f"{url} is larger than the largest answer we read"
    if isinstance(error, IgnoreRequest):
        if "max redirections" in str(error):
            return f"{url} redirects in a circle"
        if "during decompression" in str(error):
            return f"{url} is larger than the largest answer we read once it is unpacked"
        return f"{url} was not asked: {_one_line(error)}"
    if isinstance(error, DownloadFailedError):
        if "certificate" in str(error).lower():
            return f"{host} has no valid certificate: {_one_line(error)}"
        return f"{host} broke the connection: {url} ({_one_line(error)})"
    if isinstance(error, OSError | EOFError | zlib.error):
        return f"{url} is compressed in a broken way ({_one_line(error)})"
    return f"{url} could not be read: {type(error).__name__}: {_one_line(error)}"


def _one_line(error: BaseException | None) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
