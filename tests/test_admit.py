"""What comes in and what stays out: shape, opt-outs, second copies; and all stages together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import DropItem
from scrapy.utils.misc import load_object

from db.gazetteer import Gazetteer
from db.gazetteer_file import ensure
from db.opt_outs import suppressed
from db.working import open_working
from pipelines import ITEM_PIPELINES
from pipelines.admit import AdmitPipeline, refusal
from pipelines.audit import AuditPipeline
from pipelines.opt_outs import OptOutPipeline, opt_out_hashes, website_key
from pipelines.store import StorePipeline
from pipelines.together import clean
from records.listing import Certified, Clean, Listing
from tests.stage_fixtures import counters, listing, sheet


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    opened = Gazetteer(ensure(tmp_path_factory.mktemp("gazetteer")))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ({}, None),
        ({"name": None, "practice": "Specimen Rehab"}, None),
        ({"source_id": "beta"}, "source/other"),
        ({"native_id": "  "}, "native_id/missing"),
        ({"native_id": "1\n2"}, "native_id/unprintable"),
        ({"native_id": "1" * 201}, "native_id/too_long"),
        ({"name": None}, "name/missing"),
        ({"name": "n/a", "practice": "<br>"}, "name/missing"),
        ({"name": "A" * 301}, "name/too_long"),
        ({"city": "A" * 501}, "city/too_long"),
        ({"address": "A" * 900}, None),
    ],
)
def test_shape(printed: dict[str, Any], expected: str | None) -> None:
    assert refusal(listing(**printed), "alpha") == expected


def test_admit_drops_and_counts() -> None:
    stats = counters()
    stage = AdmitPipeline(stats, sheet())
    one = listing()
    assert stage.process_item(one) is one
    with pytest.raises(DropItem):
        stage.process_item(listing(name=None))
    assert stats.get_stats() == {"admit/listing/admitted": 1, "admit/name/missing": 1}


def _known(**more: Any) -> Listing:
    known: dict[str, Any] = {
        "name": "Robert Dummy",
        "given": "Robert",
        "family": "Dummy",
        "postcode": "43215",
        "phone": "+16145550142",
        "email": "bob@example.com",
        "website": "https://www.bob.directory.example/",
    }
    one = listing(native_id=more.pop("native_id", "1"), source_id=more.pop("source_id", "alpha"))
    return replace(one, clean=Clean(**{**known, **more}))


_ELSEWHERE = {"source_id": "beta", "native_id": "77"}
_NOTHING = {"phone": None, "email": None, "website": None, "postcode": None}


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"native_id": "1", "given": "Changed", "family": "Changed", **_NOTHING}, "listing"),
        ({**_ELSEWHERE, **_NOTHING, "phone": "+16145550142"}, "name and phone"),
        ({**_ELSEWHERE, **_NOTHING, "phone": "+16145550142", "given": "R."}, "name and phone"),
        ({**_ELSEWHERE, **_NOTHING, "phone": "+16145550142", "family": "DÚMMY"}, "name and phone"),
        ({**_ELSEWHERE, **_NOTHING, "phone": "+16145550142", "family": "Dumy"}, "name and phone"),
        ({**_ELSEWHERE, **_NOTHING, "phone": "+16145550142", "family": "Dymmu"}, None),
        ({**_ELSEWHERE, **_NOTHING, "phone": "+16145550142", "family": "Dumym"}, "name and phone"),
        ({**_ELSEWHERE, **_NOTHING, "phone": "+16145550142", "family": "Dammy"}, "name and phone"),
        ({**_ELSEWHERE, **_NOTHING, "phone": "+16145550142", "given": "Bob"}, "name and phone"),
        (
            {**_ELSEWHERE, **_NOTHING, "phone": "+16145550142", "family": "Sampleton-Dummy"},
            "name and phone",
        ),
        ({**_ELSEWHERE, **_NOTHING, "phone": "+16145550142", "family": "Sampleton"}, None),
        ({**_ELSEWHERE, **_NOTHING, "email": "bob@example.com"}, "name and e-mail"),
        (
            {**_ELSEWHERE, **_NOTHING, "website": "http://bob.directory.example/me"},
            "name and website",
        ),
        ({**_ELSEWHERE, **_NOTHING, "postcode": "43215"}, "name and postcode"),
        ({**_ELSEWHERE, **_NOTHING, "postcode": "43215", "given": "R."}, None),
        ({**_ELSEWHERE, **_NOTHING, "given": "Ann", "phone": "+16145550142"}, None),
        ({**_ELSEWHERE, **_NOTHING}, None),
    ],
)
def test_a_person_who_opted_out_is_told_elsewhere(other: dict[str, Any], what: str | None) -> None:
    hashes = set(opt_out_hashes(_known()))
    stats = counters()
    stage = OptOutPipeline(stats, hashes)
    one = _known(**other)
    if what is None:
        assert stage.process_item(one) is one
        assert stats.get_stats() == {}
        return
    with pytest.raises(DropItem):
        stage.process_item(one)
    assert stats.get_stats() == {f"opt_outs/listing/{what}": 1}


def test_hashes_tell_nothing_and_stay_the_same() -> None:
    found = opt_out_hashes(_known())
    assert sorted(set(found.values())) == [
        "listing",
        "name and e-mail",
        "name and phone",
        "name and postcode",
        "name and website",
    ]
    assert all(len(key) == 64 for key in found)
    assert found == opt_out_hashes(_known())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, None),
        ("https://www.sample.directory.example/team", "sample.directory.example"),
        ("https://www.facebook.com/SampleRehab/about", "facebook.com/samplerehab"),
        ("https://facebook.com/", None),
        ("https://sample.wixsite.com/", "sample.wixsite.com"),
    ],
)
def test_whose_website(url: str | None, expected: str | None) -> None:
    assert website_key(url) == expected


def test_the_list_is_read_from_the_working_store(tmp_path: Path) -> None:
    assert suppressed(tmp_path) == frozenset()
    db = open_working(tmp_path)
    assert suppressed(tmp_path) == frozenset()
    with db.atomic():
        for key, what in opt_out_hashes(_known()).items():
            db.table("suppression").insert({"hash": key, "what": what, "since": "2026-01-01"})
    db.close()
    assert suppressed(tmp_path) == frozenset(opt_out_hashes(_known()))


def test_each_native_id_once() -> None:
    stats = counters()
    stage = StorePipeline(stats)
    one = listing()
    assert stage.process_item(one) is one
    for second in (listing(seen_url="https://alpha.directory.example/2"), listing(phone="1")):
        with pytest.raises(DropItem):
            stage.process_item(second)
    stage.process_item(listing(native_id="2"))
    assert stats.get_stats() == {
        "store/listing/kept": 2,
        "store/duplicate/same": 1,
        "store/duplicate/differs": 1,
    }


def test_audit_counts_and_changes_nothing() -> None:
    stats = counters()
    one = listing(latitude="40.1", website="http://n/a", extra={"fax": "614"})
    one.clean.name = "Ada Sampleton"
    before = replace(one, clean=replace(one.clean))
    assert AuditPipeline(stats).process_item(one) is one
    assert one == before
    assert one.clean == before.clean
    assert stats.get_stats() == {
        "audit/name/filled": 1,
        "audit/website/filled": 1,
        "audit/latitude/filled": 1,
        "audit/website/not_understood": 1,
        "audit/coordinates/half": 1,
        "audit/point/none": 1,
        "audit/extra/fax": 1,
    }


def test_every_stage_can_be_loaded_and_stands_in_order() -> None:
    assert list(ITEM_PIPELINES.values()) == sorted(set(ITEM_PIPELINES.values()))
    for path in ITEM_PIPELINES:
        assert callable(load_object(path).from_crawler)


def test_all_stages_on_one_listing(gazetteer: Gazetteer) -> None:
    one = listing(
        name="Dr. ADA SAMPLETON, PT, DPT, Cert. DN",
        practice="Specimen &amp; Sample Rehab",
        address="100 Specimen St, Ste 4, Columbus, OH 43215",
        phone="(614) 555-0142 ext. 7",
        website="example.com/sample",
        certification="Level 1",
    )
    done = clean(one, sheet(professions=["physical_therapist"]), gazetteer)
    assert done is not None
    assert done == one
    assert one.clean == Clean()
    found = done.clean
    assert (found.kind, found.name, found.family) == ("person", "Ada Sampleton", "Sampleton")
    assert found.credentials == ("PT", "DPT", "Cert. DN")
    assert found.practice == "Specimen & Sample Rehab"
    assert (found.city, found.state, found.postcode) == ("Columbus", "OH", "43215")
    assert (found.phone, found.phone_extension) == ("+16145550142", "7")
    assert (found.precision, found.point_from) == ("postcode", "gazetteer")
    assert found.certified == (
        Certified(
            issuer="Invented Institute", label="Foundations of Invented Needling", level="Level 1"
        ),
    )
    assert clean(one, sheet(), gazetteer, set(opt_out_hashes(done))) is None
    assert clean(replace(one, name=None, practice=None), sheet(), gazetteer) is None


@given(st.builds(listing, name=st.text(max_size=60), phone=st.text(max_size=40)))
def test_refusal_never_raises(one: Listing) -> None:
    refusal(one, "alpha")
    opt_out_hashes(one)
