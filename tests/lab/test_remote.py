"""A training at Modal: from a cell to a model that is home, through all that may happen on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest
import spacy
from jupyter_client.manager import start_new_kernel
from nbformat.v4 import new_code_cell, new_notebook, new_output

from labkit import Lab
from labkit.cloud import Cloud, following, read_settings
from labkit.errors import LabError

pytestmark = pytest.mark.timeout(900)

ENDLESS = """\
max_epochs = 0
max_steps = 0
eval_frequency = 5
patience = 0
"""


@pytest.fixture
def labelled(lab, modal_server):
    """Return a lab whose texts the LLM labelled, and a stand-in for Modal."""
    lab.annotate("llm")
    return lab


@pytest.fixture
def endless(labelled, root):
    """Return the same with a training that takes as long as it may."""
    config = (root / "configs/issues/cpu.cfg").read_text("utf-8")
    usual = "max_epochs = 0\nmax_steps = 300\neval_frequency = 20\npatience = 200\n"
    assert usual in config
    (root / "configs/issues/endless.cfg").write_text(config.replace(usual, ENDLESS), "utf-8")
    return labelled


def until(true, seconds=300):
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.2)


def cell(source, *outputs):
    """Return a cell with what it prints; one that was not run may have printed nothing, nbval holds."""
    return new_code_cell(
        source, execution_count=1, outputs=[new_output("stream", name="stdout", text=text) for text in outputs]
    )


def test_a_notebook_trains_at_modal_fetches_the_model_and_predicts(root, modal_server):
    notebook = new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[
            cell("import spacy\n\nfrom labkit import Lab"),
            cell(
                '# NBVAL_IGNORE_OUTPUT\nlab = Lab("issues")\nlab.ingest("data/issues/texts.jsonl")\nlab.annotate("llm")'
            ),
            cell('# NBVAL_IGNORE_OUTPUT\nrun = lab.train("cpu", on="modal", max_minutes=10)'),
            cell("# NBVAL_IGNORE_OUTPUT\nhome = lab.fetch(run)"),
            cell('print(sorted(spacy.load(home.pipeline)("It crashes").cats))', "['BUG', 'DOCUMENTATION']\n"),
            cell("print(list(lab.runs()[['place', 'state']].loc[0]))", "['modal', 'done']\n"),
        ],
    )
    path = root / "modal.ipynb"
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=600", "-q"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", f"--rootdir={root}", "-c", os.devnull, str(path)],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert modal_server.function("train").timeout_secs > 600


def test_a_model_that_was_trained_at_modal_is_used_as_one_from_here(labelled):
    run = labelled.train("cpu", on="modal", max_minutes=10)
    assert (run.row.state, run.row.place) == ("done", "modal")
    assert run.row.dollars > 0
    with pytest.raises(LabError, match="lab.fetch"):
        run.load()
    with pytest.raises(LabError, match="lab.fetch"):
        labelled.package(run)
    fetched = labelled.fetch(run.row.id)
    assert spacy.load(fetched.pipeline)("It crashes at start").cats
    assert not labelled.evaluate(fetched).empty
    assert labelled.package(fetched).is_file()
    assert {"step", "epoch", "loss", "score"} <= set(run.curve[0])
    assert labelled.train("cpu").row.id == run.row.id, "the same is not trained twice"
    assert labelled.quote("cpu").words_per_second == run.figures["words_per_second"]
    assert labelled.attach(run).row == run.row, "what has ended is not waited for"


def test_what_a_training_costs_is_reckoned_before_it_begins(labelled, root):
    quote = labelled.quote("cpu", gpu=["L4", "A10G"])
    assert quote.seconds is quote.dollars is None
    assert quote.most == pytest.approx(7200 * quote.price)
    assert "not run there yet" in repr(quote)
    fast = labelled.quote("cpu", gpu=["L4"], max_dollars=0.5, words_per_second=1000)
    assert fast.price < quote.price, "the dearest GPU that it may get counts"
    assert (fast.most, fast.seconds) == (pytest.approx(0.5), pytest.approx(fast.words / 1000))
    assert fast.dollars == pytest.approx(fast.seconds * fast.price)
    with pytest.raises(LabError, match="words_per_second"):
        labelled.quote("cpu", words_per_second=0)
    with (root / "configs/issues/project.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[modal]\ncpu = 16\nmemory = 65536\n")
    assert Lab("issues", root=root).quote("cpu").price == pytest.approx(8 * labelled.quote("cpu").price)


FOLLOWING = """
from labkit import Lab
lab = Lab("issues")
run = lab.train("endless", on="modal", max_minutes=30, detach=True)
print("run", run.row.id, run.row.state, flush=True)
lab.attach(run)
"""


def test_a_kernel_may_be_killed_and_another_one_goes_on_with_each_event_once(endless, root, modal_server, monkeypatch):
    manager, client = start_new_kernel(kernel_name="python3", cwd=root)
    try:
        client.execute(FOLLOWING)
        until(lambda: len(endless.store.runs.frame(endless._desk.number)) == 1)
        id_ = int(endless.store.runs.frame(endless._desk.number).run[0])
        until(lambda: len(endless.store.runs.events(id_)) >= 3)
        assert endless.store.runs.get(id_).state == "running"
        os.kill(manager.provisioner.pid, signal.SIGKILL)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    heard = len(endless.store.runs.events(id_))
    file = modal_server.volume("labkit") / "jobs" / endless.store.runs.get(id_).remote["id"] / "events.jsonl"
    until(lambda: len(file.read_bytes().splitlines()) > heard + 3)

    lab = Lab("issues", root=root)
    assert list(lab.runs()[["state", "place"]].iloc[0]) == ["running", "modal"]
    taken = len(lab.store.runs.events(id_))
    assert taken > heard, "looking at the runs takes what was told meanwhile"
    told, usual = [], following.as_progress

    def telling(job, event, device):
        told.append(event["number"])
        if len(told) == taken + 2:
            with Cloud(read_settings()) as cloud:
                following.ask_to_end(cloud, job)
        return usual(job, event, device)

    monkeypatch.setattr("labkit.lab.hearing.as_progress", telling)
    run = lab.attach(id_)
    assert (run.row.state, run.row.error) == ("stopped", "Somebody asked it to end.")
    written = file.read_bytes().splitlines()
    assert told == list(range(len(written)))
    assert [event["number"] for event in lab.store.runs.events(id_)] == told
    assert lab.fetch(id_).load()("It crashes").cats


def test_a_run_that_goes_on_is_not_started_twice_and_is_stopped_with_its_bill(endless, modal_server):
    run = endless.train("endless", on="modal", max_dollars=1, detach=True)
    assert run.row.state in ("queued", "running")
    again = endless.train("endless", on="modal", max_dollars=1, detach=True)
    assert again.row.id == run.row.id
    with pytest.raises(LabError, match="lab.attach"):
        endless.fetch(run)
    with pytest.raises(LabError, match="lab.attach"):
        run.load()
    until(lambda: endless.runs().state[0] == "running")
    assert endless.runs().dollars[0] > 0
    stopped = endless.cancel(run)
    assert (stopped.row.state, stopped.row.error) == ("stopped", "It was cancelled.")
    until(lambda: not modal_server.tasks)
    assert list(endless.runs().state) == ["stopped"]
    with pytest.raises(LabError, match="left no model"):
        endless.fetch(run)


def test_the_stop_button_ends_a_training_with_the_best_model_so_far(endless, monkeypatch):
    usual, calls = following.read_events, []

    def interrupted(cloud, job, told):
        calls.append(told)
        if told >= 3 and "stopped" not in calls:
            calls.append("stopped")
            raise KeyboardInterrupt
        return usual(cloud, job, told)

    monkeypatch.setattr(following, "read_events", interrupted)
    run = endless.train("endless", on="modal", max_minutes=30)
    assert run.row.state == "stopped"
    assert endless.fetch(run).load()("It crashes").cats


def test_what_fails_there_is_the_runs_error_too(labelled, root):
    config = (root / "configs/issues/cpu.cfg").read_text("utf-8")
    (root / "configs/issues/bad.cfg").write_text(config.replace("Adam.v1", "Adan.v1"), "utf-8")
    with pytest.raises(LabError, match="Adan"):
        labelled.train("bad", on="modal")
    assert list(labelled.runs().state) == ["failed"]
    assert "Adan" in labelled.runs().error[0]


def test_limits_of_another_place_and_other_places_are_refused(labelled):
    with pytest.raises(LabError, match="gpu means nothing"):
        labelled.train("cpu", gpu=["L4"])
    with pytest.raises(LabError, match="'moon' is no place"):
        labelled.train("cpu", on="moon")
    with pytest.raises(LabError, match="no GPU 'L44'"):
        labelled.train("cpu", on="modal", gpu=["L44"])
    for call in (labelled.attach, labelled.cancel, labelled.fetch):
        with pytest.raises(LabError, match="has no run 4711"):
            call(4711)
    assert labelled.runs().empty


def test_a_run_here_is_not_one_at_modal(labelled):
    with pytest.raises(LabError, match="not started at Modal"):
        labelled.fetch(labelled.train("cpu"))


@pytest.mark.modal
def test_the_smallest_real_run_at_modal(lab):
    """For whoever has an account: MODAL_TOKEN_ID and MODAL_TOKEN_SECRET are its token. It costs some cents."""
    lab.annotate("llm")
    run = lab.attach(lab.train("cpu", on="modal", max_minutes=10, detach=True))
    assert run.row.state == "done"
    assert lab.fetch(run).load()("It crashes at start").cats
