"""Narrowing a search: every count is what its link shows, in the same order by distance."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from db.facets import NAMES
from db.place import Place
from db.results import near
from plugins.pages.asking import read_request
from plugins.pages.searching import answer
from tests.finder_fixtures import build
from tests.test_finder import Site, site, text_of

__all__ = ["site"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    made = build(tmp_path_factory.mktemp("facets"))
    with closing(sqlite3.connect(made.path)) as connection:
        chance = random.Random(11)
        for (number,) in connection.execute("select id from location").fetchall():
            connection.execute(
                "update location set website = ?, booking_url = ?, home_visits = ?, last_seen = ?"
                " where id = ?",
                (
                    chance.choice([None, "https://clinic.example.com/"]),
                    chance.choice([None, None, "https://book.example.com/"]),
                    chance.choice([None, 0, 1]),
                    chance.choice(["2026-11-20T04:00:00Z", "2026-09-20T04:00:00Z"]),
                    number,
                ),
            )
        for (person,) in connection.execute("select id from practitioner").fetchall():
            connection.execute(
                "update practitioner set profession = ? where id = ?",
                (chance.choice(["physical_therapist", "chiropractor", None]), person),
            )
        yield connection


def plain_count(connection: sqlite3.Connection, asked: dict[str, Any], place: Place) -> int:
    """The same search in plain SQL, without index, facets or shared code; `miles` None for a whole
    state."""
    sql = """
        select count(distinct p.id) from location l join practitioner p on p.id = l.practitioner_id
        where (:miles is null or haversine_miles(l.latitude, l.longitude, :y, :x) <= :miles)
        and (:miles is not null or (l.state = :state and l.latitude is not null))
        and (:lister is null or p.id in
            (select practitioner_id from listing where source_id = :lister))
        and (:says is null or p.id in (
            select practitioner_id from certification where label = :says))
        and (:profession is null or p.profession = :profession)
        and (:site is null or l.website is not null)
        and (:booking is null or l.booking_url is not null)
        and (:home is null or l.home_visits = 1)
        and (:recent is null or
            l.last_seen >= (select datetime(built_at, '-30 days') from release))
    """
    return int(connection.execute(sql, asked | vars_of(place)).fetchone()[0])


def vars_of(place: Place) -> dict[str, str | float]:
    return {"y": place.latitude, "x": place.longitude, "state": place.state}


def test_fifty_searches_count_what_plain_sql_counts(index: sqlite3.Connection) -> None:
    from db.nearest import haversine_miles  # noqa: PLC0415 - registered for this test alone

    index.create_function("haversine_miles", 4, haversine_miles, deterministic=True)
    chance = random.Random(3)
    addresses: list[str] = []
    while len(addresses) < 50:
        near_to = chance.choice(["Columbus, OH", "Toledo, OH", "Denver, CO", "43215", "Ohio"])
        asked = read_request({"near": near_to, "miles": chance.choice(["5", "25", "100", "250"])})
        for _ in range(3):
            answered = answer(index, asked)
            links = [
                asked.address("/find", **{name: choice.value})
                for name, choices in answered.facets.items()
                for choice in choices
                if choice.count and not choice.chosen
            ]
            if not links:
                break
            addresses.append(chance.choice(links))
            asked = read_request(dict(parse_qsl(urlsplit(addresses[-1]).query)))
    assert any("home=yes" in address for address in addresses)
    counted = 0
    for address in addresses:
        query = dict(parse_qsl(urlsplit(address).query))
        answered = answer(index, read_request(query))
        wanted = {name: query.get(name) for name in NAMES} | {"miles": answered.miles}
        assert answered.nearby is not None
        assert answered.place is not None
        assert answered.nearby.total == plain_count(index, wanted, answered.place), address
        distances = [one.miles for one in answered.nearby.results]
        assert distances == sorted(distances)
        for name, choices in answered.facets.items():
            for choice in choices:
                changed = wanted | {name: choice.value}
                assert choice.count == plain_count(index, changed, answered.place), (address, name)
                counted += 1
    assert counted > 400


def test_a_choice_is_a_link_and_a_chip_takes_it_away(site: Site) -> None:
    page = site.get("/find", near="Columbus, OH")
    links = re.findall(r'href="(/find\?[^"]*lister=alpha[^"]*)"', page.text)
    shown = re.search(r"Alpha directory</span><span>(\d+)", page.text)
    assert shown
    narrowed = site.get(unescape(links[0]))
    assert f"{shown[1]} results within 25 miles" in text_of(narrowed)
    assert 'aria-label="Filters in use"' in narrowed.text
    assert '<input type="hidden" name="lister" value="alpha">' in narrowed.text
    assert '<meta name="robots" content="noindex">' in narrowed.text
    assert (
        "lister=alpha" in site.get("/find.json", near="Columbus, OH", lister="alpha").json()["next"]
    )


@pytest.mark.parametrize("value", ["nobody", "'; drop table location; --", "<b>", "é" * 500])
def test_a_value_nobody_has_is_answered(site: Site, value: str) -> None:
    for name in NAMES:
        page = site.get("/find", **{"near": "Columbus, OH", name: value})
        assert page.status_code == 200
        assert "<b>" not in page.text


def test_a_choice_that_leaves_nobody_stays_in_sight(site: Site) -> None:
    page = site.get("/find", near="Los Angeles, CA", miles=5)
    assert 'class="nobody"' in page.text or page.text.count('rel="nofollow"') >= 2


def test_narrowing_never_reorders(index: sqlite3.Connection, tmp_path: Path) -> None:
    everybody = near(index, 39.96, -82.99, 250, limit=1000)
    some = near(index, 39.96, -82.99, 250, limit=1000, chosen={"lister": "alpha"})
    assert 0 < some.total < everybody.total
    order = [one.practitioner.id for one in everybody.results]
    kept = [one.practitioner.id for one in some.results]
    assert sorted(kept, key=order.index) == kept


@pytest.mark.parametrize("near", ["Columbus, OH", "Ohio", "Barrow, AK", "Springfield", "nowhere"])
def test_without_facets_the_answer_is_the_same(index: sqlite3.Connection, near: str) -> None:
    asked = read_request({"near": near})
    whole, data = answer(index, asked), answer(index, asked, facets=False)
    assert data.facets == {}
    assert replace(whole, facets={}) == data
