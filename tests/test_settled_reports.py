"""What a maintainer does with reports, in the terminal and on the private page, and the public
count of it."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlite_utils import Database

from db.published import publish
from db.quality import quality
from db.report_inbox import NewReport, append
from db.reports import NoSuchReport, answer, report_counts, report_of, waiting
from db.runs import take_in
from db.working import open_working
from matching.rebuild import match
from plugins.pages.reporting import choices
from reviewing.reports import WHAT, settle
from tests.conftest import ROOT, needlepoint
from tests.store_fixtures import people, person, run, sheet
from tests.test_review_page import site, token, visitor

__all__ = ["site", "visitor"]

AT = "2026-11-20T10:00:00Z"
WHO = {"by": "A tester", "note": "called the practice"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four people; a reader's report, a removal and a correction about the first of them."""
    db = open_working(tmp_path)
    take_in(db, sheet("alpha"), run([person(9, given="Vera", family="Fictionella"), *people(3)]))
    take_in(
        db, sheet("beta"), run([person(9, "beta", given="Vera", family="Fictionella")], 1, "beta")
    )
    match(db)
    [[vera]] = db.conn.execute(
        "select practitioner_id from membership where listing_id = 'alpha:9'"
    ).fetchall()
    db.close()
    for number, kind, what, text, contact in (
        ("NP-2222-22", "wrong", "other", "Vera Fictionella\nhas <moved>", "reader@example.com"),
        ("NP-3333-33", "removal", "removal", "", "vera@example.com"),
        ("NP-4444-44", "correction", "correction", "Dr. Fictionella", None),
    ):
        new = NewReport(kind, vera, None, "9 Secret Lane, Columbus, OH", what, text, contact)
        append(tmp_path, new, number, AT)
    return tmp_path


@pytest.fixture
def db(data: Path) -> Iterator[Database]:
    opened = open_working(data)
    yield opened
    opened.close()


def test_answers_and_closing(db: Database) -> None:
    assert [one.reference[3] for one in waiting(db)] == ["2", "3", "4"]
    first = answer(db, "np-2222-22", **WHO, at="2026-11-22T08:00:00Z")
    assert (first.status, first.first_answer_at) == ("answered", "2026-11-22T08:00:00Z")
    assert (first.answer, first.answered_by) == ("called the practice", "A tester")
    assert first.reply_to == "reader@example.com"
    # Who has an answer stands behind those who wait.
    assert [one.reference[3] for one in waiting(db)] == ["3", "4", "2"]
    closed = answer(
        db, "NP-2222-22", note="it moved", by="B", at="2026-11-25T08:00:00Z", close=True
    )
    assert (closed.status, closed.closed_at) == ("closed", "2026-11-25T08:00:00Z")
    assert closed.first_answer_at == "2026-11-22T08:00:00Z"
    assert closed.reply_to is None
    assert [one.reference[3] for one in waiting(db)] == ["3", "4"]
    with pytest.raises(ValueError, match="closed already"):
        answer(db, "NP-2222-22", **WHO, at=AT)
    with pytest.raises(ValueError, match="who answers"):
        answer(db, "NP-3333-33", note=" ", by="A", at=AT)
    with pytest.raises(NoSuchReport):
        answer(db, "NP-9999-99", **WHO, at=AT)


def test_a_removal_is_a_forgetting(data: Path, db: Database) -> None:
    with pytest.raises(ValueError, match="does not ask for a removal"):
        settle(db, "NP-2222-22", "forget", **WHO, at=AT)
    with pytest.raises(ValueError, match="who answers"):
        settle(db, "NP-3333-33", "forget", note="", by="A", at=AT)
    told = settle(db, "NP-3333-33", "forget", **WHO, at="2026-11-23T10:00:00Z")
    assert "2 listings deleted" in told
    [[hashes]] = db.conn.execute("select count(*) from suppression").fetchall()
    assert hashes > 3
    for number in ("NP-2222-22", "NP-3333-33", "NP-4444-44"):
        now = report_of(db, number)
        assert (now.status, now.first_answer_at) == ("closed", "2026-11-23T10:00:00Z")
        assert (now.message, now.reply_to, now.place, now.practitioner_id) == ("", None, None, "")
    content = (data / "working.db").read_bytes()
    for trace in (b"Fictionella", b"Secret Lane", b"vera@", b"reader@", b"<moved>"):
        assert trace not in content, trace
    with pytest.raises(ValueError, match="closed already"):
        settle(db, "NP-3333-33", "forget", **WHO, at=AT)


