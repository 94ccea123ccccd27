"""Labels in from other tools and out to them, through a lab with a real store."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from labkit import Lab, LabError
from labkit.formats.registry import FORMATS
from labkit.store import Annotation
from tests.lab.conftest import NEWS

NAMED = ("prodigy", "label-studio", "doccano-zip", "jsonl", "csv")
NO_LABELS = ("prodigy-review", "brat", "conll", "conll-bioes", "conll-biluo")


def rows_of(path, rows):
    """Write JSON lines and return the path."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def choice(text, accept, **more):
    """Return a row of Prodigy's choices."""
    return {"text": text, "options": [{"id": "BUG", "text": "BUG"}], "accept": accept, "answer": "accept", **more}


def said(lab, *names):
    """Return what annotators said last: annotator, text, outcome and value."""
    frame = lab.annotations(*names).merge(lab.texts(), on="example")
    rows = zip(frame.annotator, frame.text, frame.outcome, frame.value, strict=True)
    return sorted((who, text, outcome, json.dumps(value)) for who, text, outcome, value in rows)


def test_prodigy_choices_keep_who_when_and_what(lab, tmp_path):
    a, b, c = lab.texts().text[:3]
    rows = [
        choice(a, ["BUG"], _annotator_id="ben", _session_id="issues-ben", _timestamp=1_700_000_000, _task_hash=-7),
        choice(b, [], _annotator_id="ben", _timestamp=1_700_000_001),
        choice(c, ["BUG"], _annotator_id="ben", answer="reject"),
        choice("a text that is <b>not</b> there", ["BUG"]),
        choice(a, ["FEATURE"]),
    ]
    path = rows_of(tmp_path / "issues.jsonl", rows)
    found = lab.import_labels(path)
    assert (found.found, found.annotations, dict(found.new), found.texts) == ("Prodigy, choices", 3, {"ben": 3}, 3)
    assert [(row.line, row.reason) for row in found.bad] == [
        (4, "its text is not in the project"),
        (5, "The label 'FEATURE' is not in this project"),
    ]
    assert found.set_aside.read_text("utf-8").count("\n") == 2
    assert said(lab, "ben") == sorted(
        [
            ("ben", a, "parsed", '["BUG"]'),
            ("ben", b, "explicitly none", "[]"),
            ("ben", c, "rejected", "null"),  # no negative
        ]
    )
    again = lab.import_labels(path)
    assert (again.annotations, again.known) == (0, 3)
    out = lab.export_labels(tmp_path / "out.jsonl", format="prodigy")
    assert (out.texts, out.annotations, out.refused) == (3, 3, [])
    written = {row["text"]: row for row in map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines())}
    assert (written[a]["_task_hash"], written[a]["_timestamp"]) == (-7, 1_700_000_000)
    assert (written[a]["_session_id"], written[a]["_annotator_id"]) == ("issues-ben", "ben")
    assert not {"_input_hash", "_task_hash"} & set(written[b])  # a hash is kept, and never made up
    assert (written[c]["answer"], written[c]["accept"]) == ("reject", ["BUG"])
    assert lab.import_labels(tmp_path / "out.jsonl").annotations == 0


def test_what_it_found_is_said_and_nothing_hostile_is_taken_for_html(lab, tmp_path):
    path = rows_of(tmp_path / "a.jsonl", [choice(lab.texts().text[0], ["<script>alert(1)</script>"])])
    found = lab.import_labels(path)
    assert repr(found).splitlines()[0] == "Prodigy, choices: 0 annotations added, of 1 text read"
    assert "a.jsonl:1  The label '<script>alert(1)</script>' is not in this project" in repr(found)
    assert "<script>" not in found._repr_html_()
    assert "1 row set aside" in found._repr_html_()


def test_labels_go_out_and_come_back(lab, tmp_path):
    texts = lab.texts().text[:4]
    given = [["BUG"], ["BUG", "DOCUMENTATION"], ["DOCUMENTATION"], ["BUG"]]
    rows = [{"text": text, "labels": value, "annotator": "ben"} for text, value in zip(texts, given, strict=True)]
    lab.import_labels(rows_of(tmp_path / "in.jsonl", rows))
    for name, form in FORMATS.items():
        path = tmp_path / f"out-{name}{form.ending}"
        out = lab.export_labels(path, format=name)
        if name in NO_LABELS:
            assert (out.texts, len(out.refused)) == (0, 4)
            continue
        assert (out.texts, out.annotations, out.refused) == (4, 4, [])
        assert ("annotators" in out.lost) == (name not in NAMED)
        other = Lab("issues", name=name, root=tmp_path)
        other.ingest("data/issues/texts.jsonl", near=None)
        found = other.import_labels(path, annotator="ben")
        assert (found.annotations, found.aside) == (4, 0), found
        assert said(other, "ben") == said(lab, "ben")


