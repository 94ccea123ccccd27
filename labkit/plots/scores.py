"""Figures of scores: how right annotators are, and how a training went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import LabError
from ..metrics import MACRO, MICRO, WHOLE
from .figure import BLUE, GREY, MARKERS, SERIES, VERMILLION, Plot, blank, plain, title, written

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NAMES = {"precision": "Precision", "recall": "Recall", "f": "F"}
SPREAD = 0.6
LINE = 90


def evaluation(table: pd.DataFrame, score: str = "f") -> Plot:
    """Draw how right each annotator is on each label, with intervals.

    Parameters
    ----------
    table : DataFrame
        What `labkit.review.evaluate` found.
    score : str
        ``"f"``, ``"precision"`` or ``"recall"``.

    Returns
    -------
    Plot
        A matplotlib figure: a row a label, a marker an annotator, a line its 95 % interval.

    Raises
    ------
    LabError
        If `score` is another word.

    Examples
    --------
    >>> evaluation(lab.evaluate(run), "recall")  # doctest: +SKIP
    """
    if score not in NAMES:
        raise LabError(f"{score!r} is no score of a table.", f"Choose one of: {', '.join(NAMES)}.")
    annotators = list(table.index.unique("annotator"))
    rows = list(table.index.unique("label"))
    figure = blank(1.4 + len(rows) * (0.14 + 0.1 * len(annotators)))
    axes = figure.subplots()
    for place, name in enumerate(annotators):
        shift = SPREAD * ((place + 0.5) / len(annotators) - 0.5)
        _dots(axes, table.loc[name].reindex(rows), score, shift, place, name)
    _dress(axes, rows, score)
    axes.set_xlim(min(0.9, np.floor(10 * table[f"{score}_low"].min()) / 10), 1.01)
    best = table.loc[(slice(None), MICRO), :].droplevel("label").sort_values(score, kind="stable").iloc[-1]
    figure.legend(loc="outside upper right", ncols=max(1, LINE // (max(map(len, annotators)) + 6)), frameon=False)
    title(
        axes,
        f"Highest over all labels: {best.name}, {NAMES[score]} {best[score]:.2f} "
        f"({best[score + '_low']:.2f} to {best[score + '_high']:.2f})",
    )
    return figure


def training(history: Sequence[Mapping[str, Any]]) -> Plot:
    """Draw how loss and score went, step by step.

    Parameters
    ----------
    history : sequence of mapping
        One for each report: ``step``, and ``loss``, ``score`` (0 to 1), or both.

    Returns
    -------
    Plot
        A matplotlib figure of two panels over one axis of steps.

    Raises
    ------
    LabError
        If there are no reports.

    Examples
    --------
    >>> training([{"step": 50, "loss": 1.9, "score": 0.7}, {"step": 100, "loss": 1.1, "score": 0.8}])
    <Plot size 900x420 with 2 Axes>
    """
    if not history:
        raise LabError("There are no training steps to draw.", "Train first: lab.train('cpu').")
    figure = blank(4.2)
    upper, lower = figure.subplots(2, sharex=True)
    _curve(upper, history, "loss", "loss (lower is better)", BLUE, "o")
    best = _curve(lower, history, "score", "score (0 to 1)", VERMILLION, "s")
    lower.set_xlabel("step (batches of texts)")
    title(upper, f"Best score {best[1]:.2f}, at step {best[0]:,}" if best else "No score yet")
    return figure


def _dots(axes: Axes, scores: pd.DataFrame, score: str, shift: float, place: int, name: str) -> None:
    """One annotator: a marker and an interval in each row."""
    low, high = scores[f"{score}_low"], scores[f"{score}_high"]
    axes.errorbar(
        scores[score],
        np.arange(len(scores)) + shift,
        xerr=[(scores[score] - low).clip(lower=0), (high - scores[score]).clip(lower=0)],
        fmt=MARKERS[place % len(MARKERS)],
        color=SERIES[place % len(SERIES)],
        label=written(name),
        markersize=6,
        elinewidth=1.6,
    )


def _dress(axes: Axes, rows: list[str], score: str) -> None:
    """Name the rows, and set the averages apart from the labels."""
    plain(axes)
    axes.set_yticks(range(len(rows)), [written(row) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    averages = [place for place, row in enumerate(rows) if row in (MICRO, MACRO, WHOLE)]
    axes.axhline(min(averages) - 0.5, color=GREY, linewidth=0.8)
    axes.grid(axis="x", color="#e0e0e0")
    axes.set_axisbelow(True)
    axes.set_xlabel(f"{NAMES[score]} (0 to 1), with 95 % bootstrap interval")


def _curve(
    axes: Axes, history: Sequence[Mapping[str, Any]], key: str, name: str, colour: str, marker: str
) -> tuple[int, float] | None:
    """Draw one figure over the steps that report it; return the step and value of its highest, if any."""
    points = [(row["step"], row[key]) for row in history if row.get(key) is not None]
    plain(axes)
    axes.set_ylabel(name)
    if not points:
        return None
    axes.plot(*zip(*points, strict=True), color=colour, marker=marker, markersize=4)
    axes.grid(axis="y", color="#e0e0e0")
    return max(reversed(points), key=lambda point: point[1])
