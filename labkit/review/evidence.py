"""What annotators say for and against the labels that a person is asked to confirm, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .answers import NO_VALUE, Answers

SURE = 0.99
"""How sure of a label an annotator counts as, at most: a model's 0.9999 is no better founded than this."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of each text before anybody decides. Made by `gather`.

    Parameters
    ----------
    code : array of int, shape (texts,)
        The value at stake: what the first annotator says, where it says nothing the second, and so on.
    said : array of 0 and 1, shape (texts, labels)
        Which labels that value holds.
    differ : array of float, shape (texts, labels)
        The share, 0 to 1, of the others without scores that say otherwise of the label; 0 where there are none.
    doubt : array of float, shape (texts, labels)
        The mean log odds that others with scores give against what is said of the label; 0 where there are none.
    own : array of float, shape (texts, labels)
        The log odds that the one who said it gives against it; 0 where it gives no scores.
    apart : array of float, shape (texts,)
        The share, 0 to 1, of the others without scores who give another value; 0 where there are none.
    unsure : array of float, shape (texts,)
        The mean log odds that those with scores give against the value as a whole; 0 where there are none, and
        where labels say all there is to say of a value.
    """

    code: NDArray[np.int32]
    said: NDArray[np.int8]
    differ: NDArray[np.float64]
    doubt: NDArray[np.float64]
    own: NDArray[np.float64]
    apart: NDArray[np.float64]
    unsure: NDArray[np.float64]


def gather(answers: Answers, rows: NDArray[np.int64]) -> Evidence:
    """Gather the evidence on some texts.

    Parameters
    ----------
    answers : Answers
        What each annotator said; whose errors are looked for comes first.
    rows : array of int, shape (texts,)
        Rows of `answers` in which somebody gives a value.

    Examples
    --------
    >>> import pandas as pd
    >>> from labkit.review import compare
    >>> from labkit.tasks import make_task
    >>> said = [(1, "llm", ["BUG"]), (1, "llm-bare", []), (2, "llm", []), (2, "llm-bare", [])]
    >>> said = pd.DataFrame(said, columns=["example", "annotator", "value"])
    >>> said = said.assign(kind="llm", outcome="parsed", scores=None)
    >>> gather(compare(said, make_task("choices", ["BUG"])).answers, np.array([0, 1])).differ.tolist()
    [[1.0], [0.0]]
    """
    codes = answers.codes[rows]
    first = (codes != NO_VALUE).argmax(axis=1)
    code = codes[np.arange(len(rows)), first]
    said = answers.membership[code]
    differ, plain, doubt, scored, own = (np.zeros(said.shape) for _ in range(5))
    apart, unsure, sure = (np.zeros(len(rows)) for _ in range(3))
    for column, name in enumerate(answers.annotators):
        given = codes[:, column] != NO_VALUE
        other = (given & (first != column))[:, None]
        if name in answers.scores:
            against = _log_odds(answers.scores[name][rows]) * np.where(said == 1, -1, 1)
            known = ~np.isnan(against)
            doubt += np.where(other & known, against, 0)
            scored += other & known
            own += np.where((first == column)[:, None] & known, against, 0)
        else:
            differ += other & (answers.membership[codes[:, column]] != said)
            apart += other[:, 0] & (codes[:, column] != code)
            plain += other
        if name in answers.trust:
            against_value = -_log_odds(answers.trust[name][rows])
            unsure += np.nan_to_num(against_value)
            sure += ~np.isnan(against_value)
    return Evidence(
        code=code,
        said=said,
        differ=differ / np.maximum(plain, 1),
        doubt=doubt / np.maximum(scored, 1),
        own=own,
        apart=apart / np.maximum(plain[:, 0], 1),
        unsure=unsure / np.maximum(sure, 1),
    )


def _log_odds(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log odds of probabilities, none surer than `SURE`."""
    sure = np.clip(chances, 1 - SURE, SURE)
    return np.asarray(np.log(sure) - np.log1p(-sure))
