"""Who types a state is shown all of it and no neighbour, whatever radius the form says."""

from __future__ import annotations

import re
import sqlite3
from html import unescape
from pathlib import Path

import pytest

from tests.finder_fixtures import build
from tests.test_finder import Site, opened, site, text_of

__all__ = ["site"]


@pytest.mark.parametrize(("typed", "code"), [("Ohio", "OH"), ("CA", "CA"), ("illinois", "IL")])
@pytest.mark.parametrize("miles", ["", "5", "100"])
def test_all_of_the_state_and_nobody_else(site: Site, typed: str, code: str, miles: str) -> None:
    answer = site.find(typed, miles=miles, size=1000)
    with sqlite3.connect(site.made.path) as connection:
        (there,) = connection.execute(
            "select count(distinct practitioner_id) from location"
            " where state = ? and latitude is not null",
            (code,),
        ).fetchone()
    assert there
    assert (answer["total"], answer["miles"]) == (there, None)
    assert {one["state"] for one in answer["results"]} == {code}
    distances = [one["miles"] for one in answer["results"]]
    assert distances == sorted(distances)


def test_the_page_says_so_and_shows_no_distance_from_nowhere(site: Site) -> None:
    page = site.get("/find", near="Ohio", miles="25")
    text = text_of(page)
    assert "results in Ohio" in text
    assert "within 25 miles of Ohio" not in text
    assert 'class="distance"' not in page.text
    assert 'href="/states/ohio"' in page.text
    assert 'data-miles=""' in page.text
    links = re.findall(r'<a [^>]*href="(/find[^"]*)"', page.text)
    assert links
    assert not [link for link in links if "miles" in link], "a state has no radius to carry on"


def test_a_state_where_nobody_is_gets_the_nearest_known(site: Site) -> None:
    text = text_of(site.get("/find", near="Montana"))
    assert "Nobody known in Montana" in text
    assert "The nearest one we know is" in text
    assert "Narrow the results" not in text


def test_a_state_among_choices_counts_the_state(site: Site) -> None:
    page = site.get("/find", near="Washington")
    assert "in the whole state" in text_of(page)


def test_the_frame_asks_which_place_is_meant(site: Site) -> None:
    page = site.get("/embed", near="Springfield")
    assert "Which place do you mean?" in text_of(page)
    link = re.search(r'href="(/embed[?][^"]*Clark[^"]*)"', page.text)
    assert link
    assert "Nearest to Springfield, OH" in text_of(site.get(unescape(link[1])))
    assert "No such place is known" in text_of(site.get("/embed", near="xqzzyx"))


def test_the_frame_does_not_measure_either(site: Site) -> None:
    text = text_of(site.get("/embed", near="Ohio"))
    assert "In Ohio" in text
    assert "Nobody known in Montana" in text_of(site.get("/embed", near="Montana"))


def test_where_counting_stops_it_says_more_than(tmp_path: Path) -> None:
    with opened(build(tmp_path, crowd=1050)) as crowded:
        [illinois] = [
            one
            for one in crowded.get("/suggest.json", q="illino").json()["suggestions"]
            if one["whole"]
        ]
        assert (illinois["total"], illinois["more"]) == (1000, True)
        assert "more than {n} in the whole state" in crowded.get("/").text
        wider = text_of(crowded.get("/find", near="Rockford, IL", miles="5"))
        assert "100 miles (more than 1,000)" in wider
        assert "25 miles (0)" in wider
        near = {one["state"]: one for one in crowded.find("Oak Park")["choices"]}
        assert (near["IL"]["total"], near["IL"]["more"]) == (1000, True)
        assert (near["MI"]["total"], near["MI"]["more"]) == (0, False)
        said = text_of(crowded.get("/find", near="Oak Park"))
        assert "more than 1,000 within 25 miles" in said
