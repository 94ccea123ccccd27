"""Runs a trained model over texts."""

from __future__ import annotations

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
    if isinstance(texts, str):
        raise LabError("What is to be scored is one text.", "Give a list of texts.")
    check_texts(texts)
    nlp = _load(pipeline) if isinstance(pipeline, (str, Path)) else pipeline
    _check(nlp, task)
    results = []
    for doc in nlp.pipe(texts):
        results.append((task.read(doc), task.scores(doc)))
        if len(results) % REPORT_EVERY == 0 or len(results) == len(texts):
            report(Progress("scoring", len(results), len(texts)))
    return results


def _load(pipeline: Path | str) -> Language:
    """Load a pipeline, or raise LabError."""
    import spacy

    try:
        return spacy.load(pipeline)
    except (OSError, ValueError, ImportError) as error:
        raise LabError(
            f"The pipeline {pipeline} can't be loaded: {one_line(error)}.", "Train it, or install it."
        ) from None


def _check(nlp: Language, task: Task) -> None:
    """Raise LabError where the pipeline didn't learn this task."""
    names = [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory == task.component]
    known = {label for name in names for label in nlp.pipe_labels[name]}
    if known.isdisjoint(task.labels):
        raise LabError(
            f"The pipeline knows none of the labels {', '.join(task.labels)}.", "Take one that learned this task."
        )
