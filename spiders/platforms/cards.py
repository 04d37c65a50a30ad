"""Repeated cards: the smallest pieces of a page that repeat and that each name somebody somewhere.

Cards are found by what they say, not by how they are styled: whatever holds a phone number, a town
with its ZIP code, or a link to call or to write is followed upwards, and the path of elements that
repeats, and whose pieces have something like a name as well, is the path of the cards.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote, urljoin, urlsplit

from parsel import Selector

from records.text import lines, plain
from spiders.platforms.fields import PRINTED, field_for, heading_key, sort_cells
from spiders.platforms.shapes import (
    PHONE,
    has_phone,
    has_place,
    is_name,
    is_offer,
    is_street,
    is_town,
    labelled,
)

#: Tags and classes from the root of a page down to a card.
Path: TypeAlias = tuple[str, ...]

#: Fewer than this repeat by chance.
LEAST = 3
_MOST_ANCHORS = 20_000
#: If so many pieces hold nobody, the others need not be read.
_SAMPLE = 30
#: Telephones and towns stand in short texts; a novel in one paragraph is not searched for them.
_LONGEST_TEXT = 2000
_MOST_LEVELS = 12
#: Longer pieces are articles.
_LONGEST_CARD = 6000
_SKIPPED = frozenset(
    {"html", "body", "script", "style", "nav", "noscript", "head", "form", "select"}
)
_SOCIAL = re.compile(
    r"(?:^|\.)(?:facebook|instagram|twitter|x|linkedin|youtube|tiktok|pinterest|yelp|t)\.(?:com|co)$"
)
_MAPS = re.compile(
    r"(?:^|\.)(?:google\.[a-z.]+/maps|maps\.google\.|maps\.apple\.com|goo\.gl|bing\.com/maps"
    r"|openstreetmap\.org|waze\.com)"
)
_HIDDEN_EMAIL = re.compile(r"/cdn-cgi/l/email-protection|data-cfemail")
_DISTANCE = re.compile(r"\d+(?:\.\d+)?\s?(?:mi|miles?|km|kilomet(?:er|re)s?)\.?(?: away)?", re.I)
_CERTIFIED = re.compile(
    r"\bcertif|\blevel\b|\bdry[ -]needling\b|\bCMTPT\b|\bCIDN\b|\bFDN\b"
    r"|\bfoundations?\b|\bfellow\b",
    re.I,
)
#: hCard's class names, which many themes use.
_CLASSES = {
    "fn": "name",
    "org": "practice",
    "tel": "phone",
    "adr": "address",
    "street address": "street",
    "locality": "city",
    "region": "state",
    "administrative area": "state",
    "postal code": "postcode",
    "country name": "country",
}
_HEADINGS = "self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6"


@dataclass(frozen=True, slots=True)
class Card:
    """What one card says."""

    values: Mapping[str, Any]
    """Fields of Listing -> text."""
    extra: Mapping[str, str]
    whole: bool
    """It names somebody and says where or how they are reached, beyond the town."""
    somewhere: bool
    """It names somebody and says at least the town."""


def cards_in(page: Selector, url: str, columns: Mapping[str, str]) -> list[Card]:
    """The cards of a page in printed order, or none where nothing repeats like cards."""
    return find_cards(page, url, columns)[0]


def find_cards(page: Selector, url: str, columns: Mapping[str, str]) -> tuple[list[Card], Path]:
    """The cards of a page as `cards_in`, and the path at which `cards_at` finds others like them.

    The path is empty where there are no cards.
    """
    best: list[Card] = []
    best_rank = (0.0, 0.0)
    best_path: Path = ()
    for path, nodes in _groups(page):
        # A school's courses have titles, towns and telephones as well.
        offers = [is_offer(plain(node.get() or "")) for node in nodes[:_SAMPLE]]
        if sum(offers) * 2 >= len(offers):
            continue
        some = [read_card(node, url, columns) for node in nodes[:_SAMPLE]]
        if sum(card.somewhere for card in some) < LEAST:
            continue
        cards = some + [read_card(node, url, columns) for node in nodes[_SAMPLE:]]
        good = sum(card.somewhere for card in cards)
        if good < LEAST or good < 0.6 * len(cards):
            continue
        # Among cards that look right, one with an odd name is a card too: "Dot Mockly, MD" looks
        # like a town in Maryland.
        named = [card for card in cards if card.values.get("name")]
        # Of pieces that repeat equally often the outermost says most; it comes first here.
        rank = (float(good), sum(len(card.values) for card in named) / len(named))
        if rank[0] > best_rank[0] or (rank[0] == best_rank[0] and rank[1] > best_rank[1]):
            best, best_rank, best_path = named, rank, path
    return best, best_path


def cards_at(page: Selector, url: str, columns: Mapping[str, str], path: Path) -> list[Card]:
    """The cards at the path of another page's cards, if only one: the last page may have few."""
    paths: dict[Any, Path] = {}
    found = [
        node
        for node in page.root.iter()
        if path and isinstance(node.tag, str) and _path(node, paths) == path
    ]
    cards = [read_card(Selector(root=node, type="html"), url, columns) for node in found]
    return [card for card in cards if card.values.get("name")]


