from __future__ import annotations

import doctest

import pandas as pd
import pytest

from labkit import LabError
from labkit.review import consensus, majority, voting
from labkit.tasks import make_task

from ..said import TASK, said


def test_examples_in_docstrings_run():
    assert doctest.testmod(voting).failed == 0


def labels(found: pd.DataFrame) -> dict[int, tuple[str, str]]:
    return {row.example: (TASK.key(row.value), row.origin) for row in found.itertuples()}


def test_a_person_goes_before_the_consensus_and_that_before_the_llm():
    frame = said({"llm": "B B B B .", "llm-bare": "B - B D .", "cpu": "B - ? - D", "anna": "D . . . ."})
    assert labels(consensus(frame, TASK)) == {
        1: ("DOCUMENTATION", "person"),
        2: ("none", "consensus"),
        3: ("BUG", "consensus"),
        4: ("BUG", "llm"),
    }


def test_one_model_alone_is_no_consensus():
    assert consensus(said({"cpu": "B D"}), TASK).empty


def test_the_person_who_decided_last_counts():
    assert labels(consensus(said({"anna": "B", "ben": "-"}), TASK)) == {1: ("none", "person")}
    assert labels(consensus(said({"ben": "-", "anna": "B"}), TASK)) == {1: ("BUG", "person")}


def test_the_reference_never_counts():
    frame = said({"reference": "D D", "llm": "B ?"})
    assert (
        labels(consensus(frame, TASK))
        == labels(consensus(frame, TASK, names=["reference", "llm"]))
        == {1: ("BUG", "llm")}
    )
    assert consensus(frame, TASK, names=["reference"]).empty


def test_the_first_named_llm_counts():
    frame = said({"llm": "B", "llm-bare": "D"})
    assert labels(consensus(frame, TASK)) == {1: ("BUG", "llm")}
    assert labels(consensus(frame, TASK, names=["llm-bare", "llm"])) == {1: ("DOCUMENTATION", "llm")}


def test_whose_word_counts_can_be_chosen():
    frame = said({"llm": "B B", "cpu": "D D", "anna": "- ."})
    assert labels(consensus(frame, TASK, by=["model"])) == {
        1: ("DOCUMENTATION", "model"),
        2: ("DOCUMENTATION", "model"),
    }
    assert labels(consensus(frame, TASK, by=["person"])) == {1: ("none", "person")}


def test_nothing_said_is_an_empty_table():
    assert consensus(said({}), TASK).columns.tolist() == ["example", "value", "origin"]
    assert consensus(said({"llm": "? ?"}), TASK).empty
    assert labels(consensus(said({"anna": "B"}), TASK)) == {1: ("BUG", "person")}


def test_majority_is_an_annotator_of_its_own():
    frame = said({"llm": "B B ? ?", "llm-bare": "D B . ?", "cpu": "D - - ?", "anna": "B B B B"})
    found = majority(frame, TASK)
    assert found.columns.tolist() == frame.columns.tolist()
    assert dict(zip(found["example"], found["value"], strict=True)) == {1: ["DOCUMENTATION"], 2: ["BUG"], 3: []}
    assert set(found["annotator"]) == {"majority"}


def test_a_tie_goes_to_the_first_voter():
    frame = said({"llm": "B", "cpu": "D"})
    assert majority(frame, TASK)["value"].tolist() == [["BUG"]]
    assert majority(frame, TASK, ["cpu", "llm"])["value"].tolist() == [["DOCUMENTATION"]]


def test_nobody_to_vote_is_an_empty_table():
    assert majority(said({"anna": "B"}), TASK).empty
    assert majority(said({}), TASK).empty


def test_unknown_names_and_labels_are_refused():
    with pytest.raises(LabError, match="'gpt' has labelled nothing"):
        consensus(said({"llm": "B"}), TASK, names=["gpt"])
    with pytest.raises(LabError, match="'BUG' is not in this project"):
        majority(said({"llm": "B", "cpu": "B"}), make_task("choices", ["SPORT"]))
