"""The lists of what labkit needs say the same, and the commands do what the README says."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROMISED = {
    "jupyterlab",
    "ipywidgets",
    "spacy",
    "spacy-llm",
    "spacy-transformers",
    "pandas",
    "matplotlib",
    "modal",
    "psycopg",
    "nbval",
}
NOT_PACKAGES = {"python", "pip"}
ITSELF = "labkit["
OPTIONAL = {"datasets", "huggingface-hub", "torch"}
"""What labkit uses where it is installed, and says so where it is not."""
WITH_TRANSFORMERS = {"tokenizers", "transformers"}
"""What tests of transformers take from what spacy-transformers brings."""
WITHOUT_CONDA = {"gpu"}
"""Extras for some machines alone."""


def needs(lines: Iterable[str]) -> dict[str, Requirement]:
    """Return requirements by their names."""
    return {canonicalize_name(need.name): need for need in map(Requirement, lines)}


def spelled(listed: dict[str, Requirement]) -> dict[str, str]:
    """Return what each requirement asks for, written in one way."""
    return {name: f"{sorted(need.extras)}{need.specifier}" for name, need in listed.items()}


def imported(folder: Path) -> set[str]:
    """Return the distributions that the modules of a folder import, at their top or in a function."""
    nodes = [node for path in folder.rglob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    packages = {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"labkit", "tests"}
    found = packages_distributions()
    return {canonicalize_name(found.get(package, [package])[0]) for package in packages}


@pytest.fixture(scope="module")
def project() -> dict:
    """Return the table [project] of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def pip_needs(project) -> dict[str, Requirement]:
    """Return what pyproject.toml lists, its extras included."""
    extras = [
        line
        for extra, lines in project["optional-dependencies"].items()
        for line in lines
        if extra not in WITHOUT_CONDA and not line.startswith(ITSELF)
    ]
    return needs([*project["dependencies"], *extras])


@pytest.fixture(scope="module")
def conda() -> list:
    """Return the dependencies in environment.yml."""
    return yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]


@pytest.fixture(scope="module")
def pins() -> list[Requirement]:
    """Return the lines of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if not line.lstrip().startswith("#")]


def test_conda_and_pip_install_the_same(pip_needs, conda):
    *packages, section = conda
    *from_pip, itself = section["pip"]
    listed = needs([*packages, *from_pip])
    assert spelled({name: need for name, need in listed.items() if name not in NOT_PACKAGES}) == spelled(pip_needs)
    assert itself == "-e ."


def test_conda_and_pip_take_the_same_pythons(project, conda):
    assert needs(conda[:1])["python"].specifier == Requirement(f"python{project['requires-python']}").specifier


def test_what_is_imported_is_listed(project, pip_needs):
    installed = {*needs(project["dependencies"]), "psycopg-pool", *OPTIONAL}
    assert imported(ROOT / "labkit") <= installed
    assert imported(ROOT / "tests") <= installed | set(pip_needs) | WITH_TRANSFORMERS


def test_what_was_promised_is_listed(pip_needs):
    assert set(pip_needs) >= PROMISED


def test_torch_stays_in_an_extra(project):
    assert not {"torch", "spacy-transformers"} & set(needs(project["dependencies"]))
    assert {"torch", "spacy-transformers"} <= set(needs(project["optional-dependencies"]["transformers"]))


def test_a_gpu_needs_what_a_transformer_needs_and_cupy(project):
    itself, cupy = project["optional-dependencies"]["gpu"]
    assert itself == "labkit[transformers]"
    torch = needs(project["optional-dependencies"]["transformers"])["torch"]
    assert (str(torch.specifier), cupy.partition(">")[0]) == ("==2.13.0", "cupy-cuda13x"), "one CUDA for both"


def test_everything_listed_is_pinned_to_a_version_that_fits(pip_needs, pins):
    pinned = {canonicalize_name(pin.name): pin for pin in pins}
    assert set(pip_needs) <= set(pinned)
    for name, need in pip_needs.items():
        assert need.specifier.contains(next(iter(pinned[name].specifier)).version), name


def test_pins_hold_on_every_machine(pins):
    assert not [str(pin) for pin in pins if pin.url or not re.fullmatch(r"==[\w.]+", str(pin.specifier))]


def test_the_readme_and_ci_run_the_same_command():
    command = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1]
    readme = (ROOT / "README.md").read_text("utf-8")
    assert command == "make test"
    assert re.search(rf"^{command}\b", readme, re.MULTILINE)


def test_make_lab_opens_the_first_notebook():
    planned = subprocess.run(
        ["make", "--dry-run", "lab"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    *_, check, jupyter = planned.stdout.replace("\\\n", "").splitlines()
    assert check.endswith("-m labkit check")
    assert "jupyterlab" in jupyter
    assert "/lab/tree/notebooks/00_start_here.ipynb" in jupyter
    assert "--no-browser" in jupyter, "there is no screen in this environment"
