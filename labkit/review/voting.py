"""One label for each text, out of many: by a person's word, by majority, or by one LLM's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..tasks import Outcome, Task
from .answers import NO_VALUE, WITH_VALUE, Answers, choose, distinct, encode

CONSENSUS = "consensus"
MAJORITY = "majority"
NOT_VOTING = ("person", "reference")


def consensus(
    annotations: pd.DataFrame,
    task: Task,
    by: Sequence[str] = ("person", CONSENSUS, "llm"),
    names: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Give the best label known for each text.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, with the columns ``example, annotator, kind, outcome, value, scores``,
        in the order in which they were made.
    task : Task
        What the values are values of.
    by : sequence of str
        Whose word counts, the best first: a kind of annotator, or ``"consensus"``: what more than half, and at
        least two, of those who are neither a person nor the reference say.
    names : sequence of str, optional
        Whose annotations to use; of two annotators of one kind the first named counts. All if left out,
        in order of appearance. The reference is never used.

    Returns
    -------
    DataFrame
        One row an example that has a label, ascending: ``example``, ``value``, and ``origin``, which is
        one of `by`. Of several people the one who decided last counts.

    Raises
    ------
    LabError
        If there is no annotation by one of `names`, or a value is none of the task's.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "llm", "llm", ["BUG"]), (1, "anna", "person", []), (2, "llm", "llm", ["BUG"])]
    >>> annotations = pd.DataFrame(rows, columns=["example", "annotator", "kind", "value"])
    >>> annotations = annotations.assign(outcome="parsed", scores=None)
    >>> consensus(annotations, make_task("choices", ["BUG"]))["origin"].tolist()
    ['person', 'llm']
    """
    order = choose(annotations, names, without=["reference"])
    ranked = annotations[annotations["annotator"].isin(order) & annotations["outcome"].isin(WITH_VALUE)]
    ranked = ranked[ranked["kind"] != "reference"]
    found = [_votes(ranked, task, order) if origin == CONSENSUS else _word(ranked, origin, order) for origin in by]
    best = pd.concat([labels.assign(origin=origin) for labels, origin in zip(found, by, strict=True)])
    return best.drop_duplicates("example").sort_values("example", ignore_index=True)


def majority(annotations: pd.DataFrame, task: Task, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Make an annotator of what most of the others say.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, as for `consensus`.
    task : Task
        What the values are values of.
    names : sequence of str, optional
        Who votes; all that are neither a person nor the reference if left out.

    Returns
    -------
    DataFrame
        Annotations of the annotator ``"majority"``, in the same columns: one row for each example with a
        value. Where no value has more than half of the votes, the first named annotator's counts: to leave
        such texts out would flatter the majority, for they are the hard ones.

    Raises
    ------
    LabError
        If there is no annotation by one of `names`, or a value is none of the task's.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "llm", ["BUG"]), (1, "llm-bare", []), (1, "cpu", [])]
    >>> annotations = pd.DataFrame(rows, columns=["example", "annotator", "value"])
    >>> annotations = annotations.assign(kind="llm", outcome="parsed", scores=None)
    >>> majority(annotations, make_task("choices", ["BUG"]))["value"].tolist()
    [[]]
    """
    voters = choose(annotations, names, without=NOT_VOTING)
    answers = encode(annotations, task, voters)
    return pd.DataFrame(
        {
            "example": answers.examples,
            "annotator": MAJORITY,
            "kind": "rule",
            "outcome": str(Outcome.PARSED),
            "value": _vote(answers, tie=True),
            "scores": None,
        }
    ).dropna(subset=["value"], ignore_index=True)


def _word(annotations: pd.DataFrame, kind: str, order: Sequence[str]) -> pd.DataFrame:
    """Take the last word of people; of other kinds the word of the first annotator."""
    mine = annotations[annotations["kind"] == kind]
    if kind != "person":
        mine = mine.iloc[np.argsort(pd.Index(order).get_indexer(pd.Index(mine["annotator"])), kind="stable")]
    return mine.drop_duplicates("example", keep="last" if kind == "person" else "first")[["example", "value"]]


def _votes(annotations: pd.DataFrame, task: Task, order: Sequence[str]) -> pd.DataFrame:
    """Take what more than half, and at least two, say."""
    voting = annotations[~annotations["kind"].isin(NOT_VOTING)]
    answers = encode(voting, task, [name for name in order if (voting["annotator"] == name).any()])
    several = answers.given.sum(axis=1) > 1
    votes = pd.DataFrame({"example": answers.examples, "value": _vote(answers).where(several)})
    return votes.dropna(subset=["value"])


def _vote(answers: Answers, tie: bool = False) -> pd.Series[list[str]]:
    """Let the annotators vote on each text: once for each case that occurs, not for each text."""
    if not answers.annotators:
        return pd.Series(dtype=object)
    first, number = distinct(pd.DataFrame(answers.codes))
    results = np.empty(len(first), object)
    for case, codes in enumerate(answers.codes[first]):
        values = [answers.values[code] for code in codes if code != NO_VALUE]
        winner = answers.task.vote(values)
        results[case] = values[0] if winner is None and tie and values else winner
    return pd.Series(results[number], dtype=object)
