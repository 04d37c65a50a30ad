"""HTML listings: a table with headings, or cards that repeat, page after page.

How recognised
    A table with a heading for a name and one for a place, a phone or the like; a definition list
    of people, or of records that repeat their labels; or at least three pieces of the page that
    repeat and that each have something like a name and a phone, an address or a town. An article
    with one phone number, a price list, the desks of one house or a map is none of these. It is
    never quite certain: any software's own way is preferred.
What is asked
    The page itself, then the following pages: `rel=next`, a link that says Next, ›, or the like,
    or the number after this one's (`?page=N`, `/page/N/`; Drupal counts from 0). Pages of ASP.NET
    that turn by `__doPostBack` are turned by the same form: its hidden fields, as they stand.
Limits
    A page that adds nobody new is the last: some sites show the last page, or the first, for ever.
Traps
    * Desks of one house ("Billing Department") and hotels have telephones as well.
    * Columns mean what their headings say (fields.py, in six languages); `options.columns` of the
      fact sheet says the rest. An Address beside a City is a street line.
    * Cells may span rows and columns, and a row across the whole table is a heading for the rows
      below.
    * Not every directory has ids: a link to the entry's own page is one; else the fields that
      `options.identity` names are hashed.
    * E-mail that a site hides from programs is not decoded.
    * A page in the middle without any listing is a fault unless it says so itself.
Settings in the fact sheet's `options.extra`
    `table`, `card`: a CSS selector for the table or for one card, where guessing goes wrong.
    `profiles`: "yes" reads every entry's own page too, for what the list does not print.
Source
    Pages as they are; hCard; nothing that a browser does not show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import unquote, urljoin, urlsplit

from parsel import Selector
from scrapy.http import Request, Response, TextResponse

from records.listing import Listing
from records.text import lines, plain
from spiders.platforms import Match, Reading, Surroundings, Total, WrongShape, about
from spiders.platforms.card_listings import CardListings
from spiders.platforms.cards import LEAST, Card, Path, cards_at, find_cards, read_card
from spiders.platforms.cut_off import cut_off
from spiders.platforms.fields import field_for, heading_key, sort_cells
from spiders.platforms.json_answers import beginning
from spiders.platforms.pager import next_request, printed_total, says_nobody, visible_text
from spiders.platforms.schema_values import PLACE, values_of
from spiders.platforms.shapes import has_place, is_house, is_name
from spiders.platforms.structured import things
from spiders.platforms.tables import Row, rows_of


class HtmlListing:
    """Plain HTML, as the module's docstring describes it."""

    name: ClassVar[str] = "html_listing"
    title: ClassVar[str] = "HTML listing"

    def __init__(self, around: Surroundings) -> None:
        self._sheet = around.sheet
        self._cards = CardListings(around.sheet)
        self._listed: dict[str, Listing] = {}
        """Listings whose own page is still to come."""
        self._total_said = False
        self._path: Path = ()
        """Where the cards of an earlier page stand: the last page may have one only."""
        self._looked_at: tuple[TextResponse, tuple[list[Card], str]] | None = None
        """The page recognised last is the first that is read."""

    def recognise(self, page: Response) -> Match | None:
        if not isinstance(page, TextResponse) or not page.text.strip():
            return None
        found, evidence = self._entries(page)
        names = [str(one.values.get("name") or "") for one in found]
        named = [
            one
            for one, name in zip(found, names, strict=True)
            if is_name(name) and not is_house(name)
        ]
        whole = [one for one in named if one.whole]
        if len(named) < LEAST or len(named) < 0.5 * len(found):
            return None
        if len(whole) >= LEAST and len(whole) >= 0.3 * len(found):
            return Match(self.name, evidence, 0.55, page.url)
        if sum(one.somewhere for one in named) >= LEAST:
            return Match(self.name, f"{evidence}, with a town only", 0.3, page.url)
        return None

    def requests(self, match: Match) -> Iterable[Request]:
        return ()

    def read(self, answer: Response) -> Iterator[Reading]:
        if "profile" in about(answer):
            yield from self._read_profile(answer, self._listed.pop(about(answer)["profile"]))
            return
        number = about(answer).get("page", 1)
        found: list[Card] = []
        if isinstance(answer, TextResponse) and answer.text.strip():
            found, _ = self._entries(answer)
        if not found:
            if number > 1 and says_nobody(answer):
                return
            raise WrongShape(
                "expected a table with headings for names and places, or repeated cards, "
                f"got {beginning(plain(visible_text(answer)))}"
            )
        assert isinstance(answer, TextResponse)
        if cut_off(answer):
            raise WrongShape("expected a whole page, got one that ends in the middle")
        total = printed_total(plain(visible_text(answer)))
        if total and not self._total_said:
            self._total_said = True
            yield Total(total, "the page's own count")
        fresh, again = self._cards.take(found, answer.url)
        yield from self._or_their_profiles(fresh)
        if number == 2 and not fresh:
            # Page 1 in the place of page 2: said again, so that the spider can tell that the pager
            # does not turn. Page 1 in the place of a page past the last is how some sites end.
            yield from again
        following = next_request(answer, number + 1)
        if fresh and following:
            yield following.replace(meta={"about": {"page": number + 1}, "paging": True})

    def _or_their_profiles(self, fresh: list[Listing]) -> Iterator[Listing | Request]:
        """The listings; or, where the fact sheet wants it, requests for their own pages."""
        with_profiles = self._sheet.options.extra.get("profiles") == "yes"
        for listing in fresh:
            if with_profiles and listing.profile_url:
                self._listed[listing.native_id] = listing
                context = {"profile": listing.native_id}
                yield Request(listing.profile_url, meta={"about": context})
            else:
                yield listing

    def _read_profile(self, answer: Response, listed: Listing) -> Iterator[Listing]:
        """The listing with what its own page says beside: schema.org data first, then its text."""
        if answer.status in (404, 410):
            # The list still names it; what the list prints of it is not gone.
            yield listed
            return
        if not isinstance(answer, TextResponse) or answer.status >= 400:
            self._listed[listed.native_id] = listed
            raise WrongShape(f"expected a profile page, got {beginning(visible_text(answer))}")
        values: dict[str, Any] = {}
        extra: dict[str, str] = {}
        for entry in things(answer):
            said, beside = values_of(entry, answer.url)
            own = heading_key(str(said.get("name", "")))
            if own and own in heading_key(listed.name or ""):
                values, extra = said, beside
                break
        for main in answer.xpath("(//main|//article|//*[contains(@class, 'vcard')])[1]"):
            card = read_card(main, answer.url, self._sheet.options.columns)
            values = {**card.values, **values} if card.whole else values
        # Where a profile speaks of another place, it is not the place of this listing.
        placed = any(getattr(listed, one) for one in PLACE)
        missing = {
            field: text
            for field, text in values.items()
            if getattr(listed, field) is None
            and not (placed and field in PLACE - {"latitude", "longitude"})
        }
        yield replace(listed, extra={**extra, **listed.extra}, **missing)

    def _entries(self, page: TextResponse) -> tuple[list[Card], str]:
        """Everything on the page that looks like an entry, and what it was found in."""
        if self._looked_at is None or self._looked_at[0] is not page:
            self._looked_at = page, self._look(page)
        return self._looked_at[1]

    def _look(self, page: TextResponse) -> tuple[list[Card], str]:
        options = self._sheet.options
        card, table = options.extra.get("card"), options.extra.get("table")
        if card:
            nodes = page.css(card)
            return [read_card(node, page.url, options.columns) for node in nodes], f"cards {card}"
        tables: list[Card] = []
        for node in page.css(table) if table else page.xpath("//table"):
            rows = [self._from_row(row, page.url) for row in rows_of(node, options.columns)]
            tables += [one for one in rows if one.values.get("name") or one.values.get("practice")]
        lists = list(_definition_lists(page, page.url, options.columns)) if not table else []
        cards, path = (
            find_cards(page.selector, page.url, options.columns) if not table else ([], ())
        )
        most = max((tables, lists, cards), key=lambda one: sum(card.somewhere for card in one))
        if tables and most is tables:
            return tables, f"a table with {len(tables)} rows under known headings"
        if lists and most is lists:
            return lists, f"a definition list of {len(lists)} entries"
        if cards:
            self._path = path
        elif self._path:
            cards = cards_at(page.selector, page.url, options.columns, self._path)
        return cards, f"{len(cards)} repeated cards"

    def _from_row(self, row: Row, url: str) -> Card:
        columns = self._sheet.options.columns
        cells: list[tuple[str, str]] = []
        links: dict[str, str] = {}
        for heading, cell in row.cells:
            field = field_for(heading, columns)
            for link in cell.xpath(".//a[@href]"):
                _cell_link(links, field, link.attrib["href"].strip(), url)
            text = ", ".join(lines(cell.get() or ""))
            if field in ("website", "booking_url", "profile_url") and field in links:
                continue  # the link says it better than "Visit"
            if field == "email" and "@" not in text:
                continue
            cells.append((heading, text))
        values, extra = sort_cells(cells, columns)
        values |= {key: text for key, text in links.items() if key not in values}
        _place_in_location(values)
        if row.group:
            extra.setdefault("heading", row.group)
        if "name" not in values and "practice" in values:
            values["name"] = values["practice"]
        town = any(values.get(one) for one in ("city", "state", "postcode", "address", "street"))
        whole = bool(values.get("phone") or values.get("email") or town)
        return Card(values, extra, whole=whole, somewhere=whole)