def _groups(page: Selector) -> Iterator[tuple[Path, list[Selector]]]:
    """Groups of elements with the same path of tags and classes, outermost first."""
    groups: dict[Path, dict[int, Any]] = defaultdict(dict)
    paths: dict[Any, Path] = {}
    for anchor in _anchors(page):
        node = anchor
        for _ in range(_MOST_LEVELS):
            if node is None or not isinstance(node.tag, str) or node.tag in _SKIPPED:
                break
            groups[_path(node, paths)][id(node)] = node
            node = node.getparent()
    for path in sorted(groups, key=len):
        nodes = list(groups[path].values())
        if len(nodes) >= LEAST and not _are_table_parts(nodes[0]):
            # Members without an anchor (no phone, no address) are cards all the same.
            whole = _with_siblings(nodes, path, paths)
            yield path, [Selector(root=node, type="html") for node in whole]


def _anchors(page: Selector) -> Iterator[Any]:
    """Elements whose own text or link says how or where somebody is reached."""
    count = 0
    for element in page.root.iter():
        if not isinstance(element.tag, str) or element.tag in _SKIPPED:
            continue
        own = " ".join(part for part in (element.text, *(child.tail for child in element)) if part)
        href = element.get("href") or ""
        own = " ".join(own[:_LONGEST_TEXT].split())
        if (
            (own and (has_phone(own) or has_place(own) or is_town(own)))
            or href.startswith(("tel:", "mailto:"))
            or _HIDDEN_EMAIL.search(href)
        ):
            count += 1
            if count > _MOST_ANCHORS:
                return
            yield element


def _path(node: Any, paths: dict[Any, Path]) -> Path:
    known = paths.get(node)
    if known is None:
        above = node.getparent()
        upper = _path(above, paths) if above is not None and len(paths) < 200_000 else ()
        known = paths[node] = (*upper[-40:], _signature(node))
    return known


def _signature(node: Any) -> str:
    """Tag and first class without numbers: rows that are "odd" and "even" are the same."""
    if not isinstance(node.tag, str):
        return "?"
    names = [
        name
        for name in (node.get("class") or "").split()
        if not re.search(r"\d|^(?:odd|even|first|last|active|featured)$", name)
    ]
    return f"{node.tag}.{names[0]}" if names else node.tag


def _with_siblings(nodes: list[Any], path: Path, paths: dict[Any, Path]) -> list[Any]:
    parents = {id(node.getparent()): node.getparent() for node in nodes}
    found = []
    for parent in parents.values():
        if parent is None:
            continue
        found += [
            child for child in parent if isinstance(child.tag, str) and _path(child, paths) == path
        ]
    return found


def _are_table_parts(node: Any) -> bool:
    return node.tag in ("thead", "tbody", "tfoot", "td", "th", "option")


def read_card(node: Selector, url: str, columns: Mapping[str, str]) -> Card:
    """What a card says: by its labels, classes and links first, then by the look of its lines."""
    source = node.get() or ""
    if len(plain(source)) > _LONGEST_CARD:
        return Card({}, {}, whole=False, somewhere=False)
    cells: list[tuple[str, str]] = []
    taken: set[str] = set()
    links, link_words = _links(node, url)
    for term in _labels_of_lists(node, columns):
        values_of = term.xpath("./following-sibling::*[1][self::dd]").getall()
        printed_in = lines("".join(values_of))
        cells.append((plain(term.get() or "").rstrip(" :"), ", ".join(printed_in)))
        taken |= {plain(term.get() or ""), *printed_in}
    for field, text, printed in _by_class(node):
        cells.append((field, text))
        taken |= set(printed)
    rest = [line for line in lines(source) if line not in taken and line not in link_words]
    rest = list(_labels(rest, cells, columns))
    values, extra = sort_cells(cells, columns)
    for field, text in links.items():
        if field in ("email", "profile_url", "website", "booking_url") or field not in values:
            values[field] = text
    if "name" not in values:
        name = _name(node, rest)
        if name:
            values["name"] = name
    rest = [line for line in rest if line != values.get("name")]
    _by_look(rest, values, extra, taken | link_words | {str(values.get("name", ""))})
    if _HIDDEN_EMAIL.search(source):
        # A site that hides its addresses from programs wants its form to be used.
        values.pop("email", None)
        extra["email"] = "contact via site"
    for field, text in _data_point(node).items():
        values.setdefault(field, text)
    text = " ".join(str(values.get(field, "")) for field in ("address", "street", "postcode"))
    whole = bool(values.get("phone") or values.get("email") or text.strip())
    named = is_name(str(values.get("name") or ""))
    town = bool(values.get("city"))
    return Card(values, extra, whole=named and whole, somewhere=named and (whole or town))


