from __future__ import annotations

import doctest

import pandas as pd
import pytest

from labkit import LabError
from labkit.review import compare, queue, ranking
from labkit.tasks import make_task

from ..said import TASK, said, shipped

SURE = [(0.95, 0.08), (0.45, 0.2), (0.1, 0.93), (0.3, 0.2)]
GAP = compare(said({"llm": "B B B -", "cpu": "B - D -"}, {"cpu": SURE}), TASK)
TEXTS = pd.DataFrame({"example": [1, 2, 3, 4], "key": ["a", "b", "c", "d"], "text": ["one", "two", "three", "four"]})


def test_examples_in_docstrings_run():
    assert doctest.testmod(ranking).failed == 0


def test_different_labels_come_first_then_the_distance():
    found = queue(GAP)
    assert found.frame["example"].tolist() == [3, 2, 4, 1]
    assert found.frame["distance"].tolist() == pytest.approx([0.915, 0.375, 0.25, 0.065])
    assert found.order == "those with different labels first, then by distance"


def test_each_text_says_why_in_one_sentence():
    assert queue(GAP).frame["why"].tolist() == [
        "llm says BUG, cpu says DOCUMENTATION (0.90)",
        "llm says BUG, cpu says none (0.55)",
        "llm and cpu say none (cpu 0.70)",
        "llm and cpu say BUG (cpu 0.92)",
    ]
    three = queue(compare(said({"llm": "B ?", "llm-bare": "BD B", "cpu": "BD -"}), TASK)).frame
    assert three["why"].tolist() == [
        "llm-bare says BUG, cpu says none",
        "llm says BUG, llm-bare and cpu say BUG + DOCUMENTATION",
    ]


def test_values_stand_beside_in_words():
    assert queue(GAP)[0]["llm"] == "BUG"
    assert queue(GAP)[1]["cpu"] == "none"
    assert queue(compare(said({"llm": "? B", "llm-bare": "B D", "cpu": "B B"}), TASK))[1]["llm"] == ""


def test_decided_texts_and_texts_with_one_value_are_left_out():
    assert queue(GAP, decided={3, 4, 99}).frame["example"].tolist() == [2, 1]
    assert queue(compare(said({"llm": "B ? B", "cpu": "D B ."}), TASK)).frame["example"].tolist() == [1]
    assert queue(GAP, decided=pd.Series([1, 2, 3, 4])).frame.empty


def test_one_annotator_is_ranked_by_how_unsure_it_is():
    found = queue(compare(said({"cpu": "B - D ? B"}, {"cpu": [*SURE[:3], None, None]}), TASK))
    assert found.frame["example"].tolist() == [2, 3, 1, 5]
    assert found.order == "those that cpu is least sure of first"
    assert found[0]["why"] == "cpu says none (0.55)"
    assert found.frame["distance"].isna().all()


def test_one_annotator_without_scores_is_ranked_at_random_and_says_so():
    found = queue(compare(said({"llm": "B " * 50}), TASK))
    assert found.order == "at random, for llm is alone and gives no scores"
    order = found.frame["example"].tolist()
    assert sorted(order) == list(range(1, 51)) != order


def test_the_order_is_the_same_however_the_rows_stand():
    frame = shipped()
    found = queue(compare(frame, TASK, ["llm", "llm-bare"]))
    again = queue(compare(frame.sample(frac=1, random_state=1), TASK, ["llm", "llm-bare"]))
    assert found.frame.equals(again.frame)


def test_ties_do_not_move_when_texts_are_added():
    few = queue(compare(said({"llm": "B " * 20, "cpu": "D " * 20}), TASK)).frame["example"]
    more = queue(compare(said({"llm": "B " * 40, "cpu": "D " * 40}), TASK)).frame["example"]
    assert few.tolist() == more[more <= 20].tolist()


def test_shipped_disagreements_all_come_before_the_rest():
    found = compare(shipped(), TASK)
    differ = found.texts["differ"].loc[queue(found).frame["example"]]
    assert len(differ) == 750
    assert 0 < differ.sum() < 750
    assert differ.is_monotonic_decreasing


def test_a_queue_is_cut_and_walked_like_a_list():
    found = queue(GAP, TEXTS)
    assert (len(found), len(found[:3]), len(found.head(2)), len(found[10:])) == (4, 3, 2, 0)
    assert [row["key"] for row in found] == ["c", "b", "d", "a"]
    assert found[-1]["text"] == found[3]["text"] == "one"
    assert found[1:][0] == found[1]
    assert type(found[0]["example"]) is int
    with pytest.raises(IndexError):
        found[4]


def test_texts_that_are_not_given_stay_blank():
    assert queue(GAP, TEXTS[:1])[0]["text"] == ""


def test_showing_cuts_and_escapes_texts():
    hostile = TEXTS.assign(text=["<script>alert(1)</script>", "x" * 500, "a\x00b\nc\x1b[31m", "עברית 🐛"])
    found = queue(GAP, hostile)
    shown = found._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "x" * 79 + "…" in shown
    assert "a b c [31m" in shown
    assert "עברית 🐛" in shown
    assert repr(found).startswith("4 texts to read; those with different labels first, then by distance.")
    assert found.frame["text"].tolist() == [hostile["text"][i] for i in (2, 1, 3, 0)]


def test_showing_says_how_many_there_are():
    many = queue(compare(said({"llm": "B " * 1200, "cpu": "D " * 1200}), TASK))
    assert "1,200 texts to read, the first 10 shown;" in many._repr_html_()
    assert many._repr_html_().count("<tr") == 11
    assert "0 texts to read;" in repr(many[:0])
    assert "0 texts to read;" in many[:0]._repr_html_()


def test_an_annotator_may_not_be_called_like_a_column():
    frame = said({"llm": "B", "cpu": "D"}).replace({"annotator": {"cpu": "text"}})
    with pytest.raises(LabError, match="An annotator is called 'text'"):
        queue(compare(frame, TASK))


def test_ties_stand_in_the_same_order_whatever_numbers_the_store_gave():
    keys = ["a", "b", "c", "d", "e"]

    def order(numbers):
        said = [(n, who, who, "parsed", value) for n in numbers for who, value in (("llm", ["BUG"]), ("cpu", []))]
        frame = pd.DataFrame(said, columns=["example", "annotator", "kind", "outcome", "value"]).assign(scores=None)
        texts = pd.DataFrame({"example": numbers, "key": keys, "text": keys})
        return list(queue(compare(frame, TASK), texts).frame.key)

    assert order([1, 2, 3, 4, 5]) == order([905, 17, 44, 3, 260])


def test_spans_that_another_prompt_marks_otherwise_come_first_then_those_that_a_model_finds_unlikely():
    task = make_task("spans", ["DATE"])
    span, longer = [{"start": 4, "end": 9, "label": "DATE"}], [{"start": 0, "end": 9, "label": "DATE"}]
    rows = [(n, "llm", span, None) for n in (1, 2, 3, 4)]
    rows += [(n, "llm-bare", longer if n == 4 else span, None) for n in (1, 2, 3, 4)]
    rows += [(n, "cpu", longer, {"DATE 4:9": chance, "DATE 0:9": 0.5}) for n, chance in ((1, 0.4), (2, 0.1), (3, 0.3))]
    rows += [(4, "cpu", span, {"DATE 4:9": 0.9})]
    frame = pd.DataFrame(rows, columns=["example", "annotator", "value", "scores"])
    found = queue(compare(frame.assign(kind="llm", outcome="parsed"), task))
    assert found.frame["example"].tolist() == [4, 2, 3, 1]
    assert found.order == "those that others mark otherwise first, then those that models are least sure of"
