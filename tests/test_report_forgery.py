"""Forms that are not ours, or come from another site, are refused; no cookie is needed for it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from plugins.pages import reporting
from tests.report_fixtures import Site, form, hidden, mark, site, visitor

__all__ = ["site", "visitor"]


@pytest.mark.parametrize(
    "made",
    [
        {"token": ""},
        {"token": "WyJyZXBvcnQiXQ.forged"},
        {"secret": "somebody else's"},
        {"age": reporting.GOOD_FOR_SECONDS + 60},
        {"age": -3600},
        {"form": "removal"},
        {"person": "np-0000000001"},
    ],
    ids=str,
)
def test_marks_that_are_not_ours_are_refused_and_the_text_stays(
    site: Site, visitor: httpx.Client, made: dict[str, Any]
) -> None:
    count = len(site.reports())
    person = site.made.uncertain
    token = made["token"] if "token" in made else mark(**{"person": person} | made)
    whole = {"practitioner": person, "what": "moved", "message": "Written with care."}
    page = visitor.post("/report", data=whole | {"token": token})
    assert page.status_code == 403
    assert "Written with care." in page.text
    assert len(site.reports()) == count
    # What is shown again can be sent.
    again = visitor.post("/report", data=whole | hidden(page))
    assert again.status_code == 303
    assert site.reports()[-1]["message"] == "Written with care."


def test_a_mark_of_ours_is_good_for_hours(site: Site, visitor: httpx.Client) -> None:
    person = site.made.uncertain
    token = mark(reporting.GOOD_FOR_SECONDS - 60, person=person)
    whole = {"practitioner": person, "what": "moved", "token": token}
    assert visitor.post("/report", data=whole).status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"cookie": "ds_csrftoken=whatever"}, 303),
    ],
    ids=str,
)
def test_forms_of_other_sites_are_refused(
    site: Site, visitor: httpx.Client, headers: dict[str, str], status: int
) -> None:
    count = len(site.reports())
    whole = {**form(visitor, site.made.uncertain), "what": "moved"}
    sent = visitor.post("/report", data=whole, headers=headers)
    assert sent.status_code == status
    assert len(site.reports()) == count + (status == 303)
    own = visitor.post("/report", data=whole, headers={"origin": site.address})
    assert own.status_code == 303  # what was refused did not count as a try either


def test_other_pages_keep_datasettes_own_check(site: Site, visitor: httpx.Client) -> None:
    cookie = {"cookie": "ds_csrftoken=whatever"}
    assert visitor.post("/-/messages", data={"message": "x"}, headers=cookie).status_code == 403
    assert visitor.put("/report").status_code == 405
