"""The examples in docstrings say what comes out; those of a lab's own modules need one, and run in tests/lab."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = [
    path
    for path in sorted((ROOT / "labkit").rglob("*.py"))
    if ">>>" in path.read_text("utf-8") and path.parent.name != "lab"
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_examples_run(path):
    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert not doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed
