"""The pages of states and towns, the sitemap, and what search engines are told."""

from __future__ import annotations

import html
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from db import places_listed as places
from db.practitioners import Certification, Location, Practitioner
from db.profile import Profile
from plugins.pages import addresses, language, structured
from tests.finder_fixtures import SEEN, Made, build
from tests.test_finder import Site, opened, text_of

OLD = "2026-05-01T04:00:00Z"
"""More than 180 days before the fixture's release was built."""
NASTY = 'Ann "Needle" </script><script>alert(1)</script> & O\'Quote'
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
RULES = [
    ("OR", "Oregon", "physical_therapist", "prohibited", "Not yet: sample bill, rules pending."),
    ("MI", "Michigan", "physical_therapist", "silent", "Sample: the law says nothing."),
    ("NY", "New York", "physical_therapist", "prohibited", "Sample: the law says no."),
    ("OH", "Ohio", "chiropractor", "unclear", "Sample: sources disagree."),
]
LAWS = {"OR": ("2025-08-07", "2027-07")}


def add(connection: sqlite3.Connection, number: str, name: str, **at: object) -> None:
    seen = at.pop("last_seen", SEEN)
    connection.execute(
        "insert into practitioner (id, kind, name, listings, sources, first_seen, last_seen)"
        " values (?, 'person', ?, 1, 1, ?, ?)",
        (number, name, OLD, seen),
    )
    row = {"practitioner_id": number, "country": "US", "last_seen": seen} | at
    connection.execute(
        f"insert into location ({', '.join(row)}) values ({', '.join('?' * len(row))})",
        list(row.values()),
    )


def fill(made: Made) -> None:
    with closing(sqlite3.connect(made.path)) as connection:
        add(connection, "np-old", "Olga Long-Ago", city="Lima", state="OH", last_seen=OLD)
        add(connection, "np-old2", "Otto Long-Ago", city="Toledo", state="OH", last_seen=OLD)
        add(connection, "np-l1", "Zed Fauxley", city="St. Louis", state="MO")
        add(connection, "np-l2", "ada Mockridge", city="Saint Louis", state="MO")
        add(connection, "np-l3", "Bob Inventov", city="ST. LOUIS", state="MO")
        add(connection, "np-l4", "Cleo Inventov", city="St. Louis", state="MO")
        add(connection, "np-nasty", NASTY, city="Salem", state="OR", practice='"X" </script>')
        add(connection, "np-perth", "Pat Perth", city="Perth", state="WA", country="AU")
        add(connection, "np-pr", "Inés Muestra", city="Mayagüez", state="PR", country="PR")
        for state, name, profession, status, summary in RULES:
            connection.execute(
                "insert into state_rule values (?, ?, ?, ?, 'statute', ?, null, null, ?, ?,"
                " 'Sample board', 'https://board.example.com/', '2026-02', '2026-03',"
                " '2026-11-20', null, 'high')",
                (state, name, profession, status, summary, *LAWS.get(state, (None, None))),
            )
        connection.commit()


def filled(folder: Path, *, sample: bool) -> Iterator[Site]:
    made = build(folder, sample=sample)
    fill(made)
    with opened(made) as site:
        yield site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from filled(tmp_path_factory.mktemp("places"), sample=False)


@pytest.fixture(scope="module")
def sample_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from filled(tmp_path_factory.mktemp("sample"), sample=True)


def described(page: str) -> dict[str, dict[str, Any]]:
    """The page's JSON-LD, by type."""
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return {thing["@type"]: thing for thing in json.loads(text)["@graph"]}


def row_of(site: Site, slug: str) -> str:
    page = site.get("/states").text
    found = re.search(rf'<tr id="{slug}">.*?</tr>', page, re.DOTALL)
    assert found, slug
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(found[0])).split())


def urls_of(xml: str) -> dict[str, str | None]:
    root = ElementTree.fromstring(xml)
    return {
        str(one.findtext(f"{MAP}loc")): one.findtext(f"{MAP}lastmod")
        for one in root.iter(f"{MAP}url")
    }


# ---- every state ---------------------------------------------------------------------------------


