"""How a report gets into the working store, and how often one address may send one."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from db.report_inbox import Busy, Closed, NewReport, append, progress
from db.reports import as_reference, new_reference
from db.working import open_working
from plugins.pages.limiting import Limiter

REFERENCE = re.compile(r"NP-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{2}")
NEW = NewReport("wrong", "np-1", None, None, "moved", "", None)
AT = "2026-11-20T10:00:00Z"


def test_a_report_never_stands_in_the_way_of_who_reads_and_then_writes(tmp_path: Path) -> None:
    """Matching reads everything and then writes: it must not be told that the store is locked."""
    open_working(tmp_path).close()
    with closing(open_working(tmp_path)) as db:
        for number in range(3):
            db.conn.execute("insert into suppression values (?, 'x', ?)", (str(number), AT))
        db.conn.commit()
        reading = db.conn.execute("select * from suppression")
        reading.fetchone()
        with pytest.raises(Busy):
            append(tmp_path, NEW, new_reference(), AT, try_for=0.3)
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(append, tmp_path, NEW, "NP-3333-33", AT)
            time.sleep(0.5)
            db.conn.execute("insert into suppression values ('9', 'x', ?)", (AT,))
            reading.close()
            db.conn.commit()
            assert waiting.result() == "NP-3333-33"
        assert append(tmp_path, NEW, "NP-2345-67", AT) == "NP-2345-67"
    assert progress(tmp_path, "np-2345-67") is not None
    assert progress(tmp_path, "NP-2222-22") is None


def test_no_more_than_a_person_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_working(tmp_path).close()
    monkeypatch.setattr("db.report_inbox.MOST_OPEN", 2)
    for _ in range(2):
        append(tmp_path, NEW, new_reference(), AT)
    with pytest.raises(Closed, match="wait already"):
        append(tmp_path, NEW, new_reference(), AT)


def test_references_are_drawn_from_letters_nobody_mixes_up() -> None:
    drawn = {new_reference() for _ in range(500)}
    assert len(drawn) == 500
    assert all(REFERENCE.fullmatch(one) and as_reference(one.lower()) == one for one in drawn)


def test_addresses_are_counted_by_a_hash_and_forgotten() -> None:
    now = 1000.0
    limiter = Limiter(2, 60, lambda: now)
    assert [limiter.take("192.0.2.1") for _ in range(3)] == [0, 0, 60]
    assert limiter.take("192.0.2.2") == 0
    # A household has a whole /64 of IPv6.
    assert [limiter.take(f"2001:db8::{number}") for number in (1, 2, 3)] == [0, 0, 60]
    assert limiter.take("2001:db8:0:1::1") == 0
    assert not any(b"192.0.2.1" in key for key in limiter.taken)
    now += 61
    assert limiter.take("192.0.2.1") == 0
    assert len(limiter.taken) == 1
