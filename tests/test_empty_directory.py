"""Before anything is published every page answers, and none invents a date or a person."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.finder_fixtures import build
from tests.test_finder import Site, opened, text_of

PUBLISHED = (
    "release", "practitioner", "location", "listing", "certification", "source", "run",
    "practitioner_alias", "location_rtree", "density", "state_rule", "quality",
    "quality_history", "insurance_rule",
)  # fmt: skip


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = build(tmp_path_factory.mktemp("empty"))
    with closing(sqlite3.connect(made.path)) as connection, connection:
        for table in PUBLISHED:
            connection.execute(f"delete from {table}")
        connection.execute("insert into practitioner_fts(practitioner_fts) values ('delete-all')")
    with opened(made) as site:
        yield site


@pytest.mark.parametrize("language", ["", "/es"])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200), ("/find?near=Columbus%2C+OH", 200), ("/find?near=Ohio", 200),
        ("/find?near=Springfield", 200), ("/find?near=Guam", 200), ("/find?near=13.4,144.8", 200),
        ("/find.json?near=Ohio", 200), ("/find.geojson?near=Ohio&brief=1", 200),
        ("/find.svg?near=Ohio", 200), ("/find.svg?near=Guam", 200), ("/find.svg?near=AK", 200),
        ("/find.svg?near=43215&miles=5", 200), ("/suggest.json?q=ohi", 200),
        ("/embed?near=Ohio", 200), ("/embed/code", 200), ("/report?name=Ada", 200),
        ("/removal?name=Ada", 200), ("/states", 200), ("/states/ohio", 200),
        ("/states/ohio/toledo", 404), ("/practitioner/np-0000000001", 404), ("/sources", 200),
        ("/practitioner/np-0000000001.svg", 404), ("/practitioner/np-0000000001.vcf", 404),
        ("/insurance", 200), ("/questions", 200), ("/about", 200), ("/nothing", 404),
    ],
)  # fmt: skip
def test_it_answers(empty: Site, language: str, path: str, status: int) -> None:
    page = empty.get(language + path)
    assert page.status_code == status, page.text
    if "html" in page.headers["content-type"]:
        assert not re.search(r"\bNone\b(?! of them)", text_of(page))


@pytest.mark.parametrize("path", ["/quality", "/quality.json", "/robots.txt", "/sitemap.xml"])
def test_it_answers_maintainers_and_machines(empty: Site, path: str) -> None:
    assert empty.get(path).status_code == 200