def test_every_state_and_dc_stands_in_the_table_with_count_rule_source_and_date(site: Site) -> None:
    page = site.get("/states")
    assert page.status_code == 200
    assert page.text.count('<th scope="row">') == 52  # and Puerto Rico, where somebody is listed
    assert "<caption>" in page.text
    assert page.text.count('<th scope="col">') == 3
    with closing(sqlite3.connect(site.made.path)) as connection:
        [[ohio]] = connection.execute(
            "select count(distinct practitioner_id) from location where state = 'OH'"
            " and last_seen = ?",
            (SEEN,),
        ).fetchall()
    assert row_of(site, "ohio").startswith(
        f"Ohio {ohio} Physical therapists: Allowed with training Jan 2026, Sample board ;"
        " lists only, we are not sure"
    )
    assert "Chiropractors: Unclear Mar 2026, Sample board" in row_of(site, "ohio")
    assert "Oregon 1 Physical therapists: Law passed, rules pending" in row_of(site, "oregon")
    assert "Law is silent" in row_of(site, "michigan")
    assert row_of(site, "texas") == "Texas 0 No rule known. That is not a yes."
    assert row_of(site, "washington").startswith("Washington 0 ")
    assert row_of(site, "puerto-rico").startswith("Puerto Rico 1 ")


def test_the_words_are_explained_and_it_is_no_legal_advice(site: Site) -> None:
    text = text_of(site.get("/states"))
    assert "Law is silent The law says nothing either way. That is not a yes." in text
    assert "Law passed, rules pending A law will allow it, but not yet" in text
    assert "It is not legal advice" in text
    assert "from Jan 2026 to Mar 2026" in text
    assert "Counted on 21 Nov 2026" in text
    assert "Allowed with training A source says that they may, once they are trained" in text
    assert (
        "Allowed with training in 1 state, Law passed, rules pending in 1 state,"
        " Law is silent in 1 state"
    ) in text


# ---- one state -----------------------------------------------------------------------------------


def test_a_state_says_its_rules_towns_and_number(site: Site) -> None:
    page = site.get("/states/ohio")
    text = text_of(page)
    assert "Physical therapists: Allowed with training" in text
    assert "Rests on lists only, no legal text seen Training hours 24" in text
    assert (
        "Source Sample board , Jan 2026 Holds as of Jan 2026 Last checked by us 20 Nov 2026"
        " Ask the board board.example.com How sure we are low"
    ) in text
    assert "Athletic trainers: we know of no rule. That is not a yes." in text
    assert "Not legal advice; the state's board knows." in text
    assert 'name="near" type="text" value="Ohio"' in page.text
    assert 'href="/states/ohio/columbus"' in page.text
    assert page.text.count("<h1") == 1
    # Only those whose entry was not seen for too long were there.
    assert "/states/ohio/lima" not in page.text


@pytest.mark.parametrize(
    ("slug", "wanted"),
    [
        ("OH", "ohio"), ("Ohio", "ohio"), ("new%20york", "new-york"), ("N.Y.", "new-york"),
        ("calif", "california"), ("washington_dc", "district-of-columbia"), ("ohio.", "ohio"),
    ],
)  # fmt: skip
def test_other_spellings_of_a_state_lead_to_its_page(site: Site, slug: str, wanted: str) -> None:
    reply = site.get(f"/states/{slug}")
    assert (reply.status_code, reply.headers["location"]) == (301, f"/states/{wanted}")
    assert site.get(f"/states/{wanted}").status_code == 200


@pytest.mark.parametrize("state", ["new-york", "washington", "georgia", "district-of-columbia"])
def test_the_search_box_of_a_state_finds_the_state(site: Site, state: str) -> None:
    page = site.get(f"/states/{state}")
    [near] = re.findall(r'name="near" type="text" value="([^"]*)"', page.text)
    place = site.find(near)["place"]
    assert place["name"] in page.text
    assert place["state"] in ("NY", "WA", "GA", "DC")


@pytest.mark.parametrize("slug", ["atlantis", "on", "%3Cscript%3E", "%00", "guam", "x" * 500])
def test_what_is_no_state_is_a_helpful_404(site: Site, slug: str) -> None:
    reply = site.get(f"/states/{slug}")
    assert reply.status_code == 404
    assert 'href="/states"' in reply.text
    assert "<script>" not in reply.text.lower().replace("<script src", "")
    assert 'name="robots" content="noindex"' in reply.text


# ---- one town ------------------------------------------------------------------------------------


def test_a_town_lists_its_people_by_name_as_cards(site: Site) -> None:
    page = site.get("/states/missouri/st-louis")
    names = re.findall(r'<h2><a href="/practitioner/[^"]+">([^<]+)</a>', page.text)
    assert names == ["ada Mockridge", "Bob Inventov", "Cleo Inventov", "Zed Fauxley"]
    assert page.text.count('<article class="card"') == 4
    assert 'href="/find?near=St.+Louis%2C+MO#found"' in page.text
    assert 'class="distance"' not in page.text
    assert "4 practitioners are listed in this town, by name." in text_of(page)


