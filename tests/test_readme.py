"""The README and the guides promise only what is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.main import SUBCOMMANDS, cli

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_make_target_exists(page: Path) -> None:
    text = page.read_text()
    for link in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", text):
        assert (page.parent / link).exists(), f"{page.name} links to {link}"
    for target in re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE):
        assert target in TARGETS, f"{page.name} mentions make {target}"
    for command in re.findall(r"(?:^|`|/)needlepoint ([a-z][a-z-]+)", text, re.MULTILINE):
        assert command in SUBCOMMANDS, f"{page.name} mentions needlepoint {command}"


def test_make_help_explains_every_target() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    explained = {line.split()[0] for line in shown.splitlines() if len(line.split()) > 2}
    assert explained == TARGETS


@pytest.mark.parametrize("name", sorted(SUBCOMMANDS))
def test_every_subcommand_explains_itself_and_takes_the_folders(name: str) -> None:
    shown = CliRunner().invoke(cli, [name, "--help"], catch_exceptions=False)
    assert shown.exit_code == 0
    assert "--data" in shown.output
    assert "--sources" in shown.output


def test_guides_are_short_enough_to_read() -> None:
    for page in PAGES:
        if page.name == "platforms.md":
            continue  # made from the platforms' own manuals, each short
        assert len(page.read_text().splitlines()) <= 300, page.name
