"""Prompts are compared on the same texts, by what people decided, and nothing unread or shown is counted."""

import json
from itertools import combinations

import pandas as pd
import pytest
from scipy.stats import binomtest

from labkit.errors import LabError
from labkit.prompts import compare_prompts
from tests.said import ROOT, TASK, said, shipped


def texts(count: int, split: str = "train") -> pd.DataFrame:
    """Return texts of the examples 1, 2, ..."""
    numbers = range(1, count + 1)
    rows = {"example": numbers, "key": [f"k{i:03}" for i in numbers], "text": [f"text {i}" for i in numbers]}
    return pd.DataFrame(rows).assign(split=split)


def compared(answers: dict[str, str], names=("llm", "llm-bare"), **more):
    """Compare prompts on answers as `said` writes them."""
    frame = said(answers)
    return compare_prompts(frame, texts(int(frame.example.max())), TASK, names, **more)


def test_a_prompt_is_as_right_as_people_say():
    result = compared({"llm": "B B D -", "llm-bare": "B D - -", "anna": "B B D B"})
    assert result.texts == 4
    assert result.summary["right"].to_dict() == {"llm": 0.75, "llm-bare": 0.25}
    assert result.tests.iloc[0].drop("p").tolist() == ["llm", "llm-bare", 1, 2, 0, 1]
    assert result.tests.p[0] == binomtest(2, 2).pvalue
    assert list(result.differences.key) == ["k002", "k003"]
    assert result.differences.iloc[1].tolist() == ["k003", "text 3", "DOCUMENTATION", "none", "DOCUMENTATION"]


def test_what_can_not_be_read_is_left_out_for_all_and_counted():
    result = compared({"llm": "B ? D B", "llm-bare": "B D . B", "anna": "B B D ?"})
    assert result.texts == 1
    assert result.summary["left_out"].to_dict() == {"llm": 1, "llm-bare": 1}
    assert result.summary["right"].tolist() == [1, 1]


def test_the_person_who_decided_last_counts():
    result = compared({"llm": "B", "llm-bare": "D", "anna": "B", "ben": "D"})
    assert result.summary["right"].to_dict() == {"llm": 0, "llm-bare": 1}


def test_the_reference_and_models_decide_nothing():
    with pytest.raises(LabError, match=r"No person.*lab\.correct\(\)"):
        compared({"llm": "B", "llm-bare": "D", "cpu": "B", "reference": "B"})


def test_texts_that_a_prompt_shows_are_left_out_for_every_prompt():
    result = compared({"llm": "B B", "llm-bare": "B D", "anna": "B B"}, shown={"text 2"})
    assert (result.texts, result.shown) == (1, 1)
    assert "without 1 that prompts show" in result.headline


def test_only_the_texts_that_are_given_are_compared_on():
    frame = said({"llm": "B B", "llm-bare": "D D", "anna": "B D"})
    assert compare_prompts(frame, texts(1), TASK, ["llm"]).texts == 1
    with pytest.raises(LabError, match="No person has decided on any of these texts"):
        compare_prompts(frame, texts(2).head(0), TASK, ["llm"])


def test_a_thousand_texts_cost_a_thousand_times_one_and_unknown_stays_unknown():
    costs = pd.DataFrame({"tokens_in": [100.0], "tokens_out": [2.0], "dollars": [0.00125]}, index=["llm"])
    summary = compared({"llm": "B", "llm-bare": "D", "anna": "B"}, costs=costs).summary
    assert summary.loc["llm", ["tokens_in", "tokens_out", "dollars"]].tolist() == [100, 2, 1.25]
    assert summary.loc["llm-bare", ["tokens_in", "tokens_out", "dollars"]].isna().all()


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ([], "No prompt is named"),
        (["llm", "nobody"], "'nobody' has not labelled anything"),
        (["person"], "called 'person'"),
        (["llm", "cpu"], "readable label of every prompt"),
    ],
)
def test_what_can_not_be_compared_is_said_with_the_remedy(names, problem):
    with pytest.raises(LabError, match=problem):
        compared({"llm": "B", "cpu": ". B", "anna": "B"}, names)


def test_three_prompts_are_tested_in_pairs():
    result = compared({"llm": "B B", "llm-bare": "B D", "cpu": "D D", "anna": "B B"}, ["llm", "llm-bare", "cpu"])
    assert list(zip(result.tests.a, result.tests.b, strict=True)) == list(combinations(["llm", "llm-bare", "cpu"], 2))


def test_a_hostile_text_is_shown_as_text_on_one_line_and_says_what_it_is_no_sample_of():
    frame = said({"llm": "B", "llm-bare": "D", "anna": "B"})
    hostile = texts(1).assign(text="<script>alert(1)</script>\n\x1b[31m" + "x" * 200)
    result = compare_prompts(frame, hostile, TASK, ["llm", "llm-bare"])
    (shown,) = result.differences.text
    assert len(shown) == 80 and shown.isprintable()
    assert "<script>" not in result._repr_html_() and "&lt;script&gt;" in result._repr_html_()
    for shown in (repr(result), result._repr_html_()):
        assert "nobody drew them at random" in shown


def test_the_shipped_prompts_differ_where_the_definitions_matter():
    annotations = shipped()
    known = pd.DataFrame(map(json.loads, (ROOT / "data/issues/texts.jsonl").open(encoding="utf-8")))
    known = known.rename(columns={"id": "key"}).assign(example=range(1, len(known) + 1))
    annotations.loc[annotations.kind == "reference", "kind"] = "person"
    result = compare_prompts(annotations, known, TASK, ["llm", "llm-bare"])
    right = result.scores.xs("DOCUMENTATION", level="label")["f"]
    assert result.texts == 750
    assert right["llm"] > right["llm-bare"]
    assert result.tests.p[0] < 0.05
    again = compare_prompts(annotations.sample(frac=1, random_state=0), known, TASK, ["llm", "llm-bare"])
    pd.testing.assert_frame_equal(again.summary, result.summary)
