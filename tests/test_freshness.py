"""Old entries and state rules: what the finder shows, flags and hides, by the release's own day."""

from __future__ import annotations

import asyncio
import csv
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from commands.serve import build_app
from db.freshness import cutoff, freshness
from db.profile import profile
from db.release import release
from db.results import near, nearest_known
from plugins.pages.wording import web_address
from tests.finder_fixtures import Made, build

BUILT = "2026-11-21T05:00:00Z"
COLUMBUS = (39.9612, -82.9988)


@pytest.mark.parametrize(
    ("seen", "treated"),
    [
        ("2026-11-21T05:00:00Z", "current"),
        ("2026-11-22T05:00:00Z", "current"),
        ("2026-08-23T05:00:00Z", "current"),  # 90 days to the second
        ("2026-08-23T04:59:59Z", "flagged"),
        ("2026-05-25T05:00:00Z", "flagged"),  # 180 days
        ("2026-05-25T04:59:59Z", "hidden"),
        ("2019-01-01T00:00:00Z", "hidden"),
    ],
)
def test_days_are_counted_from_the_build(seen: str, treated: str) -> None:
    assert freshness(seen, BUILT) == treated


def test_a_cutoff_is_written_as_the_tables_write_times() -> None:
    assert cutoff(BUILT, 90) == "2026-08-23T05:00:00Z"
    with pytest.raises(ValueError, match="Invalid isoformat"):
        cutoff("yesterday", 90)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return build(tmp_path_factory.mktemp("freshness"))


@pytest.fixture
def made(original: Made, tmp_path: Path) -> Made:
    """A copy of the directory that a test may change."""
    return replace(original, path=Path(shutil.copy(original.path, tmp_path)))


def shift(made: Made, person: str, seen: str, *, place: int | None = None) -> None:
    """Let a practitioner be last seen then, at all places or at one."""
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.execute(
            "update location set last_seen = ? where practitioner_id = ? and ? in (id, -1)",
            (seen, person, -1 if place is None else place),
        )
        connection.execute("update practitioner set last_seen = ? where id = ?", (seen, person))


def found(made: Made, miles: float = 100) -> dict[str, Any]:
    with closing(sqlite3.connect(made.path)) as connection:
        results = near(connection, *COLUMBUS, miles, limit=1000).results
        return {one.practitioner.id: one for one in results}


def test_over_180_days_is_hidden_from_the_finder_and_kept_for_sql(made: Made) -> None:
    before = found(made)
    shift(made, made.uncertain, "2026-05-25T04:59:59Z")
    after = found(made)
    assert before.keys() - after.keys() == {made.uncertain}
    with closing(sqlite3.connect(made.path)) as connection:
        total = near(connection, *COLUMBUS, 100, limit=0).total
        kept = profile(connection, made.uncertain)
        rows = connection.execute("select count(*) from location_rtree").fetchone()
        points = connection.execute(
            "select count(*) from location where latitude is not null"
        ).fetchone()
    assert total == len(after)
    assert kept is not None
    assert rows == points


def test_over_90_days_is_flagged_and_no_one_else_is(made: Made) -> None:
    assert not any(one.stale for one in found(made).values())
    shift(made, made.uncertain, "2026-08-23T04:59:59Z")
    after = found(made)
    assert [who for who, one in after.items() if one.stale] == [made.uncertain]


def test_an_old_place_hides_that_place_only(made: Made) -> None:
    with closing(sqlite3.connect(made.path)) as connection:
        places = [
            number
            for (number,) in connection.execute(
                "select id from location where practitioner_id = ?", (made.two_places,)
            )
        ]
    nearest_place = found(made)[made.two_places].location.id
    shift(made, made.two_places, "2026-01-01T00:00:00Z", place=nearest_place)
    left = found(made)[made.two_places]
    assert left.location.id in set(places) - {nearest_place}
    assert (left.other_places, left.stale) == (0, False)


