"""What a person decides about two listings: kept to in every rerun, and taken back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from sqlite_utils import Database

from commands.review import command
from db.accepted_runs import accept_run
from db.gazetteer_file import ensure
from db.profile import Moved, Profile, profile
from db.published import publish
from db.review import NothingDecided, decide_pair, questions, take_back
from db.runs import take_in
from db.working import open_working
from matching.rebuild import match
from tests.conftest import served
from tests.store_fixtures import people, person, run, sheet

AT = "2026-03-05T00:00:00Z"


def suffixed(number: int, source: str, suffix: str | None) -> Any:
    """A listing whose like in another directory lacks the suffix: nobody can tell."""
    return person(number, source, given="Samuel", family=f"Doubt{'abc'[number]}",
                  clean={"suffix": suffix})  # fmt: skip


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure(tmp_path_factory.mktemp("gazetteer"))


@pytest.fixture
def data(tmp_path: Path, gazetteer: Path) -> Path:
    """Two directories, two people in doubt, one in both without any."""
    shutil.copy(gazetteer, tmp_path)
    db = open_working(tmp_path)
    take_in(db, sheet("alpha"), run([suffixed(1, "alpha", "Jr."), suffixed(2, "alpha", None),
                                     *people(1, "alpha", 5)]))  # fmt: skip
    take_in(db, sheet("beta"), run([suffixed(1, "beta", None), suffixed(2, "beta", "III"),
                                    *people(1, "beta", 5)], 1, "beta"))  # fmt: skip
    match(db)
    db.close()
    return tmp_path


def review(data: Path, *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(
        command, [*words, "--data", str(data), "--sources", str(data)], input=typed
    )


def homes(data: Path) -> dict[str, str]:
    db = open_working(data)
    try:
        return dict(db.conn.execute("select listing_id, practitioner_id from membership"))
    finally:
        db.close()


def test_the_queue_shows_both_side_by_side(data: Path) -> None:
    listed = review(data, "--list")
    assert "2 pairs wait for a person" in listed.output
    asked = review(data, typed="A tester\nq\n")
    assert asked.exit_code == 0, asked.output
    assert "1 of 2" in asked.output
    for line in ("alpha:1", "beta:1", "Evidence (bits;", "only one of them has a suffix",
                 "family name: same (+", "0 decided, 2 not reached"):  # fmt: skip
        assert line in asked.output


def test_an_answer_outlives_reruns_and_a_rebuild(data: Path) -> None:
    before = homes(data)
    assert before["alpha:1"] != before["beta:1"]
    done = review(data, typed="A tester\ns\nasked by telephone\nd\nfather and son\n")
    assert done.exit_code == 0, done.output
    assert "2 decided by a person" in done.output
    after = homes(data)
    assert after["alpha:1"] == after["beta:1"] == before["alpha:1"]
    assert after["alpha:2"] != after["beta:2"]
    assert "Nothing waits" in review(data).output
    db = open_working(data)
    match(db)
    # From nothing but listings and decisions the same practitioners come again.
    with db.atomic():
        for table in ("membership", "practitioner_alias", "practitioner"):
            db.conn.execute(f"delete from {table}")
        db.conn.execute("delete from match_decision where \"by\" = 'rule'")
    match(db)
    kept = db.execute(
        'select "by", evidence from match_decision where "by" <> \'rule\' order by id'
    ).fetchall()
    db.close()
    assert kept == [("A tester", "asked by telephone"), ("A tester", "father and son")]
    assert homes(data) == after


def test_undo_in_a_session_asks_again(data: Path) -> None:
    done = review(data, typed="A tester\nu\ns\nwrong key\nu\nk\n?\nnobody knows\n")
    assert done.exit_code == 0, done.output
    assert "nothing to take back yet" in done.output
    assert "taken back: same" in done.output
    parted = homes(data)
    assert parted["alpha:1"] != parted["beta:1"]
    # Skipped is asked again, "?" is not.
    assert "1 pairs wait for a person" in review(data, "--list").output


def test_one_pair_without_a_terminal(data: Path) -> None:
    before = homes(data)
    why = ("--by", "A tester", "--reason", "one telephone call")
    joined = review(data, "--pair", "beta:2", "alpha:2", "--same", *why)
    assert "alpha:2 and beta:2: same" in joined.output, joined.output
    assert homes(data)["alpha:2"] == homes(data)["beta:2"]
    # What a person joined another may part: the newest decision counts, and undo goes back one.
    review(data, "--pair", "alpha:2", "beta:2", "--different", *why)
    assert homes(data)["alpha:2"] != homes(data)["beta:2"]
    undone = review(data, "--pair", "alpha:2", "beta:2", "--undo")
    assert "taken back: different, A tester: one telephone call" in undone.output
    assert homes(data)["alpha:2"] == homes(data)["beta:2"]
    review(data, "--pair", "alpha:2", "beta:2", "--undo")
    assert homes(data) == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--same"], "--pair A B goes with"),
        (["--pair", "alpha:1", "beta:1"], "--pair A B goes with"),
        (["--pair", "alpha:1", "beta:1", "--same"], "--by NAME and --reason TEXT"),
        (["--pair", "alpha:1", "beta:1", "--undo"], "nobody has decided"),
        (["--pair", "alpha:1", "x:9", "--same", "--by", "A", "--reason", "b"], "no listing has"),
        (["--pair", "alpha:1", "alpha:1", "--same", "--by", "A", "--reason", "b"], "same as its"),
        (["--pair", "alpha:1", "beta:1", "--same", "--by", "rule", "--reason", "b"], "who decides"),
    ],
)
def test_wrong_calls_are_explained(data: Path, words: list[str], says: str) -> None:
    failed = review(data, *words)
    assert failed.exit_code in {1, 2}
    assert says in failed.output
    assert "Traceback" not in failed.output


@pytest.fixture
def db(data: Path) -> Any:
    opened = open_working(data)
    yield opened
    opened.close()


def test_taking_back_keeps_the_row(db: Database) -> None:
    decide_pair(db, "beta:1", "alpha:1", "same", by="A tester", reason="a call", at=AT)
    assert len(questions(db)) == 1
    assert take_back(db, "alpha:1", "beta:1", at=AT).judgement == "same"
    assert len(questions(db)) == 2
    with pytest.raises(NothingDecided):
        take_back(db, "alpha:1", "beta:1", at=AT)
    assert db.execute(
        "select count(*), count(deleted_at) from match_decision where \"by\" <> 'rule'"
    ).fetchone() == (1, 1)


def test_a_merged_id_leads_on_in_the_published_file(data: Path) -> None:
    before = homes(data)
    why = ("--by", "A tester", "--reason", "one telephone call")
    review(data, "--pair", "alpha:1", "beta:1", "--same", *why)
    assert published(data, before["beta:1"]) == Moved(before["alpha:1"])
    review(data, "--pair", "alpha:1", "beta:1", "--undo")
    parted = published(data, before["beta:1"])
    assert isinstance(parted, Profile)
    assert [one.id for one in parted.listings] == ["beta:1"]
    # Gone from its source for good: the id says so, and no name.
    db = open_working(data)
    for night in (2, 3, 4):
        take_in(db, sheet("beta"), run(people(1, "beta", 5), night, "beta", expected=1))
        if db.execute("select verdict from run order by started_at desc").fetchone() != ("good",):
            accept_run(db, "beta", reason="two left", by="A tester", at=AT)
    match(db)
    db.close()
    assert published(data, before["beta:1"]) == Moved(None)


def test_what_a_person_parted_and_joined_again_survives_a_rebuild(data: Path) -> None:
    """The rule joins alpha:5 and beta:5; a person undoes that, and splits and joins another."""
    first = homes(data)
    assert first["alpha:5"] == first["beta:5"]
    why = ("--by", "A tester", "--reason", "two cousins")
    review(data, "--pair", "alpha:5", "beta:5", "--different", *why)
    for answer in ("--same", "--different", "--same"):
        review(data, "--pair", "alpha:1", "beta:1", answer, *why)
    decided = homes(data)
    assert decided["alpha:5"] != decided["beta:5"]
    assert decided["alpha:1"] == decided["beta:1"] == first["alpha:1"]
    # From nothing but listings, ids ever given and decisions of persons.
    db = open_working(data)
    with db.atomic():
        db.conn.execute("delete from membership")
        db.conn.execute("delete from match_decision where \"by\" = 'rule'")
    match(db)
    publish(db, data)
    db.close()
    assert homes(data) == decided
    with served(data) as site:
        old = httpx.get(f"{site}/practitioner/{first['beta:1']}")
        assert (old.status_code, old.headers["location"]) == (
            301,
            f"/practitioner/{first['alpha:1']}",
        )
        for still in (decided["alpha:5"], decided["beta:5"], first["alpha:1"]):
            assert httpx.get(f"{site}/practitioner/{still}").status_code == 200


def published(data: Path, practitioner_id: str) -> Profile | Moved | None:
    db = open_working(data)
    try:
        publish(db, data)
    finally:
        db.close()
    with closing(sqlite3.connect(data / "directory.db")) as connection:
        return profile(connection, practitioner_id)


def test_ten_runs_with_nothing_changed_change_nothing(db: Database) -> None:
    ids = list(db.execute("select * from membership order by 1"))
    practitioners = list(db.execute("select * from practitioner order by 1"))
    (events,) = db.execute("select count(*) from listing_event").fetchone()
    for night in range(2, 12):
        take_in(db, sheet("alpha"), run([suffixed(1, "alpha", "Jr."), suffixed(2, "alpha", None),
                                         *people(1, "alpha", 5)], night))  # fmt: skip
        take_in(db, sheet("beta"), run([*people(1, "beta", 5), suffixed(2, "beta", "III"),
                                        suffixed(1, "beta", None)], night, "beta"))  # fmt: skip
        matched = match(db)
        assert (matched.new, matched.merged) == (0, 0)
    assert db.execute("select count(*) from listing_event").fetchone() == (events,)
    assert list(db.execute("select * from membership order by 1")) == ids
    assert list(db.execute("select * from practitioner order by 1")) == practitioners
    assert db.execute("select count(*) from practitioner_alias").fetchone() == (0,)
