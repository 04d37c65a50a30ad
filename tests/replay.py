"""Recordings played back to a platform: what it asks is answered from files.

A recording is a folder. `exchanges.json` is a list of {url, method, status, content_type, file};
`form` for a POST, `headers` where some matter. The first exchange is the directory's page.
`expected.json` says what must come out of it: `listings` (printed fields by listing), `hidden`
(reasons), `totals`; `options` are those of the fact sheet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from scrapy.http import Request, Response
from scrapy.responsetypes import responsetypes

from records.factsheet import FactSheet
from spiders.people import PeopleOf
from spiders.platforms import Surroundings
from spiders.platforms.registry import platform_named
from tests.platform_fixtures import Harvest, around, harvest


class NotRecorded(AssertionError):
    """A platform asked something that the recording does not answer."""


@dataclass(frozen=True)
class Recording:
    """One folder of recorded answers."""

    folder: Path

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._json("exchanges.json")
        return found

    @property
    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = self._json("expected.json")
        return found

    def _json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def page(self) -> Response:
        """The directory's page, as the spider would hand it to the platforms."""
        return self.answer(Request(self.exchanges[0]["url"]))

    def answer(self, request: Request) -> Response:
        """The recorded answer to exactly this request. Raises NotRecorded."""
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        for one in self.exchanges:
            same = one["url"] == request.url and one["method"] == request.method
            if same and one.get("form", {}) == form:
                body = (self.folder / one["file"]).read_bytes()
                headers = {"Content-Type": one["content_type"], **one.get("headers", {})}
                kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
                return kind(
                    request.url, status=one["status"], body=body, headers=headers, request=request
                )
        raise NotRecorded(f"nobody recorded {request.method} {request.url} {form}")

    def harvest(self, platform: str, beside: Surroundings | None = None) -> Harvest:
        """All that a platform finds in the recording, beside what it knew when that was made.

        A search over a country asks by where its people live: `of_source` knows them.
        """
        if beside is None:
            beside = around(**self.expected.get("options", {}))
        return harvest(platform_named(platform)(beside), self.page(), self.answer)


def of_source(sheet: FactSheet, data: Path) -> Surroundings:
    """What the platform of a source knows: its fact sheet, and the towns of `data`'s gazetteer."""
    return Surroundings(sheet, PeopleOf(sheet.coverage.countries, data))
