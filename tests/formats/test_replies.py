"""Recorded replies: what is written is read again, and rows that are none are set aside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.files import Bad
from labkit.formats.replies import RecordedReply, read_replies, write_replies

ROOT = Path(__file__).parents[2]
ROW = {"prompt_sha256": "0" * 64, "model": "claude", "recorded": "2026-11-20", "reply": "BUG"}


@pytest.mark.parametrize("reply", ["BUG", "", "==NONE==", "a\nb\u2028", "<b>😀\u202e", "1. İstanbul | True"])
def test_what_is_written_is_read_again(tmp_path, reply):
    rows = [RecordedReply("0" * 64, "claude", "2026-11-20", reply), RecordedReply("1" * 64, "claude", "", "BUG")]
    assert write_replies(tmp_path / "replies.jsonl", rows) == 2
    assert list(read_replies(tmp_path / "replies.jsonl")) == rows


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"prompt_sha256": None}, "prompt_sha256"),
        ({"model": 3}, "model"),
        ({"reply": ["BUG"]}, "reply"),
        ({"reply": "B\0G"}, "reply"),
        ({"reply": "\ud800"}, "reply"),
    ],
)
def test_a_row_that_is_no_reply(tmp_path, change, column):
    path = tmp_path / "replies.jsonl"
    path.write_text(json.dumps(ROW) + "\n" + json.dumps({**ROW, **change}) + "\n")
    good, bad = read_replies(path)
    assert good.reply == "BUG"
    assert isinstance(bad, Bad)
    assert (bad.source, bad.line) == ("replies.jsonl", 2)
    assert repr(column) in bad.reason


def test_a_reply_to_a_prompt_by_name_is_none(tmp_path):
    path = tmp_path / "replies.jsonl"
    path.write_text('{"id": "i-1", "prompt": "bare", "model": "claude", "recorded": "2026-11-20", "reply": "BUG"}\n')
    (bad,) = read_replies(path)
    assert "'prompt_sha256'" in bad.reason


@pytest.mark.parametrize("project", ["issues", "docs-issues"])
def test_the_replies_that_ship_can_be_read(project):
    found = list(read_replies(ROOT / "data" / project / "replies.jsonl"))
    assert len(found) in (1312, 1500)
    assert not [row for row in found if isinstance(row, Bad)]


def test_a_folder_that_can_not_be_written(tmp_path):
    (tmp_path / "a").write_text("a file")
    with pytest.raises(LabError, match="can't be written"):
        write_replies(tmp_path / "a" / "replies.jsonl", [])
