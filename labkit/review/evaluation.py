"""How right annotators are, against labels that are taken as true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import LabError
from ..metrics import part_scores
from ..tasks import Task
from .answers import Answers, choose, encode

DIGITS = 3


def evaluate(
    annotations: pd.DataFrame,
    task: Task,
    reference: str = "reference",
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Score annotators against a reference, label by label, with 95 % bootstrap intervals.

    Spans are right where label and both ends are; see `Comparison.overlap` for spans that only overlap. Relations
    are right where their label, their direction and the ends of both their spans are.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, with the columns ``example, annotator, kind, outcome, value, scores``.
    task : Task
        What the values are values of.
    reference : str
        The annotator whose values are taken as true.
    names : sequence of str, optional
        Who to score; everyone but the reference if left out.
    seed : int
        Where the random numbers of the intervals start.

    Returns
    -------
    DataFrame
        Indexed by ``annotator`` and ``label``; the rows after the labels are those of
        `labkit.metrics.scores`. Columns ``precision, recall, f`` (shares between 0 and 1, to three
        digits), each with the ends of its interval (``f_low, f_high``), ``support`` (true labels, or spans),
        ``texts`` that were scored, and ``left_out``, the texts of the reference to which the annotator
        gave no value.

    Raises
    ------
    LabError
        If there is no annotation by the reference or one of `names`, or an annotator shares no text with it.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "reference", ["BUG"]), (1, "llm", ["BUG"]), (2, "reference", []), (2, "llm", ["BUG"])]
    >>> annotations = pd.DataFrame(rows, columns=["example", "annotator", "value"])
    >>> annotations = annotations.assign(kind="llm", outcome="parsed", scores=None)
    >>> evaluate(annotations, make_task("choices", ["BUG"])).loc[("llm", "BUG"), "f"].item()
    0.667
    """
    chosen = [name for name in choose(annotations, names) if name != reference]
    answers = encode(annotations, task, choose(annotations, [reference, *chosen]))
    tables = {}
    for name in chosen:
        truth, guess, texts = answers.tally(reference, name)
        if not len(texts):
            raise LabError(f"{name} labelled none of the texts of {reference}.", f"Annotate them with {name}.")
        table = part_scores(_parts(answers, truth, guess), task.labels, texts, seed=seed)
        left_out = answers.given[:, 0].sum() - texts.sum()
        tables[name] = table.round(DIGITS).assign(texts=texts.sum(), left_out=left_out)
    if not tables:
        raise LabError(f"There is nobody to score against {reference}.", "Annotate first: lab.annotate('llm').")
    return pd.concat(tables, names=["annotator", "label"])


def _parts(answers: Answers, truth: NDArray[Any], guess: NDArray[Any]) -> NDArray[np.int32]:
    """Count for each pair of values the parts that are right, wrong and missed, by label."""
    column = {label: place for place, label in enumerate(answers.task.labels)}
    said = [answers.task.scored(value) for value in answers.values]
    counts = np.zeros((len(truth), 3, len(column)), np.int32)
    for row, (true, given) in enumerate(zip(truth.tolist(), guess.tolist(), strict=True)):
        sets = (said[true] & said[given], said[given] - said[true], said[true] - said[given])
        for sort, parts in enumerate(sets):
            for part in parts:
                counts[row, sort, column[part.label]] += 1
    return counts
