"""schema.org: on listing pages, on profiles that links and sitemaps lead to, in every shape."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Request, Response

from records.listing import Listing
from spiders.platforms import Hidden, WrongShape
from spiders.platforms.html_listing import HtmlListing
from spiders.platforms.schema_org import SchemaOrg
from tests.platform_fixtures import SITE, Harvest, answer, around, harvest, page, recorded

LISTING = recorded("schema_org/listing.html")


def entries(html: str) -> list[Listing]:
    found = SchemaOrg(around()).read(page(html))
    return [one for one in found if isinstance(one, Listing)]


def script(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f'<script type="application/ld+json">{text}</script>'


# On the page itself


def test_entries_of_a_page_without_publisher_and_authors() -> None:
    match = SchemaOrg(around()).recognise(page(LISTING))
    assert match is not None
    assert match.certainty == 0.9
    ada, spine, other_spine, cleo = entries(LISTING)
    assert ada.printed() == {
        "source_id": "example",
        "native_id": "/people/ada#me",
        "seen_url": f"{SITE}/find/",
        "name": "Ada & Eve Sampleton",
        "credentials": "PT, DPT",
        "profession": "Physical Therapist",
        "practice": "Fictional Motion",
        "street": "12 Invented Avenue, Suite 4",
        "city": "Toledo",
        "state": "OH",
        "postcode": "43604",
        "country": "US",
        "phone": "(419) 555-0134",
        "website": "https://www.example.com/ada/",
        "certification": "Level 2; Dry Needling Certified",
        "latitude": "41.65280",
        "longitude": "-83.5378",
    }
    assert (spine.name, spine.phone) == ("Invented Spine", "937-555-0103")
    assert spine.address == "1 First St, Dayton, OH 45402"
    assert other_spine.address == "2 Second St, Lima, OH 45801"
    assert other_spine.native_id == f"{spine.native_id}#2"
    assert spine.extra == {"type": "MedicalClinic"}
    assert (cleo.street, cleo.city, cleo.profession) == ("PO Box 77", "Lima", "Physiotherapy")
    assert not any("Private" in str(one.printed()) for one in entries(LISTING))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"hasCredential": "Dry Needling Certified"}, {"certification": "Dry Needling Certified"}),
        ({"hasCredential": {"name": "Fellow"}}, {"certification": "Fellow"}),
        ({"hasCredential": {"credentialCategory": "Level 1"}}, {"certification": "Level 1"}),
        ({"address": "1 First St, Lima, OH"}, {"address": "1 First St, Lima, OH"}),
        ({"address": ["1 First St"]}, {"address": "1 First St"}),
        (
            {"address": {"streetAddress": ["1 First St", "Suite 2"]}},
            {"street": "1 First St, Suite 2"},
        ),
        ({"workLocation": {"address": {"addressLocality": "Lima"}}}, {"city": "Lima"}),
        ({"worksFor": {"name": "X", "telephone": "1-555"}}, {"practice": "X", "phone": "1-555"}),
        ({"geo": [{"latitude": "1.50", "longitude": 2}]}, {"latitude": "1.50", "longitude": "2"}),
        ({"email": "mailto:ada%40example.com"}, {"email": "ada@example.com"}),
        ({"url": "/people/ada/"}, {"profile_url": f"{SITE}/people/ada/"}),
        ({"url": "javascript:alert(1)"}, {"website": None, "profile_url": None}),
        ({"url": "http://[bad"}, {"website": None}),
        ({"name": None, "givenName": "Ada", "familyName": "Sampleton"}, {"name": "Ada Sampleton"}),
        ({"@type": ["Person", "schema:Physiotherapy"]}, {"name": "Ada"}),
        ({"telephone": ["", None, "1-555"]}, {"phone": "1-555"}),
        ({"telephone": True, "address": [[{}]], "geo": 3}, {"phone": None, "latitude": None}),
    ],
)
def test_every_shape_of_a_value(change: dict[str, Any], expected: dict[str, Any]) -> None:
    person = {"@type": "Person", "name": "Ada", "jobTitle": "PT", "medicalSpecialty": "x", **change}
    other = {"@type": "Person", "name": "Ben", "telephone": "2"}
    listing = entries(script([person, other]))[0]
    assert {key: getattr(listing, key) for key in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        '{/* graduate */ "@type": "Person", "name": "Ada", "telephone": "1",}',
        '<!-- {"@type": "Person", "name": "Ada", "telephone": "1"} -->',
        "{'@type': 'Person', name: 'Ada', telephone: '1'}",
        '//<![CDATA[\n{"@type": "Person", "name": "Ada", "telephone": "1"}\n//]]>',
        '{"@type": "Person", "name": "Ada", "telephone": "1", "description": "line\nline"}',
        '{"@type": "ProfilePage", "mainEntity": {"@type": "Person", "name": "Ada", "geo": 1}}',
    ],
)
def test_json_as_people_type_it(text: str) -> None:
    found = list(SchemaOrg(around()).read(answer(script(text), "/people/ada/", ask="profile")))
    assert [one.name for one in found if isinstance(one, Listing)] == ["Ada"]


# Profiles

HEAD = '<html><head><title>Our Graduates</title></head><body><nav><a href="/">Home</a></nav>'
OWN = script(
    {"@type": "LocalBusiness", "name": "Fictional Academy of Needling", "telephone": "614-555-0100"}
)


class Graduates:
    """Two pages of links, profiles of several kinds, and a sitemap that knows more than they do."""

    people = {  # noqa: RUF012
        "ada-sampleton": script({"@type": "Person", "name": "Ada Sampleton", "telephone": "1"}),
        "ben-mockworth": script(
            {
                "@graph": [
                    {"@type": "Person", "name": "Ben Mockworth", "worksFor": {"name": "Motion"}},
                    {"@type": "MedicalClinic", "name": "Motion", "telephone": "2"},
                ]
            }
        ),
        "cleo-nowhere": "<main><h1>Cleo Nowhere, PT</h1><p>3 Invented St<br>Lima, OH 45801</p>"
        "<p>419-555-0105</p></main>",
        "emile-nobody": "<main><h1>Émile Nobody</h1></main>",
    }
    only_in_sitemap = ("hidden-in-sitemap",)

    def __call__(self, request: Request) -> Response:
        path = request.url.removeprefix(SITE)
        body, status = self._body(path), 200
        if body is None:
            body, status = "<h1>Not found</h1>", 404
        return HtmlResponse(
            request.url, status=status, body=body.encode(), encoding="utf-8", request=request
        )

    def _body(self, path: str) -> str | None:
        if path == "/robots.txt":
            return f"User-agent: *\nSitemap: {SITE}/map.xml\nSitemap: https://else.example/m.xml"
        if path == "/map.xml":
            return f"<sitemapindex><sitemap><loc>{SITE}/people.xml</loc></sitemap></sitemapindex>"
        if path == "/people.xml":
            names = (*self.people, *self.only_in_sitemap, "draft")
            return "".join(f"<url><loc>{SITE}/graduates/{name}/</loc></url>" for name in names) + (
                f"<url><loc>{SITE}/blog/what-is-it/</loc></url>"
            )
        if path in ("/find/", "/find/page/2/"):
            names = list(self.people)[:3] if path == "/find/" else list(self.people)[3:]
            cards = "".join(
                f'<h2><a href="/graduates/{name}/">{name.replace("-", " ").title()}</a></h2>'
                "<p>Toledo, OH</p>"
                for name in names
            )
            more = '<a rel="next" href="/find/page/2/">Older</a>' if path == "/find/" else ""
            return f"{HEAD}{OWN}{cards}{more}"
        name = path.removeprefix("/graduates/").strip("/")
        if name in self.only_in_sitemap:
            return script({"@type": "Person", "name": "Hidden Person", "telephone": "3"})
        return OWN + self.people[name] if name in self.people else None


@pytest.fixture
def graduates() -> Harvest:
    site = Graduates()
    return harvest(SchemaOrg(around()), site(Request(f"{SITE}/find/")), site)


def test_profiles_by_links_pages_and_sitemap(graduates: Harvest) -> None:
    names = {one.native_id: one.name for one in graduates.listings.values()}
    assert names == {
        "/graduates/ada-sampleton": "Ada Sampleton",
        "/graduates/ben-mockworth": "Ben Mockworth",
        "/graduates/cleo-nowhere": "Cleo Nowhere, PT",
        "/graduates/hidden-in-sitemap": "Hidden Person",
    }
    assert graduates.listings["/graduates/ben-mockworth"].practice == "Motion"
    assert graduates.listings["/graduates/cleo-nowhere"].phone == "419-555-0105"
    assert graduates.hidden == ["in the sitemap, but its page is gone (404)"]
    assert len(graduates.shortfalls) == 1, "a profile that says nothing is reported"
    assert "emile-nobody" in graduates.shortfalls[0]
    asked = [one.url for one in graduates.requests]
    assert not any("blog" in url or "else.example" in url for url in asked)
    assert len(asked) == len(set(asked))


def test_profiles_are_preferred_to_cards_that_only_name_the_town() -> None:
    first = Graduates()(Request(f"{SITE}/find/"))
    profiles, cards = SchemaOrg(around()).recognise(first), HtmlListing(around()).recognise(first)
    assert profiles is not None
    assert cards is None or profiles.certainty > cards.certainty


def test_an_item_list_of_addresses() -> None:
    urls = [{"@type": "ListItem", "url": f"{SITE}/who/{n}"} for n in range(3)]
    html = script({"@type": "ItemList", "itemListElement": urls})
    platform = SchemaOrg(around())
    match = platform.recognise(page(html))
    assert match is not None
    requests = [one for one in platform.read(page(html)) if isinstance(one, Request)]
    assert [one.url for one in requests][:3] == [f"{SITE}/who/{n}" for n in range(3)]
    assert requests[3].url == f"{SITE}/robots.txt"
    assert requests[3].meta["optional"]


def test_a_linked_profile_that_is_gone_is_for_the_spider_to_judge() -> None:
    platform = SchemaOrg(around())
    with pytest.raises(WrongShape):
        list(platform.read(answer("gone", status=404, ask="profile", linked=True)))
    assert list(platform.read(answer("gone", status=404, ask="profile", linked=False))) == [
        Hidden("in the sitemap, but its page is gone (404)")
    ]


def test_page_1_in_the_place_of_page_2() -> None:
    platform = SchemaOrg(around())
    list(platform.read(page(LISTING)))
    with pytest.raises(WrongShape, match="page 2"):
        list(platform.read(answer(LISTING, "/find/page/2/", ask="page", page=2)))


# Ordinary pages


@pytest.mark.parametrize(
    "html",
    [
        "",
        OWN,
        OWN + OWN,
        script({"@type": "LocalBusiness", "name": "Us", "url": f"{SITE}/", "telephone": "1"}),
        script(
            {"@type": "Article", "author": [{"@type": "Person", "name": "A", "address": "x"}] * 3}
        ),
        script([{"@type": "Person", "name": "Editor A"}, {"@type": "Person", "name": "Editor B"}]),
        script({"@type": "BreadcrumbList", "itemListElement": [{"item": "/a"}, {"item": "/b"}]}),
        script("{"),
        script("null"),
        "".join(f'<h2><a href="/blog/{n}/">Ten Good Reasons</a></h2>' for n in range(9)),
        "".join(f'<h2><a href="/courses/{n}/">Dry Needling One</a></h2>' for n in range(9)),
        "".join(f'<nav><a href="/team/{n}/">Ada Sampleton</a></nav>' for n in range(9)),
        "<p>Use itemscope and application/ld+json with Person on your page.</p>",
    ],
)
def test_ordinary_pages_are_not_recognised(html: str) -> None:
    assert SchemaOrg(around()).recognise(page(html)) is None


def test_a_page_that_lost_its_data_is_no_empty_directory() -> None:
    with pytest.raises(WrongShape):
        list(SchemaOrg(around()).read(page("<h1>Error</h1>")))
    with pytest.raises(WrongShape):
        list(SchemaOrg(around()).read(answer("<h1>Error</h1>", ask="page", page=2)))


# Anything at all


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    "@type @id @graph name address geo telephone hasCredential url itemListElement "
                    "item worksFor mainEntity latitude streetAddress email".split()
                ),
                inner | st.sampled_from(["Person", "ItemList", "PostalAddress"]),
            )
        ),
        max_leaves=20,
    )
)
def test_any_data(value: Any) -> None:
    html = script([value, {"@type": "Person", "name": "A", "address": value, "geo": value}])
    platform = SchemaOrg(around())
    platform.recognise(page(html))
    for one in (page(html), answer(html, ask="profile"), answer(html, ask="page", page=2)):
        with contextlib.suppress(WrongShape):
            list(platform.read(one))


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    platform = SchemaOrg(around())
    for html in (text, script(text), f"<div itemscope itemtype='{text}'>{text}"):
        platform.recognise(page(html))
        for ask in ("robots", "sitemap", "profile", "page"):
            with contextlib.suppress(WrongShape):
                list(platform.read(answer(html, ask=ask, page=2)))
