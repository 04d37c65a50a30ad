"""The crawl from a home page to the store, over HTTP, and what the command says."""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from db.working import open_working
from tests.crawl_fixtures import (
    DIRECTORY,
    HOME,
    PEOPLE,
    ROOT,
    Answer,
    crawl_apart,
    needlepoint,
    serving,
    table,
    write_sheet,
)

NAMES = {who[0] for who in PEOPLE}


def names(bundle: Mapping[str, Any]) -> set[str]:
    return {one["name"] for one in bundle["listings"]}


def linked(words: str, path: str) -> str:
    return f'<!DOCTYPE html><title>Fictional Academy</title><a href="{path}">{words}</a>'


#: Ways from a home page to a directory, each ending at the same people.
WAYS: dict[str, dict[str, Any]] = {
    "a_link": {},
    "two_steps": {
        "/": linked("Providers", "/providers/"),
        "/providers/": linked("Search our directory", "/search/"),
        "/search/": table(),
    },
    "the_home_page_itself": {"/": table()},
    "a_frame": {
        DIRECTORY: '<title>Find a Therapist</title><iframe src="/frame/"></iframe>',
        "/frame/": table(),
    },
    "a_redirect": {
        DIRECTORY: Answer(status=301, headers={"Location": "/moved/"}),
        "/moved/": table(),
    },
    "past_a_closed_page": {
        "/": linked("Find a Therapist", "/closed/") + linked("Our graduates", "/open/"),
        "/robots.txt": "User-agent: *\nDisallow: /closed/\n",
        "/open/": table(),
    },
    "past_a_dead_link": {
        "/": linked("Find a Therapist", "/dead/") + linked("Our graduates", "/open/"),
        "/open/": table(),
    },
    "in_spanish": {"/": linked("Encuentra un fisioterapeuta", "/es/"), "/es/": table()},
    "pages": {
        DIRECTORY: table(PEOPLE[:3], f'<a rel="next" href="{DIRECTORY}?page=2">Next</a>'),
        f"{DIRECTORY}?page=2": table(PEOPLE[2:]),
    },
    "wrong_charset": {
        DIRECTORY: Answer(body=table().replace("utf-8", "").encode("cp1252")),
    },
    "zipped": {
        DIRECTORY: lambda headers: Answer(
            body=_gzipped(table()) if "gzip" in headers["accept-encoding"] else b"",
            headers={"Content-Encoding": "gzip"},
        )
    },
}


def _gzipped(text: str) -> bytes:
    import gzip  # noqa: PLC0415

    return gzip.compress(text.encode())


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("ways")
    with serving(**WAYS) as servers:
        for name, server in servers.items():
            write_sheet(folder / "sources", name, server.url)
        bundles = crawl_apart(
            folder / "sources", folder / "data", contact="https://needlepoint.example/bot"
        )
    bundles["servers"] = servers
    return bundles


@pytest.mark.parametrize("way", WAYS)
def test_the_directory_is_found_and_read(found: dict[str, Any], way: str) -> None:
    bundle = found[way]
    assert bundle["failure"] is None
    assert names(bundle) == NAMES
    assert bundle["platform"] == "html_listing"
    assert bundle["evidence"]
    assert bundle["directory_url"].startswith(found["servers"][way].url)
    assert bundle["started_at"].endswith("Z")
    assert bundle["finished_at"] >= bundle["started_at"]
    assert bundle["stats"]["recognise/html_listing/certainty"] > 0


def test_robots_txt_comes_first_and_is_asked_once(found: dict[str, Any]) -> None:
    for way in WAYS:
        paths = [path for path, _ in found["servers"][way].asked]
        assert paths[0] == "/robots.txt"
        assert paths.count("/robots.txt") == 1
        assert len(paths) == len(set(paths)), "nothing is asked twice"


def test_every_request_says_who_asks(found: dict[str, Any]) -> None:
    for way in WAYS:
        for _, headers in found["servers"][way].asked:
            assert headers["user-agent"].startswith("NeedlepointBot/")
            assert headers["user-agent"].endswith("(+https://needlepoint.example/bot)")
            assert "cookie" not in headers


def test_what_robots_txt_said_is_noted(found: dict[str, Any]) -> None:
    stats = found["past_a_closed_page"]["stats"]
    host = found["servers"]["past_a_closed_page"].url.removeprefix("http://")
    assert stats[f"robots/{host}/says"] == "rules"
    assert len(stats[f"robots/{host}/sha256"]) == 64
    assert "/closed/" not in found["servers"]["past_a_closed_page"].paths()


def test_login_and_courses_are_not_opened(found: dict[str, Any]) -> None:
    assert found["servers"]["a_link"].paths() == ["/", DIRECTORY]


