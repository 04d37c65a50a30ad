"""Recording a decision about a directory's terms in its fact sheet."""

from __future__ import annotations

import datetime as dt
import difflib
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.accept import command
from commands.whole_file import replace_file
from records.factsheet import load_sheet
from tests.crawl_fixtures import ROOT, Answer, serving

SHEET = """\
# Kept by hand: ask the academy before the autumn.
id: fictional_academy
title: "Fictional Academy: graduates"  # its own words
publisher:
  name: Fictional Academy
home_url: {url}/
platform: auto
certification:
  issuer: Fictional Academy
  label: null
professions: [physical_therapist]
coverage:
  countries: [US]
status:
  state: {state}
  reason: >-
    Nobody has looked at it
    yet.
  date: 2026-01-02
terms:
  url: {url}/terms
  checked_on: null
  decision: undecided
politeness:
  delay_seconds: 5
bounds: {{}}  # set from the first real run
notes: |-
  Two lines
  of notes.
"""


def sheet(folder: Path, url: str, state: str = "proposed") -> Path:
    path = folder / "fictional_academy.yml"
    path.write_text(SHEET.format(url=url, state=state), encoding="utf-8")
    return path


def accept(folder: Path, *words: str, answers: str = "") -> Result:
    common = ["--data", str(folder / "data"), "--sources", str(folder)]
    return CliRunner().invoke(command, ["fictional_academy", *words, *common], input=answers)


def test_a_decision_is_written_into_the_sheet_and_nothing_else(tmp_path: Path) -> None:
    with serving(academy={"/robots.txt": "User-agent: *\nCrawl-delay: 7\n"}) as servers:
        path = sheet(tmp_path, servers["academy"].url)
        before = path.read_text()
        done = accept(tmp_path, "--by", "Ada Sampleton", "--note", "allows it", answers="y\n")
        (asked,) = servers["academy"].asked
    assert done.exit_code == 0, done.output
    assert asked[0] == "/robots.txt"
    assert asked[1]["user-agent"].startswith("NeedlepointBot/")
    assert f"terms      {servers['academy'].url}/terms" in done.output
    assert "is allowed, 7 seconds between requests" in done.output
    assert "needlepoint crawl fictional_academy" in done.output
    found = load_sheet(path)
    today = dt.datetime.now(dt.UTC).date()
    assert found.why_not() is None
    assert found.terms.decision == "accepted"
    assert found.terms.checked_on == today
    assert found.terms.decided_by == "Ada Sampleton"
    assert found.terms.note == "allows it"
    assert (found.status.state, found.status.date) == ("active", today)
    assert "Ada Sampleton" in found.status.reason
    assert "&" not in path.read_text()
    lines = difflib.ndiff(before.splitlines(), path.read_text().splitlines())
    gone = [line[2:].strip() for line in lines if line.startswith("- ")]
    assert gone == [
        "state: proposed",
        "Nobody has looked at it",
        "yet.",
        "date: 2026-01-02",
        "checked_on: null",
        "decision: undecided",
    ]


def test_no_leaves_the_sheet_alone(tmp_path: Path) -> None:
    with serving(academy={}) as servers:
        path = sheet(tmp_path, servers["academy"].url)
        before = path.read_bytes()
        done = accept(tmp_path, answers="n\n")
    assert done.exit_code == 1
    assert path.read_bytes() == before


def test_without_a_terminal_nothing_is_decided(tmp_path: Path) -> None:
    with serving(academy={}) as servers:
        path = sheet(tmp_path, servers["academy"].url)
        before = path.read_bytes()
        assert accept(tmp_path).exit_code == 1
    assert path.read_bytes() == before


def test_a_refusal_is_a_decision_too(tmp_path: Path) -> None:
    path = sheet(tmp_path, "http://127.0.0.1:9", "active")
    done = accept(tmp_path, "--refuse", "--yes", "--by", "Ada Sampleton", "--note", "no copying")
    assert done.exit_code == 0, done.output
    found = load_sheet(path)
    assert found.terms.decision == "refused"
    assert found.status.state == "paused"
    assert "no copying" in (found.why_not() or "")


@pytest.mark.parametrize(
    ("robots", "said"),
    [
        (Answer(status=503), "its robots.txt answered 503: the spider would stay out"),
        ("User-agent: NeedlepointBot\nDisallow: /\n", "forbids us http"),
    ],
)
def test_robots_txt_that_keeps_us_out_is_a_question_of_its_own(
    tmp_path: Path, robots: Any, said: str
) -> None:
    with serving(academy={"/robots.txt": robots}) as servers:
        path = sheet(tmp_path, servers["academy"].url)
        before = path.read_bytes()
        done = accept(tmp_path, "--by", "Ada", answers="n\n")
        assert said in done.output
        assert done.exit_code == 1
        assert path.read_bytes() == before
        assert accept(tmp_path, "--by", "Ada", answers="y\ny\n").exit_code == 0
    assert load_sheet(path).terms.decision == "accepted"


def test_a_host_that_does_not_answer_is_said(tmp_path: Path) -> None:
    sheet(tmp_path, "http://127.0.0.1:9")
    done = accept(tmp_path, answers="n\n")
    assert "http://127.0.0.1:9/robots.txt could not be fetched" in done.output
    assert done.exit_code == 1


def test_a_forbidden_source_is_never_accepted(tmp_path: Path) -> None:
    path = sheet(tmp_path, "http://127.0.0.1:9", "forbidden")
    before = path.read_bytes()
    done = accept(tmp_path, "--yes")
    assert done.exit_code == 3
    assert "It never runs." in done.output
    assert path.read_bytes() == before


def test_a_source_without_an_address_says_what_to_write(tmp_path: Path) -> None:
    path = sheet(tmp_path, "http://127.0.0.1:9")
    path.write_text(path.read_text().replace("home_url: http://127.0.0.1:9/\n", ""))
    done = accept(tmp_path, "--yes")
    assert done.exit_code == 1
    assert "write home_url into" in done.output


def test_an_unknown_source_lists_those_there_are(tmp_path: Path) -> None:
    sheet(tmp_path, "http://127.0.0.1:9")
    words = ["nosuch", "--data", str(tmp_path / "data"), "--sources", str(tmp_path)]
    done = CliRunner().invoke(command, words)
    assert done.exit_code == 1
    assert "There are: fictional_academy" in done.output


def test_every_shipped_sheet_keeps_its_comments(tmp_path: Path) -> None:
    for source in sorted((ROOT / "sources").glob("*.yml")):
        found = load_sheet(source)
        if found.status.state == "forbidden" or not (found.home_url or found.directory_url):
            continue
        path = tmp_path / source.name
        shutil.copy(source, path)
        words = [found.id, "--refuse", "--yes", "--by", "Ada", "--sources", str(tmp_path)]
        done = CliRunner().invoke(command, [*words, "--data", str(tmp_path / "data")])
        assert done.exit_code == 0, done.output
        before, after = source.read_text(), path.read_text()
        comments = [line.partition("#")[2] for line in before.splitlines() if " #" in line]
        assert all(comment in after for comment in comments)
        kept = load_sheet(path)
        alike = {"terms", "status"}
        assert kept.model_dump(exclude=alike) == found.model_dump(exclude=alike)
        changed = [
            line
            for line in difflib.ndiff(before.splitlines(), after.splitlines())
            if line.startswith(("- ", "+ "))
        ]
        assert len(changed) <= 8, changed
        path.unlink()


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sheet.yml"
    path.write_text("old")
    path.chmod(0o640)
    replace_file(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640

    def full(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        replace_file(path, "newer")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]
