"""The spider that reads: from an organisation's address to the listings of its directory.

It finds the directory's page (`seeking.py`), then asks and reads as its platform says. It ends in
one of two ways: every answer was read, or `bundle.failure` says in one line why not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from records.listing import Listing
from spiders.answers import status_words
from spiders.paging import Pager, Turn
from spiders.platforms import Hidden, Platform, Reading, Shortfall, Total, WrongShape
from spiders.recognition import Recognition, as_markup
from spiders.seeking import SeekingSpider
from spiders.trouble import RunOver, Trouble, in_words

#: Entries whose own page is gone (404) are left out, up to this share of the answers.
GONE_SHARE = 0.05
#: A few may be gone in a small directory too.
GONE_FEW = 3
#: What a platform says of a request in its meta; the rest is Scrapy's.
_PLATFORMS_OWN = ("about", "paging", "optional", "otherwise")


class DirectorySpider(SeekingSpider):
    """Reads one source into `bundle`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._platform: Platform | None = None
        self._pager = Pager()
        self._read_so_far: dict[str, Listing] = {}
        self._asked: set[bytes] = set()
        self._answers = 0
        self._gone = 0

    def on_closed(self, reason: str) -> None:
        super().on_closed(reason)
        bundle = self.bundle
        if bundle.failure is None and self._gone > max(GONE_FEW, GONE_SHARE * bundle.pages):
            bundle.failure = f"{self._gone} of {bundle.pages} pages it links to are gone"
        if bundle.failure is None and not self._read_so_far:
            hidden = f" but {sum(bundle.hidden.values())} hidden" if bundle.hidden else ""
            bundle.failure = f"{bundle.pages} answers read and no listing in them{hidden}"

    def keep(self, page: Response) -> str:
        folder = self.data / "unrecognised"
        folder.mkdir(parents=True, exist_ok=True)
        path: Path = folder / f"{self.sheet.id}-{self.bundle.started_at[:10]}.html"
        path.write_bytes(page.body)
        return f"; kept for you to look at: {path}"

    def begin(self, found: Recognition, page: Response) -> Iterator[Any]:
        assert found.best is not None
        match = found.best
        platform = self._platform = self.recogniser.platform(match)
        self.bundle.platform = match.platform
        self.bundle.evidence = match.evidence
        self.bundle.directory_url = match.page_url
        if match.refusal:
            self.fail(f"{platform.title} at {match.page_url} is not read: {match.refusal}")
            return
        try:
            first = list(platform.requests(match))
        except WrongShape as error:
            self.fail(f"{platform.title}: {error} ({page.url})")
            return
        if not first:
            yield from self._read(page)
        for request in first:
            yield from self._ask(request)

    def _ask(self, request: Request) -> Iterator[Request]:
        print_of = self.crawler.request_fingerprinter.fingerprint(request)
        if print_of in self._asked:
            self._count("spider/request/asked_before")
            return
        self._asked.add(print_of)
        yield request.replace(
            callback=self.read_answer, errback=self.answer_trouble, dont_filter=True
        )

    def read_answer(self, answer: Response) -> Iterator[Any]:
        """Read what the platform asked for."""
        if self.over.is_set():
            return
        self.bundle.pages += 1
        yield from self._read(answer)

    def _read(self, answer: Response) -> Iterator[Any]:
        assert self._platform is not None
        self._answers += 1
        if self._answers > self.sheet.options.max_pages:
            self.fail(f"endless pager: more than {self.sheet.options.max_pages} answers")
            return
        try:
            # Whole before anything of it is used: half an answer is none.
            readings = list(self._platform.read(as_markup(answer)))
        except WrongShape as error:
            yield from self._unreadable(answer, error)
            return
        yield from self._take(answer, readings)

    def _take(self, answer: Response, readings: list[Reading]) -> Iterator[Any]:
        asked = answer.request.meta if answer.request is not None else {}
        requests = [one for one in readings if isinstance(one, Request)]
        marks = {one.native_id for one in readings if isinstance(one, Listing)}
        marks |= {one.url for one in requests if not one.meta.get("paging")}
        marks |= {mark for one in requests for mark in one.meta.get("held", ())}
        turn = self._pager.turn(marks, turned=bool(asked.get("paging")))
        if turn is Turn.STUCK:
            self.fail(f"its pager does not turn: {answer.url} holds only what page 1 held")
            return
        for one in readings:
            match one:
                case Listing():
                    # The same id with other content goes on: the last stage counts it, since it
                    # means that the id is none.
                    if self._read_so_far.get(one.native_id) == one:
                        self._count("spider/listing/again")
                    else:
                        self._read_so_far.setdefault(one.native_id, one)
                        yield one
                case Hidden():
                    hidden = self.bundle.hidden
                    hidden[one.reason] = hidden.get(one.reason, 0) + 1
                case Total():
                    self._expect(one)
                case Shortfall():
                    self._fall_short(one.reason)
                case Request():
                    if turn is Turn.STOP and one.meta.get("paging"):
                        self._count("spider/pager/ended")
                    else:
                        yield from self._ask(one)

    def _unreadable(self, answer: Response, error: WrongShape) -> Iterator[Any]:
        assert self._platform is not None
        request = answer.request
        meta = request.meta if request is not None else {}
        if meta.get("optional"):
            self._count("spider/optional/unreadable")
            yield from self._otherwise(meta)
            return
        if answer.status in (404, 410) and not meta.get("paging") and self._read_so_far:
            # A list names an entry whose own page was taken down a moment ago.
            self._gone += 1
            self._count("spider/entry/gone")
            return
        times = meta.get("unreadable", 0) + 1
        if request is not None and request.callback is not None and times <= self.limits.retries:
            self._count("spider/answer/asked_again")
            # Not from the cache: the server would say that its broken page has not changed.
            yield request.replace(
                # Not as a page to recognise: the one that was, is kept and would be read again.
                callback=self.read_answer,
                errback=self.answer_trouble,
                cb_kwargs={},
                meta={
                    **{key: meta[key] for key in _PLATFORMS_OWN if key in meta},
                    "unreadable": times,
                    "dont_cache": True,
                },
                dont_filter=True,
            )
            return
        status = "" if answer.status == 200 else f", status {status_words(answer.status)}"
        self.fail(f"{self._platform.title}: {error} ({answer.url}{status})")

    def answer_trouble(self, failure: Failure) -> Iterator[Any]:
        """An answer could not be had."""
        error, request = failure.value, failure.request  # type: ignore[attr-defined]
        if self.over.is_set() or isinstance(error, RunOver):
            return
        closed = isinstance(error, Trouble) and error.whole_host
        if request.meta.get("optional") and not closed:
            self._count("spider/optional/unanswered")
            yield from self._otherwise(request.meta)
            return
        self.fail(in_words(error, request.url))

    def _otherwise(self, meta: Mapping[str, Any]) -> Iterator[Request]:
        """What the platform asks where an optional answer could not be had or read."""
        instead = meta.get("otherwise")
        if instead is not None:
            yield from self._ask(Request(instead["url"], meta=instead["meta"]))

    def _expect(self, total: Total) -> None:
        bundle = self.bundle
        if bundle.expected is None or total.count > bundle.expected:
            bundle.expected, bundle.expected_by = total.count, total.said_by
        if total.independent:
            bundle.counted_apart = max(bundle.counted_apart or 0, total.count)

    def _fall_short(self, reason: str) -> None:
        stats = self.bundle.stats
        before = stats.get("shortfall")
        stats["shortfall"] = f"{before}; {reason}" if before else reason

    def _count(self, key: str) -> None:
        self.bundle.stats[key] = int(self.bundle.stats.get(key, 0)) + 1