def test_an_unchanged_directory_is_asked_and_not_sent_again(tmp_path: Path) -> None:
    def once(body: str, etag: str) -> Any:
        def page(headers: Mapping[str, str]) -> Answer:
            if headers.get("if-none-match") == etag:
                return Answer(status=304, headers={"ETag": etag})
            # max-age would let a cache answer without asking: "seen today" would be a lie
            sent = {"ETag": etag, "Cache-Control": "max-age=86400"}
            return Answer(body=body.encode(), headers=sent)

        return page

    site = {"/": once(HOME, '"home"'), DIRECTORY: once(table(), '"v1"')}
    with serving(steady=site) as servers:
        write_sheet(tmp_path / "sources", "steady", servers["steady"].url)
        crawl_apart(tmp_path / "sources", tmp_path / "data")
        first = len(servers["steady"].asked)
        again = crawl_apart(tmp_path / "sources", tmp_path / "data")["steady"]
        asked = servers["steady"].asked[first:]
        assert [headers.get("if-none-match") for _, headers in asked] == [None, '"home"', '"v1"']
        assert again["stats"]["httpcache/revalidate"] == 2
        assert names(again) == NAMES

        servers["steady"].site[DIRECTORY] = once(table(PEOPLE[:4]), '"v2"')
        changed = crawl_apart(tmp_path / "sources", tmp_path / "data")["steady"]
        assert len(changed["listings"]) == 4

        servers["steady"].site[DIRECTORY] = Answer(status=500)
        failed = crawl_apart(tmp_path / "sources", tmp_path / "data")["steady"]
        assert "500" in failed["failure"], "a stored answer never stands in for an error"


def test_a_redirect_does_not_carry_the_conditions_of_the_page_before(tmp_path: Path) -> None:
    def moved(headers: Mapping[str, str]) -> Answer:
        if "if-none-match" in headers or "if-modified-since" in headers:
            return Answer(status=304)
        return Answer(body=table().encode())

    here = Answer(body=table().encode(), headers={"ETag": '"here"'})
    with serving(mover={DIRECTORY: here, "/moved/": moved}) as servers:
        write_sheet(tmp_path / "sources", "mover", servers["mover"].url)
        crawl_apart(tmp_path / "sources", tmp_path / "data")
        servers["mover"].site[DIRECTORY] = Answer(status=302, headers={"Location": "/moved/"})
        again = crawl_apart(tmp_path / "sources", tmp_path / "data")["mover"]
    assert again["failure"] is None
    assert names(again) == NAMES


def test_sources_on_one_host_share_its_turns(tmp_path: Path) -> None:
    at_once = {"now": 0, "most": 0}

    def slow(_: Mapping[str, str]) -> Answer:
        at_once["now"] += 1
        at_once["most"] = max(at_once["most"], at_once["now"])
        time.sleep(0.05)
        at_once["now"] -= 1
        return Answer(body=table().encode())

    site = {f"/{name}/": slow for name in ("one", "two", "three")}
    with serving(host=site) as servers:
        url = servers["host"].url
        for name in ("one", "two", "three"):
            write_sheet(tmp_path / "sources", name, url, directory_url=f"{url}/{name}/")
        found = crawl_apart(tmp_path / "sources", tmp_path / "data")
    assert all(names(found[name]) == NAMES for name in ("one", "two", "three"))
    assert at_once["most"] == 1


def test_a_named_platform_is_the_only_one_asked(tmp_path: Path) -> None:
    with serving(plain={}) as servers:
        url = servers["plain"].url
        write_sheet(tmp_path / "sources", "plain", url, platform="wp_store_locator")
        bundle = crawl_apart(tmp_path / "sources", tmp_path / "data")["plain"]
    assert "looked for WP Store Locator on" in bundle["failure"]


