"""Web and e-mail addresses as directories print them, made usable or refused."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

from pipelines.text import tidy

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]{1,20}:", re.IGNORECASE)
_BROKEN_SCHEME = re.compile(r"^(https?)\s*:?\s*[/\\]+\s*", re.IGNORECASE)
_HOST = re.compile(
    r"^(?=.{4,253}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:[^\W\d_]{2,63}|xn--[a-z0-9-]{2,59})$",
    re.IGNORECASE,
)
#: Who led a visitor somewhere is nobody's business here.
_TRACKING = re.compile(
    r"^(?:utm_\w*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|"
    r"mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi|hsctatracking|srsltid|y_source)$",
    re.IGNORECASE,
)
_EMAIL = re.compile(
    r"^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})$"
)
_SAFE = "%/:@!$&'()*+,;=~-._?#[]"
_LONGEST = 2000


@lru_cache(maxsize=10_000)
def web_address(text: str | None) -> str | None:
    """An http or https address with a host that can exist, without tracking parameters.

    "example.com/sample" gets http://; of several addresses the first counts. None for anything
    else: "n/a", "http://n/a", mailto:, javascript:, an e-mail address, a word, an IP address.
    Never raises.
    """
    text = tidy(text)
    if text is None or len(text) > _LONGEST:
        return None
    text = text.strip(" <>\"'()[],;")
    broken = _BROKEN_SCHEME.match(text)
    if broken:
        inner = text[broken.end() :]
        # "http://https://example.com": a form that puts http:// before what is typed
        text = inner if _BROKEN_SCHEME.match(inner) else f"{broken[1].lower()}://{inner}"
    scheme = _SCHEME.match(text)
    if not _BROKEN_SCHEME.match(text):
        if scheme and not re.match(r"^[\w.-]+\.[a-z]{2,}:\d", text, re.IGNORECASE):
            return None
        # http opens everywhere, and browsers try https first themselves.
        text = f"http://{text.lstrip('/')}"
    text = _first_of_several(text)
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if not _HOST.match(host) or parts.username is not None:
        return None
    query = "&".join(
        pair for pair in parts.query.split("&") if not _TRACKING.match(pair.partition("=")[0])
    )
    place = f"{host}:{port}" if port else host
    path, query, fragment = (_quoted(part) for part in (parts.path, query, parts.fragment))
    return urlunsplit((parts.scheme, place, path, query, fragment))


def _first_of_several(text: str) -> str:
    head, _, rest = text.partition(" ")
    if not rest or text.count("://") > 1 or re.search(r"[()|,]|\bor\b|\band\b|www\.", rest):
        return head.rstrip(",;|")
    # "http://example.com/our team": a blank that was typed; after a bare host it begins a remark
    return text if "/" in head.partition("://")[2] else head


def _quoted(part: str) -> str:
    return quote(part, safe=_SAFE)


@lru_cache(maxsize=10_000)
def email_address(text: str | None) -> str | None:
    """One plain e-mail address in lower case; of several the first.

    None where none is clearly printed. Addresses that their owner hid ("ada [at] example.com",
    "[email protected]") stay hidden, and two that ran together are not taken apart.
    """
    text = tidy(text)
    if text is None or len(text) > _LONGEST:
        return None
    for piece in re.split(r"[\s,;|<>()\"]+", text.casefold()):
        bare = re.sub(r"^(?:mailto:|e-?mail:)+", "", piece).partition("?")[0].strip(".:'[]")
        found = _EMAIL.match(bare) if len(bare) <= 254 else None
        if found:
            return None if _ran_together(found[1]) else bare
        if bare.count("@") > 1:
            return None
    return None


def _ran_together(domain: str) -> bool:
    """ "example.comthreeexample.com": one domain with another's text and itself behind it."""
    first, *rest = domain.split(".")
    return any(
        re.match(r"(?:com|net|org|edu|us|ca)\w", label) and label.endswith(first)
        for label in rest[:-1]
    )
