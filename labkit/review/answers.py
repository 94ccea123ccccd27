"""Annotations as arrays: every value a number, so that a million texts are compared at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import LabError
from ..tasks import Outcome, Task

COLUMNS = ("example", "annotator", "kind", "outcome", "value", "scores")
WITH_VALUE = [str(outcome) for outcome in Outcome if outcome.has_value]
NO_VALUE = -1


@dataclass(frozen=True, eq=False)
class Answers:
    """What each annotator said of each text.

    Parameters
    ----------
    task : Task
        What the values are values of.
    annotators : tuple of str
        Who answered, in the order of the columns.
    examples : array of int, shape (texts,)
        The examples that at least one annotator was asked about, ascending.
    codes : array of int, shape (texts, annotators)
        The number of the value, `NO_VALUE` where there is none.
    values : list
        The value that each number stands for.
    membership : array of 0 and 1, shape (values + 1, labels)
        Which labels each value holds; the last row, for `NO_VALUE`, holds none.
    scores : dict of str to array, shape (texts, labels)
        Probabilities of the annotators that give any; NaN where a text has none.
    confidence : dict of str to array, shape (texts,)
        How sure these annotators are of their own values, as the task says it; NaN where they gave none.
    trust : dict of str to array, shape (texts,)
        How sure these annotators are of the value at stake, as the task says it; NaN where they gave no scores. Empty
        where values are of whole texts, for there the scores of labels say as much.
    """

    task: Task
    annotators: tuple[str, ...]
    examples: NDArray[np.int64]
    codes: NDArray[np.int32]
    values: list[Any]
    membership: NDArray[np.int8]
    scores: dict[str, NDArray[np.float64]]
    confidence: dict[str, NDArray[np.float64]]
    trust: dict[str, NDArray[np.float64]]

    @property
    def stake(self) -> NDArray[np.int32]:
        """The number of the value at stake: what the first annotator says, or where it says nothing the second."""
        first = (self.codes != NO_VALUE).argmax(axis=1)
        return self.codes[np.arange(len(self.codes)), first]

    @property
    def given(self) -> NDArray[np.bool_]:
        """Whether each text (row) has a value from each annotator (column)."""
        return np.asarray(self.codes != NO_VALUE)

    def column(self, annotator: str) -> int:
        """Return where `annotator` stands, or raise `LabError`."""
        check_names([annotator], self.annotators)
        return self.annotators.index(annotator)

    def tally(self, a: str, b: str) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Count each pair of values that `a` and `b` gave to one text: value of a, value of b, texts."""
        columns = [self.column(a), self.column(b)]
        left, right = self.codes[self.given[:, columns].all(axis=1)][:, columns].astype(np.int64).T
        size = max(len(self.values), 1)
        pairs, texts = np.unique(left * size + right, return_counts=True)
        return pairs // size, pairs % size, texts

    def chance(self, annotator: str, label: int) -> NDArray[np.float64]:
        """Return the probability of one label: the score where there is one, else 0 or 1."""
        said = self.membership[self.codes[:, self.column(annotator)], label].astype(float)
        scores = self.scores.get(annotator)
        return said if scores is None else np.where(np.isnan(scores[:, label]), said, scores[:, label])


def encode(annotations: pd.DataFrame, task: Task, names: Sequence[str]) -> Answers:
    """Turn the annotations of `names` into arrays; raises `LabError` for what does not fit together."""
    frame = annotations[annotations["annotator"].isin(list(names))]
    if frame.duplicated(["example", "annotator"]).any():
        raise LabError("An annotator stands twice at one example.", "Give only the latest annotation of each.")
    examples, rows = np.unique(frame["example"].to_numpy(np.int64), return_inverse=True)
    columns = pd.Index(list(names)).get_indexer(pd.Index(frame["annotator"]))
    said = frame["outcome"].isin(WITH_VALUE).to_numpy()
    numbers, values = _number(frame["value"].to_numpy()[said], task)
    codes = np.full((len(examples), len(names)), NO_VALUE, np.int32)
    codes[rows[said], columns[said]] = numbers
    membership = np.array(task.membership([*values, []]), np.int8)
    answers = Answers(task, tuple(names), examples, codes, values, membership, {}, {}, {})
    scored = said & frame["scores"].notna().to_numpy()
    for column in np.unique(columns[scored]):
        mine = scored & (columns == column)
        _add_scores(answers, int(column), rows[mine], frame["scores"].to_numpy()[mine])
    return answers


