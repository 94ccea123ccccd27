import hashlib
import subprocess
import sys

import pandas as pd
import pytest
from spacy.util import load_config

from labkit.errors import LabError
from labkit.student import calibrate, out_of_fold, score, train

from ..workers import gone, workers_of
from .conftest import CPU


def numbered(issues, start=0):
    """Return examples with ids."""
    return [(number, text, value) for number, (text, value) in enumerate(issues, start)]


@pytest.fixture(scope="module")
def brief():
    """Return the configuration that ships, cut to 60 steps."""
    config = load_config(CPU)
    config["training"] |= {"max_steps": 60, "patience": 0}
    return config


@pytest.fixture(scope="module")
def scored(task, issues, brief):
    """Score 150 texts over three folds; every tenth has no value."""
    examples = [(n, text, None if n % 10 == 0 else value) for n, text, value in numbered(issues[:150])]
    return examples, out_of_fold(brief, task, examples, folds=3, workers=2)


def test_every_text_is_scored_once_in_its_order(scored):
    examples, table = scored
    assert list(table.columns) == ["example", "value", "scores", "fold", "raw"]
    assert list(table.example) == [example for example, _, _ in examples]
    assert set(table.fold) == {0, 1, 2}
    assert table.example.dtype == table.fold.dtype == "int64"


def test_no_text_is_scored_by_a_model_that_trained_on_it(task, scored, brief, tmp_path):
    examples, table = scored
    for fold in range(3):
        rest = [(text, value) for (_, text, value), other in zip(examples, table.fold, strict=True) if other != fold]
        model = train(brief, task, rest, [], out=tmp_path / str(fold)).pipeline
        part = table[table.fold == fold]
        texts = [examples[number][1] for number in part.example]
        assert list(part.raw) == [scores for _, scores in score(model, task, texts)]


def test_scores_are_calibrated_by_the_other_folds_and_the_value_follows(task, scored):
    examples, table = scored
    learned = [value for _, _, value in examples]
    assert table.scores.tolist() == calibrate(task, table.raw.tolist(), learned, table.fold.tolist())
    assert table.scores.tolist() != table.raw.tolist()
    assert table.value.tolist() == [[label for label in task.labels if each[label] > 0.5] for each in table.scores]


def test_scores_may_be_left_as_they_are(task, issues, short):
    table = out_of_fold(short, task, numbered(issues[:60]), folds=2, calibrated=False)
    assert table.scores.tolist() == table.raw.tolist()


def test_the_number_of_processes_changes_no_figure(task, scored, brief):
    examples, table = scored
    pd.testing.assert_frame_equal(out_of_fold(brief, task, examples, folds=3, workers=1), table)


def test_a_fold_follows_from_the_text(task, issues, short, scored):
    short["training"]["max_steps"] = 1
    more = [*numbered(issues[140:200], 140), (900, issues[145][0], []), (901, issues[150][0], None)]
    table = out_of_fold(short, task, more, folds=3, workers=1).set_index("example")
    before = scored[1].set_index("example").fold
    assert list(table.fold.loc[140:149]) == list(before.loc[140:149])
    assert table.fold[900] == table.fold[145]
    assert table.fold[901] == table.fold[150]
    digest = hashlib.sha256(b"0\n" + issues[140][0].encode()).digest()
    assert table.fold[140] == int.from_bytes(digest[:8], "big") % 3
    other = out_of_fold(short, task, more, folds=3, workers=1, seed=1).set_index("example")
    assert list(other.fold) != list(table.fold)


def test_progress_is_told_from_the_processes(task, issues, short):
    told = []
    out_of_fold(short, task, numbered(issues[:60]), folds=2, workers=2, report=told.append)
    assert {(progress.stage, progress.total) for progress in told} == {("out of fold", 120)}
    done = [progress.done for progress in told]
    assert done == sorted(done)
    assert done[-1] == 120
    assert len(done) == 2 * 4


@pytest.mark.parametrize(
    ("count", "options", "said"),
    [
        (0, {}, "no text to score"),
        (9, {"folds": 1}, "folds is 1"),
        (9, {"folds": "five"}, "folds is 'five'"),
        (9, {"workers": 0}, "workers is 0"),
        (1, {}, "Scoring fold 1: There is no text to train on"),
        (2, {"folds": 50}, "there is nothing to tell apart"),
    ],
)
def test_what_can_not_be_cut_into_folds_is_refused(task, issues, short, count, options, said):
    with pytest.raises(LabError) as refused:
        out_of_fold(short, task, numbered(issues[:count]), **options)
    assert said in refused.value.problem
    assert refused.value.__cause__ is None


def test_a_process_that_is_killed_is_an_error_in_words(task, issues, short):
    def kill(progress):
        for worker in workers_of():
            worker.kill()

    short["training"]["max_steps"] = 100_000
    with pytest.raises(LabError, match="was killed"):
        out_of_fold(short, task, numbered(issues[:60]), folds=2, workers=2, report=kill)


ENDLESS = """
from labkit.student import out_of_fold
from labkit.tasks import make_task
from spacy.util import load_config

config = load_config({config!r})
config["training"]["max_steps"] = 1_000_000
examples = [(n, "the %d crash" % n, ["BUG"] if n % 3 else []) for n in range(60)]
task = make_task("choices", ["BUG"])
out_of_fold(config, task, examples, folds=2, workers=2, report=lambda p: print(p.done, flush=True))
""".replace("{config!r}", repr(str(CPU)))


def test_processes_end_with_the_script_that_is_killed():
    """A script without `if __name__ == "__main__"`, on top."""
    with subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True) as script:
        assert script.stdout.readline()
        workers = workers_of(script.pid)
        script.kill()
    assert len(workers) == 2
    assert gone(workers)


def test_a_script_is_not_run_again_by_its_processes(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("print('started')\n" + ENDLESS.replace("1_000_000", "20"))
    done = subprocess.run([sys.executable, str(script)], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.count("started") == 1
    assert done.stdout.split()[-1] == "40"


def test_a_cell_that_is_interrupted_leaves_no_process(kernel):
    kernel.run_until(ENDLESS, "20\n")
    workers = workers_of(kernel.pid)
    assert len(workers) == 2
    assert kernel.interrupt()["ename"] == "KeyboardInterrupt"
    assert gone(workers)
    assert kernel.run("print('alive')") == "alive\n"
