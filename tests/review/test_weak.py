from __future__ import annotations

import doctest

import pandas as pd
import pytest

from labkit import LabError
from labkit.review import weak
from labkit.review.weak import agreed, coverage, together
from labkit.tasks import Task, make_task

CHOICE = make_task("choice", ["BUG", "DOCUMENTATION"])
CHOICES = make_task("choices", ["BUG", "DOCUMENTATION"])
SPANS = make_task("spans", ["PERSON", "DATE"])
SHORT = {"B": ["BUG"], "D": ["DOCUMENTATION"], "BD": ["BUG", "DOCUMENTATION"], "-": [], "?": None}


def said(kind: str = "rule", **answers: str) -> pd.DataFrame:
    """Write annotations: each annotator's values for examples 1, 2, ...; `.` for nothing said, `?` for an error."""
    rows = [
        (place, name, kind, "error" if value == "?" else "parsed", SHORT[value], None)
        for name, values in answers.items()
        for place, value in enumerate(values.split(), 1)
        if value != "."
    ]
    return pd.DataFrame(rows, columns=["example", "annotator", "kind", "outcome", "value", "scores"])


def values(found: pd.DataFrame, task: Task = CHOICES) -> dict[int, str]:
    return {int(example): task.words(value) for example, value in zip(found.example, found.value, strict=True)}


def test_examples_in_docstrings_run():
    assert doctest.testmod(weak).failed == 0


def test_rules_for_several_labels_add_up():
    frame = said(a="B B . ? - -", b="D . . ? B -")
    assert values(together(frame, CHOICES, ["a", "b"])) == {1: "BUG + DOCUMENTATION", 2: "BUG", 5: "BUG", 6: "none"}


def test_of_one_label_most_rules_count_and_a_tie_says_nothing():
    frame = said(a="B B B -", b="D D . -", c="B . . -")
    assert values(together(frame, CHOICE, ["a", "b", "c"]), CHOICE) == {1: "BUG", 3: "BUG", 4: "none"}


def test_spans_of_rules_add_up_and_the_longest_of_those_that_overlap_stays():
    places = ((0, 3, "PERSON"), (0, 12, "PERSON"), (20, 24, "DATE"))
    ada, lovelace, year = ({"start": start, "end": end, "label": label} for start, end, label in places)
    rows = [(1, "a", [ada]), (1, "b", [lovelace]), (1, "c", [year]), (2, "a", [ada])]
    frame = pd.DataFrame(rows, columns=["example", "annotator", "value"])
    frame = frame.assign(kind="rule", outcome="parsed", scores=None)
    assert together(frame, SPANS, ["a", "b", "c"]).value.tolist() == [[lovelace, year], [ada]]
    table = coverage(frame, SPANS, ["a", "b", "c"], 2)
    assert table.conflicts.tolist() == [0.5, 0.5, 0]
    assert table.overlaps.tolist() == [0.5, 0.5, 0.5]


def test_rules_that_say_nothing_are_in_the_table_and_no_trouble():
    frame = said(a="B")
    assert coverage(frame, CHOICES, ["a", "silent"], 4).texts.to_dict() == {"a": 1, "silent": 0}
    assert together(frame, CHOICES, ["silent"]).empty
    assert coverage(frame.head(0), CHOICES, ["silent"], 0).loc["silent", ["texts", "coverage", "decided"]].sum() == 0


def test_coverage_overlaps_and_conflicts_are_shares_of_all_texts():
    frame = said(a="B B . - .", b="B D . B .")
    table = coverage(frame, CHOICES, ["a", "b"], 10)
    assert table.loc["a", ["texts", "coverage", "overlaps", "conflicts"]].tolist() == [3, 0.3, 0.3, 0.1]
    assert coverage(frame, CHOICE, ["a", "b"], 10).loc["a", "conflicts"] == 0.2


def test_what_a_rule_leaves_out_is_not_held_against_it():
    people = said("person", anna="BD D - B ?")
    frame = pd.concat([said(bug="B B B B B", none="- - - - -"), people])
    table = coverage(frame, CHOICES, ["bug", "none"], 5)
    assert table.loc["bug", ["decided", "right"]].tolist() == [4, 0.5]
    assert table.loc["none", ["decided", "right"]].tolist() == [4, 0.25]
    assert 0 < table.low["bug"] < 0.5 < table.high["bug"] < 1


def test_the_last_person_counts_and_the_reference_where_it_is_asked_for():
    frame = pd.concat([said(a="B"), said("person", anna="D", ben="B"), said("reference", reference="D")])
    assert coverage(frame, CHOICES, ["a"], 1).right["a"] == 1
    assert coverage(frame, CHOICES, ["a"], 1, against="reference").right["a"] == 0
    assert coverage(frame, CHOICES, ["a"], 1, against="anna").right["a"] == 0


def test_pseudo_labels_are_where_all_agree_and_are_sure():
    frame = said("llm", llm="B B D - B ?", bare="B D D - . B", cpu="B B D - B B")
    sure = [0.9, 0.9, 0.6, 0.95, 0.99, 0.99]
    cpu = frame.annotator == "cpu"
    frame.loc[cpu, "scores"] = pd.Series(
        [CHOICES.belief(value, each) for value, each in zip(frame.value[cpu], sure, strict=True)], frame.index[cpu]
    )
    assert values(agreed(frame, CHOICES, ["llm", "bare", "cpu"], 0.9)) == {1: "BUG", 4: "none"}
    assert values(agreed(frame, CHOICES, ["llm", "bare", "cpu"], 0.5)) == {1: "BUG", 3: "DOCUMENTATION", 4: "none"}
    assert values(agreed(frame, CHOICES, ["cpu"], 0.95)) == {4: "none", 5: "BUG", 6: "BUG"}
    assert values(agreed(frame, CHOICES, ["llm", "bare"], 1)) == {1: "BUG", 3: "DOCUMENTATION", 4: "none"}


def test_pseudo_labels_ask_for_what_makes_sense():
    frame = said("llm", llm="B")
    for names, confidence, problem in (
        (["llm"], 0.9, "gives no scores"), ([], 0.9, "Nobody is named"), (["llm", "x"], 0.9, "'x' has labelled"),
        (["llm"], 1.5, "is no confidence"), (["llm"], "much", "is no confidence"), (["llm"], float("nan"), "is no"),
    ):  # fmt: skip
        with pytest.raises(LabError, match=problem):
            agreed(frame, CHOICES, names, confidence)
