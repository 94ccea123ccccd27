from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from labkit import LabError, plots
from labkit.review import calibration, compare, errors_met, who_was_right
from labkit.tasks import make_task

from ..said import TASK, said
from .drawn import inside, words

SCORES = [(0.9, 0.2), (0.4, 0.1), (0.3, 0.6), (0.5, 0.5)]
FRAME = said({"llm": "B B - D", "cpu": "B - D -", "anna": "B B D BD"}, {"cpu": SCORES})
CURVES = errors_met({"cleanlab": [1, 4, 2, 3], "queue": [3, 2, 1, 4]}, wrong=[2, 3])


def test_a_reliability_diagram_draws_what_came_true():
    found = calibration(FRAME, TASK, "cpu")
    upper, lower = plots.calibration(found).axes
    lines = {line.get_label(): line for line in upper.lines}
    assert lines["as often as it says"].get_xydata().tolist() == [[0, 0], [1, 1]]
    drawn = [container.lines[0].get_xydata() for container in upper.containers]
    assert np.allclose(drawn[0], found.curve.loc["BUG"][["said", "came"]])
    assert np.allclose(drawn[1], found.curve.loc["DOCUMENTATION"][["said", "came"]])
    ends = upper.containers[0].lines[2][0].get_segments()
    assert np.allclose([[end[0][1], end[1][1]] for end in ends], found.curve.loc["BUG"][["low", "high"]])
    assert [bar.get_height() for bar in lower.patches] == found.curve.loc["micro average", "cases"].tolist()
    assert upper.get_title(loc="left").startswith("Held against person, cpu's probabilities are off by 0.")


def test_each_text_stands_by_distance_and_confidence_and_in_the_colour_of_who_was_right():
    comparison = compare(FRAME, TASK, ["llm", "cpu"])
    table = who_was_right(comparison, FRAME, "llm", "cpu")
    assert table["right"].tolist() == ["both", "only llm", "only cpu", "neither"]
    assert table["distance"].to_numpy() == pytest.approx(comparison.distance.to_numpy())
    axes = plots.who_was_right(table).axes[0]
    drawn = {points.get_label(): points.get_offsets().tolist() for points in axes.collections}
    assert set(drawn) == {"both (1 text)", "only llm (1 text)", "only cpu (1 text)", "neither (1 text)"}
    assert np.allclose(drawn["only cpu (1 text)"], table.loc[[3], ["distance", "confidence"]])
    assert len({tuple(points.get_facecolor()[0]) for points in axes.collections}) == 4
    assert axes.get_title(loc="left").startswith("Where one alone is right, it is llm on 1 of 2 texts")


def test_who_was_right_of_those_without_scores_or_judge():
    plain = FRAME.assign(scores=None)
    table = who_was_right(compare(plain, TASK, ["llm", "cpu"]), plain, "llm", "cpu", by="anna")
    assert table["confidence"].isna().all()
    assert plots.who_was_right(table).axes
    apart = said({"llm": "B .", "cpu": "B .", "anna": ". B"})
    with pytest.raises(LabError, match="No text of both annotators was judged"):
        plots.who_was_right(who_was_right(compare(apart, TASK, ["llm", "cpu"]), apart, "llm", "cpu"))
    with pytest.raises(LabError, match="No person has decided"):
        who_was_right(compare(plain, TASK), plain[plain.kind != "person"], "llm", "cpu")


def test_errors_met_draws_a_line_an_order():
    figure = plots.errors_met(CURVES)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    for name in CURVES:
        assert lines[name].get_xydata().tolist() == [list(map(float, point)) for point in CURVES[name].items()]
    assert lines["queue"].get_linewidth() > max(lines[name].get_linewidth() for name in CURVES if name != "queue")
    title = figure.axes[0].get_title(loc="left").replace("\n", " ")
    assert title == "After 1 text (20%): queue has met 50% of the errors; random 25%, cleanlab 0%"
    assert len({line.get_color() for name, line in lines.items() if name in CURVES}) == 4


def test_no_error_is_nothing_to_draw():
    with pytest.raises(LabError, match="no error to meet"):
        plots.errors_met(errors_met({"queue": [1, 2]}, wrong=[]))


def test_names_of_any_kind_fit_and_are_shown_as_they_are():
    hostile = ("$cost$ and $", "באג תוכנה", "<b>x</b>", "x" * 60)
    task = make_task("choices", hostile)
    rows = [(n, "$a$" * 20, "model", [hostile[n % 4]], dict.fromkeys(hostile, 0.3)) for n in range(40)]
    rows += [(n, "b" * 70, "person", [hostile[n % 3]], None) for n in range(40)]
    frame = pd.DataFrame(rows, columns=["example", "annotator", "kind", "value", "scores"]).assign(outcome="parsed")
    figures = [
        plots.calibration(calibration(frame, task, "$a$" * 20)),
        plots.who_was_right(who_was_right(compare(frame, task), frame, "$a$" * 20, "b" * 70)),
        plots.errors_met(errors_met({"<b>$x$</b>" * 9: list(range(40))}, wrong=range(9))),
    ]
    for figure in figures:
        assert inside(figure)
        assert any(r"\$" in word for word in words(figure))
