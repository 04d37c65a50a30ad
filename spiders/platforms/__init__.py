"""Platforms: the software directories run on. One file each; a spider has them, inherits none.

A platform recognises a fetched page, says what to ask, and reads the answers:

    recognise(page) -> Match | None      looks only, asks nothing
    requests(match) -> requests          the first questions
    read(answer)    -> Listing, further Request, Hidden, Total or Shortfall, in any order

A platform object lives for one run of one source, so it may remember what it has seen. It decides
success by the shape of an answer and never by its status, and raises `WrongShape` when an answer
is not what the platform sends: a wrong or half answer must never pass for the whole.
It says the listings of page 1 again where page 2 repeats them: the spider keeps each `native_id`
once, and tells a pager that does not turn by it. Page 1 past the last page is how some sites end.

A platform says five things about a request, in its `meta`; the spider sets everything else:

    about     a dict of the platform's own that comes back with the answer; see `about`
    paging    True where the request turns a page, so that an endless pager can be told
    held      with paging: the native ids of the entries this page showed and `read` keeps back
              until it has seen more of them. A page without anything new ends the paging.
    optional  True where the run is whole without the answer: a refusal, an error status or a
              robots.txt that forbids it ends nothing. An answer that did come is read whatever
              its status.
    otherwise With optional: what to ask instead where there is no answer or `read` finds it of the
              wrong shape; made by `instead`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeAlias

from scrapy.http import Request, Response

from records.factsheet import FactSheet
from records.listing import Listing


class WrongShape(Exception):
    """An answer is not what this platform sends. The message names what was expected."""


@dataclass(frozen=True, slots=True)
class Match:
    """A page that a platform recognised."""

    platform: str
    evidence: str
    """What was seen on the page, short enough for a report."""
    certainty: float
    """0 to 1. The software's own settings object is 1, a class name 0.6, a look-alike 0.3."""
    page_url: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What `requests` needs: the addresses, ids and limits printed on the page."""
    refusal: str | None = None
    """Why this directory is not read although it is recognised (it wants a key, a nonce, a login),
    in words a maintainer can act on. The spider asks nothing and ends the run with them.
    """


@dataclass(frozen=True, slots=True)
class Hidden:
    """A row the directory sent but does not show the public: dropped, and counted by reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Total:
    """How many listings the directory itself says it has, and where it says so."""

    count: int
    said_by: str
    independent: bool = False
    """True where another part of the site counted than the answers the listings are read from:
    only such a count can show that nothing is missing after all where a `Shortfall` was said.
    """


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What could not be asked or was cut short: the listings read are not the whole directory."""

    reason: str


Reading: TypeAlias = Listing | Request | Hidden | Total | Shortfall


def about(answer: Response) -> dict[str, Any]:
    """What the platform said of the request behind this answer; empty for a page nobody asked."""
    if answer.request is None:
        return {}
    found = answer.request.meta.get("about")
    return found if isinstance(found, dict) else {}


def instead(url: str, **meta: Any) -> dict[str, Any]:
    """The `otherwise` of an optional request: a GET of `url` with this `meta`."""
    return {"url": url, "meta": meta}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a platform may know beside its fact sheet."""

    sheet: FactSheet
    #: (latitude, longitude, people) of places in the countries the sheet covers, for search grids
    people: Sequence[tuple[float, float, int]] = ()


class Platform(Protocol):
    """One directory software. Implementations document recognition, requests, caps and traps."""

    name: ClassVar[str]
    """File name and the word in a fact sheet's `platform`."""
    title: ClassVar[str]
    """As people call it."""

    def __init__(self, around: Surroundings) -> None: ...

    def recognise(self, page: Response) -> Match | None:
        """A match when this page is the platform's, else None. Never raises on any page."""

    def requests(self, match: Match) -> Iterable[Request]:
        """The first requests. Empty when the page itself holds everything: then it is `read`."""

    def read(self, answer: Response) -> Iterator[Reading]:
        """What an answer holds. Raises WrongShape."""
