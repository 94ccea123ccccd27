"""What of a card goes to the browser."""

import json
import math

import pytest

from labkit.tasks import make_task
from labkit.widgets.cards import contested, prepare, preselected

TASK = make_task("choices", ["BUG", "DOCUMENTATION"])


def says(annotator, value, confidence=None):
    return {"annotator": annotator, "value": value, "confidence": confidence}


def card(text="text", suggestions=()):
    return {"example": 7, "key": "i-7", "text": text, "why": "", "suggestions": list(suggestions)}


def test_a_card_is_plain_json_with_its_place():
    sent = prepare(card(suggestions=[says("llm", ["BUG"], 0.5)]), TASK)
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    assert (sent["example"], sent["selected"], sent["contested"]) == (7, ["BUG"], [])


@pytest.mark.parametrize("confidence", [math.nan, math.inf, None])
def test_a_confidence_that_json_lacks_is_none(confidence):
    assert prepare(card(suggestions=[says("cpu", [], confidence)]), TASK)["suggestions"][0]["confidence"] is None


def test_half_a_surrogate_pair_does_not_stop_the_message():
    text = prepare(card("a\ud800b\x00🦊"), TASK)["text"]
    assert text.encode() == "a?b\x00🦊".encode()


@pytest.mark.parametrize(
    ("suggestions", "expected"),
    [
        ([], []),
        ([says("llm", None), says("cpu", ["BUG"])], ["BUG"]),
        ([says("llm", []), says("cpu", ["BUG"])], []),
        ([says("llm", ["DOCUMENTATION", "BUG"])], ["BUG", "DOCUMENTATION"]),
        ([says("llm", ["FEATURE"]), says("cpu", ["BUG"])], []),
    ],
)
def test_the_first_value_is_preselected_if_the_task_knows_it(suggestions, expected):
    assert preselected(TASK, suggestions, "text") == expected


def test_two_labels_are_not_preselected_where_one_is_asked_for():
    assert preselected(make_task("choice", ["BUG", "DOCUMENTATION"]), [says("llm", ["BUG", "DOCUMENTATION"])], "") == []


def test_only_labels_that_some_give_and_others_do_not_are_contested():
    both = [says("llm", ["BUG"]), says("bare", None), says("cpu", ["DOCUMENTATION", "BUG"])]
    assert contested(TASK, both) == ["DOCUMENTATION"]
    assert contested(TASK, both[:2]) == []
    assert contested(TASK, [says("llm", []), says("cpu", ["BUG"])]) == ["BUG"]
