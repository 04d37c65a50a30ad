"""How a listing is written down: printed and clean as JSON, and the hash that tells a change.

The hash covers what the source says about the entry and nothing else. Two fields are left out of
it on purpose: `seen_url`, because the same entry can come from several addresses (overlapping
searches, another order of pages), and `extra`, because directories put distances and counters there
that differ from answer to answer. Both are kept fresh all the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from records.listing import Certified, Clean, Listing

_NOT_CONTENT = frozenset({"source_id", "native_id", "seen_url", "extra"})

#: The printed fields whose change is an event, in the order of Listing.
SOURCE_FIELDS: tuple[str, ...] = tuple(
    f.name for f in fields(Listing) if f.name not in _NOT_CONTENT and f.name != "clean"
)

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_TUPLES = ("credentials", "unknown_credentials")
_CLEAN_FIELDS = frozenset(f.name for f in fields(Clean))
_LISTING_FIELDS = frozenset(f.name for f in fields(Listing)) - {"clean"}


def printed_to_json(listing: Listing) -> str:
    """The printed half, empty fields left out, keys sorted: equal halves give equal texts."""
    return _dumps(listing.printed())


def clean_to_json(clean: Clean) -> str:
    """The clean half, empty fields left out, keys sorted."""
    # dataclasses.asdict copies deeply, which costs five times as much as all the rest here.
    half = {key: value for key in _CLEAN_FIELDS if (value := getattr(clean, key)) not in (None, ())}
    if clean.certified:
        half["certified"] = [
            {"issuer": one.issuer, "label": one.label, "level": one.level}
            for one in clean.certified
        ]
    return _dumps(half)


def clean_from_dict(values: Mapping[str, Any]) -> Clean:
    """The clean half from its JSON object. Keys of an older or newer version are ignored."""
    known = {key: value for key, value in values.items() if key in _CLEAN_FIELDS}
    for key in _TUPLES:
        known[key] = tuple(known.get(key) or ())
    known["certified"] = tuple(Certified(**one) for one in known.get("certified") or ())
    return Clean(**known)


def listing_from_dicts(printed: Mapping[str, Any], clean: Mapping[str, Any]) -> Listing:
    """The whole listing from its two JSON objects.

    Raises TypeError when the printed half lacks source_id, native_id or seen_url.
    """
    known = {key: value for key, value in printed.items() if key in _LISTING_FIELDS}
    return Listing(**known, clean=clean_from_dict(clean))


def source_hash(listing: Listing) -> str:
    """32 hex digits over the printed source fields: the same whenever and wherever it was read."""
    content = {key: value for key in SOURCE_FIELDS if (value := getattr(listing, key))}
    return hashlib.sha256(_dumps(content).encode()).hexdigest()[:32]


def changed_fields(
    before: Mapping[str, Any], now: Listing
) -> list[tuple[str, str | None, str | None]]:
    """(field, before, after) of every source field that differs from the stored printed half."""
    changes = []
    for key in SOURCE_FIELDS:
        old, new = before.get(key) or None, getattr(now, key) or None
        if old != new:
            changes.append((key, old, new))
    return changes


def _dumps(value: Any) -> str:
    return _ENCODER.encode(value)
