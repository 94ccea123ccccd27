from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest

from labkit import LabError
from labkit.metrics import alpha, wilson
from labkit.review import compare, comparison
from labkit.tasks import make_task

from ..said import TASK, said, shipped

# Six texts; cpu's reply to the fifth can't be read, the sixth it was never asked.
SCORES = [(0.9, 0.2), (0.4, 0.1), (0.3, 0.6), (0, 0), None, None]
TWO = said({"llm": "B B D - BD B", "cpu": "B - D - ? ."}, {"cpu": SCORES})


def test_examples_in_docstrings_run():
    assert doctest.testmod(comparison).failed == 0


def test_texts_without_two_values_are_left_out_and_counted():
    found = compare(TWO, TASK)
    assert found.headline == "llm and cpu give 1 of 4 texts different labels"
    assert found.coverage.loc["cpu"].to_dict() == {"texts": 6, "used": 4, "not labelled": 1, "unknown label": 1}
    assert found.coverage.loc["llm"].to_dict() == {"texts": 6, "used": 6, "not labelled": 0, "unknown label": 0}
    assert found.texts.index.tolist() == [1, 2, 3, 4]


def test_agreement_counts_whole_values():
    row = compare(TWO, TASK).agreement.iloc[0]
    assert (row["a"], row["b"], row["texts"], row["agreed"], row["share"]) == ("llm", "cpu", 4, 3, 0.75)
    assert (row["low"], row["high"]) == wilson(3, 4)
    # By hand: expected (B 2*1 + D 1*1 + none 1*2) / 16.
    assert row["kappa"] == pytest.approx((0.75 - 5 / 16) / (1 - 5 / 16))


def test_each_label_is_compared_by_itself():
    bug = compare(TWO, TASK).per_label.set_index("label").loc["BUG"]
    assert bug[["both", "only_a", "only_b", "neither", "agreement"]].tolist() == [1, 1, 0, 2, 0.75]
    assert bug["kappa"] == pytest.approx(0.5)


def test_distance_uses_scores_where_there_are_any():
    by_hand = [(0.1 + 0.2) / 2, (0.6 + 0.1) / 2, (0.3 + 0.4) / 2, 0]
    assert compare(TWO, TASK).distance.tolist() == pytest.approx(by_hand)
    assert compare(TWO.assign(scores=None), TASK).distance.tolist() == [0, 0.5, 0, 0]


def test_distance_of_three_is_the_mean_over_pairs_that_both_labelled():
    three = compare(said({"llm": "B B", "llm-bare": "- .", "cpu": "B D"}), TASK)
    assert three.distance.tolist() == pytest.approx([(0.5 + 0 + 0.5) / 3, 1])
    assert three.texts["differ"].tolist() == [True, True]


def test_confidence_is_how_sure_an_annotator_is_of_its_own_value():
    found = compare(TWO, TASK)
    assert found.confidence["cpu"].tolist() == pytest.approx([0.8, 0.6, 0.6, 1])
    assert found.sureness["cpu"].to_dict() == pytest.approx({False: 0.8, True: 0.6})


def test_confusion_names_both_sides():
    table = compare(TWO, TASK).confusion("llm", "cpu")
    assert (table.index.name, table.columns.name) == ("llm", "cpu")
    assert table.index.tolist() == table.columns.tolist() == ["BUG", "none", "DOCUMENTATION"]
    assert table.loc["BUG"].to_dict() == {"none": 1, "BUG": 1, "DOCUMENTATION": 0}
    assert table.to_numpy().sum() == 4


def test_confusion_refuses_a_stranger():
    with pytest.raises(LabError, match="'gpt' has labelled nothing here"):
        compare(TWO, TASK).confusion("llm", "gpt")


def test_everyone_but_the_reference_is_compared_unless_named():
    everyone = said({"reference": "B", "llm": "B", "anna": "-"})
    assert compare(everyone, TASK).annotators == ("llm", "anna")
    assert compare(everyone, TASK, ["reference", "llm", "llm"]).annotators == ("reference", "llm")


def test_shipped_replies_are_compared():
    found = compare(shipped(), TASK)
    row = found.agreement.iloc[0]
    frame = shipped().pivot(index="example", columns="annotator", values="value")
    agreed = sum(frame["llm"].map(tuple) == frame["llm-bare"].map(tuple))
    assert (row["texts"], row["agreed"]) == (750, agreed)
    assert found.texts["differ"].sum() == 750 - agreed
    assert found.confusion("llm", "llm-bare").to_numpy().sum() == 750
    assert np.trace(found.confusion("llm", "llm-bare")) == agreed


