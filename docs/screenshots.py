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
SHOTS = (
    ("find-columbus.png", "/find?near=Columbus,+OH&miles=25", 1280, 800, "light"),
    ("find-columbus-phone.png", "/find?near=Columbus,+OH&miles=25", 375, 760, "light"),
    ("find-columbus-dark.png", "/find?near=Columbus,+OH&miles=25", 1280, 800, "dark"),
    ("home.png", "/", 1280, 800, "light"),
)


def needlepoint(*words: str) -> list[str]:
    return [sys.executable, "-m", "commands", *words]


def take(page: Page, path: str, picture: Path) -> None:
    page.goto(f"http://127.0.0.1:{PORT}{path}")
    page.wait_for_load_state("networkidle")
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
