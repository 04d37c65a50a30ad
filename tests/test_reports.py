"""Reports and removals as a visitor meets them: a real server, a real store, no cookie."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from html import unescape

import httpx
import pytest

from db.report_inbox import NewReport, append
from db.reports import new_reference
from plugins.reports import TRIES_A_MINUTE
from tests.report_fixtures import Site, form, hidden, mark, site, visitor
from tests.test_finder import text_of

__all__ = ["site", "visitor"]

REFERENCE = re.compile(r"NP-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{2}")


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
    # The other form counts with it, also the one about the site; another visitor does not wait.
    whole = {**form(visitor, site.made.uncertain, "/removal"), "what": "removal"}
    assert visitor.post("/removal", data=whole).status_code == 429
    whole = {**hidden(visitor.get("/report")), "what": "link", "message": "Kept too"}
    assert visitor.post("/report", data=whole).status_code == 429
    with site.visitor() as other:
        start = form(other, site.made.uncertain)
        assert other.post("/report", data={**start, "what": "phone"}).status_code == 303


def test_forms_that_are_not_taken_do_not_count_but_a_flood_of_them_ends(
    site: Site, visitor: httpx.Client
) -> None:
    count = len(site.reports())
    start = form(visitor, site.made.uncertain)
    for _ in range(5):
        assert visitor.post("/report", data=start).status_code == 400
    for _ in range(2):
        assert visitor.post("/report", data={**start, "what": "phone"}).status_code == 303
    assert visitor.post("/report", data={**start, "what": "phone"}).status_code == 429
    assert visitor.post("/report", data=start).status_code == 400
    with site.visitor() as program:
        forged = {"what": "link", "message": "x", "token": "forged"}
        answers = [program.post("/report", data=forged).status_code for _ in range(TRIES_A_MINUTE)]
        assert set(answers) == {403}
        whole = {**hidden(program.get("/report")), "what": "link", "message": "x"}
        last = program.post("/report", data=whole)
        assert (last.status_code, "Too many forms" in text_of(last)) == (429, True)
        assert program.post("/removal", data={}).status_code == 429
    assert len(site.reports()) == count + 1, "sent twice with one mark"


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


def test_who_is_not_there_cannot_be_reported(site: Site, visitor: httpx.Client) -> None:
    for path in ("/report", "/removal"):
        assert visitor.get(path, params={"practitioner": "np-nobody"}).status_code == 404
        assert visitor.get(path, params={"practitioner": "np-gone"}).status_code == 410
        moved = visitor.get(path, params={"practitioner": "np-old"})
        assert moved.status_code == 301
        assert moved.headers["location"] == f"{path}?practitioner={site.made.two_places}"
        assert visitor.post(path, data={"practitioner": "np-nobody"}).status_code == 404
    assert visitor.post("/removal", data={"what": "removal"}).status_code == 404


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
