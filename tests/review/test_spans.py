from __future__ import annotations

import pandas as pd
import pytest

from labkit import LabError
from labkit.metrics import MACRO, MICRO, WHOLE
from labkit.review import compare, evaluate
from labkit.tasks import make_task

from ..said import TASK, said

SPANS = make_task("spans", ["PERSON", "DATE"])
TEXT = "Ada Lovelace wrote it in the 1840s."
TEXTS = pd.DataFrame({"example": [1, 2, 3], "text": [TEXT, TEXT, "Nobody knows."]})
ADA, LOVELACE, WHEN = (0, 12, "PERSON"), (4, 12, "PERSON"), (29, 34, "DATE")
THE_WHEN = (25, 34, "DATE")


def spans(**answers: list[list[tuple[int, int, str]] | None]) -> pd.DataFrame:
    """Write annotations of spans, None for a reply that could not be read."""
    rows = []
    for name, values in answers.items():
        for example, value in enumerate(values, 1):
            given = None if value is None else [{"start": s, "end": e, "label": label} for s, e, label in value]
            outcome = "unreadable" if value is None else "parsed" if value else "explicitly none"
            rows.append((example, name, "llm", outcome, given, None))
    return pd.DataFrame(rows, columns=["example", "annotator", "kind", "outcome", "value", "scores"])


FRAME = spans(
    reference=[[ADA, WHEN], [ADA, WHEN], []], llm=[[ADA, THE_WHEN], [LOVELACE], None], cpu=[[ADA], [ADA, WHEN], []]
)


def test_spans_are_sorted_by_how_they_differ():
    table = compare(FRAME, SPANS, ["reference", "llm"]).differences("reference", "llm")
    assert table[["example", "sort", "label_a", "label_b"]].fillna("").to_numpy().tolist() == [
        [1, "exact", "PERSON", "PERSON"],
        [1, "boundary", "DATE", "DATE"],
        [2, "boundary", "PERSON", "PERSON"],
        [2, "missing", "DATE", ""],
    ]
    row = table.iloc[1]
    assert TEXT[row.start_a : row.end_a] == "1840s"
    assert TEXT[row.start_b : row.end_b] == "the 1840s"


def test_labels_of_a_text_are_sorted_too():
    table = compare(said({"llm": "B BD", "cpu": "- BD"}), TASK).differences("llm", "cpu")
    assert table["sort"].tolist() == ["missing", "exact", "exact"]
    assert table["start_a"].isna().all()
    assert compare(said({"llm": "B .", "cpu": ". B"}), TASK).differences("llm", "cpu").empty


def test_spans_that_overlap_are_scored_by_nervaluate():
    table = compare(FRAME, SPANS, ["reference", "llm"]).overlap("reference", "llm")
    strict, partial = table.loc[(MICRO, "strict")], table.loc[(MICRO, "partial")]
    assert strict[["correct", "incorrect", "missed", "spurious"]].tolist() == [1, 2, 1, 0]
    assert (strict["precision"], strict["recall"]) == pytest.approx((1 / 3, 1 / 4))
    assert partial[["correct", "partial", "missed"]].tolist() == [1, 2, 1]
    assert partial["recall"] == pytest.approx(2 / 4)
    assert table.loc[("PERSON", "ent_type"), "f"] == 1


def test_tokens_are_compared_one_by_one():
    table = compare(FRAME, SPANS, ["reference", "llm"]).tokens("reference", "llm", TEXTS)
    assert table["tokens"].unique().tolist() == [16]  # of the two texts that both labelled
    assert table.loc["PERSON", "agreement"] == 15 / 16
    assert table.loc["DATE", "agreement"] == 14 / 16
    assert table.loc[WHOLE, "agreement"] == 13 / 16
    # Of PERSON, by hand: 4 and 3 of 16 tokens.
    chance = 4 / 16 * 3 / 16 + 12 / 16 * 13 / 16
    assert table.loc["PERSON", "kappa"] == pytest.approx((15 / 16 - chance) / (1 - chance))


def test_labels_of_whole_texts_have_no_tokens():
    found = compare(said({"llm": "B", "cpu": "D"}), TASK)
    with pytest.raises(LabError, match="of whole texts, not of spans"):
        found.overlap("llm", "cpu")
    with pytest.raises(LabError, match="of whole texts, not of spans"):
        found.tokens("llm", "cpu", TEXTS)


def test_alpha_takes_texts_that_some_did_not_label():
    found = compare(FRAME, SPANS, ["reference", "llm", "cpu"])
    assert found.alpha.index.tolist() == ["PERSON", "DATE", WHOLE]
    assert found.alpha["PERSON"] == pytest.approx(1)
    assert found.alpha["DATE"] < 0.5


def test_spans_are_scored_exactly_with_intervals():
    table = evaluate(FRAME, SPANS)
    llm = table.loc["llm"]
    assert llm.loc["PERSON", ["precision", "recall", "support"]].tolist() == [0.5, 0.5, 2]
    assert llm.loc["DATE", ["precision", "recall", "support"]].tolist() == [0, 0, 2]
    assert llm.loc[MICRO, "precision"] == 0.333
    assert llm.loc[WHOLE, "f"] == 0
    assert table.loc[("cpu", MICRO), "recall"] == 0.75
    assert table.loc[("cpu", MICRO), "recall_low"] <= 0.75 <= table.loc[("cpu", MICRO), "recall_high"]
    assert table.loc[("cpu", MACRO), "f"] == pytest.approx((1 + 2 / 3) / 2, abs=1e-3)
    assert llm["left_out"].unique().tolist() == [1]


def test_a_span_given_twice_as_often_counts_twice():
    frame = spans(reference=[[(0, 1, "DATE"), (2, 3, "DATE"), (4, 5, "DATE")]], llm=[[(0, 1, "DATE"), (2, 3, "DATE")]])
    row = evaluate(frame, SPANS).loc[("llm", "DATE")]
    assert row[["precision", "recall", "support"]].tolist() == [1, 0.667, 3]


def test_nobody_marks_anything():
    nothing = spans(llm=[[], []], cpu=[[], []])
    found = compare(nothing, SPANS)
    assert found.differences("llm", "cpu").empty
    assert found.tokens("llm", "cpu", TEXTS)["kappa"].isna().all()
    assert found.overlap("llm", "cpu").loc[(MICRO, "strict"), "correct"] == 0
