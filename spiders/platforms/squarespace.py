"""Squarespace: directories that somebody typed into a page, read as the page is.

How recognised
    A script that sets `Static.SQUARESPACE_CONTEXT`, and on the page at least three people or
    practices: in a list section (`data-current-context` with `userItems`), in blocks that repeat,
    or as links to pages below this one that bear names. A site on Squarespace without them is no
    directory.
What is asked
    The page and its following pages (`?offset=…`); where the entries are pages of their own, each
    of these. Never `?format=json`, `json-pretty`, `page-context` or `main-content`, which the
    robots.txt of such sites forbids.
Limits
    None; a collection shows 20 or so entries a page, with a link to older ones.
Traps
    * List sections hold their entries as escaped JSON in an attribute: titles are text,
      descriptions HTML, both escaped once more there.
    * The same list may be printed as HTML as well: it is read once.
    * "Newer" and "Older" both carry `offset`; `reversePaginate` leads back.
    * A map block that nobody filled in stands at Squarespace's own office in New York.
    * A page behind a password answers with status 200 and a form: dropped and counted.
Settings in the fact sheet's `options`
    `columns` and `identity`, as for HTML listings.
Source
    Pages of Squarespace 7.0 and 7.1 as they are.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urljoin, urlsplit

from parsel import Selector
from scrapy.http import Request, Response, TextResponse

from records.text import plain
from spiders.platforms import (
    Hidden,
    Match,
    Reading,
    Shortfall,
    Surroundings,
    WrongShape,
    about,
)
from spiders.platforms.card_listings import CardListings
from spiders.platforms.cards import LEAST, Card, Path, cards_at, find_cards, read_card
from spiders.platforms.json_answers import beginning, body_text, printed
from spiders.platforms.pager import next_page, says_nobody, visible_text
from spiders.platforms.shapes import is_name

_CONTEXT = re.compile(r"Static\.SQUARESPACE_CONTEXT\s*=\s*\{")
#: Ways to ask for a page's data that robots.txt of these sites forbids.
_FORBIDDEN = re.compile(r"[?&](?:format=|reversePaginate)", re.I)
_DIRECTORY = re.compile(
    r"practitioner|provider|therapist|clinician|director|graduate|alumn|member|find|locat|team",
    re.I,
)
_OFFICE = ("40.72075", "-74.00076")
_EXPECTED = "a Squarespace page with people on it"


class Squarespace:
    """Squarespace, as the module's docstring describes it."""

    name: ClassVar[str] = "squarespace"
    title: ClassVar[str] = "Squarespace page"

    def __init__(self, around: Surroundings) -> None:
        self._columns = around.sheet.options.columns
        self._cards = CardListings(around.sheet)
        self._asked: set[str] = set()
        self._path: Path = ()

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse) or not _is_squarespace(page):
            return None
        items = self._items(page)
        if len(items) >= LEAST:
            return Match(self.name, f"a list section of {len(items)} entries", 0.9, page.url)
        cards = self._blocks(page)
        if len(cards) >= LEAST:
            return Match(self.name, f"{len(cards)} repeated blocks", 0.6, page.url)
        links = self._links(page)
        if len(links) >= LEAST and _DIRECTORY.search(urlsplit(page.url).path):
            return Match(self.name, f"{len(links)} pages like {links[0]}", 0.5, page.url)
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        return ()

    def read(self, answer: Response) -> Iterator[Reading]:
        if not isinstance(answer, TextResponse) or not _is_squarespace(answer):
            raise WrongShape(f"expected {_EXPECTED}, got {beginning(body_text(answer))}")
        context = about(answer)
        if context.get("ask") == "profile":
            yield from self._read_profile(answer)
        else:
            yield from self._read_page(answer, context.get("page", 1))

    def _read_page(self, page: TextResponse, number: int) -> Iterator[Reading]:
        least = LEAST if number == 1 else 1
        cards = self._items(page, least) or self._blocks(page, least)
        links = [] if cards else self._links(page, least)
        if not cards and not links:
            if number > 1 and says_nobody(page):
                return
            raise WrongShape(f"expected {_EXPECTED}, got {beginning(plain(visible_text(page)))}")
        fresh, again = self._cards.take(cards, page.url)
        yield from fresh
        asked = [Request(url, meta={"about": {"ask": "profile"}}) for url in links]
        new = [one for one in asked if one.url not in self._asked]
        self._asked.update(one.url for one in new)
        yield from new
        if number == 2 and not fresh and not new:
            if links:
                raise WrongShape("expected more people on page 2, got those of page 1 again")
            yield from again  # so that the spider can tell that the pager does not turn
        following = _older(page)
        if following and (fresh or new):
            context = {"ask": "page", "page": number + 1}
            yield Request(following, meta={"about": context, "paging": True}, priority=10)

    def _items(self, page: TextResponse, least: int = LEAST) -> list[Card]:
        """The entries of list sections that name somebody and say where."""
        found: list[Card] = []
        for node in page.xpath("//*[contains(@data-current-context, 'userItems')]"):
            for item in _user_items(node.attrib["data-current-context"]):
                card = read_card(_item_node(item), page.url, self._columns)
                if card.values.get("name"):
                    found.append(card)
        good = [card for card in found if card.somewhere]
        return found if len(good) >= max(least, 0.5 * len(found)) else []

    def _blocks(self, page: TextResponse, least: int = LEAST) -> list[Card]:
        cards, path = find_cards(page.selector, page.url, self._columns)
        if cards:
            self._path = path
        elif least == 1:
            cards = cards_at(page.selector, page.url, self._columns, self._path)
        named = [one for one in cards if is_name(str(one.values.get("name") or ""))]
        whole = sum(one.whole for one in named)
        return cards if len(named) >= least and whole >= max(least, 0.5 * len(cards)) else []

    def _links(self, page: TextResponse, least: int = LEAST) -> list[str]:
        """Pages of a collection: directly below this page, most of them under names."""
        here = urlsplit(page.url)
        under = here.path.rstrip("/") + "/"
        names: dict[str, bool] = {}
        for link in page.xpath("//main//a[@href]|//*[@id='page']//a[@href]|//article//a[@href]"):
            try:
                parts = urlsplit(urljoin(page.url, link.attrib["href"].strip()))
            except ValueError:
                continue
            rest = parts.path.removeprefix(under).strip("/")
            same = parts.netloc == here.netloc and parts.path.startswith(under)
            if not same or not rest or "/" in rest or parts.query or rest in ("tag", "category"):
                continue
            url = parts._replace(fragment="").geturl()
            names[url] = names.get(url, False) or is_name(plain(link.get() or ""))
        return list(names) if sum(names.values()) * 2 >= max(2 * least, len(names)) else []

    def _read_profile(self, page: TextResponse) -> Iterator[Reading]:
        if page.status >= 400:
            raise WrongShape(f"expected {_EXPECTED}, got status {page.status}")
        if page.xpath("//body[contains(@class, 'lock-screen') or @id='lockscreen']"):
            yield Hidden("its page asks for a password")
            return
        main = page.xpath("(//article|//main|//*[@id='page'])[1]")
        title = plain(page.xpath("//h1").get() or "") or _title(page)
        for node in main:
            card = read_card(node, page.url, self._columns)
            values: dict[str, Any] = {
                key: text for key, text in card.values.items() if key != "profile_url"
            }
            if is_name(title):
                values["name"] = title
            values |= {key: text for key, text in _map_block(page).items() if key not in values}
            if values.get("name") and any(values.get(one) for one in _WHERE):
                values["profile_url"] = page.url
                whole = Card(values, card.extra, whole=True, somewhere=True)
                fresh, _ = self._cards.take([whole], page.url)
                yield from fresh
                return
        yield Shortfall(f"{page.url} names nobody, or not where they are")


