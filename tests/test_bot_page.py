"""The page for people who find the crawler in their log names it as the crawler names itself."""

from __future__ import annotations

import httpx

from spiders.politeness import PRODUCT, user_agent


def test_the_page_about_the_crawler_names_it(demo_site: str) -> None:
    page = httpx.get(f"{demo_site}/bot", timeout=30)
    assert page.status_code == 200
    assert f"User-agent: {PRODUCT}" in page.text
    assert user_agent(None).startswith(PRODUCT)
