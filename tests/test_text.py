"""The text stage: printed texts made safe to read."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.text import TextPipeline, straight, tidy
from records.listing import Listing
from tests.stage_fixtures import counters


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (None, None),
        ("", None),
        ("  Ada \t Sampleton\r\n", "Ada Sampleton"),
        ("Ada <b>Sampleton</b>", "Ada Sampleton"),
        ("A. B. <C> Bracket", "A. B. <C> Bracket"),
        ("Back &#038; Body", "Back & Body"),
        ("Back &amp;#038; Body", "Back & Body"),
        ("Dana O&#8217;Specimen", "Dana O’Specimen"),
        ("R&D, AT&T", "R&D, AT&T"),
        ("E\u0301lodie", "Élodie"),
        ("Ada\u00a0Sample\u200bton\ufeff", "Ada Sampleton"),
        ("\u202eAda\u202c \x00Sampleton", "Ada Sampleton"),
        ("\uff16\uff11\uff14", "614"),
        ("Zwölf 😀", "Zwölf 😀"),
        ("n/a", None),
        ("N/A ", None),
        ("None", None),
        ("-", None),
        ("<br>", None),
        ("&nbsp;", None),
        ("Nan Sample", "Nan Sample"),
    ],
)
def test_tidy(printed: str | None, expected: str | None) -> None:
    assert tidy(printed) == expected


def test_straight_quotes() -> None:
    assert straight("Dana “Di” O’Specimen") == 'Dana "Di" O\'Specimen'


@given(st.text())
def test_tidy_never_raises_and_leaves_what_a_reader_sees(text: str) -> None:
    found = tidy(text)
    if found is not None:
        assert found == " ".join(found.split()) != ""
        assert unicodedata.is_normalized("NFC", found)
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in found)


def test_stage_fills_the_practice_and_counts() -> None:
    stats = counters()
    stage = TextPipeline(stats)
    listing = Listing(
        source_id="alpha",
        native_id="1",
        seen_url="https://alpha.directory.example/",
        name="Ada <b>Sampleton</b>",
        practice="Specimen &amp; Sample Rehab",
        website="n/a",
    )
    assert stage.process_item(listing) is listing
    assert listing.clean.practice == "Specimen & Sample Rehab"
    assert listing.practice == "Specimen &amp; Sample Rehab"
    assert stats.get_stats() == {
        "text/name/changed": 1,
        "text/practice/changed": 1,
        "text/practice/filled": 1,
        "text/website/nothing": 1,
    }
