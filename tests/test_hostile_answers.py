"""Every platform on hostile answers over HTTP: none hangs, breaks the run, or passes as complete.

Each platform's sample site stands behind every kind of spoilt answer, an origin each; a few crawls
ask them side by side. A run is believed only when it found every entry the site shows.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from samples.hostile import SPOILT, HostileSite
from samples.people import make_world
from samples.servers import running_many
from samples.site import Site
from spiders.platforms.registry import PLATFORMS
from tests.crawl_fixtures import crawl_apart
from tests.every_platform_fixtures import (
    IN_PAGE,
    ONLY_THE_LAST_STAGE,
    REFUSED,
    found_name,
    judged,
    kinds_of,
    small,
    true_name,
    write_platform_sheet,
)

NAMES = [name for name, _ in PLATFORMS if name not in REFUSED and kinds_of(name)]
#: Enough that every list has several pages, where pages are short.
LISTINGS = 40
#: Entries for pagers of a hundred a page.
MANY = 130
_PAGERS = frozenset({"first_page_for_ever", "last_page_again"})
#: So many origins are asked side by side.
TOGETHER = 130
#: Requests after which a site is believed to be asked without end.
ENDLESS = 400


@dataclass
class Run:
    site: HostileSite
    bundle: dict[str, Any]
    verdict: str
    reason: str


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Run]]:
    folder = tmp_path_factory.mktemp("hostile")
    world = make_world(people=400)
    few, many = small(world, LISTINGS), small(world, MANY)
    wanted = [(name, fault) for name in NAMES for fault in SPOILT]
    found: dict[tuple[str, str], Run] = {}
    for batch, first in enumerate(range(0, len(wanted), TOGETHER)):
        sites: dict[str, Site] = {}
        known: dict[str, tuple[str, str]] = {}
        for name, fault in wanted[first : first + TOGETHER]:
            inner = kinds_of(name)[0](many if fault in _PAGERS else few)
            source = f"s{len(sites)}_{fault}"
            sites[source] = HostileSite(inner, SPOILT[fault], in_page=name in IN_PAGE)
            known[source] = name, fault
        sources = folder / f"sources{batch}"
        with running_many(sites):
            for source, site in sites.items():
                assert isinstance(site, HostileSite)
                write_platform_sheet(sources, source, site.inner, known[source][0])
            bundles = crawl_apart(
                sources,
                folder / "data",
                before=ONLY_THE_LAST_STAGE,
                most_seconds=240,
                timeout_seconds=20,
                most_bytes=1_500_000,
                longest_wait=1,
                retries=1,
            )
        said = judged(sources, bundles)
        for source, site in sites.items():
            assert isinstance(site, HostileSite)
            found[known[source]] = Run(site, bundles[source], *said[source])
    yield found
    lines = []
    for fault in SPOILT:
        verdicts = Counter(run.verdict for (_, kind), run in found.items() if kind == fault)
        lines.append(f"{fault:20} " + ", ".join(f"{n} {one}" for one, n in verdicts.items()))
    asked = sum(len(run.site.requests) for run in found.values())
    lines.append(f"{len(found)} origins, {asked} requests")
    sys.stdout.write("\n".join(("", *lines, "")))


@pytest.mark.parametrize("fault", SPOILT)
@pytest.mark.parametrize("name", NAMES)
def test_no_hostile_answer_passes_as_complete(
    runs: dict[tuple[str, str], Run], name: str, fault: str
) -> None:
    run = runs[name, fault]
    failure = run.bundle["failure"] or ""
    assert "broke" not in failure, failure
    assert "ended before it was done" not in failure, failure
    assert len(run.site.requests) <= ENDLESS, "it is asked without end"
    if run.verdict != "good":
        assert run.reason
        return
    # Some sites have a second way to everybody: what counts is that nobody is missing.
    shown = Counter(true_name(one) for one in run.site.inner.shown())
    found = Counter(found_name(one) for one in run.bundle["listings"])
    assert not shown.keys() - found.keys(), f"half of it passed as whole: {run.reason}"
    hidden = {true_name(one) for one in run.site.inner.withheld()} - shown.keys()
    assert not hidden & found.keys()


def test_odd_but_sound_answers_are_read(runs: dict[tuple[str, str], Run]) -> None:
    """Refusing everything odd would be safe and useless."""
    for fault in ("created", "dated_now", "numbers_as_text"):
        refused = [
            f"{name}: {runs[name, fault].reason}"
            for name in NAMES
            if runs[name, fault].verdict != "good"
        ]
        assert not refused, f"{fault}: {refused}"
