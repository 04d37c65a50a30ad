"""HTML listings further: microformats, records in lists, pagers of all kinds, pages of entries."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

import pytest
from scrapy.http import Request

from records.listing import Listing
from samples.grid_pages import AspNetSite, DrupalSite
from samples.people import make_world
from samples.truth import fold
from spiders.platforms import WrongShape
from spiders.platforms.html_listing import HtmlListing
from spiders.platforms.pager import next_page, next_request
from spiders.platforms.shapes import is_house
from tests.map_plugin_fixtures import visit
from tests.platform_fixtures import SITE, answer, around, harvest, page

NAMES = ("Ada Sampleton", "Ben Mockworth", "Cleo Nowhere")


def repeated(piece: str) -> str:
    """The piece once for each person, N its number."""
    return "".join(
        piece.replace("NAME", name).replace("N#", str(40 + n)) for n, name in enumerate(NAMES)
    )


def first(html: str, path: str = "/find/", **options: Any) -> dict[str, Any]:
    platform = HtmlListing(around(**options))
    found = page(f"<html><body>{html}</body></html>", path)
    match = platform.recognise(found)
    assert match is not None
    assert match.certainty == 0.55
    listings = [one for one in platform.read(found) if isinstance(one, Listing)]
    assert [one.name for one in listings] == list(NAMES)
    printed = listings[0].printed()
    return {
        key: printed[key] for key in printed if key not in ("source_id", "native_id", "seen_url")
    }


PARTS = {"street": "40 Specimen St", "city": "Columbus", "state": "OH", "postcode": "43215"}
WHOLE = {"address": "40 Specimen St, Columbus, OH 43215", "phone": "(614) 555-0140"}


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        pytest.param(
            '<div class="vcard"><span class="fn">NAME</span> <a class="url" '
            'href="https://x.example.com">'
            'site</a><div class="adr"><span class="street-address">N# Specimen St</span> <span '
            'class="locality">Columbus</span>, <abbr class="region" title="Ohio">OH</abbr> <span '
            'class="postal-code">43215</span></div><span class="tel"><span '
            'class="type">Work</span> '
            '<span class="value">+1-614-555-01N#</span></span><a class="email" '
            'href="mailto:aN#@example.com">mail</a><span class="geo"><abbr class="latitude" '
            'title="39.96">N 39</abbr>, <abbr class="longitude" title="-83.00">W '
            '83</abbr></span></div>',
            {
                **PARTS, "phone": "+1-614-555-0140", "email": "a40@example.com",
                "website": "https://x.example.com", "latitude": "39.96", "longitude": "-83.00",
            },
            id="hCard",
        ),
        pytest.param(
            '<li class="h-card"><a class="p-name u-url" href="https://x.example.com">NAME</a><span '
            'class="p-org">Figment PT</span><div class="p-adr h-adr"><span '
            'class="p-street-address">N# '
            'Specimen St</span> <span class="p-locality">Columbus</span>, <span class="p-region">OH'
            '</span> <span class="p-postal-code">43215</span></div><span class="p-tel">614-555-01N#'
            '</span><data class="p-latitude" value="39.96"></data></li>',
            {
                **PARTS, "practice": "Figment PT", "phone": "614-555-0140", "latitude": "39.96",
                "website": "https://x.example.com",
            },
            id="h-card",
        ),
        pytest.param(
            '<dl class="m"><dt>Name</dt><dd>NAME</dd><dt>Clinic</dt><dd>Figment '
            'PT</dd><dt>Address</dt>'
            "<dd>N# Specimen St<br>Columbus, OH 43215</dd><dt>Phone</dt><dd>(614) "
            "555-01N#</dd></dl>",
            {**WHOLE, "practice": "Figment PT"},
            id="a list for each",
        ),
        pytest.param(
            "<dl>PIECES</dl><dt>Name:</dt><dd>NAME</dd><dt>Address:</dt><dd>N# Specimen St, "
            "Columbus, "
            "OH 43215</dd><dt>Phone:</dt><dd>(614) 555-01N#</dd>",
            WHOLE,
            id="records in one list",
        ),
        pytest.param(
            "<dl>PIECES</dl><div><dt>NAME</dt><dd>N# Specimen St, Columbus, OH 43215</dd>"
            '<dd><a href="tel:+161455501N#">(614) 555-01N#</a></dd></div>',
            WHOLE,
            id="groups in one list",
        ),
        pytest.param(
            "<dl>PIECES</dl><dt>NAME</dt><dd>N# Specimen St, Columbus, OH 43215</dd>"
            "<dd>(614) 555-01N#</dd>",
            WHOLE,
            id="names as terms",
        ),
        pytest.param(
            '<div class="views-row"><div class="views-field views-field-title"><span '
            'class="field-content">NAME</span></div><p class="address"><span '
            'class="address-line1">N# '
            'Specimen St</span><br><span class="locality">Columbus</span>, <span '
            'class="administrative-area">OH</span> <span class="postal-code">43215</span></p><span '
            'class="views-label">Phone: </span><a href="tel:614-555-01N#">614-555-01N#</a></div>',
            {**PARTS, "phone": "614-555-0140"},
            id="a Drupal view",
        ),
        pytest.param(
            '<div class="m-directory-card"><h2 class="m-directory-card__title">NAME</h2><p '
            'class="m-directory-card__company">Figment PT</p><address>N# Specimen '
            'St<br>Columbus, OH '
            '43215</address><a class="btn" href="tel:61455501N#">Call</a><a class="btn" '
            'href="https://maps.google.com/?q=x">Directions</a><span>1.2 miles away</span></div>',
            {**WHOLE, "practice": "Figment PT", "phone": "6145550140"},
            id="a card with buttons",
        ),
    ],
)  # fmt: skip
def test_markup_of_every_kind(html: str, wanted: dict[str, Any]) -> None:
    before, _, after = html.partition("PIECES</dl>")
    whole = f"{before}{repeated(after)}</dl>" if after else repeated(html)
    assert first(whole) == {"name": "Ada Sampleton", **wanted}


@pytest.mark.parametrize("name", ["Billing Department", "Placeholder Hotel", "Press Office"])
def test_desks_and_hotels_are_nobody(name: str) -> None:
    assert is_house(name)
    html = "".join(f"<div><h3>{name}</h3><p>(614) 555-01{n}</p></div>" for n in range(40, 44))
    assert HtmlListing(around()).recognise(page(html)) is None


@pytest.mark.parametrize("name", ["Figment Physical Therapy - Main Office", "Ada Inman, PT"])
def test_practices_and_people_are_no_houses(name: str) -> None:
    assert not is_house(name)


# Pagers


def card(name: str, number: int) -> str:
    return f'<div class="card"><h3>{name}</h3><p>(614) 555-01{number}</p></div>'


def test_the_last_page_may_hold_one_card() -> None:
    pages = {
        "/find/": "".join(card(name, 40 + n) for n, name in enumerate(NAMES))
        + '<a rel="next" href="/find/?page=2">2</a>',
        "/find/?page=2": card("Dana Lastly", 50),
    }
    found = harvest(
        HtmlListing(around()),
        page(pages["/find/"]),
        lambda request: answer(pages[request.url.removeprefix(SITE)]).replace(request=request),
    )
    assert [one.name for one in found.listings.values()] == [*NAMES, "Dana Lastly"]


@pytest.mark.parametrize(
    ("links", "path", "following"),
    [
        ('<a href="?page=0">1</a><a href="?page=1">2</a><a href="?page=2">3</a>', "/f", "?page=1"),
        ('<a href="?page=0">1</a><a href="?page=2">3</a>', "/f?page=1", "?page=2"),
        ('<a href="?page=1">2</a><a href="?page=2">3</a>', "/f", "?page=1"),
        ('<a href="?page=1">1</a><a href="?page=2">2</a>', "/f", "?page=2"),
        ('<a href="?page=0,1">2</a><a href="?page=0,2">3</a>', "/f", "?page=0,1"),
        ('<a href="?page=0">1</a>', "/f?page=1", None),
        ('<a href="?page=1"><span>Page</span> 2</a>', "/f", "?page=1"),
    ],
)
def test_numbers_from_0_and_from_1(links: str, path: str, following: str | None) -> None:
    found = next_page(page(links, path))
    assert (found and found.removeprefix(f"{SITE}/f")) == following


FORM = (
    '<form method="post" action="./List.aspx?x=1"><input type="hidden" name="__VIEWSTATE" '
    'value="s&amp;1">'
    '<input name="q" value=""><input type="checkbox" name="c" value="1"><input type="submit" '
    'name="go">'
    '<select name="s"><option>All</option><option selected '
    'value="OH">Ohio</option></select>{}</form>'
)


@pytest.mark.parametrize(
    ("links", "argument"),
    [
        ("<a href=\"javascript:__doPostBack('grid','Page$2')\">2</a>", ("grid", "Page$2")),
        ("<a href=\"javascript:__doPostBack('grid','Page$Next')\">&gt;</a>", ("grid", "Page$Next")),
        ("<a href=\"javascript:__doPostBack('p$ctl02','')\">2</a>", ("p$ctl02", "")),
        ("<a href=\"javascript:__doPostBack('p$next','')\">Next</a>", ("p$next", "")),
        (
            "<a href='javascript:__doPostBack(&quot;g&quot;,&quot;Page$2&quot;)'>...</a>",
            ("g", "Page$2"),
        ),
    ],
)
def test_a_form_is_sent_back_as_a_browser_would(links: str, argument: tuple[str, str]) -> None:
    request = next_request(page(FORM.format(links), "/List.aspx"), 2)
    assert request is not None
    assert (request.method, request.url) == ("POST", f"{SITE}/List.aspx?x=1")
    sent = parse_qs(request.body.decode(), keep_blank_values=True)
    target, word = argument
    assert sent == {
        "__VIEWSTATE": ["s&1"], "q": [""], "s": ["OH"],
        "__EVENTTARGET": [target], "__EVENTARGUMENT": [word],
    }  # fmt: skip


@pytest.mark.parametrize(
    "html",
    [
        FORM.format("<a href=\"javascript:__doPostBack('grid','Sort$Name')\">Name</a>"),
        FORM.format("<a href=\"javascript:__doPostBack('grid','Page$1')\">1</a>"),
        "<a href=\"javascript:__doPostBack('grid','Page$2')\">2</a>",
        "<form><a href=\"javascript:__doPostBack('grid','Page$2')\">2</a></form>",
        FORM.replace("./List.aspx", "https://other.example/x").format(
            "<a href=\"javascript:__doPostBack('grid','Page$2')\">2</a>"
        ),
        FORM.replace("./List.aspx", "http://[").format(
            "<a href=\"javascript:__doPostBack('grid','Page$2')\">2</a>"
        ),
    ],
)
def test_what_turns_no_page(html: str) -> None:
    assert next_request(page(html, "/List.aspx"), 2) is None


@pytest.mark.parametrize("kind", [AspNetSite, DrupalSite])
def test_sample_sites_are_read_whole(kind: Any) -> None:
    site = kind(make_world())
    found = visit(site, HtmlListing(around()))

    def key(name: str | None, phone: str | None) -> tuple[str, str]:
        return fold(name), re.sub(r"\D", "", phone or "")

    true = sorted(key(one.printed, one.phone) for one in site.shown())
    got = sorted(
        key(", ".join(filter(None, (one.name, one.credentials))), one.phone)
        for one in found.listings.values()
    )
    assert got == true
    pages = -(-len(true) // site.per_page)
    print(f"\n{kind.__name__}: {len(true)} listings on {pages} pages, {len(found.requests)} asked")
    assert len(found.requests) <= pages


# Pages of entries


LISTED = "".join(
    f'<div class="card"><h3><a href="/p/{n}">{name}</a></h3><p>Columbus, OH 43215</p></div>'
    for n, name in enumerate(NAMES)
)
PROFILE = (
    '<script type="application/ld+json">{"@type":"Organization","name":"Publisher"}</script>'
    '<script type="application/ld+json">{"@type":"Person","name":"%s","telephone":"614-555-0142",'
    '"address":{"@type":"PostalAddress","addressLocality":"Elsewhere"},"url":"https://www.example.com/a",'
    '"hasCredential":"Level 2"}</script>'
)


def profile_site(request: Request) -> Any:
    number = int(request.url[-1])
    if number == 1:
        return answer("gone", "/p/1", status=404).replace(request=request)
    return answer(PROFILE % NAMES[number], f"/p/{number}").replace(request=request)


def test_pages_of_entries_fill_in_what_the_list_leaves_out() -> None:
    platform = HtmlListing(around(extra={"profiles": "yes"}))
    found = harvest(platform, page(LISTED), profile_site)
    ada, ben, cleo = (found.listings[f"/p/{n}"] for n in range(3))
    assert (ada.phone, ada.website) == ("614-555-0142", "https://www.example.com/a")
    assert ada.certification == "Level 2"
    assert (ada.address, ada.city) == ("Columbus, OH 43215", None), "the list says where"
    assert (ben.name, ben.phone) == ("Ben Mockworth", None), "its page is gone, the list is not"
    assert cleo.seen_url == f"{SITE}/find/"


def test_without_the_setting_no_page_is_asked() -> None:
    found = harvest(HtmlListing(around()), page(LISTED), profile_site)
    assert (len(found.listings), found.requests) == (3, [])


def test_a_page_that_fails_is_asked_again() -> None:
    platform = HtmlListing(around(extra={"profiles": "yes"}))
    (request, *_) = platform.read(page(LISTED))
    assert isinstance(request, Request)
    broken = answer("Oops", "/p/0", status=500).replace(request=request)
    for _ in range(2):
        with pytest.raises(WrongShape):
            list(platform.read(broken))
    (found,) = platform.read(profile_site(request))
    assert isinstance(found, Listing)
    assert found.phone == "614-555-0142"
