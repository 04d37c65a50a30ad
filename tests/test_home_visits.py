"""Who comes to the patient's home: only what a source says, and never a guess."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.locations import Entry, location_row
from db.packing import pack, unpack
from pipelines.home_visits import HomeVisitsPipeline, fill_home_visits, home_visits
from records.listing import Clean
from spiders.platforms.fields import field_for, sort_cells
from spiders.platforms.map_rows import Rows
from tests.stage_fixtures import counters, listing, sheet
from tests.store_fixtures import person, run


@pytest.mark.parametrize(
    "heading",
    [
        "Home visits", "home_visits", "homeVisits", "House calls", "In-home visits",
        "Offers home visits", "Offers home visits?", "Makes house calls",
        "Do you offer home visits?", "Mobile practice", "Hausbesuche",
        "Hausbesuche möglich", "Visites à domicile",
        "À domicile", "Visitas a domicilio", "A domicilio", "Visite domiciliari",
        "Huisbezoek", "Aan huis",
    ],
)  # fmt: skip
def test_headings_that_mean_it(heading: str) -> None:
    assert field_for(heading) == "home_visits"


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Mobile", "phone"), ("Mobile phone", "phone"), ("Home page", "website"),
        ("Domicilio", None), ("Visits", None), ("Home", None), ("Home exercise", None),
    ],
)  # fmt: skip
def test_headings_that_do_not(heading: str, field: str | None) -> None:
    assert field_for(heading) == field


def test_a_fact_sheet_maps_a_heading_nobody_knows() -> None:
    values, extra = sort_cells([("We visit", "Yes")], {"We visit": "home_visits"})
    assert (values, extra) == ({"home_visits": "Yes"}, {})


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (None, None), ("", None), ("n/a", None), ("-", None),
        ("Yes", True), ("Y", True), ("1", True), ("TRUE", True), ("✓", True), ("x", True),
        ("Sí", True), ("oui", True), ("Ja", True), ("Available", True), ("By request", True),
        ("Yes, within 10 miles of Toledo", True), ("Home visits", True), ("House calls", True),
        ("We come to you", True),
        ("No", False), ("n", False), ("0", False), ("false", False), ("None", None),
        ("❌", False), ("Nein", False), ("No, clinic visits", False), ("Not available", None),
        ("In-clinic only", False), ("Telehealth only", False), ("No home visits", False),
        ("We do not offer home visits", False), ("No longer available", False),
        ("Yes, but not at this time", None), ("No, but ask", None), ("Ask", None),
        ("Columbus", None), ("Home visits: coming soon", None), ("614 555 0142", None),
    ],
)  # fmt: skip
def test_what_a_field_answers(printed: str | None, expected: bool | None) -> None:
    assert home_visits(printed) is expected
    # Where the field answers, or fails to, the categories are not asked.
    if printed not in {None, "", "n/a", "-", "None", "Not available"}:
        assert home_visits(printed, {"tags": "Home visits"}) is expected


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("categories", "Home visits", True),
        ("Categories", "Sports, House Calls, Pelvic health", True),
        ("tags", "housecalls", True),
        ("service_types", "In-home therapy", True),
        ("services", "Mobile physical therapy - we come to you", True),
        ("Specialties", "Mobile PT | Running", True),
        ("treatmentSettings", "At home visits", True),
        ("Leistungen", "Hausbesuche", True),
        ("servicios", "Fisioterapia a domicilio", True),
        ("Prestations", "Kinésithérapie à domicile", True),
        ("servizi", "Visite domiciliari", True),
        ("category", "Behandeling aan huis", True),
        ("tags", "No home visits", False),
        ("tags", "No telehealth, home visits", True),
        ("services", "Home visits not available", False),
        ("services", "Home visits, not available, Sports", False),
        ("services", "We don't make house calls.", False),
        ("services", "Keine Hausbesuche", False),
        ("tags", "Telehealth only", False),
        ("tags", "Telehealth only, Home visits", None),
        ("tags", "Home visits; no home visits", None),
        ("services", "No charge for home visits", None),
        ("services", "Home visits coming soon", None),
        ("services", "Referrals to home visits", None),
        ("categories", "Nursing home visits", None),
        ("categories", "Home exercise programs", None),
        ("categories", "Home health", None),
        ("categories", "Mobile app", None),
        ("categories", "Mobile", None),
        ("categories", "Telehealth", None),
        ("categories", "Mobility", None),
        ("biography", "Home visits", None),
        ("comment", "We come to you", None),
    ],
)
def test_what_categories_say(key: str, value: str, expected: bool | None) -> None:
    assert home_visits(None, {key: value}) is expected


def test_in_mobile_alabama_the_word_says_where() -> None:
    tags = {"tags": "Mobile Physical Therapy"}
    assert home_visits(None, tags, "Mobile") is None
    assert home_visits(None, tags, "Toledo") is True
    assert home_visits(None, {"tags": "Mobile PT, house calls"}, "Mobile") is True


@given(
    st.none() | st.text(),
    st.dictionaries(st.text() | st.sampled_from(["tags", "Category"]), st.text()),
    st.none() | st.text(),
)
def test_never_raises(printed: str | None, extra: dict[str, str], city: str | None) -> None:
    assert home_visits(printed, extra, city) in {True, False, None}


_ABOUT = st.sampled_from(["home visits", "house calls", "in-home therapy", "mobile pt"])


@given(_ABOUT, st.sampled_from(["No {}", "We do not offer {}", "{} not available", "Ask for {}"]))
def test_a_denial_is_never_a_yes(visit: str, sentence: str) -> None:
    assert home_visits(None, {"services": sentence.format(visit)}) is not True


@pytest.mark.parametrize(
    ("fields", "expected", "counted"),
    [
        ({"home_visits": "Yes"}, True, {"home_visits/said/yes": 1}),
        ({"home_visits": "no"}, False, {"home_visits/said/no": 1}),
        ({"home_visits": "ask"}, None, {"home_visits/printed/unusable": 1}),
        ({"extra": {"tags": "Home visits"}}, True, {"home_visits/said/yes": 1}),
        ({}, None, {}),
    ],
)
def test_the_stage_fills_and_counts(
    fields: dict[str, Any], expected: bool | None, counted: dict[str, int]
) -> None:
    stats = counters()
    assert HomeVisitsPipeline(stats).process_item(listing(**fields)).clean.home_visits is expected
    assert stats.get_stats() == counted


def test_a_run_is_packed_with_it_and_an_older_one_is_still_read() -> None:
    now = run([person(1, home_visits="no", clean={"home_visits": False}), person(2)])
    [first, second] = unpack(pack(now)).listings
    assert (first.home_visits, first.clean.home_visits) == ("no", False)
    # The second is written as it was before there was such a field.
    assert "home_visits" not in second.printed()
    assert second.clean.home_visits is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([None, None], None), ([None, True], True), ([None, False], False),
        ([False, True], False), ([True, False], True),
    ],
)  # fmt: skip
def test_of_a_place_the_most_trusted_that_says_anything_counts(
    said: list[bool | None], expected: bool | None
) -> None:
    group = [
        Entry(f"a:{n}", "a", "r", {}, Clean(home_visits=one), "listed", "2026", "2026", None)
        for n, one in enumerate(said)
    ]
    assert location_row(group)["home_visits"] is expected


@pytest.mark.parametrize(
    ("sent", "expected"), [(True, True), (False, False), (None, None), ("Yes", True), (0, False)]
)
def test_a_flag_in_json_is_an_answer(sent: object, expected: bool | None) -> None:
    row = {"id": 7, "name": "Ada Mockridge", "home_visits": sent}
    entry = Rows(sheet(), {}).listing(row, "7", "https://directory.example/list.json")
    assert fill_home_visits(entry) is expected
