"""Wild Apricot: one question, columns understood by their headings."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Request, Response

from records.listing import Listing
from spiders.platforms import Total, WrongShape
from spiders.platforms.wild_apricot import WildApricot
from tests.platform_fixtures import SITE, Harvest, answer, around, harvest, page, recorded

PAGE = recorded("wild_apricot/page.html")
MEMBERS = recorded("wild_apricot/members.txt")
PROFILE = recorded("wild_apricot/profile.html")


def site(request: Request) -> Response:
    body = PROFILE
    if request.url.endswith("/LoadMembers"):
        assert request.method == "POST"
        assert request.body == b"formId=5633621"
        assert request.headers["X-Requested-With"] == b"XMLHttpRequest"
        body = MEMBERS
    return HtmlResponse(request.url, body=body.encode(), encoding="utf-8", request=request)


def whole(**options: Any) -> Harvest:
    return harvest(WildApricot(around(**options)), page(PAGE), site)


@pytest.mark.parametrize(
    ("body", "recognised"),
    [
        (PAGE, True),
        ("<script>MemberDirectoryListRenderer.FormId='1'</script>", True),
        ('<div class="WaGadgetMemberDirectory"></div>', False),
        ("<p>Set MemberDirectoryListRenderer.FormId = '12' in your page</p>", False),
        ("<script>MemberDirectoryListRenderer.FormId = id</script>", False),
        ("", False),
    ],
)
def test_what_is_recognised(body: str, recognised: bool) -> None:
    assert (WildApricot(around()).recognise(page(body)) is not None) is recognised


def test_addresses_default_and_stay_http() -> None:
    body = (
        "<script>MemberDirectoryListRenderer.FormId='1';"
        "x.MemberDirectoryListWebServiceUrl_LoadMembers='javascript:alert(1)'</script>"
    )
    match = WildApricot(around()).recognise(page(body))
    assert match is not None
    assert match.facts["load_url"] == f"{SITE}/Sys/MemberDirectory/LoadMembers"
    assert match.facts["profile_base"] == f"{SITE}/Sys/PublicProfile/"


def test_one_question_holds_everybody() -> None:
    found = whole()
    assert len(found.requests) == 1
    assert found.totals == [3]
    assert list(found.listings) == ["57351770", "57351771", "57351772"]
    assert found.listings["57351770"].printed() == {
        "source_id": "example",
        "native_id": "57351770",
        "seen_url": f"{SITE}/find/",
        "name": "Ada O'Sampleton & Daughter",
        "practice": 'Fictional "Motion"',
        "street": "12 Invented Avenue",
        "city": "Toledo",
        "state": "OH",
        "phone": "(419) 555-0134",
        "profile_url": f"{SITE}/Sys/PublicProfile/57351770/5633621",
        "certification": "Level 1, Level 2",
        "extra": {"Favourite dish": "Hidden text"},
    }
    assert found.listings["57351772"].name == "Émile Nobody"


def test_the_fact_sheet_says_what_a_column_means() -> None:
    found = whole(columns={"favourite dish": "credentials"})
    assert found.listings["57351770"].credentials == "Hidden text"


def test_profiles_add_what_the_list_lacks() -> None:
    found = whole(extra={"profiles": "yes"})
    assert len(found.requests) == 4
    ada = found.listings["57351770"]
    assert (ada.website, ada.postcode) == ("https://www.example.com/ada/", "43604")
    assert ada.city == "Toledo", "the list goes first"


def test_a_profile_that_is_none() -> None:
    platform = WildApricot(around(extra={"profiles": "yes"}))
    match = platform.recognise(page(PAGE))
    assert match is not None
    list(platform.requests(match))
    list(platform.read(answer(MEMBERS, ask="members")))
    with pytest.raises(WrongShape, match="memberDirectoryDetailsContainer"):
        list(platform.read(answer("<p>Please log in</p>", ask="profile", id="57351770")))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "0",
        "while(1);",
        "while(1); []",
        MEMBERS[:-30],
        "<html>Error</html>",
        'while(1); {"TotalCount":1}',
        'while(1); {"TotalCount":1,"JsonStructure":"{}"}',
        'while(1); {"TotalCount":1,"JsonStructure":"{members:[],layout:{}}"}',
        'while(1); {"TotalCount":1,"JsonStructure":"{members:[[1],[2]],layout:{}}"}',
        'while(1); {"TotalCount":2,"JsonStructure":"{members:[[{},{}],[2]],layout:{}}"}',
    ],
)
def test_what_is_no_member_list(body: str) -> None:
    with pytest.raises(WrongShape):
        list(WildApricot(around()).read(answer(body)))


def test_an_empty_directory() -> None:
    body = 'while(1); {"TotalCount":0,"JsonStructure":"{members:[[],[]],layout:{c1:{h:\'Name\'}}}"}'
    assert list(WildApricot(around()).read(answer(body))) == [Total(0, "Wild Apricot TotalCount")]


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    platform = WildApricot(around())
    platform.recognise(page(text))
    platform.recognise(page(f"<script>MemberDirectoryListRenderer.FormId='1';{text}</script>"))
    for body in (text, f"while(1);{text}", json.dumps({"TotalCount": 1, "JsonStructure": text})):
        with contextlib.suppress(WrongShape):
            found = list(platform.read(answer(body)))
            assert all(isinstance(one, Listing | Total) for one in found)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["members", "layout", "c1", "h", "v", "fft"]), inner)
        ),
        max_leaves=12,
    )
)
def test_any_structure(value: Any) -> None:
    body = "while(1); " + json.dumps({"TotalCount": value, "JsonStructure": json.dumps(value)})
    with contextlib.suppress(WrongShape):
        list(WildApricot(around()).read(answer(body)))
