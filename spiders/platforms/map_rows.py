"""Rows of map software as listings.

A row is an object with the software's own keys. Keys that are known go where they belong, keys
that a site added go by their name (fields.py), and what says nothing about the person is left
behind. Text is unescaped once; the address of a web page is not taken for text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from records.factsheet import FactSheet
from records.listing import Listing
from records.text import plain
from spiders.platforms.fields import (
    NAME_PARTS,
    PRINTED,
    extra_text,
    field_for,
    full_name,
    hashed_id,
    may_keep,
)
from spiders.platforms.json_answers import printed

#: Fields that are addresses of web pages: `link_of` reads them, not `text_of`.
LINKS = frozenset({"website", "profile_url", "booking_url"})
#: Only what esc_url and esc_attr write: `&copy=1` in an address is no copyright sign.
_ESCAPED = {"&amp;": "&", "&#038;": "&", "&#38;": "&", "&#039;": "'", "&#39;": "'", "&quot;": '"'}
_ESCAPES = re.compile("|".join(re.escape(one) for one in _ESCAPED))


def text_of(value: Any) -> str:
    """A JSON value as one line of plain text; a list as its parts, with commas; else empty."""
    if isinstance(value, list):
        return ", ".join(text for part in value if (text := text_of(part)))
    return plain(printed(value) or "")


def link_of(value: Any) -> str:
    """The address of a web page as it was typed, unescaped once; empty where there is none."""
    text = (printed(value) or "").strip()
    if "<" in text or re.search(r"\s", text):
        text = plain(text)  # a link with markup around it, or words
    return _ESCAPES.sub(lambda found: _ESCAPED[found[0]], text)


def row_id(row: Mapping[str, Any], key: str = "id") -> str:
    """The row's own id as text: "30" for "30" and for 30; empty where there is none."""
    return plain(printed(row.get(key)) or "")


@dataclass(frozen=True, slots=True)
class Rows:
    """How the rows of one software are read.

    `fields` says which key is which field of Listing and goes before the names of fields.py; the
    fact sheet's `options.columns` goes before both. Keys in `ignored` are left behind.
    """

    sheet: FactSheet
    fields: Mapping[str, str]
    ignored: Collection[str] = ()

    def listing(
        self,
        row: Mapping[str, Any],
        native_id: str,
        seen_url: str,
        also: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {}),
    ) -> Listing:
        """A row as a listing; `also` is what a pop-up says of it, after the row's own keys.

        Without a `native_id` the listing gets a hash of what it says.
        """
        values, extra = self.sorted(row)
        for field, text in also[0].items():
            values.setdefault(field, text)
        return Listing(
            source_id=self.sheet.id,
            native_id=native_id or hashed_id(values, self.sheet.options.identity),
            seen_url=seen_url,
            extra={**also[1], **extra},
            **values,
        )

    def sorted(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """(fields of Listing, extra) of a row."""
        columns = self.sheet.options.columns
        values: dict[str, Any] = {}
        parts: dict[str, str | None] = {}
        extra: dict[str, str] = {}
        for key, value in row.items():
            mapped = key in columns
            if key in self.ignored and not mapped:
                continue
            own = None if mapped else self.fields.get(key)
            field = own or field_for(key, columns)
            text = link_of(value) if field in LINKS else text_of(value)
            if field == "home_visits" and isinstance(value, bool):
                # The one field that a flag answers in full.
                text = str(value).lower()
            if not text:
                continue
            if field in NAME_PARTS:
                parts.setdefault(field, text)
            elif own is not None:
                values[own] = text
            elif field in PRINTED and (mapped or field not in self.fields.values()):
                values.setdefault(field, text)
            elif may_keep(key):
                extra[key] = extra_text(text)
        if "name" not in values and (name := full_name(parts)):
            values["name"] = name
        return values, extra
