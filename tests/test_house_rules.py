"""The house rules of the package: where imports point, how long modules are, who speaks SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "labkit"
MODULES = sorted(PACKAGE.rglob("*.py"))

ROWS = (
    {"apart", "errors", "memory", "progress", "tasks"},
    {"files", "project", "store"},
    {"chat", "corpus", "datasets", "formats", "metrics"},
    {"certify", "predict", "prompts", "review", "rules", "student", "teacher", "wheels"},
    {"check", "cloud", "plots", "serve", "widgets"},
    {"lab"},
    {"__init__", "__main__"},
)
"""The rooms of labkit, the lowest row first. A room is a module, or a folder of them."""

FOUNDATION = "errors"
"""The one room that its own row may import: tasks raise LabError."""

ROW = {room: number for number, rooms in enumerate(ROWS, 1) for room in rooms}
NAMES = {"Lab": "lab", "LabError": "errors"}
"""What the package gives out under its own name, and the rooms it comes from."""

SQL = re.compile(r"\b(SELECT|INSERT INTO|DELETE FROM|UPDATE|(CREATE|ALTER|DROP) (TABLE|INDEX|SCHEMA|DATABASE))\s+\S")
MACHINE = re.compile(r"(?<![\w.~])/(home|Users|root|work|private)/\w|[A-Z]:\\\\?Users")

each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())


def room_of(path: Path) -> str:
    """Return the room that a module stands in."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported_rooms(path: Path) -> Iterator[str]:
    """Yield the rooms that a module imports, at its top, in its functions, or for its types only."""
    package = ("labkit", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            start = ".".join((*base, *filter(None, [node.module])))
            names = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        parts = [name.split(".")[1] for name in names if name.startswith("labkit.")]
        yield from (NAMES.get(part, part) for part in parts if part != "__version__")


def test_every_room_has_its_row():
    assert {room_of(path) for path in MODULES} <= set(ROW)


@each_module
def test_imports_point_to_a_lower_row(path):
    room = room_of(path)
    wrong = {other for other in imported_rooms(path) if other not in (room, FOUNDATION) and ROW[other] >= ROW[room]}
    assert not wrong, f"{room} stands in row {ROW[room]}, and {wrong} not below it"


def test_the_foundation_imports_nothing():
    assert not set(imported_rooms(PACKAGE / "errors.py"))


@each_module
def test_a_module_is_under_300_lines(path):
    assert len(path.read_text("utf-8").splitlines()) < 300


def public(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield the functions, classes and methods that have a public name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def documented(docstring: str) -> set[str]:
    """Return the names in the section Parameters of a NumPy-style docstring."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", docstring, re.MULTILINE | re.DOTALL)
    lines = section[1].splitlines() if section else []
    heads = [line.split(":")[0] for line in lines if line and not line.startswith(" ")]
    return {name.strip(" *") for head in heads for name in head.split(",")}


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Return the names of a function's parameters."""
    known = node.args
    every = [*known.posonlyargs, *known.args, *known.kwonlyargs, *filter(None, [known.vararg, known.kwarg])]
    return {argument.arg for argument in every} - {"self", "cls"}


@each_module
def test_what_is_public_is_documented(path):
    missing = [node.name for node in public(ast.parse(path.read_text("utf-8"))) if not ast.get_docstring(node)]
    assert not missing


@each_module
def test_docstrings_name_the_parameters_that_there_are(path):
    tree = ast.parse(path.read_text("utf-8"))
    for node in public(tree):
        names = documented(ast.get_docstring(node) or "")
        if names and not isinstance(node, ast.ClassDef):
            assert names == parameters(node), node.name


def strings(tree: ast.AST) -> Iterator[str]:
    """Yield the texts in a module that are no docstring."""
    for node in ast.walk(tree):
        docstrings = {id(n.value) for n in ast.iter_child_nodes(node) if isinstance(n, ast.Expr)}
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Constant) and isinstance(child.value, str) and id(child) not in docstrings:
                yield child.value


@each_module
def test_only_the_store_speaks_sql(path):
    if room_of(path) == "store":
        return
    tree = ast.parse(path.read_text("utf-8"))
    assert not [text for text in strings(tree) if SQL.search(text)]
    assert not re.search(r"^\s*(import|from) psycopg", path.read_text("utf-8"), re.MULTILINE)


def committed() -> list[Path]:
    """Return the files that people write: all but data, which holds texts as they were found."""
    folders = [PACKAGE, ROOT / "tests", ROOT / "configs", ROOT / "notebooks", ROOT / ".ci"]
    paths = [*ROOT.glob("*"), *(path for folder in folders for path in folder.rglob("*"))]
    return [path for path in paths if path.is_file() and path.suffix not in {".pyc", ".png"} and path.name != ".env"]


def test_no_file_names_a_place_on_one_machine():
    found = {
        path.relative_to(ROOT).as_posix(): hit[0]
        for path in committed()
        if (hit := MACHINE.search(path.read_text("utf-8", errors="replace"))) and path != Path(__file__)
    }
    assert not found
