"""What one crawl of one source hands back: the only thing that passes from crawling to keeping.

A bundle is plain data, so that the same unit of work can run in this process or on another machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from records.listing import Listing


@dataclass(slots=True, kw_only=True)
class RunBundle:
    """One run of one source, complete or failed. Times are UTC, ISO 8601 with a Z."""

    source_id: str
    started_at: str
    finished_at: str = ""
    platform: str | None = None
    evidence: str | None = None
    """What the platform was recognised by."""
    directory_url: str | None = None
    pages: int = 0
    """Answers received, robots.txt not counted."""
    listings: list[Listing] = field(default_factory=list)
    """Cleaned, each native_id once."""
    hidden: dict[str, int] = field(default_factory=dict)
    """Rows the directory marks as not public, dropped, by reason."""
    expected: int | None = None
    """How many listings the directory itself says it has."""
    expected_by: str | None = None
    counted_apart: int | None = None
    """How many of them a part of the directory counts that the listings were not read from: its
    sitemap, say. `expected` may be no more than what the same answers say of themselves."""
    failure: str | None = None
    """One clear line when the run did not end well; then the listings are not to be trusted."""
    stats: dict[str, int | float | str] = field(default_factory=dict)
    """The stages' and the crawler's counters: `stage/field/outcome`."""

    @property
    def run_id(self) -> str:
        """`source@started`, unique because a source has one run at a time."""
        return f"{self.source_id}@{self.started_at}"
