"""The project `news`: from texts and both prompts to a trained pipeline in a wheel."""

import json
import zipfile

import psycopg
import pytest

from labkit import LabError
from labkit.teacher import Teacher
from tests.lab.conftest import NEWS as TEXTS


def test_every_recorded_reply_is_read_and_no_span_is_lost(labelled):
    summary = labelled.summary("llm", "llm-bare", "reference")
    assert set(summary.columns) == {"texts", "parsed", "explicitly none", "ORGANISATION", "PERSON", "DATE"}
    assert (summary.texts == TEXTS).all()
    for name in ("llm", "llm-bare"):
        findings = labelled.findings(name)
        assert set(findings.finding) <= {"exact", "repeated"}
        assert findings.kept.all()
        texts = labelled.texts().set_index("key").text
        assert all(texts[row.key][row.start : row.end] == row.said for row in findings.itertuples())


def test_annotators_are_compared_by_whole_values(labelled):
    gap = labelled.compare("llm", "llm-bare")
    (pair,) = gap.agreement.to_dict("records")
    assert pair["texts"] == TEXTS
    assert 0.9 < pair["share"] < 1
    assert set(gap.per_label.label) == {"ORGANISATION", "PERSON", "DATE"}
    first = gap.queue()[0]
    assert first["llm"] != first["llm-bare"]
    assert first["why"] == f"llm says {first['llm']}, llm-bare says {first['llm-bare']}"
    assert len(gap.plot().axes) >= 2


def test_the_llm_is_close_to_the_reference(labelled):
    said = labelled.annotations("llm", "reference")
    spans = {
        name: {
            (row.example, *span.values())
            for row in rows.itertuples()
            for span in labelled.project.task.check(row.value)
        }
        for name, rows in said.groupby("annotator")
    }
    right = len(spans["llm"] & spans["reference"])
    assert 2 * right / (len(spans["llm"]) + len(spans["reference"])) > 0.95


def test_running_it_again_adds_no_row(labelled, database):
    def count():
        with psycopg.connect(database) as connection:
            return connection.execute("SELECT count(*) FROM labkit.annotation").fetchone()[0]

    before = count()
    labelled.ingest("data/news/texts.jsonl")
    labelled.annotate("llm")
    labelled.load_labels("data/news/reference.jsonl")
    assert count() == before == 3 * TEXTS


def test_spans_of_a_person_are_loaded_and_bad_ones_are_named(labelled, tmp_path):
    key, text = labelled.texts()[["key", "text"]].iloc[0]
    file = tmp_path / "decisions.jsonl"
    good = f'{{"id": "{key}", "spans": [{{"start": 0, "end": {len(text)}, "label": "DATE"}}]}}\n'
    file.write_text(good)
    assert labelled.load_labels(file, "anna") == 1
    assert labelled.summary("anna").loc["anna", "DATE"] == 1
    file.write_text(good + good.replace("DATE", "PLACE"))
    with pytest.raises(LabError, match=r"decisions\.jsonl:2: The label 'PLACE' is not in this project"):
        labelled.load_labels(file, "anna")


def test_spans_are_scored_against_the_reference(labelled):
    table = labelled.evaluate(split=None)
    assert set(table.index.get_level_values("label")) >= {"ORGANISATION", "PERSON", "DATE"}
    assert (table.f > 0.5).all()
    with pytest.raises(LabError, match="'cpu' has not labelled anything here"):
        labelled.findings("cpu")


def test_a_pipeline_is_trained_and_packaged_from_what_the_llm_said(labelled, tmp_path):
    config = tmp_path / "configs" / "news" / "cpu.cfg"
    config.write_text(config.read_text("utf-8").replace("max_steps = 300", "max_steps = 60"), "utf-8")
    labelled.annotate("cpu", folds=2)
    said = labelled.annotations("cpu")
    assert len(said) == TEXTS
    for value, scores in zip(said.value, said.scores, strict=True):
        assert set(labelled.project.task.labels) <= set(scores)
        assert 0 <= labelled.project.task.confidence(value, scores) <= 1
    gap = labelled.compare("llm", "cpu")
    assert not gap.boundaries().empty
    assert gap.queue()[0]["why"].startswith("llm says")
    run = labelled.train("cpu")
    table = labelled.evaluate(run)
    assert "student" in table.index.get_level_values("annotator")
    with zipfile.ZipFile(labelled.package(run)) as wheel:
        (meta,) = (name for name in wheel.namelist() if name.endswith("-0.1.0/meta.json"))
        assert json.loads(wheel.read(meta))["labels"]["ner"] == ["DATE", "ORGANISATION", "PERSON"]


def test_a_prompt_shows_decided_spans_as_examples(labelled, tmp_path):
    key, text = labelled.texts("train")[["key", "text"]].iloc[0]
    row = {"id": key, "spans": [{"start": 0, "end": 4, "label": "PERSON"}]}
    (tmp_path / "anna.jsonl").write_text(json.dumps(row))
    labelled.load_labels("anna.jsonl", "anna")
    assert labelled.draw_examples("llm").category.tolist() == ["PERSON"]
    config = labelled.project.config(labelled.few_shot("llm"))
    (prompt,) = Teacher(config, labelled.project.task).prompts(["Ada was born"])
    assert f"Text: {text}\nSpans:\n1. {text[:4]} | True | PERSON | is a PERSON\n\nText: Ada was born" in prompt
    assert "PERSON: names of people" in prompt


def test_spans_beyond_their_text_are_refused_by_line(labelled, tmp_path):
    key, text = labelled.texts()[["key", "text"]].iloc[0]
    (tmp_path / "far.jsonl").write_text(f'{{"id": "{key}", "spans": [{{"start": 0, "end": 999, "label": "DATE"}}]}}')
    with pytest.raises(LabError, match=rf"far\.jsonl:1: DATE 0:999 ends beyond its text, at {len(text)}"):
        labelled.load_labels("far.jsonl", "anna")
