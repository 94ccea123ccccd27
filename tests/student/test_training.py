import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import spacy
from confection import Config
from spacy.tokens import DocBin
from spacy.util import load_config

from labkit.errors import LabError
from labkit.student import fingerprint, score, train
from labkit.tasks import make_task

from .conftest import CPU, ROOT


def f_score(task, label, said, truth):
    """Return F as its definition has it, apart from spaCy."""
    pairs = [(label in a, label in b) for a, b in zip(said, truth, strict=True)]
    right = pairs.count((True, True))
    return 2 * right / (2 * right + pairs.count((True, False)) + pairs.count((False, True)))


def test_the_configuration_that_ships_learns(task, issues, tmp_path):
    dev = issues[500:]
    trained = train(CPU, task, issues[:500], dev, out=tmp_path)
    said = [value for value, _ in score(trained.pipeline, task, [text for text, _ in dev])]
    f = [f_score(task, label, said, [value for _, value in dev]) for label in task.labels]
    assert [trained.per_label[label]["f"] for label in task.labels] == pytest.approx(f)
    assert trained.score == pytest.approx(sum(f) / 2) == max(point["score"] for point in trained.curve)
    assert trained.score > 0.7
    assert trained.curve[-1]["loss"] < 0.2 * trained.curve[0]["loss"]
    assert (trained.steps, trained.interrupted) == (301, False)
    assert trained.words_per_second > 0


