"""The night run as a scheduler sees it: exit codes, lock, report; and the morning after."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from commands.store import alone
from db.runs import take_in
from db.working import open_working
from samples.people import LEAST_PEOPLE, make_world
from samples.servers import serve
from samples.sheets import write_sheets
from tests.conftest import ROOT, needlepoint
from tests.store_fixtures import people, run, sheet


@pytest.fixture(scope="module")
def sample_sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("sources")
    with serve(make_world(5, LEAST_PEOPLE)) as served:
        write_sheets(folder, served)
        yield folder


def test_a_whole_night(sample_sources: Path, tmp_path: Path) -> None:
    for _ in range(2):
        done = needlepoint("run", "--data", tmp_path, "--sources", sample_sources)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "6 of 6 sources good" in done.stdout
    texts, facts = (sorted((tmp_path / "reports").glob(f"*.{kind}")) for kind in ("txt", "json"))
    assert len(texts) == len(facts) == 2
    assert texts[-1].read_text() in done.stdout
    second = json.loads(facts[-1].read_text())
    assert second["exit_code"] == 0
    assert second["release"]["practitioners"] > 0
    changes = {
        name: sum(source[name] for source in second["sources"])
        for name in ("added", "changed", "missing", "returned", "retired")
    }
    assert set(changes.values()) == {0}
    assert second["matched"]["new"] == 0
    assert (tmp_path / "directory.db").exists()
    status = needlepoint("status", "--data", tmp_path, "--sources", sample_sources)
    assert status.stdout.count("next: nothing") == 6


def test_a_second_start_says_who_is_at_work(sample_sources: Path, tmp_path: Path) -> None:
    with alone(tmp_path, "run"):
        done = needlepoint("run", "--data", tmp_path, "--sources", sample_sources)
    assert done.returncode == 75
    assert "is in use: needlepoint run, process" in done.stderr
    with alone(tmp_path, "match"):
        pass  # and the lock falls


def test_the_lock_falls_with_its_process(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from commands.store import alone\n"
        "with alone(Path(sys.argv[1]), 'run'): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=False)
    with alone(tmp_path, "run"):
        pass


def test_nothing_may_run(tmp_path: Path) -> None:
    done = needlepoint("run", "--data", tmp_path)
    assert done.returncode == 3
    assert "needlepoint accept" in done.stderr


def sources_of(folder: Path) -> Path:
    folder.mkdir()
    with (folder / "alpha.yml").open("w") as handle:
        YAML().dump(sheet().model_dump(mode="json"), handle)
    return folder


def test_a_doubtful_run_is_accepted_and_published(tmp_path: Path) -> None:
    sources = sources_of(tmp_path / "sources")
    here = ("--data", tmp_path, "--sources", sources)
    db = open_working(tmp_path)
    take_in(db, sheet(), run(people(100)))
    assert needlepoint("match", *here).returncode == 0
    published = needlepoint("publish", *here)
    assert "100 practitioners at 100 locations" in published.stdout, published.stderr
    take_in(db, sheet(), run(people(60), 2))
    db.close()
    status = needlepoint("status", *here).stdout
    assert "alpha: suspect: 60 listings, 100 in the last good run" in status
    assert "data as of 2026-03-01T02:00:00Z, held since" in status
    assert "needlepoint accept-run alpha --reason" in status
    assert needlepoint("accept-run", "alpha", *here).returncode == 2  # a reason is wanted
    done = needlepoint("accept-run", "alpha", "--reason", "they left", *here)
    assert done.returncode == 0, done.stderr
    assert "60 listings taken in: 0 new, 0 changed, 40 missing" in done.stdout
    assert "release " in done.stdout
    again = needlepoint("accept-run", "alpha", "--reason", "they left", *here)
    assert (again.returncode, "no doubtful run" in again.stderr) == (1, True)


def test_status_before_anything_ran(tmp_path: Path) -> None:
    done = needlepoint("status", "--data", tmp_path)
    assert done.returncode == 0
    assert "sources may not run yet" in done.stdout


def test_a_broken_store_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "working.db").write_text("no database at all, and long enough to be read as one")
    done = needlepoint("match", "--data", tmp_path)
    assert done.returncode == 1
    assert "working.db: file is not a database" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_systemd_units_are_in_order() -> None:
    timer = (ROOT / "deploy" / "needlepoint.timer").read_text()
    assert "OnCalendar=" in timer
    service = (ROOT / "deploy" / "needlepoint.service").read_text()
    assert "SuccessExitStatus=75" in service
