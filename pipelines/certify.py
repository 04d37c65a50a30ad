"""Stage: what the source says of the practitioner, in the issuer's own words and no others.

The fact sheet says what being listed means. Words that a listing prints about a level count only
where the sheet knows them; a maintainer adds new ones after reading what the issuer means by them.
Letters after a name ("Cert. DN") are credentials and never make a certification here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from pipelines.text import straight, tidy
from records.factsheet import FactSheet
from records.listing import Certified, Kind, Listing

#: For a source whose fact sheet does not say what a listing means, and for practices without a
#: person: true of every listing, and no claim about training.
LISTED = "Listed in its directory"
#: Different unknown wordings counted by name in one run; the rest is counted together.
_MOST_COUNTED = 50
_BETWEEN = re.compile(r"\s*[,;|•·\n]\s*")


@lru_cache(maxsize=5_000)
def wording_key(text: str) -> str:
    """What wordings that mean the same have in common: no case, no punctuation, single blanks."""
    return " ".join(re.sub(r"[^\w+]+", " ", straight(tidy(text) or "").casefold()).split())


def certified_as(
    printed: str | None,
    issuer: str,
    label: str | None,
    wording: Mapping[str, str],
    kind: Kind = "person",
) -> tuple[tuple[Certified, ...], tuple[str, ...]]:
    """What may be shown, and the printed wordings that the sheet does not know.

    `wording` is the sheet's, printed level -> the issuer's label, keyed by `wording_key`. Without
    known wording: the sheet's label, or LISTED where it has none. A practice that names nobody is
    listed, whatever people there are certified as.
    """
    text = tidy(printed)
    known: list[Certified] = []
    unknown: list[str] = []
    for part in _wordings(text, wording) if text else ():
        meant = wording.get(wording_key(part))
        if meant is None:
            unknown.append(part)
        elif kind == "person":
            known.append(Certified(issuer=issuer, label=meant, level=part))
    if not known:
        default = label if label and kind == "person" else LISTED
        known.append(Certified(issuer=issuer, label=default))
    return tuple(dict.fromkeys(known)), tuple(unknown)


def _wordings(text: str, wording: Mapping[str, str]) -> list[str]:
    # Wordings may have commas of their own: a text is cut only if that makes known ones of it.
    if wording_key(text) in wording:
        return [text]
    parts = [part for part in _BETWEEN.split(text) if wording_key(part)]
    return parts if any(wording_key(part) in wording for part in parts) else [text]


class CertifyPipeline:
    """Fills `certified` of `clean`.

    Counts `certify/wording/known`, `certify/wording/unknown` with `certify/unknown/<as printed>`,
    and `certify/label/default` where the sheet's own label or LISTED was used.
    """

    def __init__(self, stats: StatsCollector, sheet: FactSheet) -> None:
        self._stats = stats
        self._facts = sheet.certification
        self._wording = wordings(sheet)
        self._unknown: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CertifyPipeline:
        """For a spider that has `sheet`, its fact sheet."""
        sheet: FactSheet = crawler.spider.sheet  # type: ignore[union-attr]
        return cls(crawler.stats, sheet)

    def process_item(self, item: Listing) -> Listing:
        """The same listing with what its source says of it."""
        certified, unknown = certified_as(
            item.certification,
            self._facts.issuer,
            self._facts.label,
            self._wording,
            item.clean.kind,
        )
        item.clean.certified = certified
        known = sum(one.level is not None for one in certified)
        if known:
            self._stats.inc_value("certify/wording/known", known)
        else:
            self._stats.inc_value("certify/label/default")
        for printed in unknown:
            self._stats.inc_value("certify/wording/unknown")
            if len(self._unknown) < _MOST_COUNTED:
                self._unknown.add(printed)
            counted = printed[:80] if printed in self._unknown else "(others)"
            self._stats.inc_value(f"certify/unknown/{counted}")
        return item


def wordings(sheet: FactSheet) -> dict[str, str]:
    """The sheet's known wordings, by `wording_key`."""
    return {wording_key(key): label for key, label in sheet.certification.wording.items()}
