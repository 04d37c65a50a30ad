"""Recorded answers of a directory: kept as files, and played back to its platform.

A recording is a folder. `exchanges.json` is a list of {url, method, status, content_type, file} and
`form` for a POST, `headers` where some matter; the first exchange is the directory's page.
`expected.json` says what comes out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from scrapy.http import Request, Response, TextResponse
from scrapy.responsetypes import responsetypes

from records.listing import Listing
from spiders.directory import DirectorySpider
from spiders.platforms import Hidden, Platform, Shortfall, Total
from spiders.recognition import Recognition

#: Far more than any recording holds; a platform that asks on would never end.
_MOST = 20_000


_TELLING = re.compile(r"x-wp-total|x-total|link$", re.I)


class NotRecorded(Exception):
    """A platform asks what the recording does not answer."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer, as text."""

    url: str
    method: str
    status: int
    content_type: str
    body: str
    form: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    """Those that readers look at, in lower case: totals."""

    @classmethod
    def of(cls, answer: Response, request: Request) -> Exchange:
        """What was asked at first, where redirects came between, and what came at last."""
        asked = request.meta.get("redirect_urls") or [request.url]
        kind = (answer.headers.get("Content-Type") or b"").decode("latin-1")
        text = answer.text if isinstance(answer, TextResponse) else ""
        headers = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1")
            for name, values in answer.headers.items()
            if _TELLING.match(name.decode("latin-1"))
        }
        form = form_of(request)
        return cls(str(asked[0]), request.method, answer.status, kind, text, form, headers)

    def answers(self, request: Request) -> bool:
        """Whether this is the answer to a request."""
        same = self.url == request.url and self.method == request.method
        return same and self.form == form_of(request)

    def response(self, request: Request) -> Response:
        """The answer as a platform gets it. Text is UTF-8, whatever it was when it was sent."""
        kind = f"{self.content_type.partition(';')[0] or 'text/html'}; charset=utf-8"
        body = self.body.encode()
        made = responsetypes.from_args(
            headers={b"Content-Type": kind.encode()}, url=request.url, body=body
        )
        return made(
            request.url,
            status=self.status,
            body=body,
            headers={"Content-Type": kind, **self.headers},
            request=request,
        )


def form_of(request: Request) -> dict[str, str]:
    """The fields a request posts."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(slots=True)
class Played:
    """What a platform reads from a recording."""

    listings: dict[str, Listing] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    shortfalls: list[str] = field(default_factory=list)


def play(exchanges: Sequence[Exchange], platform: Platform) -> Played:
    """Let a platform read a recording.

    Raises NotRecorded, WrongShape, or ValueError when the page is not the platform's any more.
    """
    first = Request(exchanges[0].url)
    page = exchanges[0].response(first)
    match = platform.recognise(page)
    if match is None:
        raise ValueError(f"{exchanges[0].url} is not recognised as {platform.title}")
    found = Played()
    waiting = list(platform.requests(match))
    answers = [] if waiting else [page]
    asked: set[tuple[str, str, bytes]] = set()
    while waiting or answers:
        if not answers:
            waiting.sort(key=lambda one: -one.priority)
            request = waiting.pop(0)
            name = (request.method, request.url, request.body)
            if name in asked:
                continue
            asked.add(name)
            if len(asked) > _MOST:
                raise NotRecorded(f"more than {_MOST} questions")
            answers.append(_answer(exchanges, request))
        for one in platform.read(answers.pop()):
            match one:
                case Listing():
                    found.listings.setdefault(one.native_id, one)
                case Request():
                    waiting.append(one)
                case Hidden():
                    found.hidden.append(one.reason)
                case Total():
                    found.totals.append(one.count)
                case Shortfall():
                    found.shortfalls.append(one.reason)
    return found


def _answer(exchanges: Sequence[Exchange], request: Request) -> Response:
    for one in exchanges:
        if one.answers(request):
            return one.response(request)
    raise NotRecorded(f"{request.method} {request.url}")


def load(folder: Path) -> list[Exchange]:
    """The exchanges of a recording. Raises OSError or ValueError where it cannot be read."""
    return [
        Exchange(
            one["url"],
            one["method"],
            one["status"],
            one["content_type"],
            (folder / one["file"]).read_text(encoding="utf-8"),
            one.get("form", {}),
            one.get("headers", {}),
        )
        for one in json.loads((folder / "exchanges.json").read_text(encoding="utf-8"))
    ]


def save(folder: Path, exchanges: Sequence[Exchange], platform: str, played: Played) -> None:
    """Write a recording into a folder that has none."""
    folder.mkdir(parents=True)
    index: list[dict[str, Any]] = []
    for place, one in enumerate(exchanges):
        name = f"{place:03d}{_ending(one)}"
        (folder / name).write_text(one.body, encoding="utf-8")
        entry: dict[str, Any] = {
            "url": one.url,
            "method": one.method,
            "status": one.status,
            "content_type": one.content_type,
            "file": name,
        }
        beside = {"form": one.form, "headers": one.headers}
        index.append(entry | {name: value for name, value in beside.items() if value})
    listings = []
    for listing in played.listings.values():
        printed = listing.printed()
        del printed["source_id"], printed["seen_url"]
        listings.append(printed)
    expected = {
        "platform": platform,
        "listings": listings,
        "hidden": played.hidden,
        "totals": played.totals,
    }
    _write(folder / "exchanges.json", index)
    _write(folder / "expected.json", expected)


def _ending(one: Exchange) -> str:
    for word, ending in (("json", ".json"), ("html", ".html"), ("xml", ".xml")):
        if word in one.content_type:
            return ending
    return ".txt"


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


class RecordingSpider(DirectorySpider):
    """Reads a directory and keeps every answer it read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exchanges: list[Exchange] = []
        self.platform_name: str | None = None

    def begin(self, found: Recognition, page: Response) -> Iterator[Any]:
        self.platform_name = found.platform
        assert page.request is not None
        self.exchanges.append(Exchange.of(page, page.request))
        yield from super().begin(found, page)

    def read_answer(self, answer: Response) -> Iterator[Any]:
        if not self.over.is_set() and answer.request is not None:
            self.exchanges.append(Exchange.of(answer, answer.request))
        yield from super().read_answer(answer)
