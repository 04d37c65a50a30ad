"""One person as the register has them, whichever way it was asked."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from registry.taxonomy import profession_of

_NOTHING = frozenset({"", "-", "--", "NULL", "NONE", "N/A"})
_TENTH_DIGIT_MILLISECONDS = 100_000_000_000
"""An epoch beyond this is in milliseconds: in seconds it would be the year 5138."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One of up to fifteen professions a person registered."""

    code: str
    """NUCC taxonomy code: 225100000X."""
    licence: str | None = None
    state: str | None = None
    """The state of the licence, two letters."""
    primary: bool = False

    @property
    def profession(self) -> str | None:
        """In the words of a listing; None for a profession that does not count here."""
        return profession_of(self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An active NPI of a person. The address is that of practice, never the mailing address."""

    npi: str
    family: str
    given: str | None = None
    middle: str | None = None
    suffix: str | None = None
    other_names: tuple[tuple[str, str | None], ...] = ()
    """Former and other names: (family, given)."""
    street: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    """Five digits."""
    phone: str | None = None
    """E.164."""
    updated_on: str | None = None
    """The day the register last changed the entry, ISO 8601."""
    slots: tuple[Slot, ...] = ()

    @property
    def states(self) -> frozenset[str]:
        """Where the person works or has a licence of a profession that counts."""
        licensed = {slot.state for slot in self.slots if slot.state and slot.profession}
        return frozenset(licensed | ({self.state} if self.state else set()))

    @property
    def families(self) -> frozenset[str]:
        return frozenset({self.family, *(family for family, _ in self.other_names)})


def text(value: object) -> str | None:
    """A value without outer blanks; None for what the register writes for nothing."""
    words = " ".join(str(value).split()) if value is not None else ""
    return None if words.upper() in _NOTHING else words


def us_state(value: object) -> str | None:
    code = (text(value) or "").upper()
    return code if re.fullmatch(r"[A-Z]{2}", code) else None


def zip5(value: object) -> str | None:
    """The first five digits of '301803226', '30180-3226' or '30180'."""
    found = re.match(r"\d{5}(?=\d{4}$|-|$)", text(value) or "", re.ASCII)
    return found[0] if found else None


def e164(value: object) -> str | None:
    """A ten-digit US number, however it is written, as E.164."""
    digits = re.sub(r"\D", "", text(value) or "", flags=re.ASCII)
    digits = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    return f"+1{digits}" if re.fullmatch(r"[2-9]\d{9}", digits, re.ASCII) else None


def day(value: object) -> str | None:
    """ISO day of 'MM/DD/YYYY', 'YYYY-MM-DD…', or an epoch in seconds or milliseconds, as text too.

    None for anything else: a date the register gets wrong says nothing about the person.
    """
    words = text(value) or ""
    try:
        if found := re.match(r"(\d{2})/(\d{2})/(\d{4})$", words, re.ASCII):
            month, of_month, year = map(int, found.groups())
            return dt.date(year, month, of_month).isoformat()
        if re.match(r"\d{4}-\d{2}-\d{2}", words, re.ASCII):
            return dt.date.fromisoformat(words[:10]).isoformat()
        if re.fullmatch(r"\d{6,15}", words, re.ASCII):
            epoch = int(words)
            seconds = epoch // 1000 if epoch > _TENTH_DIGIT_MILLISECONDS else epoch
            return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()
    except (ValueError, OverflowError):
        return None
    return None


def is_npi(number: str) -> bool:
    """Ten digits, the first 1 or 2, the last the Luhn check digit over '80840' and the rest."""
    if not re.fullmatch(r"[12]\d{9}", number, re.ASCII):
        return False
    total = 24  # what the prefix 80840 adds
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def active(deactivated: str | None, reactivated: str | None) -> bool:
    """Whether an NPI is in force: never deactivated, or given back at least as late."""
    return deactivated is None or (reactivated is not None and reactivated >= deactivated)
