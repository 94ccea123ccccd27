"""What stands in the way of a transformer is said in words: libraries, weights, Hugging Face, memory."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import spacy

from labkit.errors import LabError
from labkit.project import load_project
from labkit.student import device, train

from .conftest import ROOT
from .transformer import make_deberta, make_weights, shortened

pytestmark = [
    pytest.mark.transformer,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("light_transformers"),
    pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning"),  # DeBERTa's code uses it
]
TEXTS = [(f"it crashes at start {number}", ["BUG"] if number % 2 else []) for number in range(20)]


@pytest.fixture
def weights(tmp_path):
    return make_weights(tmp_path / "weights", [text for text, _ in TEXTS])


@pytest.fixture
def config(weights):
    return shortened(load_project("issues", ROOT).config("gpu"), weights)


def refused(config, task, out) -> LabError:
    """Return how a training is refused."""
    with pytest.raises(LabError) as error:
        train(config, task, TEXTS, TEXTS, out=out)
    assert "\n" not in str(error.value)
    return error.value


@pytest.mark.parametrize("missing", ["torch", "spacy_transformers"])
def test_a_library_that_is_not_installed(config, task, tmp_path, monkeypatch, missing):
    find = importlib.util.find_spec
    monkeypatch.setattr("labkit.student.weights.find_spec", lambda name: None if name == missing else find(name))
    error = refused(config, task, tmp_path)
    assert "is not installed" in error.problem
    assert "labkit[transformers]" in error.remedy


def test_a_folder_that_does_not_exist(config, task, tmp_path):
    assert "does not exist" in refused(shortened(config, tmp_path / "gone"), task, tmp_path).problem


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("harm", ["gone", "half"])
def test_a_folder_that_is_damaged(config, task, weights, tmp_path, file, harm):
    if file == "tokenizer.json":
        (weights / "vocab.json").unlink()
        (weights / "merges.txt").unlink()
    if harm == "gone":
        (weights / file).unlink()
    else:
        (weights / file).write_bytes((weights / file).read_bytes()[:100])
    assert "can't be read" in refused(config, task, tmp_path / "out").problem


def test_a_tokenizer_whose_library_is_missing_or_whose_file_is_damaged(task, tmp_path, monkeypatch):
    weights = make_deberta(tmp_path / "weights", [text for text, _ in TEXTS])
    pieces = (weights / "spm.model").read_bytes()
    (weights / "spm.model").write_bytes(pieces[:100])
    config = shortened(load_project("issues", ROOT).config("gpu"), weights)
    assert "can't be read" in refused(config, task, tmp_path / "out").problem
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "labkit.student.weights.find_spec", lambda name: None if name == "sentencepiece" else find(name)
    )
    error = refused(config, task, tmp_path / "out")
    assert ("sentencepiece" in error.problem, "labkit[transformers]" in error.remedy) == (True, True)


class Hub(BaseHTTPRequestHandler):
    """Hugging Face, of which only the answer to one question is known."""

    code, error = 404, "RepoNotFound"

    def do_GET(self) -> None:
        self.send_response(self.code)
        self.send_header("X-Error-Code", self.error)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args) -> None:
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """Let Hugging Face be a server here; yield what it answers with."""
    served = type("Served", (Hub,), {})
    with HTTPServer(("127.0.0.1", 0), served) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
        yield served
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("code", "answer", "said"),
    [
        (404, "RepoNotFound", "no weights called 'nobody/nothing'"),
        (403, "GatedRepo", "agreed to their terms"),
        (503, "", "out of reach"),
    ],
)
def test_what_hugging_face_says(hub, config, task, tmp_path, code, answer, said):
    hub.code, hub.error = code, answer
    assert said in refused(shortened(config, "nobody/nothing"), task, tmp_path).problem


def test_a_name_that_can_be_none(hub, config, task, tmp_path):
    assert "There are no weights called" in refused(shortened(config, "a b/c d"), task, tmp_path).problem


def test_nobody_is_there(config, task, tmp_path, monkeypatch, unused_port):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{unused_port}")
    error = refused(shortened(config, "nobody/nothing"), task, tmp_path)
    assert "huggingface.co is out of reach" in error.problem
    assert "Go online" in error.remedy


def test_hugging_face_is_not_to_be_asked(config, task, tmp_path):
    assert "huggingface.co is out of reach" in refused(shortened(config, "nobody/nothing"), task, tmp_path).problem


@spacy.registry.callbacks("tests.FullMemory.v1")
def fill():
    """Return what fails at a step as PyTorch does where a GPU's memory is full."""

    def before(nlp, where):
        import torch

        if where["step"] == 12:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    return before


def test_batches_too_large_for_the_gpu(config, task, tmp_path):
    config["training"]["before_update"] = {"@callbacks": "tests.FullMemory.v1"}
    error = refused(config, task, tmp_path)
    assert error.problem == "The memory of the GPU is too small."
    assert error.remedy.startswith("Halve size = 2000 under [training.batcher], or double accumulate_gradient = 2")
    assert spacy.load(tmp_path / "model-best"), "what was learned before is kept"


def test_too_many_texts_at_once_for_the_gpu(config):
    import torch

    with pytest.raises(LabError) as error, device.memory_in_words(device.to_run(config)):
        raise torch.OutOfMemoryError("CUDA out of memory.")
    assert error.value.remedy == "Halve max_batch_items = 4096 under [components.transformer]."


LIMITED = """
import json, resource
from pathlib import Path
from spacy.util import load_config
from labkit.errors import LabError
from labkit.student import train
from labkit.tasks import make_task
import torch
resource.setrlimit(resource.RLIMIT_DATA, (int(1.5e9), int(1.5e9)))
texts = [("it crashes at start " * 20000, ["BUG"] if number % 2 else []) for number in range(4)]
try:
    train(load_config("gpu.cfg"), make_task("choices", ["BUG"]), texts, texts, out=Path("out"))
except LabError as error:
    print(json.dumps([error.problem, error.remedy]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold a process to its memory")
def test_memory_that_is_really_full(config, tmp_path):
    config.to_disk(tmp_path / "gpu.cfg")
    done = subprocess.run([sys.executable, "-c", LIMITED], cwd=tmp_path, capture_output=True, text=True, check=True)
    problem, remedy = json.loads(done.stdout)
    assert problem == "The memory of the CPU is too small."
    assert "Halve size = 2000" in remedy


def test_an_error_that_is_not_about_memory_stays_what_it_is():
    with pytest.raises(RuntimeError, match="something else"), device.memory_in_words("Halve it."):
        raise RuntimeError("something else")
