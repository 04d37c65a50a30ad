"""Reports and removals as a visitor meets them: a real server, a real store, no cookie."""

from __future__ import annotations

import itertools
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from datasette.app import Datasette

from db.report_inbox import NewReport, append, why_closed
from db.reports import new_reference
from db.working import open_working
from plugins.pages import reporting
from tests.conftest import served
from tests.finder_fixtures import Made, build
from tests.test_accessibility import WCAG
from tests.test_finder import text_of
from tests.test_finder_browser import Browser, browser

__all__ = ["browser"]

SECRET = "a secret of these tests"
AGENT = "Recognisable/7.3 (a browser nobody else has)"
REFERENCE = re.compile(r"NP-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{2}")
_ADDRESSES = itertools.count(1)


@dataclass
class Site:
    address: str
    made: Made

    @property
    def data(self) -> Path:
        return self.made.path.parent

    def visitor(self) -> httpx.Client:
        """Somebody with an address of their own, as a proxy on the same machine tells it."""
        number = next(_ADDRESSES)
        return httpx.Client(
            base_url=self.address,
            headers={"x-forwarded-for": f"198.51.100.{number}", "user-agent": AGENT},
        )

    def reports(self) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.data / "working.db")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("select * from report order by id")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATASETTE_SECRET", SECRET)
        made = build(tmp_path_factory.mktemp("reports"))
        open_working(made.path.parent).close()
        with served(made.path.parent) as address:
            yield Site(address, made)


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    with site.visitor() as client:
        yield client


