"""Fact sheets: the shipped ones load; a wrong one is refused with its file, key and remedy."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from records.factsheet import FactSheet, SheetError, choose, load_sheet, load_sheets

SOURCES = Path(__file__).parent.parent / "sources"

GOOD = """\
id: fictional_academy
title: Fictional Academy
publisher: {name: Fictional Academy, url: https://directory.example/}
home_url: https://directory.example/
platform: auto
certification: {issuer: Fictional Academy, label: null, meaning: null, evidence_url: null}
professions: [physical_therapist]
coverage: {countries: [US]}
status: {state: active, reason: invented for a test, date: 2026-01-02}
terms: {url: null, checked_on: 2026-01-02, decision: accepted}
politeness: {delay_seconds: 5}
bounds: {min: 10, max: 20, fill_rate: {phone: 0.5}}
options: {}
notes: ""
"""


def sheet_with(tmp_path: Path, old: str, new: str) -> Path:
    assert old in GOOD
    path = tmp_path / "fictional_academy.yml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    return path


def test_every_shipped_sheet_loads_and_names_itself() -> None:
    sheets = load_sheets(SOURCES)
    assert "integrative_dry_needling" in sheets
    assert len(sheets) >= 40


def test_no_shipped_sheet_may_run_before_somebody_decided() -> None:
    for sheet in load_sheets(SOURCES).values():
        if sheet.terms.decision != "accepted":
            assert sheet.why_not(), sheet.id
        if sheet.status.state == "forbidden":
            assert "never runs" in (sheet.why_not() or "")


def test_what_must_not_be_crawled_is_forbidden() -> None:
    sheets = load_sheets(SOURCES)
    for one in ("apta_find_a_pt", "choose_physio", "zocdoc", "healthgrades", "healthprofs"):
        assert sheets[one].status.state == "forbidden"


def test_a_good_sheet_may_run(tmp_path: Path) -> None:
    sheet = load_sheet(sheet_with(tmp_path, "", ""))
    assert sheet.why_not() is None
    assert sheet.bounds.fill_rate == {"phone": 0.5}
    assert sheet.status.date == dt.date(2026, 1, 2)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("notes: ", "colour: blue\nnotes: ", "colour: unknown key; allowed here: id, title,"),
        ("label: null", "lable: null", "certification.lable: unknown key; allowed here: issuer"),
        ("title: Fictional Academy\n", "", "title: is missing"),
        ("delay_seconds: 5", "delay_seconds: soon", "politeness.delay_seconds:"),
        ("delay_seconds: 5", "delay_seconds: 1", "needs a note that says why"),
        ("delay_seconds: 5", "delay_seconds: -1", "politeness.delay_seconds:"),
        ("state: active", "state: maybe", "'active', 'proposed', 'paused', 'retired'"),
        ("checked_on: 2026-01-02", "checked_on: null", "needs checked_on"),
        ("home_url: https://directory.example/\n", "", "needs home_url or directory_url"),
        ("home_url: https:", "home_url: ftp:", "home_url:"),
        ("countries: [US]", "countries: [USA]", "coverage.countries.0:"),
        ("min: 10", "min: ten", "bounds.min:"),
        ("phone: 0.5", "phone: 5", "bounds.fill_rate.phone:"),
        ("id: fictional_academy", "id: other_academy", "id is 'other_academy'"),
        ("id: fictional_academy", "id: Fictional", "id:"),
        ("options: {}", "options: {max_pages: 0}", "options.max_pages:"),
        ("title: Fictional", "title: [Fictional", "is not valid YAML"),
    ],
)
def test_a_wrong_sheet_names_file_key_and_remedy(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = sheet_with(tmp_path, old, new)
    with pytest.raises(SheetError) as error:
        load_sheet(path)
    assert str(path) in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize("content", ["", "just words", "- a\n- b\n", "\x00"])
def test_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "fictional_academy.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SheetError, match=r"fictional_academy\.yml"):
        load_sheet(path)


@pytest.mark.parametrize("state", ["proposed", "paused", "retired", "forbidden"])
def test_only_active_sources_run(tmp_path: Path, state: str) -> None:
    sheet = load_sheet(sheet_with(tmp_path, "state: active", f"state: {state}"))
    assert state in (sheet.why_not() or "")
    assert "invented for a test" in (sheet.why_not() or "")


@pytest.mark.parametrize("decision", ["undecided", "refused"])
def test_no_source_runs_without_accepted_terms(tmp_path: Path, decision: str) -> None:
    sheet = load_sheet(sheet_with(tmp_path, "decision: accepted", f"decision: {decision}"))
    assert sheet.why_not()


def test_all_wrong_sheets_are_named_at_once(tmp_path: Path) -> None:
    sheet_with(tmp_path, "title: Fictional Academy\n", "")
    (tmp_path / "second.yml").write_text("id: second\n", encoding="utf-8")
    with pytest.raises(SheetError) as error:
        load_sheets(tmp_path)
    assert "fictional_academy.yml" in str(error.value)
    assert "second.yml" in str(error.value)


def test_an_empty_folder_says_how_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="--sources"):
        load_sheets(tmp_path)


def test_an_unknown_source_lists_those_there_are(tmp_path: Path) -> None:
    sheet_with(tmp_path, "", "")
    with pytest.raises(SheetError, match="There are: fictional_academy"):
        choose(load_sheets(tmp_path), ["nosuch"])


def test_the_schema_is_closed_everywhere() -> None:
    content = YAML(typ="safe", pure=True).load(GOOD)
    FactSheet.model_validate(content)
    for key, inner in content.items():
        if isinstance(inner, dict) and key != "bounds":
            with pytest.raises(ValueError, match="Extra inputs"):
                FactSheet.model_validate({**content, key: {**inner, "nosuch": 1}})
