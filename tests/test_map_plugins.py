"""Map plugins: recorded answers, sample sites, hostile answers, and pages that only mention one."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest

from records.listing import Listing
from samples.map_plugin import MapPluginSite, one_line
from samples.people import make_world
from samples.platform_sites import PLATFORM_SITES, VARIANTS
from samples.truth import fold
from samples.world import TrueListing, World
from spiders.platforms.registry import platform_named, platforms
from tests.map_plugin_fixtures import NAMES, visit
from tests.platform_fixtures import (
    RECORDINGS,
    ROOT,
    answer,
    around,
    page,
    recorded,
    us_places,
)

SITES = [(name, kind) for name in NAMES for kind in (PLATFORM_SITES[name], *VARIANTS[name])]
SHARED = ROOT.parent / "shared" / "recordings"

#: Hosts of recorded pages: nobody's, or the software's own.
OURS = ("example.com", "directory.example", "mappresspro.com")


def say(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Show a number that is a result of its own."""
    with capsys.disabled():
        sys.stdout.write(f"\n{line}")


# Recordings


@pytest.mark.parametrize("name", NAMES)
def test_the_recorded_empty_answer_is_no_listing_and_no_error(name: str) -> None:
    folder = RECORDINGS / name
    body = next(folder.glob("empty.*")).read_text(encoding="utf-8")
    assert list(platform_named(name)(around()).read(answer(body))) == []


@pytest.mark.parametrize("name", NAMES)
def test_its_own_page_is_recognised_by_it_alone(name: str) -> None:
    found = page(recorded(f"{name}/page.html"))
    sure = {
        match.platform: match.certainty
        for kind in platforms()
        if (match := kind(around()).recognise(found)) and match.certainty >= 0.6
    }
    assert sure == {name: 1.0}


def shared(name: str) -> str:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not here: answers of real servers are tried only where they are")
    return path.read_text(encoding="utf-8")


def read(name: str, body: str) -> list[Any]:
    return list(platform_named(name)(around()).read(answer(body)))


