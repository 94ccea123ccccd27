"""One JupyterLab and one Chromium for all browser tests; a notebook and a page for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from .jupyter import Jupyter, running

Open = Callable[[Sequence[str]], Page]

PATIENCE_MS = 120_000
"""After so long, what is waited for does not come: a machine may be busy, and a kernel takes its time to start."""
expect.set_options(timeout=PATIENCE_MS / 2)


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """Start a JupyterLab server."""
    with running(tmp_path_factory.mktemp("jupyter")) as server:
        yield server


# For as long as Playwright runs, its event loop runs in this thread, and tests of our own loops could not.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[BrowserContext]:
    """Start Chromium, without its sandbox, which root can't have; what it has loaded serves all pages."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = started.new_context(viewport={"width": 1200, "height": 1000})
        context.set_default_timeout(PATIENCE_MS)
        yield context
        started.close()


@pytest.fixture(scope="module")
def page(jupyter: Jupyter, browser: BrowserContext) -> Iterator[Page]:
    """Open JupyterLab, which takes some seconds, once a module."""
    opened = browser.new_page()
    jupyter.enter(opened)
    yield opened
    opened.close()


@pytest.fixture
def jupyter_page(jupyter: Jupyter, page: Page) -> Iterator[Open]:
    """Return what opens a notebook of the given code cells alone, runs it and returns its page."""

    def open_notebook(cells: Sequence[str]) -> Page:
        jupyter.close(page)
        jupyter.open(page, cells)
        return page

    yield open_notebook
    jupyter.close(page)
