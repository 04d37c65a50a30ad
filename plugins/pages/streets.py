"""Streets for the map, from a tile server that whoever runs a site has chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from plugins.pages.wording import web_address
from plugins.pages.written import NotRight, missing_and_unknown

NEEDED = ("tiles", "attribution", "link")
OPTIONAL = ("send_origin",)
HERE = ("127.0.0.1", "localhost", "::1")
"""Hosts that may be asked without encryption: they are this machine."""


@dataclass(frozen=True, slots=True)
class Streets:
    """`tiles` is the address of a tile with `{z}`, `{x}` and `{y}` in it, `attribution` what its
    maker asks to be printed and `link` where that leads. `send_origin`: the server refuses who does
    not say which site asks, so the site's address goes with each request (never the page's)."""

    tiles: str
    attribution: str
    link: str
    send_origin: bool = False

    @property
    def host(self) -> str:
        """Who is asked, as a visitor reads it."""
        return urlsplit(self.tiles).hostname or ""

    @property
    def origin(self) -> str:
        """What the page's policy has to let through."""
        parts = urlsplit(self.tiles)
        return f"{parts.scheme}://{parts.netloc}"


def checked(found: Mapping[str, object]) -> Streets:
    """The streets as they were written. Raises NotRight, with everything that is wrong."""
    wrong = missing_and_unknown(found, NEEDED, OPTIONAL)
    tiles = str(found.get("tiles") or "")
    parts = urlsplit(tiles) if web_address(tiles) else None
    if tiles and not (parts and all(one in tiles for one in ("{z}", "{x}", "{y}"))):
        wrong.append(
            "'tiles' has to be the address of a tile, such as"
            " https://tiles.example.com/{z}/{x}/{y}.png"
        )
    elif parts and (parts.username or "{" in parts.netloc or " " in tiles):
        wrong.append("'tiles' has to name one host, without a login; '{s}' is not known")
    elif parts and parts.scheme != "https" and parts.hostname not in HERE:
        wrong.append("'tiles' has to begin with https://: others on the way could read along")
    if found.get("link") and not web_address(str(found["link"])):
        wrong.append("'link' has to be a whole address, such as https://example.com/")
    if not isinstance(found.get("send_origin", False), bool):
        wrong.append("'send_origin' has to be true or false")
    if wrong:
        raise NotRight("; ".join(wrong))
    return Streets(
        tiles, str(found["attribution"]), str(found["link"]), bool(found.get("send_origin"))
    )
