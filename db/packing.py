"""A run bundle as compressed JSON: to be held until a person has looked at it, or to be sent."""

from __future__ import annotations

import gzip
import json
from dataclasses import fields
from typing import Any

from db.stored_listing import clean_to_json, listing_from_dicts
from records.bundle import RunBundle


def pack(bundle: RunBundle) -> bytes:
    """The bundle as gzipped JSON, the same bytes for the same bundle."""
    content: dict[str, Any] = {
        f.name: getattr(bundle, f.name) for f in fields(bundle) if f.name != "listings"
    }
    content["listings"] = [
        {"printed": one.printed(), "clean": json.loads(clean_to_json(one.clean))}
        for one in bundle.listings
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=6, mtime=0)


def unpack(packed: bytes) -> RunBundle:
    """The bundle that `pack` was given, equal field by field, the clean halves too.

    Raises ValueError when the bytes are no packed bundle.
    """
    try:
        content = json.loads(gzip.decompress(packed))
        listings = [
            listing_from_dicts(one["printed"], one["clean"]) for one in content.pop("listings")
        ]
        return RunBundle(**content, listings=listings)
    except (OSError, EOFError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a packed run: {error}") from error
