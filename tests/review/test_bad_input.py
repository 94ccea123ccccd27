"""What does not fit together is refused in words, whatever is asked of it."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from labkit import LabError
from labkit.metrics import brier
from labkit.review import calibration, compare, consensus, describe, evaluate, queue, race, reliability
from labkit.review.blind import blind
from labkit.review.live import Fixed
from labkit.tasks import make_task

from ..said import TASK, said

TWO = said({"llm": "B - B", "cpu": "B B -", "anna": "B - -"}, {"cpu": [(0.9, 0.1), (0.8, 0.1), (0.2, 0.1)]})
NOBODY = pd.DataFrame(columns=["example", "annotator", "outcome", "value", "source"])
KEYS = pd.Series({1: "a", 2: "b", 3: "c"})
ASKED = {
    "compare": lambda frame: compare(frame, TASK),
    "consensus": lambda frame: consensus(frame, TASK),
    "describe": lambda frame: describe(frame, TASK),
    "reliability": lambda frame: reliability(frame, TASK),
    "blind": lambda frame: blind(frame, NOBODY, TASK, "llm", KEYS),
}


def scored(*scores):
    """Return what two annotators and a person say, with these scores of the model."""
    frame = TWO.copy()
    frame.loc[frame.annotator == "cpu", "scores"] = pd.Series(scores, frame.index[frame.annotator == "cpu"])
    return frame


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("column", ["annotator", "outcome", "value"])
def test_a_column_that_is_missing_is_named(ask, column):
    with pytest.raises(LabError, match=f"no column '{column}'"):
        ask(TWO.drop(columns=column))


def test_decisions_without_a_source_are_refused():
    with pytest.raises(LabError, match="The decisions have no column 'source'"):
        blind(TWO, NOBODY.drop(columns="source"), TASK, "llm", KEYS)


@pytest.mark.parametrize("value", [3, ["Z"], "Z", {"label": "BUG"}])
@pytest.mark.parametrize("ask", [ASKED[name] for name in ("compare", "consensus", "describe", "reliability")])
def test_a_value_that_is_none_of_the_task_s_is_refused(ask, value):
    frame = TWO.copy()
    frame.at[0, "value"] = value
    with pytest.raises(LabError):
        ask(frame)


@pytest.mark.parametrize("scores", [[0.2, 0.3], {"BUG": "much"}, {"BUG": math.inf}, {"BUG": -0.1}])
def test_scores_that_are_no_probabilities_by_label_are_refused(scores):
    frame = scored(scores, scores, scores)
    for ask in (lambda: compare(frame, TASK), lambda: calibration(frame, TASK, "cpu")):
        with pytest.raises(LabError):
            ask()


def test_scores_of_nothing_are_compared_and_not_calibrated():
    frame = scored({}, {}, {})
    assert compare(frame, TASK).texts.differ.tolist() == [False, True, True]
    with pytest.raises(LabError, match="no numbers by label"):
        calibration(frame, TASK, "cpu")


def test_scores_that_are_not_known_leave_the_label_to_speak():
    frame = scored({"BUG": math.nan, "DOCUMENTATION": math.nan}, {"BUG": math.nan}, None)
    gap = compare(frame, TASK, ["llm", "cpu"])
    assert gap.distance.tolist() == [0, 0.5, 0.5]
    found = queue(gap)
    assert sorted(found.frame.example) == [1, 2, 3]
    with pytest.raises(LabError, match="cpu gives no whole scores of a text that llm labelled"):
        race(gap, "llm", {1: [], 2: [], 3: []}, Fixed(found.frame))


def test_duplicates_are_refused():
    for ask in (ASKED["compare"], ASKED["reliability"]):
        with pytest.raises(LabError, match="stands twice"):
            ask(pd.concat([TWO, TWO[TWO.annotator == "llm"]]))


def test_who_gave_no_label_at_all_is_counted_and_left_out():
    frame = said({"llm": "B - B", "cpu": "? ? ?", "anna": "B - -"})
    gap = compare(frame, TASK)
    assert gap.coverage.loc["cpu", ["used", "unknown label"]].tolist() == [0, 3]
    assert math.isnan(gap.agreement.set_index(["a", "b"]).share[("llm", "cpu")])
    assert sorted(queue(gap).frame.example) == [1, 2, 3]
    assert reliability(frame, TASK).loc["cpu"].gives.tolist() == [0, 0]


def test_one_label_alone_and_nothing_at_all():
    one = make_task("choices", ["BUG"])
    assert len(queue(compare(said({"llm": "B - B", "cpu": "- B B"}), one))) == 3
    for ask in (lambda frame: compare(frame, TASK), lambda frame: reliability(frame, TASK)):
        with pytest.raises(LabError):
            ask(TWO.head(0))
    assert describe(TWO.head(0), TASK).empty
    with pytest.raises(LabError):
        evaluate(TWO.head(0), TASK, ["llm"], "reference")


@pytest.mark.parametrize("given", [(["x"], [1]), ([0.5], ["no"]), ([0.5, 0.5], [1]), ([1.5], [1]), ([math.nan], [1])])
def test_probabilities_that_are_none_are_refused(given):
    with pytest.raises(LabError):
        brier(*given)
