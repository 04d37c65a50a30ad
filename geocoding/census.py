"""The US Census Bureau's geocoder as a geopy geocoder: free, no key, US addresses only.

It interpolates a house number along its street, so a match is precise to the street ("street"),
never to the roof. https://geocoding.geo.census.gov/geocoder/Geocoding_Services_API.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from urllib.parse import urlencode

import httpx
from geopy.adapters import URLLibAdapter
from geopy.exc import (
    GeocoderParseError,
    GeocoderQueryError,
    GeocoderRateLimited,
    GeocoderServiceError,
    GeocoderTimedOut,
    GeocoderUnavailable,
)
from geopy.geocoders.base import DEFAULT_SENTINEL, ERROR_CODE_MAP, Geocoder
from geopy.location import Location

DOMAIN = "geocoding.geo.census.gov"
BATCH_LIMIT = 10_000
"""Rows the service takes in one file."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One address of a batch. `id` comes back with the answer and must be unique in it."""

    id: str
    street: str
    city: str = ""
    state: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What the service says of one address. A tie, several places equally good, has no point."""

    outcome: Literal["match", "tie", "no_match"]
    matched: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    exact: bool = False
    """The service found the address as written, not only something like it."""


class USCensus(Geocoder):  # type: ignore[misc]
    """Addresses of the US by the Census Bureau's geocoder, one by one or 10,000 at a time.

    `domain` may carry a port and a path; `benchmark` is the Bureau's name for an edition of its
    street data. `timeout` (seconds) is for one address, `batch_timeout` for a batch: the service
    needs minutes for a full one.
    """

    def __init__(
        self,
        *,
        domain: str = DOMAIN,
        benchmark: str = "Public_AR_Current",
        timeout: float | None = 30,
        batch_timeout: float = 900,
        **connection: Any,
    ) -> None:
        """`connection`: scheme, user_agent, proxies, ssl_context, adapter_factory, as for every
        geocoder of geopy. The adapter is urllib's unless one is given: the one for requests
        retries on its own, and sleeps as long as the server's Retry-After says."""
        super().__init__(timeout=timeout, **{"adapter_factory": URLLibAdapter} | connection)
        self.domain = domain.strip("/")
        self.benchmark = benchmark
        self.batch_timeout = batch_timeout
        base = f"{self.scheme}://{self.domain}/geocoder/locations"
        self.api, self.batch_api = f"{base}/onelineaddress", f"{base}/addressbatch"

    def geocode(
        self, query: str, *, exactly_one: bool = True, timeout: Any = DEFAULT_SENTINEL
    ) -> Any:
        """The place of an address line: a Location, or a list with exactly_one=False; else None.

        Raises geopy's errors: GeocoderParseError when the answer is not the service's (an HTML
        page), GeocoderTimedOut, GeocoderServiceError and its kin for the rest.
        """
        asked = {"address": query, "benchmark": self.benchmark, "format": "json"}
        callback = partial(_read_matches, exactly_one=exactly_one)
        return self._call_geocoder(f"{self.api}?{urlencode(asked)}", callback, timeout=timeout)

    def geocode_batch(
        self, rows: Iterable[BatchRow], *, timeout: float | None = None
    ) -> dict[str, BatchAnswer]:
        """The answers for up to 10,000 addresses by their id; each row has exactly one.

        Raises GeocoderQueryError for too many rows or an id used twice, GeocoderParseError when
        the answer is not complete and well-formed, and geopy's other errors as `geocode` does.
        """
        rows = list(rows)
        wanted = {row.id for row in rows}
        if len(rows) > BATCH_LIMIT:
            raise GeocoderQueryError(f"a batch takes {BATCH_LIMIT:,} rows, not {len(rows):,}")
        if len(wanted) != len(rows):
            raise GeocoderQueryError("two rows of the batch have the same id")
        if not rows:
            return {}
        answers = _read_batch(self._send_batch(rows, timeout or self.batch_timeout))
        if answers.keys() != wanted:
            raise GeocoderParseError(
                f"asked for {len(wanted)} addresses, the answer has"
                f" {len(answers.keys() & wanted)} of them"
            )
        return answers

    def _send_batch(self, rows: list[BatchRow], timeout: float) -> str:
        # geopy's adapters only GET
        sheet = io.StringIO()
        csv.writer(sheet).writerows(
            (row.id, row.street, row.city, row.state, row.postcode) for row in rows
        )
        options: dict[str, Any] = {}
        if self.ssl_context is not DEFAULT_SENTINEL and self.ssl_context is not None:
            options["verify"] = self.ssl_context
        if isinstance(self.proxies, Mapping):
            options["trust_env"] = False
            options["proxy"] = self.proxies.get(self.scheme)
        try:
            with httpx.Client(timeout=timeout, headers=self.headers, **options) as client:
                answer = client.post(
                    self.batch_api,
                    data={"benchmark": self.benchmark},
                    files={"addressFile": ("addresses.csv", sheet.getvalue(), "text/csv")},
                )
        except httpx.TimeoutException as error:
            raise GeocoderTimedOut(f"no answer within {timeout:g} seconds") from error
        except httpx.HTTPError as error:
            raise GeocoderUnavailable(str(error) or type(error).__name__) from error
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            wait = answer.headers.get("retry-after", "")
            raise GeocoderRateLimited("HTTP 429", retry_after=int(wait) if wait.isdigit() else None)
        if answer.status_code != httpx.codes.OK:
            kind = ERROR_CODE_MAP.get(answer.status_code, GeocoderServiceError)
            raise kind(f"HTTP {answer.status_code}")
        return answer.text


def _read_matches(content: Any, *, exactly_one: bool) -> Any:
    try:
        matches = content["result"]["addressMatches"]
        found = [
            Location(
                match["matchedAddress"],
                (float(match["coordinates"]["y"]), float(match["coordinates"]["x"])),
                match,
            )
            for match in matches
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise GeocoderParseError("the answer is not the Census geocoder's") from error
    if exactly_one:
        return found[0] if found else None
    return found or None


def _read_batch(text: str) -> dict[str, BatchAnswer]:
    """Rows of: id, address as sent, Match | No_Match | Tie, and for a match Exact | Non_Exact,
    matched address, "longitude,latitude", line and side of the street."""
    answers: dict[str, BatchAnswer] = {}
    try:
        for row in csv.reader(io.StringIO(text)):
            if not row:
                continue
            number, outcome = row[0], row[2].strip().lower()
            if outcome == "match":
                east, north = (float(part) for part in row[5].split(","))
                exact = row[3].strip().lower() == "exact"
                answers[number] = BatchAnswer("match", row[4], north, east, exact)
            elif outcome in ("tie", "no_match"):
                answers[number] = BatchAnswer("tie" if outcome == "tie" else "no_match")
            else:
                raise ValueError(f"unknown outcome {outcome[:40]!r}")
    except (csv.Error, IndexError, ValueError) as error:
        raise GeocoderParseError("the answer is not the Census geocoder's") from error
    return answers
