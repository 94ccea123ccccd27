"""What is written down outlives its process, is taken up once, and is nobody's while its process lives."""

import errno
import os
import signal
import subprocess
import sys
from uuid import uuid4

import pytest

from labkit.errors import LabError
from labkit.store import Journal, orphans
from labkit.store.journal import KEPT

WRITE = """
import os, signal, sys
from pathlib import Path
from uuid import UUID
from labkit.store import Journal
journal = Journal(Path(sys.argv[1]), UUID(sys.argv[2]))
for number in range(3):
    journal.put(str(number), {"number": number, "text": "\\u0130 \\ud800 \\n"})
journal.done("0")
print("written", flush=True)
if sys.argv[3] == "die":
    os.kill(os.getpid(), signal.SIGKILL)
sys.stdin.read()
"""


def begin(folder, then):
    """Write three rows in a process of its own, and return it with the name of its sitting."""
    holder = uuid4()
    command = [sys.executable, "-c", WRITE, str(folder), str(holder), then]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "written\n"
    return process, holder


def numbers(orphan):
    return [row["number"] for row in orphan.rows]


def test_the_journal_of_a_killed_process_is_taken_up_once(tmp_path):
    process, holder = begin(tmp_path, "die")
    process.communicate()
    (orphan,) = orphans(tmp_path)
    assert (numbers(orphan), orphan.holder, orphan.whole) == ([0, 1, 2], holder, True)
    orphan.finish()
    assert list(orphans(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


def test_the_journal_of_a_living_process_is_left_alone(tmp_path):
    process, _ = begin(tmp_path, "live")
    assert list(orphans(tmp_path)) == []
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(list(orphans(tmp_path))) == 1


def test_it_is_empty_once_all_is_committed_and_gone_when_it_is_closed(tmp_path):
    journal = Journal(tmp_path, uuid4())
    journal.put("a", {"number": 1})
    journal.put("b", {"number": 2})
    journal.done("a")
    assert journal.path.read_bytes().count(b"\n") == 2
    journal.done("b")
    assert journal.path.read_bytes() == b""
    journal.close()
    journal.close()
    journal.done("b")
    assert list(tmp_path.iterdir()) == []


def test_what_waits_when_it_is_closed_is_found_by_the_next(tmp_path):
    journal = Journal(tmp_path, uuid4())
    journal.put("a", {"number": 1})
    journal.close()
    (orphan,) = orphans(tmp_path)
    assert numbers(orphan) == [1]


def test_a_last_line_that_was_cut_by_death_was_never_kept(tmp_path):
    (tmp_path / f"{uuid4()}.jsonl").write_text('{"number": 1}\n{"numb')
    (orphan,) = orphans(tmp_path)
    assert (numbers(orphan), orphan.whole) == ([1], True)


def test_a_line_that_nobody_can_read_is_kept_for_people(tmp_path):
    path = tmp_path / f"{uuid4()}.jsonl"
    path.write_text('{"number": 1}\nnonsense\n7\n{"number": 2}\n')
    (orphan,) = orphans(tmp_path)
    assert (numbers(orphan), orphan.whole) == ([1, 2], False)
    orphan.finish()
    assert "nonsense" in path.with_suffix(KEPT).read_text()
    assert list(orphans(tmp_path)) == []


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "is full"), (errno.EIO, "can't be journalled")])
def test_a_disk_that_takes_nothing_is_said_in_words_and_nothing_is_half_written(tmp_path, monkeypatch, number, words):
    journal = Journal(tmp_path, uuid4())
    journal.put("a", {"number": 1})

    def refuse(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("labkit.store.journal.os.fsync", refuse)
    with pytest.raises(LabError, match=words):
        journal.put("b", {"number": 2})
    monkeypatch.undo()
    assert journal.path.read_text() == '{"number": 1}\n'
    journal.put("c", {"number": 3})
    journal.close()
    (orphan,) = orphans(tmp_path)
    assert numbers(orphan) == [1, 3]


def test_a_folder_that_is_a_file_is_said_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="can't be journalled"):
        Journal(tmp_path / "file", uuid4())


def test_a_folder_that_is_not_there_holds_no_journal(tmp_path):
    assert list(orphans(tmp_path / "nowhere")) == []
