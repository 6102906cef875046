"""The Chromium or Chrome of this machine: found before it is called, and asked for a PDF."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from barometer.words import translator

PRINTS_WITHIN = 90  # seconds
WAITS = 20_000  # milliseconds of a page's own clock, which runs as fast as the page allows
ARGUMENTS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # a file is printed: nothing is fetched
    "--hide-scrollbars",
    "--no-pdf-header-footer",
)


class BrowserError(RuntimeError):
    """No browser, or one that did not answer; the message is a sentence in `language`."""


def find() -> str | None:
    """Path of the browser: BROWSER_PATH, else one in its usual places; None where there is none."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return shutil.which(named)
    from choreographer.browsers.chromium import Chromium  # a tenth of a second, only where used

    return Chromium.find_browser(skip_local=False)


def missing(language: str) -> str:
    """The sentence to show where there is no browser: what for, and the cure."""
    _ = translator(language)
    if named := os.environ.get("BROWSER_PATH"):
        told = _(
            "BROWSER_PATH names {path}, which is no program: images and PDF need a Chromium or"
            " Chrome."
        )
        return told.format(path=named)
    return _(
        "No Chromium or Chrome on this server: images and PDF cannot be made here. Its owner can"
        " install one (Debian: apt-get install chromium)."
    )


def sandboxed() -> bool:
    """Whether the browser can keep its sandbox: as root it refuses to start with one."""
    return not hasattr(os, "geteuid") or os.geteuid() != 0


def pdf(page: bytes, language: str) -> bytes:
    """An HTML page printed to PDF.

    Raises BrowserError with a sentence where there is no browser, or it takes longer than
    PRINTS_WITHIN.
    """
    path, _ = find(), translator(language)
    if path is None:
        raise BrowserError(missing(language))
    with tempfile.TemporaryDirectory(prefix="barometer_", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "page.html").write_bytes(page)
        command = [
            path,
            *ARGUMENTS,
            *([] if sandboxed() else ["--no-sandbox"]),
            f"--user-data-dir={folder / 'profile'}",
            f"--virtual-time-budget={WAITS}",
            "--window-size=720,1000",
            f"--print-to-pdf={folder / 'page.pdf'}",
            (folder / "page.html").as_uri(),
        ]
        told = _run(command)
        made = folder / "page.pdf"
        if not made.exists():
            raise BrowserError(
                _("The browser could not print the file. {reason}").format(reason=told[-300:])
            )
        return made.read_bytes()


def _run(command: list[str]) -> str:
    """Run a command within PRINTS_WITHIN, and end all that it started; what it said."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            return process.communicate(timeout=PRINTS_WITHIN)[1].decode(errors="replace")
        except subprocess.TimeoutExpired:
            return f"> {PRINTS_WITHIN} s"
        finally:
            if process.poll() is None:
                if hasattr(os, "killpg"):
                    os.killpg(process.pid, signal.SIGKILL)
                process.kill()
