"""What whoever runs a site writes for it in YAML: one notice, streets for the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


class NotRight(Exception):
    """What is wrong with it, and what to do about it."""


def read_file(path: Path, needed: Sequence[str]) -> dict[str, object]:
    """What the file says, not yet checked. Raises NotRight where it cannot be read."""
    try:
        found = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise NotRight(f"it cannot be read as YAML ({' '.join(str(error).split())})") from error
    if not isinstance(found, dict):
        raise NotRight(f"it has to be lines like '{needed[-1]}: …', with {', '.join(needed)}")
    return found


def missing_and_unknown(
    found: Mapping[str, object], needed: Sequence[str], optional: Sequence[str]
) -> list[str]:
    """What is not there and must be, and what is there and means nothing; one line each."""
    known = [*needed, *optional]
    missing = [f"'{name}' is missing" for name in needed if found.get(name) in (None, "")]
    unknown = [
        f"'{name}' is not known; there are {', '.join(known)}"
        for name in found
        if name not in known
    ]
    return missing + unknown
