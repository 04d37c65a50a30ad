"""No source may lead the spider into a private network.

A page, a redirect or a script can name any address: a router, a cloud's metadata service, a
database on this machine. Only hosts that the fact sheet itself names may have a private address.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from scrapy.http import Request, Response

from records.factsheet import FactSheet
from spiders.trouble import Trouble

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


def is_private(address: str) -> bool:
    """Whether an IP address, as text, is anything but a public one."""
    one = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(one, ipaddress.IPv6Address):
        # The same host in another writing: ::ffff:127.0.0.1, 6to4, Teredo.
        inner = one.ipv4_mapped or one.sixtofour or (one.teredo[1] if one.teredo else None)
        if inner is not None:
            return is_private(str(inner))
    return not one.is_global or one.is_multicast


def hosts_of(sheet: FactSheet) -> frozenset[str]:
    """The host names the fact sheet gives for its directory, lower case, without ports."""
    named = (sheet.home_url, sheet.directory_url)
    return frozenset(urlsplit(url).hostname or "" for url in named if url)


async def addresses_of(host: str) -> list[str]:
    """The IP addresses of a host; empty when it has none, which the download then reports."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return sorted({str(one[4][0]) for one in found})


class GuardMiddleware:
    """Lets nothing through to a private address but to the fact sheet's own hosts."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._judged: dict[str, str | None] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https"):
            raise Trouble(f"{request.url} is no web address")
        host = parts.hostname or ""
        if host in self._own_hosts():
            if is_local_name(host):
                request.meta.setdefault("proxy", None)  # a proxy elsewhere cannot reach it
            return
        if host not in self._judged:
            self._judged[host] = await self._private_address(parts.scheme, host)
        private = self._judged[host]
        if private:
            raise Trouble(f"{request.url} leads to the private address {private}: not followed")

    def process_response(self, request: Request, response: Response) -> Response:
        # A name can be resolved differently a moment later.
        used = response.ip_address
        host = urlsplit(request.url).hostname or ""
        if (
            used is not None
            and not request.meta.get("proxy")
            and host not in self._own_hosts()
            and is_private(str(used))
        ):
            raise Trouble(f"{request.url} came from the private address {used}: not read")
        return response

    def _own_hosts(self) -> frozenset[str]:
        spider: Any = self._crawler.spider
        own: frozenset[str] = spider.own_hosts
        return own

    async def _private_address(self, scheme: str, host: str) -> str | None:
        try:
            return host if is_private(host) else None
        except ValueError:
            pass
        if scheme in getproxies() and not proxy_bypass(host):
            return None  # the proxy resolves the name, in its own network
        for address in await addresses_of(host):
            if is_private(address):
                return address
        return None


def is_local_name(host: str) -> bool:
    """Whether a host of a fact sheet is this machine or a private address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return is_private(host)
    except ValueError:
        return False
