"""Each preset sends what its endpoint documents, tried against a server that looks at path, headers and body."""

import shutil
from pathlib import Path

import pytest

from labkit.project import load_project
from labkit.teacher import Teacher
from tests.llm_server import labels_of

CONFIGS = Path(__file__).parents[2] / "configs"
KEY = "sk-canary-0123456789abcdef"

# Name: host, path, header of the key, query, whether answers are held to a schema, whether logprobs are asked for.
DOCUMENTED = {
    "openai": ("https://api.openai.com", "/v1", "authorization", {}, True, True),
    "anthropic": ("https://api.anthropic.com", "/v1", "authorization", {}, False, False),
    "gemini": ("https://generativelanguage.googleapis.com", "/v1beta/openai", "authorization", {}, True, False),
    "mistral": ("https://api.mistral.ai", "/v1", "authorization", {}, True, False),
    "openrouter": ("https://openrouter.ai", "/api/v1", "authorization", {}, True, False),
    "azure": (
        "https://RESOURCE.openai.azure.com",
        "/openai/deployments/gpt-4.1-mini",
        "api-key",
        {"api-version": "2024-10-21"},
        True,
        True,
    ),
    "ollama": ("http://localhost:11434", "/v1", None, {}, True, True),
    "vllm": ("http://localhost:8000", "/v1", None, {}, True, True),
}


def test_every_preset_is_tried_here():
    assert {path.stem for path in (CONFIGS / "presets").glob("*.cfg")} == set(DOCUMENTED)


@pytest.fixture
def project(tmp_path):
    """Return a function that puts a preset, at another host, in the place of the model block of issues/llm.cfg."""
    shutil.copytree(CONFIGS / "issues", tmp_path / "configs/issues")

    def use(preset, host, here):
        config = tmp_path / "configs/issues/llm.cfg"
        head = config.read_text("utf-8").partition("[components.llm.model]")[0]
        block = (CONFIGS / f"presets/{preset}.cfg").read_text("utf-8")
        assert block.count(host) == 1
        config.write_text(head + block.replace(host, here), "utf-8")
        return load_project("issues", tmp_path)

    return use


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_preset_sends_what_its_endpoint_documents(name, serve, store, project, monkeypatch):
    host, path, header, query, structured, logprobs = DOCUMENTED[name]
    server = serve()
    used = project(name, host, server.url.removesuffix("/v1"))
    teacher = Teacher(used.config("llm"), used.task, store.replies)
    if variable := teacher.chat.endpoint.key_variable:
        monkeypatch.setenv(variable, KEY)
    (said,) = teacher.label(["The docs crash."])

    (request,) = server.requests
    assert (request.path, request.query) == (f"{path}/chat/completions", query)
    assert request.headers["content-type"] == "application/json"
    sent = {name: request.headers[name] for name in ("authorization", "api-key") if name in request.headers}
    assert sent == ({header: KEY if header == "api-key" else f"Bearer {KEY}"} if header else {})
    assert request.body["model"] == teacher.chat.model
    assert request.body["messages"] == [{"role": "user", "content": said.prompt}]
    assert request.body["temperature"] == 0
    assert request.body["max_tokens"] == 100
    assert request.body.get("logprobs", False) is logprobs
    form = request.body.get("response_format")
    assert (form is not None) is structured
    assert not form or (form["json_schema"]["strict"] and form["json_schema"]["schema"] == used.task.schema())
    known = {"model", "messages", "response_format", "logprobs", *teacher.chat.endpoint.parameters}
    assert set(request.body) <= known
    assert said.value == [label for label in used.task.labels if label in labels_of(said.prompt)]
    assert (said.scores is not None) is logprobs
