"""An open LLM on a rented GPU: its command line is vLLM's, and requests reach it where it runs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.cloud.answering import Answer, why
from labkit.cloud.doorway import doorway
from labkit.cloud.engine import read_engine
from labkit.errors import LabError
from labkit.project import load_project
from tests.cloud import vllm_engine

ROOT = Path(__file__).parents[2]


def test_what_ships_asks_vllm_for_options_that_it_documents():
    engine = read_engine(load_project("issues").config("llm-open"))
    words = engine.command()
    assert words[:3] == ["vllm", "serve", "Qwen/Qwen2.5-7B-Instruct"]
    asked = {word.replace("--no-", "--") for word in words if word.startswith("--")} | {"--host", "--port"}
    assert asked <= set(vllm_engine.options())
    assert engine.concurrency == 64


def test_a_configuration_without_an_engine_rents_none():
    assert read_engine(load_project("issues").config("llm")) is None


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"gpus": ["L4"]}, "holds 'gpus'"),
        ({"gpu": "L4"}, r"""Give a list: gpu = \["L4"\]"""),
        ({"gpu": ["L44"]}, "no GPU 'L44'"),
        ({"options": {"port": 1}}, "holds 'port'"),
        ({"options": {"api-key": "x"}}, "holds 'api_key'"),
        ({"max_minutes": 5}, "no more than max_minutes"),
    ],
)
def test_a_section_that_means_nothing_is_refused(section, said):
    config = load_project("issues").config("llm-open")
    config["engine"] = section
    with pytest.raises(LabError, match=said):
        read_engine(config)


def test_an_engine_needs_a_model_to_serve():
    config = load_project("issues").config("llm-open")
    config["components"]["llm"]["model"] = {"@llm_models": "spacy.GPT-4.v3"}
    with pytest.raises(LabError, match="needs a model to serve"):
        read_engine(config)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["INFO", "torch.OutOfMemoryError: CUDA out of memory. Tried"], "Halve max_model_len"),
        (["ValueError: No available memory for the cache blocks."], "Halve max_model_len"),
        (["RuntimeError: wrong", "INFO bye", ""], "RuntimeError: wrong"),
        (["the last"], "the last"),
        ([], "it said nothing"),
    ],
)
def test_why_an_engine_ended_is_said_in_a_sentence(lines, said):
    assert said in str(why("m", lines))


INSIDE = """
import asyncio, json, sys
from labkit.cloud.answering import answer
from labkit.errors import LabError

async def main():
    command = ["vllm", "serve", sys.argv[1], "--max-model-len", "512"]
    body = json.dumps({"model": sys.argv[1], "messages": [{"role": "user", "content": "x"}]}).encode()
    try:
        await answer(command, float(sys.argv[2]))
        said = await asyncio.gather(*(answer(command, 9, "/v1/chat/completions", body) for _ in range(200)))
        print(len(said), {each.status for each in said}, json.loads(said[0].body)["object"])
        print((await answer(command, 9, "/v1/nothing", body)).status)
    except LabError as error:
        print(error)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("model", "seconds", "said"),
    [
        ("toy/small", 60, ["200 {200} chat.completion", "404"]),
        ("toy/too-large", 60, ["The GPU's memory does not hold 'toy/too-large'"]),
        ("toy/unknown", 60, ["not a valid model identifier"]),
        ("toy/silent", 2, ["did not answer within 0.03"]),
    ],
)
def test_requests_wait_until_the_engine_answers_and_are_passed_on(tmp_path, model, seconds, said):
    path = f"{vllm_engine.install(tmp_path / 'bin')}:{Path(sys.executable).parent}:/usr/bin:/bin"
    run = subprocess.run(
        [sys.executable, "-c", INSIDE, model, str(seconds)],
        env={"PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert all(words in run.stdout for words in said), run.stdout + run.stderr


def test_an_engine_that_is_not_installed_is_said(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", INSIDE, "toy/small", "5"],
        env={"PATH": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "no program called 'vllm'" in run.stdout


def post(url, body):
    import urllib.request

    return urllib.request.urlopen(urllib.request.Request(url, data=body, method="POST"), timeout=20)


def test_the_doorway_hands_requests_over_and_answers_back():
    seen = []

    async def carry(path, body):
        seen.append((path, body))
        return Answer(200, {"Content-Type": "application/json"}, json.dumps({"é": path}).encode())

    with doorway(carry) as address:
        assert json.loads(post(f"{address}/v1/chat/completions", b"\xf0\x9f\x98\x80" * 9).read()) == {
            "é": "/v1/chat/completions"
        }
    assert seen == [("/v1/chat/completions", b"\xf0\x9f\x98\x80" * 9)]
    with pytest.raises(OSError, match="refused"):
        post(f"{address}/v1/chat/completions", b"{}")


def test_a_failure_behind_the_doorway_is_a_status_that_clients_ask_again_after():
    from urllib.error import HTTPError

    async def carry(path, body):
        raise RuntimeError("the container is gone")

    with doorway(carry) as address, pytest.raises(HTTPError) as caught:
        post(address, b"{}")
    with caught.value:
        assert caught.value.code == 502
        assert b"the container is gone" in caught.value.read()
