"""Label files: what is read, and which rows are no labels."""

from __future__ import annotations

import json

import pytest

from labkit.errors import LabError
from labkit.files import Bad
from labkit.formats.labels import LabelledKey, read_labels


def one(path, row: object):
    """Write a file of one row and read it."""
    path.write_text(json.dumps(row), "utf-8")
    (found,) = read_labels(path)
    return found


@pytest.mark.parametrize(
    ("row", "key", "labels", "seconds"),
    [
        ({"id": "i-1", "labels": ["BUG"], "tricky": True}, "i-1", ["BUG"], None),
        ({"id": 7, "labels": []}, "7", [], None),
        ({"id": "é😀", "labels": "BUG", "seconds": 3}, "é😀", "BUG", 3),
        ({"id": "i-1", "labels": None, "seconds": 2.5}, "i-1", None, 2.5),
        ({"id": "n-1", "spans": [{"start": 0}]}, "n-1", [{"start": 0}], None),
        ({"id": "i-1", "labels": [], "seconds": -1}, "i-1", [], None),
        ({"id": "i-1", "labels": [], "seconds": "long"}, "i-1", [], None),
    ],
)
def test_a_row_of_labels(tmp_path, row, key, labels, seconds):
    assert one(tmp_path / "people.jsonl", row) == LabelledKey(key, labels, "people.jsonl:1", seconds)


@pytest.mark.parametrize("row", [{"id": "i-1"}, {"labels": []}, {"id": None, "labels": []}, {"id": True, "labels": []}])
def test_a_row_without_labels_or_id(tmp_path, row):
    bad = one(tmp_path / "people.jsonl", row)
    assert isinstance(bad, Bad)
    assert bad.reason == "it lacks labels, or an id that is a string or a number"
    assert json.loads(bad.raw) == row


def test_a_row_with_labels_and_spans(tmp_path):
    assert one(tmp_path / "a.jsonl", {"id": "n-1", "labels": [], "spans": []}).reason == "it has both labels and spans"


def test_a_broken_line_costs_itself_alone(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id": "a", "labels": []}\n{"id"\n{"id": "b", "labels": []}\n')
    assert [row.line if isinstance(row, Bad) else row.key for row in read_labels(tmp_path / "a.jsonl")] == ["a", 2, "b"]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(LabError, match="can't be read"):
        next(read_labels(tmp_path / "a.jsonl"))
