"""The NPI Registry's API (v2.1), for a few look-ups: one question at a time, with pauses.

Traps it is read with: errors come with status 200 and a body of `Errors`; numbers and epochs are
integers or strings; only the LOCATION address is where somebody works; a number given back has a
deactivation date too; all taxonomies count, not only the primary one; after 1,200 rows the server
repeats itself.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from registry.record import Record, Slot, active, day, e164, is_npi, text, us_state, zip5
from registry.taxonomy import needles

LEAST_PAUSE = 1.5
"""Seconds between two requests, at least."""
LIMIT = 200
LAST_SKIP = 1000
_TIMEOUT = 30.0
_MOST_BYTES = 20_000_000


class RegistryTrouble(Exception):
    """The register did not answer, or not in its own words; ask again another day."""


class RegistryRefused(Exception):
    """The register understood and says that this one question cannot be asked."""


class RegistryApi:
    """A client of one register. Use it as a context manager; it holds one connection.

    `address` is the interface's address without a query, `user_agent` says who asks, `pause` is
    raised to LEAST_PAUSE. `sleep` and `clock` (seconds) are for tests.
    """

    def __init__(
        self,
        address: str,
        user_agent: str,
        *,
        pause: float = LEAST_PAUSE,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address
        self._pause = max(pause, LEAST_PAUSE)
        self._sleep, self._clock = sleep, clock
        self._free_at = 0.0
        self._client = httpx.Client(
            headers={"User-Agent": user_agent, "Accept": "application/json"}, timeout=_TIMEOUT
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._client.close()

    def of_name(self, family: str, given: str | None, state: str) -> list[Record]:
        """Active people of this name who work in the state, of the professions that needle.

        `given` may be None or an initial: then only the family name is asked for. Raises
        RegistryRefused when this question cannot be asked, RegistryTrouble when nothing can.
        """
        query = {"last_name": _plain(family), "state": state}
        first = _plain(given or "")
        if len(first) > 1:
            # The register knows nicknames itself; the beginning finds longer forms as well.
            query["first_name"] = f"{first}*"
        return self._all(query)

    def of_number(self, npi: str) -> list[Record]:
        """The active person with this number, in a list of one or none. Raises as `of_name`."""
        return [record for record in self._all({"number": npi}) if record.npi == npi]

    def _all(self, query: Mapping[str, str]) -> list[Record]:
        found: dict[str, Record] = {}
        met: set[str] = set()
        for skip in range(0, LAST_SKIP + 1, LIMIT):
            rows = self._page(query, skip)
            numbers = {str(row.get("number")) for row in rows}
            for row in rows:
                record = read_result(row)
                if record:
                    found[record.npi] = record
            if len(rows) < LIMIT or numbers <= met:
                break
            met |= numbers
        return list(found.values())

    def _page(self, query: Mapping[str, str], skip: int) -> list[Mapping[str, Any]]:
        params = {
            "version": "2.1",
            "enumeration_type": "NPI-1",
            "address_purpose": "LOCATION",
            "limit": str(LIMIT),
            **query,
            **({"skip": str(skip)} if skip else {}),
        }
        wait = self._free_at - self._clock()
        if wait > 0:
            self._sleep(wait)
        try:
            with self._client.stream("GET", self._address, params=params) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise RegistryTrouble(f"the register answered with status {answer.status_code}")
                body = bytearray()
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > _MOST_BYTES:
                        raise RegistryTrouble("the register's answer does not end")
            reply = httpx.Response(200, content=bytes(body)).json()
        except httpx.HTTPError as error:
            raise RegistryTrouble(f"the register cannot be reached: {error}") from error
        except ValueError as error:
            raise RegistryTrouble("the register's answer is no JSON") from error
        finally:
            self._free_at = self._clock() + self._pause
        return _results(reply)


def _results(reply: Any) -> list[Mapping[str, Any]]:
    if isinstance(reply, dict) and reply.get("Errors"):
        errors = reply["Errors"] if isinstance(reply["Errors"], list) else [reply["Errors"]]
        said = "; ".join(
            str(one.get("description") or one) if isinstance(one, dict) else str(one)
            for one in errors
        )
        raise RegistryRefused(f"the register says: {said}")
    if not isinstance(reply, dict) or not isinstance(reply.get("results"), list):
        raise RegistryTrouble("the register's answer has no results")
    return _dicts(reply["results"])


def read_result(row: Mapping[str, Any]) -> Record | None:
    """A result as a record; None for an organisation, a number that is not in force, or a person
    none of whose professions counts."""
    basic = row.get("basic")
    number = str(row.get("number") or "")
    if row.get("enumeration_type") != "NPI-1" or not isinstance(basic, dict) or not is_npi(number):
        return None
    if not _in_force(basic):
        return None
    slots = tuple(_slots(row))
    family = text(basic.get("last_name"))
    if family is None or not needles(slot.code for slot in slots):
        return None
    at: Mapping[str, Any] = next(
        (
            one
            for one in _dicts(row.get("addresses"))
            if (text(one.get("address_purpose")) or "").upper() == "LOCATION"
        ),
        {},
    )
    return Record(
        npi=number,
        family=family,
        given=text(basic.get("first_name")),
        middle=text(basic.get("middle_name")),
        suffix=text(basic.get("name_suffix")),
        other_names=tuple(
            (other, text(one.get("first_name")))
            for one in _dicts(row.get("other_names"))
            if (other := text(one.get("last_name")))
        ),
        street=text(at.get("address_1")),
        city=text(at.get("city")),
        state=us_state(at.get("state")),
        postcode=zip5(at.get("postal_code")),
        phone=e164(at.get("telephone_number")),
        updated_on=day(basic.get("last_updated")) or day(row.get("last_updated_epoch")),
        slots=slots,
    )


def _in_force(basic: Mapping[str, Any]) -> bool:
    if (text(basic.get("status")) or "A").upper() not in ("A", "ACTIVE"):
        return False
    return active(day(basic.get("deactivation_date")), day(basic.get("reactivation_date")))


def _slots(row: Mapping[str, Any]) -> Iterator[Slot]:
    for one in _dicts(row.get("taxonomies")):
        code = (text(one.get("code")) or "").upper()
        if code:
            yield Slot(
                code=code,
                licence=text(one.get("license")),
                state=us_state(one.get("state")),
                primary=one.get("primary") in (True, "true", "Y"),
            )


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _plain(name: str) -> str:
    """Without accents, as the register writes."""
    split = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in split if not unicodedata.combining(letter)).strip()
