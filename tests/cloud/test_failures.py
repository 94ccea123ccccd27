"""What goes wrong at Modal is said in words, with what to do, and the traceback from there is kept."""

from __future__ import annotations

import json
import sys

import modal
import pytest
from modal_proto import api_pb2 as pb

from labkit.cloud import Cloud, Rent, read_settings
from labkit.cloud.failures import Cancelled, LostWorker, RemoteTraceback, Unreachable
from labkit.cloud.following import Job, ask_to_end, cancel, ended, refuse_failed
from labkit.cloud.jobs import versions
from labkit.cloud.volume import put
from labkit.errors import LabError

from . import functions, unimportable

pytestmark = pytest.mark.timeout(600)

Result = pb.GenericResult
STATUS = {
    "lost": Result(status=Result.GENERIC_STATUS_INTERNAL_FAILURE, exception="the worker went away"),
    "killed": Result(status=Result.GENERIC_STATUS_FAILURE, exception="Runner failed with exit code: -9"),
    "memory": Result(status=Result.GENERIC_STATUS_FAILURE, exception="Container was killed: out of memory"),
    "late": Result(status=Result.GENERIC_STATUS_TIMEOUT, exception="hit its timeout of 60s"),
    "cancelled": Result(status=Result.GENERIC_STATUS_TERMINATED, exception="Input was cancelled by user"),
    "strange": Result(status=Result.GENERIC_STATUS_FAILURE, exception="something new"),
}


@pytest.mark.parametrize(
    ("kind", "type_", "said"),
    [
        ("lost", LostWorker, "went away.*last checkpoint"),
        ("killed", LostWorker, "exit code: -9.*last checkpoint"),
        ("memory", LostWorker, "out of memory"),
        ("late", LabError, "in time.*max_minutes"),
        ("cancelled", Cancelled, "was cancelled"),
        ("strange", LostWorker, "something new.*modal app logs"),
    ],
)
def test_what_modal_says_of_a_call_is_said_in_words(server, cloud, kind, type_, said):
    server.inject["double"] = [STATUS[kind]]
    with (
        cloud.running([functions.double], Rent(retries=0)) as made,
        pytest.raises(LabError, match=f"(?s){said}") as caught,
    ):
        cloud(cloud(made["double"].spawn, 1).get, timeout=60)
    assert type(caught.value) is type_


def test_what_a_container_raises_is_one_sentence_and_its_traceback_is_kept(cloud):
    with cloud.running([functions.fail], Rent(retries=0)) as made, pytest.raises(LabError, match="KeyError") as caught:
        cloud(cloud(made["fail"].spawn).get, timeout=120)
    assert 'raise KeyError("nobody foresaw this")' in str(caught.value.__cause__)


def test_a_container_that_can_not_import_its_function_says_what_is_missing(cloud):
    with (
        cloud.running([unimportable.work], Rent(retries=0)) as made,
        pytest.raises(LabError, match="can't import.*only_in_the_notebook"),
    ):
        cloud(cloud(made["work"].spawn).get, timeout=120)


def test_a_call_that_takes_too_long_is_ended(cloud):
    with (
        cloud.running([functions.sleep], Rent(retries=0, timeout=1)) as made,
        pytest.raises(LabError, match="max_minutes"),
    ):
        cloud(cloud(made["sleep"].spawn).get, timeout=120)


def test_an_image_that_can_not_be_built_shows_its_last_lines(server, cloud, monkeypatch):
    monkeypatch.setattr(server, "fail_build", "a-package-that-is-not")
    image = modal.Image.debian_slim().pip_install("a-package-that-is-not")
    with (
        pytest.raises(LabError, match=r"(?s)could not build.*RUN .*pip install.*a-package-that-is-not"),
        cloud.running([functions.double], Rent(), image=image),
    ):
        pass


def broken(cloud, error, function="break_down", **more):
    """Return a job that goes wrong in some way."""
    settings = cloud.settings
    job = Job(function, settings.volume, settings.mount, {}, (), 0.0, {})
    given = {"seconds": 60, "versions": versions(), "error": error, **more}
    put(cloud, {f"{job.path}/job.json": json.dumps(given).encode()})
    return job


SAID = {
    "gpu": "GPU ran out of memory.*Halve size under",
    "memory": "container ran out of memory.*Halve",
    "full": "volume at Modal is full.*modal volume rm",
    "module": "can't import.*quantum",
    "foreseen": "There is no text to train on. Label some texts first.",
    "unforeseen": "raised KeyError",
    "version": "notebook has Python 2.7, and the container",
    "malformed": "raised JSONDecodeError",
    "asked": "asked to end before it began",
}


