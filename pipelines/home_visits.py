"""Stage: does the source say that somebody comes to the patient's home?

Only what is said counts. Silence, a hedge ("ask us") and two statements that contradict each other
stay None: who cannot travel must not be sent to somebody on a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from db.place_text import words
from pipelines.text import tidy
from records.listing import Listing

#: Whole answers to "home visits?", and first words of longer ones.
_YES = frozenset("yes y true 1 x on si oui ja sim available offered sometimes limited".split()) | {
    "on request", "upon request", "by request", "by appointment", "by arrangement",
}  # fmt: skip
_NO = frozenset("no n false 0 off non nein nee nao never none unavailable".split()) | {
    "not offered", "not provided", "not at this time", "not currently",
    "clinic only", "in clinic only", "office only", "in office only", "telehealth only",
}  # fmt: skip
#: A box that is ticked or not, as a sign.
_SIGNS = {"✓": "yes", "✔": "yes", "☑": "yes", "✅": "yes", "✗": "no", "✘": "no", "❌": "no"}

_CARE = (
    "(?:(?:dry )?needling|(?:physical )?therap(?:y|ies|ists?)|physio(?:therapy)?|pt|rehab"
    "|rehabilitation|chiropract(?:ic|ors?)|acupuncture|massage|treatments?|visits?|sessions?"
    "|services?|appointments?|care|evaluations?)"
)
#: "Home exercise" and "home health agency" are no visit, nor is one to a nursing home.
_VISIT = (
    r"(?:(?<!nursing )(?:home|house|domiciliary) (?:visits?|calls?)|housecalls?"
    rf"|(?:in|at) (?:the |your )?home {_CARE}|(?:come|travel|drive)s? to (?:you|your home)"
    "|hausbesuche?n?|visites? domicile|a domicile|a domicilio|domiciliari"
    "|huisbezoek(?:en)?|aan huis)"
)
_MOBILE = f"mobile (?:{_CARE}|clinic|practice)"
_NOT = "(?:no|not|never|without|dont|doesnt|wont|cannot|kein|keine|sans|sin|senza|geen)"
_BETWEEN = "(?:do|currently|longer|offer(?:ed|ing)?|mak(?:e|ing)|provid(?:e|ing)|available|any)"
_LACKING = "(?:unavailable|no|none|nein|nee|(?:not|no longer|nicht|niet)(?: available| offered)?)"
#: Words by which a sentence about home visits no longer plainly says yes or no.
_DOUBT = re.compile(
    rf"\b(?:{_NOT}|{_LACKING}|but|except|unless|only if|ask|inquire|enquire|contact|maybe|soon"
    r"|future|formerly|previously|suspended|waitlist|referrals?|courses?|training|billing)\b"
)
#: Said by who sees nobody in person.
_AWAY = re.compile(
    r"\b(?:telehealth|teletherapy|telemedicine|virtual)(?: (?:visits?|sessions?))? only\b"
    r"|\bonly (?:telehealth|teletherapy|telemedicine|virtual)\b"
)

#: Between tags or sentences; ", not available" belongs to what stands before it.
_BREAK = re.compile(r"[;|/\n•·!]|\.(?:\s|$)|,(?!\s*(?:currently )?(?:not|no longer|unavailable)\b)")
#: Keys under which directories keep what somebody offers: "Categories", "service_types", "Tags".
_OFFER = re.compile(
    r"categor|kategor|\btags?\b|servi[cz]|special|especial|spezial|offer|amenit|features?\b"
    r"|settings?\b|treatment|leistung|angebot|prestation|diensten"
)


def home_visits(
    printed: str | None, extra: Mapping[str, str] | None = None, city: str | None = None
) -> bool | None:
    """Whether home visits are made: as the source says, None where it does not. Never raises.

    `printed` is the directory's own field for it; only where there is none are the categories,
    tags and services of `extra` read. In the city of Mobile "Mobile Physical Therapy" says where.
    """
    visit = _VISIT if words(city or "") == ["mobile"] else f"(?:{_VISIT}|{_MOBILE})"
    printed = _SIGNS.get((printed or "").strip(), printed)
    if text := tidy(printed):
        return _answer(text, visit)
    return _agreed(
        _statement(part, visit)
        for key, value in (extra or {}).items()
        if _OFFER.search(key.casefold())
        for part in _BREAK.split(value)
    )


def _answer(text: str, visit: str) -> bool | None:
    """What the text of a field for home visits answers."""
    line = " ".join(words(text))
    first, _, rest = line.partition(" ")
    if line in _YES or (first in _YES and not _DOUBT.search(rest)):
        return True
    if line in _NO or (first in _NO and rest and not _DOUBT.search(rest)):
        return False
    return _agreed(_statement(part, visit) for part in _BREAK.split(text))


@lru_cache(maxsize=20_000)
def _statement(text: str, visit: str) -> bool | None:
    """What one tag or sentence says about home visits."""
    line = " ".join(words(text))
    if _AWAY.search(line):
        return False
    if not re.search(rf"\b{visit}\b", line):
        return None
    if re.search(rf"\b{_NOT} (?:{_BETWEEN} )*{visit}\b|\b{visit} (?:are )?{_LACKING}$", line):
        return False
    return None if _DOUBT.search(line) else True


def _agreed(said: Iterable[bool | None]) -> bool | None:
    found = {one for one in said if one is not None}
    return found.pop() if len(found) == 1 else None


def fill_home_visits(listing: Listing) -> bool | None:
    """Set `listing.clean.home_visits`, and give it."""
    clean = listing.clean
    clean.home_visits = home_visits(listing.home_visits, listing.extra, clean.city)
    return clean.home_visits


class HomeVisitsPipeline:
    """Fills `home_visits` of `clean`.

    Counts `home_visits/said/<yes or no>`, and `home_visits/printed/unusable` where the directory's
    own field answers neither.
    """

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HomeVisitsPipeline:
        return cls(crawler.stats)

    def process_item(self, item: Listing) -> Listing:
        """The same listing with what its source says about home visits."""
        said = fill_home_visits(item)
        if said is not None:
            self._stats.inc_value(f"home_visits/said/{'yes' if said else 'no'}")
        elif tidy(item.home_visits):
            self._stats.inc_value("home_visits/printed/unusable")
        return item
