"""Which labels may be accepted unread: those on which annotators agree, and are sure enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..errors import LabError
from ..tasks import Task
from .answers import choose, encode
from .comparison import join
from .voting import BEST_FIRST, NOT_VOTING, consensus


@dataclass(frozen=True)
class Rule:
    """What makes a label be accepted unread.

    Parameters
    ----------
    names : tuple of str
        All of these give the text the same value. None: the best label known counts, but no person's.
    above : mapping of str to float
        How sure some of them are of it at least, 0 to 1.
    category : str, optional
        What the value is, as the task's key names it: ``"BUG"``, ``"none"``.

    Raises
    ------
    LabError
        If somebody in `above` is not in `names`, or a bound is not between 0 and 1.

    Examples
    --------
    >>> rule = Rule(("llm", "llm-bare", "cpu"), {"cpu": 0.9}, "none")
    >>> rule.words
    'llm, llm-bare and cpu agree, cpu at least 0.9 sure, on none'
    >>> Rule.read(rule.as_dict()) == rule
    True
    """

    names: tuple[str, ...] = ()
    above: Mapping[str, float] = field(default_factory=dict)
    category: str | None = None

    def __post_init__(self) -> None:
        strangers = [name for name in self.above if name not in self.names]
        if strangers:
            raise LabError(f"{strangers[0]!r} is to be sure, and is not asked.", "Name it among those who agree.")
        for name, sure in self.above.items():
            if isinstance(sure, bool) or not isinstance(sure, (int, float)) or not 0 <= sure <= 1:
                raise LabError(f"{name} is to be {sure!r} sure.", "Give a probability from 0 to 1.")

    @property
    def words(self) -> str:
        """Say it in words."""
        agree = join(self.names) + (" agree" if len(self.names) > 1 else " says so")
        said = [agree if self.names else "the best label known"]
        said += [f"{name} at least {sure:g} sure" for name, sure in self.above.items()]
        return ", ".join(said) + (f", on {self.category}" if self.category else "")

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON, for `read`."""
        return {"names": list(self.names), "above": dict(self.above), "category": self.category}

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Rule:
        """Return the rule that `as_dict` wrote."""
        return cls(tuple(given["names"]), dict(given["above"]), given["category"])


def make_rule(
    annotations: pd.DataFrame,
    names: Sequence[str] = (),
    above: float | Mapping[str, float] | None = None,
    category: str | None = None,
) -> Rule:
    """Make a rule; one number for `above` is meant for all of `names` that say how sure they are.

    Raises
    ------
    LabError
        If one of `names` is a person or the reference, none of them gives scores, or a bound is not between 0 and 1.
    """
    chosen = tuple(dict.fromkeys(names))
    mine = annotations[annotations["annotator"].isin(chosen)]
    judges = mine[mine["kind"].isin(NOT_VOTING)]
    if len(judges):
        name, kind = judges[["annotator", "kind"]].iloc[0]
        raise LabError(f"{name} is of the kind {kind!r}.", "Accept what models, LLMs and rules say.")
    if above is None or isinstance(above, Mapping):
        return Rule(chosen, dict(above or {}), category)
    scored = set(mine["annotator"][mine["scores"].notna()])
    if not scored:
        raise LabError(f"{join(chosen) or 'Nobody'} gives no scores.", "Name a model that does, or leave out `above`.")
    return Rule(chosen, {name: above for name in chosen if name in scored}, category)


def accept(annotations: pd.DataFrame, task: Task, rule: Rule) -> pd.DataFrame:
    """Find the labels that a rule accepts.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, with the columns ``example, annotator, kind, outcome, value, scores``.
    task : Task
        What the values are values of.
    rule : Rule
        What is accepted.

    Returns
    -------
    DataFrame
        One row a text: ``example``, ascending, and ``value``.

    Raises
    ------
    LabError
        If somebody of the rule has labelled nothing, or is to be sure and gives no scores.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "llm", ["BUG"]), (1, "cpu", ["BUG"]), (2, "llm", []), (2, "cpu", ["BUG"])]
    >>> annotations = pd.DataFrame(rows, columns=["example", "annotator", "value"])
    >>> annotations = annotations.assign(kind="llm", outcome="parsed", scores=None)
    >>> accept(annotations, make_task("choices", ["BUG"]), Rule(("llm", "cpu")))["example"].tolist()
    [1]
    """
    if not rule.names:
        found = consensus(annotations, task, by=[kind for kind in BEST_FIRST if kind not in NOT_VOTING])
        values, examples = found["value"].to_numpy(), found["example"].to_numpy()
        keys = [task.key(value) for value in values] if rule.category else []
        wanted = np.array([key == rule.category for key in keys], bool) if rule.category else np.ones(len(found), bool)
        return pd.DataFrame({"example": examples[wanted], "value": values[wanted]})
    answers = encode(annotations, task, choose(annotations, rule.names))
    wanted = answers.given.all(axis=1) & (answers.codes == answers.codes[:, :1]).all(axis=1)
    for name, sure in rule.above.items():
        if name not in answers.scores:
            raise LabError(f"{name} does not say how sure it is.", "Leave it out of `above`.")
        wanted &= np.nan_to_num(answers.confidence[name], nan=-1.0) >= sure
    if rule.category:
        named = np.array([task.key(value) == rule.category for value in answers.values], bool)
        wanted &= named[answers.codes[:, 0]]
    values = np.empty(len(answers.values), object)
    values[:] = answers.values
    return pd.DataFrame({"example": answers.examples[wanted], "value": values[answers.codes[wanted, 0]]})
