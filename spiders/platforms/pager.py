"""Where a listing goes on, where it ends, and the totals that pages print."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

from scrapy.http import Response, TextResponse

from spiders.platforms.shapes import has_phone

_NEXT_WORDS = re.compile(
    r"^(?:next|next page|next »|older|more results|weiter|nächste(?: seite)?|suivante?"
    r"|page suivante|siguiente|página siguiente|successiv[ao]|avanti|volgende|próxima"
    r")?\s*(?:[›»>→]|>>)?$",
    re.I,
)
_NEXT_CLASS = re.compile(r"(?:^|[\s_-])next(?:$|[\s_-])", re.I)
_NUMBER = re.compile(r"/page/(\d{1,6})/?$|/(?:p|seite)/?(\d{1,6})/?$", re.I)
_NUMBER_KEYS = ("page", "paged", "pg", "p", "pagenum", "page_number", "seite", "currentpage")
_OF = re.compile(
    r"\b(?:showing|displaying|viewing|results?|entries|listings)\s*:?\s*[\d,]+\s*(?:-|–|to|through)"
    r"\s*[\d,]+\s+of\s+([\d,]{1,9})\b",
    re.I,
)

_NOBODY = re.compile(
    r"\bno (?:\w+ ){0,2}(?:listings?|results?|entries|members?|practitioners?|providers?|"
    r"therapists?|matches|records?|more)\b|\bnothing (?:was )?found|\bpage not found|"
    r"\bkeine (?:\w+ )?(?:einträge|ergebnisse|treffer)|\baucun résultat|\bsin resultados|"
    r"\bgeen resultaten|\bnessun risultato",
    re.I,
)


def next_page(page: TextResponse) -> str | None:
    """The address of the following page on the same host, or None where nothing leads there."""
    links = page.xpath('//link[contains(concat(" ", @rel, " "), " next ")]/@href').getall()
    links += page.xpath('//a[contains(concat(" ", @rel, " "), " next ")]/@href').getall()
    for link in page.xpath("//a[@href]"):
        words = " ".join("".join(link.xpath(".//text()").getall()).split())
        label = link.attrib.get("aria-label", "")
        classes = f"{link.attrib.get('class', '')} {link.xpath('../@class').get('')}"
        if (words and len(words) <= 24 and _NEXT_WORDS.match(words)) or (
            len(words) <= 40 and (_NEXT_CLASS.search(classes) or _NEXT_WORDS.match(label or "-"))
        ):
            links.append(link.attrib["href"])
    for href in links:
        url = _on_this_site(page, href)
        if url and (_number(url) or 10**6) > (_number(page.url) or 0):
            return url
    return _numbered(page)


def printed_total(text: str) -> int | None:
    """The number in "Showing 1 to 25 of 403", or None."""
    found = _OF.search(text)
    return int(found[1].replace(",", "") or 0) if found else None


def says_nobody(answer: Response) -> bool:
    """Whether a page past the end says that it is one: by its status, or in words."""
    if answer.status in (404, 410):
        return True
    text = visible_text(answer)
    return bool(_NOBODY.search(text)) and not has_phone(text)


def visible_text(answer: Response) -> str:
    """The text of a page without its scripts; empty for what is no page."""
    if not isinstance(answer, TextResponse):
        return ""
    texts = answer.xpath("//body//text()[not(ancestor::script or ancestor::style)]").getall()
    return " ".join(texts)


def _numbered(page: TextResponse) -> str | None:
    """The link to page N+1, where a pager has numbers only."""
    here = urlsplit(page.url)
    wanted = (_number(page.url) or 1) + 1
    for href in page.xpath("//a[@href]/@href").getall():
        url = _on_this_site(page, href)
        if url and _number(url) == wanted and _trunk(urlsplit(url).path) == _trunk(here.path):
            return url
    # Drupal counts from 0: the first page has no number, and ?page=1 is the second.
    return None


def _on_this_site(page: TextResponse, href: str) -> str | None:
    try:
        url = urljoin(page.url, href.strip())
        there, here = urlsplit(url), urlsplit(page.url)
        same = (there.scheme in ("http", "https")) and there.netloc == here.netloc
    except ValueError:
        return None
    url = url.split("#", 1)[0]
    return url if same and url != page.url.split("#", 1)[0] else None


def _number(url: str) -> int | None:
    parts = urlsplit(url)
    for key, value in parse_qsl(parts.query):
        if key.lower() in _NUMBER_KEYS and re.fullmatch(r"\d{1,6}", value, re.ASCII):
            return int(value)
    found = _NUMBER.search(parts.path)
    return int(found[1] or found[2]) if found else None


def _trunk(path: str) -> str:
    return _NUMBER.sub("", path).rstrip("/")
