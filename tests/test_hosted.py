"""Hosted locators: recordings, sample sites, and what their readers share."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest

from records.listing import Listing
from samples.hosted import HostedSite
from samples.people import make_world
from samples.platform_sites import PLATFORM_SITES, VARIANTS
from samples.truth import fold
from samples.world import World
from spiders.platforms import Shortfall, WrongShape
from spiders.platforms.hosted import api_of, hidden_reason, json_or_call
from spiders.platforms.registry import platform_named, platforms
from tests.hosted_fixtures import NAMES, differences, visit
from tests.platform_fixtures import (
    RECORDINGS,
    answer,
    around,
    fact_sheet,
    page,
    recorded,
)

SITES = [(name, kind) for name in NAMES for kind in (PLATFORM_SITES[name], *VARIANTS.get(name, ()))]
MOST_REQUESTS = {"StockistSearchSite": 60, "StoreRocketCutSite": 400, "ClosebyDetailsSite": 42}


def read(name: str, content: Any, **about: Any) -> list[Any]:
    body = content if isinstance(content, str) else json.dumps(content)
    return list(platform_named(name)(around()).read(answer(body, **about)))


# Recordings


@pytest.mark.parametrize("name", NAMES)
def test_the_recorded_empty_answer_is_no_listing_and_no_error(name: str) -> None:
    body = next((RECORDINGS / name).glob("empty.*")).read_text(encoding="utf-8")
    assert read(name, body) == []


@pytest.mark.parametrize("file", [*RECORDINGS.glob("*/unknown.json")], ids=lambda one: one.parent)
def test_the_answer_to_an_unknown_account_is_no_empty_directory(file: Any) -> None:
    name = file.parent.name
    if name in NAMES:
        with pytest.raises(WrongShape):
            read(name, file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_its_own_page_is_recognised_by_it_alone(name: str) -> None:
    found = page(recorded(f"{name}/page.html"))
    sure = {
        match.platform: match.certainty
        for kind in platforms()
        if (match := kind(around()).recognise(found)) and match.certainty >= 0.6
    }
    usual = {"metalocator": 0.9, "google_my_maps": 0.8}
    # An Elfsight widget may be anything: only the attribute of a map is certain.
    assert sure == ({} if name == "elfsight" else {name: usual.get(name, 1.0)})


def test_nobody_in_a_recording_is_real() -> None:
    numbers = re.compile(r"\(?\b\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b")
    mails = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+\w")
    for name in (*NAMES, "refused"):
        for file in (RECORDINGS / name).iterdir():
            text = file.read_bytes().decode("utf-8", "replace")
            assert all("555" in one and re.search(r"01\d\d$", one) for one in numbers.findall(text))
            assert all(one.endswith("@example.com") for one in mails.findall(text)), file


# Sample sites


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(people=400)


@pytest.mark.parametrize(("name", "kind"), SITES, ids=lambda one: getattr(one, "__name__", one))
def test_a_sample_site_is_read_whole(
    name: str, kind: type[HostedSite], world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    site = kind(world)
    found, shown = visit(site, name), site.shown()
    with capsys.disabled():
        counts = f"{len(found.listings)} of {len(shown)} listings, {len(site.requests)} requests"
        sys.stdout.write(f"\n{kind.__name__}: {counts}")
    assert len(found.listings) == len(shown)
    assert not found.shortfalls
    assert len(site.requests) <= MOST_REQUESTS.get(kind.__name__, 4)
    assert found.totals in ([], [len(shown)])
    by_name: dict[str, list[Listing]] = {}
    for one in found.listings.values():
        by_name.setdefault(fold(one.name), []).append(one)
    for true in shown:
        wrong = [differences(one, true) for one in by_name.get(fold(true.printed), [])]
        assert {} in wrong, f"{true.printed} ({true.hard}): {wrong}"
    everything = fold(" ".join(str(one.printed()) for one in found.listings.values()))
    for hidden in site.withheld():
        assert fold(hidden.printed) not in by_name
        assert not hidden.website or fold(hidden.website) not in everything
    for secret in ("token", "apikey", "pk.sample", "'17'"):
        assert secret not in everything


@pytest.mark.parametrize(("name", "kind"), SITES, ids=lambda one: getattr(one, "__name__", one))
def test_the_same_site_gives_the_same_ids(name: str, kind: type[HostedSite], world: World) -> None:
    first, second = (visit(kind(world), name) for _ in range(2))
    assert first.listings == second.listings


# The service's address


@pytest.mark.parametrize(
    "named", ["ftp://example.com", "javascript:1", "//example.com", "http://["]
)
def test_a_service_is_at_a_web_address(named: str) -> None:
    with pytest.raises(WrongShape, match=r"options\.extra\.api"):
        api_of(fact_sheet(extra={"api": named}), "https://example.com")


def test_a_fact_sheet_may_name_the_service() -> None:
    assert api_of(fact_sheet(extra={"api": "http://127.0.0.1:1/x/"}), "") == "http://127.0.0.1:1/x"
    assert api_of(fact_sheet(), "https://example.com") == "https://example.com"


# Calls around JSON


@pytest.mark.parametrize(
    "text",
    [
        '{"a":[1]}',
        'f({"a":[1]})',
        'slw({"a":[1]});',
        '/**/SMcallback2({"a":[1]})',
        "/**/ typeof f === 'function' && f({\"a\":[1]});\n",
        'window.f && window.f({"a":[1]});',
        '\ufeff f ( {"a":[1]} ) ; ',
    ],
)
def test_a_call_is_unwrapped(text: str) -> None:
    assert json_or_call(answer(text), "an object") == {"a": [1]}


@pytest.mark.parametrize(
    "text",
    ['f({"a":[1]}', 'f({"a":[1', "f(", "f()", "f(1)", 'f({"a":[1]}); alert(1)', 'f({"a":[1]}),g()'],
)
def test_what_is_no_call(text: str) -> None:
    with pytest.raises(WrongShape):
        json_or_call(answer(text), "an object")


# Rows nobody is to see


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, None),
        ({"status": "publish"}, None),
        ({"status": 1, "hidden": "0", "active": "yes"}, None),
        ({"published": None, "visible": "", "deleted_at": None}, None),
        ({"status": "Draft"}, "draft"),
        ({"is_hidden": "1"}, "hidden"),
        ({"isPrivate": True}, "private"),
        ({"published": "0"}, "unpublished"),
        ({"isActive": False}, "inactive"),
        ({"approved": 0}, "pending"),
        ({"hide_address": 1}, "hidden address"),
        ({"deleted_at": "2026-01-01"}, "deleted"),
        ({"owner_contact_hidden": "true"}, "hidden contact"),
        ({"private": "1"}, "private"),
        ({"Private": "Yes", "NHS": "No"}, None),
    ],
)
def test_what_says_that_nobody_is_to_see_a_row(row: dict[str, Any], reason: str | None) -> None:
    assert hidden_reason(row) == reason


# Storepoint, Storemapper, Store Locator Widgets, MetaLocator


def test_only_known_keys_are_kept() -> None:
    row = {
        "id": 1,
        "name": "Ada Mock",
        "note_to_self": "owes us",
        "ip": "192.0.2.1",
        "api_key": "k",
    }
    for name, content in (
        ("storepoint", {"success": True, "results": {"locations": [row]}}),
        ("stockist", [row]),
        ("storerocket", {"success": True, "results": {"locations": [row]}}),
        ("storemapper", {"stores": [row]}),
        ("closeby", {"locations": [row | {"phone": ""}]}),
        ("store_locator_widgets", {"stores": [row | {"data": row}]}),
        ("metalocator", [row]),
        ("membershipworks", {"usr": [{**row, "nam": "Ada Mock"}]}),
    ):
        (found,) = read(name, content)
        assert found.name == "Ada Mock", name
        assert found.extra == {}, name


def test_a_fact_sheet_maps_what_the_service_does_not_name() -> None:
    row = {"id": 1, "name": "Ada Mock", "address": "", "custom_field_1": "Level 2", "Stufe": "3"}
    columns = {"custom_field_1": "certification", "stufe": "profession"}
    platform = platform_named("storemapper")(around(columns=columns))
    (found,) = platform.read(answer(json.dumps({"stores": [row]})))
    assert isinstance(found, Listing)
    assert (found.certification, found.profession) == ("Level 2", "3")


def test_a_full_answer_of_metalocator_is_cut() -> None:
    rows = [{"id": number, "name": "A"} for number in range(100_000)]
    found = read("metalocator", rows)
    assert isinstance(found[0], Shortfall)
    assert len(found) == 100_001
