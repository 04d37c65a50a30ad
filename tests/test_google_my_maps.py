"""Google My Maps: what KML and KMZ hold, and what they must not do."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Request, Response

from records.listing import Listing
from spiders.platforms import Hidden, Shortfall, WrongShape, kml
from spiders.platforms.google_my_maps import GoogleMyMaps
from spiders.platforms.kml import kml_in, links, placemarks
from tests.platform_fixtures import RECORDINGS, SITE, around, page

MID = "1AbCdEfGhIjKlMnOpQrStUvWxYz012345"
EMBED = "https://www.google.com/maps/d/embed?mid="
MAP = f"https://www.google.com/maps/d/kml?mid={MID}"


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return packed.getvalue()


def document(inner: str) -> str:
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inner}</Document></kml>'


def read(body: str | bytes, **options: Any) -> list[Any]:
    content = body if isinstance(body, bytes) else body.encode()
    return list(GoogleMyMaps(around(**options)).read(Response(f"{MAP}&forcekml=1", body=content)))


@pytest.mark.parametrize(
    ("html", "mids", "certainty"),
    [
        (f'<iframe src="https://www.google.com/maps/d/embed?mid={MID}"></iframe>', (MID,), 0.5),
        (f'<iframe src="//www.google.de/maps/d/u/2/viewer?hl=de&amp;mid={MID}">', (MID,), 0.5),
        (f'<iframe data-src="https://google.com/maps/d/u/0/embed?mid={MID}&amp;z=4">', (MID,), 0.5),
        (
            f'<iframe src="{EMBED}{MID}"></iframe><iframe src="{EMBED}another1"></iframe>',
            (MID, "another1"),
            0.5,
        ),
        (f'<a href="https://www.google.com/maps/d/edit?mid={MID}&amp;usp=sharing">', (MID,), 0.4),
        ('<iframe src="https://www.google.com/maps/embed?pb=!1m18"></iframe>', None, 0),
        ('<iframe src="https://www.google.com/maps/d/embed"></iframe>', None, 0),
        (f'<iframe src="https://evil.example.com/www.google.com/maps/d/embed?mid={MID}">', None, 0),
        ('<iframe src="https://www.google.com/maps/d/embed?mid=../../x%3Fy"></iframe>', None, 0),
    ],
)  # fmt: skip
def test_how_a_map_is_recognised(html: str, mids: tuple[str, ...] | None, certainty: float) -> None:
    platform = GoogleMyMaps(around())
    match = platform.recognise(page(html))
    if mids is None:
        assert match is None
        return
    assert match is not None
    assert (match.facts["mids"], match.certainty) == (mids, certainty)
    asked = [one.url for one in platform.requests(match)]
    assert asked == [f"https://www.google.com/maps/d/kml?mid={mid}&forcekml=1" for mid in mids]


def test_a_page_that_calls_itself_a_directory_makes_it_sure() -> None:
    html = f'<h1>Find a Practitioner</h1><iframe src="{EMBED}{MID}"></iframe>'
    match = GoogleMyMaps(around()).recognise(page(html))
    assert match is not None
    assert match.certainty == 0.8


def test_kml_and_kmz_say_the_same() -> None:
    folder = RECORDINGS / "google_my_maps"
    plain_file, packed = (folder / "map.kml").read_bytes(), (folder / "map.kmz").read_bytes()
    assert packed.startswith(b"PK")
    assert read(plain_file) == read(packed)


def test_columns_layers_and_titles() -> None:
    body = document(
        "<Folder><name>Ohio</name><Folder><name>Level 2</name><Placemark><name>Ada &amp; Co</name>"
        "<description>Phone: (614) 555-0199</description>"
        '<ExtendedData><Data name="Phone"><value>(614) 555-0142</value></Data>'
        '<Data name="Street"><value>1 A St</value></Data><Data name="City"><value>Lima</value>'
        '</Data><Data name="Name"><value>Ada Mock</value></Data>'
        '<Data name="Favourite muscle"><value>Soleus</value></Data>'
        '<Data name="Admin notes"><value>owes us</value></Data></ExtendedData>'
        "</Placemark></Folder></Folder>"
    )
    (found,) = read(body)
    assert (found.name, found.phone, found.street, found.city) == (
        "Ada & Co",
        "(614) 555-0142",
        "1 A St",
        "Lima",
    )
    assert found.extra == {
        "name in the table": "Ada Mock",
        "Favourite muscle": "Soleus",
        "layer": "Ohio / Level 2",
    }
    (mapped,) = read(body, columns={"Layer": "certification"})
    assert mapped.certification == "Ohio / Level 2"
    assert read(body, extra={"layers": "Ohio / Level 1|Somewhere"}) == []
    assert len(read(body, extra={"layers": "ohio / level 2"})) == 1


def test_a_description_is_a_pop_up() -> None:
    text = (
        "<![CDATA[12 Placeholder Avenue<br>Toledo, OH 43604<br>(419) 555-0103<br>"
        '<a href="mailto:pat@example.com">write</a> <a href="https://pat.example.com/?a=1&b=2">'
        "site</a><br>Parking behind]]>"
    )
    (found,) = read(
        document(f"<Placemark><name>Pat</name><description>{text}</description></Placemark>")
    )
    assert found.address == "12 Placeholder Avenue, Toledo, OH 43604"
    assert (found.phone, found.email) == ("(419) 555-0103", "pat@example.com")
    assert found.website == "https://pat.example.com/?a=1&b=2"
    assert found.extra == {"text": "Parking behind"}
    assert found.latitude is None


def test_what_is_switched_off_is_hidden() -> None:
    body = document(
        "<Folder><visibility>0</visibility><Placemark><name>A B</name></Placemark></Folder>"
        "<Placemark><visibility>0</visibility><name>C D</name></Placemark>"
        "<Placemark><visibility>1</visibility><name>E F</name></Placemark>"
    )
    found = read(body)
    assert [type(one) for one in found] == [Hidden, Hidden, Listing]


@pytest.mark.parametrize(
    "coordinates", ["", "   ", "-83", "-83,40", " -83.0 , 40.1 ,0 ", "a,b,c", "-83,40,0 -84,41,0"]
)
def test_points_as_they_come(coordinates: str) -> None:
    (found,) = read(
        document(
            f"<Placemark><name>Ada</name><Point><coordinates>{coordinates}</coordinates></Point>"
            "</Placemark>"
        )
    )
    assert isinstance(found, Listing)
    assert (found.latitude is None) == (found.longitude is None)


def test_lines_and_areas_are_nobody() -> None:
    inner = "<coordinates>1,2 3,4</coordinates>"
    body = document(
        f"<Placemark><name>Road</name><LineString>{inner}</LineString></Placemark>"
        f"<Placemark><name>Area</name><Polygon><outerBoundaryIs><LinearRing>{inner}</LinearRing>"
        "</outerBoundaryIs></Polygon></Placemark><Placemark/><Placemark><name> </name></Placemark>"
    )
    assert read(body) == []


# Files that point on


def test_a_link_is_followed_on_its_own_host_only() -> None:
    body = document(
        f"<NetworkLink><Link><href>{MAP}&amp;lid=1</href></Link></NetworkLink>"
        "<NetworkLink><Url><href>/maps/d/kml?mid=other1</href></Url></NetworkLink>"
        "<NetworkLink><Link><href>http://169.254.169.254/latest/meta-data</href></Link></NetworkLink>"
        "<NetworkLink><Link><href>file:///etc/passwd</href></Link></NetworkLink>"
        "<NetworkLink><Link><href>http://[</href></Link></NetworkLink>"
    )
    found = read(body)
    assert [one.url for one in found if isinstance(one, Request)] == [
        f"{MAP}&lid=1",
        "https://www.google.com/maps/d/kml?mid=other1",
    ]
    assert sum(isinstance(one, Shortfall) for one in found) == 3


def test_links_that_never_end_do() -> None:
    platform = GoogleMyMaps(around())
    asked, number = [Request(f"{MAP}&n=0", meta={"about": {"depth": 0}})], 0
    stopped: list[Any] = []
    while asked:
        request, number = asked.pop(), number + 1
        assert number < 50
        body = document(
            f"<NetworkLink><Link><href>{MAP}&amp;n={number}</href></Link></NetworkLink>"
        ).encode()
        for one in platform.read(Response(request.url, body=body, request=request)):
            (asked if isinstance(one, Request) else stopped).append(one)
    assert number == 4
    assert [type(one) for one in stopped] == [Shortfall]


# Files that mean harm

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><kml><Placemark><name>&j;</name></Placemark></kml>"
)
OUTSIDE = (
    '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<kml><Placemark><name>&x;</name></Placemark></kml>"
)


@pytest.mark.parametrize("body", [BOMB, OUTSIDE], ids=["entities", "a file of ours"])
def test_declarations_are_not_read(body: str) -> None:
    for content in (body.encode(), zipped(doc_kml=body.encode())):
        with pytest.raises(WrongShape, match="declarations"):
            read(content)


def test_a_zip_of_blanks_is_read_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kml, "MOST_BYTES", 1_000_000)
    bomb = zipped(doc_kml=b" " * 20_000_000)
    assert len(bomb) < 50_000
    tracemalloc.start()
    try:
        with pytest.raises(WrongShape, match="more than 1000000 bytes"):
            read(bomb)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "body",
    [
        b"PK\x03\x04",
        zipped(doc_kml=b"<kml/>")[:40],
        zipped(doc_kml=document("").encode())[:-10],
        zipped(readme_txt=b"hello"),
        zipped(doc_kml=b""),
        zipped(doc_kml=zipped(doc_kml=b"<kml/>")),
        zipped(**{f"f{number}_png": b"" for number in range(3000)}),
        zipped(doc_kml=document("A" * 5000).encode()).replace(b"PK\x01\x02", b"PK\x01\x09"),
    ],
    ids=["a start", "a half", "no end", "no kml", "empty", "a zip in it", "many", "broken"],
)
def test_zips_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(WrongShape):
        read(body)


def test_an_encrypted_zip() -> None:
    body = bytearray(zipped(doc_kml=document("").encode()))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(mark) + place] |= 1
    with pytest.raises(WrongShape):
        read(bytes(body))


def test_folders_nested_without_end() -> None:
    deep = 10_000
    body = document("<Folder>" * deep + "<Placemark/>" + "</Folder>" * deep)
    with pytest.raises(WrongShape):
        read(body)


@given(st.binary(max_size=200), st.integers(0, 400))
def test_any_damage_to_a_zip(junk: bytes, place: int) -> None:
    whole = zipped(doc_kml=document("<Placemark><name>Ada Mock</name></Placemark>").encode())
    for body in (b"PK\x03\x04" + junk, whole[:place] + junk + whole[place + len(junk) :]):
        try:
            read(body)
        except WrongShape:
            continue


def test_the_document_says_its_parts() -> None:
    root = kml_in(Response(SITE, body=(RECORDINGS / "google_my_maps/map.kml").read_bytes()), "KML")
    names = [one.name for one in placemarks(root)]
    assert names[:2] == ["Ada Sampleton, PT, DPT", "Café R&D Fictional Therapy"]
    assert links(root) == []
