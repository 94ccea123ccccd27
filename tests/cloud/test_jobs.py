"""What a container makes known and checks before it works."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

from spacy_llm.registry import registry

from labkit.cloud import jobs
from labkit.cloud.sending import describe_task
from labkit.tasks import make_task

POINTS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]


def test_a_container_knows_what_an_installed_labkit_makes_known():
    jobs.register()
    for group, points in POINTS.items():
        known = getattr(registry, group.removeprefix("thinc_"))
        for name, place in points.items():
            module, _, function = place.partition(":")
            assert known.get(name) is getattr(import_module(module), function)


def test_a_task_is_the_same_there():
    for kind, more in (("choice", {}), ("choices", {}), ("spans", {"overlap": True})):
        task = make_task(kind, ["A", "B"], {"A": "the first"}, {"C": "B"}, **more)
        assert make_task(**describe_task(task)) == task


def test_versions_that_must_agree_are_named():
    assert set(jobs.versions()) == {"Python", "labkit", "spaCy"}
