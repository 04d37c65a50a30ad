"""Stage: who is listed. A person's name apart from title and letters, or a practice.

Directories write "Dr. Ada Q. Sampleton Jr., PT, DPT", "SAMPLETON, ADA", "Ada Sampleton PT DPT" and
"Specimen Spine & Sport, LLC" into one field. Letters are cut off first, by the closed list; then it
is decided whether a person is left; then nameparser takes that name apart.

Words decide whether it is a practice. probablepeople, a trained tagger, is asked only about names
that do not look like two to four plain words: of 600 two-word names of invented persons it took 114
for companies, and a person shown as a practice is the worse mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

import probablepeople
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from pipelines.credential_list import PROFESSION_WORDS, spelling_key
from pipelines.credentials import (
    NAMES_TOO,
    Letters,
    joined,
    looks_like_letters,
    pieces,
    profession_of,
    read_letters,
    read_piece,
    written_as_letters,
)
from pipelines.name_parts import PARTICLES, Parts, person_parts, suffix_of
from pipelines.text import straight, tidy
from records.factsheet import FactSheet
from records.listing import Kind, Listing

#: A name that has one of these, and no letters behind a comma, is a practice.
_PRACTICE = frozenset(
    """clinic clinics clinica clinique center centers centre centres therapy therapies physiotherapy
    rehab rehabilitation wellness chiropractic orthopedics orthopaedics orthopedic orthopaedic
    hospital institute associates partners group medicine medical health healthcare sport sports
    spine performance fitness physio studio acupuncture massage motion movement llc pllc inc
    incorporated ltd corp corporation company co lp llp pc pllp practice services solutions
    university college academy system systems network team gym pilates yoga recovery specialists
    care office praxis kliniek praktijk athletics wholistic holistic osteopathy osteopathic
    chiropractors therapists""".split()
)
#: Behind a comma these say that the whole is a company, whatever the name looks like.
_LEGAL = frozenset("llc pllc inc incorporated ltd corp corporation llp pllp lp pc co".split())
_TITLES = frozenset("dr drs doctor prof professor mr mrs ms miss mx rev sir".split())
_COMMA = re.compile(r"\s*[,;|]\s*|\s+[-–—•·]\s+")
_JOINED = re.compile(r"\w\s*[&+]\s*\w|\bthe\b|\bat\b", re.IGNORECASE)
_TWO_PEOPLE = re.compile(r"([^,&]+), *([^&]+?) +(?:&|and) +([^,&]+ [^,&]+), *([^&]+)")
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_NAME = 200
#: Different unknown letters counted by name in one run; the rest is counted together.
_MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Named:
    """What one printed name says."""

    kind: Kind
    name: str | None
    """To show; None where nothing is left."""
    parts: Parts = field(default_factory=Parts)
    letters: Letters = field(default_factory=Letters)
    practice: str | None = None
    """A practice printed behind a person's name."""


@lru_cache(maxsize=20_000)
def read_name(text: str | None, *, has_letters: bool = False, has_practice: bool = False) -> Named:
    """Who a printed name names; never raises on any text.

    `has_letters` says that the directory prints letters for the entry elsewhere: then a person is
    meant. `has_practice` says that it prints a practice elsewhere: then one word is a person too.
    """
    text = tidy(text)
    if text is None:
        return Named("person", None)
    text = straight(text)[:_LONGEST_NAME]
    two = _two_people(text)
    if two:
        return two
    head, *behind = [part for part in _COMMA.split(text) if part] or [text]
    sorted_ = _sort(head, behind)
    core, peeled = _without_letters(sorted_.core)
    letters = Letters(peeled) + sorted_.letters
    person = has_letters or bool(sorted_.letters.known)
    if sorted_.company and not person and not sorted_.given:
        return Named("practice", text)
    sure = person or sorted_.given is not None
    if is_practice(core, sure_person=sure, has_letters=bool(letters.known) or has_practice):
        return Named("practice", text)
    core = _without_titles(core)
    if sorted_.given:
        core = f"{core}, {sorted_.given}"
    parts = person_parts(core, sorted_.suffix)
    practice = text if sorted_.company else sorted_.practice
    return Named("person", parts.shown or None, parts, letters, practice)


