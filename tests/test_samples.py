"""The sample world and its servers: determinism, the promised mix, and the wire formats' traps."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import chompjs
import httpx
import pytest
from lxml import html as lxml_html

from records.factsheet import load_sheets
from samples import broken, truth
from samples.evolution import evolve
from samples.hard_cases import HARD_CASES
from samples.jsonld_profiles import SHAPES, SampleJsonld
from samples.people import LEAST_PEOPLE, PEOPLE, make_world
from samples.servers import Served, serve
from samples.sheets import write_broken_sheets, write_sheets
from samples.wild_apricot import FORM_ID
from samples.world import SOURCES, World

AJAX = "/wp-admin/admin-ajax.php"
DALLAS = {"action": "store_search", "lat": "32.7767", "lng": "-96.797"}


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def served(world: World) -> Iterator[Served]:
    with serve(world) as found:
        yield found


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as found:
        yield found


# --- the world -----------------------------------------------------------------------------------


def test_same_seed_same_world(world: World) -> None:
    assert make_world() == world
    assert make_world(seed=7, people=LEAST_PEOPLE) == make_world(seed=7, people=LEAST_PEOPLE)
    assert make_world(seed=7, people=LEAST_PEOPLE) != make_world(seed=8, people=LEAST_PEOPLE)


def test_too_small_a_world_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 400"):
        make_world(people=LEAST_PEOPLE - 1)


def test_everybody_is_listed_and_the_unpublished_are_not(world: World) -> None:
    assert len(world.people) == PEOPLE
    assert truth.public_people(world) == {person.id for person in world.people}
    hidden = {listing.person_id for listing in truth.hidden_listings(world)}
    assert hidden == {person.id for person in world.unpublished}
    assert set(world.listings) == set(SOURCES)


def test_fifteen_percent_stand_in_two_or_three_directories(world: World) -> None:
    sources: dict[str, set[str]] = {}
    for listing in truth.public_listings(world):
        if listing.person_id:
            sources.setdefault(listing.person_id, set()).add(listing.source_id)
    counts = Counter(len(found) for found in sources.values())
    assert set(counts) == {1, 2, 3}
    assert 0.14 <= (counts[2] + counts[3]) / PEOPLE <= 0.16


@pytest.mark.parametrize("case", HARD_CASES)
def test_every_hard_case_is_there(world: World, case: str) -> None:
    found = [one for rows in world.listings.values() for one in rows if one.hard == case]
    assert found
    assert all(one.public == (case != "draft") for one in found)


def test_hard_cases_are_what_they_say(world: World) -> None:
    by_case: dict[str | None, list[Any]] = {}
    for listing in truth.public_listings(world):
        by_case.setdefault(listing.hard, []).append(listing)
    assert all(not one.name.isascii() for one in by_case["unicode_name"])
    assert all("'" in one.name for one in by_case["apostrophe"])
    assert all("<b>" in one.stored and "<" not in one.name for one in by_case["html_in_name"])
    assert all("&#8217;" in one.stored for one in by_case["entity_stored_literally"])
    assert all(one.phone == "" for one in by_case["missing_phone"])
    assert all(not re.fullmatch(r"\d{5}", one.postcode) for one in by_case["short_postcode"])
    assert all((one.latitude, one.longitude) == (0, 0) for one in by_case["coords_zero"])
    assert all(one.latitude < -60 for one in by_case["coords_swapped"])
    assert all(one.latitude is None for one in by_case["coords_missing"])
    assert all("\n" in one.description for one in by_case["multiline_description"])
    assert all(one.street == one.postcode == "" for one in by_case["city_only"])
    assert all(one.person_id is None for one in by_case["clinic_without_person"])
    fathers = {one.name[-3:] for one in by_case["father_and_son"] if "," not in one.name}
    assert fathers == {"Sr.", "Jr."}
    groups = Counter((one.source_id, one.phone[-4:], one.city) for one in by_case["father_and_son"])
    assert set(groups.values()) == {2}
    crowd = Counter((one.source_id, one.city) for one in by_case["many_at_one_clinic"])
    assert min(crowd.values()) >= 6
    desks = {one.website for one in by_case["many_at_one_clinic"] if one.website}
    assert len(desks) <= len(by_case["many_at_one_clinic"]) // 6


def test_names_in_one_town_belong_to_two_people(world: World) -> None:
    twins: dict[tuple[str, str], set[str | None]] = {}
    for listing in truth.public_listings(world):
        if listing.hard == "same_name_same_town":
            twins.setdefault((listing.name.lower()[-9:], listing.city), set()).add(
                listing.person_id
            )
    assert twins
    assert all(len(people) == 2 for people in twins.values())


def test_no_phone_but_invented_ones(world: World) -> None:
    for rows in world.listings.values():
        for listing in rows:
            digits = re.sub(r"\D", "", listing.phone)
            assert not digits or re.match(r"1?\d{3}55501\d\d", digits), listing


def test_no_host_but_reserved_ones(world: World) -> None:
    for rows in world.listings.values():
        for listing in rows:
            assert re.fullmatch(r"|[a-z0-9.]+@example\.com", listing.email), listing.email
            assert (
                listing.website == ""
                or "example.com" in listing.website
                or (listing.hard == "odd_website")
            )


def test_people_live_where_people_live(world: World) -> None:
    states = Counter(person.offices[0].state for person in world.people)
    assert [state for state, _ in states.most_common(2)] == ["CA", "TX"]
    assert {"NY", "FL"} <= {state for state, _ in states.most_common(5)}
    assert len(states) >= 48
    assert 0.08 <= states["CA"] / PEOPLE <= 0.16
    cities = {person.offices[0].city for person in world.people}
    assert len(cities) > 700


def test_printed_points_are_near_the_office(world: World) -> None:
    wrong = {"coords_zero", "coords_swapped", "coords_wrong_state"}
    for listing in truth.public_listings(world):
        if listing.latitude is None or listing.hard in wrong or listing.place_latitude is None:
            continue
        assert abs(listing.latitude - listing.place_latitude) < 0.001, listing


def test_native_ids_are_unique(world: World) -> None:
    for rows in world.listings.values():
        assert len({one.native_id for one in rows}) == len(rows)


def test_time_passes_the_same_way_twice() -> None:
    first, second = make_world(people=LEAST_PEOPLE), make_world(people=LEAST_PEOPLE)
    before = {one.native_id for one in first.public("sample_wpsl_a")}
    changes = evolve(first, seed=3)
    assert changes == evolve(second, seed=3)
    assert first == second
    after = {one.native_id for one in first.public("sample_wpsl_a")}
    mine = [one for one in changes.added if one.source_id == "sample_wpsl_a"]
    gone = [one for one in changes.removed if one.source_id == "sample_wpsl_a"]
    assert after - before == {one.native_id for one in mine}
    assert before - after == {one.native_id for one in gone}
    assert changes.changed


def test_truth_is_written_as_json(world: World, tmp_path: Path) -> None:
    truth.write_truth(world, tmp_path / "truth.json")
    content = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert len(content["people"]) == PEOPLE
    assert len(content["listings"]) == sum(len(rows) for rows in world.listings.values())


def test_keys_tell_people_apart(world: World) -> None:
    people: dict[Any, set[str | None]] = {}
    for listing in truth.public_listings(world):
        people.setdefault(truth.key(listing), set()).add(listing.person_id)
    assert all(len(found) == 1 for found in people.values())


# --- all sites -----------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_home_page_leads_to_the_directory(
    source: str, served: Served, client: httpx.Client
) -> None:
    site = served.sites[source]
    page = client.get(served[source] + "/")
    assert page.status_code == 200
    assert "Sample data: nobody here is real" in page.text
    links = {
        link.text_content().strip(): link.get("href")
        for link in lxml_html.fromstring(page.text).iter("a")
    }
    assert links[site.directory_words] == site.directory_path
    assert {"Course directory", "Find a course", "Member login"} <= set(links)
    assert client.get(served[source] + site.directory_path).status_code == 200
    assert client.get(served[source] + "/no-such-page/").status_code == 404
    assert client.get(served[source] + "/robots.txt").status_code == 200
    assert served.requests(source)[-1] == ("GET", "/robots.txt", 200)


@pytest.mark.parametrize("source", ["sample_wpsl_a", "sample_wpsl_b"])
def test_wordpress_robots(source: str, served: Served, client: httpx.Client) -> None:
    lines = client.get(served[source] + "/robots.txt").text.splitlines()
    assert lines[:3] == [
        "User-agent: *",
        "Disallow: /wp-admin/",
        "Allow: /wp-admin/admin-ajax.php",
    ]


@pytest.mark.parametrize("source", SOURCES)
def test_drafts_are_shown_nowhere(
    source: str, world: World, served: Served, client: httpx.Client
) -> None:
    drafts = [one for one in world.listings[source] if not one.public]
    site = served.sites[source]
    pages = [client.get(served[source] + site.directory_path).text]
    if source.startswith("sample_wpsl"):
        for draft in drafts:
            near = DALLAS | {"lat": str(draft.latitude), "lng": str(draft.longitude)}
            pages.append(client.get(served[source] + AJAX, params=near).text)
            answer = client.get(f"{served[source]}/wp-json/wp/v2/wpsl_stores/{draft.native_id}")
            assert answer.status_code == 401
    if source == "sample_wild_apricot":
        pages.append(_members(served, client).text)
        for draft in drafts:
            profile = f"/Sys/PublicProfile/{draft.native_id}/{FORM_ID}"
            assert client.get(served[source] + profile).status_code == 404
    if source == "sample_jsonld":
        sitemap = client.get(served[source] + "/sitemap-graduates.xml").text
        for draft in drafts:
            assert f"/graduates/{draft.native_id}/" in sitemap
            assert client.get(f"{served[source]}/graduates/{draft.native_id}/").status_code == 404
    for page in pages:
        assert not any(draft.name in html.unescape(page) for draft in drafts)


# --- WP Store Locator ----------------------------------------------------------------------------


def _search(served: Served, client: httpx.Client, source: str, **asked: str) -> Any:
    answer = client.get(served[source] + AJAX, params=DALLAS | asked)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    return answer.json()


@pytest.mark.parametrize(
    ("asked", "same_as"),
    [
        ({"max_results": "500", "search_radius": "500"}, {"search_radius": "500"}),
        ({"max_results": "100", "search_radius": "501"}, {"max_results": "100"}),
        ({"max_results": "100", "search_radius": "5000"}, {"max_results": "100"}),
        ({"max_results": "0", "search_radius": "0"}, {}),
        ({"max_results": "abc", "search_radius": "abc"}, {}),
        ({"max_results": "", "search_radius": ""}, {}),
        ({"max_results": "25", "search_radius": "50"}, {}),
        ({"max_results": "100", "search_radius": "50.9"}, {"max_results": "100"}),
    ],
)
def test_wpsl_above_the_largest_falls_back_to_the_default(
    served: Served, client: httpx.Client, asked: dict[str, str], same_as: dict[str, str]
) -> None:
    found = _search(served, client, "sample_wpsl_a", **asked)
    assert found == _search(served, client, "sample_wpsl_a", **same_as)
    assert found


def test_wpsl_values_between_are_taken(served: Served, client: httpx.Client) -> None:
    found = _search(served, client, "sample_wpsl_a", max_results="7", search_radius="437")
    assert len(found) == 7
    distances = [one["distance"] for one in found]
    assert distances == sorted(distances)
    assert all(len(str(one).partition(".")[2]) <= 1 for one in distances)
    most = _search(served, client, "sample_wpsl_a", max_results="100", search_radius="500")
    assert len(most) == 100 or max(one["distance"] for one in most) < 500


@pytest.mark.parametrize(
    "asked",
    [
        {"lat": "-40", "lng": "-140"},
        {"lat": "200", "lng": "400"},
        {"search_radius": "-5"},
        {"filter": "99999"},
    ],
)
def test_wpsl_nothing_found_is_an_empty_string(
    served: Served, client: httpx.Client, asked: dict[str, str]
) -> None:
    answer = client.get(served["sample_wpsl_a"] + AJAX, params=DALLAS | asked)
    assert answer.status_code == 200
    assert answer.content == b'""'


@pytest.mark.parametrize("source", ["sample_wpsl_a", "sample_wpsl_b"])
@pytest.mark.parametrize("point", [{}, {"lat": "", "lng": ""}, {"lat": "abc", "lng": "def"}])
def test_wpsl_no_point_means_zero_zero(
    world: World, served: Served, client: httpx.Client, source: str, point: dict[str, str]
) -> None:
    asked = {"action": "store_search", **point}
    found = client.get(served[source] + AJAX, params=asked).json()
    zero = {one.native_id for one in world.public(source) if one.hard == "coords_zero"}
    assert zero
    assert {one["id"] for one in found} == zero
    assert {(one["lat"], one["lng"], one["distance"]) for one in found} == {("0", "0", 0)}
    posted = client.post(served[source] + AJAX, data=DALLAS).json()
    assert posted == found


@pytest.mark.parametrize("params", [{}, {"action": "no_such_action"}])
def test_wpsl_unknown_action(served: Served, client: httpx.Client, params: dict[str, str]) -> None:
    answer = client.get(served["sample_wpsl_a"] + AJAX, params=params)
    assert (answer.status_code, answer.content) == (400, b"0")
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("source", "limit"), [("sample_wpsl_a", 50), ("sample_wpsl_b", 25)])
def test_wpsl_autoload_knows_only_the_latitude(
    served: Served, client: httpx.Client, source: str, limit: int
) -> None:
    here = {"autoload": "1", "lat": "31.25", "max_results": "500"}
    first = _search(served, client, source, **here)
    assert len(first) == limit
    assert _search(served, client, source, **here | {"lng": "-120"}) == first
    fresh = _search(served, client, source, **here | {"lng": "-120", "skip_cache": "1"})
    assert len(fresh) == limit
    assert fresh != first


def test_wpsl_autoload_forgets_when_an_entry_changes(client: httpx.Client) -> None:
    world = make_world(people=LEAST_PEOPLE)
    with serve(world) as served:
        here = DALLAS | {"autoload": "1"}
        first = client.get(served["sample_wpsl_a"] + AJAX, params=here).json()
        world.listings["sample_wpsl_a"] = [
            one for one in world.listings["sample_wpsl_a"] if one.native_id != first[0]["id"]
        ]
        second = client.get(served["sample_wpsl_a"] + AJAX, params=here).json()
    assert second[0]["id"] == first[1]["id"]


def test_wpsl_says_what_it_allows(served: Served, client: httpx.Client) -> None:
    for source, results, radii, unit in (
        ("sample_wpsl_a", [25, 50, 75, 100], [10, 25, 50, 100, 200, 500], "km"),
        ("sample_wpsl_b", [10, 25, 50], [5, 10, 25, 50, 100], "mi"),
    ):
        page = client.get(served[source] + served.sites[source].directory_path).text
        tree = lxml_html.fromstring(page)
        for name, values in (("results", results), ("radius", radii)):
            options = tree.xpath(f'//select[@id="wpsl-{name}-dropdown"]/option/@value')
            assert [int(one) for one in options] == values
        settings = json.loads(re.findall(r"var wpslSettings = (\{.*?\});", page)[0])
        assert settings["distanceUnit"] == unit
        assert settings["ajaxurl"] == served[source] + AJAX
        assert all(isinstance(value, str) for value in settings.values())


def test_wpsl_b_counts_in_miles_and_tells_more(served: Served, client: httpx.Client) -> None:
    near = {"lat": "34.05", "lng": "-118.24", "search_radius": "100", "max_results": "50"}
    found = _search(served, client, "sample_wpsl_b", **near)
    assert found
    assert all(one["distance"] <= 100 for one in found)
    assert {"description", "permalink", "certification_level", "practice_name"} <= set(found[0])
    kilometres = _search(served, client, "sample_wpsl_a", **near | {"max_results": "100"})
    assert not {"description", "permalink"} & set(kilometres[0])


def test_wpsl_values_are_printed_as_the_plugin_does(
    world: World, served: Served, client: httpx.Client
) -> None:
    seen: dict[str, dict[str, Any]] = {}
    for one in world.public("sample_wpsl_a"):
        if one.hard in {"apostrophe", "html_in_name", "entity_stored_literally", "odd_website"}:
            near = {"lat": str(one.latitude), "lng": str(one.longitude), "search_radius": "10"}
            for entry in _search(served, client, "sample_wpsl_a", max_results="100", **near):
                seen[entry["id"]] = entry
    for one in world.public("sample_wpsl_a"):
        if one.hard == "apostrophe":
            assert "&#8217;" in seen[one.native_id]["store"]
            assert "'" not in seen[one.native_id]["store"]
        if one.hard == "html_in_name":
            assert "<b>" in seen[one.native_id]["store"]
        if one.hard == "entity_stored_literally":
            assert "&#8217;" in seen[one.native_id]["store"]
            assert "&#038;#8217;" not in seen[one.native_id]["store"]
        if one.hard == "odd_website":
            assert seen[one.native_id]["url"] in {"http://example.com/sample", "http://n/a"}
        if one.native_id in seen:
            entry = seen[one.native_id]
            assert truth.fold(entry["store"]) == truth.fold(one.printed)
            assert (entry["phone"], entry["city"]) == (one.phone, one.city)


@pytest.mark.parametrize("source", ["sample_wpsl_a", "sample_wpsl_b"])
def test_wordpress_rest_counts_everybody(
    world: World, served: Served, client: httpx.Client, source: str
) -> None:
    address = served[source] + "/wp-json/wp/v2/wpsl_stores"
    answer = client.get(address, params={"per_page": "100"})
    assert int(answer.headers["X-WP-Total"]) == len(world.public(source))
    pages = int(answer.headers["X-WP-TotalPages"])
    ids: list[int] = []
    for page in range(1, pages + 1):
        found = client.get(
            address, params={"per_page": "100", "page": str(page), "_fields": "id"}
        ).json()
        ids += [one["id"] for one in found]
    assert sorted(ids) == sorted(int(one.native_id) for one in world.public(source))
    beyond = client.get(address, params={"per_page": "100", "page": str(pages + 1)})
    assert (beyond.status_code, beyond.json()["code"]) == (400, "rest_post_invalid_page_number")
    assert client.get(address, params={"per_page": "101"}).status_code == 400
    assert client.head(address).headers["X-WP-Total"] == answer.headers["X-WP-Total"]
    home = client.get(served[source] + "/")
    assert home.headers["Link"] == f'<{served[source]}/wp-json/>; rel="https://api.w.org/"'


def test_wpsl_b_has_single_pages_and_a_sitemap(
    world: World, served: Served, client: httpx.Client
) -> None:
    base = served["sample_wpsl_b"]
    sitemap = client.get(base + "/wp-sitemap-posts-wpsl_stores-1.xml").text
    addresses = re.findall(r"<loc>(.*?)</loc>", sitemap)
    assert len(addresses) == len(world.public("sample_wpsl_b"))
    outside = [
        one
        for one in world.public("sample_wpsl_b")
        if one.hard in {"coords_missing", "coords_swapped", "unicode_name"}
    ]
    posts = client.get(base + "/wp-json/wp/v2/wpsl_stores", params={"per_page": "100"})
    links = {}
    for page in range(1, int(posts.headers["X-WP-TotalPages"]) + 1):
        answer = client.get(
            base + "/wp-json/wp/v2/wpsl_stores", params={"per_page": "100", "page": str(page)}
        )
        links |= {str(post["id"]): post["link"] for post in answer.json()}
    for listing in outside:
        page = client.get(links[listing.native_id])
        assert page.status_code == 200
        location = json.loads(re.findall(r"var wpslMap_0 = (\{.*\});", page.text)[0])["locations"][
            0
        ]
        assert location["id"] == int(listing.native_id)
        assert location["city"] == listing.city
    assert client.get(served["sample_wpsl_a"] + "/stores/nobody/").status_code == 404


@pytest.mark.parametrize(
    ("source", "site"), [("sample_wpsl_a", "wpsl"), ("sample_wpsl_b", "wpsl2")]
)
def test_wpsl_answers_like_the_real_plugin(
    served: Served,
    client: httpx.Client,
    recordings: Callable[[str], Path],
    source: str,
    site: str,
) -> None:
    recording = recordings(site) / "009-search-dallas-r50-m25.json"
    real = json.loads(recording.read_text(encoding="utf-8"))[0]
    mine = _search(served, client, source, search_radius="100", max_results="50")[0]
    own = ["certification_level", "practice_name", "services"] if source == "sample_wpsl_b" else []
    assert list(mine) == [*real, *own]
    numbers = int | float
    for key, value in real.items():
        assert isinstance(mine[key], numbers if key == "distance" else type(value)), key


def test_wordpress_files_are_the_real_ones(
    served: Served, client: httpx.Client, recordings: Callable[[str], Path]
) -> None:
    robots = (recordings("wpsl2") / "002-robots.txt").read_text(encoding="utf-8")
    mine = client.get(served["sample_wpsl_b"] + "/robots.txt").text
    assert re.sub(r"http://[^/]+", "", mine) == re.sub(r"http://[^/]+", "", robots)
    posts = json.loads((recordings("wpsl2") / "044-rest-stores.json").read_text(encoding="utf-8"))
    sample = client.get(served["sample_wpsl_b"] + "/wp-json/wp/v2/wpsl_stores").json()
    assert [key for key in posts[0] if key in sample[0]] == list(sample[0])


# --- Wild Apricot --------------------------------------------------------------------------------


def _members(served: Served, client: httpx.Client, form_id: str = FORM_ID) -> httpx.Response:
    address = served["sample_wild_apricot"] + "/Sys/MemberDirectory/LoadMembers"
    return client.post(address, data={"formId": form_id})


def _structure(answer: httpx.Response) -> tuple[int, Any]:
    assert answer.text.startswith("while(1); ")
    envelope = json.loads(answer.text.removeprefix("while(1); "))
    return envelope["TotalCount"], chompjs.parse_js_object(envelope["JsonStructure"])


def test_wild_apricot_answers_all_members_at_once(
    world: World, served: Served, client: httpx.Client
) -> None:
    total, structure = _structure(_members(served, client))
    rows, ids = structure["members"]
    listings = world.public("sample_wild_apricot")
    assert total == len(rows) == len(ids) == len(listings)
    heads = {name: cell.get("h") for name, cell in structure["layout"].items()}
    assert heads["c1"] == "Practitioner's name"
    for row, native_id, listing in zip(rows, ids, listings, strict=True):
        assert str(native_id) == listing.native_id
        assert truth.fold(row["c1"][0]["v"]) == truth.fold(listing.printed)
        assert html.unescape(row["c4"][0]["v"]) == listing.city
        assert "@" not in json.dumps(row)


def test_wild_apricot_traps(world: World, served: Served, client: httpx.Client) -> None:
    base = served["sample_wild_apricot"]
    shell = client.get(base + "/Find-a-Therapist").text
    assert f"MemberDirectoryListRenderer.FormId = '{FORM_ID}'" in shell
    assert not any(one.name in shell for one in world.public("sample_wild_apricot"))
    with_get = client.get(base + f"/Sys/MemberDirectory/LoadMembers?formId={FORM_ID}")
    assert with_get.status_code == 404
    assert _structure(_members(served, client, "1"))[0] == 0
    one = next(one for one in world.public("sample_wild_apricot") if one.website and one.practice)
    page = client.get(f"{base}/Sys/PublicProfile/{one.native_id}/{FORM_ID}")
    tree = lxml_html.fromstring(page.text)
    labels = tree.xpath('//*[@class="fieldLabel"]/span/text()')
    values = tree.xpath('//*[contains(@id, "TextBoxLabel")]/text()')
    profile = dict(zip(labels, values, strict=True))
    assert profile["Website"] == one.website
    assert profile["Clinic"] == one.practice
    assert "E-mail" not in profile


# --- HTML table ----------------------------------------------------------------------------------


def test_table_pages_hold_everybody(world: World, served: Served, client: httpx.Client) -> None:
    base = served["sample_html_table"]
    names: list[str] = []
    address: str | None = "/find-a-therapist/"
    visited = 0
    while address:
        page = client.get(base + address)
        visited += 1
        tree = lxml_html.fromstring(page.content)
        for row in tree.xpath("//tbody/tr"):
            names.append(truth.fold(row[0].text_content()))
        following = tree.xpath('//a[@rel="next"]/@href')
        address = following[0] if following else None
    listings = world.public("sample_html_table")
    assert visited == -(-len(listings) // 40)
    assert Counter(names) == Counter(truth.fold(one.stored) for one in listings)
    last = client.get(base + f"/find-a-therapist/?page={visited}")
    beyond = client.get(base + f"/find-a-therapist/?page={visited + 7}")
    assert beyond.content == last.content


def test_one_table_page_is_windows_1252(served: Served, client: httpx.Client) -> None:
    page = client.get(served["sample_html_table"] + "/find-a-therapist/?page=3")
    assert page.headers["content-type"] == "text/html"
    assert b'charset="windows-1252"' in page.content
    assert "Practitioner" in page.content.decode("windows-1252")
    other = client.get(served["sample_html_table"] + "/find-a-therapist/?page=2")
    assert other.headers["content-type"] == "text/html; charset=UTF-8"
    assert "<br>" in other.text


# --- JSON-LD profiles ----------------------------------------------------------------------------


def test_profiles_are_linked_or_in_the_sitemap(
    world: World, served: Served, client: httpx.Client
) -> None:
    base = served["sample_jsonld"]
    linked: set[str] = set()
    address: str | None = "/our-graduates/"
    while address:
        page = client.get(base + address).text
        linked |= set(re.findall(r'href="/graduates/([\w-]+)/"', page))
        following = re.findall(r'rel="next" href="([^"]+)"', page)
        address = following[0] if following else None
    index = client.get(base + "/sitemap.xml").text
    assert "/sitemap-graduates.xml" in index
    everybody = set(
        re.findall(r"/graduates/([\w-]+)/</loc>", client.get(base + "/sitemap-graduates.xml").text)
    )
    public = {one.native_id for one in world.public("sample_jsonld")}
    assert linked < public < everybody
    assert len(public - linked) >= 10
    assert client.get(base + "/our-graduates/page/99/").status_code == 404


def test_profiles_come_in_every_shape(world: World, served: Served, client: httpx.Client) -> None:
    base = served["sample_jsonld"]
    site = served.sites["sample_jsonld"]
    assert isinstance(site, SampleJsonld)
    by_shape = {site.shape(one): one for one in world.public("sample_jsonld") if one.phone}
    assert set(by_shape) == set(SHAPES)
    strict_failures = 0
    for shape, listing in by_shape.items():
        page = client.get(f"{base}/graduates/{listing.native_id}/").text
        if shape == "microdata":
            assert 'itemprop="telephone"' in page
            continue
        code = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[0]
        try:
            data = json.loads(code)
        except ValueError:
            strict_failures += 1
            assert shape == "not quite json"
            continue
        assert listing.phone in json.dumps(data, ensure_ascii=False)
        if shape == "graph":
            assert len(data["@graph"]) == 3
        if shape == "phone in address":
            assert data["address"]["telephone"] == listing.phone
    assert strict_failures == 1


# --- cards ---------------------------------------------------------------------------------------


def test_cards_start_again_past_the_end(world: World, served: Served, client: httpx.Client) -> None:
    base = served["sample_cards"]
    listings = world.public("sample_cards")
    pages = -(-len(listings) // 24)
    ids: list[str] = []
    for number in range(1, pages + 1):
        page = client.get(f"{base}/practitioners/page/{number}/").text
        ids += re.findall(r'<div class="card" id="([^"]+)"', page)
        assert f'href="/practitioners/page/{number + 1}/">Next' in page
    assert ids == [one.native_id for one in listings]
    first = re.findall(r'id="(practitioner[^"]+)"', client.get(base + "/practitioners/").text)
    beyond = client.get(f"{base}/practitioners/page/{pages + 1}/")
    assert re.findall(r'id="(practitioner[^"]+)"', beyond.text) == first == ids[:24]
    assert client.get(f"{base}/practitioners/page/200/").status_code == 200
    assert client.get(f"{base}/practitioners/page/201/").status_code == 404


# --- fact sheets ---------------------------------------------------------------------------------


def test_sheets_are_valid_and_name_the_home_page_only(served: Served, tmp_path: Path) -> None:
    write_sheets(tmp_path, served)
    sheets = load_sheets(tmp_path)
    assert set(sheets) == set(SOURCES)
    for source, sheet in sheets.items():
        assert sheet.home_url == served[source] + "/"
        assert sheet.directory_url is None
        assert sheet.sample
        assert sheet.title.startswith("Sample: ")
        assert sheet.why_not() is None


def test_wording_of_sheets_covers_what_is_printed(
    world: World, served: Served, tmp_path: Path
) -> None:
    write_sheets(tmp_path, served)
    for source, sheet in load_sheets(tmp_path).items():
        printed = {one.certification for one in world.public(source)} - {None}
        assert printed == set(sheet.certification.wording)


def test_the_guide_counts_right(world: World) -> None:
    guide = (Path(__file__).parent.parent / "docs" / "samples.md").read_text(encoding="utf-8")
    for source in SOURCES:
        row = next(line for line in guide.splitlines() if line.startswith(f"| `{source}` |"))
        assert row.split("|")[4].strip() == str(len(world.public(source)))
    for fault in (*broken.FAULTS, "robots_slow"):
        assert f"`{fault}`" in guide


# --- faults --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def faulty(world: World) -> Iterator[Served]:
    with broken.serve_broken(world) as found:
        yield found


def test_every_fault_has_a_home_page_and_a_sheet(
    faulty: Served, client: httpx.Client, tmp_path: Path
) -> None:
    assert set(faulty) == {*broken.FAULTS, "robots_slow"}
    for url in faulty.values():
        assert client.get(url + "/").status_code == 200
    write_broken_sheets(tmp_path, faulty)
    assert set(load_sheets(tmp_path)) == {f"broken_{name}" for name in faulty}


@pytest.mark.parametrize(
    ("fault", "path", "status"),
    [
        ("malformed_json", AJAX, 200),
        ("database_error", AJAX, 200),
        ("database_error", "/wp-json/wp/v2/wpsl_stores", 500),
        ("unavailable", AJAX, 503),
        ("unavailable", "/practitioner-directory/", 503),
        ("forbidden", AJAX, 403),
        ("redirect_loop", "/practitioner-directory/", 302),
        ("redirect_loop", "/round-and-round/", 302),
        ("robots_forbids", "/robots.txt", 200),
        ("robots_unavailable", "/robots.txt", 503),
        ("unrecognised", "/practitioner-directory/", 200),
        ("empty_directory", AJAX, 200),
    ],
)
def test_faults(faulty: Served, client: httpx.Client, fault: str, path: str, status: int) -> None:
    answer = client.get(faulty[fault] + path, params=DALLAS if path == AJAX else None)
    assert answer.status_code == status
    if fault == "malformed_json":
        assert answer.text.startswith("[{")
        with pytest.raises(json.JSONDecodeError):
            answer.json()
    if fault == "database_error":
        assert "Error establishing a database connection" in answer.text
    if fault == "unavailable":
        assert answer.headers["Retry-After"] == "600"
    if fault == "robots_forbids":
        assert answer.text == "User-agent: *\nDisallow: /\n"
    if fault == "empty_directory":
        assert answer.content == b'""'


def test_redirects_never_end(faulty: Served) -> None:
    with httpx.Client(follow_redirects=True) as client, pytest.raises(httpx.TooManyRedirects):
        client.get(faulty["redirect_loop"] + "/practitioner-directory/")


@pytest.mark.parametrize(
    ("fault", "path"), [("cut_connection", AJAX), ("robots_cut", "/robots.txt")]
)
def test_connections_are_cut(faulty: Served, client: httpx.Client, fault: str, path: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message"):
        client.get(faulty[fault] + path, params=DALLAS)


def test_pagers_never_end(faulty: Served, client: httpx.Client) -> None:
    for fault, fresh in (("endless_pager", True), ("repeating_pager", False)):
        rows = []
        for number in (1, 2, 9999):
            page = client.get(f"{faulty[fault]}/find-a-therapist/?page={number}").text
            assert f"?page={number + 1}" in page
            rows.append(re.findall(r"<td>(Endless[^<]+)", page))
        assert (rows[0] != rows[1] != rows[2]) == fresh


def test_a_huge_page_is_sent_piece_by_piece(faulty: Served, client: httpx.Client) -> None:
    with client.stream("GET", faulty["huge_page"] + "/find-a-therapist/") as answer:
        assert int(answer.headers["Content-Length"]) == broken.HUGE_BYTES
        size = sum(len(piece) for piece in answer.iter_raw())
    assert size == broken.HUGE_BYTES


def test_wrong_charset_is_not_utf8(faulty: Served, client: httpx.Client) -> None:
    page = client.get(faulty["wrong_charset"] + "/find-a-therapist/")
    assert page.headers["content-type"] == "text/html; charset=UTF-8"
    with pytest.raises(UnicodeDecodeError):
        page.content.decode("utf-8")


def test_slow_robots_end_with_the_servers(world: World) -> None:
    with (
        broken.serve_broken(world, "robots_slow", slow_seconds=3600) as served,
        httpx.Client(timeout=0.2) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.get(served["robots_slow"] + "/robots.txt")


def test_a_fault_can_be_repaired(faulty: Served, client: httpx.Client) -> None:
    site = faulty.sites["database_error"]
    assert isinstance(site, broken.BrokenSite)
    site.broken = False
    try:
        assert client.get(faulty["database_error"] + AJAX, params=DALLAS).json()
    finally:
        site.broken = True
