"""One moving line a source in a terminal, nothing in a log."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from tqdm import tqdm

from records.bundle import RunBundle
from records.factsheet import FactSheet


class Progress:
    """Counts answers and listings per source while they come in. A context manager."""

    def __init__(self, sheets: Sequence[FactSheet], *, shown: bool) -> None:
        self._shown = shown and sys.stderr.isatty()
        self._width = max((len(sheet.id) for sheet in sheets), default=0)
        self._bars: dict[str, Any] = {}

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for bar in self._bars.values():
            bar.close()

    def follow(self, sheet: FactSheet, crawler: Crawler) -> None:
        """Show a line for this source from now on."""
        if not self._shown:
            return
        bar = tqdm(
            desc=sheet.id.ljust(self._width),
            unit=" answers",
            position=len(self._bars),
            bar_format="{desc} {n_fmt} answers {postfix}",
            postfix="",
        )
        self._bars[sheet.id] = bar
        listings = 0

        def answer(**_: Any) -> None:
            bar.update()

        def listing(**_: Any) -> None:
            nonlocal listings
            listings += 1
            bar.set_postfix_str(f"{listings} listings", refresh=listings % 50 == 0)

        crawler.signals.connect(answer, signals.response_received, weak=False)
        crawler.signals.connect(listing, signals.item_scraped, weak=False)

    def end(self, bundle: RunBundle) -> None:
        """Leave the source's last word in its line."""
        bar = self._bars.get(bundle.source_id)
        if bar is not None:
            said = bundle.failure or "done"
            bar.set_postfix_str(f"{len(bundle.listings)} listings, {said[:60]}")
