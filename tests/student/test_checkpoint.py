"""A training that was killed goes on from its checkpoint, and ends as if nobody had killed it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
import spacy
from spacy.util import load_config

from labkit.errors import LabError
from labkit.student import score, train
from labkit.student.checkpoint import FILE

from .conftest import CPU

KILLED = """
import json, os, signal, sys
from pathlib import Path
from spacy.util import load_config
from labkit.student import train
from labkit.tasks import make_task
texts = json.loads(Path("texts.json").read_text())
told, batches = map(int, sys.argv[1:])
def kill_if(true):
    if true:
        os.kill(os.getpid(), signal.SIGKILL)
def after_batch(seconds):
    global batches
    batches -= 1
    kill_if(not batches)
train(load_config("short.cfg"), make_task("choices", ["BUG", "DOCUMENTATION"]), texts[:150], texts[150:200],
      out=Path("out"), report=lambda progress: kill_if(progress.done == told), checkpoint_seconds=0,
      must_end=after_batch)
"""


def words(config):
    """Put a small network that looks at words in their order in the place of the bag of words."""
    config["nlp"]["pipeline"] = ["tok2vec", "textcat_multilabel"]
    config["components"]["tok2vec"] = {
        "factory": "tok2vec",
        "model": {
            "@architectures": "spacy.HashEmbedCNN.v2",
            "width": 16,
            "depth": 1,
            "embed_size": 200,
            "window_size": 1,
            "maxout_pieces": 2,
            "subword_features": False,
            "pretrained_vectors": None,
        },
    }
    config["components"]["textcat_multilabel"]["model"] = {
        "@architectures": "spacy.TextCatReduce.v1",
        "exclusive_classes": False,
        "use_reduce_first": False,
        "use_reduce_last": False,
        "use_reduce_max": True,
        "use_reduce_mean": True,
        "tok2vec": {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "*"},
    }


def bag(config):
    """Leave the bag of words."""


@pytest.fixture(params=[bag, words], ids=["a bag of words", "a network with a listener"])
def config(request, short):
    """Return a short training in which chance plays a part: dropout, and a rate that falls."""
    short["training"] |= {"dropout": 0.3, "eval_frequency": 10}
    short["training"]["optimizer"]["learn_rate"] = {
        "@schedules": "warmup_linear.v1",
        "warmup_steps": 5,
        "total_steps": 60,
        "initial_rate": 0.01,
    }
    request.param(short)
    return short


@pytest.fixture
def killed(config, issues, tmp_path):
    """Return a function that runs the training in a process that is killed after an evaluation, or some batches."""
    config.to_disk(tmp_path / "short.cfg")
    (tmp_path / "texts.json").write_text(json.dumps(issues[:200]))

    def kill(told=-1, batches=-1):
        done = subprocess.run([sys.executable, "-c", KILLED, str(told), str(batches)], cwd=tmp_path, check=False)
        assert done.returncode == -signal.SIGKILL

    return kill


def test_it_ends_where_it_would_have_ended(task, issues, config, killed, tmp_path):
    texts, told = [text for text, _ in issues[200:230]], []
    whole = train(config, task, issues[:150], issues[150:200], out=tmp_path / "whole")
    killed(told=20)
    killed(batches=14)  # at 34: the checkpoint is of 30
    killed(told=40)
    resumed = train(
        load_config(tmp_path / "short.cfg"),
        task,
        issues[:150],
        issues[150:200],
        out=tmp_path / "out",
        checkpoint_seconds=0,
    )
    assert (resumed.steps, resumed.digest, resumed.per_label) == (whole.steps, whole.digest, whole.per_label)
    assert resumed.curve == whole.curve
    assert score(resumed.pipeline, task, texts) == score(whole.pipeline, task, texts)
    for model in ("model-best", "model-last"):
        assert spacy.load(tmp_path / "out" / model).to_bytes(exclude=["meta"]) == spacy.load(
            tmp_path / "whole" / model
        ).to_bytes(exclude=["meta"])
    again = train(
        config, task, issues[:150], issues[150:200], out=tmp_path / "out", report=told.append, checkpoint_seconds=0
    )
    assert (again.curve, again.steps, told) == (whole.curve, whole.steps, []), "a training that has ended is not redone"


def test_only_what_is_left_is_trained(task, issues, short, tmp_path):
    seen = []

    def stop(progress):
        seen.append(progress.done)
        if progress.done == 40:
            raise KeyboardInterrupt

    first = train(short, task, issues[:60], issues[60:90], out=tmp_path, report=stop, checkpoint_seconds=0)
    assert first.interrupted
    assert (tmp_path / FILE).exists()
    again = train(short, task, issues[:60], issues[60:90], out=tmp_path, report=stop, checkpoint_seconds=0)
    assert not again.interrupted
    assert seen == [0, 20, 40, 60]
    assert (again.steps, [point["step"] for point in again.curve]) == (61, [0, 20, 40, 60])


@pytest.mark.parametrize("harm", ["another training", "half a file", "no checkpoint"])
def test_what_is_no_checkpoint_of_this_training_is_not_taken_up(task, issues, short, tmp_path, harm):
    train(short, task, issues[:60], issues[60:90], out=tmp_path, report=interrupt, checkpoint_seconds=0)
    kept = tmp_path / FILE
    other = issues[1:61] if harm == "another training" else issues[:60]
    if harm == "half a file":
        kept.write_bytes(kept.read_bytes()[:1000])
    seen = []
    train(
        short,
        task,
        other,
        issues[60:90],
        out=tmp_path,
        report=lambda progress: seen.append(progress.done),
        checkpoint_seconds=None if harm == "no checkpoint" else 0,
    )
    assert seen == [0, 20, 40, 60]


def interrupt(progress):
    """Press the stop button in the middle."""
    if progress.done == 40:
        raise KeyboardInterrupt


def test_a_disk_that_is_full_is_said_in_words(task, issues, short, tmp_path):
    (tmp_path / FILE).with_suffix(".part").mkdir(parents=True)
    with pytest.raises(LabError, match="The checkpoint can't be written"):
        train(short, task, issues[:60], issues[60:90], out=tmp_path, checkpoint_seconds=0)


def test_checkpoints_are_written_no_more_often_than_asked(task, issues, tmp_path):
    train(CPU, task, issues[:60], issues[60:90], out=tmp_path, report=interrupt, checkpoint_seconds=3600)
    assert not (tmp_path / FILE).exists()
