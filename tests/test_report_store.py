"""Reports while the store is busy, broken or old: the forms say so and lose nothing."""

from __future__ import annotations

import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from db.report_inbox import why_closed
from db.working import open_working
from tests.conftest import served
from tests.finder_fixtures import build
from tests.report_fixtures import SECRET, Site, form, hidden, mark, site, visitor
from tests.test_finder import text_of

__all__ = ["site", "visitor"]


def test_while_the_store_is_busy_a_form_waits_and_then_says_so(
    site: Site, visitor: httpx.Client
) -> None:
    count = len(site.reports())
    start = form(visitor, site.made.uncertain)
    other = sqlite3.connect(site.data / "working.db", isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("begin exclusive")
        busy = visitor.post("/report", data={**start, "what": "phone"}, timeout=30)
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "60")
        assert "Press Send again" in busy.text
        later = threading.Timer(1, lambda: other.execute("rollback"))
        later.start()
        sent = visitor.post("/report", data={**hidden(busy), "what": "phone"}, timeout=30)
        later.join()
    assert sent.status_code == 303
    assert len(site.reports()) == count + 1


@pytest.mark.parametrize("broken", ["missing", "no database", "old", "folder"])
def test_without_a_store_the_forms_say_so_and_what_to_do(
    tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATASETTE_SECRET", SECRET)
    monkeypatch.setenv("NEEDLEPOINT_CONTACT", "https://example.com/contact")
    made = build(tmp_path)
    store = tmp_path / "working.db"
    with served(tmp_path) as address:
        if broken == "no database":
            store.write_text("no database at all, only words" * 100)
        elif broken == "old":
            with closing(sqlite3.connect(store)) as old, old:
                old.execute("create table run (id text)")
        elif broken == "folder":
            store.mkdir()
        assert why_closed(tmp_path)
        person = made.two_places
        for path in ("/report", "/removal"):
            page = httpx.get(f"{address}{path}", params={"practitioner": person})
            assert (page.status_code, "<form" in page.text) == (503, False)
            assert "cannot take forms" in text_of(page)
            assert page.text.count('href="https://example.com/contact"') == 2, "also in the footer"
            assert re.search(r'href="https://(alpha|beta)\.example\.com/people/', page.text)
            assert "working.db" not in page.text
        without = httpx.get(f"{address}/report?name=Twyla")
        assert (without.status_code, 'method="post"' in without.text) == (200, False)
        assert f"/report?practitioner={person}" in without.text
        assert "cannot take forms" in text_of(without)
        whole = {
            "practitioner": person, "what": "other", "token": mark(person=person),
            "message": "Long & carefully written.",
        }  # fmt: skip
        sent = httpx.post(f"{address}/report", data=whole)
        assert (sent.status_code, "Long &amp; carefully written." in sent.text) == (503, True)
        assert httpx.get(f"{address}/find?near=Columbus,+OH").status_code == 200
        told = httpx.get(f"{address}/report/received?reference=NP-2345-67")
        assert "cannot be read at the moment" in told.text
    [log] = tmp_path.glob("serve-*.log")
    assert "Reports cannot be taken, and their forms say so" in log.read_text()
    if broken == "missing":
        assert not store.exists()


def test_an_older_store_is_brought_up_to_date_when_the_server_starts(tmp_path: Path) -> None:
    made = build(tmp_path)
    with closing(open_working(tmp_path)) as db:
        db.conn.execute("drop table report")
        db.conn.execute("delete from _sqlite_migrations where name like '%reports'")
        db.conn.commit()
    with served(tmp_path) as address:
        page = httpx.get(f"{address}/report", params={"practitioner": made.practice})
        assert (page.status_code, "<form" in page.text) == (200, True)
