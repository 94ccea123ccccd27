"""A corpus is predicted in containers: every text once, whatever is killed."""

import signal
import subprocess
import sys

import pytest
import spacy

from labkit.cloud import Rent, read_settings
from labkit.cloud.predicting import Containers
from labkit.corpus import read
from labkit.errors import LabError
from labkit.predict import Table, predict
from labkit.student import score

from ..predicted import TASK, begin, corpus, kept, trained
from .killing import killing

TEXTS = [f"report {number}: it crashes" for number in range(160)]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """Train a model for a few steps."""
    return trained(tmp_path_factory.mktemp("model"))


@pytest.fixture
def run(store):
    return begin(store, store.examples.project("issues"))


@pytest.fixture
def start(server, store, run, pipeline, tmp_path):
    """Return a function that predicts texts in two containers."""

    def started(
        texts, model=pipeline, *, retries=3, ordered=False, report=lambda progress: None, read=read, **settings
    ):
        rent = Rent(max_containers=2, timeout=600, retries=retries)
        path = corpus(tmp_path, texts)
        return predict(
            lambda: read(path, unique=False),
            f"{run}",
            TASK,
            Containers(read_settings(), None, model, TASK, rent, **settings),
            Table(store, run),
            set_aside=tmp_path / "aside.jsonl",
            size=20,
            ordered=ordered,
            report=report,
        )

    return started


def test_the_results_are_those_of_this_machine(start, pipeline, server):
    found = start(TEXTS)
    nlp = spacy.load(pipeline)
    said = [each for n in range(0, len(TEXTS), 20) for each in score(nlp, TASK, TEXTS[n : n + 20])]
    assert [(each.value, each.scores) for each in found] == said
    assert (found.texts, found.new, found.shards) == (160, 160, 8)
    assert found.dollars > 0
    assert server.function("score_shard").autoscaler_settings.max_containers == 2


def test_the_model_is_sent_once_and_where_nothing_is_left_nothing_is_rented(start, server):
    def sent():
        return sum(name.startswith("VolumePutFiles") for name in server.rpcs())

    start(TEXTS[:20])
    files, apps = sent(), len(server.apps)
    again = start(TEXTS[:20])
    assert (again.new, again.dollars, len(server.apps)) == (0, 0.0, apps)
    assert start(TEXTS[:40]).new == 20
    assert sent() == files


def test_in_the_order_of_the_corpus(start, store, run, monkeypatch):
    kept_in_order = []
    add = store.predictions.add
    monkeypatch.setattr(
        store.predictions, "add", lambda run, digest, rows: (kept_in_order.append(rows[0].key), add(run, digest, rows))
    )
    start(TEXTS, ordered=True)
    assert kept_in_order == [f"{number}" for number in range(0, 160, 20)]


def test_hostile_and_long_texts_travel(start, pipeline):
    texts = ["<script>\x1b[31m", "\u202eright to left", "\U0001f600" * 500, *[f"{n} {'é' * 99_000}" for n in range(12)]]
    found = start(texts)  # more than the two megabytes that Modal takes as an argument
    assert [each.value for each in found] == [value for value, _ in score(pipeline, TASK, texts)]


@pytest.mark.parametrize("retries", [0, 2])
def test_containers_that_are_killed_lose_nothing_and_double_nothing(start, server, database, retries):
    with killing(server, 2) as killed:  # each loads the model for its first shard, which takes a while
        found = start(TEXTS, retries=retries)
    assert len(killed) == 2
    assert kept(database) == [each.key for each in found] == [f"{number}" for number in range(160)]


def test_an_interrupt_keeps_what_came(start, database):
    def interrupt(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start(TEXTS, report=interrupt)
    assert len(kept(database)) == 20
    assert start(TEXTS).new == 140
    assert kept(database) == [f"{number}" for number in range(160)]


KILLED = """
import sys, time
from pathlib import Path
from labkit.cloud import Rent, read_settings
from labkit.cloud.predicting import Containers
from labkit.corpus import read
from labkit.predict import Table, predict
from labkit.store import open_store
from tests.predicted import TASK

database, run, pipeline, path = sys.argv[1:]

def block(progress):
    if progress.done == 60:
        print("blocked", flush=True)
        time.sleep(600)

place = Containers(read_settings(), None, Path(pipeline), TASK, Rent(max_containers=2, timeout=600))
sink = Table(open_store(database, Path()), int(run))
aside = Path(path).with_name("aside.jsonl")
predict(lambda: read(path, unique=False), run, TASK, place, sink, set_aside=aside, size=20, report=block)
"""


def test_a_client_that_is_killed_goes_on(start, database, run, pipeline, tmp_path):
    path = corpus(tmp_path, TEXTS)
    command = [sys.executable, "-c", KILLED, database, f"{run}", str(pipeline), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "blocked\n"
        process.send_signal(signal.SIGKILL)
    assert len(kept(database)) == 60
    assert start(TEXTS).new == 100
    assert kept(database) == [f"{number}" for number in range(160)]


def test_a_limit_of_dollars_ends_it_and_keeps_what_came(start, database):
    with pytest.raises(LabError, match="limit of 1e-09 dollars is reached"):
        start(TEXTS, max_dollars=1e-9)
    assert len(kept(database)) == 20
    assert start(TEXTS, max_dollars=1000.0).new == 140


def test_what_fails_each_time_is_given_up(start, database):
    with pytest.raises(LabError, match=r"7 shards failed; the last: corpus.jsonl:\d+ and after: .* can't be loaded"):
        start(TEXTS, "models/none")
    assert not kept(database)


def test_a_corpus_that_breaks_off_is_said(start, database):
    def broken(path, **settings):
        for number, row in enumerate(read(path, **settings)):
            if number == 50:
                raise LabError("The disk is gone.", "Mount it again.")
            yield row

    with pytest.raises(LabError, match="The disk is gone"):
        start(TEXTS, read=broken)
    assert len(kept(database)) in (0, 20, 40)
    assert start(TEXTS).texts == 160
