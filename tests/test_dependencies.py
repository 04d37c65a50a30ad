"""The page that explains the dependencies names exactly those that pyproject.toml names."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def named(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[;~ ]", line)[0].lower() for line in requirements}


def test_every_dependency_is_explained_and_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = named(project["dependencies"]) | named(project["optional-dependencies"]["dev"])
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = re.findall(r"^\| ([\w.,\- ]+) \| ", page, re.MULTILINE)
    explained = {name.strip().lower() for row in rows for name in row.split(",")} - {"package"}
    assert explained == wanted
    lock = (ROOT / "requirements.lock").read_text().lower()
    for name in wanted:
        normal = re.sub(r"[-_.]+", "-", name)  # as the index spells it
        assert re.search(rf"^{re.escape(normal)}==", lock, re.MULTILINE), name


def test_the_lock_names_no_place_to_fetch_from() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()
