"""Sends a training to Modal: its configuration, its texts, and what it may cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..tasks import Task
from . import jobs
from .app import Cloud
from .following import Job
from .money import Rent, dollars_a_second
from .volume import put, upload

if TYPE_CHECKING:
    from confection import Config

GRACE_SECONDS = 900
"""What an attempt may take beyond its limit, for what comes before and after: a call that hangs ends then."""


def describe_training(
    cloud: Cloud, config: Config, task: Task, texts: Sequence[Sequence[tuple[str, Any]]], rent: Rent, seconds: float
) -> Job:
    """Put a training on the volume, ready to be started.

    Parameters
    ----------
    cloud : Cloud
        Modal.
    config : Config
        The training configuration. Files and folders of this machine that it names go with it.
    task : Task
        What is learned.
    texts : sequence of (sequence of (str, value))
        What to learn from, and what to choose the best model by.
    rent : Rent
        What its container is given.
    seconds : float
        When it has to end.
    """
    text = _carry(cloud, config).to_str()
    rent = _lasting(rent, seconds)
    extras = ("gpu",) if rent.gpu else ("transformers",) if "spacy-transformers" in text else ()
    job = Job(
        function="train",
        volume=cloud.settings.volume,
        mount=cloud.settings.mount,
        rent=asdict(rent),
        extras=extras,
        price=dollars_a_second(rent, cloud.settings.prices),
        prices=dict(cloud.settings.prices),
    )
    given = {
        "config": text,
        "task": describe_task(task),
        "versions": jobs.versions(),
        "seconds": seconds,
        "checkpoint_seconds": jobs.CHECKPOINT_SECONDS,
    }
    files = {jobs.JOB: json.dumps(given).encode()}
    for part, rows in zip(("train", "dev"), texts, strict=True):
        files[f"{part}.jsonl"] = "".join(json.dumps(row) + "\n" for row in rows).encode()
    put(cloud, {f"{job.path}/{name}": content for name, content in files.items()})
    return job


def describe_task(task: Task) -> dict[str, Any]:
    """Return a task as JSON: what `labkit.tasks.make_task` makes it of.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> task = make_task("choices", ["BUG", "DOCUMENTATION"])
    >>> make_task(**describe_task(task)) == task
    True
    """
    more = {name: getattr(task, name) for name in sorted(task.settings())}
    return {
        "kind": task.kind,
        "labels": list(task.labels),
        "definitions": dict(task.definitions),
        "aliases": dict(task.aliases),
        **more,
    }


def _lasting(rent: Rent, seconds: float) -> Rent:
    """Return the same, with as much time as the limit wants and Modal allows."""
    return replace(rent, timeout=int(min(seconds + GRACE_SECONDS, 24 * 3600)))


def _carry(cloud: Cloud, config: Config) -> Config:
    """Return the configuration with what it names of this machine on the volume, and named as containers see it."""
    carried = config.copy()

    def walk(table: dict[str, Any]) -> None:
        for key, value in table.items():
            if isinstance(value, dict):
                walk(value)
            elif isinstance(value, str) and _is_here(value):
                table[key] = f"{cloud.settings.mount}/{upload(cloud, Path(value))}"

    walk(carried)
    return carried


def _is_here(value: str) -> bool:
    """Whether a text is the full path of a file or folder of this machine."""
    try:
        return Path(value).is_absolute() and Path(value).exists()
    except (OSError, ValueError):  # too long for a path, or with a null
        return False
