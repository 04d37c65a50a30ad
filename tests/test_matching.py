"""Matching: what makes two listings one person, what forbids it, and ids that stay."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from db.listing_keys import street_key, website_key
from db.people import People
from db.runs import take_in
from db.working import open_working
from matching.evidence import FIELDS
from matching.ids import assign, minted
from matching.judge import judge
from matching.names import family_level, given_level
from matching.pairs import decide
from matching.rebuild import match
from matching.side import Side
from matching.weights import learn, shipped
from records.listing import Listing
from tests.store_fixtures import people, person, run, sheet


def side(key: str = "a:1", **clean: Any) -> Side:
    values = {"given": "Ada", "family": "Sampleton"} | clean
    extra = {name: values.pop(name) for name in ("npi", "license_number") if name in values}
    return Side.of(key, {"profile_url": values.pop("profile_url", None), "extra": extra}, values)


PHONE = {"phone": "+16145550142"}
STREET = {"street": "100 N Main St, Suite 4", "postcode": "43215"}
SITE = {"website": "https://www.example.com/ada/", "state": "OH"}
MAIL = {"email": "ada@example.com"}
CLINIC = {"kind": "practice", "practice": "Sample Clinic, LLC", "given": None, "family": None}

SAME = [
    (PHONE, PHONE),
    (MAIL, {"email": "ADA@example.com"}),
    ({"profile_url": "https://directory.example/p/1"}, {"profile_url": "http://directory.example/p/1/"}),
    (SITE, {"website": "http://example.com/ada", "state": "OH"}),
    (STREET, {"street": "100 North Main Street", "postcode": "43215"}),
    (
        {"street": "5 Oak Rd", "city": "Columbus", "state": "OH"},
        {"street": "5 Oak Road", "city": "columbus", "state": "OH", "postcode": "43215"},
    ),
    (
        PHONE | {"given": "Zoë", "family": "O'Neil-Díaz"},
        PHONE | {"given": "ZOE", "family": "ONeil Diaz"},
    ),
    (MAIL | {"given": "A."}, MAIL),
    (MAIL | {"middle": "Q"}, MAIL | {"middle": "Quincy"}),
    (CLINIC | STREET, CLINIC | STREET | {"practice": "The Sample Clinic"}),
    (CLINIC | PHONE, CLINIC | PHONE | STREET),
]  # fmt: skip

DIFFERENT = [
    (PHONE | STREET | {"suffix": "Sr."}, PHONE | STREET | {"suffix": "Jr."}, "suffix"),
    (MAIL, MAIL | {"given": "Paul"}, "given names"),
    (PHONE | {"middle": "A"}, PHONE | {"middle": "B"}, "middle names"),
    (PHONE, CLINIC | PHONE, "one is a person, the other a practice"),
    (CLINIC | PHONE, CLINIC | PHONE | {"practice": "Other Clinic"}, "different names"),
]

PT = {"profession": "physical_therapist", "credentials": ["PT", "DPT"]}
HERE = {"city": "Columbus", "state": "OH", "latitude": 39.96, "longitude": -83.0}
CLINIC_HERE = HERE | PHONE | STREET | PT

SAME_BY_WEIGHT = [
    (CLINIC_HERE | {"given": "Robert"}, CLINIC_HERE | {"given": "Bob"}),
    (CLINIC_HERE | {"given": "Christina"}, CLINIC_HERE | {"given": "Tina"}),
    (CLINIC_HERE | {"given": "Catherine"}, CLINIC_HERE | {"given": "Catherinne"}),
    (CLINIC_HERE, CLINIC_HERE | {"given": "A"}),
    (CLINIC_HERE, CLINIC_HERE | {"family": "Sampletom"}),
    (CLINIC_HERE, CLINIC_HERE | {"given": "Sampleton", "family": "Ada"}),
    (CLINIC_HERE, CLINIC_HERE | {"family": "Sampleton-Mockridge"}),
    (CLINIC_HERE, CLINIC_HERE | {"family": "Mockridge", "middle": "Q. Sampleton"}),
    (CLINIC_HERE | {"family": "de la Muestra"}, CLINIC_HERE | {"family": "De La Muestra"}),
    (CLINIC_HERE | {"given": "Robert", "nickname": "Skip"}, CLINIC_HERE | {"given": "Skip"}),
    (CLINIC_HERE | {"family": "Muestre\u00f1o"}, CLINIC_HERE | {"family": "Muestreno"}),
    (CLINIC_HERE | {"given": "Мария"}, CLINIC_HERE | {"given": "Мария"}),
    # three clinics: another door in the same town, the same letters
    (CLINIC_HERE, HERE | PT | {"phone": "+16145550199", "street": "9 Elm St"}),
]  # fmt: skip

CONTRADICTED = [
    ({"npi": "1234567893"}, {"npi": "1234567885"}, "different NPI numbers"),
    (
        CLINIC_HERE | {"license_number": "PT 11111"},
        CLINIC_HERE | {"license_number": "PT 22222"},
        "different licence numbers",
    ),
]

UNLIKE = [
    ({}, {}),
    (PHONE, STREET),
    (SITE, SITE | {"state": "CA"}),
    ({"website": "https://facebook.com"}, {"website": "https://www.facebook.com/"}),
    (STREET, STREET | {"postcode": "10001"}),
    (PHONE | {"family": None}, PHONE),
    # the same given name at one desk; a namesake in another state at a chain's branch
    (CLINIC_HERE, CLINIC_HERE | {"family": "Mockridge"}),
    (CLINIC_HERE | SITE, PT | SITE | {"state": "CA", "city": "Fresno"}),
]

CANNOT_TELL = [
    (PHONE, PHONE | {"given": "A"}, "only the initial"),
    (MAIL, MAIL | {"family": "Married"}, "another family name, same e-mail address"),
    (PHONE | {"suffix": "Jr."}, PHONE, "only one of them has a suffix"),
    (
        MAIL | {"profession": "chiropractor"}, MAIL | {"profession": "physical_therapist"},
        "different professions",
    ),
    (CLINIC | PHONE | STREET, CLINIC | PHONE | STREET | {"street": "9 Elm St"}, "another street"),
    (CLINIC, CLINIC, "same practice name"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    judged = judge(side("a:1", **one), side("b:1", **other))
    assert (judged.judgement, judged.score > 0.98) == ("same", True), judged.evidence
    assert "same" in judged.evidence


@pytest.mark.parametrize(("one", "other", "evidence"), DIFFERENT)
def test_different(one: dict[str, Any], other: dict[str, Any], evidence: str) -> None:
    judged = judge(side("a:1", **one), side("b:1", **other))
    assert judged.judgement == "different"
    assert evidence in judged.evidence


@pytest.mark.parametrize(("one", "other", "evidence"), CANNOT_TELL)
def test_cannot_tell(one: dict[str, Any], other: dict[str, Any], evidence: str) -> None:
    judged = judge(side("a:1", **one), side("b:1", **other))
    assert judged.judgement == "cannot_tell"
    assert evidence in judged.evidence


def maybe(*values: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(values)


sides = st.builds(
    side,
    kind=st.sampled_from(["person", "practice"]),
    given=maybe("Ada", "A", "Adam", "Bo"),
    middle=maybe("Q", "R"),
    family=maybe("Sampleton", "Sample"),
    suffix=maybe("Jr.", "Sr."),
    phone=maybe("+16145550142", "+16145550143"),
    email=maybe("one@example.com", "two@example.com"),
    street=maybe("1 Elm St", "2 Elm St"),
    postcode=maybe("43215", "43216"),
    practice=maybe("Clinic", "Other"),
    website=maybe("https://example.com/a"),
)


@pytest.mark.parametrize(("one", "other"), SAME_BY_WEIGHT)
def test_same_by_weight(one: dict[str, Any], other: dict[str, Any]) -> None:
    judged = judge(side("a:1", **one), side("b:1", **other))
    assert judged.judgement == "same", judged.evidence
    assert 0.98 < judged.score < 1
    # Each field is told with its weight, so that a person can follow.
    assert "family name: " in judged.evidence
    assert "bits" in judged.evidence


@pytest.mark.parametrize(("one", "other", "evidence"), CONTRADICTED)
def test_numbers_contradict(one: dict[str, Any], other: dict[str, Any], evidence: str) -> None:
    judged = judge(side("a:1", **one), side("b:1", **other))
    assert (judged.judgement, judged.contradicted) == ("different", True)
    assert evidence in judged.evidence
    assert judge(side("a:1", **one), side("b:1", **one)).judgement == "same"


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_too_little_speaks_for_it(one: dict[str, Any], other: dict[str, Any]) -> None:
    judged = judge(side("a:1", **one), side("b:1", **other))
    # Kept apart, and nothing that a third listing could not overcome.
    assert (judged.judgement, judged.contradicted) == ("different", False), judged.evidence


def test_one_directory_has_one_entry_for_one_person() -> None:
    elsewhere = HERE | PT | {"phone": "+16145550199", "street": "9 Elm St"}
    across = judge(side("a:1", **CLINIC_HERE), side("b:1", **elsewhere))
    within = judge(side("a:1", **CLINIC_HERE), side("a:2", **elsewhere))
    assert (across.judgement, within.judgement) == ("same", "cannot_tell")


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("ada", "ada", "same"), ("robert", "bob", "short form"), ("bob", "rob", "short form"),
        ("christi", "christina", "short form"), ("a", "ada", "initial"), ("b", "ada", "other"),
        ("eric", "erica", "other"), ("jean", "joan", "other"), ("maria", "marie", "other"),
        ("samntha", "samantha", "misspelt"), ("pat", "patricia", "short form"),
        ("pat", "patrick", "short form"), ("patrick", "patricia", "other"),
        (None, "ada", "missing"),
    ],
)  # fmt: skip
def test_given_names(one: str | None, other: str | None, level: str) -> None:
    assert given_level(one, other) == given_level(other, one) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("sampleton", "sampleton", "same"), ("de la ficcion", "delaficcion", "same"),
        ("sampleton mockridge", "mockridge", "part"), ("van testwell", "testwell", "part"),
        ("sampleton", "sampletom", "misspelt"), ("van dummy", "van testwell", "other"),
        ("lee", "les", "other"), ("", "lee", "missing"),
    ],
)  # fmt: skip
def test_family_names(one: str, other: str, level: str) -> None:
    assert family_level(one, other) == family_level(other, one) == level


def test_the_shipped_weights_fit_the_fields() -> None:
    bits = shipped().bits
    assert {field: tuple(levels) for field, levels in bits.items()} == FIELDS
    for field, levels in bits.items():
        falling = list(levels.values())
        assert falling == sorted(falling, reverse=True), field
        assert all(-4 <= one <= 9 for one in falling), field


def test_weights_are_learned_from_counts() -> None:
    pairs = [({"name": "same"}, True)] * 90 + [({"name": "other"}, True)] * 10
    pairs += [({"name": "same"}, False)] * 10 + [({"name": "other"}, False)] * 90
    learned = learn(pairs, -3.0, {"name": ("same", "near", "other")}, doubt=0)
    assert learned.bits == {"name": {"same": 3.17, "near": -3.17, "other": -3.17}}
    assert learned.total({"name": "same"}) == pytest.approx(0.17)
    assert learned.total({"name": "missing"}) == -3.0
    with pytest.raises(ValueError, match="pairs of two"):
        learn(pairs[:5], -3.0, {"name": ("same", "other")})


@given(sides, sides)
def test_judging_does_not_depend_on_the_order(one: Side, other: Side) -> None:
    assert judge(one, other) == judge(other, one)


@given(st.lists(sides, max_size=8), sides)
def test_an_unrelated_listing_changes_nothing_else(some: list[Side], alien: Side) -> None:
    known = {f"a:{n}": replace(one, id=f"a:{n}") for n, one in enumerate(some)}
    alien = replace(
        alien, id="z:9", family="else", given="else", email="else", phone="else", website="else",
        street="else", practice="else", profile="else", nickname="else", state="else",
    )  # fmt: skip
    seen = dict.fromkeys([*known, "z:9"], "2026-03-01")
    decisions, groups = decide(known, seen, [])
    more, wider = decide(known | {"z:9": alien}, seen, [])
    assert more == decisions
    assert wider == [*groups, ["z:9"]]


@given(st.lists(sides, max_size=9), st.randoms(use_true_random=False))
def test_no_practitioner_holds_two_that_differ(some: list[Side], shuffle: random.Random) -> None:
    known = {f"a:{n}": replace(one, id=f"a:{n}") for n, one in enumerate(some)}
    seen = dict.fromkeys(known, "2026-03-01")
    decisions, groups = decide(known, seen, [])
    for group in groups:
        for one in group:
            for other in group:
                assert not judge(known[one], known[other]).contradicted
    order = list(known)
    shuffle.shuffle(order)
    assert decide({key: known[key] for key in order}, seen, []) == (decisions, groups)


def test_who_could_be_father_or_son_stays_alone() -> None:
    known = {
        one.id: one
        for one in (
            side("a:1", **MAIL, middle="A"), side("a:2", **MAIL, middle="A"),
            side("a:3", **MAIL, middle="B"), side("a:4", **MAIL),
        )
    }  # fmt: skip
    decisions, groups = decide(known, dict.fromkeys(known, "2026-03-01"), [])
    assert groups == [["a:1", "a:2"], ["a:3"], ["a:4"]]
    doubted = [one for one in decisions if "can be told from" in one.evidence]
    assert [(one.left, one.right) for one in doubted] == [
        ("a:1", "a:4"),
        ("a:2", "a:4"),
        ("a:3", "a:4"),
    ]


@pytest.fixture
def db(tmp_path: Path) -> Any:
    opened = open_working(tmp_path)
    yield opened
    opened.close()


def ids(db: Database) -> dict[str, str]:
    return dict(db.conn.execute("select listing_id, practitioner_id from membership"))


def seen(db: Database, alpha: list[Listing], beta: list[Listing], night: int) -> None:
    take_in(db, sheet("alpha"), run(alpha, night))
    take_in(db, sheet("beta"), run(beta, night, "beta"))


def test_ids_stay_when_listings_come_and_go(db: Database) -> None:
    seen(db, people(3), people(2, "beta"), 1)
    summary = match(db)
    assert (summary.listings, summary.practitioners, summary.several, summary.new) == (5, 3, 2, 3)
    first = ids(db)
    assert first["alpha:1"] == first["beta:1"] == minted("alpha:1")
    assert match(db).new == 0
    dump = list(db.conn.iterdump())
    match(db)
    assert list(db.conn.iterdump()) == dump
    # Nobody's id depends on who else is there, nor on a listing that is gone for good.
    seen(db, people(6), [*people(2, "beta"), person(0, "beta", given="Newt")], 2)
    match(db)
    db.conn.execute("delete from membership where listing_id = 'alpha:1'")
    db.conn.execute("delete from listing where id = 'alpha:1'")
    db.conn.commit()
    match(db)
    assert ids(db)["beta:1"] == first["alpha:1"]


def test_a_merged_id_leads_on_and_comes_back(db: Database) -> None:
    one = person(1, "alpha")
    other = person(
        7, "beta", clean={"practice": "Elsewhere", "city": "Dayton", "postcode": "45402"}
    )
    other.clean.latitude, other.clean.longitude = 39.76, -84.19
    seen(db, [one, person(2)], [other, person(3, "beta")], 1)
    match(db)
    before = ids(db)
    assert before["alpha:1"] != before["beta:7"]
    decision = {
        "left": "alpha:1", "right": "beta:7", "judgement": "same", "score": 1.0,
        "evidence": "asked by telephone", "by": "a tester", "created_at": "2026-03-02T00:00:00Z",
        "deleted_at": None,
    }  # fmt: skip
    db.table("match_decision").insert(decision)
    assert match(db).merged == 1
    merged = ids(db)
    assert merged["beta:7"] == merged["alpha:1"] == before["alpha:1"]
    aliases = dict(db.conn.execute("select old_id, new_id from practitioner_alias"))
    assert aliases == {before["beta:7"]: before["alpha:1"]}
    # A person's decision outlives every rerun, and can be taken back.
    match(db)
    assert ids(db) == merged
    with db.atomic():
        db.conn.execute("update match_decision set deleted_at = '2026' where \"by\" = 'a tester'")
    match(db)
    assert ids(db) == before
    assert db.table("practitioner_alias").count == 0


def test_a_person_can_part_what_the_rule_joined(db: Database) -> None:
    seen(db, people(2), people(2, "beta"), 1)
    match(db)
    joined = ids(db)
    assert joined["alpha:1"] == joined["beta:1"]
    db.table("match_decision").insert(
        {
            "left": "alpha:1", "right": "beta:1", "judgement": "different", "score": 0.0,
            "evidence": "two cousins", "by": "a tester", "created_at": "2026-03-02T00:00:00Z",
        }
    )  # fmt: skip
    match(db)
    parted = ids(db)
    assert parted["alpha:1"] == joined["alpha:1"]
    assert parted["beta:1"] == minted("beta:1")
    assert parted["alpha:2"] == parted["beta:2"] == joined["alpha:2"]


def test_the_oldest_id_wins_and_aliases_never_chain() -> None:
    known = People(
        {"b:1": "np-old", "a:1": "np-new", "c:1": "np-third"},
        {
            "np-old": ("b:1", "2026-01-01"), "np-new": ("a:1", "2026-02-01"),
            "np-third": ("c:1", "2026-03-01"), "np-gone": ("d:1", "2026-03-01"),
        },
        {"np-gone": ("np-new", "2026-03-02")},
    )  # fmt: skip
    merged = assign([["a:1", "b:1", "c:1"]], known, dict.fromkeys(["a:1", "b:1", "c:1"], "2026-04"))
    assert set(merged.membership.values()) == {"np-old"}
    assert {key: new for key, (new, _) in merged.aliases.items()} == {
        "np-new": "np-old", "np-third": "np-old", "np-gone": "np-old",
    }  # fmt: skip


def test_two_groups_never_get_one_id() -> None:
    # 'a:1' once made an id that its former company now holds.
    known = People({"b:1": minted("a:1")}, {minted("a:1"): ("a:1", "2026-01-01")}, {})
    now = assign([["a:1"], ["b:1"]], known, {"a:1": "2026-02", "b:1": "2026-02"})
    assert now.membership == {"a:1": minted("a:1", 1), "b:1": minted("a:1")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("100 N. Main St., Ste 4", "100 north main street"),
        ("100 Main St #4", "100 Main Street"),
        ("Suite 5, 100 Main St", "100 Main St Unit B"),
        ("100 Main St 2nd Floor", "100 Main St"),
        ("PO Box 12", "P.O. Box 12"),
        ("POST OFFICE BOX 12", "P.O. Box 12"),
        ("1 Straße Ave", "1 Straße Avenue"),
    ],
)
def test_streets_meet(one: str, other: str) -> None:
    assert street_key(one) == street_key(other) is not None


@pytest.mark.parametrize(
    ("one", "other"), [("100 Main St", "101 Main St"), ("PO Box 12", "PO Box 13")]
)
def test_streets_do_not_meet(one: str, other: str) -> None:
    assert street_key(one) != street_key(other)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://www.Example.com/Team/?x=1#y", "example.com/team"),
        ("example.com", "example.com"),
        ("https://facebook.com/", None),
        ("https://facebook.com/invented", "facebook.com/invented"),
        ("n/a", None),
        ("http://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_websites(address: str | None, key: str | None) -> None:
    assert website_key(address) == key