def test_spans_go_out_and_come_back(news, tmp_path):
    news.import_labels("data/news/reference.jsonl", annotator="ben")
    for name, form in FORMATS.items():
        path = tmp_path / f"out-{name}{form.ending}"
        out = news.export_labels(path, format=name)
        if name in ("doccano-csv", "prodigy-review"):
            assert (out.texts, len(out.refused)) == (0, NEWS)
            continue
        kept = NEWS - len(out.refused)  # Labelbox has no row for a text without spans
        other = Lab("news", name=name, root=tmp_path)
        other.ingest("data/news/texts.jsonl", near=None)
        found = other.import_labels(path, annotator="ben", none=True)
        assert (found.annotations, found.aside, out.annotations) == (kept, 0, kept), found
        assert kept == NEWS or name == "labelbox"
        assert set(said(other, "ben")) <= set(said(news, "ben"))


def test_labels_of_texts_that_are_known_by_their_ids(lab, tmp_path):
    keys = lab.texts().key[:2].tolist()
    rows = [{"name": "kind", "answer": [{"name": "BUG"}], "dataRow": {"globalKey": key}} for key in [*keys, "gone"]]
    found = lab.import_labels(rows_of(tmp_path / "a.ndjson", rows), annotator="ben")
    assert (found.annotations, [row.reason for row in found.bad]) == (2, ["no text of the project has the id 'gone'"])
    out = lab.export_labels(tmp_path / "b.ndjson", format="labelbox")
    assert out.lost["the texts themselves"] == 2
    assert lab.import_labels(tmp_path / "b.ndjson", annotator="ben").known == 2


def test_spans_by_id_are_checked_against_the_projects_text(news, tmp_path):
    key, text = news.texts()[["key", "text"]].iloc[0]
    span = {"name": "DATE", "location": {"start": 0, "end": 4}, "dataRow": {"globalKey": key}}
    path = rows_of(tmp_path / "a.ndjson", [span | {"text": text[:4]}])
    assert news.import_labels(path).annotations == 1
    path = rows_of(tmp_path / "b.ndjson", [span | {"text": "Oops"}])
    assert f"says 'Oops', its text says {text[:4]!r}" in news.import_labels(path).bad[0].reason


def test_spans_follow_their_text_into_its_normal_form(news, tmp_path):
    text = "\r\n\r\nCafe\u0301 Rookery  \r\nopened 😀 in Ma\u0308rz "
    (tmp_path / "new.jsonl").write_text(json.dumps({"text": text}))
    news.ingest("new.jsonl")
    start = text.index("Cafe")
    spans = [
        {"start": start, "end": start + 13, "label": "ORGANISATION", "text": "Cafe\u0301 Rookery"},
        {"start": text.index("Ma"), "end": text.index("Ma") + 5, "label": "DATE"},
    ]
    path = rows_of(tmp_path / "a.jsonl", [{"text": text, "spans": spans, "annotator": "ben"}])
    assert news.import_labels(path).annotations == 1
    row = news.annotations("ben").merge(news.texts(), on="example").iloc[0]
    found = [row.text[span["start"] : span["end"]] for span in row.value]
    assert found == [unicodedata.normalize("NFC", "Cafe\u0301 Rookery"), "März"]
    blank = [{"start": 0, "end": 2, "label": "DATE"}]
    path = rows_of(tmp_path / "b.jsonl", [{"text": text, "spans": blank}])
    assert "nothing but white space" in news.import_labels(path).bad[0].reason


def test_offsets_in_other_units_are_said(news, tmp_path):
    text = "😀 Ada left."
    (tmp_path / "new.jsonl").write_text(json.dumps({"text": text}))
    news.ingest("new.jsonl")
    rows = [
        {"text": text, "spans": [{"start": 3, "end": 6, "text": "Ada", "label": "PERSON"}], "annotator": "utf-16"},
        {"text": text, "spans": [{"start": 5, "end": 8, "text": "Ada", "label": "PERSON"}], "annotator": "bytes"},
        {"text": text, "spans": [{"start": 4, "end": 7, "text": "Ada", "label": "PERSON"}], "annotator": "none"},
    ]
    found = news.import_labels(rows_of(tmp_path / "a.jsonl", rows))
    assert found.units == {"UTF-16 units": 1, "UTF-8 bytes": 1}
    assert "offsets were counted in UTF-16 units in 1 text, UTF-8 bytes in 1 text" in repr(found)
    assert [row.line for row in found.bad] == [3]
    values = {json.dumps(value) for value in news.annotations("utf-16", "bytes").value}
    assert values == {'[{"end": 5, "label": "PERSON", "start": 2}]'}