def test_one_annotator_is_compared_with_nobody():
    alone = compare(said({"llm": "B D"}), TASK)
    assert alone.headline == "llm labelled 2 texts; there is nobody to compare with"
    assert alone.agreement.empty
    assert alone.distance.empty


def test_annotators_without_a_text_in_common():
    apart = compare(said({"llm": "B .", "cpu": ". D"}), TASK)
    assert apart.agreement[["texts", "agreed", "low", "high"]].iloc[0].tolist() == [0, 0, 0, 1]
    assert apart.agreement[["share", "kappa"]].isna().all(axis=None)
    assert apart.per_label["agreement"].isna().all()
    assert apart.confusion("llm", "cpu").empty


def test_an_annotator_none_of_whose_replies_could_be_read():
    found = compare(said({"llm": "? ?", "cpu": "B D"}), TASK)
    assert found.coverage["used"].to_dict() == {"llm": 0, "cpu": 2}
    assert found.texts.empty


def test_kappa_is_nan_where_all_say_the_same():
    assert np.isnan(compare(said({"llm": "B B", "cpu": "B B"}), TASK).agreement["kappa"].iloc[0])


@pytest.mark.parametrize("frame", [said({}), said({"reference": "B"})])
def test_nothing_to_compare_is_an_error(frame):
    with pytest.raises(LabError, match="Nobody has labelled anything"):
        compare(frame, TASK)


def test_errors_name_what_is_wrong():
    with pytest.raises(LabError, match="'gpt' has labelled nothing here"):
        compare(TWO, TASK, ["llm", "gpt"])
    with pytest.raises(LabError, match="no column 'scores'"):
        compare(TWO.drop(columns="scores"), TASK)
    with pytest.raises(LabError, match="stands twice"):
        compare(pd.concat([TWO, TWO]), TASK)
    with pytest.raises(LabError, match="'BUG' is not in this project"):
        compare(TWO, make_task("choice", ["SPORT"]))
    with pytest.raises(LabError, match="cpu has scores outside 0 to 1"):
        compare(said({"llm": "B", "cpu": "B"}, {"cpu": [(1.2, 0)]}), TASK)


def test_the_order_in_which_a_value_is_spelt_does_not_matter():
    spelt = said({"llm": "BD", "cpu": "BD"})
    spelt["value"] = [["BUG", "DOCUMENTATION"], ["DOCUMENTATION", "BUG"]]
    assert compare(spelt, TASK).agreement["agreed"].iloc[0] == 1


def test_showing_escapes_names():
    frame = said({"llm": "B", "cpu": "D"}).replace({"annotator": {"llm": "<script>"}})
    assert "<script>" not in compare(frame, TASK)._repr_html_()
    assert repr(compare(frame, TASK)).startswith("<script> and cpu give 1 of 1 texts different labels.")


def test_a_hundred_thousand_texts_are_compared_by_code_and_not_one_by_one(monkeypatch):
    values, calls = [["BUG"], [], ["DOCUMENTATION"]], []
    monkeypatch.setattr(type(TASK), "check", lambda task, value: calls.append(value) or list(value))
    frame = pd.DataFrame({"example": np.arange(100_000).repeat(2), "annotator": ["llm", "cpu"] * 100_000})
    frame = frame.assign(kind="llm", outcome="parsed", value=[values[row % 3] for row in range(200_000)], scores=None)
    assert compare(frame, TASK).texts["differ"].all()
    assert len(calls) == 3


def test_alpha_is_of_each_label_and_of_whole_values():
    found = compare(said({"llm": "B B D -", "cpu": "B - D ?", "llm-bare": "B B . -"}), TASK)
    assert found.alpha.index.tolist() == ["BUG", "DOCUMENTATION", "whole value"]
    assert found.alpha["DOCUMENTATION"] == 1
    codes = np.array([[0, 0, 0], [0, 1, 0], [2, 2, -1], [1, -1, 1]])
    assert found.alpha["whole value"] == pytest.approx(alpha(codes))
    assert np.isnan(compare(said({"llm": "B"}), TASK).alpha).all()
