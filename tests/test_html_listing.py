"""HTML listings: tables, cards and definition lists are read; ordinary pages are none of them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Request, Response

from records.listing import Listing
from records.text import lines, plain
from spiders.platforms import WrongShape
from spiders.platforms.fields import field_for, hashed_id, heading_key
from spiders.platforms.html_listing import HtmlListing
from spiders.platforms.pager import next_page, printed_total
from spiders.platforms.shapes import is_name, is_street, is_town
from tests.platform_fixtures import SITE, answer, around, harvest, page, recorded

TABLE = recorded("html_listing/table.html")
CARDS = recorded("html_listing/cards.html")


def printed(listing: Listing) -> dict[str, object]:
    half = listing.printed()
    for key in ("source_id", "native_id", "seen_url"):
        del half[key]
    return half


def read(html: str, path: str = "/find/", **options: object) -> list[Listing]:
    found = HtmlListing(around(**options)).read(page(html, path))
    return [one for one in found if isinstance(one, Listing)]


# Tables


def test_a_table_with_spans_groups_and_repeated_headings() -> None:
    ada, ben, cleo = read(TABLE)
    assert printed(ada) == {
        "name": "Ada Sampleton",
        "credentials": "PT, DPT",
        "address": "12 Invented Avenue, Suite 4, Toledo, OH 43604",
        "phone": "(419) 555-0134",
        "email": "ada@example.com",
        "certification": "Level 2",
        "profile_url": f"{SITE}/therapist/?id=4",
        "extra": {"heading": "Ohio"},
    }
    assert ada.native_id == "/therapist?id=4"
    assert (ben.name, ben.phone, ben.email) == ("Ben O’Mockworth", "419-555-0135", None)
    assert ben.address == ada.address, "the cell reaches down two rows"
    assert (cleo.city, cleo.state, cleo.address) == ("Dayton", "Ohio", None)
    assert len(cleo.native_id) == 20


def table(head: str, *rows: str) -> str:
    def line(tag: str, text: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{one}</{tag}>" for one in text.split("|")) + "</tr>"

    return f"<table>{line('th', head)}{''.join(line('td', row) for row in rows)}</table>"


PEOPLE = (
    "Ada Sampleton|1 Invented St|Toledo|OH|43604|419-555-0134",
    "Ben Mockworth|2 Invented St|Dayton|OH|45402|937-555-0103",
    "Cleo Nowhere|3 Invented St|Lima|OH|45801|419-555-0105",
)


@pytest.mark.parametrize(
    "head",
    [
        "Name|Address|City|State|Zip|Phone",
        "Practitioner's Name|Street Address|City/Town|State / Province|Zip Code|Telephone #",
        "NAME:|STREET|TOWN|ST|POSTCODE|TEL.",
        "Therapeut|Straße|Ort|Bundesland|PLZ|Telefon",
        "Nom|Rue|Ville|Province|Code postal|Téléphone",
        "Nombre|Dirección|Ciudad|Estado|Código postal|Teléfono",
        "Nome|Indirizzo|Città|Regione|CAP|Telefono",
        "Naam|Straat|Plaats|Provincie|Postcode|Telefoon",
    ],
)
def test_headings_in_six_languages(head: str) -> None:
    platform = HtmlListing(around())
    assert platform.recognise(page(table(head, *PEOPLE))) is not None
    first = read(table(head, *PEOPLE))[0]
    assert printed(first) == {
        "name": "Ada Sampleton",
        "street": "1 Invented St",
        "city": "Toledo",
        "state": "OH",
        "postcode": "43604",
        "phone": "419-555-0134",
    }


def test_names_in_parts_and_columns_of_the_fact_sheet() -> None:
    html = table("First Name|Last Name|Town|Geheim", "Ada|Sampleton|Toledo|CMTPT")
    assert printed(read(html, columns={"geheim": "credentials"})[0]) == {
        "name": "Ada Sampleton",
        "city": "Toledo",
        "credentials": "CMTPT",
    }


def test_two_of_one_name_stay_two() -> None:
    html = table("Name|Phone", "Pat Sample|614-555-0101", "Pat Sample|614-555-0102")
    assert len({one.native_id for one in read(html)}) == 2
    assert len(read(html + html)) == 2


# Cards


def test_cards_of_every_kind() -> None:
    ada, ben, emile = read(CARDS, "/practitioners/")
    assert printed(ada) == {
        "name": "Ada Sampleton, PT",
        "practice": "Fictional Motion, LLC",
        "address": "12 Invented Avenue, Suite 4, Toledo, OH 43604",
        "phone": "(419) 555-0134",
        "website": "https://www.example.com/ada/",
        "certification": "Certified in Fictional Needling",
        "profile_url": f"{SITE}/practitioners/ada/",
    }
    assert ben.name == "Ben Mockworth, MD"
    assert ben.address == "PO Box 7, Dayton, OH 45402"
    assert ben.phone == "937-555-0103"
    assert ben.extra["License"] == "PT-0000"
    assert (ben.email, ben.extra["email"]) == (None, "contact via site"), "hidden mail stays so"
    assert emile.email == "emile@example.com"
    assert emile.website is None
    assert (emile.latitude, emile.longitude) == ("40.7425", "-84.1052")


def test_the_fact_sheet_may_say_what_a_card_is() -> None:
    assert len(read(CARDS, "/practitioners/", extra={"card": ".box"})) == 3


def test_definition_lists() -> None:
    html = "<dl>" + "".join(
        f"<dt>{name}</dt><dd>{town}</dd><dd>Tel: {phone}</dd>"
        for name, town, phone in (
            ("Ada Sampleton, PT", "1 Invented St, Toledo, OH 43604", "419-555-0134"),
            ("Ben Mockworth", "2 Invented St, Dayton, OH 45402", "937-555-0103"),
            ("Cleo Nowhere", "3 Invented St, Lima, OH 45801", "419-555-0105"),
        )
    )
    found = read(html + "</dl>")
    assert [one.name for one in found] == ["Ada Sampleton, PT", "Ben Mockworth", "Cleo Nowhere"]
    assert found[1].phone == "937-555-0103"


# Ordinary pages

COURSES = "".join(
    f'<div class="course"><h3>Foundations of Dry Needling</h3><p>{town}</p>'
    "<p>March 5-7, 2027 · $1,295 · (614) 555-0100</p><a>Register now</a></div>"
    for town in ("Columbus, OH", "Toledo, OH", "Dayton, OH")
)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>Hello</p>",
        "<article><h1>What is it?</h1><p>Call Dr Ada Sampleton: (614) 555-0101.</p></article>",
        "<h1>Contact</h1><p>1 Campus Drive<br>Columbus, OH 43215</p><p>(614) 555-0100</p>",
        table("Course|Location|Price", "DN-1|Toledo, OH|$900", "DN-2|Dayton, OH|$900"),
        table("Name|City|Date", "Level One|Toledo|1 May", "Level Two|Lima|2 May", "L 3|x|3 May"),
        table("Day|Opens|Closes", "Monday|8|5", "Tuesday|8|5", "Wednesday|8|5"),
        COURSES,
        '<iframe src="https://www.google.com/maps/embed?pb=1"></iframe><p>Find us here</p>',
        "<ul>"
        + "".join(f'<li><a href="/p{n}">News of Day {n}</a></li>' for n in range(9))
        + "</ul>",
        "".join(
            f"<article><h2>Ten Good Reasons</h2><p>By Ada Sampleton</p><p>Text {n}</p></article>"
            for n in range(5)
        ),
        "<footer>" + "<p>(614) 555-0100</p>" * 4 + "</footer>",
        "<div>" * 3000 + "(614) 555-0100",
    ],
)
def test_ordinary_pages_are_no_listings(html: str) -> None:
    assert HtmlListing(around()).recognise(page(html)) is None


def test_cards_with_a_town_only_are_less_certain() -> None:
    html = "".join(
        f'<div class="c"><h3>{name}</h3><p>{town}</p></div>'
        for name, town in (
            ("Ada Sampleton", "Toledo, OH"),
            ("Ben Mockworth", "Dayton, OH"),
            ("Cleo Nowhere", "Lima, OH"),
        )
    )
    platform = HtmlListing(around())
    sure, hopeful = platform.recognise(page(CARDS)), platform.recognise(page(html))
    assert sure is not None
    assert hopeful is not None
    assert sure.certainty > hopeful.certainty


# Pages after pages


def numbered(pages: int, *, after: str) -> object:
    """A site of so many pages; past the end comes `after`: "first", "last", "404" or "nobody"."""

    def site(request: Request) -> Response:
        number = int(request.url.partition("page=")[2] or 1)
        status, shown = 200, number
        body = ""
        if number > pages:
            shown = {"first": 1, "last": pages}.get(after, 0)
            status = 404 if after == "404" else 200
            body = "<h1>Sorry</h1><p>No listings found.</p>"
        if shown:
            body = table(
                "Name|City|Phone", *(f"Person {shown}{n} Invented|Lima|419-555-0101" for n in "abc")
            )
        body += f'<a rel="next" href="/find/?page={number + 1}">Next</a>'
        return HtmlResponse(
            request.url, status=status, body=body.encode(), encoding="utf-8", request=request
        )

    return site


@pytest.mark.parametrize("after", ["first", "last", "404", "nobody"])
def test_a_pager_that_never_ends_does(after: str) -> None:
    site = numbered(4, after=after)
    first = site(Request(f"{SITE}/find/"))  # type: ignore[operator]
    found = harvest(HtmlListing(around()), first, site)  # type: ignore[arg-type]
    assert len(found.listings) == 12
    assert len(found.requests) == 4


def test_page_1_in_the_place_of_page_2_is_said_again() -> None:
    platform = HtmlListing(around())
    html = table("Name|City|Phone", *(f"Person {n} Invented|Lima|419-555-0101" for n in "abc"))
    html += '<a rel="next" href="/find/?page=3">Next</a>'
    once = list(platform.read(page(html, "/find/?page=1")))
    again = list(platform.read(answer(html, "/find/?page=2", page=2)))
    assert [one.native_id for one in again if isinstance(one, Listing)] == [
        one.native_id for one in once if isinstance(one, Listing)
    ]
    assert not any(isinstance(one, Request) for one in again)


def test_a_broken_page_in_the_middle_is_no_end() -> None:
    platform = HtmlListing(around())
    with pytest.raises(WrongShape):
        list(platform.read(answer("<h1>Error establishing a database connection</h1>", page=2)))
    with pytest.raises(WrongShape):
        list(platform.read(page("<p>No listings found.</p>")))


@pytest.mark.parametrize(
    ("html", "path", "following"),
    [
        ('<link rel="next" href="/find/?page=2">', "/find/", "/find/?page=2"),
        ('<a href="/find/page/2/">Next page »</a>', "/find/", "/find/page/2/"),
        ('<a href="?page=3">›</a>', "/find/?page=2", "/find/?page=3"),
        ('<li class="pager-next"><a href="?page=1">go</a></li>', "/find/", "/find/?page=1"),
        ('<a href="?page=1">1</a><a href="?page=2">2</a>', "/find/", "/find/?page=2"),
        ('<a href="/find/page/3/">3</a>', "/find/page/2/", "/find/page/3/"),
        ('<a href="?page=1">« Previous</a>', "/find/?page=2", None),
        ('<a href="?page=2">Next</a>', "/find/?page=2", None),
        ('<a href="https://elsewhere.example/?page=2">Next</a>', "/find/", None),
        ('<a href="#">Next</a><a href="javascript:next()">Next</a>', "/find/", None),
        ('<a href="/next-steps/">Your next steps towards needling</a>', "/find/", None),
        ('<a href="http://[bad">Next</a>', "/find/", None),
    ],
)
def test_where_a_listing_goes_on(html: str, path: str, following: str | None) -> None:
    assert next_page(page(html, path)) == (SITE + following if following else None)


def test_totals_that_pages_print() -> None:
    assert printed_total("Showing 1 to 25 of 1,403 entries") == 1403
    assert printed_total("Results 1–10 of 57") == 57
    assert printed_total("Best of 2026") is None


# Shapes and words


@pytest.mark.parametrize(
    ("text", "name", "street", "town"),
    [
        ("Ada Sampleton, PT, DPT", True, False, False),
        ("Ludwig van der Beispiel", True, False, False),
        ("Fictional Motion & Spine, LLC", True, False, False),
        ("Dot Mockly, MD", True, False, True),
        ("12 Invented Avenue", False, True, False),
        ("Suite 400", False, True, False),
        ("P.O. Box 12", False, True, False),
        ("Toledo, OH", False, False, True),
        ("Toledo, Ohio 43604-1234", False, False, True),
        ("Vancouver, BC V6B 1A1", False, False, True),
        ("(614) 555-0101", False, False, False),
        ("Read more", False, False, False),
        ("View Profile Of Ada", False, False, False),
        ("we treat many conditions", False, False, False),
    ],
)
def test_what_a_line_looks_like(text: str, name: bool, street: bool, town: bool) -> None:
    assert (is_name(text), is_street(text), is_town(text)) == (name, street, town)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("E-Mail:", "email"),
        ("addressLine1", "street"),
        ("Work phone", "phone"),
        ("Practitioner’s Name", "name"),
        ("Clinic Name", "practice"),
        ("PLZ", "postcode"),
        ("hasCredential", "certification"),
        ("Home address", None),
        ("Favourite dish", None),
        ("", None),
    ],
)
def test_what_a_heading_means(heading: str, field: str | None) -> None:
    assert field_for(heading) == field


def test_an_id_does_not_change_with_commas_and_case() -> None:
    one = hashed_id({"name": "Ada Sampleton, PT", "city": "Toledo"})
    assert one == hashed_id({"name": "ADA SAMPLETON PT", "city": "toledo", "phone": "1"})
    assert one != hashed_id({"name": "Ada Sampleton, PT", "city": "Lima"})
    assert hashed_id({"phone": "1"}) != hashed_id({"phone": "2"})


# Any text at all

pieces = st.sampled_from(
    ["<table>", "<tr>", "<td>", "<th>", "</td>", "</tr>", "</table>", "<div class='a'>", "</div>",
     "<h3>", "</h3>", "<dl>", "<dt>", "<dd>", "</dl>", "<a href='", "'>", "</a>", "Name", "Phone",
     "City", "Ada Sampleton", "(614) 555-0101", "Toledo, OH 43604", "<br>", "tel:", "mailto:",
     "http://[", "rowspan='9'", "<td colspan='99999'>", "\x00", "&#0;", "Next", "?page=2"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(pieces | st.text(max_size=5), max_size=60).map("".join))
def test_any_page(html: str) -> None:
    platform = HtmlListing(around())
    platform.recognise(page(html))
    with contextlib.suppress(WrongShape):
        list(platform.read(page(html)))
    with contextlib.suppress(WrongShape):
        list(platform.read(answer(html, page=2)))


@given(st.text())
def test_any_line(text: str) -> None:
    is_name(text), is_street(text), is_town(text), heading_key(text), field_for(text)
    assert "\n" not in plain(text)
    assert all(line.strip() for line in lines(text))