def test_the_same_inputs_give_the_same_model_in_any_process_and_order(task, issues, short, tmp_path):
    texts = [text for text, _ in issues[200:230]]
    here = train(short, task, issues[:200], issues[200:], out=tmp_path / "here")
    short.to_disk(tmp_path / "short.cfg")
    there = f"""
import json
from pathlib import Path
from labkit.student import score, train
from labkit.tasks import make_task
issues = json.loads(Path("issues.json").read_text())
task = make_task("choices", {list(task.labels)})
trained = train(Path("short.cfg"), task, issues[199::-1], issues[:199:-1], out=Path("there"))
print(json.dumps([trained.digest, trained.curve, score(trained.pipeline, task, {texts!r})]))
"""
    (tmp_path / "issues.json").write_text(json.dumps(issues))
    done = subprocess.run(
        [sys.executable, "-c", there],
        cwd=tmp_path,
        env=os.environ | {"PYTHONHASHSEED": "7", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    scores = [list(pair) for pair in score(here.pipeline, task, texts)]
    assert json.loads(done.stdout) == [here.digest, here.curve, scores]


def test_two_trainings_at_once_do_not_disturb_each_other(task, issues, short, tmp_path):
    def run(name):
        return train(short, task, issues[:150], issues[150:200], out=tmp_path / name).curve

    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(run, "ab")] == [run("alone")] * 2


def test_what_the_model_follows_from_is_in_the_digest(task, issues, short):
    other_steps = load_config(CPU)
    same = fingerprint(short, task, issues[:20], issues[20:30])
    assert same == fingerprint(short, task, issues[19::-1], issues[20:30])
    assert same != fingerprint(other_steps, task, issues[:20], issues[20:30])
    assert same != fingerprint(short, task, issues[:21], issues[20:30])
    assert same != fingerprint(short, task, issues[:20], issues[20:30], folds=5)
    assert same != fingerprint(short, make_task("choices", ["DOCUMENTATION", "BUG"]), issues[:20], issues[20:30])
    assert fingerprint(short, task, [("a", None)]) != fingerprint(short, task, [("a", [])])


def test_the_seed_belongs_to_the_digest(task, issues, short, tmp_path):
    plain = train(short, task, issues[:40], [], out=tmp_path / "plain")
    seeded = train(short, task, issues[:40], [], out=tmp_path / "seeded", seed=5)
    again = train(short, task, issues[:40], [], out=tmp_path / "seeded", seed=5)
    assert plain.digest == fingerprint(short, task, issues[:40], [])
    assert seeded.digest == again.digest != plain.digest
    assert seeded.curve == again.curve != plain.curve


def test_without_development_texts_the_last_model_is_kept(task, issues, short, tmp_path):
    short["training"]["patience"] = 1
    trained = train(short, task, issues[:60], [], out=tmp_path)
    assert trained.pipeline == tmp_path / "model-last"
    assert (trained.steps, trained.score, trained.per_label) == (61, None, {})
    assert {point["score"] for point in trained.curve} == {None}


def test_training_stops_where_the_score_stops_rising(task, issues, tmp_path):
    config = load_config(CPU)
    config["training"] |= {"patience": 40, "max_steps": 5000}
    trained = train(config, task, issues[:200], issues[200:300], out=tmp_path)
    best = max(point["score"] for point in trained.curve)
    first = next(point["step"] for point in trained.curve if point["score"] == best)
    assert trained.steps - 1 == first + 40


def test_the_saved_model_has_the_configuration_of_its_author(task, issues, short, tmp_path):
    before = short.to_str()
    trained = train(short, task, issues[:40], issues[40:60], out=tmp_path, seed=3)
    saved = load_config(trained.pipeline / "config.cfg", interpolate=False)
    assert short.to_str() == before
    assert saved["training"]["seed"] == 3
    assert saved["training"]["logger"] == {"@loggers": "spacy.ConsoleLogger.v1"}
    assert {block["@readers"] for block in saved["corpora"].values()} == {"spacy.Corpus.v1"}
    assert "labkit" not in saved.to_str()
    assert spacy.load(trained.pipeline).pipe_labels == {"textcat_multilabel": list(task.labels)}


def test_plain_spacy_trains_the_same_model_from_the_file_that_ships(task, issues, tmp_path):
    texts, nlp = sorted(issues[:100], key=json.dumps), spacy.blank("en")
    for part, rows in (("train", texts[:60]), ("dev", texts[60:])):
        docs = DocBin(store_user_data=True)
        for text, value in rows:
            doc = nlp.make_doc(text)
            task.write(doc, value)
            docs.add(doc)
        docs.to_disk(tmp_path / f"{part}.spacy")
    parts = ["--paths.train", "train.spacy", "--paths.dev", "dev.spacy", "--training.max_steps", "60"]
    command = [sys.executable, "-m", "spacy", "train", str(CPU), "--output", "plain", *parts]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    config = load_config(CPU)
    config["training"]["max_steps"] = 60
    ours = train(config, task, texts[:60], texts[60:], out=tmp_path / "ours")
    unseen = [text for text, _ in issues[100:120]]
    assert score(ours.pipeline, task, unseen) == score(tmp_path / "plain" / "model-best", task, unseen)


def exclusive(config: Config) -> Config:
    """Return a configuration for one label a text."""
    text = config.to_str().replace("textcat_multilabel", "textcat")
    return Config().from_str(text.replace("exclusive_classes = false", "exclusive_classes = true"))


def test_one_label_a_text(issues, short, tmp_path):
    task = make_task("choice", ["BUG", "DOCUMENTATION"])
    texts = [(text, value) for text, value in issues if len(value) == 1]
    trained = train(exclusive(short), task, texts[:200], texts[200:300], out=tmp_path)
    assert trained.score > 0.6
    value, scores = score(trained.pipeline, task, ["crash with a traceback in the parser"])[0]
    assert value == ["BUG"]
    assert sum(scores.values()) == pytest.approx(1)


def test_a_label_that_no_text_has_never_applies(issues, short, tmp_path):
    task = make_task("choices", ["BUG", "DOCUMENTATION", "SPAM"])
    trained = train(short, task, issues[:150], issues[150:200], out=tmp_path)
    assert trained.per_label["SPAM"] == {"p": 0.0, "r": 0.0, "f": 0.0}
    assert not any("SPAM" in value for value, _ in score(trained.pipeline, task, [text for text, _ in issues]))


def test_hostile_texts_are_texts(task, short, tmp_path):
    texts = [
        "<script>alert(1)</script>",
        "\u202eabc \u05d0\u05d1",
        "\U0001f4a5" * 40,
        "a\x07\x1b[31m",
        " ",
        "x" * 50_000,
    ]
    values = [["BUG"], []] * 3
    trained = train(short, task, list(zip(texts, values, strict=True)), [], out=tmp_path)
    assert len(score(trained.pipeline, task, texts)) == 6


def test_texts_without_a_value_are_left_out(task, issues, short, tmp_path):
    some = train(short, task, issues[:40], [], out=tmp_path / "some")
    more = train(short, task, [*issues[:40], ("not labelled", None)], [], out=tmp_path / "more")
    assert more.digest == some.digest
    assert more.curve == some.curve


A, B = ("it crashes", ["BUG"]), ("a typo", ["DOCUMENTATION"])


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "no text to train on"),
        ([("it crashes", None)], "no text to train on"),
        ([A], "have the value 'BUG'"),
        ([A, A, ("it hangs", ["BUG"])], "All texts to train on (3)"),
        ([A, (None, [])], "One of the texts is None"),
        ([A, ("half \ud83d", [])], "half a character"),
        ([A, ("a\0b", [])], "NUL"),
        ([A, ("a feature", ["FEATURE"])], "'FEATURE' is not in this project"),
    ],
)
def test_what_can_not_be_learned_from_is_refused(task, short, tmp_path, texts, said):
    with pytest.raises(LabError) as refused:
        train(short, task, texts, [B], out=tmp_path / "out")
    assert said in refused.value.problem
    assert not (tmp_path / "out").exists()