@pytest.mark.parametrize(
    ("name", "file", "count"),
    [
        ("agile_store_locator", "asl/009-all-no-nonce.html", 408),
        ("wp_go_maps", "wpgm/017-markers-all.json", 409),
        ("wp_go_maps", "wpgm/012-features-geo.json", 40),
    ],
)
def test_answers_of_real_servers(
    name: str, file: str, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    body = shared(file)
    rows = json.loads(body)
    rows = rows["markers"] if isinstance(rows, dict) else rows
    found = {one.native_id: one for one in read(name, body)}
    say(capsys, f"{file}: {len(found)} listings")
    assert len(found) == len(rows) == count
    for row in rows:
        one = found[row["id"]]
        assert fold(one.name) == fold(row["title"]), row["title"]
        assert (one.latitude or "", one.longitude or "") == (row["lat"], row["lng"])
        text = str(one.printed())
        assert "&amp;" not in text, text
        assert "&#0" not in text, text
        if name == "agile_store_locator":
            parts = (one.street, one.city, one.state, one.postcode, one.phone, one.email)
            keys = ("street", "city", "state", "postal_code", "phone", "email")
            assert [part or "" for part in parts] == [fold_blanks(row[key]) for key in keys]
            assert (one.website or "") == row["website"].replace("&amp;", "&")
        else:
            assert one.address == fold_blanks(row["address"])
            assert (one.website or "") == row["link"]
            in_text = "Phone: " in row["description"]
            assert bool(one.phone) == in_text, row["description"]


def fold_blanks(text: str) -> str:
    return " ".join(text.split())


def test_answers_of_a_real_store_locator_plus(capsys: pytest.CaptureFixture[str]) -> None:
    shared("slp/009-search-dallas-r50.json")
    files = sorted((SHARED / "slp").glob("0[0-3]*.json"))
    platform = platform_named("store_locator_plus")(around())
    found: dict[str, Listing] = {}
    rows: dict[str, Any] = {}
    for file in files:
        content = json.loads(file.read_text(encoding="utf-8"))
        if "response" not in content:
            continue
        rows |= {row["id"]: row["data"] for row in content["response"]}
        for one in platform.read(answer(file.read_text(encoding="utf-8"))):
            assert isinstance(one, Listing)
            found[one.native_id] = one
    say(capsys, f"slp: {len(found)} listings")
    assert found.keys() == rows.keys()
    assert len(found) == 158
    for number, row in rows.items():
        one = found[number]
        assert fold(one.name) == fold(row["sl_store"])
        assert (one.street or "", one.city or "") == (row["sl_address"], row["sl_city"])
        assert (one.website or "", one.phone or "") == (row["sl_url"], row["sl_phone"])
        assert (one.latitude, one.longitude) == (row["sl_latitude"], row["sl_longitude"])
        text = str(one.printed())
        assert "SELECT" not in text
        assert "lastupdated" not in text


# Sample sites


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(people=400)


@pytest.mark.parametrize(("name", "kind"), SITES, ids=lambda one: getattr(one, "__name__", one))
def test_a_sample_site_is_read_whole(
    name: str, kind: type[MapPluginSite], world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    site = kind(world)
    found = visit(site, platform_named(name)(around(us_places())))
    shown = site.shown()
    counts = f"{len(found.listings)} of {len(shown)} listings, {len(site.requests)} requests"
    say(capsys, f"{kind.__name__}: {counts}")
    assert len(found.listings) == len(shown)
    assert not found.shortfalls
    assert set(found.totals) <= {len(shown)}
    assert len(site.requests) <= (60 if name == "store_locator_plus" else 5)
    by_name: dict[str, list[Listing]] = {}
    for one in found.listings.values():
        by_name.setdefault(fold(one.name), []).append(one)
    for true in shown:
        same = [one for one in by_name.get(fold(true.printed), []) if is_same(one, true)]
        assert same, f"{true.printed} ({true.hard}): {by_name.get(fold(true.printed))}"
    everything = fold(" ".join(str(one.printed()) for one in found.listings.values()))
    for hidden in site.withheld():
        assert fold(hidden.printed) not in by_name
        assert hidden.website == "" or fold(hidden.website) not in everything


def is_same(found: Listing, true: TrueListing) -> bool:
    """Whether a listing says what the site shows of an entry: place, telephone, site, point."""
    if found.address is not None:
        place = bare(found.address) == bare(one_line(true))
    else:
        street = ", ".join(part for part in (found.street, found.street2) if part)
        true_street = ", ".join(part for part in (true.street, true.unit) if part)
        place = fold(street) == fold(true_street) and fold(found.city) == fold(true.city)
        place = place and fold(found.postcode) == fold(true.postcode)
    phone = digits(found.phone) == digits(true.phone)
    # What was typed without http:// some software completes and some leaves out.
    website = fold(found.website) in ("", fold(true.website), fold(f"http://{true.website}"))
    if true.website.startswith("http") or not true.website:
        website = (found.website or "") == true.website
    return place and phone and website and same_point(found, true)


def bare(text: str) -> str:
    return fold(text).replace(",", "")


def digits(text: str | None) -> str:
    """The first ten digits: a pop-up gives the first of two numbers, and leaves out remarks."""
    return "".join(letter for letter in text or "" if letter.isdecimal())[:10]


def same_point(found: Listing, true: TrueListing) -> bool:
    if true.latitude is None or true.longitude is None:
        return found.latitude in (None, "0", "0.0", "0.000000")
    assert found.latitude is not None
    assert found.longitude is not None
    near = abs(float(found.latitude) - true.latitude) + abs(float(found.longitude) - true.longitude)
    return near < 1e-5


def test_the_same_reading_gives_the_same_ids(world: World) -> None:
    for name, kind in SITES:
        first, second = (
            visit(kind(world), platform_named(name)(around(us_places()))) for _ in range(2)
        )
        assert first.listings == second.listings, kind.__name__


def test_a_refusal_without_a_nonce_leads_to_the_pages_nonce(world: World) -> None:
    site = VARIANTS["agile_store_locator"][0](world)
    found = visit(site, platform_named("agile_store_locator")(around()))
    assert [("nonce=" in one.url, "optional" in one.meta) for one in found.requests] == [
        (False, True),
        (True, False),
    ]


def test_nobody_in_a_recording_is_real() -> None:
    numbers = re.compile(r"\(?\b\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b")
    hosts = re.compile(r"(?<=//)[\w.-]+\.[a-z]{2,}")
    software = {
        "api.w.org",
        "www.sitemaps.org",
        "www.google.com",
        "www.facebook.com",
        "www.mappresspro.com",
    }
    for name in NAMES:
        for file in (RECORDINGS / name).iterdir():
            text = file.read_text(encoding="utf-8").replace("\\/", "/")
            assert all(re.search(r"555[-. ]01", one) for one in numbers.findall(text)), file
            for host in hosts.findall(text):
                assert host in software or host.endswith(OURS), host
