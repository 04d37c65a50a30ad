"""What keeps the public server safe: limits for visitors' SQL, headers, and our SQL functions."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from datasette import hookimpl
from datasette.utils import StartupError

from db.nearest import haversine_miles
from plugins.pages.drawing import style_hash

LIMITS = {
    # One value or row of a reply: `select zeroblob(60000000)` would be 360 MB of JSON.
    "SQLITE_LIMIT_LENGTH": 2_000_000,
    "SQLITE_LIMIT_SQL_LENGTH": 50_000,
    "SQLITE_LIMIT_EXPR_DEPTH": 200,
    "SQLITE_LIMIT_COMPOUND_SELECT": 50,
}

STRICT = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
#: Datasette's table and SQL pages carry styles inside the page, and pictures inside the styles.
#: Their scripts are in files (templates/table.html, _codemirror_foot.html).
TABLES = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
TABLE_PAGES = re.compile(r"/(?:directory|_memory|-)(?:[/.?~-]|$)")
#: The map of results; the language may stand before it.
_MAP = re.compile(r"(?:/[a-z]{2})?/find")
#: A clinic may show the small search in its own page.
_FRAMED = re.compile(r"(?:/[a-z]{2})?/embed")
FRAMED = STRICT.replace("frame-ancestors 'none'", "frame-ancestors *")
#: A drawn picture holds its one style; nothing else in it may do anything.
_PICTURE = re.compile(r"(?:/[a-z]{2})?/(?:find|practitioner/[^/]+)\.svg")
PICTURE = (
    f"default-src 'none'; style-src {style_hash()}; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
_YEAR = "public, max-age=31536000, immutable"
_HOUR = "public, max-age=3600"

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Any, Send], Awaitable[None]]


@hookimpl
def startup() -> None:
    """Refuse to start where SQLite's limits cannot be set."""
    if not hasattr(sqlite3.Connection, "setlimit"):
        raise StartupError(
            "This Python's sqlite3 has no Connection.setlimit, so visitors' SQL could fill the"
            " memory. Use Python 3.11 or newer."
        )


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Bounds for whatever SQL a visitor writes, and the functions documented for it."""
    if not hasattr(conn, "setlimit"):
        # pysqlite3, if installed, takes sqlite3's place in Datasette and has no limits.
        raise StartupError(
            "The SQLite module in use has no setlimit; uninstall pysqlite3, or use Python's own."
        )
    for name, most in LIMITS.items():
        conn.setlimit(getattr(sqlite3, name), most)
    conn.create_function("haversine_miles", 4, haversine_miles, deterministic=True)
    conn.create_function("place_match", 1, place_match, deterministic=True)


_WORD = re.compile(r"\w+")


def place_match(text: Any) -> str:
    """An FTS5 expression for a visitor's words, the last one as a beginning: `"st" "lou"*`.

    Safe for any input: text without words gives an expression that matches nothing.
    """
    words = _WORD.findall(str(text).replace("_", " ")) if text is not None else []
    words = [word for word in words[:12] if word.isprintable()]
    if not words:
        return '"zzzznothing"'
    quoted = [f'"{word[:60]}"' for word in words]
    return " ".join(quoted) + "*"


def page_headers(path: str, query: bytes, tiles_from: str = "") -> dict[str, str]:
    """The headers a reply gets, by lower-case name, unless it already has them (the policy and
    the two guards always). `tiles_from` is the origin that the map of results may ask for streets,
    '' for none."""
    policy = TABLES if TABLE_PAGES.match(path) else STRICT
    policy = PICTURE if _PICTURE.fullmatch(path) else policy
    if tiles_from and _MAP.fullmatch(path):
        policy += f"; img-src 'self' data: {tiles_from}"
    headers = {
        "content-security-policy": FRAMED if _FRAMED.fullmatch(path) else policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "permissions-policy": "camera=(), microphone=(), geolocation=(self)",
        "cross-origin-opener-policy": "same-origin",
    }
    if path.startswith(("/static/", "/-/static/")):
        headers["cache-control"] = _YEAR if b"v" in parse_qs(query) else _HOUR
    elif not TABLE_PAGES.match(path):
        # A search must not be found in a shared cache or on a shared computer's disk.
        headers["cache-control"] = "private, no-store" if query else "public, max-age=60"
    return headers


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[App], App]:
    """Put the headers on every reply."""
    base = datasette.setting("base_url").rstrip("/")

    def wrap(app: App) -> App:
        async def safer(scope: Scope, receive: Any, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            path = scope["path"].removeprefix(base) if base else scope["path"]

            async def with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    # Known from the first answer on: Datasette starts its plugins before it.
                    streets = datasette.map_streets
                    tiles_from = streets.origin if streets else ""
                    wanted = page_headers(path, scope.get("query_string", b""), tiles_from)
                    present = {name.lower(): value for name, value in message["headers"]}
                    for name, value in wanted.items():
                        key = name.encode()
                        if name == "cache-control" and (key in present or message["status"] >= 400):
                            continue
                        present[key] = value.encode()
                    cookies = [
                        pair for pair in message["headers"] if pair[0].lower() == b"set-cookie"
                    ]
                    present.pop(b"set-cookie", None)
                    message = {**message, "headers": [*present.items(), *cookies]}
                await send(message)

            await app(scope, receive, with_headers)

        return safer

    return wrap