_WHERE = ("phone", "email", "address", "street", "city", "website")


def _is_squarespace(page: TextResponse) -> bool:
    return any(_CONTEXT.search(one) for one in page.xpath("//script/text()").getall())


def _user_items(attribute: str) -> list[Mapping[str, Any]]:
    try:
        value = json.loads(attribute, strict=False)
    except (ValueError, RecursionError):
        return []
    items = value.get("userItems") if isinstance(value, dict) else None
    return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []


def _item_node(item: Mapping[str, Any]) -> Selector:
    """An entry of a list section as the piece of HTML that a browser makes of it."""
    title = printed(item.get("title")) or ""
    description = printed(item.get("description")) or ""
    button = item.get("button")
    link = ""
    if isinstance(button, dict):
        href = html.escape(printed(button.get("buttonLink")) or "#")
        link = f'<a href="{href}">{html.escape(printed(button.get("buttonText")) or "")}</a>'
    # Titles are text: what looks like markup in them is not.
    markup = f"<div><h2>{html.escape(plain(title))}</h2>{description}<p>{link}</p></div>"
    return Selector(text=markup).xpath("//body/div")[0]


def _map_block(page: TextResponse) -> dict[str, str]:
    """Address and point of the page's only map block; nothing of one that nobody filled in."""
    found: list[dict[str, str]] = []
    for node in page.xpath("//*[contains(@class, 'sqs-block-map')][@data-block-json]"):
        try:
            block = json.loads(node.attrib["data-block-json"], parse_float=str)
        except (ValueError, RecursionError):
            continue
        place = block.get("location") if isinstance(block, dict) else None
        if not isinstance(place, dict):
            continue
        lines = [
            plain(printed(place.get(key)) or "")
            for key in ("addressLine1", "addressLine2", "addressCountry")
        ]
        point = [
            printed(place.get(f"marker{axis}")) or printed(place.get(f"map{axis}")) or ""
            for axis in ("Lat", "Lng")
        ]
        if not any(lines[:2]) or all(
            text.startswith(office) for text, office in zip(point, _OFFICE, strict=True)
        ):
            continue
        parts = {"address": ", ".join(line for line in lines if line)}
        if all(point):
            parts |= {"latitude": point[0], "longitude": point[1]}
        found.append(parts)
    return found[0] if len(found) == 1 else {}


def _title(page: TextResponse) -> str:
    """The page's own part of its title: "Ada Sampleton — Academy"."""
    whole = plain(page.xpath("//title/text()").get(""))
    return re.split(r"\s[—–|-]\s", whole)[0].strip()


def _older(page: TextResponse) -> str | None:
    """The following page. Links back and links to forbidden formats are none."""
    here = urlsplit(page.url)
    for href in page.xpath("//a[contains(@href, 'offset=')]/@href").getall():
        try:
            url = urljoin(page.url, href.strip())
            parts = urlsplit(url)
        except ValueError:
            continue
        keys = {key for key, _ in parse_qsl(parts.query)}
        if (
            parts.netloc == here.netloc
            and parts.path.rstrip("/") == here.path.rstrip("/")
            and "offset" in keys
            and not _FORBIDDEN.search(url)
            and url != page.url
        ):
            return url
    following = next_page(page)
    return following if following and not _FORBIDDEN.search(following) else None
