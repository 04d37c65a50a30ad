"""Writes docs/platforms.md from the docstrings of the platforms. Run by `make docs`."""

from __future__ import annotations

import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# Found through the line above.
from spiders.platforms.registry import PLATFORMS, platform_named  # noqa: E402

TARGET = ROOT / "docs" / "platforms.md"
_HEAD = """# Platforms

The software directories run on, as far as Needlepoint reads it. Each is one file in
`spiders/platforms/` whose docstring is this manual; a fact sheet names it in `platform`, or says
`auto`. They are asked in this order: of equally sure ones the first counts.

Made from the docstrings by `make docs`; a test says when it is out of date.
"""
#: A line of a docstring's section: words at the margin, with nothing after them.
_HEADING = re.compile(r"[A-Z][^.:]*(?:`[^`]*`)?")


def manual() -> str:
    """The text of docs/platforms.md."""
    index = "\n".join(
        f"* [{platform_named(module).title}](#{module}), `{module}`" for module, _ in PLATFORMS
    )
    text = "\n".join([_HEAD, index, *(_chapter(module) for module, _ in PLATFORMS)]) + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def _chapter(module: str) -> str:
    text = inspect.cleandoc(import_module(f"spiders.platforms.{module}").__doc__ or "")
    title = platform_named(module).title
    lines = [f'\n<a id="{module}"></a>\n\n## {title}\n']
    lines += [_line(line) for line in text.splitlines()]
    return "\n".join(lines).rstrip()


def _line(line: str) -> str:
    if line and not line[0].isspace() and _HEADING.fullmatch(line):
        return f"\n### {line}\n"
    return line[4:] if line.startswith("    ") else line


def main() -> None:
    """Write the file."""
    TARGET.write_text(manual(), encoding="utf-8")


if __name__ == "__main__":
    main()
