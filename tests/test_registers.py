"""The NPI Registry and FHIR directories: caps, references, hidden rows, and no answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Request, Response

from records.listing import Listing
from samples.fhir_plan_net import FhirPlanNetSite
from samples.nppes import NppesSite, number
from samples.people import make_world
from samples.truth import fold
from spiders.platforms import Hidden, Shortfall, WrongShape
from spiders.platforms.fhir_bundle import same_server
from spiders.platforms.fhir_plan_net import FhirPlanNet
from spiders.platforms.nppes import Nppes
from tests.map_plugin_fixtures import visit
from tests.platform_fixtures import ROOT, SITE, answer, around, harvest, page

NPPES_DATA = ROOT.parent / "shared" / "data" / "nppes"
FHIR_DATA = ROOT.parent / "shared" / "data" / "fhir"


def needs(folder: Path) -> None:
    if not folder.is_dir():
        pytest.skip(f"no recorded answers in {folder}")


# The NPI Registry


def row(own: int, **basic: Any) -> dict[str, Any]:
    return {
        "number": own,
        "basic": {"first_name": "ADA", "last_name": f"MOCK{own % 1000}", "status": "A"} | basic,
        "addresses": [{"address_purpose": "LOCATION", "city": "COLUMBUS", "state": "OH"}],
        "taxonomies": [{"code": "225100000X", "desc": "Physical Therapist", "primary": True}],
    }


def registry(people: dict[str, list[int]], asked: list[str]) -> Any:
    """A register whose people live in these ZIP codes, with the caps of the real one."""

    def site(request: Request) -> Response:
        query = {key: value[0] for key, value in parse_qs(urlsplit(request.url).query).items()}
        area, skip = query["postal_code"].rstrip("*"), int(query["skip"])
        assert query["limit"] == "200"
        assert skip <= 1000, "beyond it the server repeats its last page"
        asked.append(f"{area} {skip}")
        found = [own for code, some in people.items() if code.startswith(area) for own in some]
        rows = [row(own) for own in found[skip : skip + 200]]
        # What it says of the number of results is not to be believed.
        body = json.dumps({"result_count": 200, "results": rows})
        return answer(body, f"/api/?{urlsplit(request.url).query}").replace(request=request)

    return site


def first_page() -> Response:
    return answer('{"result_count":0,"results":[]}', "/api/?version=2.1")


def test_a_full_area_is_split_and_every_provider_found_once() -> None:
    towns = {
        "43201": list(range(1_000_000_000, 1_000_000_900)),
        "43215": list(range(1_000_000_500, 1_000_001_000)),
        "44101": list(range(1_000_002_000, 1_000_003_200)),
        "45402": list(range(1_000_004_000, 1_000_004_200)),
    }
    asked: list[str] = []
    found = harvest(Nppes(around(extra={"states": "OH"})), first_page(), registry(towns, asked))
    assert len(found.listings) == len({own for some in towns.values() for own in some})
    assert not found.shortfalls or found.shortfalls == [
        "ZIP code 44101 has more than the 1,200 rows one may see"
    ]
    assert asked.count("43 1000") == 1
    assert "43 200" not in asked, "an area that is full at the end is split, not read through"
    print(f"\nNPPES: {len(found.listings)} providers with {len(asked)} requests")
    assert len(asked) <= 110


def test_a_zip_code_that_overflows_is_reported() -> None:
    found = harvest(
        Nppes(around(extra={"states": "CT"})),
        first_page(),
        registry({"06101": list(range(1_000_000_000, 1_000_001_500))}, []),
    )
    assert len(found.listings) == 1200
    assert found.shortfalls == ["ZIP code 06101 has more than the 1,200 rows one may see"]


def test_a_page_that_repeats_ends_its_area() -> None:
    rows = json.dumps({"result_count": 200, "results": [row(10**9 + n) for n in range(200)]})
    found = harvest(
        Nppes(around(extra={"states": "CT"})),
        first_page(),
        lambda request: answer(rows).replace(request=request),
    )
    assert len(found.listings) == 200
    assert len(found.requests) == 2
    assert found.shortfalls == ["ZIP codes 06: the page after 1000 holds only whom others held"]


def test_only_asked_for_credentials_and_kinds() -> None:
    rows = [row(1_000_000_001, credential="PT, CIDN"), row(1_000_000_002, credential="PT")]
    body = json.dumps({"result_count": 2, "results": rows})
    read = list(Nppes(around(extra={"credential": "CIDN, CMTPT"})).read(answer(body)))
    assert [one.native_id for one in read if isinstance(one, Listing)] == ["1000000001"]
    everywhere = row(1_000_000_003) | {
        "practiceLocations": [{"address_1": "7 Figment Rd", "city": "LIMA", "state": "OH"}]
    }
    body = json.dumps({"result_count": 1, "results": [everywhere]})
    read = list(Nppes(around(extra={"practice_locations": "yes"})).read(answer(body)))
    assert [one.city for one in read if isinstance(one, Listing)] == ["COLUMBUS", "LIMA"]


@pytest.mark.parametrize(
    ("epoch", "day"),
    [
        (1525737600, "2018-05-08"),
        ("1525737600", "2018-05-08"),
        ("1525737600000", "2018-05-08"),
        (1525737600000, "2018-05-08"),
        ("", None),
        (None, None),
        ("yesterday", None),
        (True, None),
        ("99999999999999", "5138-11-16"),
    ],
)
def test_epochs_of_every_kind(epoch: Any, day: str | None) -> None:
    body = json.dumps({"results": [row(1_000_000_001) | {"last_updated_epoch": epoch}]})
    (found,) = Nppes(around()).read(answer(body))
    assert isinstance(found, Listing)
    assert found.listed_on == day


def test_a_state_nobody_knows_is_named() -> None:
    platform = Nppes(around(extra={"states": "OH, ZZ"}))
    match = platform.recognise(first_page())
    assert match is not None
    with pytest.raises(WrongShape, match="ZZ"):
        list(platform.requests(match))


def test_real_answers_of_the_register() -> None:
    needs(NPPES_DATA)
    counts = {}
    for path in sorted(NPPES_DATA.glob("*.json")):
        body = path.read_text(encoding="utf-8")
        reply = json.loads(body)
        # Every taxonomy counts here: the recordings are of all professions.
        platform = Nppes(around(extra={"taxonomies": "1 2 3"}))
        if "Errors" in reply:
            with pytest.raises(WrongShape, match="got its error"):
                list(platform.read(answer(body)))
            continue
        found = [one for one in platform.read(answer(body)) if isinstance(one, Listing)]
        counts[path.stem] = (len(found), len(reply["results"]))
        assert len(found) == len(reply["results"])
        for listing, one in zip(found, reply["results"], strict=True):
            (place,) = [a for a in one["addresses"] if a["address_purpose"] == "LOCATION"]
            assert listing.native_id == str(one["number"])
            assert (listing.city, listing.state) == (place["city"], place["state"])
            assert listing.street == " ".join(place["address_1"].split())
            assert listing.postcode is not None
            assert listing.postcode.replace("-", "") == place["postal_code"]
            assert listing.phone == place.get("telephone_number")
            family = one["basic"].get("last_name") or one["basic"]["organization_name"]
            assert " ".join(family.split()) in (listing.name or "")
    print(f"\nNPPES answers (found, sent): {counts}")


# FHIR


def bundle(*resources: dict[str, Any], **more: Any) -> str:
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries} | more)


def role(own: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "PractitionerRole",
        "id": own,
        "practitioner": {"reference": f"Practitioner/p{own}", "display": f"Ada Mock{own}"},
    } | more


def practitioner(own: str, **more: Any) -> dict[str, Any]:
    name = [{"family": f"Mock{own}", "given": ["Ada"]}]
    return {"resourceType": "Practitioner", "id": own, "name": name} | more


def read_fhir(body: str, path: str = "/r4/PractitionerRole", **options: Any) -> list[Any]:
    return list(FhirPlanNet(around(**options)).read(answer(body, path)))


@pytest.mark.parametrize(
    ("reference", "within"),
    [
        ("Practitioner/p1", {}),
        (f"{SITE}/r4/Practitioner/p1", {}),
        ("Practitioner/p1/_history/3", {}),
        ("#p1", {"contained": [practitioner("p1")]}),
    ],
)
def test_references_of_every_form(reference: str, within: dict[str, Any]) -> None:
    one = role("1", practitioner={"reference": reference}, **within)
    beside = [] if within else [practitioner("p1")]
    (found,) = read_fhir(bundle(one, *beside))
    assert (found.name, found.native_id) == ("Ada Mockp1", "p1")


def test_a_reference_by_full_url() -> None:
    entries = [
        {"resource": role("1", practitioner={"reference": "urn:uuid:7"})},
        {"fullUrl": "urn:uuid:7", "resource": practitioner("p1")},
    ]
    body = json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries})
    (found,) = read_fhir(body)
    assert found.name == "Ada Mockp1"


def test_of_two_contents_of_one_id_the_newer_counts() -> None:
    old = practitioner("p1", meta={"lastUpdated": "2020"}, name=[{"family": "Old"}])
    new = practitioner("p1", meta={"lastUpdated": "2026"})
    for order in ([old, new], [new, old]):
        (found,) = read_fhir(bundle(role("1"), *order))
        assert found.name == "Ada Mockp1"


def test_what_a_server_does_not_have_is_left_out_and_the_display_stands_in() -> None:
    nobody = role("1", id="2", practitioner={"reference": "Practitioner/p1"})
    found = harvest(
        FhirPlanNet(around()),
        answer(bundle(role("1"), nobody, total=2), "/r4/PractitionerRole?specialty=x"),
        lambda request: answer("{}", "/r4/x", status=404).replace(request=request),
    )
    assert [one.name for one in found.listings.values()] == ["Ada Mock1"]
    assert found.hidden == ["PractitionerRole names nobody"]
    assert (found.totals, found.shortfalls) == ([1], [])
    assert [urlsplit(one.url).path for one in found.requests] == [
        "/r4/Practitioner",
        "/r4/Practitioner/p1",
    ]


def test_what_a_server_will_not_give_is_reported() -> None:
    refused = '{"resourceType":"OperationOutcome","issue":[{"diagnostics":"Not for you"}]}'
    found = harvest(
        FhirPlanNet(around()),
        answer(bundle(role("1")), "/r4/PractitionerRole?specialty=x"),
        lambda request: answer(refused, "/r4/x", status=403).replace(request=request),
    )
    assert [one.name for one in found.listings.values()] == ["Ada Mock1"]
    assert found.shortfalls == ["Practitioner/p1: Not for you"]


def test_the_wrapper_of_the_cms_directory() -> None:
    """Pages of a web framework around bundles, whose own total counts the page."""
    pages = {
        f"{SITE}/fhir/Practitioner/?page={number}": json.dumps(
            {
                "count": 3,
                "next": f"http://localhost:8000/fhir/Practitioner/?page={number + 1}"
                if number < 3
                else None,
                "results": json.loads(bundle(practitioner(f"p{number}"), total=1)),
            }
        )
        for number in (1, 2, 3)
    }
    first = f"{SITE}/fhir/Practitioner/?page=1"
    found = harvest(
        FhirPlanNet(around()),
        answer(pages[first], "/fhir/Practitioner/?page=1"),
        lambda request: answer(pages[request.url], "/fhir/Practitioner/").replace(request=request),
    )
    assert sorted(found.listings) == ["p1", "p2", "p3"]
    assert found.totals == [3]
    assert not found.shortfalls


def test_real_shapes_of_the_cms_directory() -> None:
    needs(FHIR_DATA)
    one = json.loads((FHIR_DATA / "fhir_practitioner.json").read_text(encoding="utf-8"))
    found = read_fhir(bundle(one), "/fhir/Practitioner/")
    given, family = one["name"][0]["given"][0], one["name"][0]["family"]
    assert [item.name for item in found] == [f"{given} {family}"] * len(one["address"])
    assert [item.city for item in found] == [place["city"] for place in one["address"]]
    assert {item.extra["npi"] for item in found} == {one["identifier"][0]["value"]}
    wrapped = (FHIR_DATA / "fhir_organizations.json").read_text(encoding="utf-8")
    assert FhirPlanNet(around()).recognise(answer(wrapped, "/fhir/Organization/")) is None
    (following,) = read_fhir(wrapped, "/fhir/Organization/")
    assert following.url == f"{SITE}/fhir/Organization/?page=2"


@pytest.mark.parametrize(
    ("hidden", "reason"),
    [
        (role("1", active=False), "PractitionerRole is not active"),
        (role("1", period={"end": "2020-01-31"}), "PractitionerRole is over"),
        (role("1", meta={"security": [{"code": "R"}]}), "PractitionerRole is restricted"),
    ],
)
def test_what_is_not_for_the_public_is_counted(hidden: dict[str, Any], reason: str) -> None:
    assert read_fhir(bundle(hidden, practitioner("p1"))) == [Hidden(reason)]


def test_homes_are_never_taken() -> None:
    home = {"use": "home", "line": ["1 Private Way"], "city": "Columbus"}
    place = {
        "resourceType": "Location", "id": "l", "name": "Home", "address": home,
        "position": {"latitude": 40, "longitude": -83},
    }  # fmt: skip
    person = practitioner("p1", telecom=[{"system": "phone", "use": "home", "value": "555-0199"}])
    hidden, found = read_fhir(
        bundle(role("1", location=[{"reference": "Location/l"}]), person, place)
    )
    assert hidden == Hidden("its location is a home")
    assert (found.city, found.latitude, found.phone) == (None, None, None)
    (found,) = read_fhir(bundle(practitioner("p1", address=[home])), "/r4/Practitioner")
    assert found.city is None


def test_other_specialties_are_passed_over() -> None:
    def speciality(code: str) -> list[Any]:
        return [{"coding": [{"system": "http://nucc.org/provider-taxonomy", "code": code}]}]

    some = [role(code, specialty=speciality(code)) for code in ("2251X0800X", "207L00000X")]
    people = [practitioner(f"p{one['id']}") for one in some]
    assert len(read_fhir(bundle(*some, *people))) == 1
    assert len(read_fhir(bundle(*some, *people), extra={"specialties": "any"})) == 2


def test_a_pager_that_repeats_page_one_is_no_directory() -> None:
    repeats = bundle(
        role("1"), practitioner("p1"), link=[{"relation": "next", "url": f"{SITE}/r4?p=2"}]
    )
    platform = FhirPlanNet(around())
    first = answer(repeats, "/r4/PractitionerRole?specialty=x")
    with pytest.raises(WrongShape, match="what page 1 held"):
        harvest(platform, first, lambda request: answer(repeats, "/r4").replace(request=request))


def test_a_pager_in_a_circle_ends_and_says_so() -> None:
    here = "/r4/PractitionerRole?specialty=x"
    circle = bundle(role("1"), practitioner("p1"), link=[{"relation": "next", "url": SITE + here}])
    found = harvest(FhirPlanNet(around()), answer(circle, here), lambda request: answer(circle))
    assert found.shortfalls == ["after page 1 comes a page already read"]


def test_a_next_page_elsewhere_is_not_followed() -> None:
    elsewhere = bundle(
        role("1"),
        practitioner("p1"),
        link=[{"relation": "next", "url": "https://other.example/x?page=2"}],
    )
    found = read_fhir(elsewhere)
    assert any(isinstance(one, Shortfall) for one in found)
    assert not any(isinstance(one, Request) for one in found)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://localhost:8000/fhir/Practitioner/?page=2", f"{SITE}/fhir/Practitioner/?page=2"),
        (f"http://{SITE[8:]}/other?x=1", f"{SITE}/other?x=1"),
        ("https://other.example/x", None),
        ("file:///etc/passwd", None),
        ("http://[", None),
        ("Practitioner?page=2", f"{SITE}/fhir/Practitioner?page=2"),
    ],
)
def test_addresses_of_the_same_server(url: str, wanted: str | None) -> None:
    assert same_server(url, f"{SITE}/fhir") == wanted


# Recognition


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("<p>The NPI Registry API answers result_count and results.</p>", "/api/"),
        ('{"result_count":3}', "/api/"),
        ('{"results":[]}', "/api/"),
        ('{"Errors":["no"]}', "/api/"),
        ('{"resourceType":"Patient","id":"1"}', "/r4/Patient/1"),
        ('{"resourceType":"CapabilityStatement","rest":[{"resource":[{"type":"Patient"}]}]}', "/m"),
        (bundle({"resourceType": "Observation", "id": "1"}), "/r4/Observation"),
        (bundle(), "/r4"),
        ('<h1>Blog</h1><p>FHIR</p><pre>{"resourceType": "Bundle"}</pre>', "/blog"),
        ("[]", "/api"),
        ("null", "/r4/Practitioner"),
    ],
)
def test_what_is_neither_is_not_recognised(body: str, path: str) -> None:
    for platform in (Nppes(around()), FhirPlanNet(around())):
        assert platform.recognise(answer(body, path)) is None


def test_the_page_a_fhir_server_shows_to_browsers() -> None:
    shown = (
        "<html><body>This result is being rendered in HTML for easy viewing."
        '<pre>{<span>"resourceType"</span>: <span>"CapabilityStatement"</span>}</pre></body></html>'
    )
    platform = FhirPlanNet(around())
    match = platform.recognise(page(shown, "/r4/metadata"))
    assert match is not None
    (request,) = platform.requests(match)
    assert request.url.startswith(f"{SITE}/r4/PractitionerRole?specialty=http")
    assert request.headers["Accept"].startswith(b"application/fhir+json")


# Hostile answers

HOSTILE = {
    "an HTML page": "<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>",
    "an SQL message in an array": '["You have an error in your SQL syntax"]',
    "success: false": '{"success":false,"data":"Wrong Nonce"}',
    "nothing": "",
    "an empty string": '""',
    "zero": "0",
    "null": "null",
    "deep": "[" * 100_000,
    "an error": '{"Errors":[{"field":"x","number":"04","description":"No criteria"}]}',
    "an outcome": '{"resourceType":"OperationOutcome","issue":[{"severity":"error"}]}',
    "results that are none": '{"result_count":1,"results":["no"]}',
    "entries that are none": '{"resourceType":"Bundle","entry":"no"}',
    "half": bundle(role("1"))[:-5],
    "XML": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><Bundle>&b;</Bundle>',
}


@pytest.mark.parametrize("kind", [Nppes, FhirPlanNet])
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_answer_is_never_taken_for_one(kind: Any, body: str) -> None:
    with pytest.raises(WrongShape):
        list(kind(around()).read(answer(body, "/r4/PractitionerRole")))


# Sites


def test_the_sample_register_is_read_whole() -> None:
    site = NppesSite(make_world())
    site.base_url = SITE
    found = visit(site, Nppes(around()))  # type: ignore[arg-type]
    wanted = {number(one): one for one in site.shown()}
    assert found.listings.keys() == wanted.keys()
    for own, listing in found.listings.items():
        true = wanted[own]
        assert (fold(listing.name), fold(listing.phone)) == (fold(true.name), fold(true.phone))
        assert (fold(listing.city), listing.state) == (fold(true.city), true.state)
    assert set(found.hidden) == {"its number is deactivated"}
    print(f"\nNPPES sample: {len(wanted)} listings, {len(found.requests)} requests")
    assert len(found.requests) <= 110


def test_the_sample_health_plan_is_read_whole() -> None:
    site = FhirPlanNetSite(make_world())
    found = visit(site, FhirPlanNet(around()))  # type: ignore[arg-type]
    wanted = {number(one): one for one in site.shown()}
    by_person = {own.partition("/")[0]: one for own, one in found.listings.items()}
    assert by_person.keys() == wanted.keys()
    assert len(found.listings) == len(wanted), "a role for every network is one listing"
    for own, listing in by_person.items():
        true = wanted[own]
        assert (fold(listing.name), fold(listing.city)) == (fold(true.name), fold(true.city))
        assert (fold(listing.phone), fold(listing.practice)) == (
            fold(true.phone),
            fold(true.practice),
        )
        assert (listing.latitude is None) == (true.latitude is None)
    assert found.totals == [len(wanted)]
    assert not found.shortfalls
    print(f"\nFHIR sample: {len(wanted)} listings, {len(found.requests)} requests")


# Any text

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["Practitioner/p", "#c", "1000000001", "225100000X", "A", "LOCATION"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                """resourceType id entry resource link relation url total results count next search
                mode name given family suffix use text reference practitioner location contained
                specialty coding code system display telecom value address line city position
                latitude longitude active period end meta security lastUpdated status identifier
                number basic taxonomies addresses address_purpose first_name last_name Errors
                result_count description qualification""".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(VALUES)
def test_no_answer_does_harm(value: Any) -> None:
    shapes = (
        value,
        {"results": [value]},
        {"results": [{"number": 10**9, "basic": value, "taxonomies": [{"code": "2251"}]}]},
        {"resourceType": "Bundle", "entry": [{"resource": value}]},
        {"resourceType": "Bundle", "link": value, "entry": value},
        json.loads(bundle(role("1", contained=[value], location=value, specialty=value))),
        json.loads(bundle(practitioner("1", telecom=value, address=value, qualification=value))),
    )
    for shape in shapes:
        for kind, path in (
            (Nppes, "/api/"),
            (FhirPlanNet, "/r4/Practitioner"),
            (FhirPlanNet, "/r4"),
        ):
            platform = kind(around())
            found = answer(json.dumps(shape), path)
            match = platform.recognise(found)
            try:
                if match is not None:
                    list(platform.requests(match))
                list(platform.read(found))
            except WrongShape:
                continue