def test_tokens_without_their_white_space_are_matched_by_their_words(news, tmp_path):
    text = "Ada  Okafor\nleft the bank\u00a0."
    (tmp_path / "new.jsonl").write_text(json.dumps({"text": text}))
    news.ingest("new.jsonl")
    (tmp_path / "a.conll").write_text(
        "Ada\tB-PERSON\nOkafor\tI-PERSON\nleft\tO\nthe\tO\nbank\tO\n.\tO\n\nBen\tB-PERSON\n"
    )
    found = news.import_labels("a.conll", annotator="ben")
    assert found.annotations == 1
    (value,) = news.annotations("ben").value
    assert [text[span["start"] : span["end"]] for span in value] == ["Ada  Okafor"]
    assert found.bad[0].reason == "its words are those of no text of the project"


def test_texts_that_are_not_there_are_added_where_that_is_asked_for(lab, tmp_path):
    before = len(lab.texts())
    rows = [
        choice("A new report <i>", ["BUG"], id="new-1", meta={"page": 3}),
        choice("", []),
        choice("x" * 100_001, []),
    ]
    path = rows_of(tmp_path / "a.jsonl", [*rows, choice("Another report", [], id="new-1")])
    found = lab.import_labels(path)
    assert (found.annotations, found.missing, len(lab.texts())) == (0, 4, before)
    assert "4 rows of texts that are not in the project; add=True adds these" in repr(found)
    found = lab.import_labels(path, add=True)
    assert (found.added, found.annotations, len(lab.texts())) == (1, 1, before + 1)
    assert [row.reason for row in found.bad] == [
        "the text is empty",
        "the text is longer than 100,000 characters",
        "the id 'new-1' is already that of another text",
    ]
    assert "new-1" in lab.texts().key.tolist()
    assert lab.import_labels(path, add=True).added == 0


def test_a_binary_answer_is_no_whole_value_unless_that_is_said(lab, tmp_path):
    text = lab.texts().text[0]
    binary = {"text": text, "label": "BUG", "_view_id": "classification", "_session_id": "ben"}
    path = rows_of(tmp_path / "a.jsonl", [binary | {"answer": "accept"}])
    assert "nothing of other labels: take it for all with partial=True" in lab.import_labels(path).bad[0].reason
    assert lab.import_labels(path, partial=True).annotations == 1
    assert lab.annotations("ben").value.tolist() == [["BUG"]]
    path = rows_of(tmp_path / "b.jsonl", [binary | {"answer": "reject", "_session_id": "cem"}])
    assert lab.import_labels(path).annotations == 1
    assert lab.annotations("cem").outcome.tolist() == ["rejected"]
    lab.export_labels("c.jsonl", format="prodigy", who="cem")
    (row,) = map(json.loads, Path("c.jsonl").read_text().splitlines())
    assert (row["label"], row["answer"], row["_view_id"]) == ("BUG", "reject", "classification")


def test_an_empty_list_that_may_mean_unread(lab, tmp_path):
    path = rows_of(tmp_path / "a.jsonl", [{"text": lab.texts().text[0], "label": [], "Comments": []}])
    assert "nobody read it: take it for none with none=True" in lab.import_labels(path).bad[0].reason
    assert lab.import_labels(path, none=True, annotator="ben").annotations == 1
    assert lab.annotations("ben").outcome.tolist() == ["explicitly none"]
    out = lab.export_labels("b.jsonl", format="doccano")
    assert out.lost["whether nothing applies, or nobody has read the text"] == 1


def test_models_come_in_as_models_and_nobody_is_taken_for_somebody_else(lab, tmp_path):
    lab.annotate("llm")
    text = lab.texts().text[0]
    rows = [
        {"text": text, "labels": ["BUG"], "annotator": "ner-v2", "model": True},
        {"text": text, "labels": ["BUG"], "annotator": "llm"},
    ]
    path = rows_of(tmp_path / "a.jsonl", rows)
    found = lab.import_labels(path)
    assert (found.annotations, [row.line for row in found.bad]) == (1, [2])
    assert "'llm' is somebody else here" in found.bad[0].reason
    assert lab.annotations("ner-v2").kind.tolist() == ["model"]
    assert lab.import_labels(path, names={"llm": "lena"}).new == {"lena": 1}
    assert lab.annotations("lena").kind.tolist() == ["person"]


