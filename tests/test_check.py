"""What the check finds, and that it tells no secret."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.__main__ import main
from labkit.check import LLM_KEYS, examine

ROOT = Path(__file__).parents[1]
NAMES = ["Python", "Store", "LLM key", "Modal token", "GPU", "Kernel"]
SECRET = "correct-horse-battery-staple"


def find(name: str):
    """Return one finding; those after it are not looked for."""
    return next(finding for finding in examine() if finding.name == name)


@pytest.fixture
def store(database, monkeypatch) -> None:
    """Let the check find a store that runs, so that it starts none."""
    monkeypatch.setenv("DATABASE_URL", database)


@pytest.fixture
def commands(store, monkeypatch, tmp_path) -> Path:
    """Return a folder that is searched for commands, and the only one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def write_command(path: Path, script: str) -> None:
    """Write a shell script that can be run."""
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


def test_a_sound_machine_passes_with_a_line_for_each(capsys):
    assert main(["check"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[9:21].strip() for line in lines] == NAMES
    assert [line[9:21].strip() for line in lines if line.startswith("ok")][:2] == ["Python", "Store"]
    assert lines[-1].startswith("ok")


def test_no_part_of_a_secret_is_printed(monkeypatch, capsys):
    for name in ("OPENAI_API_KEY", "MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET"):
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://anna:{SECRET}@127.0.0.1:1/labels")
    assert main(["check"]) == 1
    shown = "".join(capsys.readouterr())
    assert "OPENAI_API_KEY set" in shown
    assert "MODAL_TOKEN_ID and MODAL_TOKEN_SECRET set" in shown
    assert not [part for part in SECRET.split("-") if part in shown]


def test_a_store_out_of_reach_is_required_and_has_a_remedy(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://anna@127.0.0.1:1/labels")
    store = find("Store")
    assert str(store).startswith("MISSING  Store")
    assert "127.0.0.1:1" in store.words
    assert "DATABASE_URL" in store.words


def test_a_machine_without_labkit_installed_is_told_what_to_do():
    bare = subprocess.run([sys.executable, "-S", "-m", "labkit", "check"], cwd=ROOT, capture_output=True, text=True)
    assert bare.returncode == 1
    assert bare.stdout.count("Run `make lab`.") >= 2
    assert bare.stderr == ""


def test_no_key_and_no_token_are_no_fault(store):
    found = {finding.name: finding for finding in examine()}
    for name, remedy in (("LLM key", "OPENAI_API_KEY"), ("Modal token", "modal setup")):
        assert not found[name].present
        assert not found[name].required
        assert remedy in found[name].words


def test_every_key_that_a_config_names_is_looked_for():
    configs = [path.read_text("utf-8") for path in (ROOT / "configs").rglob("*.cfg")]
    named = {name for config in configs for name in re.findall(r'^key_variable = "(\w+)"', config, re.MULTILINE)}
    assert named
    assert named <= set(LLM_KEYS)


def test_modals_own_file_is_found(store, monkeypatch, tmp_path):
    monkeypatch.setenv("MODAL_CONFIG_PATH", str(tmp_path / "modal.toml"))
    (tmp_path / "modal.toml").write_text(f'[default]\ntoken_secret = "{SECRET}"\n', "utf-8")
    token = find("Modal token")
    assert token.present
    assert SECRET not in token.words


def test_a_gpu_needs_a_driver_that_answers(commands):
    assert "No NVIDIA GPU answers" in find("GPU").words
    write_command(commands / "nvidia-smi", "echo 'No devices were found'; exit 6")
    assert "No NVIDIA GPU answers" in find("GPU").words


@pytest.mark.skipif(Path("/dev/nvidia0").exists(), reason="this machine has a GPU of its own")
def test_a_gpu_without_pytorch_is_told_apart(commands):
    write_command(commands / "nvidia-smi", "echo 'NVIDIA L4, 23034 MiB'")
    gpu = find("GPU")
    assert not gpu.present
    assert gpu.words.startswith("NVIDIA L4, 23034 MiB is here, and no PyTorch and CuPy that can use it.")


@pytest.fixture
def kernel(store, monkeypatch, tmp_path):
    """Return a function that puts another kernel before the one that is installed."""
    folder = tmp_path / "kernels" / "python3"
    folder.mkdir(parents=True)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    def put(*argv: str, **env: str) -> None:
        spec = {"argv": [*argv, "-f", "{connection_file}"], "env": env, "display_name": "other", "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec), "utf-8")

    return put


@pytest.mark.parametrize("argv", [["/no/such/python"], [sys.executable, "-c", "raise SystemExit"]])
def test_a_kernel_that_does_not_start_is_found(kernel, argv):
    kernel(*argv)
    assert (
        str(find("Kernel"))
        == "MISSING  Kernel       The kernel python3 does not start. Remove .venv and run `make lab`."
    )


def test_a_kernel_with_another_labkit_is_found(kernel, tmp_path):
    (tmp_path / "labkit").mkdir()
    (tmp_path / "labkit" / "__init__.py").touch()
    kernel(sys.executable, "-m", "ipykernel_launcher", PYTHONPATH=str(tmp_path))
    found = find("Kernel")
    assert not found.present
    assert "does not import this labkit" in found.words
