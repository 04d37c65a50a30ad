"""Which link leads to the practitioner directory, in the words real organisations use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Response

from spiders.finding import (
    MOST_FRAMES,
    MOST_PAGES,
    Search,
    directory_links,
    frames,
    is_staging,
    link_score,
    says_directory,
    site_of,
)
from spiders.finding_words import words_score

OUTRIGHT = """
Practitioner Directory
Find a Provider
Find a Dry Needling Provider
Find a Therapist
Find a Practitioner
Find a PT
FIND A PHYSICAL THERAPIST
Find an Integrative Dry Needling Practitioner
Find a certified clinician
Find your physio
Locate a practitioner
Locate a Certified Provider
Provider map
Provider Directory
Provider Locator
Therapist Finder
Member Directory
Search for a therapist
Directory of certified practitioners
Map of our graduates
Graduate Directory
Choose a clinic
Encuentra un fisioterapeuta
Buscar fisioterapeutas
Directorio de profesionales
Vind een therapeut
Zoek een fysiotherapeut
Therapeuten zoeken
Therapeutenlijst
Therapeuten finden
Therapeutensuche
Physiotherapeut finden
Liste der Therapeuten
Trouver un thérapeute
Annuaire des physiothérapeutes
Trova un fisioterapista
""".strip().splitlines()

NEARLY = """
Our Graduates
Our certified providers
Browse members
Certified practitioners
Store Locator
Find dry needling near you
""".strip().splitlines()

ELSEWHERE = """
Member login
Log in
Provider login
Find a course
Course directory
Find a seminar near you
Trainings for therapists
Jobs for physical therapists
Careers
Event calendar
Shop needles
Blog
Practitioner news
Become a certified practitioner
List your practice in our directory
Update your directory listing
Find an instructor
For practitioners
Our team
Join our therapists
Encuentra un curso
Cursus voor therapeuten
Fortbildung für Therapeuten
Anmelden
""".strip().splitlines()

NOTHING = [
    "",
    "Home",
    "About us",
    "Contact",
    "What is dry needling?",
    "Impressum",
    "→",
    "Read more",
]


@pytest.mark.parametrize("words", OUTRIGHT)
def test_words_that_say_it_outright(words: str) -> None:
    assert words_score(words) == 100


@pytest.mark.parametrize("words", NEARLY)
def test_words_that_nearly_say_it(words: str) -> None:
    assert words_score(words) >= 80


@pytest.mark.parametrize("words", ELSEWHERE)
def test_words_that_lead_elsewhere(words: str) -> None:
    assert words_score(words) < 0


@pytest.mark.parametrize("words", NOTHING)
def test_words_that_say_nothing(words: str) -> None:
    assert words_score(words) == 0


@pytest.mark.parametrize(
    ("words", "url", "leads"),
    [
        ("Click here", "https://directory.example/find-a-provider/", True),
        ("Click here", "https://directory.example/practitioner-directory", True),
        ("Find a Therapist", "https://directory.example/?page_id=12", True),
        ("Find a Therapist", "https://directory.example/wp-login.php", False),
        ("Find a Therapist", "https://directory.example/brochure.pdf", False),
        ("Find a Therapist", "https://directory.example/blog/find-a-therapist/", False),
        ("Next", "https://directory.example/practitioners/page/2/", False),
        ("Ada Sampleton", "https://directory.example/graduates/ada-sampleton/", False),
        ("About us", "https://directory.example/about/", False),
    ],
)
def test_words_and_address_together(words: str, url: str, leads: bool) -> None:
    assert (link_score(words, url) > 0) is leads


@pytest.mark.parametrize(
    ("url", "staging"),
    [
        ("https://dev.directory.example/find", True),
        ("https://staging.directory.example/", True),
        ("https://stage2.directory.example/", True),
        ("https://www-dev.directory.example/", True),
        ("https://test.directory.example/", True),
        ("https://www.directory.example/", False),
        ("https://directory.example/dev/", False),
        ("https://members.directory.example/", False),
        ("https://developers.directory.example/", False),
        ("http://127.0.0.1:8080/", False),
    ],
)
def test_staging_hosts(url: str, staging: bool) -> None:
    assert is_staging(url) is staging


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.directory.example/a", "directory.example"),
        ("https://members.school.co.uk/", "school.co.uk"),
        ("http://127.0.0.1:8601/x", "127.0.0.1:8601"),
        ("http://[::1]:80/", "[::1]:80"),
        ("http://localhost:9/", "localhost"),
    ],
)
def test_the_site_of_an_address(url: str, site: str) -> None:
    assert site_of(url) == site


def page(body: str, url: str = "https://www.directory.example/") -> HtmlResponse:
    return HtmlResponse(url, body=f"<html><body>{body}</body></html>".encode(), encoding="utf-8")


def urls_in(body: str) -> list[str]:
    return [one.url for one in directory_links(page(body), ["directory.example"])]


def test_the_best_link_comes_first_and_each_once() -> None:
    assert urls_in(
        """<a href="/contact">Contact</a> <a href="/locations">Locations</a>
        <a href="/our-graduates/">Our Graduates</a> <a href="/courses">Find a course</a>
        <a href="/find#top">Find a Provider</a> <a href="/find">Providers</a>
        <a href="/login">Provider login</a>"""
    ) == [
        "https://www.directory.example/find",
        "https://www.directory.example/our-graduates/",
        "https://www.directory.example/locations",
    ]


def test_a_picture_or_a_label_can_name_a_link() -> None:
    assert urls_in('<a href="/a"><img src="x.png" alt="Find a Provider"></a>')
    assert urls_in('<a href="/a" aria-label="Find a Provider"><svg></svg></a>')
    assert urls_in('<a href="/a" title="Find a Provider"></a>')


def test_only_the_organisations_own_sites() -> None:
    words = ">Find a Provider</a>"
    assert urls_in(f'<a href="https://members.directory.example/d"{words}')
    assert urls_in(f'<a href="https://fictional.wildapricot.org/directory"{words}')
    assert not urls_in(f'<a href="https://other.example/d"{words}')
    assert not urls_in(f'<a href="https://dev.directory.example/d"{words}')
    assert not urls_in(f'<a href="mailto:a@directory.example"{words}')
    assert not urls_in(f'<a href="javascript:void(0)"{words}')
    assert not urls_in(f'<a href="http://[bad/"{words}')


def test_frames_without_the_decoration() -> None:
    body = """<iframe src="https://www.youtube.com/embed/x"></iframe>
    <iframe data-src="/map-frame/"></iframe><iframe src="https://maps.hosted.example/embed?id=7">
    </iframe><iframe></iframe><iframe src="about:blank"></iframe>"""
    assert frames(page(body)) == [
        "https://www.directory.example/map-frame/",
        "https://maps.hosted.example/embed?id=7",
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<title>Find a Therapist – Fictional Academy</title>", True),
        ("<title>Fictional Academy | Practitioner Directory</title>", True),
        ("<title>Home</title><h1>Our <b>Graduates</b></h1>", True),
        ("<title>Courses – Fictional Academy</title><h1>Find a course</h1>", False),
        ("<title>Fictional Academy of Needling</title>", False),
    ],
)
def test_what_a_page_calls_itself(body: str, says: bool) -> None:
    assert says_directory(page(body)) is says


def test_what_is_no_page_has_no_links() -> None:
    picture = Response("https://directory.example/x.png", body=b"\x89PNG")
    assert directory_links(picture, []) == []
    assert frames(picture) == []
    assert not says_directory(picture)


def test_a_search_opens_few_pages_and_none_twice() -> None:
    search = Search(frozenset({"directory.example"}))
    links = "".join(f'<a href="/d{n}/">Find a Provider {n}</a>' for n in range(20))
    boxes = "".join(f'<iframe src="/f{n}/"></iframe>' for n in range(20))
    search.learn(page(links + boxes), 0)
    opened = []
    while (following := search.next()) is not None:
        url, depth = following
        opened.append(url)
        search.learn(page(links + boxes, url), depth)
    assert len(opened) == len(set(opened)) == MOST_PAGES + MOST_FRAMES


def test_a_surer_link_two_steps_away_goes_first() -> None:
    search = Search(frozenset({"directory.example"}))
    search.learn(page('<a href="/a/">Locations</a> <a href="/b/">Graduates</a>'), 0)
    following = search.next()
    assert following == ("https://www.directory.example/b/", 1)
    search.learn(page('<a href="/c/">Find a Provider</a>', following[0]), following[1])
    assert search.next() == ("https://www.directory.example/c/", 2)
    assert search.next() == ("https://www.directory.example/a/", 1)
    assert search.next() is None


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    assert -100 <= words_score(text) <= 100
    one = page(f'<title>{text}</title><a href="{text}">{text}</a><iframe src="{text}"></iframe>')
    directory_links(one, ["directory.example"])
    frames(one)
    says_directory(one)
    link_score(text, f"https://directory.example/{text}")
