from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest

from labkit import LabError
from labkit.review import compare, errors_met, queue, race, yields
from labkit.review.live import Fixed
from labkit.review.yields import baselines, read_through

from ..said import TASK, said

SCORES = [(0.9, 0.2), (0.55, 0.1), (0.2, 0.9), (0.1, 0.4)]
FRAME = said({"llm": "B D B -", "cpu": "B B D -", "reference": "B B D -"}, {"cpu": SCORES})
TRUTH = {1: ["BUG"], 2: ["BUG"], 3: ["DOCUMENTATION"], 4: []}


def test_examples_in_docstrings_run():
    assert doctest.testmod(yields).failed == 0


def test_errors_are_counted_after_each_text():
    table = errors_met({"good": [3, 2, 1, 4], "bad": [1, 4, 2, 3]}, wrong=[2, 3, 99])
    assert table.columns.tolist() == ["random", "good", "bad", "perfect"]
    assert (table.index.name, table.index.tolist()) == ("read", [0, 1, 2, 3, 4])
    assert table["good"].tolist() == table["perfect"].tolist() == [0, 1, 2, 2, 2]
    assert table["bad"].tolist() == [0, 0, 0, 1, 2]
    assert table["random"].tolist() == [0, 0.5, 1, 1.5, 2]


def test_nothing_to_read_and_no_errors():
    assert errors_met({"any": []}, wrong=[1]).to_numpy().tolist() == [[0, 0, 0]]
    assert errors_met({"any": [1]}, wrong=[])["any"].tolist() == [0, 0]


@pytest.mark.parametrize(
    "orders", [{"a": [1, 2], "b": [1]}, {"a": [1, 1]}, {"a": [1, 2], "b": [1, 1]}, {"random": [1]}]
)
def test_orders_of_other_texts_are_refused(orders):
    with pytest.raises(LabError, match="can't be compared"):
        errors_met(orders, wrong=[])


def test_baselines_go_by_the_model_that_did_not_train_on_the_text():
    orders = baselines(compare(FRAME, TASK), "llm")
    assert orders["uncertainty"] == [2, 4, 1, 3]  # 0.55, 0.6, 0.8, 0.8
    assert set(orders["cleanlab"][:2]) == {2, 3}
    with pytest.raises(LabError, match="No other annotator gives scores"):
        baselines(compare(FRAME.assign(scores=None), TASK), "llm")


def test_an_order_is_told_each_decision():
    class Learning(Fixed):
        def note(self, example, value):
            super().note(example, value)
            told[example] = value

    told: dict[int, object] = {}
    assert read_through(Learning(pd.DataFrame({"example": [3, 1, 2], "why": "?"})), TRUTH) == [3, 1, 2]
    assert told == {3: ["DOCUMENTATION"], 1: ["BUG"], 2: ["BUG"]}


def test_the_race_is_of_the_texts_that_all_orders_have():
    comparison = compare(FRAME, TASK)
    table = race(comparison, "llm", {**TRUTH, 9: []}, Fixed(queue(comparison).frame))
    assert table.columns.tolist() == ["random", "uncertainty", "cleanlab", "distance", "queue", "perfect"]
    assert table.iloc[-1].tolist() == [2] * 6
    assert table["queue"].tolist() == table["perfect"].tolist()
    some = race(comparison, "llm", {1: ["BUG"], 3: []}, Fixed(queue(comparison).frame))
    assert len(some) == 3
    assert np.array_equal(some["perfect"], [0, 1, 1])
