"""The house rules of the notebooks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbval.plugin import comment_markers

from labkit.widgets.corrector import Corrector
from labkit.widgets.monitor import Monitor

FOLDER = Path(__file__).parents[1] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
LINES = 15
FUNCTION_LINES = 3
ABSOLUTE = re.compile(r"(?<![\w.:/<~-])/(home|Users|root|work|tmp|var|opt|mnt|private)/|\b[A-Z]:\\")


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    """Return a notebook as it is committed."""
    return nbformat.read(request.param, as_version=4)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells that run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def functions(cell: NotebookNode) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions that a cell defines."""
    for node in ast.walk(ast.parse(TransformerManager().transform_cell(cell.source))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def texts(node: object) -> Iterator[str]:
    """Yield every text in a notebook that is not a picture."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            if not str(key).startswith("image/"):
                yield from texts(value)
    elif isinstance(node, list):
        yield from (
            texts("".join(node))
            if all(isinstance(part, str) for part in node)
            else (text for part in node for text in texts(part))
        )


def test_notebooks_stand_in_the_order_of_the_work():
    numbers = [re.match(r"(\d\d)_", path.name)[1] for path in PATHS]
    assert len(set(numbers)) == len(numbers)
    assert PATHS[0].name == "00_start_here.ipynb"


def test_every_code_cell_was_run_once_from_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_no_cell_ended_in_an_error(notebook):
    assert not [o.ename for cell in code(notebook) for o in cell.outputs if o.output_type == "error"]


def test_a_cell_is_short(notebook):
    assert not [cell.source for cell in code(notebook) if len(cell.source.strip().splitlines()) > LINES]


def test_helper_code_stands_in_labkit(notebook):
    long = [f for cell in code(notebook) for f in functions(cell) if f.end_lineno - f.lineno >= FUNCTION_LINES]
    assert not [function.name for function in long]


def test_prose_stands_before_every_code_cell(notebook):
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds[0] == "markdown"
    assert ("code", "code") not in set(pairwise(kinds))


def test_no_path_is_absolute(notebook):
    assert not [text for text in texts(notebook.cells) if ABSOLUTE.search(text)]


def test_nbval_knows_every_marker(notebook):
    lines = [line.strip() for cell in code(notebook) for line in cell.source.splitlines() if "NBVAL" in line.upper()]
    assert not [line for line in lines if line.removeprefix("# ") not in comment_markers]


def test_saved_widgets_are_those_of_today(notebook):
    kept = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {"state": {}})
    states = [model["state"] for model in kept["state"].values() if "_anywidget_id" in model["state"]]
    today = {f"{each.__module__}.{each.__name__}": (str(each._esm), str(each._css)) for each in (Corrector, Monitor)}
    old = {
        state["_anywidget_id"] for state in states if (state["_esm"], state["_css"]) != today[state["_anywidget_id"]]
    }
    assert not old, "execute the notebook again: who reads it without a kernel sees an older widget"


def test_any_kernel_of_python_will_do(notebook):
    assert notebook.metadata.kernelspec.name == "python3"


def test_a_workshop_has_its_rhythm(notebook):
    first, last = notebook.cells[0].source, notebook.cells[-1].source
    assert "**What you will learn.**" in first
    assert re.search(r"\*\*How long\.\*\*.*\bminutes?\b", first)
    assert re.search(r"^#+ Exercises", last, re.MULTILINE)
    assert re.findall(r"^(\d)\. ", last, re.MULTILINE) == ["1", "2"]
