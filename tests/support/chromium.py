"""Headless Chromium as Debian packages it, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000
"""What a page waits longer for is an answer."""


def hurry(times: int) -> str:
    """A script that makes a page's waiting so many times shorter, but not its patience."""
    return f"""
    const patient = window.setTimeout.bind(window);
    window.setTimeout = (work, ms = 0, ...rest) =>
        patient(work, ms > {PATIENCE_MS} ? ms : ms / {times}, ...rest);
    """


def missing() -> str:
    """Why there is no browser to test with; empty when there is one, or has to be.

    With `DARAJASIM_BROWSER=required` a test without one fails instead of being skipped.
    """
    if os.environ.get("DARAJASIM_BROWSER") == "required":
        return ""
    if PROGRAM is None:
        return "Chromium is not installed (apt-get install chromium)"
    if find_spec("playwright") is None:
        return "Playwright is not installed (pip install playwright)"
    return ""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser of Playwright's synchronous API."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