def hidden(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the form on a page."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    assert found, page.text
    return {name: unescape(value) for name, value in found}


def form(visitor: httpx.Client, person: str, path: str = "/report") -> dict[str, str]:
    page = visitor.get(path, params={"practitioner": person})
    assert page.status_code == 200
    return hidden(page)


def test_a_report_gets_a_number_and_is_kept_without_a_trace_of_the_visitor(
    site: Site, visitor: httpx.Client
) -> None:
    person = site.made.two_places
    before = visitor.get(f"/practitioner/{person}")
    assert f"/report?practitioner={person}" in before.text
    assert f"/removal?practitioner={person}" in before.text
    page = visitor.get("/report", params={"practitioner": person})
    at = re.findall(r'<option value="(\d+)">', page.text)
    assert len(at) == 2
    sent = visitor.post(
        "/report",
        data={
            **hidden(page), "what": "moved", "location": at[1], "reply_to": " ada@example.com ",
            "message": "Gone since May.\r\nThe door says so.\x1b[31m",
        },
    )  # fmt: skip
    assert sent.status_code == 303
    for reply in (page, sent):
        assert "set-cookie" not in reply.headers
        assert reply.headers["cache-control"] == "private, no-store"
        assert "form-action 'self'" in reply.headers["content-security-policy"]
        assert reply.headers["referrer-policy"] == "no-referrer"
    kept = site.reports()[-1]
    assert REFERENCE.fullmatch(kept["reference"])
    assert sent.headers["location"] == f"/report/received?reference={kept['reference']}"
    assert kept["message"] == "Gone since May.\nThe door says so.[31m"
    assert (kept["kind"], kept["what"], kept["status"]) == ("wrong", "moved", "open")
    assert (kept["practitioner_id"], kept["location_id"]) == (person, int(at[1]))
    assert kept["place"].endswith("Columbus, OH")
    assert kept["reply_to"] == "ada@example.com"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", kept["created_at"])
    assert (kept["first_answer_at"], kept["closed_at"]) == (None, None)
    received = visitor.get(sent.headers["location"])
    assert (received.status_code, kept["reference"] in received.text) == (200, True)
    for private in ("Twyla", "ada@", "Gone since", person):
        assert private not in received.text
    # One report hides nobody.
    assert "Twyla Twoplaces" in visitor.get(f"/practitioner/{person}").text
    everything = b"".join(one.read_bytes() for one in site.data.glob("working.db*"))
    told = everything + b"".join(one.read_bytes() for one in site.data.glob("serve-*.log"))
    for trace in (b"198.51.100.", b"Recognisable", b"127.0.0.1:"):
        assert trace not in everything
    assert b"198.51.100." not in told
    assert b"Recognisable" not in told


def test_the_number_tells_how_far_it_is_and_nothing_else(site: Site, visitor: httpx.Client) -> None:
    new = NewReport("removal", site.made.practice, None, None, "removal", "", None)
    number = append(site.data, new, new_reference(), "2026-11-20T10:00:00Z")
    where = {"reference": number.lower()}
    assert "Not answered yet" in visitor.get("/report/received", params=where).text
    with closing(sqlite3.connect(site.data / "working.db")) as connection, connection:
        connection.execute(
            "update report set status = 'closed', first_answer_at = '2026-11-21T10:00:00Z',"
            " closed_at = '2026-11-22T10:00:00Z', answer = 'private' where reference = ?",
            (number,),
        )
    text = text_of(visitor.get("/report/received", params=where))
    assert "Received 20 Nov 2026 Answered 21 Nov 2026 Closed 22 Nov 2026" in text
    assert "private" not in text
    for unknown in ("NP-2222-22", "", "<b>", "NP-OOOO-00"):
        page = visitor.get("/report/received", params={"reference": unknown})
        assert (page.status_code, "No such number" in page.text) == (404, True)
        assert "<b>" not in page.text


def test_what_is_missing_is_said_beside_the_field_and_the_text_stays(
    site: Site, visitor: httpx.Client
) -> None:
    count = len(site.reports())
    evil = '<script>alert(1)</script> & "quotes" </textarea>'
    page = visitor.post(
        "/report",
        data={**form(visitor, site.made.hostile), "message": evil, "reply_to": '"><b>x' * 50},
    )
    assert page.status_code == 400
    assert page.text.index('role="alert"') < page.text.index("<form")
    assert "<title>Not sent yet" in page.text
    for field, link in (("what", "what-moved"), ("reply_to", "reply_to")):
        assert f'<a href="#{link}">' in page.text
        assert f'id="{link}"' in page.text
        assert re.search(f'aria-describedby="[^"]*{field}-error', page.text)
        assert f'id="{field}-error"' in page.text
    main = page.text.partition("<main")[2]
    for raw in ("<script", "<b>x", "alert(1)</script>"):
        assert raw not in main
    kept = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.S)
    assert kept
    assert unescape(kept[1]) == evil
    assert len(site.reports()) == count


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        ("/report", {"what": "other"}, "Write what should be different."),
        ("/report", {"what": "removal", "message": "x"}, "Choose what is wrong."),
        ("/report", {"what": "phone", "message": "é" * 1001}, "It is 1,001 now."),
        ("/report", {"what": "phone", "homepage": "https://spam.example"}, "A hidden field"),
        ("/removal", {"what": "correction", "message": "\r\n \t"}, "Write what should be"),
        ("/removal", {}, "Choose what you want us to do."),
    ],
)
def test_what_is_not_taken(
    site: Site, visitor: httpx.Client, path: str, fields: dict[str, str], words: str
) -> None:
    count = len(site.reports())
    start = form(visitor, site.made.uncertain, path)
    page = visitor.post(path, data={**start, **fields})
    assert (page.status_code, words in text_of(page)) == (400, True), page.text
    assert len(site.reports()) == count
    assert "spam.example" not in page.text


def test_a_thousand_letters_are_taken_with_line_ends_as_browsers_send_them(
    site: Site, visitor: httpx.Client
) -> None:
    text = ("é" * 99 + "\n") * 9 + "𝄞" * 100
    start = form(visitor, site.made.uncertain)
    sent = visitor.post(
        "/report", data={**start, "what": "phone", "message": text.replace("\n", "\r\n")}
    )
    assert sent.status_code == 303
    assert site.reports()[-1]["message"] == text


