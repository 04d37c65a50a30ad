"""How heavy a page of results is, with 10,000 practitioners in the index, as Chromium gets it.

`python -m bench.page_weight` prints kB over the wire (compressed) and DOM nodes, without and with
the map, beside the baselines measured for other finders; it exits 1 over the bounds.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.conftest import served
from tests.finder_fixtures import build
from tests.test_finder_browser import CHROMIUM

PEOPLE = 10_000
PAGE = "/find?near=Chicago,+IL"
BOUNDS = {"without the map": 60.0, "with the map": 250.0}
"""kB compressed."""
MOST_NODES = 1_500
PHONE = {"width": 375, "height": 812}
"""On a narrow screen the map waits until it is asked for."""
DESKTOP = {"width": 1280, "height": 900}
BASELINES = (
    ("tsml-ui list, 500 rows", "817 kB raw, script 209 kB gzip", 389),
    ("tsml-ui map, 500 rows", "the same script", 1575),
    ("Datasette table + cluster-map, 2,000 rows", "1,387 kB", 11311),
)
"""Measured once on synthetic rows: what was sent, DOM nodes."""


def visit(browser: Browser, address: str, *, with_map: bool) -> tuple[float, int]:
    """(kB over the wire, DOM nodes) of a first visit with an empty cache."""
    context = browser.new_context(viewport=DESKTOP if with_map else PHONE)
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda ended: sizes.append(ended["encodedDataLength"]))
    page.goto(address + PAGE)
    if with_map:
        page.wait_for_selector("#map-side[data-ready=true]")
    page.wait_for_load_state("networkidle")
    nodes: int = page.evaluate("document.querySelectorAll('*').length")
    context.close()
    return sum(sizes) / 1000, nodes


def main() -> int:
    over = False
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        build(Path(folder), crowd=PEOPLE)
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        print(f"{'page':<44}{'sent':>34}{'DOM nodes':>12}")
        with served(Path(folder)) as address:
            for name, bound in BOUNDS.items():
                size, nodes = visit(browser, address, with_map=name == "with the map")
                sent = f"{size:.1f} kB compressed (<= {bound:.0f})"
                print(f"{'results ' + name + f', {PEOPLE:,} people':<44}{sent:>34}{nodes:>12,}")
                over = over or size > bound or nodes > MOST_NODES
        browser.close()
    for name, sent, nodes in BASELINES:
        print(f"{name:<44}{sent:>34}{nodes:>12,}")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
