from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest

from labkit import LabError
from labkit.metrics import MICRO, brier, calibration_error, wilson
from labkit.review import calibration, judged, reliability
from labkit.tasks import make_task

from ..said import TASK, said

SCORES = [(0.9, 0.2), (0.4, 0.1), (0.3, 0.6), (0.5, 0.5), None]
FRAME = said(
    {"llm": "B B - D ?", "cpu": "B - D B .", "anna": "B B D . B", "ben": ". - . . .", "reference": "B B D D B"},
    {"cpu": SCORES},
)


def test_examples_in_docstrings_run():
    assert doctest.testmod(judged).failed == 0


def test_who_is_right_is_what_people_decided_last():
    table = reliability(FRAME, TASK)
    assert table.index.unique("annotator").tolist() == ["llm", "cpu"]
    bug = table.loc[("llm", "BUG")]
    assert bug[["gives", "right", "withholds", "rightly"]].tolist() == [2, 0.5, 1, 1]
    assert (bug["right_low"], bug["right_high"]) == wilson(1, 2)
    documentation = table.loc[("llm", "DOCUMENTATION")]
    assert documentation["gives"] == 0
    assert np.isnan(documentation["right"])
    assert documentation[["withholds", "rightly"]].tolist() == [3, pytest.approx(2 / 3)]


def test_somebody_else_may_be_taken_to_be_right():
    table = reliability(FRAME, TASK, ["llm"], by="reference")
    assert table.loc[("llm", "BUG"), ["gives", "right", "withholds", "rightly"]].tolist() == [2, 1, 2, 1]
    assert reliability(FRAME, TASK, ["llm", "anna"], by="anna").index.unique("annotator").tolist() == ["llm"]


def test_spans_are_right_one_by_one():
    task = make_task("spans", ["P"])
    one, two = {"start": 0, "end": 1, "label": "P"}, {"start": 3, "end": 5, "label": "P"}
    rows = [
        (1, "llm", "llm", [one, two]),
        (1, "anna", "person", [one]),
        (2, "llm", "llm", []),
        (2, "anna", "person", []),
    ]
    frame = pd.DataFrame(rows, columns=["example", "annotator", "kind", "value"]).assign(outcome="parsed", scores=None)
    assert reliability(frame, task).loc[("llm", "P"), ["gives", "right", "withholds", "rightly"]].tolist() == [
        2,
        0.5,
        1,
        1,
    ]


def test_nobody_decided_is_an_error():
    with pytest.raises(LabError, match="No person has decided"):
        reliability(said({"llm": "B"}), TASK)
    with pytest.raises(LabError, match="reference has not decided"):
        reliability(said({"llm": "B"}), TASK, by="reference")
    with pytest.raises(LabError, match="'gpt' has labelled nothing"):
        reliability(FRAME, TASK, ["gpt"])


def test_who_said_nothing_of_what_was_decided_has_no_figures():
    table = reliability(said({"llm": "? B", "anna": "B ."}), TASK)
    assert table["gives"].tolist() == [0, 0]
    assert table["right"].isna().all()


def test_probabilities_are_held_against_what_is_true():
    found = calibration(FRAME, TASK, "cpu", "reference")
    p, true = np.array([0.9, 0.4, 0.3, 0.5]), np.array([1, 1, 0, 0])
    assert (found.annotator, found.by) == ("cpu", "reference")
    assert found.scores.loc["BUG"].tolist() == pytest.approx([4, brier(p, true), 0.25, calibration_error(p, true)])
    assert found.scores.loc[MICRO, "cases"] == 8
    assert found.curve.loc["BUG"]["cases"].tolist() == [1, 1, 1, 1]
    assert calibration(FRAME, TASK, "cpu").scores.loc["BUG", "cases"] == 3


def test_no_scores_and_no_judge_are_errors():
    with pytest.raises(LabError, match="llm gives no scores"):
        calibration(FRAME, TASK, "llm")
    with pytest.raises(LabError, match="gpt has not decided"):
        calibration(FRAME, TASK, "cpu", "gpt")
    alone = said({"cpu": "B .", "anna": ". B"}, {"cpu": SCORES})
    with pytest.raises(LabError, match="No text that cpu scored was judged by person"):
        calibration(alone, TASK, "cpu")
