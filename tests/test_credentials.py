"""Letters after a name, and the profession they imply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.credential_list import BY_KEY, CREDENTIALS, PROFESSION_WORDS, spelling_key
from pipelines.credentials import MOST, profession_in, profession_of, read_letters


@pytest.mark.parametrize(
    ("printed", "known", "unknown"),
    [
        (None, (), ()),
        ("PT", ("PT",), ()),
        ("P.T., D.P.T.", ("PT", "DPT"), ()),
        ("P. T., D. P. T.", ("PT", "DPT"), ()),
        ("PT DPT OCS", ("PT", "DPT", "OCS"), ()),
        ("PT/DPT", ("PT", "DPT"), ()),
        ("DPT-OCS", ("DPT", "OCS"), ()),
        ("pt, dpt", ("PT", "DPT"), ()),
        ("PT, PT, DPT", ("PT", "DPT"), ()),
        ("PT, MS, OCS; CSCS | COMT", ("PT", "MS", "OCS", "CSCS", "COMT"), ()),
        ("MS PT", ("MS", "PT"), ()),
        ("Cert. DN", ("Cert. DN",), ()),
        ("CertDN", ("Cert. DN",), ()),
        ("PT Cert DN COMT", ("PT", "Cert. DN", "COMT"), ()),
        ("Dip. Osteopractic, Cert. SMT", ("Dip. Osteopractic", "CertMT"), ()),
        ("OTR/L, CHT", ("OTR/L", "CHT"), ()),
        ("OT/L", ("OT",), ()),
        ("CMTPT/DN", ("CMTPT/DN",), ()),
        ("LAT/ATC", ("LAT", "ATC"), ()),
        ("L.Ac.", ("LAc",), ()),
        ("FNP-BC, DNP", ("FNP-BC", "DNP"), ()),
        ("PT (DPT)", ("PT", "DPT"), ()),
        ("PT and DPT", ("PT", "DPT"), ()),
        ("Physical Therapist", (), ()),
        ("PT, XYZ-2, QQCS", ("PT",), ("XYZ-2", "QQCS")),
        ("n/a", (), ()),
        ("I love my work", (), ()),
    ],
)
def test_read_letters(
    printed: str | None, known: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    found = read_letters(printed)
    assert (found.known, found.unknown) == (known, unknown)


@pytest.mark.parametrize(
    ("letters", "printed", "usual", "expected"),
    [
        (("PT", "DPT"), None, (), "physical_therapist"),
        (("DC", "CCSP"), "Physical Therapist", (), "chiropractor"),
        (("LAT", "ATC", "PT"), None, (), "physical_therapist"),
        (("MS", "ATC"), None, (), "athletic_trainer"),
        (("RN", "FNP-C"), None, (), "nurse_practitioner"),
        (("PTA",), None, ("physical_therapist",), "physical_therapist_assistant"),
        (("CSCS",), "Occupational Therapy", (), "occupational_therapist"),
        ((), "Physical Therapist Assistant", (), "physical_therapist_assistant"),
        ((), "PT", (), "physical_therapist"),
        ((), "Licensed Acupuncturist", (), "acupuncturist"),
        ((), "Physical Therapist, Chiropractor", (), None),
        ((), None, ("physical_therapist",), "physical_therapist"),
        ((), None, ("physical_therapist", "chiropractor"), None),
        ((), None, (), None),
    ],
)
def test_profession(
    letters: tuple[str, ...], printed: str | None, usual: tuple[str, ...], expected: str | None
) -> None:
    assert profession_of(letters, printed, usual) == expected


def test_the_list_is_sound() -> None:
    assert len({one.usual for one in CREDENTIALS}) == len(CREDENTIALS)
    for one in CREDENTIALS:
        assert one.meaning
        assert BY_KEY[spelling_key(one.usual)] is one, one.usual
        assert one.profession is None or one.profession in set(PROFESSION_WORDS.values()) | {
            "speech_language_pathologist"
        }


@pytest.mark.parametrize("usual", [one.usual for one in CREDENTIALS])
def test_every_credential_reads_as_itself(usual: str) -> None:
    assert read_letters(usual).known == (usual,)
    assert read_letters(f"XX1, {usual}").known == (usual,)


@given(st.text(max_size=200))
def test_never_raises(text: str) -> None:
    found = read_letters(text)
    usual = {one.usual for one in CREDENTIALS}
    assert set(found.known) <= usual, found
    assert len(found.known) <= MOST
    assert len(found.unknown) <= MOST
    profession_in(text)
    profession_of(found.known, text)
