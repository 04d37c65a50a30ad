"""Reports without an entry: it is found by name, and what is wrong with the site is taken too."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from html import unescape

import httpx
import pytest

from db.by_name import MOST_NAMED
from plugins.pages.contact import operator_contact
from tests.report_fixtures import Site, hidden, mark, site, visitor
from tests.test_finder import text_of

__all__ = ["site", "visitor"]

ENTRY = re.compile(r'<li><a href="([^"]+)" rel="nofollow">(.*?)</li>', re.DOTALL)


def found(page: httpx.Response) -> dict[str, str]:
    """Address and words of every entry that a page offers."""
    words = {to: re.sub(r"<[^>]+>", " ", said) for to, said in ENTRY.findall(page.text)}
    return {to: " ".join(unescape(said).split()) for to, said in words.items()}


@pytest.mark.parametrize("prefix", ["", "/es"])
@pytest.mark.parametrize("path", ["/report", "/removal"])
def test_an_entry_is_found_by_name(
    site: Site, visitor: httpx.Client, path: str, prefix: str
) -> None:
    page = visitor.get(prefix + path, params={"name": "  twoplaces TWYLA "})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "private, no-store"
    address = f"{prefix}{path}?practitioner={site.made.two_places}"
    [(to, said)] = found(page).items()
    assert to == address
    listed = r"(Alpha directory|Beta directory)(, Beta directory)?"
    by = "Listed by" if not prefix else "En la lista de"
    assert re.fullmatch(rf"Twyla Twoplaces PT, DPT Columbus, OH {by} {listed}", said), said
    form = visitor.get(to)
    assert (form.status_code, "Twyla Twoplaces" in form.text) == (200, True)
    assert hidden(form)["practitioner"] == site.made.two_places


@pytest.mark.parametrize(
    ("name", "told", "entries"),
    [
        ("twyla twop", "1 entry for “twyla twop”", 1),
        ("Twyla, Columbus", "1 entry for", 1),
        ("Nobody Named", "1 entry for", 1),
        ("Three of a Kind", "3 entries for", 3),
        ("Sampleton", " for “Sampleton”", None),
        ("PT", f"The first {MOST_NAMED} entries for “PT”", MOST_NAMED),
        ("zebulon xqzzyx", "Nobody found for “zebulon xqzzyx”", 0),
        ('"; drop table practitioner; --', "Nobody found", 0),
        ("<b>x</b> OR NEAR(* ^", "Nobody found", 0),
        ("\x00", "Nobody found", 0),
        ("é" * 5000, "Nobody found", 0),
    ],
)
def test_any_text_is_a_name(
    site: Site, visitor: httpx.Client, name: str, told: str, entries: int | None
) -> None:
    page = visitor.get("/removal", params={"name": name})
    assert page.status_code == 200
    assert told in text_of(page), text_of(page)
    shown = found(page)
    assert entries is None or len(shown) == entries
    assert "<b>x" not in page.text
    if entries == 0:
        assert "is not listed here" in text_of(page)


def test_the_name_weighs_more_than_practice_and_town(site: Site, visitor: httpx.Client) -> None:
    with closing(sqlite3.connect(site.made.path)) as connection:
        [[family, most]] = connection.execute(
            "select family, count(*) from practitioner where family = 'Sampleton'"
        ).fetchall()
    words = list(found(visitor.get("/report", params={"name": family})).values())
    of_that_name = [said for said in words if f"{family} PT" in said]
    assert 0 < len(of_that_name) == min(most, MOST_NAMED)
    assert words[: len(of_that_name)] == of_that_name


def test_without_a_name_nothing_is_said_of_anybody(visitor: httpx.Client) -> None:
    for path in ("/report", "/removal", "/report?name=", "/removal?name=+"):
        page = visitor.get(path)
        assert (page.status_code, found(page), 'id="found"' in page.text) == (200, {}, False)
        assert 'name="name"' in page.text


def test_a_report_about_the_site(site: Site, visitor: httpx.Client) -> None:
    page = visitor.get("/report")
    start = hidden(page)
    assert start["practitioner"] == ""
    empty = visitor.post("/report", data=start | {"what": "barrier"})
    assert empty.status_code == 400
    assert "Write what is wrong, and on which page." in text_of(empty)
    assert empty.text.index('role="alert"') < empty.text.index("<form")
    assert (
        visitor.post("/report", data=start | {"what": "moved", "message": "x"}).status_code == 400
    )
    text = "On /states/ohio the link to the board is dead."
    sent = visitor.post(
        "/report",
        data={**hidden(empty), "what": "link", "message": text, "reply_to": "ada@example.com"},
    )
    assert sent.status_code == 303
    kept = site.reports()[-1]
    assert sent.headers["location"] == f"/report/received?reference={kept['reference']}"
    assert (kept["kind"], kept["what"], kept["message"]) == ("site", "link", text)
    assert (kept["practitioner_id"], kept["location_id"], kept["place"]) == ("", None, None)
    assert kept["reply_to"] == "ada@example.com"
    received = visitor.get(sent.headers["location"])
    assert (received.status_code, kept["reference"] in received.text) == (200, True)


@pytest.mark.parametrize("token", ["", "forged", "person", "removal"])
def test_a_report_about_the_site_needs_its_own_mark(
    site: Site, visitor: httpx.Client, token: str
) -> None:
    count = len(site.reports())
    made = {"person": mark(person="np-1"), "removal": mark(form="removal")}.get(token, token)
    whole = {"practitioner": "", "what": "law", "message": "Ohio changed it.", "token": made}
    page = visitor.post("/report", data=whole)
    assert (page.status_code, "Ohio changed it." in page.text) == (403, True)
    elsewhere = visitor.post("/report", data=whole, headers={"origin": "https://x.example"})
    assert elsewhere.status_code == 403
    assert len(site.reports()) == count
    assert visitor.post("/report", data=whole | hidden(page)).status_code == 303


@pytest.mark.parametrize(
    ("told", "contact"),
    [
        ("https://example.com/about/", ("https://example.com/about/", "example.com/about")),
        ("mailto:ada@example.com", ("mailto:ada@example.com", "ada@example.com")),
        (" ada@example.com ", ("mailto:ada@example.com", "ada@example.com")),
        ("ask at the desk", None),
        ("", None),
    ],
)
def test_who_runs_the_site_is_told_where_it_is_known(
    told: str, contact: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEEDLEPOINT_CONTACT", told)
    assert operator_contact() == contact


def test_every_page_says_how_to_reach_who_runs_the_site(site: Site) -> None:
    """Without an address a page offers none, and no sentence points to one."""
    for path in ("/", "/report", "/removal", "/accessibility", "/privacy"):
        text = text_of(httpx.get(f"{site.address}{path}"))
        assert "Write to whoever" not in text
        assert "Who runs this site" not in text
