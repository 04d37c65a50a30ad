"""Which software the directory of a site runs on, found as the spider would find it, and not read.

Needs no fact sheet and keeps nothing. robots.txt, pauses and all other manners are the spider's.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Response, TextResponse

from records.bundle import RunBundle
from records.factsheet import FactSheet
from spiders.crawl import run_spiders
from spiders.finding import site_of
from spiders.guard import is_local_name
from spiders.politeness import Limits
from spiders.recognition import Named, Recognition
from spiders.seeking import SeekingSpider


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """What was found behind one address."""

    url: str
    """As it was asked for."""
    recognition: Recognition | None
    """None: unrecognised, or not reached; `failure` says which."""
    title: str | None = None
    """What people call the platform."""
    site_name: str | None = None
    """What the site calls itself on the page that was recognised."""
    failure: str | None = None
    looked_at: tuple[str, ...] = ()
    looked_for: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()
    """Pages that could not be had, and why."""
    named: tuple[Named, ...] = ()
    """What WordPress names, where it was asked."""


@dataclass(slots=True)
class _Found:
    by_id: dict[str, Detected] = field(default_factory=dict)


class DetectSpider(SeekingSpider):
    """Stops where another spider would begin to read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever names a page below the home page may mean the directory itself.
        self.starts_at_home = urlsplit(self.sheet.home_url or "").path in ("", "/")
        self.recognition: Recognition | None = None
        self.page: Response | None = None

    def begin(self, found: Recognition, page: Response) -> Iterator[Any]:
        self.recognition, self.page = found, page
        yield from ()  # nothing more is asked, so the run ends


def detect(
    urls: Sequence[str], *, contact: str | None, limits: Limits | None = None
) -> list[Detected]:
    """What the site behind each address runs on, in their order; all are looked at side by side.

    Raises ValueError for something that is no web address. Once per process: see `spiders.crawl`.
    """
    sheets = [passing_sheet(f"site_{place}", url) for place, url in enumerate(urls)]
    found = _Found()

    def ended(sheet: FactSheet, bundle: RunBundle, spider: DetectSpider | None) -> None:
        found.by_id[sheet.id] = _detected(sheet, bundle, spider)

    with tempfile.TemporaryDirectory(prefix="needlepoint-") as folder:
        run_spiders(
            DetectSpider,
            sheets,
            Path(folder),
            on_end=ended,
            contact=contact,
            progress=False,
            limits=limits,
            pipelines={},
        )
    return [found.by_id[sheet.id] for sheet in sheets]


def passing_sheet(source_id: str, url: str) -> FactSheet:
    """A fact sheet for looking only: it knows an address and nothing else.

    Raises ValueError (pydantic's) when `url` is no web address.
    """
    host = urlsplit(url).hostname or ""
    local = bool(host) and is_local_name(host)
    return FactSheet.model_validate(
        {
            "id": source_id,
            "title": url,
            "publisher": {"name": host},
            "home_url": url,
            "certification": {"issuer": host},
            "status": {
                "state": "proposed",
                "reason": "only looked at",
                "date": dt.datetime.now(dt.UTC).date(),
            },
            "politeness": {"delay_seconds": 0, "note": "this machine"} if local else {},
        }
    )


def _detected(sheet: FactSheet, bundle: RunBundle, spider: DetectSpider | None) -> Detected:
    url = sheet.home_url or ""
    if spider is None:
        return Detected(url=url, recognition=None, failure=bundle.failure)
    found = spider.recognition
    return Detected(
        url=url,
        recognition=found,
        title=spider.recogniser.platform(found.best).title if found and found.best else None,
        site_name=site_name(spider.page) if spider.page is not None else None,
        failure=bundle.failure,
        looked_at=tuple(spider.search.opened),
        looked_for=tuple(spider.recogniser.titles()),
        not_read=tuple(spider.unread),
        named=spider.named,
    )


def site_name(page: Response) -> str | None:
    """What a site calls itself: og:site_name, or the last part of a title with several."""
    if not isinstance(page, TextResponse):
        return None
    named = page.xpath('//meta[@property="og:site_name"]/@content').get()
    title = " ".join((page.xpath("string(//title)").get() or "").split())
    parts = [part.strip() for part in re.split(r"\s[|–—·-]\s", title)]
    return (named or "").strip() or (parts[-1] if len(parts) > 1 else None) or None


def source_id_for(url: str) -> str:
    """A fact sheet's id made from the registered domain of an address."""
    name = re.sub(r"[^a-z0-9]+", "_", site_of(url).rsplit(".", 1)[0].lower()).strip("_")
    return (name if re.match(r"[a-z]", name) else f"site_{name}")[:60]