def _labels_of_lists(node: Selector, columns: Mapping[str, str]) -> list[Selector]:
    """The <dt>s of a card that are labels. One that is a name is whose card it is."""
    terms = node.xpath(".//dt")
    texts = [plain(term.get() or "").rstrip(" :") for term in terms]
    fields = [field_for(text, columns) for text in texts]
    if terms and fields[0] is None and is_name(texts[0]) and not node.xpath(f".//*[{_HEADINGS}]"):
        return terms[1:] if not {"name", "given", "family"} & set(fields) else terms
    return terms


def _links(node: Selector, url: str) -> tuple[dict[str, str], set[str]]:
    """Fields that links say, and the words of links that are no text of the card."""
    fields: dict[str, str] = {}
    words: set[str] = set()
    for link in node.xpath("descendant-or-self::a[@href]"):
        href = link.attrib["href"].strip()
        label = plain(link.get() or "")
        if href.startswith("tel:"):
            fields.setdefault("phone", label if has_phone(label) else unquote(href[4:]))
            words.add(label)
        elif href.startswith("mailto:"):
            address = unquote(href[7:]).split("?", 1)[0].strip()
            if "@" in address:
                fields.setdefault("email", address)
            words.add(label)
        elif _HIDDEN_EMAIL.search(href):
            words.add(label)
        else:
            _web_link(fields, words, label, url, href)
    return fields, words


def _web_link(fields: dict[str, str], words: set[str], label: str, url: str, href: str) -> None:
    try:
        target = urljoin(url, href)
        parts = urlsplit(target)
    except ValueError:
        return
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return
    here = urlsplit(url).netloc
    if field_for(label) in ("website", "booking_url"):
        # As typed: "www.example.com" without http would become a page of the directory.
        fields.setdefault(field_for(label) or "website", href)
        words.add(label)
        return
    if _MAPS.search(parts.netloc + parts.path):
        if not (has_place(label) or is_street(label)):
            words.add(label)
    elif parts.netloc == here:
        if href.startswith("#") or target.split("#", 1)[0] == url.split("#", 1)[0]:
            return
        fields.setdefault("profile_url", target)
        if not is_name(label):
            words.add(label)
    elif not _SOCIAL.search(parts.netloc):
        fields.setdefault("website", target)
        words.add(label)
    else:
        words.add(label)


def _by_class(node: Selector) -> Iterator[tuple[str, str, list[str]]]:
    """(field, text, its lines) of the elements whose class says what they are."""
    done: list[Any] = []
    for element in node.xpath(".//*[@class or @itemprop]"):
        if any(element.root is one or one in element.root.iterancestors() for one in done):
            continue
        field = _field_of_classes(element.attrib.get("class", ""))
        if field is None or (field == "address" and _has_parts(element)):
            continue
        source = element
        if field in ("latitude", "longitude"):
            # hCard writes degrees for machines beside those for people.
            degrees = next(
                (element.attrib[key] for key in ("value", "title") if key in element.attrib),
                plain(element.get() or ""),
            )
            if re.fullmatch(r"-?\d{1,3}(?:\.\d+)?", degrees.strip(), re.ASCII):
                done.append(element.root)
                yield field, degrees.strip(), lines(element.get() or "")
            continue
        if field == "phone":
            # hCard: <span class="tel"><span class="type">Work</span> <span class="value">…
            source = next(iter(element.xpath(".//*[@class='value']")), element)
        parts = lines(source.get() or "")
        pair = labelled(parts[0]) if parts else None
        if pair and field_for(pair[0]):
            continue  # "Phone: …" is read with the other labels
        text = " ".join(parts) if field == "name" else ", ".join(parts)
        # A class promises less than a look: `class="location"` may be the whole card.
        if not text or len(text) > 250 or len(parts) > 5 or not _fits(field, text):
            continue
        done.append(element.root)
        yield field, text, parts


