"""Reports and removals in a real browser: by keyboard, without a script, at phone width."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.report_fixtures import Site, site
from tests.test_accessibility import WCAG
from tests.test_finder_browser import Browser, browser

__all__ = ["browser", "site"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
def test_by_keyboard_and_without_a_script(site: Site, browser: Browser, width: int) -> None:
    count = len(site.reports())
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=False,
        extra_http_headers={"x-forwarded-for": f"203.0.113.{width % 250}"},
    )
    page = context.new_page()
    page.goto(f"{site.address}/practitioner/{site.made.two_places}")
    page.get_by_role("link", name="Report a mistake").press("Enter")
    page.get_by_label("Something else").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Send").press("Enter")
    alert = page.get_by_role("alert")
    assert "Write what should be different." in alert.inner_text()
    alert.get_by_role("link").press("Enter")
    assert page.url.endswith("#message")
    page.get_by_label("What should it say").fill("The name is spelt with a y.")
    page.get_by_role("button", name="Send").press("Enter")
    page.wait_for_url("**/report/received?reference=NP-*")
    assert site.reports()[-1]["message"] == "The name is spelt with a y."
    assert len(site.reports()) == count + 1
    assert context.cookies() == []
    context.close()


@pytest.mark.browser
def test_a_form_with_errors_keeps_nobody_out(site: Site, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": 320, "height": 800},
        extra_http_headers={"x-forwarded-for": "203.0.113.77"},
    )
    page = context.new_page()
    page.goto(f"{site.address}/removal?practitioner={site.made.two_places}")
    page.get_by_role("button", name="Send").click()
    assert page.evaluate("document.activeElement.id") == "errors"
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(width) <= 0
    context.close()