def test_an_interrupted_run_is_a_failed_run(tmp_path: Path) -> None:
    def never(_: Mapping[str, str]) -> Answer:
        time.sleep(3)
        return Answer(body=table().encode())

    with serving(quick={}, stuck={DIRECTORY: never}) as servers:
        for name, server in servers.items():
            write_sheet(tmp_path / "sources", name, server.url)
        words = ["crawl", "--all", "--data", tmp_path / "data", "--sources", tmp_path / "sources"]
        with subprocess.Popen(
            [sys.executable, "-m", "commands", *map(str, words)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("quick"):
                    break
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert "stuck" in out
    assert "ended before it was done (shutdown)" in out
    assert _verdicts(tmp_path / "data") == {"quick": "good", "stuck": "failed"}


def _verdicts(data: Path) -> dict[str, str]:
    db = open_working(data)
    try:
        return {row["source_id"]: row["verdict"] for row in db["run"].rows}
    finally:
        db.conn.close()


def test_the_command_keeps_what_it_finds_and_says_what_changed(tmp_path: Path) -> None:
    words = ("crawl", "a_link", "--data", tmp_path / "data", "--sources", tmp_path / "sources")
    with serving(a_link={}) as servers:
        write_sheet(tmp_path / "sources", "a_link", servers["a_link"].url)
        first = needlepoint(*words)
        moved = (("Ada Sampleton, PT", "Columbus", "OH", "43215", "614-555-0199"), *PEOPLE[1:])
        servers["a_link"].site[DIRECTORY] = table(moved)
        second = needlepoint(*words)
    assert first.returncode == 0, first.stdout + first.stderr
    head, line = first.stdout.splitlines()
    assert head.split() == ["source", "asked", "listings", "new", "changed", "missing", "run"]
    assert line.split()[:6] == ["a_link", "2", "5", "5", "0", "0"]
    assert "good: all" in line
    assert second.returncode == 0, second.stdout + second.stderr


ACTIVE = {"state": "active", "reason": "a local server", "date": "2026-01-02"}
PROPOSED = {"state": "proposed", "reason": "nobody has looked", "date": "2026-01-02"}
FORBIDDEN = {"state": "forbidden", "reason": "its owner said no", "date": "2026-01-02"}
URL = "http://127.0.0.1:9"


def test_an_unknown_source_lists_those_there_are(tmp_path: Path) -> None:
    write_sheet(tmp_path, "one", URL)
    write_sheet(tmp_path, "two", URL)
    done = needlepoint("crawl", "nosuch", "--data", tmp_path / "data", "--sources", tmp_path)
    assert done.returncode == 1
    assert "no source named nosuch. There are: one, two" in done.stderr
    assert "Traceback" not in done.stderr


def test_with_nothing_decided_nothing_is_crawled(tmp_path: Path) -> None:
    write_sheet(tmp_path, "new", URL, status=PROPOSED, terms={"url": f"{URL}/terms"})
    write_sheet(tmp_path, "never", URL, status=FORBIDDEN)
    done = needlepoint("crawl", "--all", "--data", tmp_path / "data", "--sources", tmp_path)
    assert done.returncode == 3
    assert done.stdout == ""
    assert f"new: nobody has recorded a decision about its terms ({URL}/terms)" in done.stderr
    assert "needlepoint accept new" in done.stderr
    assert "never: forbidden since 2026-01-02: its owner said no. It never runs." in done.stderr
    assert not (tmp_path / "data" / "working.db").exists()


def test_the_shipped_sheets_crawl_nothing_yet(tmp_path: Path) -> None:
    done = needlepoint("crawl", "--all", "--data", tmp_path)
    assert done.returncode == 3
    assert "needlepoint accept integrative_dry_needling" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [PROPOSED, FORBIDDEN])
def test_naming_a_source_that_may_not_run_exits_3(tmp_path: Path, status: Any) -> None:
    write_sheet(tmp_path, "one", URL, status=status)
    write_sheet(tmp_path, "two", URL)
    done = needlepoint("crawl", "one", "two", "--data", tmp_path / "data", "--sources", tmp_path)
    assert done.returncode == 3
    assert f"one was not crawled: {status['state']}" in done.stderr
    assert not (tmp_path / "data" / "working.db").exists()


@pytest.mark.parametrize("words", [(), ("one", "--all")])
def test_name_sources_or_say_all(tmp_path: Path, words: tuple[str, ...]) -> None:
    write_sheet(tmp_path, "one", URL)
    done = needlepoint("crawl", *words, "--data", tmp_path / "data", "--sources", tmp_path)
    assert done.returncode == 2
    assert "--all" in done.stderr


def test_a_dry_run_says_what_would_be_asked(tmp_path: Path) -> None:
    with serving(one={}) as servers:
        write_sheet(tmp_path, "one", servers["one"].url)
        done = needlepoint(
            "crawl", "one", "--dry-run", "--data", tmp_path / "data", "--sources", tmp_path
        )
        assert servers["one"].asked == []
    assert done.returncode == 0
    assert f"{servers['one'].url}/robots.txt" in done.stdout
    assert "NeedlepointBot/" in done.stdout


def test_real_servers_are_told_whom_to_write_to(tmp_path: Path) -> None:
    write_sheet(tmp_path, "real", "https://directory.example")
    words = ("crawl", "real", "--data", tmp_path / "data", "--sources", tmp_path)
    done = needlepoint(*words)
    assert done.returncode == 2
    assert "--contact" in done.stderr
    done = needlepoint(*words, "--contact", "me")
    assert done.returncode == 2
    assert "'me' is no address" in done.stderr


def test_a_wrong_sheet_is_named(tmp_path: Path) -> None:
    path = write_sheet(tmp_path, "one", URL)
    path.write_text(json.dumps({**json.loads(path.read_text()), "colour": "blue"}))
    done = needlepoint("crawl", "--all", "--data", tmp_path / "data", "--sources", tmp_path)
    assert done.returncode == 1
    assert "one.yml: colour: unknown key; allowed here: id," in done.stderr


def test_a_folder_is_crawled_by_one_at_a_time(tmp_path: Path) -> None:
    with serving(host={}) as servers:
        write_sheet(tmp_path / "sources", "host", servers["host"].url)
        folders = ("--sources", tmp_path / "sources", "--data", tmp_path / "data")
        (tmp_path / "data").mkdir()
        with (tmp_path / "data" / "needlepoint.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write("needlepoint run, process 7")
            lock.flush()
            second = needlepoint("crawl", "host", *folders)
            assert needlepoint("crawl", "host", *folders, "--dry-run").returncode == 0
        assert second.returncode == 75
        assert "is in use: needlepoint run, process 7. Try again" in second.stderr
        assert servers["host"].paths() == []
        assert needlepoint("crawl", "host", *folders).returncode == 0
