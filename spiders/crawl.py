"""Runs sources side by side in one process, each on its own: one's trouble is never another's.

A Twisted reactor runs once in the life of a process, so `crawl` does too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from pipelines import ITEM_PIPELINES
from records.bundle import RunBundle
from records.factsheet import FactSheet
from spiders.directory import DirectorySpider
from spiders.politeness import HostTurns, Limits
from spiders.progress import Progress
from spiders.seeking import SeekingSpider, now_utc
from spiders.settings import process_settings, settings_for

logger = logging.getLogger(__name__)

Spider = TypeVar("Spider", bound=SeekingSpider)

#: Loggers whose warnings our own one line per source says better.
_SAID_BETTER = (
    "scrapy.core.downloader.handlers.http11",
    "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.utils._download_handlers",
    "twisted",
)


def crawl(  # noqa: PLR0913 - all but the first two by name
    sheets: Sequence[FactSheet],
    data: Path,
    *,
    on_bundle: Callable[[FactSheet, RunBundle], None],
    contact: str | None,
    progress: bool,
    limits: Limits | None = None,
) -> list[RunBundle]:
    """The run bundles of `sheets`, in their order; a failed run says so in `failure`.

    `on_bundle` is called as soon as a source ends, so that whatever kills the process costs only
    the sources that have not. `contact` is the address sent to servers with our name; `progress`
    shows a line a source on standard error.

    Raises RuntimeError when called twice in one process, and whatever `on_bundle` raised, after
    all other sources have ended and were handed over.
    """
    ended = run_spiders(
        DirectorySpider,
        sheets,
        data,
        on_end=lambda sheet, bundle, _: on_bundle(sheet, bundle),
        contact=contact,
        progress=progress,
        limits=limits,
        pipelines=dict(ITEM_PIPELINES),
    )
    return [ended[sheet.id] for sheet in sheets]


def run_spiders(  # noqa: PLR0913 - all but the first three by name
    kind: type[Spider],
    sheets: Sequence[FactSheet],
    data: Path,
    *,
    on_end: Callable[[FactSheet, RunBundle, Spider | None], None],
    contact: str | None,
    progress: bool,
    limits: Limits | None = None,
    pipelines: dict[str, int],
) -> dict[str, RunBundle]:
    """Runs a spider of this kind for every sheet, side by side, and gives their bundles by id.

    `on_end` gets the spider too, or None where it could not even be made. Otherwise as `crawl`.
    """
    if not sheets:
        return {}
    limits = limits or Limits()
    turns = HostTurns()
    process = AsyncCrawlerProcess(process_settings())
    for name in _SAID_BETTER:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    bundles: dict[str, RunBundle] = {}
    not_kept: list[Exception] = []
    with Progress(sheets, shown=progress) as lines:

        def ended(sheet: FactSheet, crawler: Crawler, task: asyncio.Task[None]) -> None:
            bundle = _bundle(sheet, crawler, task)
            bundles[sheet.id] = bundle
            lines.end(bundle)
            spider = crawler.spider if isinstance(crawler.spider, kind) else None
            try:
                on_end(sheet, bundle, spider)
            except Exception as error:  # raised again when all have ended
                not_kept.append(error)
            else:
                if spider is not None and not spider.interrupted:
                    spider.unfinished.end()

        for sheet in sheets:
            settings = settings_for(data, contact=contact, limits=limits, pipelines=pipelines)
            crawler = Crawler(kind, Settings(settings))
            task = process.crawl(crawler, sheet=sheet, data=data, turns=turns, limits=limits)
            lines.follow(sheet, crawler)
            task.add_done_callback(partial(ended, sheet, crawler))
        process.start()
    if not_kept:
        raise not_kept[0]
    return bundles


def _bundle(sheet: FactSheet, crawler: Crawler, task: asyncio.Task[None]) -> RunBundle:
    """What the crawler hands back, whatever became of it."""
    spider = crawler.spider
    if isinstance(spider, SeekingSpider):
        bundle = spider.bundle
    else:
        bundle = RunBundle(source_id=sheet.id, started_at=now_utc())
    error = asyncio.CancelledError() if task.cancelled() else task.exception()
    if error is not None and bundle.failure is None:
        said = " ".join(str(error).split())[:200]
        bundle.failure = f"the crawler broke: {type(error).__name__}: {said}"
        logger.error("source=%s crawler broke", sheet.id, exc_info=error)
    bundle.finished_at = bundle.finished_at or now_utc()
    return bundle
