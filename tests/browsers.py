"""Chromium for the browser tests: ``python -m tests.browsers`` finds or installs one, and prints its path."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEBIAN = (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"])
PLAYWRIGHT = ([sys.executable, "-m", "playwright", "install", "chromium"],)


def find() -> str | None:
    """Return the first Chromium that starts: the one LABKIT_CHROMIUM names, the system's, Playwright's."""
    return next((path for path in _candidates() if _starts(path)), None)


def install() -> None:
    """Install Debian's package when this is root's Debian, else what Playwright downloads."""
    for command in DEBIAN if _is_roots_debian() else PLAYWRIGHT:
        subprocess.run(command, stdout=sys.stderr, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False)


def _candidates() -> Iterator[str]:
    """Yield the paths where a Chromium may be."""
    from playwright.sync_api import sync_playwright

    yield os.environ.get("LABKIT_CHROMIUM", "")
    yield from (shutil.which(name) or "" for name in NAMES)
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def _starts(path: str) -> bool:
    """Whether `path` is a browser that runs; Ubuntu's, for one, only says that it is a snap."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=300).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _is_roots_debian() -> bool:
    """Whether apt-get would install a Chromium here."""
    try:
        return os.geteuid() == 0 and platform.freedesktop_os_release()["ID"] == "debian"
    except OSError:
        return False


def main() -> None:
    """Print the path of a Chromium, installed if need be."""
    path = find()
    if path is None:
        install()
        path = find() or sys.exit("No Chromium is here, and none could be installed.")
    print(path)


if __name__ == "__main__":
    main()
