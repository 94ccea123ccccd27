"""What a job tells is read once, and shown with what it costs."""

from __future__ import annotations

import pytest

from labkit.cloud.following import Job, as_progress, read_events
from labkit.cloud.volume import put, read

RENT = {"gpu": ["L4", "A10G"], "cpu": 1.0, "memory": 1024}
FREE = {"CPU core": 0.0, "GiB of memory": 0.0, "L4": 0.01, "A10": 0.02}


@pytest.fixture
def job(cloud):
    """Return a job."""
    return Job("train", cloud.settings.volume, cloud.settings.mount, RENT, ("gpu",), 0.02, FREE)


def test_half_a_line_waits_for_its_end(cloud, job):
    assert read_events(cloud, job, 0) == []
    put(cloud, {f"{job.path}/events.jsonl": b'{"number": 0}\n{"number": 1}\n{"num'})
    assert [event["number"] for event in read_events(cloud, job, 0)] == [0, 1]
    assert [event["number"] for event in read_events(cloud, job, 1)] == [1]
    assert read_events(cloud, job, 2) == []


def test_an_event_is_shown_with_its_gpu_its_time_and_its_dollars(job):
    event = {"seconds": 60.0, "stage": "training", "done": 20, "total": 300, "figures": {"loss": 0.5, "score": 0.7}}
    shown = as_progress(job, event, "NVIDIA L4")
    assert (shown.heading, shown.done, shown.total, shown.elapsed) == ("training on NVIDIA L4", 20, 300, 60.0)
    assert shown.figures == {"loss": 0.5, "score": 0.7, "dollars": pytest.approx(0.6)}
    assert as_progress(job, event, "NVIDIA A10G").figures["dollars"] == pytest.approx(1.2)
    asked = {**event, "figures": {"dollars": 5.0}}
    assert as_progress(job, asked, "NVIDIA L4").figures["dollars"] == pytest.approx(5.6), "an LLM's and the rent"
    assert as_progress(job, {"seconds": 0.0, "attempt": 1}, "NVIDIA L4").heading == "begins on NVIDIA L4"


def test_a_job_is_the_same_after_it_was_in_the_store(job):
    assert Job(**job.as_json()) == job


def test_a_file_that_is_not_there_is_none(cloud):
    assert read(cloud, "jobs/none/result.json") is None
