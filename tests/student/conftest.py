"""The reports that ship, with their reference labels, and a short training."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confection import Config
from jupyter_client.manager import start_new_kernel
from spacy.util import load_config

from labkit.tasks import Task, make_task

ROOT = Path(__file__).parents[2]
CPU = ROOT / "configs" / "issues" / "cpu.cfg"


def _rows(name: str) -> list[dict[str, Any]]:
    with (ROOT / "data" / "issues" / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def issues() -> list[tuple[str, list[str]]]:
    """Return texts and labels."""
    labels = {row["id"]: row["labels"] for row in _rows("reference.jsonl")}
    return [(row["text"], labels[row["id"]]) for row in _rows("texts.jsonl")]


@pytest.fixture(scope="session")
def task() -> Task:
    return make_task("choices", ["BUG", "DOCUMENTATION"])


@pytest.fixture
def short() -> Config:
    """Return the configuration that ships, cut to 60 steps."""
    config = load_config(CPU)
    config["training"] |= {"max_steps": 60, "patience": 0}
    return config


class Kernel:
    """A notebook's kernel, and what a person does with it."""

    def __init__(self) -> None:
        self._manager, self._client = start_new_kernel(startup_timeout=300, kernel_name="python3")
        self.pid = self._manager.provisioner.pid

    def run_until(self, cell: str, word: str) -> None:
        """Run a cell until it has printed a word."""
        self._asked = self._client.execute(cell)
        said = ""
        while word not in said:
            said += self._client.get_iopub_msg(timeout=300)["content"].get("text", "")

    def interrupt(self) -> dict[str, Any]:
        """Press the stop button, and return how the cell ended."""
        self._manager.interrupt_kernel()
        while (reply := self._client.get_shell_msg(timeout=300))["parent_header"]["msg_id"] != self._asked:
            pass  # an answer to what was asked while the kernel started
        return reply["content"]

    def run(self, cell: str) -> str:
        """Run a cell, and return what it printed. For a moment after an error, a kernel aborts what it is given."""
        said: list[str] = []
        status = "aborted"
        while status == "aborted":
            reply = self._client.execute_interactive(
                cell, timeout=300, output_hook=lambda message: said.append(message["content"].get("text", ""))
            )
            status = reply["content"]["status"]
        return "".join(said)

    def stop(self) -> None:
        """End the kernel."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    """Start a kernel."""
    started = Kernel()
    yield started
    started.stop()
