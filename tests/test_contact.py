"""Phones, e-mail and web addresses as directories print them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.contact import ContactPipeline, Phone, read_phone
from pipelines.web import email_address, web_address
from tests.stage_fixtures import counters, listing, sheet

_FIRST = "+16145550142"


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (None, Phone()),
        ("(614) 555-0142", Phone(_FIRST)),
        ("614.555.0142", Phone(_FIRST)),
        ("614/555-0142", Phone(_FIRST)),
        ("1-614-555-0142", Phone(_FIRST)),
        ("+1 614 555 0142", Phone(_FIRST)),
        ("tel:+1-614-555-0142", Phone(_FIRST)),
        ("call (614) 555-0142", Phone(_FIRST)),
        ("(614) 555-0142 (text only)", Phone(_FIRST)),
        ("(614) 555-0142 ext. 7", Phone(_FIRST, "7")),
        ("(614) 555-0142, ext 7", Phone(_FIRST, "7")),
        ("(614) 555-0142 x 12", Phone(_FIRST, "12")),
        ("(614) 555-0142 #7", Phone(_FIRST, "7")),
        ("(614) 555-0142 / (614) 555-0142", Phone(_FIRST)),
        ("(614) 555-0142 / (614) 555-0143", Phone(_FIRST, others=1)),
        ("614.555.0142 or 614.555.0143", Phone(_FIRST, others=1)),
        ("614-555-0142 Ext. 3 or 614-555-0143", Phone(_FIRST, "3", 1)),
        ("main (614) 555-0142 cell (614) 555-0143", Phone(_FIRST, others=1)),
        ("Fax (614) 555-0143; Tel (614) 555-0142", Phone(_FIRST)),
        ("Phone: (614) 555-0142 Fax: (614) 555-0143", Phone(_FIRST)),
        ("614-555-PAIN", Phone("+16145557246")),
        ("６１４５５５０１４２", Phone(_FIRST)),
        ("710 555 0123", Phone("+17105550123")),
        ("555-0142", Phone()),
        ("123-456-7890", Phone()),
        ("000-000-0000", Phone()),
        ("by appointment", Phone()),
        ("n/a", Phone()),
    ],
)
def test_phone(printed: str | None, expected: Phone) -> None:
    assert read_phone(printed) == expected


def test_the_country_says_how_to_read_a_number() -> None:
    assert read_phone("020 7946 0142", "GB").number == "+442079460142"
    assert read_phone("+1 613 555 0142", "GB").number == "+16135550142"
    assert read_phone("020 7946 0142", "US").number is None


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (None, None),
        ("https://www.example.com/", "https://www.example.com/"),
        ("example.com/sample", "http://example.com/sample"),
        ("www.example.com", "http://www.example.com"),
        ("//example.com/x", "http://example.com/x"),
        ("example.com:8080/x", "http://example.com:8080/x"),
        ("HTTP://EXAMPLE.COM/Path", "http://example.com/Path"),
        ("http//example.com", "http://example.com"),
        ("http://https://example.com/x", "https://example.com/x"),
        ("https://example.com/a&amp;b", "https://example.com/a&b"),
        ("http://example.com/our team", "http://example.com/our%20team"),
        ("example.com (new site)", "http://example.com"),
        ("www.example.com / www.example.org", "http://www.example.com"),
        ("https://münchen.example.com/ü?q=é", "https://münchen.example.com/%C3%BC?q=%C3%A9"),
        ("http://example.com/path%20with%20space", "http://example.com/path%20with%20space"),
        ("https://example.com/?utm_source=a&id=4&fbclid=b", "https://example.com/?id=4"),
        ("https://example.com/?gclid=b#team", "https://example.com/#team"),
        ("n/a", None),
        ("http://n/a", None),
        ("http://N.A.", None),
        ("none", None),
        ("Example", None),
        ("http://example", None),
        ("http://localhost/x", None),
        ("http://127.0.0.1/", None),
        ("http://[::1", None),
        ("http://example.com:99999/", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:ada@example.com", None),
        ("ada@example.com", None),
        ("http://ada@example.com", None),
        ("ftp://example.com/", None),
    ],
)
def test_web_address(printed: str | None, expected: str | None) -> None:
    assert web_address(printed) == expected


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (None, None),
        ("Ada@Example.com", "ada@example.com"),
        ("mailto:ada@example.com?subject=x", "ada@example.com"),
        ("E-Mail: ada@example.com", "ada@example.com"),
        ("Ada <ada@example.com>", "ada@example.com"),
        ("ada@example.com, robin@example.com", "ada@example.com"),
        ("ada@mail.company.com", "ada@mail.company.com"),
        ("two@example.comthreeexample.com", None),
        ("one@example.comtwo@example.com", None),
        ("ada [at] example.com", None),
        ("[email protected]", None),
        ("ada@example", None),
        ("ada@example..com", None),
        ("ada@@example.com", None),
        ("n/a", None),
    ],
)
def test_email(printed: str | None, expected: str | None) -> None:
    assert email_address(printed) == expected


def test_stage_fills_and_counts() -> None:
    stats = counters()
    stage = ContactPipeline(stats, sheet())
    one = stage.process_item(
        listing(
            phone="(614) 555-0142 or (614) 555-0143",
            email="ada [at] example.com",
            website="http://n/a",
            booking_url="example.com/book",
        )
    )
    assert one.clean.phone == _FIRST
    assert (one.clean.email, one.clean.website) == (None, None)
    assert one.clean.booking_url == "http://example.com/book"
    assert stats.get_stats() == {
        "contact/phone/several": 1,
        "contact/phone/filled": 1,
        "contact/email/unusable": 1,
        "contact/website/unusable": 1,
        "contact/booking_url/filled": 1,
    }


def test_a_country_understood_before_goes_before_the_sheets() -> None:
    one = listing(phone="020 7946 0142")
    one.clean.country = "GB"
    assert ContactPipeline(counters(), sheet()).process_item(one).clean.phone == "+442079460142"


@given(st.text(max_size=300), st.sampled_from(["US", "CA", "GB", "ZZ"]))
@example("+", "US")
@example("tel:;ext=", "US")
def test_phones_never_raise(text: str, country: str) -> None:
    found = read_phone(text, country)
    assert found.number is None or (found.number[0] == "+" and found.number[1:].isdigit())


@given(st.text(max_size=200) | st.from_regex(r"(https?://)?[a-z.@:\[\]/?#%&= -]{0,40}"))
@example("http://[::1]]/")
@example("http://example.com:x/")
def test_addresses_never_raise(text: str) -> None:
    url = web_address(text)
    if url is not None:
        parts = urlsplit(url)
        assert parts.scheme in {"http", "https"}
        assert "." in (parts.hostname or "")
        assert web_address(url) == url
    found = email_address(text)
    assert found is None or found.count("@") == 1
