"""The private page for what waits for a person, over HTTP and in a browser without scripts."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import sync_playwright
from sqlite_utils import Database

from commands.review_page import is_loopback
from commands.store import alone
from db.links import Check, Link, keep_checks
from db.review import questions
from db.runs import take_in
from db.working import open_working
from matching.rebuild import match
from reviewing import kinds
from tests.conftest import ROOT, free_port, needlepoint
from tests.store_fixtures import people, person, run, sheet
from tests.test_finder_browser import CHROMIUM


def doubtful(number: int, source: str, suffix: str | None) -> Any:
    """A listing whose like in the other directory lacks the suffix: nobody can tell."""
    return person(
        number, source, given="Samuel", family=f"Doubt{'abc'[number]}", clean={"suffix": suffix}
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two pairs in doubt, and one entry whose printed point was not believed."""
    db = open_working(tmp_path)
    far = person(7, given="Far", family="Off", clean={"point_note": "812 miles from the town"})
    alpha = [doubtful(1, "alpha", "Jr."), doubtful(2, "alpha", None), far, *people(1, first=5)]
    beta = [doubtful(1, "beta", None), doubtful(2, "beta", "III"), *people(1, "beta", 5)]
    take_in(db, sheet("alpha"), run(alpha))
    take_in(db, sheet("beta"), run(beta, 1, "beta"))
    match(db)
    db.close()
    return tmp_path


@pytest.fixture
def site(data: Path) -> Iterator[str]:
    """The page's address, served by the program itself."""
    port = free_port()
    words = [sys.executable, "-m", "commands", "review", "--serve", "--port", str(port),
             "--by", "A tester", "--data", str(data)]  # fmt: skip
    with (data / "log").open("w") as log:
        process = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(300):
                assert process.poll() is None, (data / "log").read_text()
                try:
                    httpx.get(address)
                    break
                except httpx.TransportError:
                    continue
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture
def visitor(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site, follow_redirects=True) as client:
        yield client


@pytest.fixture
def db(data: Path) -> Iterator[Database]:
    opened = open_working(data)
    yield opened
    opened.close()


def token(page: httpx.Response) -> str:
    found = re.search(r'name="csrftoken" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


FIRST = {"left": "alpha:1", "right": "beta:1"}
SECOND = {"left": "alpha:2", "right": "beta:2"}
WHO = {"by": "A tester", "reason": "asked by telephone"}


def said(db: Database) -> list[tuple[Any, ...]]:
    return list(
        db.conn.execute(
            'select "left", judgement, evidence, "by", deleted_at is not null from match_decision'
            " where \"by\" <> 'rule' order by id"
        )
    )


def test_both_entries_stand_side_by_side_with_the_evidence(visitor: httpx.Client) -> None:
    queue = visitor.get("/")
    assert "Pairs of entries: 2" in queue.text
    page = visitor.get("/pair", params=FIRST)
    assert "Question 1 of 2" in page.text
    for words in ("Samuel Doubtb, PT", "only one of them has a suffix", "family name: same (+",
                  '<th scope="col">alpha:1</th>', '<th scope="row">phone</th>', "Same person",
                  "Different people", "Skip", '<label for="reason">'):  # fmt: skip
        assert words in page.text, words
    assert "script" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    for path in re.findall(r'href="(/static/[^"]+)"', page.text):
        assert visitor.get(path).status_code == 200


def test_answers_lead_on_are_kept_and_are_taken_back(visitor: httpx.Client, db: Database) -> None:
    mark = token(visitor.get("/pair", params=FIRST))
    form = {"csrftoken": mark, **WHO}
    skipped = visitor.post("/pair", data={**form, **FIRST, "answer": "skip"})
    assert "alpha%3A2" in str(skipped.url)
    assert said(db) == []
    after = visitor.post("/pair", data={**form, **FIRST, "answer": "same"})
    assert "Question 1 of 1" in after.text
    assert "Decided last: alpha:1 and beta:1, one person" in after.text
    assert said(db) == [("alpha:1", "same", "asked by telephone", "A tester", 0)]
    done = visitor.post("/pair", data={**form, **SECOND, "answer": "different"})
    assert str(done.url).endswith("/")
    assert "Nothing waits" in done.text
    rebuilt = visitor.post("/rebuild", data=form)
    assert "Practitioners are rebuilt" in rebuilt.text
    homes = dict(db.conn.execute("select * from membership"))
    assert homes["alpha:1"] == homes["beta:1"]
    assert homes["alpha:2"] != homes["beta:2"]
    undone = visitor.post("/pair/undo", data={**form, **FIRST})
    assert (undone.status_code, "alpha%3A1" in str(undone.url)) == (200, True)
    assert [row[-1] for row in said(db)] == [1, 0]
    match(db)
    assert [one.left for one in questions(db)] == ["alpha:1"]
    again = visitor.post("/pair/undo", data={**form, **FIRST})
    assert (again.status_code, "nobody has decided about" in again.text) == (409, True)


@pytest.mark.parametrize(
    ("changes", "headers"),
    [
        ({"csrftoken": ""}, {}),
        ({"csrftoken": "wrong"}, {}),
        ({}, {"origin": "https://directory.example"}),
        ({}, {"origin": "null"}),
        ({}, {"origin": "http://127.0.0.1:1"}),
        ({}, {"sec-fetch-site": "cross-site"}),
        ({}, {"host": "directory.example"}),
        ({}, {"authorization": "Bearer anything"}),
    ],
)
def test_forms_of_other_pages_are_refused(
    visitor: httpx.Client, db: Database, changes: dict[str, str], headers: dict[str, str]
) -> None:
    mark = token(visitor.get("/pair", params=FIRST))
    form = {"csrftoken": mark, **WHO, **FIRST, "answer": "same"} | changes
    assert visitor.post("/pair", data=form, headers=headers).status_code == 403
    assert said(db) == []


def test_a_form_without_the_page_before_it_is_refused(site: str, db: Database) -> None:
    bare = httpx.post(f"{site}/pair", data={**WHO, **FIRST, "answer": "same"})
    assert bare.status_code == 403
    assert said(db) == []


def test_only_this_page_is_there_and_only_under_its_own_name(visitor: httpx.Client) -> None:
    for path in ("/_memory", "/-/versions", "/-/plugins", "/_internal", "/static/site.css/x"):
        assert visitor.get(path).status_code == 404, path
    # A foreign name that was pointed at this machine reads nothing.
    foreign = visitor.get("/", headers={"host": "directory.example"})
    assert (foreign.status_code, "Doubt" in foreign.text) == (403, False)
    assert visitor.request("DELETE", "/pair").status_code == 405


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"left": "alpha:1", "right": "x:9", "answer": "same"}, 404, "no listing has the id x:9"),
        ({"left": "alpha:1", "right": "", "answer": "same"}, 400, "names no two listings"),
        ({**FIRST, "answer": "maybe"}, 400, "maybe is no judgement"),
        ({**FIRST, "answer": "same", "by": " "}, 400, "who decides, and why"),
        ({**FIRST, "answer": "same", "reason": ""}, 400, "who decides, and why"),
        ({**FIRST, "answer": "same", "by": "rule"}, 400, "who decides, and why"),
    ],
)
def test_what_is_no_answer_is_explained(
    visitor: httpx.Client, db: Database, form: dict[str, str], status: int, words: str
) -> None:
    mark = token(visitor.get("/pair", params=FIRST))
    answer = visitor.post("/pair", data={"csrftoken": mark, **WHO, **form})
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert said(db) == []


