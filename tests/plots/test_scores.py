from __future__ import annotations

import doctest

import numpy as np
import pytest

from labkit import LabError, plots
from labkit.plots import scores
from labkit.review import evaluate

from ..said import TASK, said, shipped
from .drawn import inside

HISTORY = [
    {"step": 0, "loss": 4.0, "score": 0.2},
    {"step": 50, "loss": 2.0, "score": None},
    {"step": 100, "loss": 1.0, "score": 0.8},
    {"step": 150, "loss": 0.5, "score": 0.8},
]


def test_examples_in_docstrings_run():
    assert doctest.testmod(scores).failed == 0


def test_each_annotator_has_a_marker_and_an_interval_a_row():
    table = evaluate(shipped(), TASK)
    axes = plots.evaluation(table).axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == table.index.unique("label").tolist()
    for name, drawn in zip(table.index.unique("annotator"), axes.containers, strict=True):
        marks, _, (lines,) = drawn
        assert marks.get_xdata() == pytest.approx(table.loc[name, "f"].to_numpy())
        ends = np.array([segment[:, 0] for segment in lines.get_segments()])
        assert ends == pytest.approx(table.loc[name, ["f_low", "f_high"]].to_numpy())


def test_annotators_differ_by_marker_and_not_only_by_colour():
    axes = plots.evaluation(evaluate(shipped(), TASK)).axes[0]
    assert len({drawn[0].get_marker() for drawn in axes.containers}) == 2


def test_the_title_names_the_highest_score():
    table = evaluate(said({"reference": "B B D -", "llm": "B B D -", "cpu": "D B - -"}), TASK)
    assert (
        plots.evaluation(table).axes[0].get_title(loc="left") == "Highest over all labels: llm, F 1.00 (1.00 to 1.00)"
    )
    title = plots.evaluation(table, "recall").axes[0].get_title(loc="left")
    assert title.startswith("Highest over all labels: llm, Recall 1.00")


def test_every_marker_is_inside():
    table = evaluate(said({"reference": "B B D -", "llm": "B B D -", "cpu": "D D B B"}), TASK)
    for chosen in ("f", "precision", "recall"):
        axes = plots.evaluation(table, chosen).axes[0]
        low, high = axes.get_xlim()
        assert low <= table[f"{chosen}_low"].min()
        assert high >= 1


def test_long_names_stay_inside():
    names = {"llm": "an annotator whose name is far too long for a legend", "cpu": "$x$ " * 12}
    frame = said({"reference": "B B D -", "llm": "B B D -", "cpu": "D B - -"}).replace({"annotator": names})
    figure = plots.evaluation(evaluate(frame, TASK))
    assert inside(figure)


def test_other_scores_are_refused():
    with pytest.raises(LabError, match="'accuracy' is no score"):
        plots.evaluation(evaluate(shipped(), TASK), "accuracy")


def test_training_draws_loss_and_score_by_step():
    upper, lower = plots.training(HISTORY).axes
    assert upper.lines[0].get_xydata().tolist() == [[0, 4], [50, 2], [100, 1], [150, 0.5]]
    assert lower.lines[0].get_xydata().tolist() == [[0, 0.2], [100, 0.8], [150, 0.8]]
    assert upper.get_title(loc="left") == "Best score 0.80, at step 150"
    assert (lower.get_xlabel(), upper.get_ylabel()) == ("step (batches of texts)", "loss (lower is better)")


def test_training_without_a_score_yet():
    upper, lower = plots.training([{"step": 10, "loss": 1.0}]).axes
    assert upper.get_title(loc="left") == "No score yet"
    assert not lower.lines


def test_no_training_is_an_error():
    with pytest.raises(LabError, match="no training steps"):
        plots.training([])