def test_what_goes_wrong_in_a_job_comes_home_as_its_result(cloud):
    jobs = {error: broken(cloud, error) for error in functions.ERRORS}
    jobs["version"] = broken(cloud, "gpu", versions={**versions(), "Python": "2.7"})
    jobs["malformed"] = broken(cloud, "gpu")
    put(cloud, {f"{jobs['malformed'].path}/job.json": b"{"})
    jobs["asked"] = broken(cloud, "gpu")
    ask_to_end(cloud, jobs["asked"])
    with cloud.running([functions.break_down], Rent(retries=3)) as made:
        for error, job in jobs.items():
            settings = cloud.settings
            result = cloud(cloud(made["break_down"].spawn, settings.volume, settings.mount, job.id).get, timeout=120)
            with pytest.raises(LabError, match=SAID[error]) as caught:
                refuse_failed(result)
            assert ended(cloud, job) == result, "the same stands on the volume"
            cause = caught.value.__cause__
            assert (result["seconds"] > 0) == (error != "malformed"), "what failed is on the bill, too"
            foreseen = error in ("foreseen", "version", "asked")
            assert cause is None if foreseen else isinstance(cause, RemoteTraceback) and "Traceback" in str(cause)


def test_a_container_that_is_lost_after_its_work_does_it_once(server, cloud):
    job, settings = broken(cloud, "", "finish_and_be_lost"), cloud.settings
    with cloud.running([functions.finish_and_be_lost], Rent(retries=1)) as made:
        call = cloud(made[job.function].spawn, settings.volume, settings.mount, job.id)
        assert cloud(call.get, timeout=120)["state"] == "done"
    assert (server.volume("labkit") / job.path / "worked").read_text() == "x"


def test_a_job_that_is_cancelled_says_so(server, cloud):
    settings = cloud.settings
    with cloud.running([functions.sleep], Rent(retries=3)) as made:
        call = cloud(made["sleep"].spawn)
        job = Job("sleep", settings.volume, settings.mount, {}, (), 0.0, {}, call=call.object_id)
        assert ended(cloud, job) is None
        cancel(cloud, job.call)
        with pytest.raises(Cancelled):
            ended(cloud, job)
    assert not [task for task in server.tasks.values() if task.fn == "sleep"]


def test_a_call_that_modal_does_not_know_is_not_found(cloud):
    job = Job("sleep", cloud.settings.volume, cloud.settings.mount, {}, (), 0.0, {}, call="fc-none")
    with pytest.raises(LabError, match="does not find"):
        ended(cloud, job)


def test_without_a_token_the_way_to_one_is_said(monkeypatch):
    with pytest.raises(LabError, match="modal setup"):
        Cloud(read_settings())


def test_a_wrong_token_is_said(server, monkeypatch):
    monkeypatch.setenv("MODAL_TOKEN_SECRET", "as-wrong")
    from tests.modal_server.server import _forget_env_client

    _forget_env_client()
    try:
        with (
            Cloud(read_settings()) as cloud,
            pytest.raises(LabError, match="modal setup"),
            cloud.running([functions.double], Rent()),
        ):
            pass
    finally:
        monkeypatch.undo()
        _forget_env_client()


def test_a_server_that_is_out_of_reach_is_said_at_once(monkeypatch, unused_port):
    monkeypatch.setenv("MODAL_SERVER_URL", f"http://127.0.0.1:{unused_port}")
    monkeypatch.setenv("MODAL_TOKEN_ID", "ak-1")
    monkeypatch.setenv("MODAL_TOKEN_SECRET", "as-canary")
    with pytest.raises(Unreachable, match="can't be reached") as caught:
        Cloud(read_settings())
    assert "canary" not in str(caught.value)


def test_secrets_go_by_name_and_show_nowhere(server, cloud, monkeypatch, tmp_path):
    monkeypatch.setenv("LLM_KEY", "sk-canary")
    with cloud.running([functions.variables], Rent(), secrets=["LLM_KEY"]) as made:
        there = cloud(cloud(made["variables"].spawn).get, timeout=120)
    assert there["LLM_KEY"] == "sk-canary"
    assert there["HF_HOME"].startswith(cloud.settings.mount), "base weights are downloaded once"
    server.add_secret("labkit", {"LLM_KEY": "sk-kept-at-modal"})
    with cloud.running([functions.variables], Rent(), secrets=["LLM_KEY"]) as made:
        assert cloud(cloud(made["variables"].spawn).get, timeout=120)["LLM_KEY"] == "sk-kept-at-modal"
    with pytest.raises(LabError, match="NO_SUCH_KEY is neither"), cloud.running([], Rent(), secrets=["NO_SUCH_KEY"]):
        pass
    images = b"".join(image.SerializeToString() for image in server.images.values())
    assert f"FROM python:3.{sys.version_info.minor}.".encode() in images, "containers have the Python of this kernel"
    assert b"canary" not in images and "canary" not in server.logs()
