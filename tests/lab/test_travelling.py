"""Labels in from other tools and out to them, through a lab with a real store."""

from __future__ import annotations

import json

import pytest

from labkit import Lab
from tests.lab.conftest import ship

TEXTS = 30


@pytest.fixture
def news(tmp_path, database, monkeypatch):
    """Return a lab of spans that has read a few texts."""
    ship("news", TEXTS, tmp_path)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(tmp_path)
    made = Lab("news", root=tmp_path, person="anna")
    made.ingest("data/news/texts.jsonl")
    yield made
    made.store.close()


def rows_of(path, rows):
    """Write JSON lines and return the path."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def choice(text, accept, **more):
    """Return a row of Prodigy's choices."""
    return {"text": text, "options": [{"id": "BUG", "text": "BUG"}], "accept": accept, "answer": "accept", **more}


def test_prodigy_choices_keep_who_when_and_what(lab, tmp_path):
    a, b, c = lab.texts().text[:3]
    path = rows_of(
        tmp_path / "issues.jsonl",
        [
            choice(a, ["BUG"], _annotator_id="ben", _session_id="issues-ben", _timestamp=1_700_000_000, _task_hash=-7),
            choice(b, [], _annotator_id="ben", _timestamp=1_700_000_001),
            choice(c, ["BUG"], _annotator_id="ben", answer="reject"),
            choice("a text that is not there", ["BUG"]),
            choice(a, ["FEATURE"]),
        ],
    )
    found = lab.import_labels(path)
    assert (found.found, found.annotations, dict(found.new), found.texts) == ("Prodigy, choices", 3, {"ben": 3}, 3)
    assert [(row.line, row.reason) for row in found.bad] == [
        (4, "its text is not in the project"),
        (5, "The label 'FEATURE' is not in this project"),
    ]
    assert found.set_aside.read_text("utf-8").count("\n") == 2
    said = lab.annotations("ben")
    assert said.outcome.tolist() == ["rejected", "parsed", "explicitly none"] or set(said.outcome) == {
        "parsed",
        "explicitly none",
        "rejected",
    }
    again = lab.import_labels(path)
    assert (again.annotations, again.known) == (0, 3)
    out = lab.export_labels(tmp_path / "out.jsonl", format="prodigy")
    assert (out.texts, out.annotations, out.refused) == (3, 3, [])
    first = json.loads((tmp_path / "out.jsonl").read_text("utf-8").splitlines()[0])
    assert first["_task_hash"] == -7
    assert "_input_hash" not in first
    assert (first["_timestamp"], first["_session_id"]) == (1_700_000_000, "issues-ben")
    assert lab.import_labels(tmp_path / "out.jsonl").annotations == 0