def test_spellings_of_a_town_are_one_page(site: Site) -> None:
    for other in ("/states/MO/st-louis", "/states/missouri/saint-louis", "/states/mo/St.%20Louis"):
        reply = site.get(other)
        assert (reply.status_code, reply.headers["location"]) == (301, "/states/missouri/st-louis")


def test_a_big_town_has_pages_that_together_are_everybody_once(site: Site) -> None:
    seen: list[str] = []
    path: str | None = "/states/ohio/columbus"
    while path:
        page = site.get(path)
        assert page.text.count("<article") <= 25
        seen += re.findall(r'<article class="card" id="p-([^"]+)"', page.text)
        found = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = found[1] if found else None
    with closing(sqlite3.connect(site.made.path)) as connection:
        wanted = connection.execute(
            "select distinct practitioner_id from location where city = 'Columbus'"
        ).fetchall()
    assert sorted(seen) == sorted(one for (one,) in wanted)
    assert len(seen) > 25
    for odd in ("0", "-1", "99999", "²", "x"):
        assert site.get("/states/ohio/columbus", page=odd).status_code == 200


def test_a_town_without_anybody_is_a_404_that_helps(site: Site) -> None:
    for path in ("/states/ohio/nowhere-at-all", "/states/ohio/lima", "/states/ohio/-"):
        assert site.get(path).status_code == 404
    reply = site.get("/states/ohio/lima")
    assert "We know nobody in Lima, Ohio" in text_of(reply)
    assert 'value="Lima, OH"' in reply.text
    assert 'href="/states/ohio#towns"' in reply.text


def test_the_long_unseen_are_left_out_of_their_town(site: Site) -> None:
    page = site.get("/states/ohio/toledo")
    assert "Long-Ago" not in page.text
    assert page.text.count("<article") == 9


# ---- what search engines are told ----------------------------------------------------------------


def test_the_sitemap_is_what_the_database_shows(site: Site) -> None:
    reply = site.get("/sitemap.xml")
    assert reply.headers["content-type"].startswith("application/xml")
    root = "http://127.0.0.1"
    everything = urls_of(reply.text)
    found = {url: day for url, day in everything.items() if not url.startswith(f"{root}/es/")}
    assert {f"{root}/", f"{root}/states", f"{root}/about"} <= set(found)
    with closing(sqlite3.connect(site.made.path)) as connection:
        people = connection.execute(
            "select id, substr(last_seen, 1, 10) from practitioner p where exists (select 1 from"
            " location l where l.practitioner_id = p.id and l.last_seen >= '2026-05-25')"
        ).fetchall()
        towns = places.towns(connection)
    assert {
        url.rpartition("/")[2]: day for url, day in found.items() if "/practitioner/" in url
    } == dict(people)
    in_towns = [url for url in found if url.count("/") == 5]
    assert len(in_towns) == len(towns) == 9
    assert len([url for url in found if "/states/" in url]) == 52 + len(towns)
    for url in [f"{root}/practitioner/np-old", f"{root}/states/ohio/lima"]:
        assert url not in found
    for url in in_towns:
        assert site.get(url.removeprefix(root)).status_code == 200
    static = [
        url.removeprefix(root)
        for url in found
        if "/practitioner/" not in url and "/states/" not in url
    ]
    assert f"{root}/questions" in found
    assert all(site.get(path).status_code == 200 for path in static)
    english = {f"{root}/quality", f"{root}/bot"}
    assert english <= set(found)
    again = {f"{root}/es{url.removeprefix(root)}" for url in set(found) - english}
    assert set(everything) - set(found) == again, "each of the others once more in Spanish"


def test_every_address_of_the_sitemap_answers(site: Site) -> None:
    text = site.get("/sitemap.xml").text
    told = set(urls_of(text)) | set(re.findall(r'hreflang="\w+" href="([^"]+)"', text))
    answers = {url: site.get(url.removeprefix("http://127.0.0.1")).status_code for url in told}
    assert len(answers) > 200
    assert {url: status for url, status in answers.items() if status != 200} == {}


