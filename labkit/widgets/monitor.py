"""Shows how far a long job is: as a widget in a notebook, as a bar in a terminal, not at all elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, Protocol

import anywidget
import traitlets

from ..progress import Progress
from .assets import static
from .pace import Curve, Pace

State = Literal["running", "done", "failed", "stopped"]

INTERVAL = 0.1
"""Least time between two updates, in seconds."""

MONEY = "dollars"
"""The figure that is shown beside the time: it only grows, and a curve of it would say no more."""


class Screen(Protocol):
    """Where a job's reports are shown."""

    def __call__(self, progress: Progress, /) -> None:
        """Show a report."""

    def finish(self, state: State, /) -> None:
        """Show how the job ended."""


@contextmanager
def monitor(title: str) -> Iterator[Screen]:
    """Show the reports of a job as suits where it runs, and how it ended.

    Parameters
    ----------
    title : str
        What the job is, for a person.

    Yields
    ------
    Screen
        What to pass to the job as `progress`. A job that raises is marked as failed, one that is
        interrupted as stopped.

    Examples
    --------
    >>> with monitor("training") as report:
    ...     report(Progress("epoch", 1, 20, {"loss": 0.7}))
    """
    screen = _screen(title)
    try:
        yield screen
    except BaseException as error:
        screen.finish("stopped" if isinstance(error, KeyboardInterrupt) else "failed")
        raise
    screen.finish("done")


class Monitor(anywidget.AnyWidget):
    """Draw a job's stage, bar, time and curves; pass it to the job as `progress`.

    Updates reach the browser ten times a second at most. Each figure in the reports becomes a curve, but `MONEY`.

    Parameters
    ----------
    title : str
        What the job is, for a person.

    Examples
    --------
    >>> report = Monitor("training")
    >>> report(Progress("epoch", 1, 20, {"loss": 0.7}))
    >>> report.finish("done")
    >>> report
    Monitor: training
    """

    _esm = static("dom.js", "monitor.js")
    _css = static("tokens.css", "monitor.css")

    title = traitlets.Unicode().tag(sync=True)
    report = traitlets.Dict().tag(sync=True)
    """What is drawn; times in seconds, the rate in units a second."""

    def __init__(self, title: str = "") -> None:
        self._last = Progress("", 0, 0)
        self._pace = Pace()
        self._curves: dict[str, Curve] = {}
        self._dollars: float | None = None
        self._drawn = 0.0
        super().__init__(title=title, report=self._describe("running"))

    def __repr__(self) -> str:
        return f"Monitor: {self.title}"

    def __call__(self, progress: Progress) -> None:
        """Take a report, and draw it if the last one drawn is old enough or of another stage."""
        new_stage = progress.stage != self._last.stage
        self._last = progress
        self._pace.note(progress)
        self._dollars = progress.figures.get(MONEY, self._dollars)
        for name, value in progress.figures.items():
            if name != MONEY:
                self._curves.setdefault(name, Curve()).add(value)
        if new_stage or time.monotonic() - self._drawn >= INTERVAL:
            self._draw("running")

    def finish(self, state: State) -> None:
        """Draw the last report and how the job ended."""
        self._draw(state)

    def _draw(self, state: State) -> None:
        """Draw what there is."""
        self._drawn = time.monotonic()
        self.report = self._describe(state)

    def _describe(self, state: State) -> dict[str, Any]:
        """Return what the front end draws."""
        return {
            "state": state,
            "stage": self._last.heading,
            "done": self._last.done,
            "total": self._last.total,
            "elapsed": self._pace.elapsed,
            "rate": self._pace.rate,
            "left": self._pace.left,
            "dollars": self._dollars,
            "curves": {name: curve.values for name, curve in self._curves.items() if curve.values},
        }


class Bar:
    """A job's bar on standard error, for a terminal; tqdm draws it."""

    def __init__(self, title: str) -> None:
        from tqdm import tqdm

        self._title, self._stage = title, ""
        self._bar = tqdm(desc=title, file=sys.stderr)

    def __call__(self, progress: Progress) -> None:
        """Move the bar; a new stage starts it anew."""
        if progress.stage != self._stage:
            self._stage = progress.stage
            self._bar.reset(total=progress.total or None)
            self._bar.set_description(f"{self._title}: {progress.heading}", refresh=False)
        if progress.figures:
            self._bar.set_postfix(progress.figures, refresh=False)
        self._bar.update(progress.done - self._bar.n)

    def finish(self, state: State) -> None:
        """End the bar with its state."""
        self._bar.set_description(f"{self._title}: {state}")
        self._bar.close()


class Silent:
    """Shows nothing: for a log file or a pipe."""

    def __call__(self, progress: Progress) -> None:
        """Drop the report."""

    def finish(self, state: State) -> None:
        """Drop the state."""


def _screen(title: str) -> Screen:
    """Choose where reports are shown."""
    if _in_notebook():
        from IPython.display import display

        widget = Monitor(title)
        display(widget)
        return widget
    return Bar(title) if sys.stderr.isatty() else Silent()


def _in_notebook() -> bool:
    """Return whether a Jupyter kernel runs this; IPython is there already if one does."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None
