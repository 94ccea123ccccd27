"""A run at Modal that nobody started to the end, that two kernels follow, or that is stopped before it begins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest
from modal_proto import api_pb2 as pb

from labkit import Lab
from labkit.errors import LabError

from .test_remote import endless, labelled, until  # noqa: F401 - fixtures

pytestmark = pytest.mark.timeout(900)

LOST = pb.GenericResult(status=pb.GenericResult.GENERIC_STATUS_INTERNAL_FAILURE, exception="the worker went away")

STARTING = """
import time
from contextlib import contextmanager
from labkit import Lab
from labkit.lab import holding, remote
from labkit.store import runs

holding.HOLD_SECONDS = runs.HOLD_SECONDS = 10.0

@contextmanager
def started(*given, **more):
    print("starting", flush=True)
    time.sleep(600)
    yield

remote.started = started
Lab("issues").train("cpu", on="modal", detach=True)
"""


def queued(lab):
    """Begin a run that the store has, and Modal has not."""
    return lab.store.runs.begin(lab._desk.number, "training", "cpu", "d", {"config": {}, "labels": {}}, "modal")


def test_a_run_whose_kernel_is_killed_before_modal_has_it_fails_in_words(labelled, root):  # noqa: F811
    with subprocess.Popen([sys.executable, "-c", STARTING], cwd=root, stdout=subprocess.PIPE, text=True) as kernel:
        assert kernel.stdout.readline() == "starting\n"
        state = labelled.runs().state[0]
        kernel.send_signal(signal.SIGKILL)
    assert state == "queued"
    until(lambda: labelled.runs().state[0] == "failed")
    assert "ended before Modal had it" in labelled.runs().error[0]
    with pytest.raises(LabError, match="left no model"):
        labelled.fetch(int(labelled.runs().run[0]))


def test_a_run_that_somebody_is_starting_is_left_alone(labelled, modal_server):  # noqa: F811
    run = queued(labelled)
    assert labelled.runs().state[0] == "queued"
    with pytest.raises(LabError, match="is just being started"):
        labelled.attach(run)
    labelled.store.runs.release(run)
    with pytest.raises(LabError, match="ended before Modal had it"):
        labelled.attach(run)


def test_a_run_is_cancelled_before_its_container_comes(labelled, modal_server, monkeypatch):  # noqa: F811
    unsent = queued(labelled)
    assert labelled.cancel(unsent).row.state == "stopped"
    with monkeypatch.context() as busy:
        busy.setattr(modal_server, "scale", lambda function: None)
        run = labelled.train("cpu", on="modal", max_minutes=10, detach=True)
        assert labelled.runs().state[0] == "queued"
        assert labelled.cancel(run).row.error == "It was cancelled."
    call = modal_server.function_calls[labelled.store.runs.get(run.row.id).remote["call"]]
    assert not call.unfinished()
    until(lambda: not modal_server.tasks)


def test_an_interrupt_while_it_is_started_leaves_nothing_at_modal(labelled, modal_server, monkeypatch):  # noqa: F811
    usual = labelled.store.runs.know

    def know(run, remote):
        still = usual(run, remote)
        if remote["call"]:
            os.kill(os.getpid(), signal.SIGINT)  # the cell waits for this very call
        return still

    monkeypatch.setattr(labelled.store.runs, "know", know)
    with pytest.raises(KeyboardInterrupt):
        labelled.train("cpu", on="modal", max_minutes=10, detach=True)
    monkeypatch.undo()
    row = labelled.store.runs.get(int(labelled.store.runs.frame(labelled._desk.number).run[0]))
    assert (row.state, row.error) == ("stopped", "It was interrupted.")
    until(lambda: not modal_server.tasks)
    assert not modal_server.function_calls[row.remote["call"]].unfinished()


def test_a_call_that_its_kernel_could_not_note_is_known_by_what_the_job_tells(endless):  # noqa: F811
    run = endless.train("endless", on="modal", max_minutes=30, detach=True)
    call = run.row.remote["call"]
    endless.store.runs.know(run.row.id, {**run.row.remote, "call": ""})
    until(lambda: endless.store.runs.renew(run.row.id) or endless.runs().state[0] == "running")
    assert endless.store.runs.get(run.row.id).remote["call"] == call
    assert endless.cancel(run).row.state == "stopped"


def test_two_kernels_follow_one_run_and_a_lost_container_is_replaced_once(
    labelled,  # noqa: F811
    root,
    modal_server,
    monkeypatch,
):
    before = len(modal_server.function_calls)
    modal_server.inject["train"] = [LOST] * 4  # and Modal gives up
    run = labelled.train("cpu", on="modal", max_minutes=10, detach=True)
    told, ended = {}, {}

    def follow(name):
        lab = Lab("issues", root=root, person=name)
        ended[name] = lab.attach(run.row.id).row
        told[name] = lab.store.runs.events(run.row.id)

    threads = [threading.Thread(target=follow, args=(name,)) for name in ("anna", "ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended["anna"] == ended["ben"]
    assert ended["anna"].state == "done"
    assert [event["number"] for event in told["anna"]] == list(range(len(told["ben"])))
    assert {event["call"] for event in told["anna"] if "call" in event} == {ended["anna"].remote["call"]}
    assert len(modal_server.function_calls) == before + 2
