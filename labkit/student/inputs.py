"""What a model follows from: the configuration, checked against the task, the texts, and the digest of both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError, one_line
from ..files import unstorable
from ..tasks import Task

if TYPE_CHECKING:
    from confection import Config

Texts = Sequence[tuple[str, Any]]


def read_settings(config: Path | Config, task: Task, seed: int | None = None) -> Config:
    """Return a training configuration with spaCy's defaults filled in.

    Parameters
    ----------
    config : Path or Config
        A file, or what was read from one; it is not changed.
    task : Task
        The configuration must hold the component that learns it.
    seed : int, optional
        Replaces the configuration's.

    Raises
    ------
    LabError
        If the file is missing or malformed, no component learns the task, or no model of its kind is trained here.
    """
    from spacy.language import Language

    task.check_learnable()
    given = _read(config) if isinstance(config, (str, Path)) else config
    try:
        settings = Language.default_config.merge(given)
        blocks = settings.interpolate()["components"].values()
    except ValueError as error:
        raise LabError(f"The configuration can't be filled in: {one_line(error)}.", "Mend that place.") from None
    if not any(block.get("factory") in task.components for block in blocks):
        raise LabError(
            f"No component of the configuration learns a task of the kind {task.kind!r}.",
            f"Put a component with factory = {task.components[0]!r} under [components] and into [nlp] pipeline.",
        )
    if seed is not None:
        settings["training"]["seed"] = seed
    return settings


def refuse_endless(settings: Config) -> None:
    """Raise `LabError` where a training without development texts to stop by would never end."""
    training = settings.interpolate()["training"]
    if not training["max_steps"] and training["max_epochs"] <= 0:
        raise LabError(
            "The configuration limits neither steps nor epochs, and there are no development texts to stop by.",
            "Set max_steps under [training].",
        )


def fingerprint(config: Path | Config, task: Task, *texts: Texts, **more: Any) -> str:
    """Return the SHA-256 of all that a model follows from, in 64 hex digits.

    Parameters
    ----------
    config : Path or Config
        A spaCy training configuration.
    task : Task
        What is learned.
    *texts : sequence of (str, value)
        Texts and their values, None where a text has none: to train on, to choose by. The order within
        each does not matter.
    **more
        What else the model follows from, as JSON: ``folds=5``.

    Raises
    ------
    LabError
        If the configuration can't be read or doesn't fit the task, or a value is none of the task's.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> task = make_task("choices", ["BUG", "DOCUMENTATION"])
    >>> len(fingerprint(Path("configs/issues/cpu.cfg"), task, [("it crashes", ["BUG"])]))
    64
    """
    import spacy

    settings = read_settings(config, task).interpolate()
    parts = [in_order(task, part) for part in texts]
    whole = json.dumps([spacy.__version__, settings, task.kind, task.labels, parts, more], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def in_order(task: Task, texts: Texts) -> list[tuple[str, Any]]:
    """Return the texts, their values in canonical form, in an order that follows from both."""
    checked = [(text, None if value is None else task.check(value)) for text, value in texts]
    return sorted(checked, key=json.dumps)


def check_texts(texts: Iterable[str]) -> None:
    """Raise `LabError` for what is no text, or one that holds half a character."""
    for text in texts:
        if not isinstance(text, str):
            raise LabError(f"One of the texts is {text!r}.", "Give strings.")
        if problem := unstorable(text):
            raise LabError(f"One of the texts holds {problem}.", "Leave it out, or mend it.")


def _read(path: Path | str) -> Config:
    """Read a configuration file; its variables stay as they stand."""
    from spacy.util import load_config

    try:
        return load_config(path, interpolate=False)
    except OSError:
        raise LabError(f"The configuration {path} can't be read.", "Check its name and place.") from None
    except ValueError as error:  # confection's errors and UnicodeDecodeError are ValueErrors
        raise LabError(f"{path} is no spaCy configuration: {one_line(error)}.", "Mend that place.") from None
