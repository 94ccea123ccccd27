"""A training in a container: the same as here, also where the container is lost on the way."""

from __future__ import annotations

import os
import signal

import pytest
from spacy.util import load_config

from labkit.cloud import Rent, jobs
from labkit.cloud.fetching import fetch
from labkit.cloud.following import ask_to_end, follow, started
from labkit.cloud.training import describe_training
from labkit.errors import LabError
from labkit.progress import silent
from labkit.student import score, train
from labkit.tasks import make_task

from ..student.conftest import CPU
from . import halting

pytestmark = pytest.mark.timeout(600)

TASK = make_task("choices", ["BUG", "DOCUMENTATION"])
TEXTS = [
    text
    for number in range(20)
    for text in (
        (f"it crashes when I press key {number}", ["BUG"]),
        (f"there is a typo on page {number}", ["DOCUMENTATION"]),
        (f"how do I do this {number} times", []),
    )
]
SETS = (TEXTS[:45], TEXTS[45:])
STEPS, EVERY = 60, 5


@pytest.fixture
def config():
    """Return a training of many evaluations."""
    config = load_config(CPU, interpolate=False)
    config["training"] |= {"max_steps": STEPS, "eval_frequency": EVERY, "patience": 0, "dropout": 0.2}
    return config


class Watcher:
    """Follows a job, and does something once it has told something."""

    def __init__(self, cloud, job, after, act=lambda: None):
        self.cloud, self.job, self.after, self.act = cloud, job, after, act
        self.events = []
        self.moves = []

    def __call__(self, events):
        before = len(self.events)
        self.events += events
        if before < self.after <= len(self.events):
            self.act()

    def follow(self):
        with started(self.cloud, self.job, detach=False, report=lambda stage: None) as job:
            self.job = job
            return follow(self.cloud, job, 0, self, self.moves.append, detach=False)


def lose(server, job, number):
    """Send a signal to the container that works on a job that halts, and let the job go on."""
    (working,) = [task for task in server.tasks.values() if task.running]
    os.kill(working.proc.pid, number)
    (server.volume("labkit") / job.path / halting.GO).write_text("1")


def whole(events):
    """Say whether events are all there, each once, and no step was told twice."""
    steps = [event["done"] for event in events if "stage" in event]
    return [event["number"] for event in events] == list(range(len(events))) and len(steps) == len(set(steps))


@pytest.mark.parametrize(
    ("number", "retries", "restarts"),
    [(signal.SIGKILL, 3, 0), (signal.SIGKILL, 0, 1), (signal.SIGINT, 3, 0)],
    ids=["killed, and Modal calls again", "killed, and Modal gives up", "pre-empted"],
)
def test_a_training_whose_container_is_lost_ends_as_one_that_was_not(
    server, cloud, config, tmp_path, monkeypatch, number, retries, restarts
):
    monkeypatch.setattr(jobs, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(jobs, "train", halting.train)
    job = describe_training(cloud, config, TASK, SETS, Rent(cpu=1, retries=retries), 600)
    before = 1 + len(range(0, halting.STEP + 1, EVERY))  # that it begins, and its evaluations
    watcher = Watcher(cloud, job, before, lambda: lose(server, job, number))
    result = watcher.follow()
    attempts = [event["attempt"] for event in watcher.events if "attempt" in event]
    assert (result["state"], attempts, len(watcher.moves)) == ("done", [1, 2], restarts)
    assert whole(watcher.events)
    here = train(config, TASK, *SETS, out=tmp_path / "here")
    assert result["trained"]["steps"] == here.steps
    figures = [[row[name] for name in ("step", "loss", "score")] for row in (*result["trained"]["curve"], *here.curve)]
    assert figures[: len(here.curve)] == [pytest.approx(row) for row in figures[len(here.curve) :]]


def test_the_model_comes_home_whole_and_only_once(server, cloud, config, tmp_path, monkeypatch):
    job = describe_training(cloud, config, TASK, SETS, Rent(cpu=1), 600)
    watcher = Watcher(cloud, job, 1)
    result = watcher.follow()
    assert watcher.events[0]["device"] == "CPU"
    here, out = train(config, TASK, *SETS, out=tmp_path / "here"), tmp_path / "home"
    told = []
    fetch(cloud, job, result, out, told.append)
    assert (told[-1].done, told[-1].total) == (told[-1].total, sum(file["size"] for file in result["files"]))
    texts = [text for text, _ in TEXTS]
    assert score(out, TASK, texts) == score(here.pipeline, TASK, texts)

    there = server.volume("labkit") / job.path / result["pipeline"]
    for path in there.rglob("*"):
        if path.is_file() and path.name != "meta.json":
            path.unlink()
    (out / "meta.json").unlink()
    fetch(cloud, job, result, out, silent)
    assert (out / "meta.json").is_file()

    (there / "meta.json").write_text("{}")
    (out / "meta.json").unlink()
    with pytest.raises(LabError, match="checksum"):
        fetch(cloud, job, result, out, silent)
    (there / "meta.json").unlink()
    with pytest.raises(LabError, match="has no .*meta.json any more"):
        fetch(cloud, job, result, out, silent)


def test_a_training_ends_at_its_limit_or_when_it_is_asked_with_the_best_it_has(server, cloud, config, tmp_path):
    config["training"] |= {"max_steps": 100_000, "eval_frequency": 100_000}
    job = describe_training(cloud, config, TASK, SETS, Rent(cpu=1), 2.0)
    result = Watcher(cloud, job, 1).follow()
    assert (result["state"], result["why"]) == ("stopped", "limit")
    assert [point["step"] for point in result["trained"]["curve"]][-1] == result["trained"]["steps"] - 1
    config["training"]["eval_frequency"] = EVERY
    fetch(cloud, job, result, tmp_path / "limit", silent)
    assert score(tmp_path / "limit", TASK, ["it crashes"])

    job = describe_training(cloud, config, TASK, SETS, Rent(cpu=1), 600)
    result = Watcher(cloud, job, 2, lambda: ask_to_end(cloud, job)).follow()
    assert (result["state"], result["why"]) == ("stopped", "asked")


def test_a_container_that_does_not_come_is_not_waited_for_for_ever(server, cloud, config, monkeypatch):
    job = describe_training(cloud, config, TASK, SETS, Rent(cpu=1, gpu=["B200"]), 600)
    monkeypatch.setattr(server, "scale", lambda function: None)
    with (
        started(cloud, job, detach=True, report=lambda stage: None) as waiting,
        pytest.raises(LabError, match="No container came.*more kinds of GPU"),
    ):
        follow(cloud, waiting, 0, lambda events: None, lambda moved: None, detach=True, queue_minutes=0.0)


def test_what_a_configuration_names_of_this_machine_goes_along(server, cloud, config, tmp_path):
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "meta.json").write_text("{}")
    (tmp_path / "words.txt").write_text("words")
    config["paths"] |= {"train": str(tmp_path / "vectors"), "dev": str(tmp_path / "words.txt")}
    job = describe_training(cloud, config, TASK, SETS, Rent(), 600)
    given = (server.volume("labkit") / job.path / jobs.JOB).read_text("utf-8")
    assert str(tmp_path / "vectors") not in given and str(tmp_path / "words.txt") not in given
    sent = {path.name for path in (server.volume("labkit") / "models").rglob("*") if path.is_file()}
    assert {"meta.json", "words.txt"} <= sent
