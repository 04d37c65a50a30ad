"""The notice of whoever runs a site: beside the results of its own area, and changing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from lxml.html import HtmlElement, fromstring

from tests.conftest import needlepoint, served
from tests.finder_fixtures import Made, build

HEADING = "From the operator of this site"
GOOD = """\
around: Toledo, OH
miles: 30
label: The clinic in Toledo
text: We come to your home in and around Toledo.
link: https://example.com/book
label_es: La clínica de Toledo
text_es: Vamos a su casa en Toledo y sus alrededores.
"""
SEARCHES = ("near=Toledo,+OH", "near=43604&miles=50&page=2", "near=Columbus,+OH", "near=Ohio")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return build(tmp_path_factory.mktemp("notice"))


@pytest.fixture(scope="module")
def without(made: Made) -> Iterator[str]:
    with served(made.path.parent) as address:
        yield address


@pytest.fixture(scope="module")
def having(made: Made) -> Iterator[str]:
    file = made.path.parent / "operator.yml"
    file.write_text(GOOD, "utf-8")
    with served(made.path.parent, more=("--notice", file)) as address:
        yield address


def page(address: str, path: str) -> HtmlElement:
    reply = httpx.get(address + path)
    assert reply.status_code == 200
    return fromstring(reply.text)


def notices(shown: HtmlElement) -> list[HtmlElement]:
    return [one for one in shown.iter("aside") if HEADING in one.text_content()]


@pytest.mark.parametrize(
    ("near", "shown"),
    [
        ("Toledo, OH", True),
        ("43604", True),
        ("Perrysburg, OH", True),
        ("41.65,-83.54", True),
        ("Columbus, OH", False),
        ("Detroit, MI", False),
        ("Ohio", False),
        ("Springfield", False),
        ("xqzzyx", False),
        ("Barrow, AK", False),
    ],
)
def test_it_is_shown_to_who_searches_in_the_area_only(having: str, near: str, shown: bool) -> None:
    found = page(having, f"/find?near={near}")
    assert len(notices(found)) == shown
    assert ("example.com/book" in httpx.get(f"{having}/find?near={near}").text) == shown


def test_it_says_whose_it_is_and_stands_apart_from_the_results(having: str) -> None:
    found = page(having, "/find?near=Toledo,+OH")
    [aside] = notices(found)
    assert aside.get("aria-labelledby") == aside.find("h2").get("id")
    assert "The clinic in Toledo" in aside.text_content()
    assert aside.find(".//a").get("href") == "https://example.com/book"
    [results] = found.xpath("//ol[@class='cards']")
    assert not any(one.tag in ("ol", "article") for one in aside.iterancestors())
    everything = list(found.iter())
    assert everything.index(aside) > everything.index(list(results.iter())[-1])


@pytest.mark.parametrize("search", SEARCHES)
def test_order_count_and_data_are_the_same_with_it_and_without(
    having: str, without: str, search: str
) -> None:
    for kind in ("json", "geojson"):
        path = f"/find.{kind}?{search}"
        assert httpx.get(having + path).content == httpx.get(without + path).content
    pages = [page(address, f"/find?{search}") for address in (having, without)]
    assert not notices(pages[1])
    for where in ("//h1", "//article/@id", "//nav[@class='pages']//a/@href"):
        first, second = (
            [one if isinstance(one, str) else one.text_content() for one in shown.xpath(where)]
            for shown in pages
        )
        assert first == second


@pytest.mark.parametrize("path", ["/", "/embed?near=Toledo,+OH", "/states/ohio/toledo"])
def test_other_pages_have_none(having: str, path: str) -> None:
    assert not notices(page(having, path))


def without_line(start: str) -> str:
    return "".join(line for line in GOOD.splitlines(True) if not line.startswith(start))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has to be lines like 'link: …'"),
        ("- a\n- b\n", "it has to be lines like 'link: …'"),
        ("label: [", "it cannot be read as YAML"),
        (without_line("link"), "'link' is missing"),
        (without_line("miles"), "'miles' is missing"),
        (without_line("text_es"), "'label_es' and 'text_es' belong together"),
        (GOOD.replace("30", "300"), "'miles' has to be a number up to 100"),
        (GOOD.replace("30", "near"), "'miles' has to be a number up to 100"),
        (GOOD.replace("30", ".nan"), "'miles' has to be a number up to 100"),
        (GOOD.replace("https://example.com/book", "javascript:alert(1)"), "a whole address"),
        (GOOD.replace("Toledo, OH\n", "Springfield\n"), "may be several places (Springfield"),
        (GOOD.replace("Toledo, OH\n", "Ohio\n"), "'around: Ohio' is no town or ZIP code"),
        (GOOD.replace("Toledo, OH\n", "xqzzyx\n"), "'around: xqzzyx' is no town or ZIP code"),
        (GOOD.replace("We come", "We come " * 60), "'text' has to be text of at most 300"),
        (f"{GOOD}rank: 1\n", "'rank' is not known"),
    ],
)
def test_a_file_that_is_not_right_is_explained(
    made: Made, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "operator.yml"
    file.write_text(text, "utf-8")
    ended = needlepoint("serve", "--data", made.path.parent, "--port", "0", "--notice", file)
    assert ended.returncode == 1
    assert f"{file}: the operator's notice cannot be shown: " in ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_file_that_is_not_there_is_explained(made: Made, tmp_path: Path) -> None:
    ended = needlepoint("serve", "--data", made.path.parent, "--notice", tmp_path / "none.yml")
    assert ended.returncode == 2
    assert "none.yml' does not exist" in ended.stderr
