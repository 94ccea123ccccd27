from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from labkit import LabError, plots
from labkit.plots import panels
from labkit.review import Comparison, compare
from labkit.tasks import make_task

from ..said import TASK, said, shipped
from .drawn import inside, words

SCORES = [(0.9, 0.18), (0.4, 0.1), (0.3, 0.63), (0.02, 0.01), (0.62, 0.7)]
TWO = compare(said({"llm": "B B D - B", "cpu": "B - D - BD"}, {"cpu": SCORES}), TASK)
THREE = compare(said({"llm": "B B D -", "llm-bare": "B B D -", "cpu": "B - - ."}), TASK)
LONG = "a label with a name that is longer than anyone would ever want to read in a small figure"
HOSTILE = ("$cost$ and $", "באג תוכנה", "🐛 bug", "<b>x</b>", LONG, "x" * 60)


def many(labels: tuple[str, ...], annotators: tuple[str, ...] = ("llm", "cpu")) -> Comparison:
    """Compare annotators who each give one of many labels, wrong now and then."""
    random, frames = np.random.default_rng(0), []
    truth = random.integers(0, len(labels), 300)
    for name in annotators:
        given = np.where(random.random(300) < 0.7, truth, random.integers(0, len(labels), 300))
        scores = [dict.fromkeys(labels, 0.1) | {labels[place]: 0.8} for place in given]
        values = {"value": [[labels[place]] for place in given], "scores": scores}
        frames.append(pd.DataFrame({"example": range(300), "annotator": name, "kind": "model", **values}))
    return compare(pd.concat(frames).assign(outcome="parsed"), make_task("choice", labels))


def test_the_overview_says_what_to_see():
    figure = plots.disagreement(TWO)
    assert figure.get_suptitle() == "llm and cpu give 2 of 5 texts different labels"
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [
        "Most often: llm BUG, cpu none",
        "cpu: median 0.61 where labels\ndiffer, 0.82 where labels agree",
        "Most disputed: BUG, on 1 text",
    ]


def test_two_annotators_are_shown_by_their_confusion():
    axes = plots.confusion(TWO).axes[0]
    table = TWO.confusion("llm", "cpu")
    cells = np.array([text.get_text() for text in axes.texts]).reshape(table.shape)
    assert (np.where(cells == "·", "0", cells).astype(int) == table.to_numpy()).all()
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [
        "BUG",
        "none",
        "DOCUMENTATION",
        "BUG + DOCUMENTATION",
    ]


def test_agreement_is_a_cell_a_pair():
    axes = plots.agreement(THREE).axes[0]
    cells = [text.get_text() for text in axes.texts]
    assert cells == ["", "0%\nκ 1.00", "67%\nκ 0.14", "0%\nκ 1.00", "", "67%\nκ 0.14", "67%\nκ 0.14", "67%\nκ 0.14", ""]
    assert axes.get_title(loc="left") == "Most apart: llm and cpu, on 67% of\ntexts"


def test_kappa_that_is_not_defined_is_said_to_be_so():
    same = compare(said({"llm": "B B", "cpu": "B B"}), TASK)
    assert "0%\nκ undefined" in words(plots.agreement(same))


def test_bars_show_who_gives_a_label_alone():
    frame = compare(said({"llm": "B BD D D", "cpu": "- B - -"}), TASK)
    left, right = plots.labels(frame).axes[0].containers[:2]
    assert [bar.get_width() for bar in left] == [-3, -1]
    assert [bar.get_width() for bar in right] == [0, 0]
    swapped = plots.labels(frame, "cpu", "llm").axes[0]
    assert [bar.get_width() for bar in swapped.containers[1]] == [3, 1]
    assert [tick.get_text() for tick in swapped.get_yticklabels()] == ["DOCUMENTATION", "BUG"]
    assert swapped.get_xlabel() == "← cpu alone gives the label · texts · llm alone gives it →"


def test_sides_differ_by_more_than_colour():
    left, right = plots.labels(TWO).axes[0].containers[:2]
    assert left[0].get_hatch() != right[0].get_hatch()