def test_the_nearest_known_is_never_a_hidden_one(made: Made) -> None:
    with closing(sqlite3.connect(made.path)) as connection:
        first = nearest_known(connection, *COLUMBUS)
        assert first is not None
    shift(made, first.practitioner.id, "2026-01-01T00:00:00Z")
    with closing(sqlite3.connect(made.path)) as connection:
        second = nearest_known(connection, *COLUMBUS)
    assert second is not None
    assert second.practitioner.id != first.practitioner.id


def test_a_later_build_ages_everybody(made: Made) -> None:
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.execute("update release set built_at = '2027-03-01T00:00:00Z'")
        assert release(connection) is not None
    assert all(one.stale for one in found(made).values())
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.execute("update release set built_at = '2027-06-01T00:00:00Z'")
    assert found(made) == {}


# On the pages


class Pages:
    def __init__(self, app: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._app, self._loop = app, loop

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.get(path)

        return self._loop.run_until_complete(ask())

    def text(self, path: str) -> str:
        reply = self.get(path)
        assert reply.status_code == 200, reply.text
        words = " ".join(unescape(re.sub(r"<[^>]+>", " ", reply.text)).split())
        return words.replace(" .", ".")


@pytest.fixture
def pages(made: Made) -> Iterator[Pages]:
    loop = asyncio.new_event_loop()
    app = build_app(made.path)
    loop.run_until_complete(app.datasette.invoke_startup())
    yield Pages(app, loop)
    app.datasette.executor.shutdown()
    for database in app.datasette.databases.values():
        database.close()
    loop.close()


def rule(made: Made, **changes: str) -> None:
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.execute("delete from state_rule")
        values = {
            "state": "OH", "state_name": "Ohio", "profession": "physical_therapist",
            "status": "permitted", "basis": "board_opinion", "summary": "A sample rule.",
            "source_title": "Sample board", "source_url": "https://board.example.com/",
            "as_of": "2026-01", "checked_on": "2026-11-20", "confidence": "low",
        } | changes  # fmt: skip
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        connection.execute(
            f"insert into state_rule ({names}) values ({marks})", list(values.values())
        )


def test_old_entries_are_flagged_on_card_and_page(made: Made, pages: Pages) -> None:
    shift(made, made.uncertain, "2026-07-01T04:00:00Z")
    words = "Not seen there since 1 Jul 2026"
    assert words in pages.text("/find?near=43215&miles=5")
    assert words in pages.text(f"/practitioner/{made.uncertain}")
    assert words not in pages.text(f"/practitioner/{made.two_places}")
    shift(made, made.uncertain, "2026-01-01T04:00:00Z")
    assert "Una Certain" not in pages.text("/find?near=43215&miles=5")
    assert "Not seen there since 1 Jan 2026" in pages.text(f"/practitioner/{made.uncertain}")


@pytest.mark.parametrize(
    ("changes", "said", "flagged"),
    [
        (
            {},
            (
                "Ohio, physical therapists: allowed (as of Jan 2026); we are not sure",
                "Rests on board opinion",
            ),
            False,
        ),
        (
            {"basis": "unknown"},
            (
                "Ohio, physical therapists: allowed (as of Jan 2026); lists only, we are not sure",
                "Last checked by us 20 Nov 2026",
            ),
            False,
        ),
        (
            {"training": "required", "confidence": "high", "board_url": "https://b.example.com/"},
            (
                "Ohio, physical therapists: allowed with training (as of Jan 2026)",
                "Ask the board b.example.com",
            ),
            False,
        ),
        (
            {"status": "prohibited", "signed_on": "2025-08-07", "effective_on": "2027-07"},
            (
                "Ohio, physical therapists: not yet: law passed, rules pending",
                "Law signed: 7 Aug 2025. Expected to hold from: Jul 2027. That may change.",
            ),
            True,
        ),
        (
            {"status": "prohibited", "summary": "A court said no."},
            (
                "Ohio, physical therapists: not allowed",
                "Listed in a state whose rule does not allow it.",
            ),
            True,
        ),
        (
            {"status": "silent"},
            ("Ohio, physical therapists: not settled", "No rule is not a yes"),
            True,
        ),
        (
            {"state": "ZZ"},
            ("Miles from", "Ohio, physical therapists: we know of no rule. That is not a yes."),
            True,
        ),
    ],
)
def test_the_state_rule_stands_beside_the_listing(
    made: Made, pages: Pages, changes: dict[str, str], said: tuple[str, str], flagged: bool
) -> None:
    card, page = said
    rule(made, **changes)
    assert card in pages.text("/find?near=43215&miles=5")
    assert ('class="rule-line against"' in pages.get("/find?near=43215").text) == flagged
    shown = pages.text(f"/practitioner/{made.two_places}")
    assert page in shown
    assert ("does not allow it yet" in shown) == ("signed_on" in changes)
    told = pages.get("/find.json?near=43215&miles=5").json()["results"]
    rules = {one["state_rule"]["status"] for one in told if one["state_rule"]}
    assert rules == (
        {"pending"}
        if "signed_on" in changes
        else {"with_training"}
        if "training" in changes
        else set()
        if "state" in changes
        else {changes.get("status", "permitted")}
    )


def test_of_a_practice_no_law_is_told(made: Made, pages: Pages) -> None:
    rule(made, state="ZZ")
    assert "The law of the state" in pages.text(f"/practitioner/{made.two_places}")
    assert "The law of the state" not in pages.text(f"/practitioner/{made.practice}")


def published_rules() -> list[dict[str, str]]:
    path = Path(__file__).parent.parent / "reference" / "state_rules.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_every_rule_has_its_source_and_the_day_we_checked_it() -> None:
    rules = published_rules()
    assert sum(rule["profession"] == "physical_therapist" for rule in rules) == 51
    for rule in rules:
        assert web_address(rule["source_url"]), rule
        assert rule["checked_on"] > rule["as_of"], rule
        assert not rule["board_url"] or web_address(rule["board_url"]), rule


def test_oregon_waits_for_its_rules_with_two_dates() -> None:
    waiting = {
        (rule["state"], rule["profession"]): (rule["signed_on"], rule["effective_on"])
        for rule in published_rules()
        if rule["signed_on"] or rule["effective_on"] or rule["summary"].startswith("Not yet")
    }
    assert waiting == {
        ("OR", "physical_therapist"): ("2025-08-07", "2027-07"),
        ("CO", "occupational_therapist"): ("2026-04", "2027-09-01"),
    }


def test_hours_of_training_are_training_that_is_asked_for() -> None:
    asked = [rule for rule in published_rules() if rule["training"]]
    assert {rule["training"] for rule in asked} == {"required"}
    assert all(rule["training"] for rule in published_rules() if rule["training_hours"])
    allowed = [rule for rule in asked if rule["status"] == "permitted"]
    assert "FL" in {rule["state"] for rule in allowed}
    assert sum(rule["profession"] == "physical_therapist" for rule in allowed) == 23


# The federal registry


def registered(made: Made, **values: str | None) -> None:
    with closing(sqlite3.connect(made.path)) as connection, connection:
        row = {"practitioner_id": made.two_places, "checked_on": "2026-11-08"} | values
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        connection.execute(f"insert into registry ({names}) values ({marks})", list(row.values()))


def test_who_is_registered_is_said_and_never_as_a_certificate(made: Made, pages: Pages) -> None:
    address = f"/practitioner/{made.two_places}"
    assert "federal registry" not in pages.text(address)
    registered(made, result="active", npi="1568946812", profession="athletic_trainer", state="OH")
    text = pages.text(address)
    assert (
        "Active in the federal registry (NPI) as an athletic trainer in Ohio, checked 8 Nov 2026."
        in text
    )
    assert "A registration is neither a licence nor a certificate." in text
    certificates = text.partition("Who lists")[2].partition("federal registry")[0]
    assert "1568946812" not in certificates


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("not_found", "Not found in the federal registry (NPI), checked 8 Nov 2026."),
        ("cannot_tell", "we cannot tell if it is this person"),
    ],
)
def test_not_found_is_said_neutrally(made: Made, pages: Pages, result: str, words: str) -> None:
    registered(made, result=result)
    text = pages.text(f"/practitioner/{made.two_places}")
    assert words in text
    assert "Active in the federal" not in text
