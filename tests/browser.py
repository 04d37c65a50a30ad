"""Finds a Chromium for the browser tests, installs one, or says exactly what is missing.

Run as a program before the tests (`make test` does); imported by them for `chromium()`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The path of a Chromium on this machine: $CHROMIUM, the system's, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow, and rarely needed

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None  # noqa: PTH110


def main() -> int:
    if chromium():
        return 0
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts.insert(0, ["sh", "-c", "apt-get update -qq && apt-get install -y -qq chromium"])
    for attempt in attempts:
        print("browser tests need Chromium; trying:", " ".join(attempt), flush=True)
        if subprocess.run(attempt, check=False).returncode == 0 and chromium():
            return 0
    print(
        "The browser tests need Chromium and none could be installed. On Debian and Ubuntu:\n"
        "    sudo apt-get install chromium\n"
        "elsewhere name one: CHROMIUM=/path/to/chrome make test",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