def _definition_lists(page: TextResponse, url: str, columns: Mapping[str, str]) -> Iterator[Card]:
    """<dt>name</dt><dd>where and how</dd> repeated in one list, or whole records one after another.

    A record repeats its labels: Name, Address, Phone, Name, Address, Phone.
    """
    for group in page.xpath("//dl[count(dt) >= 3]"):
        terms = [plain(term.get() or "").rstrip(" :") for term in group.xpath("./dt")]
        fields = [field_for(term, columns) for term in terms]
        if terms.count(terms[0]) >= LEAST and fields[0] in ("name", "given", "family", "practice"):
            yield from _records(group, terms[0], url, columns)
            continue
        for term in group.xpath("./dt"):
            name = plain(term.get() or "")
            if not is_name(name) or field_for(name, columns):
                continue
            place = term.xpath("count(preceding-sibling::dt) + 1").get()
            details = group.xpath(f"./dd[count(preceding-sibling::dt) = {int(float(place or 1))}]")
            inner = "".join(f"<div>{one}</div>" for one in details.getall())
            node = Selector(text=f"<div><h3>{term.get()}</h3>{inner}</div>").xpath("//div")[0]
            yield read_card(node, url, columns)


def _records(group: Selector, label: str, url: str, columns: Mapping[str, str]) -> Iterator[Card]:
    records: list[list[str]] = []
    for element in group.xpath("./dt|./dd"):
        source = element.get() or ""
        if source.startswith("<dt") and plain(source).rstrip(" :") == label:
            records.append([])
        if records:
            records[-1].append(source)
    for record in records:
        node = Selector(text=f"<div><dl>{''.join(record)}</dl></div>").xpath("//div")[0]
        yield read_card(node, url, columns)


