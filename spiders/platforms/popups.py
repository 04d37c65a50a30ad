"""What the pop-up of a map says: lines of a small piece of HTML, labelled or not, and its links.

Map software has a title, an address and one box of free HTML, in which people put everything else.
Only what is certain is taken out of it: labelled lines whose label is known, telephone numbers,
links to write, call or visit. The rest is kept as one text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from parsel import Selector

from records.text import lines, plain
from spiders.platforms.fields import extra_text, field_for, sort_cells
from spiders.platforms.map_rows import link_of
from spiders.platforms.shapes import PHONE, has_phone, labelled

_NO_SITE = re.compile(
    r"(?:^|\.)(?:facebook|instagram|twitter|x|linkedin|youtube|tiktok|pinterest|yelp|t)\.(?:com|co)$"
    r"|(?:^|\.)google\.[a-z.]+$|(?:^|\.)goo\.gl$|(?:^|\.)apple\.com$|(?:^|\.)bing\.com$"
    r"|(?:^|\.)openstreetmap\.org$|(?:^|\.)waze\.com$"
)
_HIDDEN_EMAIL = re.compile(r"/cdn-cgi/l/email-protection|data-cfemail")
#: A line that is nothing else.
_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_ADDRESS = re.compile(r"(?:https?://|www\.)[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?", re.I)
#: More is no pop-up but a page.
_LONGEST = 100_000
#: What the software itself says of an entry; a pop-up does not know it better.
_NOT_HERE = frozenset({"name", "latitude", "longitude", "profile_url", "listed_on"})


def popup(
    html: str, page_url: str, columns: Mapping[str, str] | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """(fields of Listing, extra) that a pop-up says; both may be empty.

    `page_url` tells the directory's own links from those to somebody's web site. An e-mail address
    that the site hides from programs stays hidden: extra says "contact via site".
    """
    html = html[:_LONGEST]
    if not plain(html):
        return {}, {}
    fields, words = _links(Selector(text=f"<div>{html}</div>", type="html"), page_url)
    cells, rest = _labelled(lines(html), words, columns)
    values, extra = sort_cells(cells, columns)
    for field, text in fields.items():
        if field != "phone" or not has_phone(str(values.get("phone", ""))):
            values[field] = text
    left: list[str] = []
    for line in rest:
        phone = PHONE.search(line)
        if phone and "phone" not in values:
            values["phone"] = phone[0].strip()
        elif "email" not in values and _EMAIL.fullmatch(line):
            values["email"] = line
        elif "website" not in values and _is_written_site(line, page_url):
            values["website"] = line
        elif line != values.get("phone") and line != values.get("email"):
            left.append(line)
    if _HIDDEN_EMAIL.search(html):
        values.pop("email", None)
        extra["email"] = "contact via site"
    if left:
        extra["text"] = extra_text(" | ".join(left))
    return {key: str(text) for key, text in values.items() if key not in _NOT_HERE}, extra


def _labelled(
    texts: list[str], words: set[str], columns: Mapping[str, str] | None
) -> tuple[list[tuple[str, str]], list[str]]:
    """("Label", text) of the lines with a known label, and the other lines but for `words`."""
    cells: list[tuple[str, str]] = []
    rest: list[str] = []
    waiting: str | None = None
    for text in texts:
        pair = labelled(text)
        if waiting is not None and not pair:
            cells.append((waiting, text))
            waiting = None
        elif pair and field_for(pair[0], columns):
            waiting = None if pair[1] else pair[0]
            if pair[1]:
                cells.append(pair)
        elif not _only(text, words):
            rest.append(text)
    return cells, rest


def _only(text: str, words: set[str]) -> bool:
    """Whether a line holds nothing but the words of links."""
    for one in sorted(words, key=len, reverse=True):
        text = text.replace(one, " ") if one else text
    return not any(letter.isalnum() for letter in text)


def _links(box: Selector, page_url: str) -> tuple[dict[str, str], set[str]]:
    """Fields that links say, and the words of links that are no text of their own."""
    fields: dict[str, str] = {}
    words: set[str] = set()
    for link in box.xpath(".//a[@href]"):
        href = link.attrib["href"].strip()
        label = plain(link.get() or "")
        if href.lower().startswith("tel:"):
            fields.setdefault("phone", label if has_phone(label) else unquote(href[4:]).strip())
            words.add(label)
        elif href.lower().startswith("mailto:"):
            address = unquote(href[7:]).split("?", 1)[0].strip()
            if "@" in address:
                fields.setdefault("email", address)
            words.add(label)
        elif _HIDDEN_EMAIL.search(href):
            words.add(label)
        elif _is_site(href, page_url):
            booking = field_for(label) == "booking_url"
            fields.setdefault("booking_url" if booking else "website", link_of(href))
            words.add(label)
        elif not has_phone(label):
            words.add(label)
    return {field: text for field, text in fields.items() if text}, words


def _is_written_site(line: str, page_url: str) -> bool:
    """Whether a line is the address of somebody's own web site, written without a link."""
    whole = line if "//" in line else f"https://{line}"
    return bool(_ADDRESS.fullmatch(line)) and _is_site(whole, page_url)


def _is_site(href: str, page_url: str) -> bool:
    """Whether a link leads to somebody's own web site: elsewhere, and to no map or network."""
    try:
        target, here = urlsplit(href), urlsplit(page_url)
        host = target.hostname
    except ValueError:
        return False
    if target.scheme not in ("http", "https") or not host or target.netloc == here.netloc:
        return False
    return not _NO_SITE.search(host)