def test_an_older_word_does_not_replace_a_later_one(lab, tmp_path, database):
    frame = lab.texts()
    example, text = int(frame.example[0]), frame.text[0]
    annotator = lab.store.annotations.annotator(lab._desk.number, "ben", "person", "")
    decided = Annotation(example, "parsed", ["DOCUMENTATION"], source="corrector", decision=str(uuid4()))
    lab.store.annotations.add(annotator, [decided])
    path = rows_of(tmp_path / "a.jsonl", [choice(text, ["BUG"], _annotator_id="ben", _timestamp=1_700_000_000)])
    found = lab.import_labels(path)
    assert (found.annotations, found.bad[0].reason) == (0, "what ben said later of its text stands")
    assert lab.annotations("ben").value.tolist() == [["DOCUMENTATION"]]
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM labkit.annotation a WHERE made_at IS NOT NULL").fetchone() == (
            0,
        )


def test_the_last_of_several_decisions_stands_whatever_their_order_in_the_file(lab, tmp_path):
    text = lab.texts().text[0]
    rows = [
        choice(text, [label], _annotator_id="ben", _timestamp=when)
        for label, when in [("BUG", 9), ("DOCUMENTATION", 5)]
    ]
    assert lab.import_labels(rows_of(tmp_path / "a.jsonl", rows)).annotations == 2
    assert lab.annotations("ben").value.tolist() == [["BUG"]]


def test_notes_seconds_and_sessions_travel(lab, tmp_path):
    row = {"text": lab.texts().text[0], "labels": ["BUG"], "annotator": "ben", "time": "2026-01-02T03:04:05.678+02:00"}
    row |= {"seconds": 2.5, "session": "monday", "note": "sure? <b>", "page": 7}
    lab.import_labels(rows_of(tmp_path / "a.jsonl", [row]))
    out = lab.export_labels("b.jsonl")
    (back,) = map(json.loads, Path("b.jsonl").read_text("utf-8").splitlines())
    assert out.lost == {}
    assert back["time"] == "2026-01-02T01:04:05.678000+00:00"
    assert (back["seconds"], back["session"], back["note"], back["meta"]["page"]) == (2.5, "monday", "sure? <b>", 7)
    out = lab.export_labels("b.spacy")
    assert set(out.lost) >= {"notes", "sessions", "times", "seconds taken", "annotators", "ids"}
    assert "left out, since spaCy's DocBin has no place for it: " in repr(out)


def test_relations_are_said_to_be_left_where_the_project_has_none(news, tmp_path):
    key, text = news.texts()[["key", "text"]].iloc[0]
    entities = [{"id": n, "label": "DATE", "start_offset": 3 * n, "end_offset": 3 * n + 2} for n in (0, 1)]
    row = {
        "id": key,
        "text": text,
        "entities": entities,
        "relations": [{"id": 0, "from_id": 0, "to_id": 1, "type": "x"}],
    }
    found = news.import_labels(rows_of(tmp_path / "a.jsonl", [row]), annotator="ben")
    assert (found.annotations, found.left) == (1, {"relations": 1})
    assert "not kept: relations (1 row)" in repr(found)


def test_what_a_project_does_not_ask_for_is_set_aside(news, tmp_path):
    path = rows_of(tmp_path / "a.jsonl", [choice(news.texts().text[0], ["DATE"])])
    (bad,) = news.import_labels(path).bad
    assert bad.reason == "it says nothing of spans, which this project asks for"


def test_who_is_exported(lab, tmp_path):
    with pytest.raises(LabError, match="Nobody has decided anything"):
        lab.export_labels("a.jsonl")
    lab.annotate("llm")
    assert lab.export_labels("a.jsonl", who="best").texts == len(lab.texts())
    assert lab.export_labels("b.jsonl", who=["llm", "reference"]).annotations > len(lab.texts())
    with pytest.raises(LabError, match="'anne' has not labelled anything here"):
        lab.export_labels("a.jsonl", who="anne")
    text = lab.texts().text[0]
    rows = [{"text": text, "labels": [], "annotator": name} for name in ("ben", "cem")]
    lab.import_labels(rows_of(tmp_path / "in.jsonl", rows))
    out = lab.export_labels("a.spacy")
    assert (out.texts, out.annotations, out.lost["more than one annotation of a text"]) == (1, 1, 1)


def test_labels_of_the_reference_are_its_own(lab, tmp_path):
    text = lab.texts().text[0]
    path = rows_of(tmp_path / "a.jsonl", [{"text": text, "labels": ["BUG", "DOCUMENTATION"]}])
    lab.import_labels(path, annotator="reference")
    assert set(lab.annotations("reference").kind) == {"reference"}
    assert ["BUG", "DOCUMENTATION"] in lab.annotations("reference").value.tolist()


def test_an_import_that_breaks_off_keeps_nothing(lab, tmp_path):
    (tmp_path / "a.spacy").write_bytes(b"broken")
    with pytest.raises(LabError, match="is no DocBin"):
        lab.import_labels("a.spacy")
    assert "imported" not in lab.summary().index
    with pytest.raises(LabError, match="can't be read"):
        lab.import_labels("nothing.jsonl")
