"""The finder's pages and data, asked through the ASGI app that `needlepoint serve` runs."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.serve import SETTINGS, build_app
from db.nearest import miles_between
from db.results import near
from plugins.pages.asking import RADII, read_request
from plugins.safety import place_match
from tests.finder_fixtures import Made, build


@dataclass
class Site:
    """The app, and a loop to ask it in."""

    app: Any
    loop: asyncio.AbstractEventLoop
    made: Made

    def get(self, path: str, **query: object) -> httpx.Response:
        return self.loop.run_until_complete(self._get(path, query))

    async def _get(self, path: str, query: dict[str, object]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path + (f"?{urlencode(query)}" if query else ""))

    def find(self, near: str, **query: object) -> dict[str, Any]:
        reply = self.get("/find.json", near=near, **query)
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer


@contextmanager
def opened(made: Made) -> Iterator[Site]:
    """The app over this file, closed at the end."""
    loop = asyncio.new_event_loop()
    app = build_app(made.path)
    loop.run_until_complete(app.datasette.invoke_startup())
    yield Site(app, loop, made)
    app.datasette.executor.shutdown()
    for database in app.datasette.databases.values():
        database.close()
    loop.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened(build(tmp_path_factory.mktemp("finder"))) as site:
        yield site


def text_of(reply: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", reply.text)).split())


def test_home_is_the_search_box_and_tables_are_a_click_away(site: Site) -> None:
    home = site.get("/")
    assert '<form class="search" action="/find#found" method="get"' in home.text
    assert 'href="/directory"' in home.text
    assert "practitioner_alias" in site.get("/directory").text


def test_results_come_by_distance_with_all_that_a_patient_needs(site: Site) -> None:
    page = site.get("/find", near="Columbus, OH")
    text = text_of(page)
    assert page.text.count("<article") == 10
    assert "30 results within 25 miles of Columbus, OH" in text
    assert "Miles from the centre of Columbus, OH (Franklin County), in a straight line" in text
    for wanted in (
        "“Certified in Sample Needling” says Alpha School", "Alpha directory , seen 20 Nov 2026",
        "Call (614) 555-01", "Approximate: centre of ZIP 43215", "At this address",
        "Exact place, as the directory gives it",
    ):  # fmt: skip
        assert wanted in text
    assert 'href="tel:+1614555' in page.text
    assert '<time datetime="2026-11-20">' in page.text
    assert page.text.count("<h1") == 1


def test_json_has_the_agreed_shape_and_true_distances(site: Site) -> None:
    answer = site.find("43215", miles=50)
    assert set(answer) == {
        "place", "choices", "message", "miles", "total", "more", "page", "next", "results"
    }  # fmt: skip
    place = answer["place"]
    assert set(place) == {"name", "state", "postcode", "latitude", "longitude"}
    assert (place["state"], answer["miles"], answer["choices"]) == ("OH", 50, [])
    distances = [one["miles"] for one in answer["results"]]
    assert distances == sorted(distances)
    for one in answer["results"]:
        assert set(one) == {
            "id", "name", "kind", "credentials", "practice", "street", "city", "state", "postcode",
            "phone", "website", "booking_url", "home_visits", "latitude", "longitude", "precision",
            "miles", "certifications", "last_seen", "stale", "state_rule",
        }  # fmt: skip
        real = miles_between(
            place["latitude"], place["longitude"], one["latitude"], one["longitude"]
        )
        assert one["miles"] == round(real, 2)
        for said in one["certifications"]:
            assert set(said) == {"issuer", "label", "source", "seen"}


def test_geojson_is_the_same_as_features(site: Site) -> None:
    reply = site.get("/find.geojson", near="43215", size=1000)
    assert reply.headers["content-type"].startswith("application/geo+json")
    assert reply.headers["access-control-allow-origin"] == "*"
    collection = reply.json()
    everything = site.find("43215", size=1000)
    assert collection["type"] == "FeatureCollection"
    assert len(collection["features"]) == everything["total"] == len(everything["results"])
    for feature, one in zip(collection["features"], everything["results"], strict=True):
        assert feature["geometry"]["coordinates"] == [one["longitude"], one["latitude"]]
        assert feature["properties"]["id"] == feature["id"] == one["id"]


def test_pages_together_are_everybody_once(site: Site) -> None:
    seen: list[str] = []
    answer = site.find("Columbus, OH")
    while True:
        seen += [one["id"] for one in answer["results"]]
        if answer["next"] is None:
            break
        answer = site.get(answer["next"]).json()
    assert len(seen) == len(set(seen)) == answer["total"] == 30
    assert site.made.two_places in seen


def test_count_equals_a_full_scan(site: Site) -> None:
    with sqlite3.connect(site.made.path) as connection:
        everywhere = connection.execute(
            "select practitioner_id, latitude, longitude from location where latitude is not null"
        ).fetchall()
    for near_what in ("Columbus, OH", "43604", "Denver", "Springfield, OH"):
        for miles in RADII:
            answer = site.find(near_what, miles=miles)
            y, x = answer["place"]["latitude"], answer["place"]["longitude"]
            wanted = {who for who, lat, lon in everywhere if miles_between(y, x, lat, lon) <= miles}
            assert answer["total"] == len(wanted), (near_what, miles)


def test_ambiguous_town_is_a_choice_never_a_guess(site: Site) -> None:
    answer = site.find("Springfield")
    assert answer["place"] is None
    assert answer["results"] == []
    assert len({choice["state"] for choice in answer["choices"]}) >= 10
    page = site.get("/find", near="Springfield")
    assert page.status_code == 200
    assert "Clark County" in page.text
    counts = {choice["state"]: choice["total"] for choice in answer["choices"]}
    assert counts["IL"] == 4
    for choice in answer["choices"][:8]:
        again = site.find(choice["near"])
        assert again["place"], choice
        assert again["place"]["latitude"] == choice["latitude"]
        assert again["total"] == choice["total"]
    assert site.find("Springfield, OH")["choices"] == []


def test_misspelt_town_is_shown_with_a_note(site: Site) -> None:
    assert "Showing Toledo, OH for “Tolido”" in text_of(site.get("/find", near="Tolido"))
    assert site.find("Tolido")["place"]["name"] == "Toledo"


@pytest.mark.parametrize(
    "near_what", ["", "   ", "qqqqzzzzqqqq", "00000", "🙂", "'; drop table x", "%00"]
)
def test_unknown_place_gets_help_with_status_200(site: Site, near_what: str) -> None:
    page = site.get("/find", near=near_what)
    assert page.status_code == 200
    assert "<form" in page.text
    answer = site.find(near_what)
    assert answer["place"] is None
    assert answer["results"] == []
    assert answer["message"]


def test_nobody_near_names_the_nearest_known_and_wider_radii(site: Site) -> None:
    page = site.get("/find", near="Miles City, MT", miles=25)
    text = text_of(page)
    assert "Nobody known within 25 miles of Miles City, MT" in text
    assert re.search(r"The nearest one we know is .+ in Denver, CO ?, [0-9]+ miles away", text)
    assert re.search(r"50 miles \(0\) .*250 miles \(0\)", text)
    assert "All near Denver, CO" in text
    assert "noindex" in page.text


def test_one_known_by_zip_only_is_called_approximate(site: Site) -> None:
    everybody = site.find("Columbus, OH", size=1000)["results"]
    [una] = [one for one in everybody if one["id"] == site.made.uncertain]
    assert una["precision"] == "postcode"


def test_practice_without_a_person_is_shown_as_one(site: Site) -> None:
    everybody = site.find("Columbus, OH", size=1000)["results"]
    [practice] = [one for one in everybody if one["id"] == site.made.practice]
    assert practice["kind"] == "practice"
    assert (
        "Practice, listed without a person" in site.get(f"/practitioner/{site.made.practice}").text
    )


def test_practitioner_page_has_places_sources_and_the_rule(site: Site) -> None:
    page = site.get(f"/practitioner/{site.made.two_places}")
    text = text_of(page)
    assert page.text.count('class="place"') == 2
    assert "Ohio, physical therapists: Allowed" in text
    assert "https://board.example.com/" in page.text
    assert re.search(r'href="https://(alpha|beta)\.example\.com/people/\d+"', page.text)
    assert "As printed by each directory" in text


@pytest.mark.parametrize("language", ["", "/es"])
@pytest.mark.parametrize("ending", ["", ".vcf", ".svg"])
def test_old_ids_redirect_in_their_language(site: Site, language: str, ending: str) -> None:
    moved = site.get(f"{language}/practitioner/np-old{ending}")
    assert moved.status_code == 301
    there = f"{language}/practitioner/{site.made.two_places}{ending}"
    assert moved.headers["location"] == there


@pytest.mark.parametrize("language", ["", "/es"])
@pytest.mark.parametrize("path", ["/find.json", "/find.geojson"])
def test_the_next_page_of_data_stays_in_its_language(site: Site, language: str, path: str) -> None:
    first = site.get(f"{language}{path}", near="Columbus, OH").json()
    assert first["next"].startswith(f"{language}{path}?")
    assert site.get(first["next"]).json()["page"] == 2


def test_below_a_base_address_everything_leads_back_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SETTINGS, "base_url", "/needle/")
    with opened(build(tmp_path, sample=False)) as site:
        found = site.get("/needle/find.json", near="Columbus, OH").json()
        assert found["next"].startswith("/needle/find.json?")
        moved = site.get("/needle/es/practitioner/np-old")
        assert moved.headers["location"] == f"/needle/es/practitioner/{site.made.two_places}"
        assert "Disallow: /needle/es/find.json" in site.get("/needle/robots.txt").text
        for path in (
            "",
            "find?near=Columbus%2C+OH",
            "embed",
            "report?name=Twyla",
            "nothing",
            "es/",
        ):
            page = site.get(f"/needle/{path}").text
            there = re.findall(r'(?:href|src|action|data-points|data-suggest)="(/[^"]*)"', page)
            assert there
            assert [one for one in there if not one.startswith("/needle/")] == [], path


def test_ids_that_are_gone_say_so(site: Site) -> None:
    assert site.get("/practitioner/np-gone").status_code == 410
    assert site.get("/practitioner/nobody").status_code == 404


def test_printed_markup_stays_text_and_scripts_are_no_links(site: Site) -> None:
    for page in (
        site.get(f"/practitioner/{site.made.hostile}"),
        *(site.get("/find", near="Columbus, OH", page=n) for n in (1, 2, 3)),
    ):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "javascript:" not in page.text


def test_sources_page_says_as_of_when_and_what_is_not_in_the_index(site: Site) -> None:
    text = text_of(site.get("/sources"))
    assert "Data as of 20 Nov 2026" in text
    assert "Took 54 hours of courses" in text
    assert "Gamma directory : proposed – Terms not read yet" in text


PAGES = ["/", "/find?near=Columbus%2C+OH", "/find?near=Springfield", "/find?near=zzz", "/sources",
         "/about", "/bot", "/practitioner/np-0000000001", "/practitioner/nobody"]  # fmt: skip
TABLE_PAGES = ["/directory", "/directory/practitioner", "/directory?sql=select+1", "/-/settings"]


@pytest.mark.parametrize("path", PAGES + TABLE_PAGES)
def test_every_page_has_banner_disclaimer_attribution_and_no_cookie(site: Site, path: str) -> None:
    page = site.get(path)
    assert "Sample data: nobody here is real" in page.text
    assert "not medical advice" in page.text
    assert "In an emergency call 911" in page.text
    assert "Places © GeoNames (CC BY 4.0); ZCTA points US Census Bureau" in page.text
    assert "set-cookie" not in page.headers
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", PAGES)
def test_our_pages_need_no_inline_script_or_style(site: Site, path: str) -> None:
    page = site.get(path)
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    # JSON-LD is data: no browser runs it.
    assert not re.search(r"<script(?! type=.application/ld.json)(?![^>]*\ssrc=)[^>]*>", page.text)
    assert "<style" not in page.text
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page.text)
    # A canonical address is not fetched.
    assert not re.search(r'(src|<link(?! rel="canonical")[^>]+href)="(https?:)?//', page.text)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nothing/here", "This page is not here"),
        ("/es/nada", "Esta página no está aquí"),
        ("/directory/nothing", "This page is not here"),
        ("/directory/practitioner/nobody", "This page is not here"),
    ],
)
def test_an_address_that_is_none_still_has_the_search(site: Site, path: str, words: str) -> None:
    page = site.get(path)
    assert page.status_code == 404
    assert words in text_of(page)
    assert 'role="search"' in page.text
    assert 'rel="canonical"' not in page.text
    assert "GeoNames" in page.text, "header and footer are whole"
    assert site.get("/nothing.json").json()["status"] == 404


@pytest.mark.parametrize(
    ("language", "heading", "search"),
    [("en", "Something went wrong here", "/"), ("es", "Algo falló aquí", "/es/")],
)
def test_trouble_is_said_in_the_language_of_the_page(
    tmp_path: Path, language: str, heading: str, search: str
) -> None:
    made = build(tmp_path)
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.execute("drop table practitioner_alias")
    with opened(made) as site:
        page = site.get(search.rstrip("/") + "/practitioner/np-nobody")
    assert page.status_code == 500
    assert f'<html lang="{language}">' in page.text
    assert heading in text_of(page)
    assert f'<a href="{search}">' in page.text
    assert "practitioner_alias" not in page.text, "what went wrong is for the log"


def test_no_banner_without_sample_data(tmp_path: Path) -> None:
    with opened(build(tmp_path, sample=False)) as real:
        assert "Sample data" not in real.get("/").text


@pytest.mark.parametrize(
    ("asked", "miles", "page"),
    [
        ({"miles": "7"}, 5, 1), ({"miles": "8"}, 10, 1), ({"miles": "-3"}, 5, 1),
        ({"miles": "1e99"}, 250, 1), ({"miles": "nan"}, 25, 1), ({"miles": "inf"}, 250, 1),
        ({"miles": "lots"}, 25, 1), ({"page": "0"}, None, 1), ({"page": "-1"}, None, 1),
        ({"page": "9999"}, None, 100), ({"page": "٣"}, None, 3), ({"page": "²"}, None, 1),
        ({"page": "9" * 5000}, None, 1), ({}, None, 1), ({"miles": "25", "page": "2"}, 25, 2),
    ],
)  # fmt: skip
def test_wrong_numbers_are_bounded(asked: dict[str, str], miles: int | None, page: int) -> None:
    read = read_request({"near": "Toledo", **asked})
    assert (read.miles, read.page) == (miles, page)
    usual = asked in ({}, {"miles": "25", "page": "2"}, {"page": "٣"})
    assert bool(read.notes) is not usual


def test_a_page_past_the_end_is_the_last_with_a_note(site: Site) -> None:
    page = site.get("/find", near="Columbus, OH", page=50)
    assert "There is no such page, so this is the last one." in page.text
    assert page.text.count("<article") == 10
    assert "Page 3 of 3" in page.text


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    near_what=st.text(max_size=60),
    miles=st.one_of(st.none(), st.text(max_size=8), st.integers()),
    page=st.one_of(st.none(), st.text(max_size=8), st.integers()),
    path=st.sampled_from(["/find", "/find.json", "/find.geojson"]),
)
def test_no_input_breaks_a_search(
    site: Site, near_what: str, miles: object, page: object, path: str
) -> None:
    query = {"near": near_what.encode("utf-8", "replace")}
    query |= {key: value for key, value in (("miles", miles), ("page", page)) if value is not None}
    query = {
        key: value.encode("utf-8", "replace") if isinstance(value, str) else value
        for key, value in query.items()
    }
    assert site.get(path, **query).status_code == 200


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.none(), st.integers(), st.binary(max_size=20), st.text(max_size=80)))
def test_place_match_is_an_expression_fts_takes(text: object) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table town using fts5(name)")
    connection.execute("select * from town where town match ?", (place_match(text),)).fetchall()
    connection.close()


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("St. Louis", '"St" "Louis"*'), ("O'Fallon\"", '"O" "Fallon"*'), ('"', '"zzzznothing"'),
        ("", '"zzzznothing"'), (None, '"zzzznothing"'), ("a OR b", '"a" "OR" "b"*'),
    ],
)  # fmt: skip
def test_place_match(text: str | None, expression: str) -> None:
    assert place_match(text) == expression


def sql(site: Site, statement: str) -> httpx.Response:
    return site.get("/directory.json", sql=statement, _shape="arrays")


def test_sql_functions_are_there_for_researchers(site: Site) -> None:
    reply = sql(
        site, "select haversine_miles(39.9, -83, 39.9, -83), haversine_miles(1, 2, null, 3)"
    )
    assert reply.json()["rows"] == [[0.0, None]]
    reply = sql(
        site,
        "select name from practitioner where rowid in (select rowid from practitioner_fts"
        " where practitioner_fts match place_match('twyla twop'))",
    )
    assert reply.json()["rows"] == [["Twyla Twoplaces"]]


@pytest.mark.parametrize(
    "statement",
    [
        "select zeroblob(60000000)", "select hex(zeroblob(1500000))",
        "select printf('%.*c', 9999999, 1)",
        "select " + "1+" * 400 + "1", " union all ".join(["select 1"] * 90),
        "with recursive t(n) as (select 1 union all select n+1 from t) select sum(n) from t",
        "attach 'x' as y", "select load_extension('x')",
    ],
)  # fmt: skip
def test_greedy_sql_is_refused(site: Site, statement: str) -> None:
    reply = sql(site, statement)
    # SQLite makes printf's too long text NULL instead of an error.
    assert reply.status_code == 400 or reply.json()["rows"] == [[None]]
    assert len(reply.content) < 20_000


def test_near_counts_one_with_two_places_once(site: Site) -> None:
    with sqlite3.connect(site.made.path) as connection:
        answer = near(connection, 39.96, -83.0, 50, limit=1000)
    ids = [result.practitioner.id for result in answer.results]
    assert ids.count(site.made.two_places) == 1
    [twyla] = [one for one in answer.results if one.practitioner.id == site.made.two_places]
    assert twyla.other_places == 1


def test_static_files_are_kept_for_long_only_under_their_hash(site: Site) -> None:
    assert "immutable" in site.get("/static/site.css", v="abc").headers["cache-control"]
    assert "max-age=3600" in site.get("/static/site.css").headers["cache-control"]
    assert "no-store" in site.get("/find", near="43604").headers["cache-control"]


def test_the_map_asks_for_no_more_than_it_shows(site: Site) -> None:
    whole = site.get("/find.geojson", near="Columbus, OH").json()["features"]
    brief = site.get("/find.geojson", near="Columbus, OH", brief=1).json()["features"]
    for short, full in zip(brief, whole, strict=True):
        assert short["id"] == full["id"]
        assert short["geometry"]["coordinates"] == pytest.approx(
            full["geometry"]["coordinates"], abs=0.00006
        )
        assert set(short["properties"]) == {"name", "credentials", "practice", "precision"}
        assert short["properties"].items() <= full["properties"].items()
