"""One label for each text, out of many: by a person's word, by majority or Dawid and Skene's model, or by one LLM's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..errors import LabError
from ..tasks import Outcome, Task
from .answers import NO_VALUE, WITH_VALUE, Answers, choose, distinct, encode
from .crowd import likeliest

CONSENSUS = "consensus"
MAJORITY, DAWID_SKENE = "majority", "dawid-skene"
METHODS = (MAJORITY, DAWID_SKENE)
NOT_VOTING = ("person", "accepted", "reference")
"""The kinds of annotator that neither draft labels nor vote on them."""
SETTLED = "settled"
"""The annotator whose labels follow from rules on boundaries that a person settled."""
BEST_FIRST = ("person", "accepted", SETTLED, CONSENSUS, "llm")
ONLY_NAMED = "rule"
"""The kind of annotator that votes only where it is named: a user's rules do not outvote an LLM behind their back."""


def consensus(
    annotations: pd.DataFrame,
    task: Task,
    by: Sequence[str] = BEST_FIRST,
    names: Sequence[str] | None = None,
    method: str = MAJORITY,
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
        Whose word counts, the best first: a kind of annotator, an annotator's name, or ``"consensus"``: what
        those say who are neither a person nor the reference, where at least two labelled the text. One may stand alone.
    names : sequence of str, optional
        Whose annotations to use; of two annotators of one kind the first named counts. All if left out,
        in order of appearance; then rules do not vote. The reference is never used.
    method : {"majority", "dawid-skene"}
        How the consensus is found: what more than half say, or `dawid_skene`, which leaves no text undecided.

    Returns
    -------
    DataFrame
        One row an example that has a label, ascending: ``example``, ``value``, and ``origin``, which is
        one of `by`. Of several people the one who decided last counts.

    Raises
    ------
    LabError
        If there is no annotation by one of `names`, a value is none of the task's, or there is no such method.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "llm", "llm", ["BUG"]), (1, "anna", "person", []), (2, "llm", "llm", ["BUG"])]
    >>> annotations = pd.DataFrame(rows, columns=["example", "annotator", "kind", "value"])
    >>> annotations = annotations.assign(outcome="parsed", scores=None)
    >>> consensus(annotations, make_task("choices", ["BUG"]))["origin"].tolist()
    ['person', 'llm']
    """
    by = [by] if isinstance(by, str) else by  # a text is a sequence too, of its letters
    order = choose(annotations, names, without=["reference"])
    ranked = annotations[annotations["annotator"].isin(order) & annotations["outcome"].isin(WITH_VALUE)]
    ranked = ranked[ranked["kind"] != "reference"]
    if method not in METHODS:
        raise LabError(f"{method!r} is no way to find a consensus.", f"Use one of: {', '.join(METHODS)}.")
    voters = order if names else [name for name in order if name not in _rules(annotations)]
    found = [
        _votes(ranked, task, voters, method) if origin == CONSENSUS else word(ranked, origin, order) for origin in by
    ]
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
        Who votes; all that are neither a person, the reference nor a rule if left out.

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
    answers = encode(annotations, task, _voters(annotations, names))
    return _annotator(MAJORITY, answers, _vote(answers, tie=True))


def dawid_skene(annotations: pd.DataFrame, task: Task, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Make an annotator of what is likeliest, given how reliable each of the others is found to be.

    How often each annotator gives each answer is estimated from where they agree, and each text's answer from
    that, in turns, by the library crowd-kit; of `choices` label by label, of `spans` for each span that anyone
    gave. People's decisions play no part: where there is one, it counts, and no consensus.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, as for `consensus`.
    task : Task
        What the values are values of.
    names : sequence of str, optional
        Who answers; all that are neither a person, the reference nor a rule if left out.

    Returns
    -------
    DataFrame
        Annotations of the annotator ``"dawid-skene"``, in the same columns: one row for each example with a value.

    Raises
    ------
    LabError
        If there is no annotation by one of `names`, or a value is none of the task's.

    Notes
    -----
    Dawid, A. P. and Skene, A. M. (1979). Maximum likelihood estimation of observer error-rates using the EM
    algorithm. Applied Statistics 28(1), pages 20-28. It takes annotators to err independently of each other, given
    the truth: two prompts of one LLM do not, and are then trusted too much; and of three annotators it can learn
    little. Measure it against `majority` before you rely on it.

    Examples
    --------
    >>> dawid_skene(lab.annotations(), lab.project.task)  # doctest: +SKIP
    """
    answers = encode(annotations, task, _voters(annotations, names))
    return _annotator(DAWID_SKENE, answers, likeliest(answers))


def _voters(annotations: pd.DataFrame, names: Sequence[str] | None) -> list[str]:
    """Return who votes."""
    return choose(annotations, names, without=(*NOT_VOTING, ONLY_NAMED))


def _rules(annotations: pd.DataFrame) -> set[str]:
    """Return the annotators that vote only where they are named."""
    return set(annotations["annotator"][annotations["kind"] == ONLY_NAMED])


def _annotator(name: str, answers: Answers, values: pd.Series[Any]) -> pd.DataFrame:
    """Lay out what a way to find a consensus says as annotations of its own."""
    frame = pd.DataFrame({"example": answers.examples, "annotator": name, "kind": ONLY_NAMED})
    frame = frame.assign(outcome=str(Outcome.PARSED), value=values, scores=None)
    return frame.dropna(subset=["value"], ignore_index=True)


def word(annotations: pd.DataFrame, origin: str, order: Sequence[str]) -> pd.DataFrame:
    """Return one value for each example: people's last word, that of a kind's first annotator, or one annotator's.

    Parameters
    ----------
    annotations : DataFrame
        With the columns ``example, annotator, kind, value``, all of them with a value.
    origin : str
        A kind of annotator, or an annotator's name.
    order : sequence of str
        The annotators; of several of one kind, the one that stands first counts.

    Returns
    -------
    DataFrame
        Columns ``example, value``.

    Examples
    --------
    >>> rows = [(1, "anna", "person", ["BUG"]), (1, "ben", "person", [])]
    >>> word(pd.DataFrame(rows, columns=["example", "annotator", "kind", "value"]), "person", ["anna", "ben"])
       example value
    1        1    []
    """
    mine = annotations[annotations["kind"] == origin]
    if mine.empty:
        mine = annotations[annotations["annotator"] == origin]
    if origin != "person":
        mine = mine.iloc[np.argsort(pd.Index(order).get_indexer(pd.Index(mine["annotator"])), kind="stable")]
    return mine.drop_duplicates("example", keep="last" if origin == "person" else "first")[["example", "value"]]


def _votes(annotations: pd.DataFrame, task: Task, voters: Sequence[str], method: str) -> pd.DataFrame:
    """Take what those say who vote, of the texts that at least two labelled."""
    voting = annotations[~annotations["kind"].isin(NOT_VOTING)]
    answers = encode(voting, task, [name for name in voters if (voting["annotator"] == name).any()])
    several = answers.given.sum(axis=1) > 1
    values = likeliest(answers) if method == DAWID_SKENE else _vote(answers)
    votes = pd.DataFrame({"example": answers.examples, "value": values.where(several)})
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
