"""Runs a trained model over texts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError, one_line
from ..progress import Progress, Report, silent
from ..tasks import Task
from .inputs import check_texts

if TYPE_CHECKING:
    from spacy.language import Language

REPORT_EVERY = 100
PUBLISHED = re.compile(r"[a-z]{2,3}_(core|dep|ent)_[a-z]+_(sm|md|lg|trf)$|[a-z]{2}_sent_ud_sm$|en_core_web_\w+$")
"""What spaCy's own pipelines are called."""


def score(
    pipeline: Path | str | Language, task: Task, texts: Sequence[str], report: Report = silent
) -> list[tuple[Any, dict[str, float]]]:
    """Return the value and each label's probability that a model gives to each text.

    Parameters
    ----------
    pipeline : Path, str or Language
        The folder of a pipeline, the name of an installed one, or one that is loaded.
    task : Task
        Reads the values from the documents.
    texts : sequence of str
        The texts, in the order of the results.
    report : callable
        Is told how many texts are done.

    Raises
    ------
    LabError
        If there is no such pipeline, it doesn't know the task's labels, or a text is none.

    Examples
    --------
    >>> score("en_issues", task, ["It crashes at start"])  # doctest: +SKIP
    [(['BUG'], {'BUG': 0.93, 'DOCUMENTATION': 0.04})]
    """
    from spacy.util import minibatch

    if isinstance(texts, str):
        raise LabError("What is to be scored is one text.", "Give a list of texts.")
    check_texts(texts)
    nlp = load_pipeline(pipeline) if isinstance(pipeline, (str, Path)) else pipeline
    _check(nlp, task)
    results: list[tuple[Any, dict[str, float]]] = []
    for docs in minibatch(nlp.pipe(texts), REPORT_EVERY):
        results += zip(map(task.read, docs), task.probabilities(nlp, docs), strict=True)
        report(Progress("scoring", len(results), len(texts)))
    return results


def load_pipeline(pipeline: Path | str) -> Language:
    """Load a spaCy pipeline by its folder, or by the name under which it is installed.

    Raises
    ------
    LabError
        If there is none, with the command that installs it, or it can't be loaded.

    Examples
    --------
    >>> load_pipeline("en_core_web_xl")
    Traceback (most recent call last):
    ...
    labkit.errors.LabError: The pipeline en_core_web_xl is not installed. Run: python -m spacy download en_core_web_xl
    """
    import spacy
    from spacy.util import is_package

    try:
        return spacy.load(pipeline)
    except (OSError, ValueError, ImportError) as error:
        if isinstance(pipeline, str) and pipeline.isidentifier() and not is_package(pipeline):
            command = "python -m spacy download" if PUBLISHED.match(pipeline) else "pip install"
            raise LabError(f"The pipeline {pipeline} is not installed.", f"Run: {command} {pipeline}") from None
        raise LabError(
            f"The pipeline {pipeline} can't be loaded: {one_line(error)}.", "Train it, or install it."
        ) from None


def digest_of(nlp: Language) -> str:
    """Return the SHA-256 of a pipeline's configuration and weights, in 64 hex digits."""
    whole = hashlib.sha256(nlp.config.to_bytes())
    for file in sorted(nlp.path.rglob("*")) if isinstance(nlp.path, Path) else ():
        if file.is_file():
            with file.open("rb") as content:
                whole.update(f"{file.relative_to(nlp.path)}".encode() + hashlib.file_digest(content, "sha256").digest())
    return whole.hexdigest()


def _check(nlp: Language, task: Task) -> None:
    """Raise LabError where the pipeline doesn't mark what this task is about."""
    names = [name for name in nlp.pipe_names if set(nlp.get_pipe_meta(name).assigns) & set(task.places)]
    known = {task.own_name(label) for name in names for label in nlp.pipe_labels[name]}
    if known.isdisjoint(task.labels):
        raise LabError(
            f"The pipeline knows none of the labels {', '.join(task.labels)}.",
            "Take one that learned this task, or say under [aliases] in project.toml what it calls them.",
        )
