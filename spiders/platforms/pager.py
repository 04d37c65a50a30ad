"""Where a listing goes on, where it ends, and the totals that pages print.

Pages are turned by links, and on ASP.NET by sending the page's own form back to it.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

from parsel import Selector
from scrapy.http import Request, Response, TextResponse

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
_POSTBACK = re.compile(r"""__doPostBack\(\s*['"]([^'"]{1,300})['"]\s*,\s*['"]([^'"]{0,300})['"]""")
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


def next_request(page: TextResponse, number: int) -> Request | None:
    """The request for the following page, which is page `number`: a link, or a form sent back."""
    url = next_page(page)
    return Request(url) if url else _postback(page, number)


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
    found: dict[int, str] = {}
    from_zero = False
    for link in page.xpath("//a[@href]"):
        url = _on_this_site(page, link.attrib["href"])
        number = _number(url) if url else None
        if url is None or number is None or _trunk(urlsplit(url).path) != _trunk(here.path):
            continue
        found.setdefault(number, url)
        words = " ".join("".join(link.xpath(".//text()").getall()).split())
        # Drupal counts from 0: what it calls page 2 is ?page=1.
        shown = re.search(r"(\d{1,6})$", words, re.ASCII)
        from_zero |= number == 0 or (shown is not None and int(shown[1]) == number + 1)
    first = 0 if from_zero else 1
    own = _number(page.url)
    return found.get((first if own is None else own) + 1)


def _postback(page: TextResponse, number: int) -> Request | None:
    """The form of an ASP.NET page, sent back as its pager would to show page `number`."""
    chosen: tuple[int, tuple[str, str], Selector] | None = None
    for link in page.xpath("//a[contains(@href, '__doPostBack')]"):
        call = _POSTBACK.search(unquote(link.attrib["href"]))
        if call is None:
            continue
        words = " ".join("".join(link.xpath(".//text()").getall()).split())
        if call[2] == f"Page${number}" or (call[2] == "Page$Next" and number):
            rank = 0
        elif words == str(number):
            rank = 1
        elif words and len(words) <= 24 and _NEXT_WORDS.match(words):
            rank = 2
        else:
            continue
        if chosen is None or rank < chosen[0]:
            chosen = rank, (call[1], call[2]), link
    if chosen is None:
        return None
    _, (target, argument), link = chosen
    for form in link.xpath("ancestor::form[1]"):
        try:
            url = urljoin(page.url, form.attrib.get("action", "").strip() or page.url)
            same = urlsplit(url).netloc == urlsplit(page.url).netloc
        except ValueError:
            return None
        if not same or "__VIEWSTATE" not in (fields := _form_fields(form)):
            return None
        fields |= {"__EVENTTARGET": target, "__EVENTARGUMENT": argument}
        return Request(
            url,
            method="POST",
            body=urlencode(fields),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
    return None


def _form_fields(form: Selector) -> dict[str, str]:
    """What a browser would send with a form whose pager was clicked: no button of it."""
    fields: dict[str, str] = {}
    for one in form.xpath(".//input[@name]"):
        kind = one.attrib.get("type", "text").lower()
        if kind in ("submit", "button", "image", "reset", "file", "password"):
            continue
        if kind in ("checkbox", "radio") and "checked" not in one.attrib:
            continue
        fields[one.attrib["name"]] = one.attrib.get("value", "")
    for one in form.xpath(".//select[@name]"):
        chosen = one.xpath(".//option[@selected]")[:1] or one.xpath(".//option")[:1]
        for own in chosen:
            text = " ".join("".join(own.xpath(".//text()").getall()).split())
            fields[one.attrib["name"]] = own.attrib.get("value", text)
    return fields


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
        if key.lower() in _NUMBER_KEYS and re.fullmatch(r"\d{1,6}(?:,\d{1,6})*", value, re.ASCII):
            # Drupal counts every list of a page: page=0,3
            return sum(int(one) for one in value.split(","))
    found = _NUMBER.search(parts.path)
    return int(found[1] or found[2]) if found else None


def _trunk(path: str) -> str:
    return _NUMBER.sub("", path).rstrip("/")