def test_a_long_sitemap_is_an_index_of_several(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = urls_of(site.get("/sitemap.xml").text)
    monkeypatch.setattr(addresses, "MOST_IN_A_SITEMAP", 50)
    index = ElementTree.fromstring(site.get("/sitemap.xml").text)
    assert index.tag == f"{MAP}sitemapindex"
    parts = [str(one.text).removeprefix("http://127.0.0.1") for one in index.iter(f"{MAP}loc")]
    together = [url for path in parts for url in urls_of(site.get(path).text)]
    assert len(parts) == -(-len(whole) // 50)
    assert together == list(whole)
    assert site.get(f"/sitemap-{len(parts) + 1}.xml").status_code == 404


def test_a_second_language_doubles_the_sitemap_with_alternates(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = site.get("/sitemap.xml").text
    monkeypatch.setattr(language, "LANGUAGES", {"en": "English"})
    one = urls_of(site.get("/sitemap.xml").text)
    assert len(urls_of(text)) == 2 * len(one) - 2, "all but the quality page and the crawler's"
    assert '/quality"/>' not in text
    assert "<loc>http://127.0.0.1/es/states/ohio</loc>" in text
    assert text.count('hreflang="es" href="http://127.0.0.1/es/states/ohio"/>') == 2


def test_robots_may_read_pages_but_not_tables(site: Site) -> None:
    lines = site.get("/robots.txt").text.splitlines()
    assert "Disallow: /directory" in lines
    assert "Disallow: /find.json" in lines
    assert "Disallow: /es/find.json" in lines
    assert "Disallow: /" not in lines
    assert "Sitemap: http://127.0.0.1/sitemap.xml" in lines
    assert "noindex" not in site.get("/states/ohio").text


def test_invented_people_are_kept_out_of_every_index(sample_site: Site) -> None:
    assert sample_site.get("/robots.txt").text.splitlines() == ["User-agent: *", "Disallow: /"]
    for path in ("/", "/states", "/states/ohio/toledo", "/practitioner/np-nasty"):
        assert '<meta name="robots" content="noindex">' in sample_site.get(path).text


def test_a_page_names_its_one_address(site: Site) -> None:
    def canonical(path: str) -> list[str]:
        return re.findall(r'<link rel="canonical" href="([^"]+)">', site.get(path).text)

    assert canonical("/states/ohio?from=elsewhere") == ["http://127.0.0.1/states/ohio"]
    assert canonical("/practitioner/np-l1") == ["http://127.0.0.1/practitioner/np-l1"]
    second = "http://127.0.0.1/states/ohio/columbus?page=2"
    assert canonical("/states/ohio/columbus?page=2") == [second]
    assert canonical("/states/ohio/columbus?page=1") == [second.partition("?")[0]]
    assert canonical("/find?near=Toledo,+OH") == []
    assert canonical("/states/atlantis") == []
    assert canonical("/practitioner/np-nobody") == []


def test_the_public_address_can_be_configured(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        site.app.datasette._metadata_local,
        "plugins",
        {"places": {"public_address": "https://find.example.com/"}},
    )
    assert "Sitemap: https://find.example.com/sitemap.xml" in site.get("/robots.txt").text
    assert "<loc>https://find.example.com/states/ohio</loc>" in site.get("/sitemap.xml").text
    assert 'rel="canonical" href="https://find.example.com/states"' in site.get("/states").text
    for path in ("/embed", "/es/embed"):
        line = f'&lt;iframe src="https://find.example.com{path}" title='
        assert line in site.get("/embed/code").text
        assert line in site.get("/es/embed/code").text


# ---- JSON-LD -------------------------------------------------------------------------------------


def test_a_person_is_described_with_work_and_certificates_by_issuer(site: Site) -> None:
    page = site.get(f"/practitioner/{site.made.shared_door[0]}").text
    person = described(page)["Person"]
    assert person["url"] == f"http://127.0.0.1/practitioner/{site.made.shared_door[0]}"
    assert person["honorificSuffix"] == "PT, DPT"
    [work] = person["worksFor"]
    assert (work["@type"], work["name"]) == ("MedicalBusiness", "Three of a Kind Clinic")
    assert work["address"]["addressLocality"] == "Columbus"
    assert work["geo"]["latitude"] == 39.97
    [certificate] = person["hasCredential"]
    assert certificate["@type"] == "EducationalOccupationalCredential"
    assert certificate["recognizedBy"]["name"] in ("Alpha School", "Beta School")
    assert certificate["description"].endswith("directory, seen 2026-11-20")


def test_names_with_quotes_and_markup_come_back_as_printed(site: Site) -> None:
    page = site.get("/practitioner/np-nasty").text
    person = described(page)["Person"]
    assert person["name"] == NASTY
    assert person["worksFor"][0]["name"] == '"X" </script>'
    listed = described(site.get("/states/oregon/salem").text)["ItemList"]["itemListElement"]
    assert [one["name"] for one in listed] == [NASTY]
    assert "<script>alert" not in page
    hostile = site.get(f"/practitioner/{site.made.hostile}").text
    assert "javascript:" not in json.dumps(described(hostile))


def test_nobody_is_called_a_physician_and_no_mail_address_stands_there(site: Site) -> None:
    for path in ("/practitioner/np-nasty", f"/practitioner/{site.made.practice}",
                 "/states/ohio/columbus", "/states/ohio"):  # fmt: skip
        text = json.dumps(described(site.get(path).text))
        for never in ("Physician", "email", "@example"):
            assert never not in text


def test_a_practice_is_a_medical_business(site: Site) -> None:
    described_as = described(site.get(f"/practitioner/{site.made.practice}").text)
    assert set(described_as) == {"MedicalBusiness", "BreadcrumbList"}
    assert described_as["MedicalBusiness"]["address"]["addressRegion"] == "OH"


def test_the_way_to_a_practitioner_leads_through_state_and_town(site: Site) -> None:
    own = f"/practitioner/{site.made.practice}"
    page = site.get(own)
    steps = described(page.text)["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps[:2]] == ["Home", "Ohio"]
    assert steps[-1]["item"].endswith(own)
    assert [step["position"] for step in steps] == list(range(1, len(steps) + 1))
    for step in steps:
        path = urlsplit(step["item"]).path
        assert site.get(path).status_code == 200, path
        assert path == own or f'href="{path}"' in page.text
    assert 'aria-current="page"' in page.text


def test_a_centre_of_a_zip_code_is_no_place_of_a_business(site: Site) -> None:
    person = described(site.get(f"/practitioner/{site.made.uncertain}").text)["Person"]
    assert "geo" not in person["worksFor"][0]


def test_the_hidden_are_not_described(site: Site) -> None:
    assert "ld+json" not in site.get("/practitioner/np-old").text


def test_what_is_hidden_of_a_person_is_not_described() -> None:
    def at(number: int, practice: str | None, seen: str) -> Location:
        rest = (None,) * 10
        return Location(number, practice, "1 Invented Ave", "Toledo", "OH", *rest, None, None, seen)

    def said(label: str, seen: str) -> Certification:
        return Certification("School", label, "II", None, None, "s", "List", seen, "https://x", "l")

    profile = Profile(
        Practitioner("np-1", "person", "Ada Mockridge", None, None, OLD, SEEN),
        (at(1, "Now", SEEN), at(2, "Then", OLD), at(3, None, SEEN)),
        (), (said("New", SEEN), said("Old", OLD)), (), (), None,
    )  # fmt: skip
    thing = structured.practitioner(profile, "https://find.example.com/p", "2026-11-21T05:00:00Z")
    assert thing is not None
    assert [one["name"] for one in thing["worksFor"]] == ["Now"]
    assert len(thing["workLocation"]) == 1
    assert [one["name"] for one in thing["hasCredential"]] == ["New"]
    assert thing["hasCredential"][0]["educationalLevel"] == "II"


def test_a_town_is_a_list_with_the_way_to_it(site: Site) -> None:
    things = described(site.get("/states/ohio/columbus?page=2").text)
    assert set(things) == {"BreadcrumbList", "ItemList"}
    assert [one["name"] for one in things["BreadcrumbList"]["itemListElement"]] == [
        "Home", "State laws", "Ohio", "Columbus",
    ]  # fmt: skip
    listed = things["ItemList"]
    assert listed["itemListElement"][0]["position"] == 26
    assert listed["numberOfItems"] == 25 + len(listed["itemListElement"])
    for one in listed["itemListElement"]:
        assert site.get(one["url"].removeprefix("http://127.0.0.1")).status_code == 200


def test_only_a_physical_therapists_practice_is_one_of_physiotherapy() -> None:
    def described_as(profession: str | None) -> dict[str, str]:
        at = Location(1, "Mock Clinic", "1 Invented Ave", "Toledo", "OH", *(None,) * 12, SEEN)
        person = Practitioner("np-1", "person", "Ada Mockridge", None, profession, OLD, SEEN)
        found = structured.practitioner(
            Profile(person, (at,), (), (), (), (), None), "https://x.example/1", SEEN
        )
        assert found is not None
        (business,) = found["worksFor"]
        assert business["@type"] == "MedicalBusiness"
        return dict(business)

    assert described_as("physical_therapist")["medicalSpecialty"].endswith("/Physiotherapy")
    assert "medicalSpecialty" not in described_as("acupuncturist")
    assert "medicalSpecialty" not in described_as(None)
