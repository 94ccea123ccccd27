"""Puts a job on the volume, ready to be started: what is to be done, what with, and what it may cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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


def send(
    cloud: Cloud,
    function: str,
    given: Mapping[str, Any],
    rent: Rent,
    seconds: float,
    *,
    files: Mapping[str, bytes] | None = None,
    extras: Sequence[str] = (),
    secrets: Sequence[str] = (),
) -> Job:
    """Put a job on the volume, and return it.

    Parameters
    ----------
    cloud : Cloud
        Modal.
    function : str
        The function of `labkit.cloud.jobs` that does it.
    given : mapping
        What it is to do, as JSON.
    rent : Rent
        What its container is given.
    seconds : float
        When it has to end.
    files : mapping of str to bytes, optional
        What it reads beside `given`.
    extras, secrets : sequence of str
        Extras of labkit, and environment variables by name, that it needs.
    """
    rent = _lasting(rent, seconds)
    job = Job(
        function=function,
        volume=cloud.settings.volume,
        mount=cloud.settings.mount,
        rent=asdict(rent),
        extras=extras,
        price=dollars_a_second(rent, cloud.settings.prices),
        prices=dict(cloud.settings.prices),
        secrets=secrets,
    )
    whole = {**given, "versions": jobs.versions(), "seconds": seconds}
    contents = {jobs.JOB: json.dumps(whole).encode(), **(files or {})}
    put(cloud, {f"{job.path}/{name}": content for name, content in contents.items()})
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


def carry(cloud: Cloud, config: Config) -> Config:
    """Return a configuration with what it names of this machine on the volume, and named as containers see it."""
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
