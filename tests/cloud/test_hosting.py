"""An open LLM labels texts: vLLM runs at Modal, here the stand-in, for the length of a pass, and ends with it."""

import os
import re
import signal
import threading
import time

import pytest

from labkit.errors import LabError
from tests.cloud import vllm_engine
from tests.llm_server import labels_of

TEXTS = 40


@pytest.fixture
def lab(server, tmp_path, monkeypatch, database):
    """Return a lab whose `llm-open.cfg` asks for a toy, on the stand-in."""
    from labkit import Lab
    from tests.lab.conftest import ship

    ship("issues", TEXTS, tmp_path)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{vllm_engine.install(tmp_path / 'bin')}{os.pathsep}{os.environ['PATH']}")
    made = Lab("issues", root=tmp_path, person="anna")
    made.ingest("data/issues/texts.jsonl")
    yield made
    made.store.close()


@pytest.fixture
def serve(lab):
    """Return what changes the engine's configuration."""
    path = lab.project.folder / "llm-open.cfg"

    def change(model, **settings):
        text = path.read_text("utf-8").replace('"Qwen/Qwen2.5-7B-Instruct"', f'"{model}"')
        for name, value in settings.items():
            text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
        path.write_text(text, "utf-8")

    return change


def expect_stopped(server):
    """Wait until no container is left: each is on the bill."""
    end = time.monotonic() + 60
    while server.tasks and time.monotonic() < end:
        time.sleep(0.05)
    assert not server.tasks


def test_every_text_is_labelled_and_the_engine_ends_with_the_pass(lab, serve, server):
    serve("toy/small")
    expected = lab.estimate("llm-open")
    assert expected.prompts == TEXTS
    assert expected.dollars == pytest.approx(expected.minutes * 60 * 0.000350, rel=0.2)
    assert expected.minutes > expected.startup > 0
    said = lab.annotate("llm-open")
    replies = lab.replies("llm-open")
    assert len(replies) == TEXTS
    assert set(said.summary.texts) == {TEXTS}
    prompts = dict(zip(replies.key, replies.prompt, strict=True))
    assert any(labels_of(prompt) != "==NONE==" for prompt in prompts.values())
    assert said.dollars > 0
    expect_stopped(server)
    assert server.gpu("answer") == ["L4:1", "A10G:1"]


def test_a_lost_container_loses_no_request(lab, serve, server):
    serve("toy/small", concurrency=1)
    lost, before = [], len(server.function_calls)

    def lose():
        while not lost and not over.wait(0.001):
            asked = len(server.function_calls) - before
            for task in list(server.tasks.values()):
                if task.running and not lost and asked > TEXTS // 4:
                    os.killpg(task.proc.pid, signal.SIGKILL)
                    lost.append(task.id)

    over, thread = threading.Event(), threading.Thread(target=lose)
    thread.start()
    said = lab.annotate("llm-open")
    over.set()
    thread.join()
    assert len(lost) == 1
    assert said.failures.empty
    assert len(lab.replies("llm-open").dropna(subset="reply")) == TEXTS
    expect_stopped(server)


def test_what_was_answered_once_starts_no_engine(lab, serve, server):
    serve("toy/small")
    lab.annotate("llm-open")
    before = len(server.apps)
    assert lab.annotate("llm-open").dollars == 0
    assert len(server.apps) == before


@pytest.mark.parametrize(
    ("model", "said"),
    [("toy/too-large", "Halve max_model_len"), ("toy/unknown", "not a valid model identifier")],
)
def test_an_engine_that_does_not_start_is_said_in_words_and_costs_no_longer(lab, serve, server, model, said):
    serve(model)
    with pytest.raises(LabError, match=said):
        lab.annotate("llm-open")
    expect_stopped(server)
    assert lab.replies("llm-open").empty


def test_a_budget_ends_the_pass_and_the_rest_is_asked_next_time(lab, serve, server):
    serve("toy/small", concurrency=1)
    first = lab.annotate("llm-open", budget=1e-9)
    assert "have no reply" in repr(first) or lab.replies("llm-open").empty
    expect_stopped(server)
    lab.annotate("llm-open")
    assert len(lab.replies("llm-open").dropna(subset="reply")) == TEXTS