def changed(path, value):
    """Return the configuration that ships with one setting changed."""
    *sections, name = path.split(".")
    config = load_config(CPU, interpolate=False)
    block = config
    for section in sections:
        block = block[section]
    block[name] = value
    return config


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (ROOT / "configs" / "issues" / "gone.cfg", "gone.cfg can't be read"),
        (ROOT / "README.md", "is no spaCy configuration"),
        (changed("training.dropout", "${nowhere.at_all}"), "can't be filled in"),
        (changed("components.textcat_multilabel.factory", "textcat"), "learns a task of the kind 'choices'"),
        (changed("components.textcat_multilabel.model.@architectures", "spacy.No.v1"), "spacy.No.v1"),
        (changed("nlp.lang", "zz"), "zz"),
        (changed("training.dropout", "much"), "dropout"),
    ],
)
def test_a_configuration_that_can_not_be_trained_is_refused_in_words(task, tmp_path, config, said):
    with pytest.raises(LabError) as refused:
        train(config, task, [A, B], [A], out=tmp_path)
    assert said in refused.value.problem
    assert "\n" not in str(refused.value)


def test_a_training_that_would_never_end_is_refused(task, tmp_path):
    with pytest.raises(LabError, match="limits neither steps nor epochs"):
        train(changed("training.max_steps", 0), task, [A, B], [], out=tmp_path)


def test_a_place_that_can_not_be_written_is_named(task, short, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(LabError, match=r"can't be written to .*out"):
        train(short, task, [A, B], [A], out=tmp_path / "out")


def test_a_configuration_for_a_gpu_trains_where_there_is_none(task, short, tmp_path):
    short["training"]["gpu_allocator"] = "pytorch"
    assert train(short, task, [A, B], [A, B], out=tmp_path).score == 1


def test_progress_is_told_and_nothing_is_printed(task, issues, short, tmp_path, capfd):
    told = []
    trained = train(short, task, issues[:100], issues[100:150], out=tmp_path, report=told.append)
    assert [(progress.heading, progress.done, progress.total) for progress in told] == [
        ("training on CPU", step, 60) for step in (0, 20, 40, 60)
    ]
    assert [progress.figures for progress in told] == [
        {"loss": point["loss"], "score": point["score"]} for point in trained.curve
    ]
    assert all(later["loss"] < sooner["loss"] for sooner, later in pairwise(trained.curve))
    assert capfd.readouterr() == ("", "")


@spacy.registry.callbacks("tests.CtrlC.v1")
def press(times: int, step: int):
    """Return what presses Ctrl-C before a step is done."""

    def before(nlp, where):
        if where["step"] == step:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)

    return before


def pressing(config, times):
    """Return the configuration with Ctrl-C pressed in the middle of the training."""
    config["training"]["before_update"] = {"@callbacks": "tests.CtrlC.v1", "times": times, "step": 30}
    return config


