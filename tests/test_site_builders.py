"""Squarespace and Wix: people typed into pages, read without asking for the pages' data."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Request

from records.listing import Listing
from samples.people import make_world
from samples.squarespace import SquarespaceCollectionSite, SquarespaceSite
from samples.truth import fold
from samples.wix import WixSite, WixSitemapSite
from spiders.platforms import Hidden, Shortfall, WrongShape
from spiders.platforms.squarespace import Squarespace
from spiders.platforms.wix import Wix
from tests.map_plugin_fixtures import visit
from tests.platform_fixtures import SITE, Harvest, answer, around, page

CONTEXT = "<script>Static = window.Static || {}; Static.SQUARESPACE_CONTEXT = {};</script>"


def squarespace(body: str) -> str:
    return f"<html><head>{CONTEXT}</head><body><main>{body}</main></body></html>"


def items(*some: dict[str, Any]) -> str:
    return f'<ul data-current-context="{escape(json.dumps({"userItems": some}))}"></ul>'


def wix(store: Any, body: str = "") -> str:
    script = json.dumps({"appsWarmupData": {"dataBinding": store}}).replace("</", "<\\/")
    return f'<body>{body}<script type="application/json" id="wix-warmup-data">{script}</script>'


def collection(*records: dict[str, Any], total: int | None = None, **headings: str) -> Any:
    rows = {str(number): {"_id": str(number)} | one for number, one in enumerate(records)}
    return {
        "schemas": {"Members": {"fields": {k: {"displayName": v} for k, v in headings.items()}}},
        "dataStore": {
            "recordsByCollectionId": {"Members": rows},
            "recordInfosByDatasetId": {
                "comp-a": {"itemIds": list(rows), "datasetSize": {"total": total}}
            },
        },
    }


PEOPLE = [
    {"title": "Ada Sampleton", "phone": "(614) 555-0142", "city": "Columbus"},
    {"title": "Ben Mockworth", "phone": "(614) 555-0143", "city": "Dayton"},
    {"title": "Cleo Nowhere", "phone": "(614) 555-0144", "city": "Toledo"},
]


def listings(found: Any) -> list[Listing]:
    return [one for one in found if isinstance(one, Listing)]


# Squarespace


def test_a_list_section_is_unescaped_once_and_read_once() -> None:
    entries = [
        {
            "title": "Pat &amp; Sam Mock",
            "description": "<p>1 Invented St<br>Toledo, OH 43604</p><p>(419) 555-0134</p>",
            "button": {"buttonText": "Website", "buttonLink": "https://www.example.com/a?b=1&c=2"},
        },
        {"title": "Ada Sampleton", "description": "<p>Lima, OH</p>", "button": None},
        {"title": "Ben Mockworth", "description": "<p>(937) 555-0103</p>"},
    ]
    body = squarespace(items(*entries) + "<h2>Ada Sampleton</h2><p>Lima, OH</p>")
    platform = Squarespace(around())
    assert platform.recognise(page(body)) is not None
    first, second, third = listings(platform.read(page(body)))
    assert (first.name, first.phone) == ("Pat & Sam Mock", "(419) 555-0134")
    assert first.address == "1 Invented St, Toledo, OH 43604"
    assert first.website == "https://www.example.com/a?b=1&c=2"
    assert (second.city, second.state) == ("Lima", "OH")
    assert third.phone == "(937) 555-0103"


def test_a_map_block_nobody_filled_in_is_no_place() -> None:
    place = {"mapLat": 40.7207559, "mapLng": -74.0007613, "addressLine1": "459 Placeholder"}
    block = escape(json.dumps({"location": place}))
    body = squarespace(
        "<article><h1>Ada Sampleton</h1><p>(614) 555-0142</p>"
        f'<div class="sqs-block-map" data-block-json="{block}"></div></article>'
    )
    (found,) = Squarespace(around()).read(answer(body, "/find/ada", ask="profile"))
    assert isinstance(found, Listing)
    assert (found.latitude, found.address) == (None, None)
    nobody = squarespace("<article><h1>Ada Sampleton</h1></article>")
    (short,) = Squarespace(around()).read(answer(nobody, "/find/ada", ask="profile"))
    assert isinstance(short, Shortfall)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<p>Call us at (614) 555-0142.</p>",
        items(
            {"title": "Deep Needling Massage", "description": "<p>$90</p>"},
            {"title": "Sports Recovery Hour", "description": "<p>$80</p>"},
            {"title": "Gentle Stretching Class", "description": "<p>$30</p>"},
        ),
        '<a href="/find/five-great-tips">Five Great Tips</a><a href="/find/a">Read</a>',
    ],
)
def test_a_squarespace_site_without_people_is_not_recognised(body: str) -> None:
    assert Squarespace(around()).recognise(page(squarespace(body))) is None


def test_forbidden_formats_are_never_asked_for() -> None:
    people = items(*({"title": f"Ada Mock{n}", "description": "<p>Lima, OH</p>"} for n in "abc"))
    links = '<a href="/find/?offset=9&format=json-pretty">x</a><a href="/find?format=json">Next</a>'
    found = list(Squarespace(around()).read(page(squarespace(people + links))))
    assert not [one for one in found if isinstance(one, Request)]


# Wix


def test_columns_are_called_what_the_schema_says() -> None:
    record = {
        "title": "Ada Sampleton, PT",
        "text_1": "Figment &amp; Sons",
        "address": {
            "formatted": "410 Specimen St, Columbus, OH 43215, USA",
            "streetAddress": {"number": "410", "name": "Specimen St", "apt": "Suite 2"},
            "city": "Columbus", "subdivision": "US-OH", "postalCode": "43215", "country": "US",
            "location": {"latitude": 39.9642, "longitude": -83.0014},
        },
        "num": 6145550142,
        "image": "wix:image://v1/a.jpg/b.jpg",
        "ref": "12345678-1234-1234-1234-123456789012",
        "link-members-all": "/members/",
        "link-members-title": "/members/ada-sampleton",
        "_owner": "12345678-1234-1234-1234-123456789012",
    }  # fmt: skip
    body = wix(collection(record, *PEOPLE, text_1="Clinic", num="Telephone number", title="Name"))
    platform = Wix(around())
    match = platform.recognise(page(body))
    assert match is not None
    assert match.evidence == "the collection Members with 4 records"
    found = listings(platform.read(page(body)))[0].printed()
    assert found == {
        "source_id": "example",
        "native_id": "0",
        "seen_url": f"{SITE}/find/",
        "name": "Ada Sampleton, PT",
        "practice": "Figment & Sons",
        "street": "410 Specimen St",
        "street2": "Suite 2",
        "city": "Columbus",
        "state": "OH",
        "postcode": "43215",
        "country": "US",
        "latitude": "39.9642",
        "longitude": "-83.0014",
        "phone": "6145550142",
        "profile_url": f"{SITE}/members/ada-sampleton",
    }


@pytest.mark.parametrize(
    ("switch", "shown"),
    [
        ({"_publishStatus": "DRAFT"}, False),
        ({"_publishStatus": "SCHEDULED"}, False),
        ({"_publishStatus": "PUBLISHED"}, True),
        ({"hidden": True}, False),
        ({"isHidden": True}, False),
        ({"hidden": False}, True),
        ({"approved": False}, False),
        ({"active": True}, True),
        ({"publicInsurance": False}, True),
        ({"private_practice": True}, True),
    ],
)
def test_rows_that_a_site_hides(switch: dict[str, Any], shown: bool) -> None:
    body = wix(collection(PEOPLE[0] | switch, *PEOPLE))
    found = list(Wix(around()).read(page(body)))
    assert len(listings(found)) == (4 if shown else 3)
    assert sum(isinstance(one, Hidden) for one in found) == (0 if shown else 1)


def test_a_page_that_is_never_another_ends() -> None:
    body = wix(collection(*PEOPLE, total=9))
    platform = Wix(around())
    first = list(platform.read(page(body)))
    (request,) = [one for one in first if isinstance(one, Request)]
    assert request.url == f"{SITE}/find/?comp-a_page=2"
    again = answer(body, "/find/?comp-a_page=2", ask="page", page=2)
    assert list(platform.read(again)) == []


@pytest.mark.parametrize(
    "store",
    [
        {},
        None,
        [],
        {"dataStore": {"recordsByCollectionId": {"Courses": {"1": {"title": "Intro Course One"}}}}},
        {"dataStore": {"recordsByCollectionId": [1]}},
        collection(*({"title": f"Great Blog Post {n}", "date": "May"} for n in "abcd")),
    ],
)
def test_a_wix_site_without_people_is_not_recognised(store: Any) -> None:
    assert Wix(around()).recognise(page(wix(store))) is None


# Both

HOSTILE = {
    "another page": "<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>",
    "a database error": "<h1>Error establishing a database connection</h1>",
    "nothing": "",
    "an SQL message": '["You have an error in your SQL syntax"]',
    "success: false": '{"success":false}',
    "half": wix(collection(*PEOPLE))[:200],
    "half in a script": '<script id="wix-warmup-data">{"appsWarmupData":{</script>',
    "no people": squarespace("<h1>Practitioners</h1>"),
    "deep": f'<script id="wix-warmup-data">{"[" * 5000}</script>',
}


@pytest.mark.parametrize("kind", [Squarespace, Wix])
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_answer_is_never_taken_for_one(kind: Any, body: str) -> None:
    with pytest.raises(WrongShape):
        list(kind(around()).read(page(body)))


SITES = [
    (SquarespaceSite, Squarespace, 0),
    (SquarespaceCollectionSite, Squarespace, 3),
    (WixSite, Wix, 4),
    (WixSitemapSite, Wix, 4),
]


@pytest.mark.parametrize(("site", "kind", "hidden"), SITES)
def test_sample_sites_are_read_whole(site: Any, kind: Any, hidden: int) -> None:
    one = site(make_world())
    found: Harvest = visit(one, kind(around()))
    compare(found, one)
    assert len(found.hidden) == hidden
    assert not found.shortfalls
    print(f"\n{site.__name__}: {len(found.listings)} listings, {len(found.requests)} requests")
    assert len(found.requests) <= 90


def compare(found: Harvest, site: Any) -> None:
    """Everybody the site shows, and nobody else."""

    def digits(phone: str | None) -> str:
        return "".join(c for c in phone or "" if c.isdigit())

    true = sorted((fold(one.printed), digits(one.phone)) for one in site.shown())
    got = sorted((fold(one.name), digits(one.phone)) for one in found.listings.values())
    assert got == true
    names = {fold(one.name) for one in found.listings.values()}
    assert not names & ({fold(one.printed) for one in site.withheld()} - {t[0] for t in true})


MARKUP = st.lists(
    st.sampled_from(
        [
            CONTEXT, "<main>", "<ul data-current-context='", '{"userItems":[', "null",
            '{"title":"Ada Mock",',
            '"description":"<p>Lima, OH"}', "]}", "'></ul>", "<a href='/find/a b'>Ada Mock</a>",
            "<a href='http://['>Next</a>", "<script id='wix-warmup-data'>", "</script>", "{", "}",
            '"dataStore":{', '"recordsByCollectionId":{"A":{"1":{"title":"Ada Mock"}}}', "null",
            "<a href='?x_page=2'>2</a>", "<h1>", "\x00", "&amp;",
        ]
    ),
    max_size=20,
).map("".join)  # fmt: skip


@given(st.text(max_size=200) | MARKUP)
def test_any_page_can_be_looked_at(text: str) -> None:
    body = text.encode("utf-8", "replace")
    for kind in (Squarespace, Wix):
        platform = kind(around())
        found = HtmlResponse(f"{SITE}/find", body=body, encoding="utf-8")
        platform.recognise(found)
        try:
            list(platform.read(found))
        except WrongShape:
            continue
