"""Every state of the site a visitor meets, light and dark, on three widths: axe-core finds nothing
at the WCAG 2.2 AA tags, nothing scrolls sideways, nothing hidden takes the focus, no other host is
asked and no cookie is set (the last two by the fixture `visit`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from db.report_inbox import NewReport, append
from db.working import open_working
from tests.conftest import served
from tests.finder_fixtures import Made
from tests.test_finder_browser import Visit, browser, made, visit

__all__ = ["browser", "made", "visit"]

pytestmark = pytest.mark.browser
NUMBER = "NP-2345-67"

WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    # The pages are where their style sheets are: nothing has to be fetched a second time.
    "preload": False,
}
STATES = {
    "home": "/",
    "suggestions open": "/",
    "list": "/find?near=Columbus,+OH",
    "narrowed": "/find?near=Columbus,+OH&lister=alpha",
    "map": "/find?near=Columbus,+OH#as-map",
    "crowd": "/find?near=Chicago,+IL",
    "ambiguous": "/find?near=Springfield",
    "typo": "/find?near=Tolido,+OH",
    "nonsense": "/find?near=xqzzyx",
    "nobody near": "/find?near=Barrow,+AK",
    "whole state": "/find?near=Ohio",
    "no such page": "/nothing/here",
    "practitioner": "/practitioner/{two_places}",
    "withdrawn": "/practitioner/np-gone",
    "report": "/report?practitioner={two_places}",
    "removal": "/removal?practitioner={two_places}",
    "removal error": "/removal?practitioner={two_places}",
    "report without entry": "/report",
    "report, names found": "/report?name=Sampleton",
    "report, nobody found": "/report?name=xqzzyx",
    "report without entry, error": "/report",
    "removal without entry": "/removal",
    "removal, names found": "/removal?name=Sampleton",
    "report received": f"/report/received?reference={NUMBER}",
    "questions": "/questions",
    "safety article": "/questions/is-it-safe",
    "insurance": "/insurance",
    "states": "/states",
    "state": "/states/ohio",
    "city": "/states/ohio/columbus",
    "embed": "/embed",
    "embed with results": "/embed?near=Columbus,+OH",
    "embed, nobody near": "/embed?near=Barrow,+AK",
    "embed, which town": "/embed?near=Springfield",
    "embed code": "/embed/code",
    "sources": "/sources",
    "quality": "/quality",
    "about": "/about",
    "crawler": "/bot",
    "privacy": "/privacy",
    "accessibility": "/accessibility",
    "SQL home": "/directory",
    "SQL answer": "/directory?sql=select+id,+name+from+practitioner+limit+5",
    "SQL mistake": "/directory?sql=select+nobody",
    "inner tables": "/directory?_show_hidden=1",
    "ready question": "/directory/by_state",
    "table": "/directory/practitioner?_facet=profession",
    "menu of a column": "/directory/practitioner?_size=5",
    "row": "/directory/practitioner/{two_places}",
    "Spanish home": "/es",
    "Spanish list": "/es/find?near=Columbus,+OH",
    "Spanish report without entry": "/es/report?name=Sampleton",
    "Spanish embed code": "/es/embed/code",
    "Spanish practitioner": "/es/practitioner/{two_places}",
    "Spanish state": "/es/states/ohio",
}


def _suggestions_open(visit: Visit) -> None:
    visit.page.get_by_role("combobox", name="City, state or ZIP code").press_sequentially("spring")
    visit.page.get_by_role("listbox").wait_for()


def _sent_empty(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Send").click()
    visit.page.get_by_role("alert").wait_for()


def _column_menu(visit: Visit) -> None:
    visit.page.locator("th .dropdown-menu-icon").first.press("Enter")


REACHED: dict[str, Callable[[Visit], object]] = {
    "map": lambda visit: visit.map_ready(),
    "suggestions open": _suggestions_open,
    "removal error": _sent_empty,
    "report without entry, error": _sent_empty,
    "menu of a column": _column_menu,
}
"""What a visitor does on a page to come to a state of it."""
EXPECTED = re.compile("Applying inline style violates|responded with a status of 4")
"""Our policy turns away the styles axe tries on (tests/test_finder_browser.py shows that the pages
try none), and a withdrawn page answers 410."""
HIDDEN_FOCUS = """() => [...document.querySelectorAll('[aria-hidden=true] *')]
    .filter(one => one.matches('a[href], button, input, select, textarea, [tabindex]'))
    .filter(one => one.tabIndex >= 0).length"""
LOOKS = [
    pytest.param(
        {
            "viewport": {"width": width, "height": 800},
            "color_scheme": scheme,
            "reduced_motion": "reduce",
        },
        id=f"{scheme}-{width}",
    )
    for scheme in ("light", "dark")
    for width in (320, 375, 1280)
]


@pytest.fixture(scope="module")
def address(made: Made) -> Iterator[str]:
    """The site beside a working store, which the forms need."""
    data = made.path.parent
    open_working(data).close()
    report = NewReport("wrong", made.two_places, None, None, "moved", "", None)
    append(data, report, NUMBER, "2026-11-20T10:00:00Z")
    with served(data) as site:
        yield site


@pytest.mark.parametrize("visit", LOOKS, indirect=True)
def test_nothing_keeps_anybody_out(visit: Visit, made: Made) -> None:
    axe = Axe()
    for state, path in STATES.items():
        visit.page.goto("about:blank")
        visit.page.goto(visit.address + path.format(two_places=made.two_places))
        if state in REACHED:
            REACHED[state](visit)
        found = axe.run(visit.page, options=WCAG)
        assert found.violations_count == 0, f"{state}: {found.generate_report()}"
        sideways = visit.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert sideways <= 0, state
        assert visit.page.evaluate(HIDDEN_FOCUS) == 0, state
    visit.page.goto("about:blank")
    visit.complaints[:] = [said for said in visit.complaints if not EXPECTED.search(said)]
    visit.asked[:] = [url for url in visit.asked if url != "about:blank"]
