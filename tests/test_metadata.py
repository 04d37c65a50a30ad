"""metadata.yml describes every public table and column, and its queries answer."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from tests.conftest import Demo

ROOT = Path(__file__).parent.parent
DATABASE: dict[str, Any] = YAML(typ="safe", pure=True).load(ROOT / "metadata.yml")["databases"][
    "directory"
]
QUERIES = DATABASE["queries"]


def public_tables(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Tables a reader sees, with their columns: no index of a search, no shadow of one."""
    rows = connection.execute(
        "select name, type from pragma_table_list where schema = 'main' and name not like 'sqlite%'"
    )
    names = [name for name, kind in rows if kind == "table"]
    return {
        name: [row[1] for row in connection.execute(f"pragma table_info([{name}])")]
        for name in names
    }


def test_every_public_table_and_column_is_described(demo: Demo) -> None:
    with sqlite3.connect(demo.directory) as connection:
        there = public_tables(connection)
    # The tables an index is kept in are only hidden.
    tables = {name: table for name, table in DATABASE["tables"].items() if "columns" in table}
    described = {name: sorted(table["columns"]) for name, table in tables.items()}
    assert described == {name: sorted(columns) for name, columns in there.items()}
    for name, table in tables.items():
        assert table["description"].strip(), name
        assert all(str(text).strip() for text in table["columns"].values()), name


def test_there_are_enough_queries_and_each_explains_itself() -> None:
    assert len(QUERIES) >= 8
    for name, query in QUERIES.items():
        assert query["title"], name
        assert len(query["description"].split()) >= 8, name


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_query_answers_over_http(demo: Demo, demo_site: str, name: str) -> None:
    with sqlite3.connect(demo.directory) as connection:
        some_id, some_name = connection.execute(
            "select id, family from practitioner where family is not null limit 1"
        ).fetchone()
    given = {
        "practitioner_id": some_id,
        "words": some_name,
        "latitude": "39.96",
        "longitude": "-83",
    }
    wanted = {
        key: given[key] for key in re.findall(r":(\w+)", QUERIES[name]["sql"]) if key in given
    }
    answer = httpx.get(
        f"{demo_site}/directory/{name}.json", params={**wanted, "_shape": "array"}, timeout=30
    )
    assert answer.status_code == 200, answer.text
    rows = answer.json()
    if name != "against_state_rule":  # may rightly be empty
        assert rows, name


def test_queries_answer_without_parameters_too(demo_site: str) -> None:
    for name in ("nearest", "by_name", "where_from"):
        answer = httpx.get(f"{demo_site}/directory/{name}.json?_shape=array", timeout=30)
        assert answer.status_code == 200, (name, answer.text)


@pytest.mark.parametrize(
    "words", ['"', "O'Fallon", "St. Louis", "*", "AND", "", "-", "Sample Mock"]
)
def test_find_a_name_bears_any_words(demo_site: str, words: str) -> None:
    answer = httpx.get(
        f"{demo_site}/directory/by_name.json",
        params={"words": words, "_shape": "array"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text


def test_by_state_counts_what_the_tables_hold(demo: Demo, demo_site: str) -> None:
    rows = httpx.get(f"{demo_site}/directory/by_state.json?_shape=array", timeout=30).json()
    with sqlite3.connect(demo.directory) as connection:
        for row in rows[:5]:
            (count,) = connection.execute(
                "select count(distinct practitioner_id) from location join practitioner p"
                " on p.id = practitioner_id where state = ? and p.kind = 'person'",
                (row["state"],),
            ).fetchone()
            assert row["practitioners"] == count


def test_queries_say_no_to_writing(demo_site: str) -> None:
    answer = httpx.get(f"{demo_site}/directory.json", params={"sql": "delete from run"}, timeout=30)
    assert answer.status_code == 400
