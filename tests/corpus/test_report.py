"""What a cell shows after texts were read, and the file of the rows set aside."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from labkit.corpus import Ingested, near_duplicates, set_aside
from labkit.files import Bad

BAD = [Bad("texts.jsonl", 7, "the text is empty", '{"text": ""}'), Bad("<b>.csv", 0, "it holds no rows", "")]


@pytest.fixture
def clean() -> Ingested:
    """Return the summary of a reading in which nothing was wrong."""
    nothing = near_duplicates(pd.DataFrame({"key": [], "text": []}))
    return Ingested(1750, {"train": 1050, "dev": 350, "test": 350}, 0, [], None, nothing, 0)


def test_bad_rows_are_written_with_their_place(tmp_path):
    path = set_aside(BAD, tmp_path / "new" / "bad.jsonl")
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == [
        {"file": "texts.jsonl", "line": 7, "reason": "the text is empty", "raw": '{"text": ""}'},
        {"file": "<b>.csv", "line": 0, "reason": "it holds no rows", "raw": ""},
    ]


def test_a_reading_without_bad_rows_removes_the_file_of_an_earlier_one(tmp_path):
    path = set_aside(BAD, tmp_path / "bad.jsonl")
    assert set_aside([], path) is None
    assert not path.exists()
    assert list(tmp_path.iterdir()) == []


def test_the_summary_says_what_the_project_holds(clean):
    assert repr(clean) == "1,750 texts in the project: 1,050 train, 350 dev, 350 test"
    assert clean._repr_html_().startswith("<p><b>1,750 texts in the project")


def test_the_summary_says_what_was_not_used(clean, tmp_path):
    near = pd.DataFrame({"key_a": ["<i>"], "key_b": ["b"], "similarity": [0.87654]})
    report = replace(clean, repeated=1, bad=BAD, set_aside=tmp_path / "bad.jsonl", near_duplicates=near, labelled=2000)
    assert repr(report).splitlines()[1:] == [
        "2,000 rows came with labels",
        "1 row dropped for repeating an earlier text",
        "1 pair of near duplicates, kept",
        "2 rows set aside, in the file that .set_aside names",
        "  texts.jsonl:7  the text is empty",
        "  <b>.csv  it holds no rows",
    ]
    shown = report._repr_html_()
    assert "&lt;b&gt;.csv" in shown
    assert "<b>.csv" not in shown
    assert "&lt;i&gt;" in shown
    assert "0.88" in shown
    assert str(tmp_path) not in repr(report) + shown, "the same on every machine"


def test_only_the_first_few_bad_rows_are_shown(clean):
    report = replace(clean, bad=[Bad("a.csv", line, "why", "") for line in range(1, 1001)])
    assert repr(report).count("why") == 5
    assert "1,000 rows set aside" in repr(report)
    assert report._repr_html_().count("why</td>") == 5
