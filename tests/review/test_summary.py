from __future__ import annotations

import doctest

from labkit.review import describe, summary

from ..said import TASK, said


def test_examples_in_docstrings_run():
    assert doctest.testmod(summary).failed == 0


def test_outcomes_and_labels_are_counted():
    table = describe(said({"llm": "B BD ? -", "cpu": "D . . ."}), TASK)
    assert table.loc["llm"].to_dict() == {
        "texts": 4,
        "parsed": 2,
        "explicitly none": 1,
        "unknown label": 1,
        "BUG": 2,
        "DOCUMENTATION": 1,
    }
    assert table.loc["cpu", ["texts", "BUG", "DOCUMENTATION"]].tolist() == [1, 0, 1]
