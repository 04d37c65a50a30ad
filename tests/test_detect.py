"""`needlepoint detect` on every sample site and on ordinary pages, and `new-source` from it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, JsonResponse, TextResponse, XmlResponse

from records.factsheet import load_sheet
from samples.people import make_world
from samples.platform_sites import PLATFORM_SITES, VARIANTS
from samples.servers import SITES, running
from samples.site import Site
from spiders.detect import source_id_for
from spiders.platforms import Match
from spiders.platforms.registry import PLATFORMS, platform_named, platforms
from spiders.recognition import NAMESPACES, Recogniser, plugins_named, rest_api
from tests.crawl_fixtures import HOME, Answer, needlepoint, serving, table
from tests.platform_fixtures import SITE, around, page

ORDINARY = Path(__file__).parent / "ordinary_pages"
#: The six demo directories are named by source; what they run on:
DEMO = {
    "sample_wpsl_a": "wp_store_locator",
    "sample_wpsl_b": "wp_store_locator",
    "sample_wild_apricot": "wild_apricot",
    "sample_html_table": "html_listing",
    "sample_jsonld": "schema_org",
    "sample_cards": "html_listing",
}
KINDS: dict[str, tuple[str, type[Site]]] = {
    **{kind.source_id: (DEMO[kind.source_id], kind) for kind in SITES},
    **{name: (name, kind) for name, kind in PLATFORM_SITES.items()},
    **{kind.__name__: (name, kind) for name, kinds in VARIANTS.items() for kind in kinds},
}


def detected(*urls: str) -> tuple[dict[str, dict[str, Any]], subprocess.CompletedProcess[str]]:
    """What the program says of each address, asked all at once."""
    done = needlepoint("detect", "--json", *urls)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["url"]: one for one in found}, done


@pytest.fixture(scope="module")
def samples() -> Iterator[tuple[dict[str, Site], dict[str, dict[str, Any]]]]:
    world = make_world()
    sites = {name: kind(world) for name, (_, kind) in KINDS.items()}
    with running(sites):
        found, done = detected(*(site.base_url for site in sites.values()))
        assert done.stderr == ""
        yield sites, {name: found[f"{site.base_url}/"] for name, site in sites.items()}


@pytest.mark.parametrize("name", KINDS)
def test_a_sample_is_recognised_from_its_home_page(samples: Any, name: str) -> None:
    sites, found = samples
    one = found[name]
    assert one["platform"] == KINDS[name][0], one
    assert one["evidence"]
    assert one["failure"] is None
    assert one["page"].startswith(sites[name].base_url)
    assert one["page"] != f"{sites[name].base_url}/", "the home page is not the directory"
    asked = [path for _, path, _ in sites[name].requests]
    assert asked[0] == "/robots.txt"
    assert len(asked) <= 8, "recognising a directory does not read it"


def test_every_platform_has_a_sample_site() -> None:
    assert {name for name, _ in KINDS.values()} == {module for module, _ in PLATFORMS}


# Pages that only mention one


def test_ordinary_pages_are_there() -> None:
    assert len(list(ORDINARY.glob("*.html"))) >= 20


def test_ordinary_pages_are_unrecognised() -> None:
    pages = {f"/{path.name}": path.read_bytes() for path in sorted(ORDINARY.glob("*.html"))}
    with serving(plain=pages) as servers:
        found, done = detected(*(f"{servers['plain'].url}{path}" for path in pages))
    wrong = {url: one["platform"] for url, one in found.items() if one["platform"]}
    assert not wrong
    assert len(found) == len(pages)
    assert done.returncode == 1
    assert all("no directory recognised" in one["failure"] for one in found.values())


# What the command says


def test_the_words_for_a_directory() -> None:
    with serving(one={}) as servers:
        url = servers["one"].url
        done = needlepoint("detect", url)
        assert servers["one"].paths() == ["/", "/find-a-therapist/"]
        assert all("NeedlepointBot/" in sent["user-agent"] for _, sent in servers["one"].asked)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{url}/: HTML listing (html_listing)\n")
    assert f"page        {url}/find-a-therapist/" in done.stdout
    assert re.search(r"how sure .*\(0\.\d+ of 1\)", done.stdout)
    assert "seen " in done.stdout


def test_the_words_for_none() -> None:
    with serving(none={"/": "<title>Bakery</title><h1>Bread</h1>", "/find-a-therapist/": ""}) as at:
        done = needlepoint("detect", at["none"].url)
    assert done.returncode == 1
    assert f"{at['none'].url}/: unrecognised" in done.stdout
    for kind in platforms():
        assert kind.title in done.stdout
    assert f"looked at   {at['none'].url}/" in done.stdout


def test_the_directory_page_itself_can_be_named() -> None:
    bare = table().replace("Find a Therapist", "Our People")
    with serving(one={"/people/": bare}) as servers:
        found, done = detected(f"{servers['one'].url}/people/")
    assert done.returncode == 0
    assert [one["platform"] for one in found.values()] == ["html_listing"]


def test_robots_txt_is_obeyed() -> None:
    shut = {"/robots.txt": "User-agent: *\nDisallow: /\n"}
    closed = {"/robots.txt": "User-agent: *\nDisallow: /find-a-therapist/\n"}
    with serving(shut=shut, closed=closed) as servers:
        found, done = detected(servers["shut"].url, servers["closed"].url)
        assert servers["shut"].paths() == []
        assert servers["closed"].paths() == ["/"]
    assert done.returncode == 1
    one, other = found.values()
    assert "robots.txt" in one["failure"]
    assert "robots.txt" in other["not_read"][0]


@pytest.mark.parametrize("address", ["http://", "ftp://directory.example/", "http://a b/"])
def test_what_is_no_web_address(address: str) -> None:
    done = needlepoint("detect", address)
    assert done.returncode == 2
    assert "web address" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_real_server_wants_to_know_who_asks() -> None:
    done = needlepoint("detect", "directory.example")
    assert done.returncode == 2
    assert "Needed for: https://directory.example/" in done.stderr


def test_an_unreachable_server_is_one_line() -> None:
    done = needlepoint("detect", "http://127.0.0.1:9/")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert "refuses connections" in done.stdout


# What WordPress says of itself


def test_wordpress_names_its_plugins_where_nothing_else_is_found() -> None:
    index = {"name": "x", "namespaces": ["oembed/1.0", "mapp/v1", "wp/v2"], "routes": {}}
    sent = {"Link": '</wp-json/>; rel="https://api.w.org/"'}
    site = {
        "/": Answer(body=HOME.encode(), headers=sent),
        "/find-a-therapist/": "<h1>Soon</h1>",
        "/wp-json/": json.dumps(index),
    }
    with serving(press=site) as servers:
        found, _ = detected(servers["press"].url)
        assert servers["press"].paths() == ["/", "/find-a-therapist/", "/wp-json/"]
        words = needlepoint("detect", servers["press"].url).stdout
    (one,) = found.values()
    assert one["wordpress"] == [{"namespace": "mapp/v1", "platform": "mappress"}]
    assert one["platform"] is None
    assert "names mappress (mapp/v1), but no page of it was found" in words


def test_a_closed_rest_api_is_no_trouble() -> None:
    sent = {"Link": '</wp-json/>; rel="https://api.w.org/"'}
    site = {
        "/": Answer(body=b"<h1>Bread</h1>", headers=sent),
        "/wp-json/": Answer(status=401, body=b'{"code":"rest_cannot_access"}'),
    }
    with serving(press=site) as servers:
        found, _ = detected(servers["press"].url)
    assert "no directory recognised" in next(iter(found.values()))["failure"]


@pytest.mark.parametrize(
    ("head", "link", "says"),
    [
        ("", '<{0}/wp-json/>; rel="https://api.w.org/"', "{0}/wp-json/"),
        ("", '</x>; rel="shortlink", <{0}/wp-json/>; rel="https://api.w.org/"', "{0}/wp-json/"),
        ("", "<{0}/wp-json/>; rel=https://api.w.org/", "{0}/wp-json/"),
        ('<link rel="https://api.w.org/" href="/b/wp-json/">', None, "{0}/b/wp-json/"),
        ('<link rel="https://api.w.org/" href="/?rest_route=/">', None, "{0}/?rest_route=/"),
        ("", '<{0}/x>; rel="shortlink"', None),
        ("", None, None),
        ("", '<http://[>; rel="https://api.w.org/"', None),
        ("", '<javascript:1>; rel="https://api.w.org/"', None),
    ],
)
def test_where_the_rest_api_is(head: str, link: str | None, says: str | None) -> None:
    headers = {"Link": link.format(SITE)} if link else {}
    one = HtmlResponse(f"{SITE}/find/", body=head.encode(), encoding="utf-8", headers=headers)
    assert rest_api(one) == (says.format(SITE) if says else None)


def test_names_of_plugins_are_names_of_platforms() -> None:
    assert set(NAMESPACES.values()) <= {module for module, _ in PLATFORMS}


@pytest.mark.parametrize("body", ["", "{}", '{"namespaces":7}', '{"namespaces":[{}]}', "<p>"])
def test_what_is_no_index_names_nothing(body: str) -> None:
    assert plugins_named(TextResponse(f"{SITE}/wp-json/", body=body.encode())) == ()


# Recognising


class Always:
    """Recognises every page."""

    title = "Always"

    def __init__(self, name: str, certainty: float, refusal: str | None = None) -> None:
        self.name, self.certainty, self.refusal = name, certainty, refusal

    def recognise(self, one: Any) -> Match:
        return Match(self.name, "always", self.certainty, one.url, refusal=self.refusal)


@pytest.mark.parametrize(
    ("platforms_said", "order"),
    [
        ([("a", 0.5, None), ("b", 1.0, None)], "ba"),
        ([("a", 1.0, None), ("b", 1.0, None)], "ab"),
        ([("a", 1.0, "wants a key"), ("b", 0.7, None)], "ba"),
        ([("a", 1.0, "wants a key"), ("b", 0.5, None)], "ab"),
        ([("a", 1.0, "wants a key")], "a"),
    ],
)
def test_a_directory_that_may_be_read_goes_first(platforms_said: Any, order: str) -> None:
    found = Recogniser([Always(*one) for one in platforms_said]).recognise(page(""))
    assert "".join(match.platform for match in found.matches) == order
    assert found.platform == order[0]
    assert found.evidence == "always"
    assert [match.platform for match in found.others] == list(order[1:])


def test_nothing_is_false() -> None:
    found = Recogniser([]).recognise(page(""))
    assert not found
    assert (found.platform, found.evidence, found.certainty, found.refusal) == (None, None, 0, None)


#: Markup with the odd names of attributes that make parsers raise, beside what platforms look for.
PIECES = st.sampled_from(
    [
        "<div", "<table", "<tr", "<td", "<a", "<script", "<iframe", "<form", "<link", "<li", "<h2",
        ' class="cn-entry"', ' id="wpsl-wrap"', ' "="', " [x]=1", " @click=go", ' :a="b"',
        " data-é=1", " 1a=2", " <=3", " a:b:c=4", ' href="mailto:"', ' href="http://["',
        ' src="//"', ' itemscope itemtype="Person"', ' itemprop="name"', ' property="og:x"',
        ">", "</div>", "</table>", "</script>", "Name", "Phone", "(614) 555-0142", "{", "}",
        "var wpslSettings = {", 'application/ld+json"', '{"namespaces":["', "&#0;", "\x00", "\x0c",
        "<![CDATA[", "<!--", "<poi ", "<mappress-map", "&lt;", "\ud83d\ude00", "%%", "\\u0000",
    ]
)  # fmt: skip
ALL = Recogniser([platform_named(module)(around()) for module, _ in PLATFORMS])


@settings(max_examples=150, deadline=None)
@example('{"resourceType": "CapabilityStatement"}')
@example("[1]")
@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=25).map("".join))
def test_recognising_never_raises(markup: str) -> None:
    body = markup.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()
    ALL.recognise(HtmlResponse(f"{SITE}/x/", body=body, encoding="utf-8"))
    for kind in (TextResponse, JsonResponse, XmlResponse):
        ALL.recognise(kind(f"{SITE}/x", body=body, encoding="utf-8"))


# A fact sheet from it


def test_a_new_source_is_proposed_and_nothing_more(tmp_path: Path) -> None:
    folders = ("--sources", tmp_path / "sources", "--data", tmp_path / "data")
    with serving(one={}) as servers:
        url = servers["one"].url
        done = needlepoint("new-source", url, "--id", "fictional", *folders)
        assert done.returncode == 0, done.stderr
        path = tmp_path / "sources" / "fictional.yml"
        before = path.read_text(encoding="utf-8")
        sheet = load_sheet(path)
        assert sheet.home_url == f"{url}/"
        assert sheet.directory_url == f"{url}/find-a-therapist/"
        assert (sheet.status.state, sheet.terms.decision) == ("proposed", "undecided")
        assert (sheet.terms.url, sheet.terms.checked_on) == (None, None)
        assert (sheet.certification.label, sheet.certification.meaning) == (None, None)
        assert sheet.why_not()
        assert "HTML listing" in sheet.notes

        again = needlepoint("new-source", url, "--id", "fictional", *folders)
        assert again.returncode == 1
        assert "exists" in again.stderr
        assert path.read_text(encoding="utf-8") == before

        refused = needlepoint("crawl", "fictional", *folders)
        assert refused.returncode == 3
    assert not (tmp_path / "data" / "http-cache").exists(), "detecting keeps nothing"


def test_no_sheet_for_what_is_not_recognised_but_on_demand(tmp_path: Path) -> None:
    folders = ("--sources", tmp_path / "sources", "--data", tmp_path / "data")
    bakery = {"/": '<title>Loaves &amp; "Rolls" | The Bakery: #1</title><h1>Bread</h1>'}
    with serving(none=bakery) as servers:
        url = servers["none"].url
        assert needlepoint("new-source", url, "--id", "bakery", *folders).returncode == 1
        assert not (tmp_path / "sources" / "bakery.yml").exists()
        done = needlepoint("new-source", url, "--id", "bakery", "--anyway", *folders)
    assert done.returncode == 0, done.stderr
    sheet = load_sheet(tmp_path / "sources" / "bakery.yml")
    assert sheet.platform == "auto"
    assert sheet.directory_url is None


@pytest.mark.parametrize("name", ["Upper", "1st", "../escape", "a b", "x"])
def test_ids_that_are_none(tmp_path: Path, name: str) -> None:
    done = needlepoint("new-source", "http://127.0.0.1:9", "--id", name, "--sources", tmp_path)
    assert done.returncode == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.sample-academy.example/find/", "sample_academy"),
        ("https://portal.invented.co.uk/", "invented_co"),
        ("https://2needle.example/", "site_2needle"),
        ("http://127.0.0.1:8701/", "site_127_0_0"),
    ],
)
def test_ids_made_from_addresses(url: str, name: str) -> None:
    assert source_id_for(url) == name
