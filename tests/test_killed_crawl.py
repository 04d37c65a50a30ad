"""A crawl killed at any moment leaves a sound store, and the next one ends as if nothing was."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from samples.people import LEAST_PEOPLE, make_world
from samples.servers import Served, serve
from samples.sheets import write_sheets
from tests.conftest import ROOT, needlepoint


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serve(make_world(people=LEAST_PEOPLE)) as sites:
        yield sites


@pytest.fixture(scope="module")
def sources(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sheets")
    write_sheets(folder, served)
    return folder


def answered(served: Served) -> int:
    return sum(len(served.requests(source)) for source in served)


def kept(data: Path) -> list[tuple[str, ...]]:
    """Everything a run decides, without its clock."""
    with closing(sqlite3.connect(data / "working.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        return connection.execute(
            "select id, source_id, printed, clean, source_hash, status, missing_runs, latitude,"
            " longitude, precision from listing order by id"
        ).fetchall()


@pytest.fixture(scope="module")
def undisturbed(
    served: Served, sources: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[tuple[str, ...]], int]:
    """What an undisturbed crawl keeps, and how many requests it took."""
    data = tmp_path_factory.mktemp("undisturbed")
    before = answered(served)
    done = needlepoint("crawl", "--all", "--data", data, "--sources", sources)
    assert done.returncode == 0, done.stdout + done.stderr
    return kept(data), answered(served) - before


@pytest.mark.parametrize("share", [0.02, 0.25, 0.5, 0.75, 0.98])
def test_kill_9_loses_nothing(
    served: Served,
    sources: Path,
    undisturbed: tuple[list[tuple[str, ...]], int],
    tmp_path: Path,
    share: float,
) -> None:
    result, requests = undisturbed
    before = answered(served)
    crawl = subprocess.Popen(
        [
            *(sys.executable, "-m", "commands", "crawl", "--all"),
            *("--data", str(tmp_path), "--sources", str(sources)),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while answered(served) - before < share * requests:
        assert crawl.poll() is None, "ended before it could be killed"
        time.sleep(0.001)
    crawl.send_signal(signal.SIGKILL)
    assert crawl.wait(timeout=20) == -signal.SIGKILL

    if (tmp_path / "working.db").exists():
        left = kept(tmp_path)
        whole_sources = {row[1] for row in left}
        assert left == [row for row in result if row[1] in whole_sources]

    done = needlepoint("crawl", "--all", "--data", tmp_path, "--sources", sources)
    assert done.returncode == 0, done.stdout + done.stderr
    assert kept(tmp_path) == result
