"""What `help` says of a lab holds: parameters are explained, and the examples run."""

from __future__ import annotations

import doctest
import inspect
import shutil
from collections.abc import Iterator
from importlib import import_module

import pytest

from labkit import Lab
from labkit.lab.gap import Gap

from .conftest import ROOT, ship

ALL = 10_000
PARTS = [import_module(part.__module__) for part in Lab.__mro__ if part.__module__.startswith("labkit.lab")]
METHODS = [
    (kind, name, method)
    for kind in (Lab, Gap)
    for name, method in inspect.getmembers(kind, inspect.isfunction)
    if not name.startswith("_")
]


@pytest.fixture
def shipped(tmp_path, database, monkeypatch) -> Iterator[Lab]:
    """Return a lab with all texts that ship, and what the LLM said of them."""
    ship("issues", ALL, tmp_path)
    for name in ("decisions.jsonl", "run-modal.jsonl"):
        shutil.copy(ROOT / "data" / "issues" / name, tmp_path / "data" / "issues")
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(tmp_path)
    made = Lab("issues", person="anna")
    made.ingest("data/issues/texts.jsonl")
    made.annotate("llm")
    made.annotate("llm-bare")
    yield made
    made.store.close()


@pytest.mark.parametrize(
    ("kind", "name", "method"), METHODS, ids=[f"{kind.__name__}.{name}" for kind, name, _ in METHODS]
)
def test_help_explains_what_a_method_takes_and_returns(kind, name, method):
    said, signature = inspect.getdoc(method) or "", inspect.signature(method)
    if len(signature.parameters) > 1:
        assert "Parameters\n------" in said
    one_sentence = said.count("\n") == 0
    assert one_sentence or signature.return_annotation in ("int", "str", "Figure", "Any") or "Returns\n-------" in said


def test_the_examples_run(shipped):
    finder, runner = doctest.DocTestFinder(recurse=True), doctest.DocTestRunner()
    for module in PARTS:
        for example in finder.find(module, extraglobs={"lab": shipped, "Lab": Lab}):
            runner.run(example)
    assert runner.summarize(verbose=False).attempted > 10
    assert runner.failures == 0