def test_removals_and_corrections_say_what_happens(site: Site, visitor: httpx.Client) -> None:
    page = visitor.get("/removal", params={"practitioner": site.made.practice})
    text = text_of(page)
    for words in ("one-way hashes", "within 7 days", "never ask for a copy of a document",
                  "without your name", "Nobody Named Physical Therapy"):  # fmt: skip
        assert words in text, words
    assert visitor.post("/removal", data={**hidden(page), "what": "removal"}).status_code == 303
    assert (site.reports()[-1]["kind"], site.reports()[-1]["message"]) == ("removal", "")
    again = form(visitor, site.made.practice, "/removal")
    text = "The telephone is 614-555-0188."
    sent = visitor.post("/removal", data={**again, "what": "correction", "message": text})
    assert sent.status_code == 303
    assert site.reports()[-1]["kind"] == "correction"


def test_the_third_form_in_a_minute_waits(site: Site, visitor: httpx.Client) -> None:
    count = len(site.reports())
    for _ in range(2):
        start = form(visitor, site.made.uncertain)
        assert visitor.post("/report", data={**start, "what": "phone"}).status_code == 303
    start = form(visitor, site.made.uncertain)
    third = visitor.post("/report", data={**start, "what": "phone", "message": "Kept <here>"})
    assert third.status_code == 429
    assert 1 <= int(third.headers["retry-after"]) <= 60
    assert "Too many forms" in text_of(third)
    assert "Kept &lt;here&gt;" in third.text
    assert "set-cookie" not in third.headers
    assert len(site.reports()) == count + 2
    # The other form counts with it, and another visitor does not wait.
    assert visitor.post("/removal", data={}).status_code == 429
    with site.visitor() as other:
        start = form(other, site.made.uncertain)
        assert other.post("/report", data={**start, "what": "phone"}).status_code == 303


def test_a_form_sent_twice_is_one_report(site: Site, visitor: httpx.Client) -> None:
    count = len(site.reports())
    whole = {**form(visitor, site.made.uncertain), "what": "stopped"}
    first, second = (visitor.post("/report", data=whole) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert len(site.reports()) == count + 1
    with site.visitor() as later:  # back in the browser, and something else written
        third = later.post("/report", data=whole | {"message": "And the sign is gone."})
    assert third.status_code == 303
    assert third.headers["location"] != first.headers["location"]
    assert [one["message"] for one in site.reports()[-2:]] == ["", "And the sign is gone."]


def mark(age: int = 0, form: str = "report", person: str = "", secret: str = SECRET) -> str:
    """A form's mark as the server with that secret made it so many seconds ago."""
    signer = Datasette([], secret=secret)
    signed: str = signer.sign(
        [form, person, "NP-2345-67", int(time.time()) - age], "needlepoint-report"
    )

    return signed


@pytest.mark.parametrize(
    "made",
    [
        {"token": ""},
        {"token": "WyJyZXBvcnQiXQ.forged"},
        {"secret": "somebody else's"},
        {"age": reporting.GOOD_FOR_SECONDS + 60},
        {"age": -3600},
        {"form": "removal"},
        {"person": "np-0000000001"},
    ],
    ids=str,
)
def test_marks_that_are_not_ours_are_refused_and_the_text_stays(
    site: Site, visitor: httpx.Client, made: dict[str, Any]
) -> None:
    count = len(site.reports())
    person = site.made.uncertain
    token = made["token"] if "token" in made else mark(**{"person": person} | made)
    whole = {"practitioner": person, "what": "moved", "message": "Written with care."}
    page = visitor.post("/report", data=whole | {"token": token})
    assert page.status_code == 403
    assert "Written with care." in page.text
    assert len(site.reports()) == count
    # What is shown again can be sent.
    again = visitor.post("/report", data=whole | hidden(page))
    assert again.status_code == 303
    assert site.reports()[-1]["message"] == "Written with care."


def test_a_mark_of_ours_is_good_for_hours(site: Site, visitor: httpx.Client) -> None:
    person = site.made.uncertain
    token = mark(reporting.GOOD_FOR_SECONDS - 60, person=person)
    whole = {"practitioner": person, "what": "moved", "token": token}
    assert visitor.post("/report", data=whole).status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"cookie": "ds_csrftoken=whatever"}, 303),
    ],
    ids=str,
)
def test_forms_of_other_sites_are_refused(
    site: Site, visitor: httpx.Client, headers: dict[str, str], status: int
) -> None:
    count = len(site.reports())
    whole = {**form(visitor, site.made.uncertain), "what": "moved"}
    sent = visitor.post("/report", data=whole, headers=headers)
    assert sent.status_code == status
    assert len(site.reports()) == count + (status == 303)
    own = visitor.post("/report", data=whole, headers={"origin": site.address})
    assert own.status_code == 303  # what was refused did not count as a try either