def _cell_link(links: dict[str, str], field: str | None, href: str, url: str) -> None:
    if href.startswith("mailto:"):
        address = unquote(href[7:]).split("?", 1)[0].strip()
        if "@" in address:
            links.setdefault("email", address)
        return
    if href.startswith("tel:"):
        links.setdefault("phone", unquote(href[4:]))
        return
    try:
        target = urljoin(url, href)
        parts = urlsplit(target)
    except ValueError:
        return
    if parts.scheme not in ("http", "https") or href.startswith("#"):
        return
    if parts.netloc == urlsplit(url).netloc and field in ("name", "practice", None, "profile_url"):
        links.setdefault("profile_url", target)
    elif field in ("website", "booking_url"):
        links.setdefault(field, target)
    elif parts.netloc != urlsplit(url).netloc and field in ("name", "practice"):
        links.setdefault("website", target)


def _place_in_location(values: dict[str, Any]) -> None:
    """A "Location" column may be a whole address, or the town alone."""
    text = values.get("address")
    if isinstance(text, str) and not has_place(text) and re.fullmatch(r"[^\d]{2,60}", text):
        city, comma, state = text.rpartition(",")
        del values["address"]
        values["city"] = (city if comma else state).strip()
        if comma and "state" not in values:
            values["state"] = state.strip()