def _number(raw: NDArray[Any], task: Task) -> tuple[NDArray[np.int32], list[Any]]:
    """Number the values; those that are the same to the task get the same number."""
    seen: dict[str, int] = {}
    spelt = np.fromiter((seen.setdefault(repr(value), len(seen)) for value in raw), np.int32, len(raw))
    first = np.unique(spelt, return_index=True)[1]
    checked = [task.check(raw[row]) for row in first]
    numbers: dict[str, int] = {}
    same = np.array([numbers.setdefault(repr(value), len(numbers)) for value in checked], np.int32)
    values = dict(zip(same.tolist(), checked, strict=True))
    return same[spelt], list(values.values())


def _add_scores(answers: Answers, column: int, rows: NDArray[Any], scores: NDArray[Any]) -> None:
    """Lay out one annotator's scores, and how sure they make it of its values."""
    name, task = answers.annotators[column], answers.task
    table = np.full((len(answers.examples), len(task.labels)), np.nan)
    try:
        for place, label in enumerate(task.labels):
            table[rows, place] = np.fromiter((each.get(label, np.nan) for each in scores), float, len(scores))
    except (AttributeError, TypeError, ValueError):
        raise LabError(f"{name} has scores that are no numbers by label.", 'Give them as {"BUG": 0.9}.') from None
    if (table < 0).any() or (table > 1).any():
        raise LabError(f"{name} has scores outside 0 to 1.", "Give probabilities as scores.")
    answers.scores[name] = table
    answers.confidence[name] = _sureness(answers, answers.codes[:, column], rows, scores)
    if not task.whole_text:
        answers.trust[name] = _sureness(answers, answers.stake, rows, scores)


def _sureness(
    answers: Answers, codes: NDArray[np.int32], rows: NDArray[Any], scores: NDArray[Any]
) -> NDArray[np.float64]:
    """Return how sure somebody with these scores of these rows is of a value a text; NaN of other rows."""
    sure = np.full(len(codes), np.nan)
    values = [answers.values[code] for code in codes[rows]]
    sure[rows] = np.fromiter(map(answers.task.confidence, values, scores), float, len(scores))
    return sure


def distinct(cases: pd.DataFrame) -> tuple[NDArray[Any], NDArray[Any]]:
    """Number the distinct rows: the place of the first of each, and the number of every row."""
    numbers = cases.groupby(list(cases), sort=False, dropna=False).ngroup().to_numpy()
    return np.unique(numbers, return_index=True)[1], numbers


def choose(annotations: pd.DataFrame, names: Sequence[str] | None, without: Sequence[str] = ()) -> list[str]:
    """Return `names`, each once, or all annotators but those of the kinds `without`, in order of appearance."""
    check_columns(annotations, COLUMNS)
    if names is None:
        return list(map(str, annotations["annotator"][~annotations["kind"].isin(list(without))].unique()))
    chosen = list(dict.fromkeys(names))
    check_names(chosen, annotations["annotator"].unique().tolist())
    return chosen


def check_columns(frame: pd.DataFrame, columns: Sequence[str], what: str = "annotations") -> None:
    """Raise `LabError` where a table lacks one of the columns that it is to have."""
    missing = [column for column in columns if column not in frame]
    if missing:
        raise LabError(f"The {what} have no column {missing[0]!r}.", f"Give: {', '.join(columns)}.")


def check_names(names: Sequence[str], known: Sequence[str]) -> None:
    """Raise `LabError` where one of `names` has labelled nothing."""
    for name in names:
        if name not in known:
            raise LabError(f"{name!r} has labelled nothing here.", f"Use one of: {', '.join(known) or 'none yet'}.")
