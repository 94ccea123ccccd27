"""Sends a training to Modal: its configuration, its texts, and what it may cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..tasks import Task
from . import jobs
from .app import Cloud
from .following import Job
from .money import Rent
from .sending import carry, describe_task, send

if TYPE_CHECKING:
    from confection import Config


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
    text = carry(cloud, config).to_str()
    extras = ("gpu",) if rent.gpu else ("transformers",) if "spacy-transformers" in text else ()
    given = {"config": text, "task": describe_task(task), "checkpoint_seconds": jobs.CHECKPOINT_SECONDS}
    files = {
        f"{part}.jsonl": "".join(json.dumps(row) + "\n" for row in rows).encode()
        for part, rows in zip(("train", "dev"), texts, strict=True)
    }
    return send(cloud, "train", given, rent, seconds, files=files, extras=extras)
