"""Pages that only mention a directory, or what one is made of, are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders.platforms.registry import platforms
from tests.platform_fixtures import around, page

PAGES = sorted((Path(__file__).parent / "ordinary_pages").glob("*.html"))


def test_there_are_at_least_twenty() -> None:
    assert len(PAGES) >= 20


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_an_ordinary_page_is_not_recognised(path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    address = f"/{path.stem.replace('_', '-')}/"
    found = [kind(around()).recognise(page(html, address)) for kind in platforms()]
    assert [one for one in found if one is not None] == []
