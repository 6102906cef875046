"""Makes the README's pictures from the running demonstration: make screenshots."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
PICTURES = PROJECT / "docs"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHOTS = (
    ("overview.png", "/?year=2003&lang=en", "light", 1440, 1000),
    ("channels.png", "/channels?year=2007&lang=en", "light", 1440, 1000),
    ("crm-dark.png", "/crm?year=2003&lang=fr&margins=1", "dark", 1440, 1000),
)


def main() -> None:
    """Serve the project, photograph three pages, stop."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        sys.exit("No Chromium or Chrome is found: install one (Debian: apt-get install chromium).")
    PICTURES.mkdir(exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    subprocess.run(
        [sys.executable, "-m", "barometer", "publish", "--if-none"], check=True, cwd=PROJECT
    )
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "uvicorn",
            "asgi:app",
            "--port",
            str(port),
            "--no-access-log",
        ],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=browser, args=["--no-sandbox", "--disable-background-networking"]
            )
            for name, path, scheme, width, height in SHOTS:
                page = chromium.new_page(
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,  # type: ignore[arg-type]
                )
                page.goto(f"http://127.0.0.1:{port}{path}")
                _settled(page)
                page.screenshot(path=PICTURES / name)
                page.close()
    finally:
        server.terminate()
        server.wait()


def _wait(address: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(address, timeout=1)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    sys.exit("The server did not start.")


def _settled(page: Page) -> None:
    """Charts are drawn and nothing runs any more."""
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    main()