def test_while_a_run_is_at_work_nothing_is_written(
    visitor: httpx.Client, db: Database, data: Path
) -> None:
    mark = token(visitor.get("/pair", params=FIRST))
    form = {"csrftoken": mark, **WHO, **FIRST, "answer": "same"}
    with alone(data, "run"):
        busy = visitor.post("/pair", data=form)
        assert visitor.get("/pair", params=FIRST).status_code == 200
    assert (busy.status_code, "is in use: needlepoint run" in busy.text) == (503, True)
    assert said(db) == []
    assert visitor.post("/pair", data=form).status_code == 200


def test_places_in_doubt_are_listed(visitor: httpx.Client) -> None:
    assert "Places in doubt" in visitor.get("/").text
    page = visitor.get("/kind/points").text
    for words in ("Far Off, PT", "812 miles from the town", "39.9612, -82.9988", "alpha:7"):
        assert words in page
    assert visitor.get("/kind/nothing").status_code == 404


def answers(db: Database) -> list[tuple[Any, ...]]:
    return list(
        db.conn.execute(
            'select listing_id, answer, reason, "by", deleted_at is not null from point_decision'
        )
    )


def test_a_place_in_doubt_is_answered_and_asked_again_once_taken_back(
    visitor: httpx.Client, db: Database
) -> None:
    form = {"csrftoken": token(visitor.get("/kind/points")), **WHO, "item": "alpha:7"}
    after = visitor.post("/kind/points", data={**form, "answer": "none"})
    assert "Places in doubt: 0" in after.text
    assert "alpha:7: Neither is right: show no point, A tester" in after.text
    assert answers(db) == [("alpha:7", "none", "asked by telephone", "A tester", 0)]
    assert "listings placed anew" in visitor.post("/rebuild", data=form).text
    stored = "select latitude, precision, point_note from listing where id = 'alpha:7'"
    assert db.conn.execute(stored).fetchone() == (
        None, None, "a person found no point for this address that is right",
    )  # fmt: skip
    undone = visitor.post("/kind/points/undo", data=form)
    assert "Places in doubt: 1" in undone.text
    assert [row[-1] for row in answers(db)] == [1]
    again = visitor.post("/kind/points/undo", data=form)
    assert (again.status_code, "nobody has decided about the place" in again.text) == (409, True)
    # What is printed agrees with the address: placed anew there is nothing left to ask.
    assert visitor.post("/rebuild", data=form).status_code == 200
    assert db.conn.execute(stored).fetchone() == (39.9612, "source", None)


