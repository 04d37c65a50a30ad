"""The links the index publishes, and what asking them gave.

Only a hash of an address is kept in the working store, beside the listing that gives it, so that a
check disappears with the listing. It is published beside the link while that is published.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlite_utils import Database

Answered = Literal["2xx", "3xx", "4xx", "5xx", "none", "not_asked"]

# A person's or practice's own site first: where two name one address, that is what it is.
_LINKS = """
select location.website, 'website', listing.source_id, min(listing.id)
from location join listing on listing.location_id = location.id
where location.website is not null group by location.website
union all
select profile_url, 'profile', source_id, min(id) from listing
where profile_url is not null group by profile_url
union all
select evidence_url, 'evidence', min(id), null from source
where evidence_url is not null and listings > 0 group by evidence_url
"""

_KEEP = """
insert into link_check (hash, listing_id, answer, status, failures, checked_at, failing_since)
select :hash, :listing_id, :answer, :status, :failed, :checked_at,
    case when :failed then :checked_at end
where :listing_id is null or exists (select 1 from listing where id = :listing_id)
on conflict (hash) do update set listing_id = excluded.listing_id, answer = excluded.answer,
    status = excluded.status, checked_at = excluded.checked_at,
    failures = case when excluded.answer = 'not_asked' then failures
                    when excluded.failures = 0 then 0 else failures + 1 end,
    failing_since = case when excluded.answer = 'not_asked' then failing_since
                         when excluded.failures = 0 then null
                         else coalesce(failing_since, excluded.failing_since) end
"""


@dataclass(frozen=True, slots=True)
class Link:
    """An address the index publishes."""

    url: str
    kind: str
    """website, profile (an entry's own page in its directory) or evidence."""
    source_id: str
    listing_id: str | None
    """The first listing that gives it; None for evidence, which is the source's."""


@dataclass(frozen=True, slots=True)
class Check:
    """What asking a link gave."""

    link: Link
    answer: Answered
    """Class of the last status; 3xx where a redirect led to an answer of 2xx; none where nothing
    came; not_asked where robots.txt forbids it."""
    status: int | None
    """Of the last answer."""
    checked_at: str
    """UTC, ISO 8601."""

    @property
    def failed(self) -> bool:
        return self.answer in ("4xx", "5xx", "none")


@dataclass(frozen=True, slots=True)
class Failing:
    """A link that did not answer when it was last asked."""

    url: str
    kind: str
    """As a Link's."""
    source_id: str
    listing_id: str | None
    """The listing that gives it; None for the page that explains a source's certificate."""
    status: int | None
    """Of the last answer, None where nothing came."""
    failures: int
    """Checks in a row that failed."""
    since: str
    """The first of these; UTC, ISO 8601."""
    checked_at: str
    """The last of these; UTC, ISO 8601."""


def failing_links(db: Database) -> list[Failing]:
    """The links whose last check failed, the longest failing first.

    A check keeps only a hash of its address: where the listing or the fact sheet gives another one
    by now, there is nothing to show.
    """
    given: dict[str, tuple[str, str, str]] = {}
    for source_id, printed, clean in db.conn.execute(
        "select source_id, printed, clean from listing join link_check on listing_id = listing.id"
        " where failures > 0 and listing.status <> 'retired'"
    ):
        links = {
            "profile": json.loads(printed).get("profile_url"),
            "website": json.loads(clean).get("website"),
        }
        for kind, url in links.items():
            if url:
                given[_hash(url)] = (url, kind, source_id)
    for source_id, sheet in db.conn.execute("select id, sheet from source"):
        url = json.loads(sheet)["certification"].get("evidence_url")
        if url:
            given.setdefault(_hash(url), (url, "evidence", source_id))
    rows = db.conn.execute(
        "select hash, listing_id, status, failures, failing_since, checked_at from link_check"
        " where failures > 0 order by failing_since, hash"
    )
    return [Failing(*given[key], *rest) for key, *rest in rows if key in given]


def published_links(public: sqlite3.Connection) -> list[Link]:
    """Every web address in the public database that a reader can follow, once each, sorted."""
    found: dict[str, Link] = {}
    for url, *rest in public.execute(_LINKS):
        if is_web_address(url):
            found.setdefault(url, Link(url, *rest))
    return sorted(found.values(), key=lambda link: link.url)


def is_web_address(url: str) -> bool:
    """Whether a text can be asked for: http or https, with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def keep_checks(db: Database, checks: Iterable[Check]) -> None:
    """Store checks, each instead of an older one of its link.

    A check of a listing that is gone by now is not kept.
    """
    with db.atomic():
        db.conn.executemany(
            _KEEP,
            [
                {
                    "hash": _hash(one.link.url), "listing_id": one.link.listing_id,
                    "answer": one.answer, "status": one.status, "failed": int(one.failed),
                    "checked_at": one.checked_at,
                }
                for one in checks
            ],
        )  # fmt: skip


def published_link_checks(db: Database, public: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Rows of the public table `link_check`: the checks of links that stand in `public`."""
    checks = {
        key: rest
        for key, *rest in db.conn.execute(
            "select hash, answer, status, failures, checked_at from link_check"
        )
    }
    for link in published_links(public):
        check = checks.get(_hash(link.url))
        if check is not None:
            answer, status, failures, checked_at = check
            yield {
                "url": link.url, "kind": link.kind, "source_id": link.source_id,
                "listing_id": link.listing_id, "answer": answer, "status": status,
                "failures": failures, "checked_at": checked_at,
            }  # fmt: skip


def _hash(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
