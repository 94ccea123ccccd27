from __future__ import annotations

import doctest

import numpy as np
import pytest

from labkit.review import compare, evidence
from labkit.review.evidence import gather

from ..said import TASK, said


def evidence_of(answers, scores=None, names=None):
    found = compare(said(answers, scores), TASK, names).answers
    return gather(found, np.arange(len(found.examples)))


def test_examples_in_docstrings_run():
    assert doctest.testmod(evidence).failed == 0


def test_the_value_at_stake_is_that_of_the_first_who_gives_one():
    found = evidence_of({"llm": "B ? -", "llm-bare": "D D D"})
    assert found.said.tolist() == [[1, 0], [0, 1], [0, 0]]
    assert found.differ.tolist() == [[1, 1], [0, 0], [0, 1]]
    assert found.apart.tolist() == [1, 0, 1]


def test_scores_count_as_log_odds_against_what_was_said_and_only_once():
    scores = [(0.1, 0.1), (1.0, 0.0), None]
    found = evidence_of({"llm": "B B B", "cpu": "- B -"}, {"cpu": scores})
    assert found.doubt[0] == pytest.approx([np.log(9), np.log(1 / 9)])
    assert found.doubt[1] == pytest.approx([-np.log(99), -np.log(99)])
    assert found.doubt[2].tolist() == [0, 0]
    assert not found.differ.any()


def test_what_an_annotator_thinks_of_its_own_value_is_kept_apart():
    found = evidence_of({"cpu": "B B"}, {"cpu": [(0.6, 0.1), (0.9, 0.1)]})
    assert found.own[:, 0] == pytest.approx([np.log(0.4 / 0.6), np.log(0.1 / 0.9)])
    assert not found.doubt.any()
    assert not found.differ.any()
