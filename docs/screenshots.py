"""Makes the pictures of the README anew: the finder over the sample data, as a visitor sees it.

Run by `make screenshots`. Needs Chromium (tests/browser.py finds or installs one).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser import chromium  # noqa: E402 - found through the line above

PICTURES = ROOT / "docs" / "pictures"
PORT = 8791
LIST = "/find?near=Columbus,+OH&miles=25"
FIRST = "the first result of the list"
SHOTS = (
    ("find-columbus.png", LIST, 1280, 1000, "light"),
    ("find-columbus-phone.png", f"{LIST}#found", 375, 812, "light"),
    ("practitioner-phone.png", FIRST, 375, 812, "light"),
    ("map-phone-dark.png", f"{LIST}#as-map", 375, 812, "dark"),
    ("tables-dark.png", "/directory", 1280, 900, "dark"),
)


def needlepoint(*words: str) -> list[str]:
    return [sys.executable, "-m", "commands", *words]


def take(page: Page, path: str, picture: Path) -> None:
    page.goto(f"http://127.0.0.1:{PORT}{LIST if path == FIRST else path}")
    if path == FIRST:
        page.locator(".card h2 a").first.click()
    page.wait_for_load_state("networkidle")
    if path.endswith("#as-map"):
        page.evaluate("document.querySelector('.map-toggle').scrollIntoView()")
    page.wait_for_timeout(500)  # the map's last fade
    page.screenshot(path=picture)
    print(picture.relative_to(ROOT))


def main() -> int:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run(
            needlepoint("demo", "--data", folder, "--no-serve"), cwd=ROOT, check=False
        )
        if made.returncode:
            return made.returncode
        server = subprocess.Popen(
            needlepoint("serve", "--data", folder, "--port", str(PORT)), cwd=ROOT
        )
        try:
            for _ in range(100):
                try:
                    httpx.get(f"http://127.0.0.1:{PORT}/")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
                )
                for name, path, width, height, scheme in SHOTS:
                    page = browser.new_page(
                        viewport={"width": width, "height": height},
                        color_scheme=scheme,  # type: ignore[arg-type]
                    )
                    take(page, path, PICTURES / name)
                    page.close()
                browser.close()
        finally:
            server.terminate()
            server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
