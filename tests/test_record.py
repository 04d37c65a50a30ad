"""`needlepoint record` leaves nobody real in a recording; `needlepoint probe` says what changed."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.factsheet import load_sheets
from records.listing import Listing
from samples.people import LEAST_PEOPLE, make_world
from samples.platform_sites import PLATFORM_SITES
from samples.servers import SITES, running
from samples.site import Site
from spiders.disguise import Disguise, Leak, check
from spiders.probing import Structure, changes, kind_of, structure
from spiders.recordings import Exchange, load
from tests.crawl_fixtures import DIRECTORY, PEOPLE, needlepoint, serving, table, write_sheet
from tests.replay import Recording, of_source

KINDS: dict[str, type[Site]] = {kind.source_id: kind for kind in SITES} | {
    name: PLATFORM_SITES[name] for name in ("agile_store_locator", "wp_go_maps", "mappress")
}


def record(folder: Path, source: str) -> Any:
    return needlepoint(
        *("record", source, "--to", folder / "recordings"),
        *("--sources", folder / "sources", "--data", folder / "data"),
    )


def probe(folder: Path, source: str) -> Any:
    return needlepoint(
        *("probe", source, "--recordings", folder / "recordings"),
        *("--sources", folder / "sources", "--data", folder / "data"),
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Site]]]:
    folder = tmp_path_factory.mktemp("recorded")
    world = make_world(people=LEAST_PEOPLE)
    sites = {name: kind(world) for name, kind in KINDS.items()}
    with running(sites):
        for name, site in sites.items():
            write_sheet(folder / "sources", name, site.base_url)
        yield folder, sites


def everything(folder: Path) -> str:
    """All that a recording holds, as it stands and unescaped."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))
    plain = re.sub(r"\\u([0-9a-f]{4})", lambda one: chr(int(one[1], 16)), text)
    return f"{text}\n{html.unescape(plain)}".replace("\\/", "/").lower()


@pytest.mark.parametrize("name", KINDS)
def test_nobody_real_is_in_a_recording(served: Any, name: str) -> None:
    folder, sites = served
    done = record(folder, name)
    assert done.returncode == 0, done.stderr
    recording = Recording(folder / "recordings" / name)
    text = everything(recording.folder)
    world = sites[name].world
    source = getattr(sites[name], "source_id", name)
    listings = [one for one in world.listings[source] if one.public]
    assert len(listings) >= 10
    for one in listings:
        for value in (one.name, one.email, one.website, one.street):
            if len(value or "") >= 5 and re.search("[a-z]", value.lower()):
                assert value.lower() not in text, value
    assert set(re.findall(r"[\w.+-]+@([\w.-]+\w)", text)) <= {"example.com", "2x.png"}
    for number in re.findall(r"\(\d{3}\) (\d{3}-\d{4})", text):
        assert number.startswith("555-01")
    assert sites[name].base_url.removeprefix("http://") not in text
    # Structure and counts stay: it is read as the real one was.
    expected = recording.expected
    sheet = load_sheets(folder / "sources")[name]
    found = recording.harvest(expected["platform"], of_source(sheet, folder / "data"))
    assert {one.native_id for one in found.listings.values()} == {
        one["native_id"] for one in expected["listings"]
    }
    assert sorted(found.hidden) == sorted(expected["hidden"])
    again = record(folder, name)
    assert again.returncode == 1
    assert "exists" in again.stderr
    same = probe(folder, name)
    assert same.returncode == 0, same.stdout + same.stderr
    assert "answers as it did" in same.stdout


def test_what_changed_is_said_in_words(tmp_path: Path) -> None:
    with serving(one={}) as servers:
        write_sheet(tmp_path / "sources", "one", servers["one"].url)
        assert record(tmp_path, "one").returncode == 0
        assert probe(tmp_path, "one").returncode == 0
        # Other people, the same structure: nothing changed.
        others = tuple((name.replace("a", "o"), *rest) for name, *rest in PEOPLE)
        servers["one"].site[DIRECTORY] = table(others)
        assert probe(tmp_path, "one").returncode == 0
        servers["one"].site[DIRECTORY] = table().replace("<th>Phone</th>", "<th>Fax</th>")
        done = probe(tmp_path, "one")
    assert done.returncode == 1
    assert "listings have no phone any more (5 of 5 had)" in done.stdout
    assert "changed since it was recorded" in done.stdout


def test_a_source_without_a_recording(tmp_path: Path) -> None:
    with serving(one={}) as servers:
        write_sheet(tmp_path / "sources", "one", servers["one"].url)
        done = probe(tmp_path, "one")
        assert servers["one"].asked == []
    assert done.returncode == 1
    assert "needlepoint record one" in done.stderr


@pytest.mark.parametrize("verb", [record, probe])
def test_a_source_that_may_not_run(tmp_path: Path, verb: Any) -> None:
    undecided = {"terms": {"decision": "undecided"}}
    write_sheet(tmp_path / "sources", "one", "http://127.0.0.1:9", **undecided)
    done = verb(tmp_path, "one")
    assert done.returncode == 3
    assert "needlepoint accept one" in done.stderr


def test_a_failed_crawl_records_nothing(tmp_path: Path) -> None:
    with serving(one={DIRECTORY: "<h1>Gone</h1>", "/": "<h1>Bread</h1>"}) as servers:
        write_sheet(tmp_path / "sources", "one", servers["one"].url)
        done = record(tmp_path, "one")
    assert done.returncode == 1
    assert "no directory recognised" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "recordings").exists()


# The disguise

ADA = Listing(
    source_id="s",
    native_id="1",
    seen_url="https://academy.example/find/",
    name="Zora O'Quillfeather, PT",
    street="12 Main Street",
    city="Toledo",
    phone="(419) 155-0142",
    email="zora@quillfeather.example",
    website="https://quillfeather.example/about/",
)


