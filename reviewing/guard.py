"""An ASGI layer that lets only this machine's own pages in: names, telephones and e-mail addresses
of people are behind it.

Three doors are shut that listening on 127.0.0.1 leaves open: a foreign page that points its own
name at this machine (the Host header tells), a foreign page that posts a form here (Origin tells,
and Datasette's own check lets a post without any cookie pass), and Datasette's pages for tables.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

_PATHS = re.compile(
    r"/(?:pair(?:/undo)?|rebuild|kind/[a-z-]+(?:/undo)?|static/(?:site\.css|review\.css|icon\.svg))?"
)
_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
        " frame-ancestors 'none'"
    ),
    # With no-referrer browsers send "Origin: null" for our own forms.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Around an ASGI app. `hosts` are the names it may be called by, without port; None for any."""

    def __init__(self, app: App, hosts: frozenset[str] | None) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer with 403 or 404 in plain text, or pass on and put the headers on the reply."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._refused(scope["method"], scope["path"], headers)
        if refused:
            await _plain(send, *refused)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0].decode() not in _HEADERS]
                ours = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message = {**message, "headers": [*kept, *ours]}
            await send(message)

        await self.app(scope, receive, with_headers)

    def _refused(self, method: str, path: str, headers: dict[bytes, str]) -> tuple[int, str] | None:
        host = headers.get(b"host", "")
        if self.hosts is not None and urlsplit(f"//{host}").hostname not in self.hosts:
            return 403, "This page answers only under the address it was started with."
        if not _PATHS.fullmatch(path):
            return 404, "There is no such page here."
        if method in {"GET", "HEAD"}:
            return None
        if method != "POST":
            return 405, "Only GET and POST."
        ours = (
            urlsplit(headers.get(b"origin", f"http://{host}")).netloc == host
            and headers.get(b"sec-fetch-site", "same-origin") in {"same-origin", "none"}
            # Datasette checks its token only where there is a cookie, and never with a bearer.
            and b"cookie" in headers
            and b"authorization" not in headers
        )
        return None if ours else (403, "Open the page here, then press its button. Nothing done.")


async def _plain(send: Any, status: int, text: str) -> None:
    headers = {**_HEADERS, "content-type": "text/plain; charset=utf-8"}
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
