"""Fields whose element says in its class what they are: `geodir-field-phone`, `wpbdp-field-phone`.

Directory plugins print every field of an entry in an element of its own, with a label in it for
people and the field's name in a class for style sheets. What such an element says is known without
guessing; what it means stands in its label or name (fields.py).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from parsel import Selector

from records.text import lines, plain
from spiders.platforms.fields import field_for, sort_cells
from spiders.platforms.map_rows import link_of

_LABEL = re.compile(r"(?:^|[\s_-])(?:label|title|icon)(?:$|[\s_-])|__label|sr-only|screen-reader")
_HIDDEN_EMAIL = re.compile(r"/cdn-cgi/l/email-protection|data-cfemail")
_PARTS = {
    "streetaddress": "street",
    "postofficeboxnumber": "street",
    "addresslocality": "city",
    "addressregion": "state",
    "postalcode": "postcode",
    "addresscountry": "country",
}
#: No entry says more in one field.
_LONGEST = 20_000


def class_fields(
    node: Selector,
    token: re.Pattern[str],
    columns: Mapping[str, str],
    others: re.Pattern[str] | None = None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """(fields of Listing, extra) of the elements in `node` with a class that `token` matches whole.

    Its first group is the field's name, which counts where the element has no label that is known.
    Elements within a matched one are part of it; what stands below a class that `others` finds
    belongs to other entries (the related ones at the foot of a page) and is passed over. An e-mail
    address that the site hides from programs stays hidden: extra says "contact via site".
    """
    cells: list[tuple[str, str]] = []
    parts: dict[str, str] = {}
    hidden = one_text = False
    for name, element in _matched(node, token, others):
        source = element.get() or ""
        if len(source) > _LONGEST:
            continue
        label, texts = _label_and_texts(element)
        field = field_for(label, columns) or field_for(name.replace("_", " "), columns)
        heading = label if field_for(label, columns) else name.replace("_", " ")
        one_text = one_text or field == "address"
        if field == "email" and _HIDDEN_EMAIL.search(source):
            hidden = True
        elif field in ("website", "booking_url"):
            cells.append((heading, _site(element) or ", ".join(texts)))
        elif field == "email":
            cells.append((heading, _mail(element) or next((t for t in texts if "@" in t), "")))
        elif field in ("address", "street") and (found := _address_parts(element)):
            for key, text in found.items():
                parts.setdefault(key, text)
        else:
            cells.append((heading or name, ", ".join(text.rstrip(", ") for text in texts)))
    values, extra = sort_cells(cells, columns)
    for field, text in parts.items():
        values.setdefault(field, text)
    if hidden:
        values.pop("email", None)
        extra["email"] = "contact via site"
    # "Address" beside a ZIP code alone is still the whole address, in one text.
    if one_text and "city" not in values and "address" not in values and "street" in values:
        values["address"] = values.pop("street")
    return values, extra


def _matched(
    node: Selector, token: re.Pattern[str], others: re.Pattern[str] | None
) -> Iterator[tuple[str, Selector]]:
    done: set[Any] = set()
    for element in node.xpath(".//*[@class]"):
        above = list(element.root.iterancestors())
        if not done.isdisjoint(above):
            continue
        if others and any(others.search(one.get("class") or "") for one in above):
            continue
        for word in (element.xpath("@class").get() or "").split():
            found = token.fullmatch(word)
            if found:
                done.add(element.root)
                yield found[1], element
                break


def _label_and_texts(element: Selector) -> tuple[str, list[str]]:
    """The label an element carries for people, and the lines of the rest."""
    root = copy.deepcopy(element.root)
    root.tail = None
    labels: list[str] = []
    for one in list(root.iterdescendants()):
        if not isinstance(one.tag, str) or not _LABEL.search(one.get("class") or ""):
            continue
        parent = one.getparent()
        if parent is None:
            continue
        labels.append(" ".join("".join(one.itertext()).split()))
        _cut(parent, one)
    rest = Selector(root=root).get() or ""
    label = next((text for text in labels if text), "")
    return label.rstrip(" :"), lines(rest)


def _cut(parent: Any, child: Any) -> None:
    """Take an element out and leave the text behind it."""
    tail, before = child.tail or "", child.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(child)


def _site(element: Selector) -> str:
    for href in element.xpath(".//a/@href").getall():
        if re.match(r"https?://", href.strip(), re.I):
            return link_of(href)
    return ""


def _mail(element: Selector) -> str:
    for href in element.xpath(".//a/@href").getall():
        if href.strip().lower().startswith("mailto:"):
            return unquote(href.strip()[7:]).split("?", 1)[0].strip()
    return ""


def _address_parts(element: Selector) -> dict[str, str]:
    """The parts of an address that microdata names."""
    found: dict[str, str] = {}
    for part in element.xpath(".//*[@itemprop]"):
        field = _PARTS.get((part.xpath("@itemprop").get() or "").strip().lower())
        text = plain(part.get() or "")
        if field and text:
            found.setdefault(field, text)
    return found
