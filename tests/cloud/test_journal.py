"""What a job tells: each thing once, over all its attempts, and that it ends when it has to."""

from __future__ import annotations

import json
import math

import pytest

from labkit.cloud.journal import STOP, Journal
from labkit.progress import Progress


class Folder:
    """The volume as a folder of this machine; what was committed is what others see."""

    def __init__(self, path):
        self.path, self.commits = path, 0

    def commit(self):
        self.commits += 1

    def read_file(self, path):
        content = self.path / path
        if not content.exists():
            raise FileNotFoundError(path)
        yield content.read_bytes()


@pytest.fixture
def volume(tmp_path):
    """Return a volume with the folder of a job."""
    (tmp_path / "jobs" / "1").mkdir(parents=True)
    return Folder(tmp_path)


def journal(volume, limit=math.inf):
    """Return the journal of a new attempt at the job."""
    return Journal(volume.path / "jobs" / "1", volume, "jobs/1", limit)


def events(volume):
    """Return what was told."""
    return [json.loads(line) for line in (volume.path / "jobs/1/events.jsonl").read_text().splitlines()]


def train(journal, steps):
    """Tell of steps."""
    for step in steps:
        journal(Progress("training", step, 100, {"loss": 1 / (step + 1)}))


def test_an_attempt_that_was_lost_is_gone_on_with_and_nothing_is_told_twice(volume):
    first = journal(volume)
    first.begin(device="CPU")
    train(first, [0, 10, 20])
    second = journal(volume)
    second.begin(device="CPU")
    train(second, [10, 20, 30])
    told = events(volume)
    assert [event["number"] for event in told] == list(range(6))
    assert [event["done"] for event in told if "stage" in event] == [0, 10, 20, 30]
    assert [event["attempt"] for event in told if "attempt" in event] == [1, 2]
    assert [event["seconds"] for event in told] == sorted(event["seconds"] for event in told)


def test_half_a_line_of_a_container_that_was_killed_is_cut_off(volume):
    first = journal(volume)
    first.begin(device="CPU")
    with (volume.path / "jobs/1/events.jsonl").open("a") as file:
        file.write('{"number": 1, "stage": "trai')
    train(journal(volume), [5])
    assert [event["number"] for event in events(volume)] == [0, 1]


def test_time_of_lost_attempts_counts_towards_the_limit(volume):
    (volume.path / "jobs/1/events.jsonl").write_text('{"number": 0, "seconds": 90.0, "attempt": 1}\n')
    with pytest.raises(KeyboardInterrupt):
        train(late := journal(volume, limit=90), [1])
    assert late.why == "limit"
    train(journal(volume, limit=3600), [2])


def test_between_two_reports_it_ends_in_time_for_what_is_left_to_do(volume, monkeypatch):
    waiting = journal(volume, limit=100)
    assert not waiting.must_end(50)
    assert waiting.must_end(101)
    assert waiting.why == "limit"
    asked = journal(volume)
    monkeypatch.setattr("labkit.cloud.journal.ASK_SECONDS", 0.0)
    assert not asked.must_end(0)
    (volume.path / "jobs/1" / STOP).write_text("1")
    assert asked.must_end(0)
    assert asked.why == "asked"


def test_it_ends_when_somebody_asks(volume):
    (volume.path / "jobs/1" / STOP).write_text("1")
    with pytest.raises(KeyboardInterrupt):
        train(asked := journal(volume), [1])
    assert asked.why == "asked"
    assert events(volume)[-1]["done"] == 1


def test_what_is_no_number_is_not_told(volume):
    journal(volume)(Progress("training", 1, 2, {"loss": math.nan, "score": 0.5}))
    assert events(volume)[0]["figures"] == {"score": 0.5}