def _two_people(text: str) -> Named | None:
    """ "Person One, PT & Person Two, DPT": shown together, taken apart as neither of them."""
    found = _TWO_PEOPLE.fullmatch(text)
    if not found:
        return None
    first, its_letters, second, letters = found.groups()
    both = read_letters(its_letters), read_letters(letters)
    if not (both[0].known and both[1].known) or read_letters(second).known:
        return None
    shown = f"{_without_titles(first)} & {_without_titles(second)}"
    return Named("person", shown, letters=both[0] + both[1])


@dataclass(slots=True)
class _Sorted:
    core: str
    given: str | None = None
    suffix: str | None = None
    letters: Letters = field(default_factory=Letters)
    practice: str | None = None
    company: bool = False


def _sort(head: str, behind: list[str]) -> _Sorted:
    """What stands behind the commas: letters, a suffix, a given name, a practice."""
    out = _Sorted(head)
    surname_only = _is_surname(head)
    shouted = head.upper() == head
    for at, part in enumerate(behind):
        bare = part.strip(" .").casefold()
        if bare in _LEGAL:
            out.company = True
        elif suffix_of(part) and bare != "v":
            out.suffix = out.suffix or suffix_of(part)
        elif out.given is None and surname_only and _may_be_given(part, shouted, first=at == 0):
            given, peeled = _without_letters(part)
            out.given = given
            out.letters += Letters(peeled)
        elif bare in PROFESSION_WORDS or bare in {"owner", "founder", "director"}:
            continue
        elif all(read_piece(one) for one in pieces(part)) or _letters_only(part):
            out.letters += read_letters(part)
        elif _practice_words(part):
            out.practice = out.practice or part
        elif out.given is None and at == 0 and _reads_as_given(part):
            # "Muestra García, Ana": two surnames and a given name
            out.given = part
    return out


def _is_surname(text: str) -> bool:
    words = text.split()
    while words and words[0].strip(".").casefold() in PARTICLES | {"st", "mac", "mc", "o'"}:
        words = words[1:]
    while len(words) > 1 and suffix_of(words[-1]):
        words = words[:-1]
    return len(words) <= 1


def _may_be_given(part: str, shouted: bool, *, first: bool) -> bool:
    words = part.split()
    if not words or any(c.isdigit() for c in part) or _practice_words(part):
        return False
    if read_piece(words[0]):
        name_too = shouted and words[0].upper() in NAMES_TOO
        as_letters = written_as_letters(words[0]) or words[0].islower()
        if not first or (as_letters and not name_too):
            return False
    return shouted or not looks_like_letters(words[0]) or "." in words[0]


def _reads_as_given(part: str) -> bool:
    words = part.split()
    return len(words) <= 3 and not any(
        looks_like_letters(word) or read_piece(word) or not word[0].isalpha() for word in words
    )


def _letters_only(part: str) -> bool:
    """Also with letters that nobody knows: "PT XYZ", "XYZ-2"; but not "DO NOT USE"."""
    found = pieces(part)
    sure = [one for one in found if read_piece(one) and spelling_key(one) not in NAMES_TOO]
    return (len(found) == 1 or bool(sure)) and all(
        read_piece(one) or looks_like_letters(one) for one in found
    )


def _without_letters(text: str) -> tuple[str, tuple[str, ...]]:
    """The name and the known letters at its end: "Noel Nocomma PT DPT" -> "Noel Nocomma", …

    Two words are always left of a name; letters that are names too ("Do", "Ma") count only in
    capitals within a name that is not, or before other letters.
    """
    quoted = text.rstrip()
    words = joined(quoted.split())
    shouted = text.upper() == text
    found: list[str] = []
    while len(words) > 1:
        last = words[-1].strip("()[]")
        usual = read_piece(last)
        if not usual or not written_as_letters(last):
            break
        left = [word for word in words[:-1] if word.strip(".").casefold() not in _TITLES]
        doubtful = shouted or len(left) < 2
        if spelling_key(last) in NAMES_TOO and doubtful and not (found and len(left) >= 2):
            break
        if not left:
            break
        found[:0] = usual
        words.pop()
    return " ".join(words), tuple(found)


