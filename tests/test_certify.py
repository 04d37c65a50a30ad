"""Certification: the issuer's words, and none that nobody has read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.certify import LISTED, CertifyPipeline, certified_as, wording_key, wordings
from records.listing import Certified
from tests.stage_fixtures import counters, listing, sheet

_ISSUER = "Invented Institute"
_DEFAULT = Certified(issuer=_ISSUER, label="Invented Institute graduate")
_LEVEL_1 = "Foundations of Invented Needling"
_LEVEL_2 = "Certified Invented Needler"


@pytest.mark.parametrize(
    ("printed", "expected", "unknown"),
    [
        (None, (_DEFAULT,), ()),
        ("n/a", (_DEFAULT,), ()),
        ("Level 1", (Certified(issuer=_ISSUER, label=_LEVEL_1, level="Level 1"),), ()),
        (" LEVEL  1. ", (Certified(issuer=_ISSUER, label=_LEVEL_1, level="LEVEL 1."),), ()),
        (
            "Level 2, advanced",
            (Certified(issuer=_ISSUER, label=_LEVEL_2, level="Level 2, advanced"),),
            (),
        ),
        (
            "Level 1; Master of Needles",
            (Certified(issuer=_ISSUER, label=_LEVEL_1, level="Level 1"),),
            ("Master of Needles",),
        ),
        ("Master of Needles", (_DEFAULT,), ("Master of Needles",)),
        ("Level 10", (_DEFAULT,), ("Level 10",)),
        ("Cert. DN", (_DEFAULT,), ("Cert. DN",)),
    ],
)
def test_wording(
    printed: str | None, expected: tuple[Certified, ...], unknown: tuple[str, ...]
) -> None:
    facts = sheet()
    found = certified_as(printed, _ISSUER, facts.certification.label, wordings(facts))
    assert found == (expected, unknown)


def test_a_sheet_without_a_label_claims_nothing() -> None:
    assert certified_as("Level 1", _ISSUER, None, {}) == (
        (Certified(issuer=_ISSUER, label=LISTED),),
        ("Level 1",),
    )


def test_a_practice_without_a_person_is_never_certified() -> None:
    facts = sheet()
    found, _ = certified_as("Level 1", _ISSUER, "Certified", wordings(facts), "practice")
    assert found == (Certified(issuer=_ISSUER, label=LISTED),)


def test_letters_after_a_name_make_no_certification() -> None:
    one = CertifyPipeline(counters(), sheet()).process_item(listing(name="Ada Sample, Cert. DN"))
    assert one.clean.certified == (_DEFAULT,)


def test_stage_counts() -> None:
    stats = counters()
    stage = CertifyPipeline(stats, sheet())
    for printed in ("Level 1", "Grand Master", "Grand Master", None):
        stage.process_item(listing(certification=printed))
    assert stats.get_stats() == {
        "certify/wording/known": 1,
        "certify/wording/unknown": 2,
        "certify/unknown/Grand Master": 2,
        "certify/label/default": 3,
    }


@given(st.text(max_size=200))
def test_only_words_of_the_sheet_are_ever_shown(text: str) -> None:
    facts = sheet()
    found, _ = certified_as(text, _ISSUER, facts.certification.label, wordings(facts))
    assert found
    assert {one.label for one in found} <= {_DEFAULT.label, _LEVEL_1, _LEVEL_2}
    for one in found:
        assert one.level is None or wording_key(one.level) in wordings(facts)
