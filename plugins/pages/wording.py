"""How facts are written for a reader: distances, dates, phones, precision, professions.

All words and dates are in the language of the request that asks for them.
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from db.freshness import freshness
from db.place_text import STATES
from db.places_listed import slug
from db.results import Nearby
from db.state_rules import StateRule
from plugins.pages.language import current, ngettext
from plugins.pages.language import gettext as _
from records.said import N_

PROFESSIONS = {
    "physical_therapist": N_("physical therapists"),
    "chiropractor": N_("chiropractors"),
    "occupational_therapist": N_("occupational therapists"),
    "athletic_trainer": N_("athletic trainers"),
    "acupuncturist": N_("acupuncturists"),
    "physician": N_("physicians"),
    "dentist": N_("dentists"),
    "massage_therapist": N_("massage therapists"),
    "naturopathic_doctor": N_("naturopathic doctors"),
    "nurse": N_("nurses"),
    "nurse_practitioner": N_("nurse practitioners"),
    "occupational_therapy_assistant": N_("occupational therapy assistants"),
    "physical_therapist_assistant": N_("physical therapist assistants"),
    "physician_assistant": N_("physician assistants"),
    "podiatrist": N_("podiatrists"),
    "speech_language_pathologist": N_("speech-language pathologists"),
    "veterinarian": N_("veterinarians"),
}

ONE_OF_A_PROFESSION = {
    "physical_therapist": N_("a physical therapist"),
    "physical_therapist_assistant": N_("a physical therapist assistant"),
    "chiropractor": N_("a chiropractor"),
    "occupational_therapist": N_("an occupational therapist"),
    "athletic_trainer": N_("an athletic trainer"),
    "acupuncturist": N_("an acupuncturist"),
    "dentist": N_("a dentist"),
    "massage_therapist": N_("a massage therapist"),
    "naturopathic_doctor": N_("a naturopathic doctor"),
    "nurse": N_("a nurse"),
    "nurse_practitioner": N_("a nurse practitioner"),
    "occupational_therapy_assistant": N_("an occupational therapy assistant"),
    "physician": N_("a physician"),
    "physician_assistant": N_("a physician assistant"),
    "podiatrist": N_("a podiatrist"),
    "speech_language_pathologist": N_("a speech-language pathologist"),
    "veterinarian": N_("a veterinarian"),
}

RULE_STATUS = {
    "pending": N_("not yet: law passed, rules pending"),
    "permitted": N_("allowed"),
    "with_training": N_("allowed with training"),
    "prohibited": N_("not allowed"),
    "silent": N_("not settled: the law says nothing either way"),
    "unclear": N_("unclear: sources disagree"),
}

BASIS = {
    "statute": N_("statute"),
    "regulation": N_("regulation"),
    "board_opinion": N_("board opinion"),
    "attorney_general": N_("attorney general's opinion"),
    "court": N_("court ruling"),
    "none": N_("no text found"),
    "unknown": N_("lists only, no legal text seen"),
}

VERDICT = {"good": N_("good"), "suspect": N_("suspect"), "failed": N_("failed")}

SOURCE_STATUS = {
    "active": N_("active"),
    "proposed": N_("proposed"),
    "paused": N_("paused"),
    "retired": N_("retired"),
    "forbidden": N_("must not be crawled"),
}

CONFIDENCE = {"high": N_("high"), "medium": N_("medium"), "low": N_("low")}


def miles(distance: float) -> str:
    """'less than 0.1 miles', '0.4 miles', '1 mile', '12 miles'."""
    if distance < 0.1:
        return _("less than %(number)s miles") % {"number": _number(0.1)}
    number = round(distance, 1 if distance < 9.95 else None)
    return ngettext("%(number)s mile", "%(number)s miles", 1 if number == 1 else 2) % {
        "number": _number(number)
    }


def _number(number: float) -> str:
    """With a decimal point in every language, as in the United States."""
    return format_decimal(number, "#,##0.#", locale=f"{current.get()}_US")


def counted(found: Nearby) -> str:
    """'1,234', or 'more than 1,000' where counting stopped."""
    return _("more than 1,000") if found.more else f"{found.total:,}"


def day(stamp: str | None) -> Markup:
    """A time element: '24 Nov 2026' for an ISO 8601 time; an unreadable one as it stands."""
    if not stamp:
        return Markup("")
    try:
        when = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    except ValueError:
        return escape(stamp)
    shown = format_date(when, _("d MMM y"), locale=current.get())
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
        return _("Exact place, as the directory gives it")
    if kind in ("rooftop", "street"):
        return _("At this address")
    if kind == "postcode":
        known = _("Approximate: centre of ZIP %(postcode)s") % {"postcode": postcode}
        return known if postcode else _("Approximate: centre of ZIP")
    if kind == "city":
        known = _("Approximate: centre of %(city)s") % {"city": city}
        return known if city else _("Approximate: centre of town")
    return _("Place on the map not known")


def is_exact(kind: str | None) -> bool:
    """Whether the point stands for a door rather than for an area."""
    return kind in ("source", "rooftop", "street")


def profession(word: str | None) -> str:
    """'physical therapists'; a word this list does not have, in plain letters."""
    return _in_words(PROFESSIONS, word or "")


def state_name(state: str) -> str:
    """'Ohio' for 'OH', in the reader's language; so is a state's English name. Other text as it
    stands."""
    return _(STATES.get(state, state)) if state else ""


def one_of(word: str | None) -> str:
    """'a physical therapist'; a word this list does not have, in plain letters with 'a'."""
    word = word or "provider"
    if word in ONE_OF_A_PROFESSION:
        return _(ONE_OF_A_PROFESSION[word])
    return _("a %(profession)s") % {"profession": word.replace("_", " ")}


def rule_status(word: str) -> str:
    """'allowed', 'not yet: law passed, rules pending'; another word as it stands."""
    return _in_words(RULE_STATUS, word)


def basis(word: str) -> str:
    """What a state's rule rests on: 'statute', 'board opinion'."""
    return _in_words(BASIS, word)


