"""An interrupted run goes on where it stopped; an unchanged directory costs one question."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import HtmlResponse

from spiders.unfinished import KEEP_HOURS, Unfinished
from tests.crawl_fixtures import (
    DIRECTORY,
    ROOT,
    Answer,
    Server,
    crawl_apart,
    needlepoint,
    serving,
    table,
    write_sheet,
)
from tests.platform_fixtures import fact_sheet

PAGES = 12
#: The home page and all pages but the last: the one before it adds nobody new.
ALL = PAGES


def person(number: int) -> tuple[str, ...]:
    first = "Ada Ben Cleo Dora Egon Fay Gus Hana Ivo Jana Kurt Lea".split()[number]
    return (f"{first} Sampleton, PT", "Columbus", "OH", "43215", f"614-555-01{number:02d}")


def paged(seconds: float = 0.0) -> dict[str, Any]:
    """A directory of twelve pages, three people a page, none of them with an ETag."""

    def page(number: int) -> Any:
        people = tuple(person((number + add) % PAGES) for add in range(3))
        following = f'<a rel="next" href="{DIRECTORY}?page={number + 1}">Next</a>'
        body = table(people, following if number < PAGES else "")

        def answer(_: Mapping[str, str]) -> Answer:
            time.sleep(seconds if number > 1 else 0)
            return Answer(body=body.encode())

        return answer

    pages = {f"{DIRECTORY}?page={number}": page(number) for number in range(2, PAGES + 1)}
    return {DIRECTORY: page(1), **pages}


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "commands", "crawl", "paged", *map(str, folders(folder))],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def folders(folder: Path) -> tuple[str | Path, ...]:
    return ("--sources", folder / "sources", "--data", folder / "data")


def stopped_half_way(folder: Path, server: Server, with_signal: int) -> list[str]:
    """Crawl until half of the pages were asked for, end it, and give what was asked."""
    write_sheet(folder / "sources", "paged", server.url)
    process = start(folder)
    deadline = time.monotonic() + 60
    while f"{DIRECTORY}?page=6" not in server.paths():
        assert process.poll() is None, process.stdout and process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(with_signal)
    process.communicate(timeout=60)
    return server.paths()


@pytest.mark.parametrize("with_signal", [signal.SIGKILL, signal.SIGTERM])
def test_what_an_interrupted_run_was_told_is_not_asked_again(
    tmp_path: Path, with_signal: int
) -> None:
    with serving(paged=paged(0.1)) as servers:
        server = servers["paged"]
        asked = stopped_half_way(tmp_path, server, with_signal)
        assert (tmp_path / "data" / "unfinished" / "paged" / "run.json").is_file()
        server.asked.clear()
        done = needlepoint("crawl", "paged", *folders(tmp_path))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "good" in done.stdout
        again = server.paths()
        # The one that was under way when it was stopped had no answer yet.
        assert set(again) & set(asked) <= {asked[-1]}
        assert len(again) <= ALL - (len(asked) - 1)
        assert server.asked[0][0] == "/robots.txt", "rules are asked anew"
        assert not (tmp_path / "data" / "unfinished" / "paged").exists()

        server.asked.clear()
        assert needlepoint("crawl", "paged", *folders(tmp_path)).returncode == 0
        assert len(server.paths()) == ALL, "a run of its own asks everything"


def test_another_fact_sheet_is_another_run(tmp_path: Path) -> None:
    with serving(paged=paged(0.1)) as servers:
        server = servers["paged"]
        stopped_half_way(tmp_path, server, signal.SIGKILL)
        write_sheet(tmp_path / "sources", "paged", server.url, notes="The address was wrong.")
        server.asked.clear()
        assert needlepoint("crawl", "paged", *folders(tmp_path)).returncode == 0
        assert len(server.paths()) == ALL


def test_a_failed_run_leaves_nothing_to_go_on_with(tmp_path: Path) -> None:
    broken = {**paged(), f"{DIRECTORY}?page=5": Answer(status=403)}
    with serving(paged=broken) as servers:
        server = servers["paged"]
        write_sheet(tmp_path / "sources", "paged", server.url)
        assert needlepoint("crawl", "paged", *folders(tmp_path)).returncode == 1
        assert not (tmp_path / "data" / "unfinished" / "paged").exists()
        server.asked.clear()
        assert needlepoint("crawl", "paged", *folders(tmp_path)).returncode == 1
        assert "/" in server.paths()


def test_answers_are_young_or_not_taken(tmp_path: Path) -> None:
    sheet, now = fact_sheet(), dt.datetime.now(dt.UTC)
    run = Unfinished.begin(tmp_path, sheet, now)
    assert run.since is None
    run.keep("ab", HtmlResponse("https://directory.example/", body=b"young"))
    run.keep("cd", HtmlResponse("https://directory.example/", body=b"old"))
    assert run.answer("ab") is None, "a run that was not interrupted asks"
    before = now.timestamp() - KEEP_HOURS * 3600 - 1
    os.utime(run.folder / "cd", (before, before))

    again = Unfinished.begin(tmp_path, sheet, now)
    assert again.since == now.isoformat(timespec="seconds")
    had = again.answer("ab")
    assert had is not None
    assert had.body == b"young"
    assert again.answer("cd") is None
    assert again.answer("ef") is None
    (run.folder / "ab").write_bytes(b'{"length": 9}\n')
    assert again.answer("ab") is None, "a file that is not whole is no answer"

    later = Unfinished.begin(tmp_path, sheet, now + dt.timedelta(hours=KEEP_HOURS + 1))
    assert later.since is None
    assert later.answer("ab") is None


def test_what_nobody_goes_on_with_is_removed(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    left = tmp_path / "unfinished" / "gone_source"
    left.mkdir(parents=True)
    (left / "run.json").write_text("{}")
    Unfinished.begin(tmp_path, fact_sheet(), now)
    assert left.exists()
    Unfinished.begin(tmp_path, fact_sheet(), now + dt.timedelta(hours=KEEP_HOURS + 1))
    assert not left.exists()


@pytest.mark.parametrize("mark", ["", "[]", "{}", '{"sheet": 7}', "\x00"])
def test_a_broken_mark_begins_anew(tmp_path: Path, mark: str) -> None:
    folder = tmp_path / "unfinished" / "example"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(mark)
    assert Unfinished.begin(tmp_path, fact_sheet(), dt.datetime.now(dt.UTC)).since is None


# An unchanged directory

CHANGED = format_datetime(dt.datetime(2026, 1, 2, tzinfo=dt.UTC), usegmt=True)
WAYS = {
    "etag": ({"ETag": '"v1"'}, "if-none-match", '"v1"'),
    "weak_etag": ({"ETag": 'W/"v1"'}, "if-none-match", 'W/"v1"'),
    "last_modified": ({"Last-Modified": CHANGED}, "if-modified-since", CHANGED),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_unchanged_directory_costs_one_conditional_request(tmp_path: Path, way: str) -> None:
    sends, condition, value = WAYS[way]

    def directory(headers: Mapping[str, str]) -> Answer:
        if headers.get(condition) == value:
            return Answer(status=304, headers=sends)
        return Answer(body=table().encode(), headers=sends)

    with serving(steady={DIRECTORY: directory}) as servers:
        server = servers["steady"]
        url = f"{server.url}{DIRECTORY}"
        write_sheet(tmp_path / "sources", "steady", server.url, directory_url=url)
        crawl_apart(tmp_path / "sources", tmp_path / "data")
        server.asked.clear()
        again = crawl_apart(tmp_path / "sources", tmp_path / "data")["steady"]
        asked = [(path, sent) for path, sent in server.asked if path != "/robots.txt"]
    assert [path for path, _ in asked] == [DIRECTORY]
    assert asked[0][1][condition] == value
    assert again["failure"] is None
    assert len(again["listings"]) == 5
    assert again["stats"]["httpcache/revalidate"] == 1
