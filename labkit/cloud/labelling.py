"""Sends a pass of an LLM to Modal: its container asks, and writes to the store that everyone shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..tasks import Task
from .app import Cloud
from .following import Job
from .money import Rent
from .sending import carry, describe_task, send

if TYPE_CHECKING:
    from confection import Config

STORE = "DATABASE_URL"
"""The variable that leads containers to the store."""


def describe_labelling(
    cloud: Cloud,
    config: Config,
    task: Task,
    project: int,
    name: str,
    rent: Rent,
    seconds: float,
    *,
    budget: float | None = None,
) -> Job:
    """Put a pass of an LLM on the volume, ready to be started.

    Parameters
    ----------
    cloud : Cloud
        Modal.
    config : Config
        The LLM's pipeline. Its key, and the store's address, go by their names.
    task : Task
        What is labelled.
    project : int
        The store's number of the project.
    name : str
        What the annotator is called there.
    rent : Rent
        What its container is given.
    seconds : float
        When it has to end.
    budget : float, optional
        Dollars that the LLM may cost at most; the configuration's budget by default.
    """
    models = [settings.get("model", {}) for settings in config["components"].values()]
    keys = sorted({key for model in models if (key := model.get("key_variable"))})
    given = {
        "config": carry(cloud, config).to_str(),
        "task": describe_task(task),
        "project": project,
        "name": name,
        "budget": budget,
    }
    return send(cloud, "label", given, rent, seconds, secrets=(STORE, *keys))
