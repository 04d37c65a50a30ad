"""A server that takes reports and removals, visitors to it, and the forms they are given."""

from __future__ import annotations

import itertools
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette

from db.working import open_working
from tests.conftest import served
from tests.finder_fixtures import Made, build

SECRET = "a secret of these tests"
AGENT = "Recognisable/7.3 (a browser nobody else has)"
_ADDRESSES = itertools.count(1)


@dataclass
class Site:
    address: str
    made: Made

    @property
    def data(self) -> Path:
        return self.made.path.parent

    def visitor(self) -> httpx.Client:
        """Somebody with an address of their own, as a proxy on the same machine tells it."""
        number = next(_ADDRESSES)
        return httpx.Client(
            base_url=self.address,
            headers={"x-forwarded-for": f"198.51.100.{number}", "user-agent": AGENT},
        )

    def reports(self) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.data / "working.db")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("select * from report order by id")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATASETTE_SECRET", SECRET)
        made = build(tmp_path_factory.mktemp("reports"))
        open_working(made.path.parent).close()
        with served(made.path.parent) as address:
            yield Site(address, made)


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    with site.visitor() as client:
        yield client


def hidden(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the form on a page."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    assert found, page.text
    return {name: unescape(value) for name, value in found}


def form(visitor: httpx.Client, person: str, path: str = "/report") -> dict[str, str]:
    page = visitor.get(path, params={"practitioner": person})
    assert page.status_code == 200
    return hidden(page)


def mark(age: int = 0, form: str = "report", person: str = "", secret: str = SECRET) -> str:
    """A form's mark as the server with that secret made it so many seconds ago."""
    signer = Datasette([], secret=secret)
    signed: str = signer.sign(
        [form, person, "NP-2345-67", int(time.time()) - age], "needlepoint-report"
    )

    return signed
