"""Stage: phone, e-mail and web addresses.

A number is accepted when it has the right length for its country and, in North America, an area
code and an exchange that can exist. It need not be in service: numbers kept for fiction (555-01xx)
and area codes newer than the library's tables are numbers too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from pipelines.text import tidy
from pipelines.web import email_address, web_address
from records.factsheet import FactSheet
from records.listing import Listing

_SEVERAL = re.compile(r"\s*(?:[;|,/\\](?!/)|\bor\b|\band\b|&)\s*", re.IGNORECASE)
_FAX = re.compile(r"\b(?:fax|f)\b\s*(?:no\.?|number|#)?\s*[:.]?\s*(?=[\d(+])", re.IGNORECASE)
_REMARK = re.compile(r"\([^()\d]*\)|\[[^\[\]\d]*\]")
_EXTENSION = re.compile(r"(?:\bext(?:ension|n)?|\bx|#)\s*[.:]?\s*(\d{1,7})\s*$", re.IGNORECASE)
_NORTH_AMERICA = re.compile(r"[2-9](?!11)\d\d[2-9](?!11)\d\d\d{4}")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Phone:
    """What one printed text says about phones."""

    number: str | None = None
    """E.164 of the first number that can be one."""
    extension: str | None = None
    others: int = 0
    """Different numbers printed beside it, fax numbers not counted."""


@lru_cache(maxsize=20_000)
def read_phone(text: str | None, country: str = "US") -> Phone:
    """The first usable number of a text; `country` (ISO alpha-2) says how to read one without +.

    Words in a number ("614-555-PAIN") are dialled as on a keypad. Never raises.
    """
    text = tidy(text)
    if text is None:
        return Phone()
    text = re.sub(r"^tel:(?://)?", "", text[:_LONGEST], flags=re.IGNORECASE)
    text = re.sub(r"\bext\.?,\s*", "ext ", _REMARK.sub(" ", text))
    first: tuple[str, str | None] | None = None
    others: set[str] = set()
    for piece in (text, *_SEVERAL.split(text)):
        fax = _FAX.search(piece)
        found = _one_number(piece[: fax.start()] if fax else piece, country)
        if found is None:
            continue
        if first is None:
            first = found
            if piece is text:
                return Phone(*first)
        elif found[0] != first[0]:
            others.add(found[0])
    if first is None:
        return _in_running_text(text, country)
    return Phone(*first, others=len(others))


def _one_number(text: str, country: str) -> tuple[str, str | None] | None:
    if not any(c.isdigit() for c in text):
        return None
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        return None
    return _accepted(number)


def _accepted(number: phonenumbers.PhoneNumber) -> tuple[str, str | None] | None:
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    national = phonenumbers.national_significant_number(number)
    if number.country_code == 1 and not _NORTH_AMERICA.fullmatch(national):
        return None
    if len(set(national)) == 1:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164), number.extension or None


def _in_running_text(text: str, country: str) -> Phone:
    """Numbers between words: "main (614) 555-0142 cell (614) 555-0143"."""
    matches = phonenumbers.PhoneNumberMatcher(text, country, phonenumbers.Leniency.POSSIBLE, 20)
    found: list[tuple[str, str | None]] = []
    for match in matches:
        if re.search(r"\b(?:fax|f)\W*$", text[: match.start], re.IGNORECASE):
            continue
        accepted = _accepted(match.number)
        if accepted and accepted[0] not in {number for number, _ in found}:
            found.append(accepted)
    return Phone(*found[0], others=len(found) - 1) if found else Phone()


class ContactPipeline:
    """Fills phone, phone_extension, email, website and booking_url of `clean`.

    Counts `contact/<field>/filled` and `contact/<field>/unusable` (something is printed that is
    none), and `contact/phone/several`.
    """

    def __init__(self, stats: StatsCollector, sheet: FactSheet) -> None:
        self._stats = stats
        countries = sheet.coverage.countries
        self._country = countries[0] if len(countries) == 1 else "US"

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ContactPipeline:
        """For a spider that has `sheet`, its fact sheet."""
        sheet: FactSheet = crawler.spider.sheet  # type: ignore[union-attr]
        return cls(crawler.stats, sheet)

    def process_item(self, item: Listing) -> Listing:
        """The same listing with its ways of contact."""
        others = fill_contact(item, self._country)
        if others:
            self._stats.inc_value("contact/phone/several")
        for field in ("phone", "email", "website", "booking_url"):
            if getattr(item.clean, field):
                self._stats.inc_value(f"contact/{field}/filled")
            elif tidy(getattr(item, field)):
                self._stats.inc_value(f"contact/{field}/unusable")
        return item


def fill_contact(listing: Listing, country: str = "US") -> int:
    """Set the contact fields of `listing.clean`; how many further phone numbers are printed.

    `country` is for listings whose `clean.country` is unknown.
    """
    clean = listing.clean
    phone = read_phone(listing.phone, clean.country or country)
    clean.phone, clean.phone_extension = phone.number, phone.extension
    clean.email = email_address(listing.email)
    clean.website = web_address(listing.website)
    clean.booking_url = web_address(listing.booking_url)
    return phone.others
