"""Figures of annotators held against what is true: their probabilities, who was right, and errors met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import PercentFormatter

from ..errors import LabError
from ..metrics import MICRO
from .figure import BLUE, GREY, MARKERS, SERIES, VERMILLION, Plot, blank, plain, short, texts, title, written

if TYPE_CHECKING:
    import pandas as pd

    from ..review import Calibration

GRID = "#e0e0e0"
BLACK = SERIES[-1]
AT = 0.2
"""The share of texts read at which the title says what was met."""
LABELS = 6
SHORT = 12
"""Characters of a name with which four entries of a legend fit on a line."""


def calibration(found: Calibration) -> Plot:
    """Draw whether probabilities come true as often as they say: a reliability diagram.

    Parameters
    ----------
    found : Calibration
        What `labkit.review.calibration` found.

    Returns
    -------
    Plot
        A matplotlib figure of two panels: for each label (the first six; all together where there is more than one)
        the share that came true over the probability, with 95 % Wilson intervals; and how often each probability
        was given.

    Examples
    --------
    >>> calibration(lab.compare("cpu").calibration("cpu", "llm"))  # doctest: +SKIP
    """
    figure = blank(5.2)
    upper, lower = figure.subplots(2, height_ratios=[4, 1], sharex=True)
    upper.plot([0, 1], [0, 1], color=GREY, linewidth=1.2, linestyle="--", label="as often as it says")
    labels = [label for label in found.scores.index if label != MICRO]
    for place, label in enumerate(labels[:LABELS]):
        curve = found.curve.loc[label]
        upper.errorbar(
            curve["said"],
            curve["came"],
            yerr=[(curve["came"] - curve["low"]).clip(lower=0), (curve["high"] - curve["came"]).clip(lower=0)],
            color=SERIES[place % len(SERIES)],
            marker=MARKERS[place % len(MARKERS)],
            markersize=6,
            elinewidth=1,
            label=f"{short(label)} (Brier {found.scores.loc[label, 'brier']:.2f})".replace("$", r"\$"),
        )
    whole = found.curve.loc[MICRO]
    lower.bar(whole["said"], whole["cases"], width=0.05, color=GREY)
    for axes in (upper, lower):
        plain(axes)
        axes.set_xlim(0, 1)
    upper.grid(color=GRID)
    upper.set_axisbelow(True)
    upper.set_ylim(-0.02, 1.02)
    upper.set_ylabel("share that came true (0 to 1)")
    lower.set_ylabel("how often")
    lower.set_xlabel(written(f"probability that {short(found.annotator)} gave (0 to 1), in ten bins", 80))
    upper.legend(frameon=False, loc="upper left", fontsize="small")
    scores = found.scores.loc[MICRO]
    title(
        upper,
        f"Held against {short(found.by)}, {short(found.annotator)}'s probabilities are off by {scores['error']:.2f} "
        f"on average (of {scores['cases']:,.0f}), Brier score {scores['brier']:.2f}",
    )
    return figure


def who_was_right(table: pd.DataFrame) -> Plot:
    """Draw each text where two annotators stand, how far apart and how sure, coloured by who was right.

    Parameters
    ----------
    table : DataFrame
        What `labkit.review.who_was_right` found.

    Returns
    -------
    Plot
        A matplotlib figure: a marker a text.

    Raises
    ------
    LabError
        If no text was judged.

    Examples
    --------
    >>> who_was_right(lab.compare("llm", "cpu").who_was_right("llm", "cpu"))  # doctest: +SKIP
    """
    if table.empty:
        raise LabError("No text of both annotators was judged.", "Decide on some: lab.correct().")
    a, b, sure = table.attrs["a"], table.attrs["b"], table.attrs["sure"]
    styles = {
        "both": (GREY, ".", 14),
        f"only {b}": (VERMILLION, "^", 34),
        f"only {a}": (BLUE, "o", 26),
        "neither": (BLACK, "X", 40),
    }
    figure = blank(4.6)
    axes = figure.subplots()
    # The few lie above the many.
    for name in sorted(styles, key=lambda name: -(table["right"] == name).sum()):
        (colour, marker, size), mine = styles[name], table[table["right"] == name]
        axes.scatter(
            mine["distance"],
            mine["confidence"],
            s=size,
            color=colour,
            marker=marker,
            alpha=0.75,
            linewidths=0,
            label=written(f"{short(name)} ({texts(len(mine))})", 40),
        )
    plain(axes)
    axes.grid(color=GRID)
    axes.set_axisbelow(True)
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel(written(f"distance between {short(a)} and {short(b)} (0: the same, 1: opposite)", 80))
    axes.set_ylabel(written(f"how sure {short(sure)} is of its labels (0 to 1)", 40))
    columns = 4 if max(len(a), len(b)) < SHORT else 2
    figure.legend(loc="outside upper right", ncols=columns, frameon=False, title="who was right", markerscale=1.3)
    alone = {name: int((table["right"] == f"only {name}").sum()) for name in (a, b)}
    more = max(alone, key=lambda name: alone[name])
    wrong, far = table["right"].isin([f"only {b}", "neither"]), table["distance"] > table["distance"].median()
    title(
        axes,
        f"Where one alone is right, it is {short(more)} on {alone[more]:,} of {texts(sum(alone.values()))}; {short(a)} "
        f"is wrong on {wrong[far].mean():.0%} of the half further apart, {wrong[~far].mean():.0%} of the rest",
    )
    return figure


def errors_met(table: pd.DataFrame) -> Plot:
    """Draw how many errors a person meets by how many texts are read, in several orders.

    Parameters
    ----------
    table : DataFrame
        What `labkit.review.errors_met` found; an order called ``queue`` is drawn as the main one, else the last.

    Returns
    -------
    Plot
        A matplotlib figure: a line an order.

    Raises
    ------
    LabError
        If there are no errors to meet.

    Examples
    --------
    >>> errors_met(lab.compare("llm", "cpu").errors_met("llm"))  # doctest: +SKIP
    """
    errors = table.iloc[-1].max()
    if not errors:
        raise LabError("There is no error to meet.", "Draw it for an annotator that is wrong somewhere.")
    orders = [name for name in table if name not in ("random", "perfect")]
    main = "queue" if "queue" in orders else orders[-1]
    figure = blank(4.6)
    axes = figure.subplots()
    axes.plot(table.index, table["perfect"], color=BLACK, linestyle=":", linewidth=1.4, label="perfect")
    others = iter(zip((SERIES[0], SERIES[2], SERIES[4], SERIES[3], SERIES[5]), MARKERS[1:], strict=False))
    for name in sorted(orders, key=lambda name: name != main):
        colour, marker = (VERMILLION, MARKERS[0]) if name == main else next(others)
        axes.plot(
            table.index,
            table[name],
            color=colour,
            linewidth=2.6 if name == main else 1.5,
            marker=marker,
            markersize=5,
            markevery=max(len(table) // 10, 1),
            label=written(name),
        )
    axes.plot(table.index, table["random"], color=GREY, linestyle="--", linewidth=1.4, label="random")
    read = round(AT * (len(table) - 1))
    axes.axvline(read, color=GREY, linewidth=0.8)
    plain(axes)
    axes.grid(axis="y", color=GRID)
    axes.set_xlim(0, len(table) - 1)
    axes.set_ylim(0, errors * 1.03)
    axes.set_xlabel("texts read")
    axes.set_ylabel(f"errors met (of {int(errors):,})")
    share = axes.secondary_yaxis("right", functions=(lambda count: count / errors, lambda part: part * errors))
    share.yaxis.set_major_formatter(PercentFormatter(1))
    share.spines["right"].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    met = (table.loc[read] / errors).drop("perfect")
    rest = ", ".join(f"{short(name)} {met[name]:.0%}" for name in met.index if name != main)
    title(axes, f"After {texts(read)} ({AT:.0%}): {short(main)} has met {met[main]:.0%} of the errors; {rest}")
    return figure