@pytest.mark.parametrize(
    ("path", "changes", "headers", "status", "words"),
    [
        ("", {"answer": "maybe"}, {}, 400, "that is no answer"),
        ("", {"item": "alpha:99"}, {}, 404, "no listing has the id alpha:99"),
        ("", {"reason": " "}, {}, 400, "who decides, and why"),
        ("", {"csrftoken": "wrong"}, {}, 403, ""),
        ("", {}, {"origin": "https://directory.example"}, 403, "Nothing done"),
        ("/undo", {}, {"origin": "https://directory.example"}, 403, "Nothing done"),
        ("/undo", {}, {}, 409, "nobody has decided"),
    ],
)
def test_what_is_no_answer_about_a_place(  # noqa: PLR0917 - a table of cases
    visitor: httpx.Client,
    db: Database,
    path: str,
    changes: dict[str, str],
    headers: dict[str, str],
    status: int,
    words: str,
) -> None:
    form = {"csrftoken": token(visitor.get("/kind/points")), **WHO, "item": "alpha:7"}
    form |= {"answer": "used"} | changes
    answer = visitor.post(f"/kind/points{path}", data=form, headers=headers)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert answers(db) == []


def test_answers_to_reports_are_not_taken_back(visitor: httpx.Client) -> None:
    form = {"csrftoken": token(visitor.get("/kind/points")), "item": "NP-1"}
    refused = visitor.post("/kind/reports/undo", data=form)
    assert (refused.status_code, "cannot be taken back" in refused.text) == (400, True)
    assert visitor.post("/kind/nothing/undo", data=form).status_code == 404


def test_links_that_fail_are_shown_with_host_address_and_day(
    visitor: httpx.Client, db: Database
) -> None:
    assert "Links that do not answer</a>: 0" in visitor.get("/").text
    profile = "https://alpha.directory.example/p/5"
    link = Link(profile, "profile", "alpha", "alpha:5")
    for day, answer in enumerate(("2xx", "4xx", "not_asked", "none"), 10):
        keep_checks(db, [Check(link, answer, 404, f"2026-11-{day}T00:00:00Z")])  # type: ignore[arg-type]
    # Nobody gives this address any more; only its hash is there.
    gone = Link("https://example.com/gone", "website", "alpha", "alpha:5")
    keep_checks(db, [Check(gone, "none", None, "2026-11-10T00:00:00Z")])
    assert "Links that do not answer</a>: 1" in visitor.get("/").text
    page = visitor.get("/kind/links").text
    for words in (
        f"<h2>{profile}</h2>", "<dt>Host</dt><dd>alpha.directory.example</dd>",
        "<dt>Failing since</dt><dd>2026-11-11</dd>", "<dt>Failed in a row</dt><dd>2</dd>",
        "<dt>Last asked</dt><dd>2026-11-13</dd>", "alpha:5, profile", f'href="{profile}"',
    ):  # fmt: skip
        assert words in page, words
    assert "<form" not in page
    assert "example.com/gone" not in page
    keep_checks(db, [Check(link, "2xx", 200, "2026-11-20T00:00:00Z")])
    assert "Nothing waits" in visitor.get("/kind/links").text


def test_every_kind_can_be_listed_and_has_buttons_only_with_an_answer(db: Database) -> None:
    for slug, kind in kinds.KINDS.items():
        assert re.fullmatch(r"[a-z-]+", slug)
        assert bool(kind.answers) == (kind.answer is not None)
        ids = [item.id for item in kind.read(db)]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
        ("0.0.0.0", False), ("::", False), ("192.0.2.7", False), ("example.com", False),
    ],
)  # fmt: skip
def test_what_other_machines_reach(host: str, local: bool) -> None:
    assert is_loopback(host) is local


def test_it_listens_for_others_only_when_told_to(data: Path, tmp_path_factory: Any) -> None:
    serving = ("review", "--serve", "--port", "0", "--data")
    refused = needlepoint(*serving, data, "--host", "0.0.0.0", timeout=60)
    assert (refused.returncode, "say --expose" in refused.stderr) == (1, True)
    assert "Traceback" not in refused.stderr
    empty = needlepoint(*serving, tmp_path_factory.mktemp("empty"), timeout=60)
    assert (empty.returncode, "is not there yet" in empty.stderr) == (1, True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        busy = needlepoint("review", "--serve", "--port", port, "--data", data, timeout=60)
    assert (busy.returncode, "needlepoint review --serve --port" in busy.stderr) == (1, True)


@pytest.mark.browser
def test_a_browser_without_scripts_answers(site: str, db: Database) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda one: complaints.append(one.text))
        page.goto(site)
        page.get_by_role("link", name="Begin").click()
        page.get_by_label("Why").fill("they share a desk")
        page.get_by_role("button", name="Different people").click()
        page.get_by_role("heading", name="One person or two?").wait_for()
        assert said(db) == [("alpha:1", "different", "they share a desk", "A tester", 0)]
        page.get_by_role("button", name="Undo").click()
        page.get_by_text("Question 1 of 2").wait_for()
        assert said(db)[0][-1] == 1
        browser.close()
    assert complaints == []
