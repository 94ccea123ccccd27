from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest

from labkit import LabError
from labkit.review import consensus, dawid_skene, majority, voting
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


def crowd(task, truth, errors, seed=0):
    """Write what annotators say who each err on so many parts of a hundred texts, independently of each other."""
    random, rows = np.random.default_rng(seed), []
    for name, share in errors.items():
        for example, value in enumerate(truth):
            wrong = random.random(len(task.labels)) < share
            flipped = [label for label, flip in zip(task.labels, wrong, strict=True) if (label in value) != bool(flip)]
            rows.append((example, name, "llm", "parsed", task.check(flipped), None))
    return pd.DataFrame(rows, columns=["example", "annotator", "kind", "outcome", "value", "scores"])


def test_dawid_skene_learns_whom_to_trust_and_beats_the_majority():
    random = np.random.default_rng(1)
    truth = [[label for label in TASK.labels if random.random() < 0.4] for _ in range(2000)]
    frame = crowd(TASK, truth, {"a": 0.05, "b": 0.1, "c": 0.35, "d": 0.4, "e": 0.4})
    right = {
        way.__name__: np.mean([a == b for a, b in zip(way(frame, TASK)["value"], truth, strict=True)])
        for way in (majority, dawid_skene)
    }
    assert right["dawid_skene"] > right["majority"] + 0.02
    assert dawid_skene(frame, TASK).equals(dawid_skene(frame, TASK))


def test_dawid_skene_of_one_label_gives_one_label_or_none():
    task = make_task("choice", ["X", "Y"])
    rows = [
        (n, who, "llm", "parsed", value, None)
        for n in range(30)
        for who, value in (("a", [["X"], ["Y"], []][n % 3]), ("b", [["X"], ["Y"], []][n % 3]), ("c", ["X"]))
    ]
    frame = pd.DataFrame(rows, columns=["example", "annotator", "kind", "outcome", "value", "scores"])
    assert dawid_skene(frame, task)["value"].tolist() == [["X"], ["Y"], []] * 10


def test_dawid_skene_of_spans_keeps_those_that_are_likely_and_none_that_overlap():
    task = make_task("spans", ["P", "D"])
    right = [{"start": 0, "end": 3, "label": "P"}, {"start": 9, "end": 13, "label": "D"}]
    longer = [{"start": 0, "end": 5, "label": "P"}]
    rows = [
        (n, who, "llm", "parsed", value, None)
        for n in range(20)
        for who, value in (("a", right), ("b", right), ("c", longer if n % 2 else right))
    ]
    frame = pd.DataFrame(rows, columns=["example", "annotator", "kind", "outcome", "value", "scores"])
    found = dawid_skene(frame, task)
    assert found["value"].tolist() == [right] * 20


def test_dawid_skene_leaves_out_who_said_nothing_and_keeps_who_said_none():
    frame = said({"llm": "B - ? B", "llm-bare": "B - . -", "cpu": "B - ? -", "anna": "D D D D"})
    found = dawid_skene(frame, TASK)
    assert found["example"].tolist() == [1, 2, 4]
    assert found["value"].tolist()[:2] == [["BUG"], []]
    assert dawid_skene(said({"llm": "? ?"}), TASK).empty
    assert dawid_skene(said({"anna": "B"}), TASK).empty


def test_the_consensus_may_be_found_by_dawid_skene():
    frame = said({"llm": "B B B .", "llm-bare": "B D . .", "cpu": "B D . D", "anna": "- . . ."})
    found = labels(consensus(frame, TASK, method="dawid-skene"))
    assert found == {1: ("none", "person"), 2: ("DOCUMENTATION", "consensus"), 3: ("BUG", "llm")}
    with pytest.raises(LabError, match="'best' is no way to find a consensus"):
        consensus(frame, TASK, method="best")


def test_rules_vote_only_where_they_are_named():
    frame = said({"llm": "B", "llm-bare": "D", "cpu": "D"})
    frame.loc[frame.annotator != "llm", "kind"] = "rule"
    assert labels(consensus(frame, TASK)) == {1: ("BUG", "llm")}
    assert labels(consensus(frame, TASK, names=["llm", "llm-bare", "cpu"])) == {1: ("DOCUMENTATION", "consensus")}
    assert majority(frame, TASK)["value"].tolist() == [["BUG"]]
    assert majority(frame, TASK, ["llm", "llm-bare", "cpu"])["value"].tolist() == [["DOCUMENTATION"]]


def test_one_annotator_may_be_taken_at_its_word_by_name():
    frame = said({"llm": "B B", "llm-bare": "D D", "cpu": "- ."})
    assert labels(consensus(frame, TASK, by=["cpu", "llm-bare"])) == {
        1: ("none", "cpu"),
        2: ("DOCUMENTATION", "llm-bare"),
    }
