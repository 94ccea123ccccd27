"""Figures of a certificate: what nobody read, and how much of it can be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, PercentFormatter

from ..certify.certificate import percent
from ..errors import LabError
from .figure import BLUE, GREY, SERIES, VERMILLION, Plot, blank, plain, texts, title, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..certify import Certificate, Stratum

GREEN = SERIES[2]
HALF = 34
"""Characters of a title that fit half the width of a notebook."""


def certificate(made: Certificate) -> Plot:
    """Draw a certificate as a funnel: all texts, those with a label, those nobody read, those that can be wrong.

    Parameters
    ----------
    made : Certificate
        What `labkit.certify.certify` made.

    Returns
    -------
    Plot
        A matplotlib figure of two panels: the funnel, in texts; and for each stratum that stands the share of wrong
        labels in its audit, with its upper bound, beside the promise.

    Raises
    ------
    LabError
        If no label stands that was accepted and not read.

    Examples
    --------
    >>> certificate(lab.certify(max_error=0.02))  # doctest: +SKIP
    """
    standing = [place for place, stratum in enumerate(made.strata) if stratum.left]
    if not standing:
        raise LabError("No label stands that was accepted and not read.", "Accept some: lab.accept('llm', 'cpu').")
    figure = blank(3.4 + 0.5 * max(len(standing) - 2, 0))
    left, right = figure.subplots(1, 2)
    _draw_funnel(left, made)
    _draw_strata(right, made, standing)
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize="small")
    return figure


def _draw_funnel(axes: Axes, made: Certificate) -> None:
    """A bar a stage, each within the one above it."""
    audited = sum(stratum.audited for stratum in made.strata if stratum.left)
    stages = {
        "all texts": (made.texts, GREY, ""),
        "read or accepted": (made.read + made.unread, BLUE, ""),
        "read by nobody": (made.unread, GREEN, ".."),
        "wrong, at most": (made.wrong, VERMILLION, "///"),
    }
    for place, (count, colour, hatch) in enumerate(stages.values()):
        bar = axes.barh(place, count, color=colour, hatch=hatch, edgecolor="white")
        axes.bar_label(bar, [f"{count:,}"], padding=3)
    plain(axes)
    axes.spines["left"].set_visible(False)
    axes.set_yticks(range(len(stages)), [written(name, 18) for name in stages])
    axes.set_ylim(len(stages) - 0.4, -0.6)
    axes.margins(x=0.15)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
    axes.set_xlabel("number of texts")
    kept = "keeps" if made.kept else "does not keep"
    rate, whose = (made.rate, "") if made.base is None else (made.rate_of_all, " of all")
    title(axes, f"After {texts(audited)}: at most {percent(rate)}{whose} wrong, which {kept} the promise", HALF)


def _draw_strata(axes: Axes, made: Certificate, standing: list[int]) -> None:
    """A row a stratum: a dot for what its audit found, a line to what can't be ruled out of its unread labels."""
    strata = [made.strata[place] for place in standing]
    found = np.array([_found(stratum) for stratum in strata])
    most = np.array([made.at_most[place] / made.strata[place].left for place in standing])
    rows = np.arange(len(standing))
    low = np.fmin(np.nan_to_num(found), most)
    axes.hlines(rows, low, most, color=BLUE, linewidth=2, label="up to what the audit does not rule out")
    axes.plot(most, rows, "|", color=BLUE, markersize=12, markeredgewidth=2)
    axes.plot(found, rows, "o", color=BLUE, clip_on=False, label="wrong in the audit")
    promise = f"promise: at most {percent(made.max_error)}"
    axes.axvline(made.max_error, color=VERMILLION, linestyle="--", label=promise)
    plain(axes)
    axes.set_yticks(rows, [written(stratum.name, 22, 3) for stratum in strata])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.1 * max(made.max_error, float(most.max()), float(np.nan_to_num(found).max())))
    axes.xaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    axes.set_xlabel("wrong labels (%), by stratum")
    title(axes, f"Each stratum by itself: at most {percent(float(most.max()))} wrong", HALF)


def _found(stratum: Stratum) -> float:
    """Return the share of a stratum's audit that is wrong; NaN where nothing was drawn."""
    return (stratum.wrong + stratum.set_aside) / stratum.audited if stratum.audited else float("nan")
