"""How facts are written for a reader: distances, dates, phones, precision, professions."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from db.freshness import freshness

PROFESSIONS = {
    "physical_therapist": "physical therapists",
    "chiropractor": "chiropractors",
    "occupational_therapist": "occupational therapists",
    "athletic_trainer": "athletic trainers",
    "acupuncturist": "acupuncturists",
    "physician": "physicians",
}

ONE_OF_A_PROFESSION = {
    "physical_therapist": "a physical therapist",
    "physical_therapist_assistant": "a physical therapist assistant",
    "chiropractor": "a chiropractor",
    "occupational_therapist": "an occupational therapist",
    "athletic_trainer": "an athletic trainer",
    "acupuncturist": "an acupuncturist",
}

RULE_STATUS = {
    "pending": "not yet: law passed, rules pending",
    "permitted": "allowed",
    "prohibited": "not allowed",
    "silent": "not settled: the law says nothing either way",
    "unclear": "unclear: sources disagree",
}


def miles(distance: float) -> str:
    """'less than 0.1 miles', '0.4 miles', '1 mile', '12 miles'."""
    if distance < 0.1:
        return "less than 0.1 miles"
    if distance < 9.95:
        text = f"{distance:.1f}".removesuffix(".0")
        return f"{text} mile" if text == "1" else f"{text} miles"
    return f"{distance:,.0f} miles"


def day(stamp: str | None) -> Markup:
    """A time element: '24 Nov 2026' for an ISO 8601 time; an unreadable one as it stands."""
    if not stamp:
        return Markup("")
    try:
        when = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    except ValueError:
        return escape(stamp)
    shown = f"{when.day} {when:%b %Y}"
    return Markup('<time datetime="{}">{}</time>').format(stamp[:10], shown)


def phone(number: str | None) -> str:
    """'(614) 555-0142' for '+16145550142'; other numbers as they are."""
    match = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", number or "")
    return "({}) {}-{}".format(*match.groups()) if match else number or ""


def web_address(url: str | None) -> str | None:
    """The address if a browser may be sent there (http or https), else None: a directory may
    print anything, also `javascript:`."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else None


def host(url: str) -> str:
    """The host of an address, without www."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def precision(kind: str | None, postcode: str | None, city: str | None) -> str:
    """How well the point is known, in words."""
    if kind == "source":
        return "Exact place, as the directory gives it"
    if kind in ("rooftop", "street"):
        return "At this address"
    if kind == "postcode":
        return (
            f"Approximate: centre of ZIP {postcode}" if postcode else "Approximate: centre of ZIP"
        )
    if kind == "city":
        return f"Approximate: centre of {city}" if city else "Approximate: centre of town"
    return "Place on the map not known"


def is_exact(kind: str | None) -> bool:
    """Whether the point stands for a door rather than for an area."""
    return kind in ("source", "rooftop", "street")


def profession(word: str | None) -> str:
    """'physical therapists'; a word this list does not have, in plain letters."""
    return PROFESSIONS.get(word or "", (word or "").replace("_", " "))


def one_of(word: str | None) -> str:
    """'a physical therapist'; a word this list does not have, in plain letters with 'a'."""
    return ONE_OF_A_PROFESSION.get(word or "", f"a {(word or 'provider').replace('_', ' ')}")


def rule_status(word: str) -> str:
    return RULE_STATUS.get(word, word)


def speaks_against(standing: str) -> bool:
    """Whether a reader has to be told that the state does not plainly allow it."""
    return standing != "permitted"


def is_stale(last_seen: str, built_at: str) -> bool:
    """Whether it has to be said when an entry was last seen."""
    return freshness(last_seen, built_at) != "current"


FILTERS = {
    "miles": miles,
    "day": day,
    "phone": phone,
    "web_address": web_address,
    "host": host,
    "is_exact": is_exact,
    "profession": profession,
    "rule_status": rule_status,
    "one_of": one_of,
    "speaks_against": speaks_against,
    "is_stale": is_stale,
}