def _without_titles(text: str) -> str:
    words = text.split()
    while len(words) > 1 and words[0].strip(".").casefold() in _TITLES:
        words = words[1:]
    return " ".join(words)


def _practice_words(text: str) -> bool:
    return any(word.casefold() in _PRACTICE for word in _WORD.findall(text))


def is_practice(name: str, *, sure_person: bool = False, has_letters: bool = False) -> bool:
    """Whether a name without its letters is a practice's.

    `sure_person`: letters stand behind a comma or in a field of their own, as only people have
    them. `has_letters`: some stood at the end of the name itself, which "Motion PT" has too, or
    the practice is printed elsewhere.
    """
    if sure_person:
        return False
    if _practice_words(name) or _JOINED.search(name):
        return True
    if has_letters:
        return False
    count = len(name.split())
    if count == 1:
        return True  # nobody is found by one word, and many practices are one
    ordinary = count <= 4 and not re.search(r"[\d%@#/\\]", name)
    if ordinary or not name.isascii() or any(mark in name for mark in "\"'("):
        return False
    return _tagged_as_company(name)


def _tagged_as_company(name: str) -> bool:
    try:
        kind: str = probablepeople.tag(name)[1]
    except probablepeople.RepeatedLabelError:
        return False
    return kind == "Corporation"


class NamePipeline:
    """Fills kind, name and its parts, credentials, profession, and a practice found in the name.

    Counts `names/kind/<kind>`, `names/name/missing`, `credentials/known/<usual spelling>`,
    `credentials/unknown/<as printed>`, and `names/profession/<profession or unknown>`.
    """

    def __init__(self, stats: StatsCollector, sheet: FactSheet) -> None:
        self._stats = stats
        self._sheet = sheet
        self._unknown: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> NamePipeline:
        """For a spider that has `sheet`, its fact sheet."""
        sheet: FactSheet = crawler.spider.sheet  # type: ignore[union-attr]
        return cls(crawler.stats, sheet)

    def process_item(self, item: Listing) -> Listing:
        """The same listing with its name, credentials and profession understood."""
        fill_names(item, self._sheet.professions)
        clean = item.clean
        self._stats.inc_value(f"names/kind/{clean.kind}")
        if clean.name is None:
            self._stats.inc_value("names/name/missing")
        for usual in clean.credentials:
            self._stats.inc_value(f"credentials/known/{usual}")
        for printed in clean.unknown_credentials:
            if len(self._unknown) < _MOST_COUNTED:
                self._unknown.add(printed)
            counted = printed if printed in self._unknown else "(others)"
            self._stats.inc_value(f"credentials/unknown/{counted}")
        if clean.kind == "person":
            self._stats.inc_value(f"names/profession/{clean.profession or 'unknown'}")
        return item


def fill_names(listing: Listing, professions: tuple[str, ...] = ()) -> None:
    """Set name, parts, kind, credentials and profession of `listing.clean`.

    `clean.practice` must be set before; `professions` are the fact sheet's.
    """
    clean = listing.clean
    column = read_letters(listing.credentials)
    practice = clean.practice or tidy(listing.practice)
    named = read_name(
        listing.name, has_letters=bool(column.known), has_practice=practice is not None
    )
    if named.name is None:
        named = Named("practice", practice) if practice else named
    clean.kind = named.kind
    clean.name = named.name
    clean.given, clean.middle, clean.family = (
        named.parts.given,
        named.parts.middle,
        named.parts.family,
    )
    clean.suffix, clean.nickname = named.parts.suffix, named.parts.nickname
    clean.practice = practice or named.practice
    if named.kind == "practice":
        clean.practice = practice or named.name
        clean.credentials, clean.unknown_credentials, clean.profession = (), (), None
        return
    letters = named.letters + column
    clean.credentials, clean.unknown_credentials = letters.known, letters.unknown
    clean.profession = profession_of(letters.known, listing.profession, professions)
