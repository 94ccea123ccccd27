"""Figures of a comparison: who disagrees with whom, on what, and how sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LabError
from .figure import Plot, blank, written
from .panels import draw_agreement, draw_confidence, draw_confusion, draw_labels

if TYPE_CHECKING:
    from ..review import Comparison

VALUES = 8
LABELS = 12


def agreement(comparison: Comparison) -> Plot:
    """Draw who agrees with whom: a cell for each pair, with the share of texts and Cohen's kappa.

    Parameters
    ----------
    comparison : Comparison
        What `labkit.review.compare` found.

    Returns
    -------
    Plot
        A matplotlib figure.

    Raises
    ------
    LabError
        If there is one annotator only.

    Examples
    --------
    >>> agreement(lab.compare("llm", "cpu"))  # doctest: +SKIP
    """
    _pair(comparison, None, None)
    figure = blank(1.6 + 0.62 * len(comparison.annotators))
    draw_agreement(figure.subplots(), comparison)
    return figure


def confusion(comparison: Comparison, a: str | None = None, b: str | None = None, top: int = 3 * VALUES) -> Plot:
    """Draw how often one annotator gives one value where another gives another.

    Parameters
    ----------
    comparison : Comparison
        What `labkit.review.compare` found.
    a, b : str, optional
        Two of its annotators, those who agree least if left out.
    top : int
        How many values are shown at most, the most frequent ones.

    Returns
    -------
    Plot
        A matplotlib figure.

    Raises
    ------
    LabError
        If there is one annotator only, or `a` or `b` is not compared.

    Examples
    --------
    >>> confusion(lab.compare("llm", "cpu"), "llm", "cpu", top=10)  # doctest: +SKIP
    """
    table = comparison.confusion(*_pair(comparison, a, b))
    figure = blank(1.8 + 0.36 * min(len(table), top))
    draw_confusion(figure.subplots(), table, top)
    return figure


def labels(comparison: Comparison, a: str | None = None, b: str | None = None, top: int | None = None) -> Plot:
    """Draw for each label how many texts it has from one of two annotators alone.

    Parameters
    ----------
    comparison : Comparison
        What `labkit.review.compare` found.
    a, b : str, optional
        Two of its annotators, those who agree least if left out.
    top : int, optional
        How many labels are shown at most, the most disputed ones; all if left out.

    Returns
    -------
    Plot
        A matplotlib figure.

    Raises
    ------
    LabError
        If there is one annotator only, or `a` or `b` is not compared.

    Examples
    --------
    >>> labels(lab.compare("llm", "cpu"), "llm", "cpu")  # doctest: +SKIP
    """
    pair = _pair(comparison, a, b)
    figure = blank(1.5 + 0.3 * min(len(comparison.answers.task.labels), top or len(comparison.per_label)))
    draw_labels(figure.subplots(), comparison, *pair, top)
    return figure


def confidence(comparison: Comparison, annotator: str | None = None) -> Plot:
    """Draw how sure an annotator is where all agree, and where they differ.

    Parameters
    ----------
    comparison : Comparison
        What `labkit.review.compare` found.
    annotator : str, optional
        One that gives scores, the first of these if left out.

    Returns
    -------
    Plot
        A matplotlib figure.

    Raises
    ------
    LabError
        If the annotator gives no scores, or nobody does.

    Examples
    --------
    >>> confidence(lab.compare("llm", "cpu"), "cpu")  # doctest: +SKIP
    """
    scored = list(map(str, comparison.confidence))
    if annotator not in [None, *scored] or not scored:
        raise LabError(
            f"There are no scores by {annotator or 'anybody'}.", f"With scores: {', '.join(scored) or 'none'}."
        )
    figure = blank(3.2)
    draw_confidence(figure.subplots(), comparison, annotator or scored[0])
    return figure


def disagreement(comparison: Comparison) -> Plot:
    """Draw a comparison at a glance: who disagrees with whom, how sure, and on what.

    Parameters
    ----------
    comparison : Comparison
        What `labkit.review.compare` found.

    Returns
    -------
    Plot
        A matplotlib figure of three panels: the confusion of two annotators, or the agreement of more; how sure
        the first annotator with scores is; and the labels that the two who agree least dispute most.

    Raises
    ------
    LabError
        If there is one annotator only.

    Examples
    --------
    >>> disagreement(lab.compare("llm", "cpu"))  # doctest: +SKIP
    """
    a, b = _pair(comparison, None, None)
    rows = min(len(comparison.answers.task.labels), LABELS)
    figure = blank(5.6 + 0.28 * rows)
    panels = figure.subplot_mosaic([["who", "sure"], ["what", "what"]], height_ratios=[3.6, 1.2 + 0.28 * rows])
    figure.suptitle(written(comparison.headline, 80), x=0.01, ha="left", fontweight="bold")
    if len(comparison.annotators) == 2:
        draw_confusion(panels["who"], comparison.confusion(a, b), VALUES)
    else:
        draw_agreement(panels["who"], comparison)
    draw_confidence(panels["sure"], comparison, next(map(str, comparison.confidence), None))
    draw_labels(panels["what"], comparison, a, b, LABELS)
    return figure


def _pair(comparison: Comparison, a: str | None, b: str | None) -> tuple[str, str]:
    """Return the two annotators to draw, and refuse strangers."""
    first, second = comparison.farthest
    pair = (a or first, b or (second if a != second else first))
    for name in pair:
        comparison.answers.column(name)
    if pair[0] == pair[1]:
        raise LabError(f"{pair[0]} is compared with itself.", "Name two annotators.")
    return pair
