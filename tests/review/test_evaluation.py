from __future__ import annotations

import doctest

import pandas as pd
import pytest

from labkit import LabError
from labkit.metrics import MACRO, MICRO, WHOLE
from labkit.review import evaluate, evaluation, majority

from ..said import TASK, said, shipped

FRAME = said({"reference": "B B D - BD .", "llm": "B - D - B B", "cpu": "B B ? . BD D"})


def test_examples_in_docstrings_run():
    assert doctest.testmod(evaluation).failed == 0


def test_annotators_are_scored_label_by_label():
    table = evaluate(FRAME, TASK)
    assert table.index.names == ["annotator", "label"]
    assert table.loc["llm"].index.tolist() == ["BUG", "DOCUMENTATION", MICRO, MACRO, WHOLE]
    assert table.loc[("llm", "BUG"), ["precision", "recall", "f", "support"]].tolist() == [1, 0.667, 0.8, 3]
    assert table.loc[("llm", WHOLE), "f"] == 0.6
    assert (table["f_low"] <= table["f"]).all()
    assert (table["f"] <= table["f_high"]).all()


def test_texts_without_a_value_are_left_out_and_counted():
    table = evaluate(FRAME, TASK)
    assert table.loc["llm", ["texts", "left_out"]].drop_duplicates().to_numpy().tolist() == [[5, 0]]
    assert table.loc["cpu", ["texts", "left_out"]].drop_duplicates().to_numpy().tolist() == [[3, 2]]
    assert table.loc[("cpu", WHOLE), "f"] == 1


def test_any_annotator_may_be_the_reference():
    table = evaluate(FRAME, TASK, reference="llm", names=["cpu", "llm"])
    assert table.index.unique("annotator").tolist() == ["cpu"]


def test_shipped_replies_are_scored_against_the_reference():
    frame = shipped()
    frame = pd.concat([frame, majority(frame, TASK)])
    table = evaluate(frame, TASK)
    assert table.index.unique("annotator").tolist() == ["llm", "llm-bare", "majority"]
    assert (table["texts"] == 750).all()
    assert (table["left_out"] == 0).all()
    assert table["f"].between(0.5, 1).all()
    wide = frame.pivot(index="example", columns="annotator", values="value")
    right = (wide["llm"].map(tuple) == wide["reference"].map(tuple)).mean()
    assert table.loc[("llm", WHOLE), "f"] == pytest.approx(right, abs=5e-4)
    assert table.equals(evaluate(frame, TASK))


def test_what_cannot_be_scored_is_an_error():
    with pytest.raises(LabError, match="'gold' has labelled nothing"):
        evaluate(FRAME, TASK, reference="gold")
    with pytest.raises(LabError, match="cpu labelled none of the texts of reference"):
        evaluate(said({"reference": "B .", "cpu": ". B"}), TASK)
    with pytest.raises(LabError, match="nobody to score against reference"):
        evaluate(said({"reference": "B"}), TASK)
