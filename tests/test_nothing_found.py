"""Nobody near: the nearest known one, wider circles, the state's rule, the directories to ask."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.finder_fixtures import build
from tests.test_finder import Site, opened, site, text_of  # noqa: F401 - the fixture


def test_who_finds_nobody_learns_what_else_there_is(site: Site) -> None:  # noqa: F811
    page = site.get("/find?near=Barrow%2C+AK&miles=25")
    text = text_of(page)
    assert page.status_code == 200
    assert '<meta name="robots" content="noindex">' in page.text
    assert re.search(r'role="status">\s*<h1[^>]*>Nobody known within 25 miles', page.text)
    assert "The nearest one we know is" in text
    assert re.search(r"50 miles \(0\) .*100 miles \(0\)", text)
    assert "miles=100" not in page.text, "a radius with nobody in it is no link"
    assert "All near " in text
    assert "Ask these directories yourself" in text


def test_the_rule_of_the_state_stands_there_too(site: Site) -> None:  # noqa: F811
    page = site.get("/find?near=Marietta%2C+OH&miles=5")
    text = text_of(page)
    assert "Nobody known within 5 miles" in text
    assert "Ohio, physical therapists: allowed" in text
    assert 'href="/states/ohio"' in page.text


def test_who_finds_somebody_is_not_sent_elsewhere(site: Site) -> None:  # noqa: F811
    assert "Ask these directories yourself" not in text_of(site.get("/find?near=Columbus%2C+OH"))


@pytest.mark.parametrize(("state", "town"), [(None, "Toronto"), ("Ontario", "Toronto, Ontario")])
@pytest.mark.parametrize("address", ["/find", "/embed"])
def test_the_nearest_known_may_live_where_there_is_no_state(
    tmp_path: Path, address: str, state: str | None, town: str
) -> None:
    made = build(tmp_path)
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.execute("update location set city = 'Toronto', country = 'CA'")
        connection.execute("update location set state = ?", (state,))
    with opened(made) as site:  # noqa: F811
        text = text_of(site.get(address, near="Barrow, AK", miles="25"))
        found = text_of(site.get(address, near="Toledo, OH", miles="25"))
    assert re.search(rf"The nearest one we know is .+ in {town} ?, [0-9,]+ miles away", text)
    assert town in found
    assert "None" not in found
