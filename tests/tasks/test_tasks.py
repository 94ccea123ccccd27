"""The kinds of task: values, outcomes, votes, and what a pipeline sets."""

import pytest
import spacy

from labkit.errors import LabError
from labkit.tasks import Outcome, make_task

LABELS = ("BUG", "DOCUMENTATION")
HOSTILE = ["", " ", "<b>BUG</b>", "BUG\x00", "‮BUG", "🐛", 3, True, {"BUG": 1}, b"BUG", [3], [["BUG"]]]


@pytest.fixture(params=["choice", "choices"])
def task(request):
    return make_task(request.param, LABELS)


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_what_is_no_label_is_refused_by_name(task, value):
    with pytest.raises(LabError, match="label"):
        task.check(value)


def test_a_value_is_canonical(task):
    assert task.check("BUG") == ["BUG"]
    assert task.check(["BUG", "BUG"]) == ["BUG"]
    assert task.check(None) == task.check([]) == task.check(()) == []


def test_choices_keep_the_order_of_the_task_and_choice_takes_one():
    assert make_task("choices", LABELS).check({"DOCUMENTATION", "BUG"}) == list(LABELS)
    with pytest.raises(LabError, match="two labels"):
        make_task("choice", LABELS).check(LABELS)


@pytest.mark.parametrize(
    ("reply", "choices", "choice"),
    [
        ("BUG", Outcome.PARSED, Outcome.PARSED),
        (" bug ", Outcome.PARSED, Outcome.PARSED),
        ("BUG, DOCUMENTATION", Outcome.PARSED, Outcome.SEVERAL),
        ("==NONE==", Outcome.NONE, Outcome.NONE),
        ("", Outcome.EMPTY, Outcome.EMPTY),
        (" \n\t", Outcome.EMPTY, Outcome.EMPTY),
        ("A.", Outcome.UNKNOWN, Outcome.UNKNOWN),
        ("The label is BUG", Outcome.UNKNOWN, Outcome.UNKNOWN),
        ("BUG, FEATURE", Outcome.UNKNOWN, Outcome.UNKNOWN),
        ("BUG,", Outcome.UNKNOWN, Outcome.UNKNOWN),
    ],
)
def test_replies_are_sorted_by_outcome(reply, choices, choice):
    assert make_task("choices", LABELS).outcome(reply) is choices
    assert make_task("choice", LABELS).outcome(reply) is choice


def test_a_written_value_reads_back_from_a_doc(task):
    doc = spacy.blank("en").make_doc("It crashes.")
    for value in ([], ["BUG"], ["DOCUMENTATION"]):
        task.write(doc, value)
        assert task.read(doc) == value
        assert task.scores(doc) == {label: float(label in value) for label in LABELS}


def test_a_vote_needs_more_than_half(task):
    assert task.vote([["BUG"], ["BUG"], []]) == ["BUG"]
    assert task.vote([["BUG"], []]) is None
    assert task.vote([]) is None
    assert task.vote([[], [], ["BUG"]]) == []


def test_membership_has_a_row_a_value_and_a_column_a_label(task):
    assert task.membership([["BUG"], []]) == [[1, 0], [0, 0]]
    assert task.membership([]) == []


def test_only_parsed_and_none_have_a_value():
    assert {outcome for outcome in Outcome if outcome.has_value} == {Outcome.PARSED, Outcome.NONE}


@pytest.mark.parametrize("labels", [[], ["A", "a"], [""], ["A", " "], ["A,B"]])
def test_unusable_labels_are_refused(labels):
    with pytest.raises(LabError, match="not usable"):
        make_task("choice", labels)


def test_an_unknown_kind_and_a_stray_definition_are_refused():
    with pytest.raises(LabError, match="'ranking' is not known"):
        make_task("ranking", LABELS)
    with pytest.raises(LabError, match="FEATURE has a definition"):
        make_task("choice", LABELS, {"FEATURE": "a wish"})