def test_other_pages_keep_datasettes_own_check(site: Site, visitor: httpx.Client) -> None:
    cookie = {"cookie": "ds_csrftoken=whatever"}
    assert visitor.post("/-/messages", data={"message": "x"}, headers=cookie).status_code == 403
    assert visitor.put("/report").status_code == 405


def test_who_is_not_there_cannot_be_reported(site: Site, visitor: httpx.Client) -> None:
    for path in ("/report", "/removal"):
        which = visitor.get(path)
        assert (which.status_code, "<form" in which.text) == (200, False)
        assert visitor.get(path, params={"practitioner": "np-nobody"}).status_code == 404
        assert visitor.get(path, params={"practitioner": "np-gone"}).status_code == 410
        moved = visitor.get(path, params={"practitioner": "np-old"})
        assert moved.status_code == 301
        assert moved.headers["location"] == f"{path}?practitioner={site.made.two_places}"
    assert visitor.post("/report", data={"practitioner": "np-nobody"}).status_code == 404


def test_merged_while_somebody_wrote(site: Site, visitor: httpx.Client) -> None:
    token = mark(person="np-old")
    whole = {"practitioner": "np-old", "what": "moved", "token": token}
    assert visitor.post("/report", data=whole).status_code == 303
    assert site.reports()[-1]["practitioner_id"] == site.made.two_places


def test_too_long_is_turned_away(site: Site, visitor: httpx.Client) -> None:
    count = len(site.reports())
    sent = visitor.post("/report", data={"message": "x" * 100_000})
    assert sent.status_code == 413
    assert len(site.reports()) == count


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
            assert 'href="https://example.com/contact"' in page.text
            assert re.search(r'href="https://(alpha|beta)\.example\.com/people/', page.text)
            assert "working.db" not in page.text
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


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
def test_by_keyboard_and_without_a_script(site: Site, browser: Browser, width: int) -> None:
    count = len(site.reports())
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=False,
        extra_http_headers={"x-forwarded-for": f"203.0.113.{width % 250}"},
    )
    page = context.new_page()
    page.goto(f"{site.address}/practitioner/{site.made.two_places}")
    page.get_by_role("link", name="Report a mistake").press("Enter")
    page.get_by_label("Something else").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Send").press("Enter")
    alert = page.get_by_role("alert")
    assert "Write what should be different." in alert.inner_text()
    alert.get_by_role("link").press("Enter")
    assert page.url.endswith("#message")
    page.get_by_label("What should it say").fill("The name is spelt with a y.")
    page.get_by_role("button", name="Send").press("Enter")
    page.wait_for_url("**/report/received?reference=NP-*")
    assert site.reports()[-1]["message"] == "The name is spelt with a y."
    assert len(site.reports()) == count + 1
    assert context.cookies() == []
    context.close()


@pytest.mark.browser
def test_a_form_with_errors_keeps_nobody_out(site: Site, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": 320, "height": 800},
        extra_http_headers={"x-forwarded-for": "203.0.113.77"},
    )
    page = context.new_page()
    page.goto(f"{site.address}/removal?practitioner={site.made.two_places}")
    page.get_by_role("button", name="Send").click()
    assert page.evaluate("document.activeElement.id") == "errors"
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(width) <= 0
    context.close()
