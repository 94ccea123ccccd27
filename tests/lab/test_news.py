"""The project `news`, spans and all, as far as it goes: texts, both prompts, the reference, and who disagrees."""

import psycopg
import pytest

from labkit import Lab, LabError
from tests.lab.conftest import ship

TEXTS = 120


@pytest.fixture
def lab(tmp_path, database, monkeypatch):
    """Return a lab that has read the first texts of `news`."""
    ship("news", TEXTS, tmp_path)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(tmp_path)
    made = Lab("news", root=tmp_path, person="anna")
    made.ingest("data/news/texts.jsonl")
    yield made
    made.store.close()


@pytest.fixture
def labelled(lab):
    lab.annotate("llm")
    lab.annotate("llm-bare")
    return lab


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


def test_what_spans_can_not_do_yet_is_said_in_a_sentence(labelled):
    with pytest.raises(LabError, match=r"does not show spans yet\. .*load_labels\('decisions.jsonl', 'anna'\)"):
        labelled.correct()
    with pytest.raises(LabError, match="scores of spans are not measured yet"):
        labelled.evaluate()
    with pytest.raises(LabError, match=r"configs/news/cpu\.cfg does not exist"):
        labelled.annotate("cpu")
    with pytest.raises(LabError, match="'cpu' has not labelled anything here"):
        labelled.findings("cpu")
