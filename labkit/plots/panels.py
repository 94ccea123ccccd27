"""The panels that figures of a comparison are made of: each draws on the axes it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from .figure import BLUE, GREY, VERMILLION, plain, short, texts, title, written

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..review import Comparison

BINS = 20
DARK = 0.6
HALF = 34
"""Characters of a title that fit half the width of a notebook."""
SHORT = 16
NO_TEXT = "They have no text in common"


def draw_agreement(axes: Axes, comparison: Comparison) -> None:
    """A cell for each pair: the share of texts with different labels, and kappa."""
    names, pairs = list(comparison.annotators), comparison.agreement
    differ = np.full((len(names), len(names)), np.nan)
    notes = np.full(differ.shape, "", object)
    for a, b, share, kappa in pairs[["a", "b", "share", "kappa"]].to_numpy():
        cells = [names.index(a), names.index(b)], [names.index(b), names.index(a)]
        differ[cells] = 1 - share
        notes[cells] = "no text" if np.isnan(share) else f"{1 - share:.0%}\nκ {_or_undefined(kappa)}"
    _cells(axes, differ, notes, names, names, at_least=0.5)
    a, b = comparison.farthest
    worst = pairs[(pairs["a"] == a) & (pairs["b"] == b)].iloc[0]
    who = f"{short(a)} and {short(b)}"
    title(axes, f"Most apart: {who}, on {1 - worst['share']:.0%} of texts" if worst["texts"] else NO_TEXT, HALF)
    axes.set_xlabel("texts with different labels (%), and Cohen's κ")


def draw_confusion(axes: Axes, table: pd.DataFrame, top: int) -> None:
    """A cell for each pair of values, in texts; only disagreements are coloured."""
    if table.empty:
        _nothing(axes, NO_TEXT)
        return
    shown, (a, b) = table.iloc[:top, :top], (table.index.name, table.columns.name)
    counts = shown.to_numpy(float, copy=True)
    notes = np.where(counts > 0, shown.to_numpy().astype(object), "·")
    np.fill_diagonal(counts, np.nan)
    _cells(axes, counts, notes, list(shown.index), list(shown.columns))
    axes.set_ylabel(written(f"{short(a)} says", HALF))
    rest = f"; {len(shown)} of {len(table)} values" if len(shown) < len(table) else ""
    axes.set_xlabel(written(f"{short(b)} says (number of texts{rest})", HALF))
    if not np.nansum(counts):
        title(axes, "Here both say the same", HALF)
        return
    row, column = np.unravel_index(np.nanargmax(counts), counts.shape)
    values = short(shown.index[int(row)]), short(shown.columns[int(column)])
    title(axes, f"Most often: {short(a, SHORT)} {values[0]}, {short(b, SHORT)} {values[1]}", HALF)


def draw_labels(axes: Axes, comparison: Comparison, a: str, b: str, top: int | None) -> None:
    """Bars to both sides: texts where one of two annotators alone gives a label, most disputed on top."""
    alone = _alone(comparison.per_label, a, b)
    rows = alone.head(top or len(alone))
    for side, sign, colour, hatch in (("left", -1, BLUE, ""), ("right", 1, VERMILLION, "///")):
        bars = axes.barh(np.arange(len(rows)), sign * rows[side], color=colour, hatch=hatch, edgecolor="white")
        axes.bar_label(bars, [f"{count:,}" for count in rows[side]], padding=3)
    _sides(axes, [written(label, HALF) for label in rows.index])
    axes.set_xlabel(
        written(f"← {short(a, SHORT)} alone gives the label · texts · {short(b, SHORT)} alone gives it →", 90)
    )
    which = f"Most disputed, {len(rows)} of {len(alone)} labels" if len(rows) < len(alone) else "Most disputed"
    most = int(rows.iloc[0].sum())
    title(axes, f"{which}: {short(rows.index[0])}, on {texts(most)}" if most else "No label is disputed")


def draw_confidence(axes: Axes, comparison: Comparison, annotator: str | None) -> None:
    """Two histograms of an annotator's confidence: where all agree, and where some differ."""
    if annotator is None or comparison.confidence[annotator].isna().all():
        _nothing(axes, "Nobody here says how sure it is")
        return
    sure = comparison.confidence[annotator].dropna()
    differ = comparison.texts["differ"].loc[sure.index]
    bins = np.linspace(0, 1, BINS + 1).tolist()
    filled: dict[str, Any] = {"color": BLUE, "alpha": 0.45}
    hatched: dict[str, Any] = {"histtype": "step", "edgecolor": VERMILLION, "linewidth": 1.8, "hatch": "///"}
    for values, name, style in ((sure[~differ], "same", filled), (sure[differ], "different", hatched)):
        weights = np.full(len(values), 1 / max(len(values), 1))
        axes.hist(values, bins, weights=weights, label=f"{name} labels ({texts(len(values))})", **style)
    plain(axes)
    axes.margins(y=0.3)  # room for the legend
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=""))
    axes.set_xlim(min(0.5, np.floor(sure.min() * BINS) / BINS), 1)
    axes.set_xlabel("how sure of its labels (probability, 0 to 1)")
    axes.set_ylabel("share of these texts (%)")
    axes.legend(frameon=False, fontsize="small", loc="upper left", borderaxespad=0)
    medians = comparison.sureness[annotator].dropna()
    found = ", ".join(
        f"{median:.2f} where labels {'differ' if apart else 'agree'}" for apart, median in medians[::-1].items()
    )
    title(axes, f"{short(annotator, SHORT)}: median {found}", HALF)


def _nothing(axes: Axes, why: str) -> None:
    """Leave a panel empty, and say why."""
    axes.set_axis_off()
    title(axes, why, HALF)


def _or_undefined(kappa: float) -> str:
    """Write kappa, which has no value where both always say the same."""
    return "undefined" if np.isnan(kappa) else f"{kappa:.2f}"


def _alone(per_label: pd.DataFrame, a: str, b: str) -> pd.DataFrame:
    """Count the texts with a label from `a` alone (left) and from `b` alone (right), most disputed labels first."""
    pairs = per_label.set_index("label")
    forth = pairs.loc[(pairs["a"] == a) & (pairs["b"] == b), ["only_a", "only_b"]]
    back = pairs.loc[(pairs["a"] == b) & (pairs["b"] == a), ["only_b", "only_a"]]
    alone = (forth if len(forth) else back).set_axis(["left", "right"], axis=1)
    return alone.loc[alone.sum(axis=1).sort_values(ascending=False, kind="stable").index]


def _cells(
    axes: Axes, values: NDArray[Any], notes: NDArray[Any], rows: list[str], columns: list[str], at_least: float = 1
) -> None:
    """A table whose cells are the darker the higher their value; cells without one stay grey."""
    highest = np.nanmax(values, initial=at_least)
    axes.set_facecolor("#ececec")
    axes.imshow(values / highest, cmap="Oranges", vmin=0, vmax=1, aspect="auto")
    for (row, column), note in np.ndenumerate(notes):
        dark = values[row, column] > DARK * highest
        axes.text(column, row, note, ha="center", va="center", color="white" if dark else "black", fontsize="small")
    slanted: dict[str, Any] = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if len(columns) > 3 else {}
    axes.set_xticks(range(len(columns)), [written(name, SHORT) for name in columns], fontsize="small", **slanted)
    axes.set_yticks(range(len(rows)), [written(name) for name in rows], fontsize="small")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _sides(axes: Axes, names: list[str]) -> None:
    """Dress bars that go to both sides of a middle line."""
    plain(axes)
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{abs(count):,.0f}"))
