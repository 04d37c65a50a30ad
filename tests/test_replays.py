"""Every platform, and every source that has a recording, read from recorded answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from records.factsheet import FactSheet, load_sheets
from spiders.platforms import Surroundings
from spiders.platforms.registry import PLATFORMS, platform_named, platforms
from tests.platform_fixtures import RECORDINGS, ROOT, around, fact_sheet
from tests.replay import Recording, of_source

NAMES = [module for module, _ in PLATFORMS]
SHEETS = load_sheets(ROOT / "sources")
SOURCES = sorted(name for name, sheet in SHEETS.items() if not sheet.sample)
#: A source that has its platform to itself (NPPES) is read from the platform's recording.
RECORDED_SOURCES = [name for name in SOURCES if (RECORDINGS / name).is_dir() and name not in NAMES]


def unrecorded(sheets: Mapping[str, FactSheet]) -> list[str]:
    """The sources that run without anything to test their reading against."""
    return [
        name
        for name, sheet in sorted(sheets.items())
        if sheet.status.state == "active" and not sheet.sample
        if not (RECORDINGS / name / "exchanges.json").is_file()
    ]


def check(recording: Recording, platform: str, beside: Surroundings | None = None) -> None:
    """Compare what a platform reads from a recording with what it should."""
    found, expected = recording.harvest(platform, beside), recording.expected
    printed = {number: one.printed() for number, one in found.listings.items()}
    wanted: dict[str, dict[str, Any]] = {one["native_id"]: one for one in expected["listings"]}
    for number, one in printed.items():
        for unwanted in {"source_id", "seen_url"} - set(wanted.get(number, ())):
            one.pop(unwanted)
    assert printed == wanted
    assert sorted(found.hidden) == sorted(expected["hidden"])
    assert found.totals == expected["totals"]
    assert not found.shortfalls


@pytest.mark.parametrize("name", NAMES)
def test_a_platform_reads_its_recording(name: str) -> None:
    folder = RECORDINGS / name
    assert (folder / "exchanges.json").is_file(), f"{name} has no recording in {folder.name}/"
    recording = Recording(folder)
    if "refusal" in recording.expected:
        platform = platform_named(name)(around())
        match = platform.recognise(recording.page())
        assert match is not None
        assert match.refusal == recording.expected["refusal"]
        assert not list(platform.requests(match))
        return
    assert recording.expected["listings"], "a recording holds listings"
    check(recording, name)


def test_names_of_platforms_are_their_files() -> None:
    assert [kind.name for kind in platforms()] == NAMES


@pytest.mark.parametrize("source", RECORDED_SOURCES)
def test_a_source_reads_its_recording(source: str, tmp_path: Path) -> None:
    recording = Recording(RECORDINGS / source)
    check(recording, recording.expected["platform"], of_source(SHEETS[source], tmp_path))


def test_every_source_that_runs_has_a_recording() -> None:
    missing = unrecorded(SHEETS)
    assert not missing, (
        f"needlepoint record {missing[0]} --to tests/recordings, and so on: {missing}"
    )


def test_a_source_that_runs_without_a_recording_is_missed() -> None:
    wild = fact_sheet()
    assert wild.status.state == "active"
    assert unrecorded({"unheard_of": wild, "wild_apricot": wild}) == ["unheard_of"]


def test_every_recording_belongs_to_a_platform_or_a_source() -> None:
    folders = {path.name for path in RECORDINGS.iterdir() if path.is_dir()}
    assert folders <= {*NAMES, *SHEETS}


@pytest.mark.parametrize("folder", sorted(RECORDINGS.iterdir()), ids=lambda path: path.name)
def test_a_recording_is_whole(folder: Any) -> None:
    exchanges = json.loads((folder / "exchanges.json").read_text(encoding="utf-8"))
    for one in exchanges:
        assert set(one) <= {"url", "method", "status", "content_type", "file", "form", "headers"}
        assert one["url"].startswith("http")
        assert (folder / one["file"]).is_file()