def confidence(word: str) -> str:
    """How sure we are of a state's rule: 'high', 'medium', 'low'."""
    return _in_words(CONFIDENCE, word)


def doubt(rule: StateRule) -> str:
    """What a short line about the rule must not hide: that we are not sure of it, or ''."""
    if rule.basis == "unknown":
        return _("lists only, we are not sure")
    return _("we are not sure") if rule.confidence == "low" else ""


def verdict(word: str) -> str:
    """How a run of a source was judged: 'good', 'suspect', 'failed'."""
    return _in_words(VERDICT, word)


def source_status(word: str) -> str:
    """Whether a source is read: 'active', 'must not be crawled'."""
    return _in_words(SOURCE_STATUS, word)


def _in_words(words: dict[str, str], word: str) -> str:
    return _(words[word]) if word in words else word.replace("_", " ")


def speaks_against(standing: str) -> bool:
    """Whether a reader has to be told that the state does not plainly allow it."""
    return standing not in ("permitted", "with_training")


def is_stale(last_seen: str, built_at: str) -> bool:
    """Whether it has to be said when an entry was last seen."""
    return freshness(last_seen, built_at) != "current"


FILTERS = {
    "miles": miles,
    "counted": counted,
    "day": day,
    "phone": phone,
    "web_address": web_address,
    "host": host,
    "is_exact": is_exact,
    "profession": profession,
    "rule_status": rule_status,
    "one_of": one_of,
    "state_name": state_name,
    "basis": basis,
    "confidence": confidence,
    "doubt": doubt,
    "verdict": verdict,
    "source_status": source_status,
    "slug": slug,
    "speaks_against": speaks_against,
    "is_stale": is_stale,
}