def test_ctrl_c_keeps_the_best_model(task, issues, short, tmp_path):
    handler = signal.getsignal(signal.SIGINT)
    trained = train(pressing(short, 1), task, issues[:200], issues[200:], out=tmp_path)
    assert (trained.interrupted, trained.steps) == (True, 31)
    said = [value for value, _ in score(trained.pipeline, task, [text for text, _ in issues[200:]])]
    f = [f_score(task, label, said, [value for _, value in issues[200:]]) for label in task.labels]
    assert trained.score == pytest.approx(sum(f) / 2)
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_second_ctrl_c_ends_at_once(task, issues, short, tmp_path):
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train(pressing(short, 2), task, issues[:100], issues[100:150], out=tmp_path)
    assert signal.getsignal(signal.SIGINT) is handler


def test_who_watches_can_stop_the_training(task, issues, short, tmp_path):
    def stop(progress):
        if progress.done == 20:
            raise KeyboardInterrupt

    trained = train(short, task, issues[:100], issues[100:150], out=tmp_path, report=stop)
    assert (trained.interrupted, trained.steps, len(trained.curve)) == (True, 21, 2)


class Clock:
    """Counts batches, and says after some that the time is up."""

    def __init__(self, batches):
        self.left, self.spare = batches, []

    def __call__(self, seconds):
        self.left -= 1
        self.spare.append(seconds)
        return self.left == 0


def test_where_time_is_up_between_evaluations_the_model_at_hand_is_scored_once_more(task, issues, short, tmp_path):
    told, clock = [], Clock(50)
    short["training"]["eval_frequency"] = 1000
    trained = train(short, task, issues[:200], issues[200:], out=tmp_path, report=told.append, must_end=clock)
    assert (trained.interrupted, trained.steps) == (True, 50)
    assert [point["step"] for point in trained.curve] == [progress.done for progress in told] == [0, 49]
    assert trained.score == trained.curve[1]["score"] > trained.curve[0]["score"]
    said = [value for value, _ in score(trained.pipeline, task, [text for text, _ in issues[200:]])]
    f = [f_score(task, label, said, [value for _, value in issues[200:]]) for label in task.labels]
    assert trained.score == pytest.approx(sum(f) / 2)
    assert min(clock.spare) > 0, "what an evaluation takes is known from the first batch on"


def test_where_time_is_up_from_the_start_the_first_batch_gives_a_model(task, issues, short, tmp_path):
    trained = train(short, task, issues[:40], issues[40:60], out=tmp_path, must_end=lambda seconds: True)
    assert (trained.interrupted, trained.steps, len(trained.curve)) == (True, 1, 1)
    assert len(score(trained.pipeline, task, ["it crashes"])) == 1
    last = train(short, task, issues[:40], [], out=tmp_path, must_end=Clock(5))
    assert (last.interrupted, last.steps, last.score, last.pipeline.name) == (True, 5, None, "model-last")


def test_steps_are_told_where_evaluations_are_far_apart(task, issues, short, tmp_path, monkeypatch):
    monkeypatch.setattr("labkit.student.follower.QUIET_SECONDS", 0.0)
    told = []
    train(short, task, issues[:40], issues[40:60], out=tmp_path, report=told.append)
    assert [progress.done for progress in told] == list(range(61))
    assert [progress.done for progress in told if "score" in progress.figures] == [0, 20, 40, 60]
    assert all(progress.figures["loss"] > 0 for progress in told)


CELL = f"""
from pathlib import Path
from labkit.student import score, train
from labkit.tasks import make_task
from spacy.util import load_config

config = load_config({str(CPU)!r})
config["training"] |= {{"max_steps": 1_000_000, "patience": 0}}
task = make_task("choices", ["BUG"])
texts = [("the %d crash" % n, ["BUG"] if n % 3 else []) for n in range(60)]
trained = train(config, task, texts, texts, out=Path("OUT"), report=lambda p: print(p.done, flush=True))
"""


def test_the_stop_button_of_a_notebook_keeps_the_best_model(kernel, tmp_path):
    kernel.run_until(CELL.replace("OUT", str(tmp_path)), "40\n")
    assert kernel.interrupt()["status"] == "ok"
    said = kernel.run("print(trained.interrupted, len(score(trained.pipeline, task, ['a crash'])))")
    assert said.splitlines()[-1] == "True 1"