def _has_parts(address: Selector) -> bool:
    """Whether the parts of an address have classes of their own, which say more than the whole."""
    inside = address.xpath(".//*[@class]")
    found = {_field_of_classes(one.attrib["class"]) for one in inside}
    return len(found & {"street", "city", "state", "postcode"}) >= 2


def _fits(field: str, text: str) -> bool:
    if field == "phone":
        return has_phone(text) or sum(c.isdigit() for c in text) >= 7
    if field == "email":
        return "@" in text
    if field == "website":
        return False  # links say it better
    if field == "name":
        return is_name(text)
    return not (field in ("city", "state", "postcode") and has_phone(text))


def _field_of_classes(classes: str) -> str | None:
    for name in classes.split():
        key = heading_key(name)
        if key in _CLASSES:
            return _CLASSES[key]
        words = key.split()
        for start in range(min(len(words), 4)):
            tail = " ".join(words[start:])
            if tail in (
                "title",
                "link",
                "url",
                "st",
                "card",
                "listing",
                "center",
                "centre",
                "level up",
            ):
                continue
            field = _CLASSES.get(tail) or field_for(tail)
            if field in PRINTED:
                return field
    return None


def _labels(
    texts: list[str], cells: list[tuple[str, str]], columns: Mapping[str, str]
) -> Iterator[str]:
    """Take "Label: value" lines out, and labels whose value is the next line; leave the others."""
    waiting: str | None = None
    for text in texts:
        if waiting is not None:
            cells.append((waiting, text))
            waiting = None
            continue
        pair = labelled(text)
        if pair and (field_for(pair[0], columns) or (len(pair[0].split()) <= 3 and pair[1])):
            if pair[1]:
                cells.append(pair)
            else:
                waiting = pair[0]
            continue
        yield text


def _name(node: Selector, rest: list[str]) -> str | None:
    queries = (
        f".//*[{_HEADINGS}]",
        ".//*[contains(@class, 'title') or contains(@class, 'name')]",
        ".//strong|.//b",
        ".//a[@href]",
    )
    titles: list[str] = []
    for query in queries:
        for element in node.xpath(query)[:3]:
            text = plain(element.get() or "")
            if is_name(text):
                return text
            if query != queries[-1] and 1 < len(text) <= 110 and not has_phone(text):
                titles.append(text)
    named = next((line for line in rest[:2] if is_name(line)), None)
    return named or next(iter(titles), None)


def _by_look(
    rest: list[str], values: dict[str, Any], extra: dict[str, str], known: set[str]
) -> None:
    """Fill in what the lines nobody labelled look like; what is left goes to `extra`.

    `known` are texts that were read already, which may stand in one line with others.
    """
    address: list[str] = []
    left: list[str] = []
    has_address = any(values.get(field) for field in ("address", "street", "city"))
    for line in rest:
        phone = PHONE.search(line)
        if phone:
            values.setdefault("phone", phone[0].strip())
        elif not has_address and (is_street(line) or is_town(line) or has_place(line)):
            address.append(line)
        elif "certification" not in values and len(line) <= 120 and _CERTIFIED.search(line):
            values["certification"] = line
        elif (other := _without(line, known)) is not None:
            left.append(other)
    if len(address) == 1 and is_town(address[0]) and not has_place(address[0]):
        city, _, state = address[0].rpartition(",")
        values["city"] = city.strip() or state.strip()
        if city:
            values["state"] = state.strip()
    elif address:
        values["address"] = ", ".join(dict.fromkeys(address))
    if left:
        extra["text"] = " | ".join(left)[:500]


def _without(line: str, known: set[str]) -> str | None:
    """What a line says beside texts already read: None where it is nothing, or a distance."""
    for text in sorted(known, key=len, reverse=True):
        if len(text) > 2:
            line = line.replace(text, " ")
    line = " ".join(line.split()).strip(" ,;|·•-–")
    return line if len(line) > 2 and not _DISTANCE.fullmatch(line) else None


def _data_point(node: Selector) -> dict[str, str]:
    """Coordinates that a card carries for the map beside it."""
    for lat, lng in (
        ("data-lat", "data-lng"),
        ("data-latitude", "data-longitude"),
        ("data-lat", "data-lon"),
    ):
        for element in node.xpath(f"descendant-or-self::*[@{lat} and @{lng}]"):
            pair = element.attrib[lat].strip(), element.attrib[lng].strip()
            if all(re.fullmatch(r"-?\d{1,3}(\.\d+)?", one, re.ASCII) for one in pair):
                return {"latitude": pair[0], "longitude": pair[1]}
    return {}
