"""docs/platforms.md is what the platforms say of themselves today."""

from __future__ import annotations

import runpy
from importlib import import_module

import pytest

from spiders.platforms.registry import PLATFORMS
from tests.platform_fixtures import ROOT

SECTIONS = ("How recognised", "What is asked", "Limits", "Traps", "Source")


def test_the_manual_is_current() -> None:
    build = runpy.run_path(str(ROOT / "docs" / "build_platforms.py"))
    written = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")
    assert written == build["manual"](), "run: make docs"


@pytest.mark.parametrize("module", [module for module, _ in PLATFORMS])
def test_a_platform_says_what_it_does(module: str) -> None:
    lines = (import_module(f"spiders.platforms.{module}").__doc__ or "").splitlines()
    assert lines[0].endswith(".")
    assert [line for line in lines if line in SECTIONS] == list(SECTIONS)
