"""What a comparison of a project tells: agreement of all, consensus, reliability, calibration, errors met."""

import numpy as np
import pandas as pd
import pytest

from labkit import LabError, plots
from labkit.metrics import MICRO
from labkit.store import Annotation
from labkit.student import CALIBRATION


@pytest.fixture
def annotated(lab):
    """Return a lab whose texts two prompts have labelled, and a model that is often wrong and says how sure it is."""
    lab.annotate("llm")
    lab.annotate("llm-bare")
    random, task, number = np.random.default_rng(0), lab.project.task, lab._desk.number
    rows = []
    for row in lab.annotations("llm").itertuples():
        scores = {
            label: float(random.beta(2, 4) if label not in row.value else random.beta(4, 2)) for label in task.labels
        }
        rows.append(Annotation(row.example, "parsed", task.decide(scores, []), scores))
    lab.store.annotations.add(lab.store.annotations.annotator(number, "cpu", "model", "digest"), rows)
    return lab


def test_a_comparison_tells_how_far_each_annotator_can_be_relied_on(annotated):
    gap = annotated.compare("llm", "llm-bare", "cpu")
    assert gap.alpha.index.tolist() == ["BUG", "DOCUMENTATION", "whole value"]
    assert gap.alpha.between(0, 1).all()

    with pytest.raises(LabError, match="No person has decided"):
        gap.reliability()
    by_reference = gap.reliability("reference")
    assert by_reference.loc["llm", "right"].gt(0.9).all()
    assert (by_reference.groupby("annotator")[["gives", "withholds"]].sum().sum(axis=1) == 2 * 160).all()

    calibration = gap.calibration("cpu", "llm")
    assert calibration.scores.loc[MICRO, "cases"] == 2 * 160
    assert plots.calibration(calibration).axes
    right = gap.who_was_right("llm", "cpu", by="reference")
    assert len(right) == 160 and right.confidence.notna().all()
    assert plots.who_was_right(right).axes


def test_reliability_is_learned_from_what_people_decided(annotated):
    gap = annotated.compare("llm", "cpu")
    texts = annotated.texts().head(20)
    said = annotated.annotations("llm").set_index("example").value
    rows = [{"id": row.key, "labels": said[row.example]} for row in texts.itertuples()]
    path = annotated.project.root / "people.jsonl"
    pd.DataFrame(rows).to_json(path, orient="records", lines=True)
    annotated.load_labels("people.jsonl", annotator="anna")
    table = gap.reliability()
    assert table.loc["llm", "right"].dropna().eq(1).all()
    assert table.groupby("annotator")[["gives", "withholds"]].sum().sum(axis=1).to_dict() == {"cpu": 40, "llm": 40}


def test_errors_are_met_in_the_order_of_the_queue(annotated):
    gap = annotated.compare("llm", "llm-bare", "cpu")
    table = gap.errors_met("llm")
    assert table.columns.tolist() == ["random", "uncertainty", "cleanlab", "distance", "queue", "perfect"]
    assert table.iloc[-1].nunique() == 1
    assert (np.diff(table["queue"]) >= 0).all()


def test_labels_may_be_settled_by_majority_or_by_dawid_and_skene(annotated):
    names, by = ("llm", "llm-bare", "cpu"), ["consensus"]
    votes = annotated.labels(*names, by=by)
    likeliest = annotated.labels(*names, by=by, method="dawid-skene")
    assert len(votes) <= len(likeliest) == 160
    assert set(likeliest.origin) == {"consensus"}
    with pytest.raises(LabError, match="is no way to find a consensus"):
        annotated.labels(method="best")


def test_scores_of_another_calibration_are_another_annotators(lab, monkeypatch):
    lab.annotate("llm")
    done = []

    def scored(config, task, rows, **options):
        done.append(len(rows))
        table = [(example, [], {"BUG": 0.1, "DOCUMENTATION": 0.1}, 0) for example, _, _ in rows]
        return pd.DataFrame(table, columns=["example", "value", "scores", "fold"])

    monkeypatch.setattr("labkit.lab.annotate.out_of_fold", scored)
    lab.annotate("cpu")
    lab.annotate("cpu")
    assert done == [160]
    monkeypatch.setattr("labkit.lab.annotate.CALIBRATION", CALIBRATION + 1)
    lab.annotate("cpu")
    assert done == [160, 160]
