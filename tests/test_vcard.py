"""A practitioner as a contact: read back as a telephone would read it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.practitioners import Location, Practitioner
from db.profile import Profile
from plugins.pages.directions import directions
from plugins.vcard import LONGEST_LINE, contact, escaped, folded
from tests.test_finder import Site, site  # noqa: F401 - the fixture

LOCATION = Location(
    id=1,
    practice=None,
    street=None,
    city="Toledo",
    state="OH",
    postcode="43604",
    country="US",
    phone=None,
    phone_extension=None,
    website=None,
    booking_url=None,
    home_visits=None,
    latitude=41.65,
    longitude=-83.54,
    precision=None,
    point_from=None,
    point_note=None,
    last_seen="2026-11-20",
)
MAPS = ["OpenStreetMap", "Google Maps", "Apple Maps"]


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def read_back(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


@given(st.text())
def test_any_text_is_read_back(text: str) -> None:
    assert read_back(escaped(text)) == "\n".join(text.splitlines())


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_line_is_folded_and_unfolded(text: str) -> None:
    pieces = folded(text).split("\r\n")
    assert all(len(piece.encode()) <= LONGEST_LINE for piece in pieces)
    assert "".join([pieces[0], *(piece[1:] for piece in pieces[1:])]) == text


def test_a_contact_holds_what_the_page_shows(site: Site) -> None:  # noqa: F811
    first = site.find("Columbus, OH")["results"][0]
    reply = site.get(f"/practitioner/{first['id']}.vcf")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/vcard; charset=utf-8"
    assert f'filename="{first["id"]}.vcf"' in reply.headers["content-disposition"]
    lines = unfolded(reply.text)
    assert (lines[0], lines[1], lines[-1]) == ("BEGIN:VCARD", "VERSION:4.0", "END:VCARD")
    assert f"FN:{escaped(first['name'])}" in lines
    assert any(first["phone"] in line for line in lines if "TEL" in line)
    assert any(escaped(first["street"]) in line for line in lines if "ADR" in line)
    assert any("not an endorsement" in line and "Last seen 2026-" in line for line in lines)
    assert "@" not in reply.text


def test_nobody_and_somebody_withdrawn_have_no_contact(site: Site) -> None:  # noqa: F811
    assert site.get("/practitioner/np-nobody.vcf").status_code == 404


def test_the_page_offers_the_contact_and_names_three_maps_before_leaving(
    site: Site,  # noqa: F811
) -> None:
    first = next(one for one in site.find("Columbus, OH")["results"] if one["street"])
    page = site.get(f"/practitioner/{first['id']}").text
    assert f'href="/practitioner/{first["id"]}.vcf"' in page
    assert "Directions, on a site that is not ours:" in page
    for name in MAPS:
        assert re.search(rf'rel="nofollow noopener noreferrer">{name}</a>', page)


@pytest.mark.parametrize(
    ("street", "precision", "named"),
    [
        ("1 Sample Street", "source", MAPS),
        ("1 Sample Street", "postcode", MAPS),
        (None, "source", MAPS),
        (None, "postcode", []),
        (None, "city", []),
        (None, None, []),
    ],
)
def test_nobody_is_sent_to_the_centre_of_a_town(
    street: str | None, precision: str | None, named: list[str]
) -> None:
    at = replace(LOCATION, street=street, precision=precision)
    found = directions(at)
    assert [name for name, _ in found] == named
    assert all(street is None or "Sample" in url for _, url in found[1:])


@pytest.mark.parametrize(("said", "noted"), [(1, True), (0, False), (None, False)])
def test_home_visits_are_noted_at_the_place_that_makes_them(said: int | None, noted: bool) -> None:
    person = Practitioner("np-1", "person", "Ada Mockridge", None, None, "2026-01-01", "2026-11-20")
    places = (replace(LOCATION, home_visits=said), replace(LOCATION, id=2))
    told = unfolded(contact(Profile(person, places, (), (), (), (), None), "https://x.example/p"))
    notes = [line for line in told if line.startswith("place") and "NOTE" in line]
    assert notes == (["place1.NOTE:Home visits\\, says the directory"] if noted else [])
