"""Services that are recognised and not read."""

from __future__ import annotations

import pytest

from spiders.platforms import WrongShape
from spiders.platforms.refused import SERVICES, Refused
from tests.platform_fixtures import answer, around, page


@pytest.mark.parametrize(
    ("html", "service"),
    [
        ('<iframe src="https://fictional.bullseyelocations.com/pages/a?f=1"></iframe>', "Bullseye"),
        ("<script>a('//ws.bullseyelocations.com/RestSearch.svc/Do')</script>", "Bullseye"),
        ("<script>ANSWERS.init({apiKey: 'x', experienceKey: 'y'})</script>", "Yext"),
        ('<iframe src="https://answers.yext.com/x"></iframe>', "Yext"),
        ("<script>c = algoliasearch('A', 'b'); c.search({aroundLatLng: 1})</script>", "Algolia"),
        ('<iframe src="https://www.choose.physio/find"></iframe>', "choose.physio"),
        ('<iframe src="https://fictional.connectedcommunity.org/directory"></iframe>',
         "Higher Logic"),
        ('<iframe src="https://fictional.yourmembership.com/searchserver/people.aspx"></iframe>',
         "YourMembership"),
        ('<iframe src="https://aptaapps.apta.org/APTAPTDirectory/FindAPTDirectory.aspx"></iframe>',
         "APTA Find a PT"),
    ],
)  # fmt: skip
def test_what_is_recognised_and_not_read(html: str, service: str) -> None:
    match = Refused(around()).recognise(page(html))
    assert match is not None
    assert match.facts["service"] == service
    assert match.refusal
    assert list(Refused(around()).requests(match)) == []


def test_every_refusal_says_why_and_none_is_read() -> None:
    for service in SERVICES:
        assert service.reason.endswith(".")
        assert len(service.reason) > 40
    with pytest.raises(WrongShape):
        list(Refused(around()).read(answer("{}")))
