"""Keys under which two writings of one street, website, name or practice meet. Pure text.

Made for comparing, not for showing. None where the text holds nothing that could tell two apart.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from db.place_text import words

_UNIT = re.compile(
    r"\b\d+(?:st|nd|rd|th)\s+fl(?:oor)?\b"
    r"|(?:\b(?:suite|ste|unit|apt|apartment|room|rm|bldg|building|floor|fl|dept)\b\.?|#)"
    r"\s*#?\s*[a-z0-9]+(?:-[a-z0-9]+)?",
    re.I,
)
_SHORT = {
    "street": "st", "avenue": "ave", "av": "ave", "boulevard": "blvd", "road": "rd",
    "drive": "dr", "lane": "ln", "highway": "hwy", "parkway": "pkwy", "court": "ct",
    "place": "pl", "square": "sq", "terrace": "ter", "circle": "cir", "trail": "trl",
    "turnpike": "tpke", "expressway": "expy", "plaza": "plz", "center": "ctr", "centre": "ctr",
    "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne", "northwest": "nw",
    "southeast": "se", "southwest": "sw", "route": "rte", "mount": "mt", "saint": "st",
    "post": "p", "office": "o",
}  # fmt: skip
_LEGAL_FORMS = frozenset("llc pllc inc pc pa ltd corp co company the of and at".split())
#: Hosts where many unrelated people have a page: alone, without a path, they say nothing.
_SHARED_HOSTS = frozenset(
    "facebook.com m.facebook.com instagram.com linkedin.com twitter.com x.com youtube.com "
    "linktr.ee sites.google.com google.com maps.google.com goo.gl yelp.com wixsite.com".split()
)


@lru_cache(maxsize=65_536)
def street_key(street: str | None) -> str | None:
    """'100 N Main St' and '100 North Main Street, Suite 4' both give '100nmainst': the front door
    of the building, without the unit."""
    if not street:
        return None
    door = words(_UNIT.sub(" ", street))
    return "".join(_SHORT.get(word, word) for word in door) or None


@lru_cache(maxsize=65_536)
def website_key(address: str | None) -> str | None:
    """Host without www, and path: 'example.com/team'. None for a bare host that many share, and
    for what is no web address."""
    if not address:
        return None
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = parts.path.rstrip("/").lower()
    if "." not in host or (host in _SHARED_HOSTS and not path):
        return None
    return host + path


@lru_cache(maxsize=65_536)
def name_key(name: str | None) -> str | None:
    """Lower-case ASCII without blanks, hyphens and accents: "O'Neil-Díaz" -> 'oneildiaz'."""
    return "".join(words(name)) or None if name else None


@lru_cache(maxsize=65_536)
def practice_key(name: str | None) -> str | None:
    """A practice's name without its legal form: 'The Sample Clinic, LLC' -> 'sampleclinic'."""
    if not name:
        return None
    parts = words(name)
    return "".join(word for word in parts if word not in _LEGAL_FORMS) or "".join(parts) or None