def exchange(body: str) -> Exchange:
    return Exchange("https://academy.example/find/", "GET", 200, "text/html", body)


def disguised(body: str) -> str:
    one = exchange(body)
    # Always the same salt: an invented word may by chance hold the letters of a real one.
    return replace(Disguise.of([one], [ADA]), salt=bytes(16)).exchange(one).body


@pytest.mark.parametrize(
    "body",
    [
        '<td class="name">Zora O\'Quillfeather, PT</td><td>12 Main Street</td>',
        '{"name": "Zora O\'Quillfeather, PT", "street": "12 Main Street"}',
        '{"name": "Zora O\\u2019Quillfeather", "html": "<b title=\\"Zora\\">(419) 155-0142<\\/b>"}',
        '<p>Zora O&#8217;Quillfeather</p><a href="mailto:zora@quillfeather.example">x</a>',
        '<script>var d = {"a": "zora@quillfeather.example", b: \'Zora\'};</script>',
        '<a href="https://quillfeather.example/about/">Zora</a> +1 (419) 155-0142',
        "<a href=https://quillfeather.example/about/>x</a><a href='tel:4198675309'>y</a>",
        '<poi title="&lt;b&gt;Zora O\'Quillfeather&lt;/b&gt;" point="41.652805,-83.537867"></poi>',
        "<![CDATA[ Zora <i>O'Quillfeather</i> ]]>",
        "<!-- Zora Quillfeather -->",
        'while(1); {"s": "{members:[{name:\\\'Zora O\\\\\\\'Quillfeather\\\'}]}"}',
    ],
)
def test_nothing_of_her_survives(body: str) -> None:
    done = disguised(body).lower()
    for word in ("zora", "quillfeather", "main street", "155-0142", "8675309", "652805"):
        assert word not in done
    check([exchange(disguised(body))], [ADA])


def test_structure_and_places_stay() -> None:
    body = '{"store_name": "Zora", "city": "Toledo", "lat": 41.652805, "private": "1", "x": null}'
    done = json.loads(disguised(body))
    assert list(done) == ["store_name", "city", "lat", "private", "x"]
    assert (done["city"], done["private"], done["x"]) == ("Toledo", "1", None)
    assert len(done["store_name"]) == len("Zora")
    assert abs(done["lat"] - 41.65) < 0.01
    assert len(str(done["lat"])) == len("41.652805")


def test_the_same_person_is_the_same_all_over() -> None:
    done = disguised("<i>Zora</i> <b>Zora</b> <u>ZORA</u> <a href='/zora/'>")
    name, again, loud, path = re.findall(r"[A-Za-z]{4}", done.replace("href", ""))
    assert name == again
    assert loud == name.upper()
    assert path == name.lower()


def test_a_leak_is_noticed() -> None:
    with pytest.raises(Leak, match="the phone of an entry would survive"):
        check([exchange("call (419) 155-0142")], [ADA])
    with pytest.raises(Leak, match="the name"):
        check([exchange("Zora O&#039;Quillfeather, PT")], [ADA])


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["{0}", '{{"a": "{0}"}}', "<p x='{0}'>{0}</p>"]))
def test_any_text_can_be_disguised(text: str, around: str) -> None:
    disguised(around.format(text))


# What changed


@pytest.mark.parametrize(
    ("before", "now", "line"),
    [
        ('{"a": 1}', '{"a": 2}', None),
        ('{"a": 1}', '{"a": 2.5}', None),
        ('{"a": 1}', '{"a": "1"}', "gone: a (number)"),
        ('{"a": 1}', '{"b": 1}', "new: b (number)"),
        ('[{"a": 1}]', '[{"a": 1}, {"a": 2}]', None),
        ('{"7": {"a": 1}}', '{"8": {"a": 1}}', None),
        ('while(1);{"a": 1}', 'while(1);{"a": 3}', None),
        ('{"a": 1}', "<h1>Login</h1>", "gone: a (number)"),
        ("<i class=x></i>" * 3, "<i class=x></i>" * 9, None),
        ("<i class=x></i>" * 3, "<i class=y></i>" * 3, "gone: i.x"),
        ("<i class=post-1></i>" * 3, "<i class=post-2></i>" * 3, None),
        ("", "x", "gone: nothing"),
    ],
)
def test_a_change_of_structure(before: str, now: str, line: str | None) -> None:
    found = changes(structure([exchange(before)], [], 0), structure([exchange(now)], [], 0))
    assert bool(found) == (line is not None)
    assert line is None or any(one.endswith(line) for one in found)


@pytest.mark.parametrize(
    ("before", "now", "said"), [(100, 90, False), (100, 50, True), (3, 8, False), (3, 9, True)]
)
def test_counts_far_off(before: int, now: int, said: bool) -> None:
    found = changes(Structure(listings=before), Structure(listings=now))
    assert found == ([f"listings: {now}, {before} when recorded"] if said else [])


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://academy.example/find/", "GET /find/"),
        ("https://academy.example/x/12/", "GET /x/#/"),
        ("https://academy.example/a?action=go&lat=1", "GET /a (action, lat) action go"),
    ],
)
def test_kinds_of_questions(url: str, said: str) -> None:
    assert kind_of(Exchange(url, "GET", 200, "text/html", "")) == said


def test_a_recording_can_be_loaded_again(tmp_path: Path) -> None:
    with serving(one={}) as servers:
        write_sheet(tmp_path / "sources", "one", servers["one"].url)
        assert record(tmp_path, "one").returncode == 0
    found = load(tmp_path / "recordings" / "one")
    assert found[0].url == f"https://directory.example{DIRECTORY}"
