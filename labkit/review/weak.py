"""Labels that nobody read a text for: what rules say together, how far they reach, and where annotators agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import LabError
from ..metrics import wilson
from ..tasks import Task
from ..tasks.base import Part
from .answers import NO_VALUE, WITH_VALUE, Answers, choose, distinct, encode


def together(annotations: pd.DataFrame, task: Task, names: Sequence[str]) -> pd.DataFrame:
    """Put together what rules say of each text, where none of them says all.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, with the columns ``example, annotator, kind, outcome, value, scores``.
    task : Task
        What the values are values of.
    names : sequence of str
        The rules.

    Returns
    -------
    DataFrame
        ``example`` and ``value``, for each text of which a rule says something: all labels and spans that a rule
        gives; of a task with one label, the one that most rules give. Rules that contradict each other leave the text
        without a value; that none applies counts where no rule says otherwise.

    Raises
    ------
    LabError
        If a value is none of the task's.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "crash", ["BUG"]), (1, "docs", ["DOCUMENTATION"]), (2, "docs", ["DOCUMENTATION"])]
    >>> said = pd.DataFrame(rows, columns=["example", "annotator", "value"])
    >>> said = said.assign(kind="rule", outcome="parsed", scores=None)
    >>> together(said, make_task("choices", ["BUG", "DOCUMENTATION"]), ["crash", "docs"])["value"].tolist()
    [['BUG', 'DOCUMENTATION'], ['DOCUMENTATION']]
    """
    answers = encode(annotations, task, list(dict.fromkeys(names)))
    first, number = distinct(pd.DataFrame(answers.codes))
    values = _objects([task.gather(_parts(answers, answers.codes[row])) for row in first])[number]
    spoke = answers.given.any(axis=1) & np.array([value is not None for value in values], bool)
    return pd.DataFrame({"example": answers.examples[spoke], "value": values[spoke]})


def coverage(
    annotations: pd.DataFrame, task: Task, names: Sequence[str], texts: int, against: str = "person"
) -> pd.DataFrame:
    """Say of each rule how far it reaches, and how often it is right.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, as for `together`, in the order in which they were made.
    task : Task
        What the values are values of.
    names : sequence of str
        The rules.
    texts : int
        How many texts there are.
    against : str
        The annotator, or the kind of annotator, whose values count as true; of several the last.

    Returns
    -------
    DataFrame
        Indexed by ``rule``: ``texts`` of which it says something, and as shares of all texts its ``coverage``, its
        ``overlaps`` with another rule, and its ``conflicts``, where another contradicts it. Then the texts that are
        ``decided``, the share ``right`` of these, where all that the rule says is true, and its 95 % Wilson interval
        ``low, high``. What a rule leaves out is not held against it.

    Raises
    ------
    LabError
        If a value is none of the task's.

    Notes
    -----
    Coverage, overlaps and conflicts as in Ratner, A. et al. (2017). Snorkel: rapid training data creation with weak
    supervision. Proceedings of the VLDB Endowment 11(3), pages 269-282.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "crash", ["BUG"]), (2, "crash", ["BUG"]), (1, "anna", ["BUG", "DOCUMENTATION"]), (2, "anna", [])]
    >>> said = pd.DataFrame(rows, columns=["example", "annotator", "value"])
    >>> said = said.assign(kind=["rule", "rule", "person", "person"], outcome="parsed", scores=None)
    >>> task = make_task("choices", ["BUG", "DOCUMENTATION"])
    >>> coverage(said, task, ["crash"], texts=8).loc["crash", ["coverage", "right"]].tolist()
    [0.25, 0.5]
    """
    names = list(dict.fromkeys(names))
    judged = annotations["kind"].eq(against) | annotations["annotator"].eq(against)
    judged &= annotations["outcome"].isin(WITH_VALUE)
    truth = annotations[judged].drop_duplicates("example", keep="last").assign(annotator=_TRUTH)
    said = annotations[annotations["annotator"].isin(names)]
    answers = encode(pd.concat([said, truth]), task, [*names, _TRUTH])
    first, number = distinct(pd.DataFrame(answers.codes))
    seen = np.array([_seen(answers, answers.codes[row]) for row in first], int).reshape(-1, 5 * len(names))
    counts = np.bincount(number, minlength=len(first)) @ seen
    spoke, overlaps, conflicts, decided, right = counts.reshape(5, len(names)).tolist()
    table = pd.DataFrame({"texts": spoke}, pd.Index(names, name="rule"))
    for column, count in (("coverage", spoke), ("overlaps", overlaps), ("conflicts", conflicts)):
        table[column] = np.array(count) / max(texts, 1)
    table["decided"] = decided
    table["right"] = np.array(right) / np.where(table["decided"] > 0, table["decided"], np.nan)
    table[["low", "high"]] = [wilson(hits, total) for hits, total in zip(right, decided, strict=True)]
    return table


_TRUTH = "\0truth"  # no annotator's name holds a NUL


def agreed(annotations: pd.DataFrame, task: Task, names: Sequence[str], confidence: float = 0.9) -> pd.DataFrame:
    """Return the texts on which annotators agree and are sure: pseudo-labels.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, as for `together`.
    task : Task
        What the values are values of.
    names : sequence of str
        Who has to agree; one alone has only to be sure.
    confidence : float
        How sure each must be that says how sure it is, 0 to 1. Of one that gives no scores, only its value counts.

    Returns
    -------
    DataFrame
        ``example`` and ``value``, for each text that all label alike.

    Raises
    ------
    LabError
        If there is no annotation by one of `names`, nobody is named, `confidence` is not between 0 and 1, or one
        annotator alone gives no scores to be sure by.

    Notes
    -----
    Lee, D.-H. (2013). Pseudo-label: the simple and efficient semi-supervised learning method for deep neural
    networks. ICML workshop on challenges in representation learning.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "llm", ["BUG"], None), (1, "cpu", ["BUG"], {"BUG": 0.95}), (2, "llm", ["BUG"], None)]
    >>> rows += [(2, "cpu", ["BUG"], {"BUG": 0.6})]
    >>> said = pd.DataFrame(rows, columns=["example", "annotator", "value", "scores"])
    >>> said = said.assign(kind="llm", outcome="parsed")
    >>> agreed(said, make_task("choices", ["BUG"]), ["llm", "cpu"])["example"].tolist()
    [1]
    """
    if not isinstance(confidence, (int, float)) or not 0 <= confidence <= 1:
        raise LabError(f"{confidence!r} is no confidence.", "Give a number from 0 to 1, such as 0.9.")
    if not names:
        raise LabError("Nobody is named who has to agree.", "Name annotators: agree=['llm', 'cpu'].")
    answers = encode(annotations, task, choose(annotations, names))
    if len(answers.annotators) == 1 and not answers.scores:
        raise LabError(f"{names[0]} gives no scores, and nobody agrees with it.", "Name another annotator as well.")
    kept = answers.given.all(axis=1) & (answers.codes == answers.codes[:, :1]).all(axis=1)
    for sure in answers.confidence.values():
        kept &= ~(sure < confidence)
    return pd.DataFrame({"example": answers.examples[kept], "value": _objects(answers.values)[answers.codes[kept, 0]]})


def _objects(values: Sequence[Any]) -> NDArray[Any]:
    """Return values as an array of objects, also where they are lists of one length."""
    array = np.empty(len(values), object)
    array[:] = list(values)
    return array


def _parts(answers: Answers, codes: NDArray[Any]) -> list[Part]:
    """Return all that is said of one text, as often as it is said."""
    said = [answers.values[code] for code in codes if code != NO_VALUE]
    return [part for value in said for part in sorted(answers.task.parts(value))]


def _seen(answers: Answers, codes: NDArray[Any]) -> list[list[bool]]:
    """Say of each rule whether it spoke, others did, one contradicts it, somebody decided, and it was right then."""
    *said, truth = [None if code == NO_VALUE else answers.task.parts(answers.values[code]) for code in codes]
    spoke = [parts is not None for parts in said]
    other = [[each for i, each in enumerate(said) if i != place and each is not None] for place in range(len(said))]
    decided = [truth is not None and parts is not None for parts in said]
    return [
        spoke,
        [parts is not None and bool(rest) for parts, rest in zip(said, other, strict=True)],
        [
            parts is not None and any(_contradict(answers.task, parts, each) for each in rest)
            for parts, rest in zip(said, other, strict=True)
        ],
        decided,
        [known and _true(parts, truth) for known, parts in zip(decided, said, strict=True)],
    ]


def _contradict(task: Task, a: set[Part], b: set[Part]) -> bool:
    """Say whether no value says both."""
    value = task.gather([*a, *b])
    return bool(a) != bool(b) or value is None or task.parts(value) != a | b


def _true(parts: set[Part] | None, truth: set[Part] | None) -> bool:
    """Say whether all that was said is true: that nothing applies only where nothing does."""
    return parts is not None and truth is not None and (parts <= truth if parts else not truth)