def test_a_removal_after_the_entry_is_gone_is_explained(data: Path, db: Database) -> None:
    append(data, NewReport("removal", "np-x", None, None, "removal", "", None), "NP-5555-55", AT)
    with pytest.raises(ValueError, match="no practitioner has the id np-x; close it instead"):
        settle(db, "NP-5555-55", "forget", **WHO, at=AT)
    assert settle(db, "NP-5555-55", "closed", **WHO, at=AT) == "NP-5555-55: closed"


def test_a_report_under_a_former_id_is_forgotten_too(data: Path, db: Database) -> None:
    vera = report_of(db, "NP-3333-33").practitioner_id
    db.conn.execute("insert into practitioner_alias values ('np-before', ?, ?)", (vera, AT))
    db.conn.commit()
    new = NewReport("wrong", "np-before", None, None, "person", "Fictionella again", None)
    append(data, new, "NP-6666-66", AT)
    settle(db, "NP-3333-33", "forget", **WHO, at=AT)
    assert report_of(db, "NP-6666-66").message == ""


def test_in_the_terminal(data: Path, db: Database) -> None:
    listed = needlepoint("review", "--list", "--data", data)
    assert "NP-3333-33  removal" in listed.stdout
    assert "Wants to be taken out. Answer by 2026-11-27." in listed.stdout
    assert "3 reports and requests are not closed" in listed.stdout
    for words, told in (
        (("--report", "NP-2222-22"), "--report NUMBER goes with"),
        (("--report", "NP-2222-22", "--closed"), "say who answered, and what"),
        (("--report", "NP-9999-99", "--closed", "--by", "A", "--reason", "x"), "no report NP-9"),
        (("--report", "NP-4444-44", "--forget", "--by", "A", "--reason", "x"), "does not ask"),
    ):
        done = needlepoint("review", *words, "--data", data)
        assert (done.returncode != 0, told in done.stderr) == (True, True), done.stderr
        assert "Traceback" not in done.stderr
    closed = needlepoint(
        "review", "--report", "NP-4444-44", "--closed", "--by", "A", "--reason", "the directory"
        " corrected it", "--data", data,
    )  # fmt: skip
    assert (closed.returncode, closed.stdout) == (0, "NP-4444-44: closed\n")
    asked = subprocess.run(
        [sys.executable, "-m", "commands", "review", "--data", str(data)],
        cwd=ROOT, input="A tester\na\nasked them\nf\ntheir site has the number\n",
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    for words in ("Report 1 of 2", "Name       Vera Fictionella", "Text       Vera Fictionella\n",
                  "             has <moved>", "Contact    reader@example.com",
                  "[f]orget the person", "Printed at https://beta.directory.example/p/9",
                  "NP-2222-22: answered", "2 listings deleted", "3 practitioners"):  # fmt: skip
        assert words in asked.stdout, asked.stdout
    assert waiting(db) == []


def test_a_report_about_the_site_is_about_nobody(
    data: Path, db: Database, visitor: httpx.Client
) -> None:
    new = NewReport("site", "", None, None, "barrier", "The map traps the focus.", None)
    append(data, new, "NP-7777-77", AT)
    listed = needlepoint("review", "--list", "--data", data).stdout
    assert "NP-7777-77  site        This site itself  Something keeps a reader out." in listed
    page = visitor.get("/kind/reports")
    for words in ("NP-7777-77", "This site itself", "The map traps the focus."):
        assert words in page.text, words
    settle(db, "NP-3333-33", "forget", **WHO, at=AT)  # takes nothing of it along
    assert report_of(db, "NP-7777-77").message == "The map traps the focus."
    assert settle(db, "NP-7777-77", "closed", **WHO, at=AT) == "NP-7777-77: closed"
    with pytest.raises(ValueError, match="does not ask for a removal"):
        settle(db, "NP-7777-77", "forget", **WHO, at=AT)


def test_on_the_private_page(data: Path, db: Database, visitor: httpx.Client) -> None:
    overview = visitor.get("/").text
    assert "Reports of mistakes</a>: 1" in overview
    assert "Corrections and removals</a>: 2" in overview
    page = visitor.get("/kind/reports")
    for words in ("Vera Fictionella", "has &lt;moved&gt;", "reader@example.com", "NP-2222-22",
                  "Answer by 2026-11-27", "What you found or answered",
                  "9 Secret Lane"):  # fmt: skip
        assert words in page.text, words
    assert "Take the person out" not in page.text
    form = {"csrftoken": token(page), "by": "A tester", "reason": "they have moved"}
    done = visitor.post("/kind/reports", data={**form, "item": "NP-2222-22", "answer": "closed"})
    assert (done.status_code, "Nothing waits" in done.text) == (200, True)
    assert report_of(db, "NP-2222-22").answer == "they have moved"
    wrong = {**form, "item": "NP-4444-44", "answer": "forget"}
    refused = visitor.post("/kind/removals", data=wrong)
    assert (refused.status_code, "does not ask for a removal" in refused.text) == (400, True)
    out = visitor.post("/kind/removals", data={**form, "item": "NP-3333-33", "answer": "forget"})
    assert (out.status_code, "Nothing waits" in out.text) == (200, True)
    [[left]] = db.conn.execute("select count(*) from listing").fetchall()
    assert left == 3


def at(days: float) -> str:
    return (dt.datetime(2026, 11, 1, 12) + dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_public_file_counts_and_tells_nothing(data: Path, db: Database) -> None:
    db.conn.execute("delete from report")
    db.conn.commit()
    #: kind, received, first answer and closing in days
    told: list[tuple[str, float, float | None, float | None]] = [
        ("wrong", -3, 3.9, 4), ("wrong", -3, 4.1, None), ("wrong", -2, None, None),
        ("wrong", 0, 7, None), ("wrong", 0, 7.01, None), ("removal", 5, None, None),
        ("removal", 5, 12, 12), ("correction", 14, None, None),
    ]  # fmt: skip
    for number, (kind, received, answered, closed) in enumerate(told):
        new = NewReport(kind, "np-1", None, None, "other", "a private text", "me@example.com")
        reference = f"NP-{number + 2}{number + 2}AB-CD"
        append(data, new, reference, at(received))
        if answered is not None:
            answer(db, reference, note="private note", by="Private Name", at=at(answered))
        if closed is not None:
            answer(db, reference, note="done", by="Private Name", at=at(closed), close=True)
    assert [tuple(row.values()) for row in report_counts(db, at(11))] == [
        ("2026-10", "wrong", 3, 1, 0, 1),
        ("2026-11", "correction", 1, 0, 1, 0),
        ("2026-11", "removal", 2, 1, 1, 1),
        ("2026-11", "wrong", 2, 1, 0, 0),
    ]
    publish(db, data, now=dt.datetime(2026, 11, 16, tzinfo=dt.UTC))
    with closing(sqlite3.connect(data / "directory.db")) as public:
        rows = public.execute("select * from report_count where kind = 'removal'").fetchall()
        [goal] = [one for one in quality(public) if one.goal == "G8"]
        counted = public.execute(goal.sql or "").fetchone()
    assert rows == [("2026-11", "removal", 2, 1, 0, 1)]
    assert counted == (goal.numerator, goal.denominator) == (3, 7)
    assert "yet:" not in goal.note
    content = (data / "directory.db").read_bytes()
    for private in (b"private text", b"me@example", b"Private Name", b"AB-CD", b"private note"):
        assert private not in content


def test_every_choice_has_words_for_the_maintainer() -> None:
    every: dict[str, Any] = choices("report") | choices("removal") | choices("site")
    assert set(WHAT) == set(every)
    assert all(re.fullmatch(r"[a-z]+", one) for one in every)