def test_only_the_most_disputed_of_many_labels_are_shown():
    axes = plots.labels(many(tuple(f"label {n}" for n in range(30))), top=5).axes[0]
    widths = [-a.get_width() + b.get_width() for a, b in zip(*axes.containers[:2], strict=True)]
    assert len(widths) == 5
    assert widths == sorted(widths, reverse=True)
    assert axes.get_title(loc="left").startswith("Most disputed, 5 of 30 labels: ")


def test_confidence_is_drawn_apart_where_labels_differ():
    axes = plots.confidence(TWO).axes[0]
    _, names = axes.get_legend_handles_labels()
    assert names == ["same labels (3 texts)", "different labels (2 texts)"]
    heights = [patch.get_height() for patch in axes.containers[0]]
    assert [heights[place] for place in (12, 16, 19)] == pytest.approx([1 / 3] * 3)
    assert sum(heights) == pytest.approx(1)


def test_panels_without_data_say_why():
    assert "Nobody here says how sure it is" in words(plots.disagreement(THREE))
    apart = compare(said({"llm": "B .", "cpu": ". D"}), TASK)
    assert panels.NO_TEXT in words(plots.disagreement(apart))
    assert panels.NO_TEXT in words(plots.agreement(apart))
    agreed = words(plots.disagreement(compare(said({"llm": "B", "cpu": "B"}), TASK)))
    assert {"Here both say the same", "No label is disputed"} <= set(agreed)


def test_what_cannot_be_drawn_is_an_error():
    alone = compare(said({"llm": "B"}), TASK)
    for draw in (plots.agreement, plots.confusion, plots.labels, plots.disagreement):
        with pytest.raises(LabError, match="llm is compared with nobody"):
            draw(alone)
    with pytest.raises(LabError, match="'gpt' has labelled nothing"):
        plots.confusion(TWO, "llm", "gpt")
    with pytest.raises(LabError, match="cpu is compared with itself"):
        plots.labels(TWO, "cpu", "cpu")
    with pytest.raises(LabError, match="no scores by llm"):
        plots.confidence(TWO, "llm")
    with pytest.raises(LabError, match="no scores by anybody"):
        plots.confidence(THREE)


@pytest.mark.parametrize("labels", [HOSTILE[:2], HOSTILE, tuple(f"{LONG} {n}" for n in range(30))], ids=len)
@pytest.mark.parametrize("draw", [plots.disagreement, plots.agreement, plots.confusion, plots.labels, plots.confidence])
def test_no_name_is_cut_off_or_runs_into_another(draw, labels):
    figure = draw(many(labels, ("llm with the longest name of all", "cpu $x$")))
    assert inside(figure)
    titles = [axes._left_title.get_window_extent() for axes in figure.axes]
    assert not any(a.overlaps(b) for n, a in enumerate(titles) for b in titles[:n])


def test_dollars_are_no_mathematics():
    figure = plots.labels(many(HOSTILE))
    figure.draw_without_rendering()
    (tick,) = [text for text in figure.axes[0].get_yticklabels() if "cost" in text.get_text()]
    assert tick._preprocess_math(tick.get_text()) == ("$cost$ and $", False)


def test_shipped_replies_are_drawn():
    figure = plots.disagreement(compare(shipped(), TASK))
    assert figure.get_suptitle().endswith("of 750 texts different labels")


def test_a_notebook_shows_a_figure_by_itself():
    data, metadata = DisplayFormatter().format(plots.disagreement(TWO))
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"] == "<Plot size 900x616 with 3 Axes>"
    assert metadata["image/png"] == {"width": 864}


def test_drawing_leaves_nothing_in_pyplot():
    code = (
        "import sys; from labkit import plots; from tests.plots.test_scores import HISTORY;"
        "plots.training(HISTORY)._repr_png_(); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_overview_shows_the_labels_of_those_who_agree_least():
    annotations = said({"llm": "B B - -", "llm-bare": "B B - B", "cpu": "- - D -"})
    compared = compare(annotations, TASK)
    assert compared.farthest == ("llm-bare", "cpu")
    assert "llm-bare alone" in plots.disagreement(compared).axes[2].get_xlabel()
