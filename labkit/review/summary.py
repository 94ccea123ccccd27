"""How much each annotator has said."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..tasks import Outcome, Task
from .answers import check_columns


def describe(annotations: pd.DataFrame, task: Task, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Count what annotators said: outcomes, and how often each label.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, with the columns ``annotator, outcome, value``.
    task : Task
        What the values are values of.
    names : sequence of str, optional
        Who to describe; everyone, in order of appearance, if left out.

    Returns
    -------
    DataFrame
        One row an annotator. Columns, all in texts: ``texts`` labelled, one for each outcome that occurs,
        and one for each label of the task.

    Raises
    ------
    LabError
        If a column is missing, or a value is none of the task's.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> said = pd.DataFrame({"annotator": "llm", "outcome": ["parsed", "empty"], "value": [["BUG"], None]})
    >>> describe(said, make_task("choices", ["BUG"])).loc["llm"].to_dict()
    {'texts': 2, 'parsed': 1, 'empty': 1, 'BUG': 1}
    """
    check_columns(annotations, ["annotator", "outcome", "value"])
    order = list(names) if names is not None else list(dict.fromkeys(annotations.annotator))
    mine = annotations[annotations.annotator.isin(order)]
    outcomes = pd.crosstab(mine.annotator, mine.outcome).reindex(order, fill_value=0)
    outcomes = outcomes.reindex(columns=[str(o) for o in Outcome if str(o) in outcomes.columns])
    given = mine[mine.value.notna()]
    members = pd.DataFrame(
        task.membership(map(task.check, given.value)), columns=list(task.labels), index=given.index, dtype=int
    )
    labels = members.groupby(given.annotator).sum().reindex(order, fill_value=0)
    table = pd.concat([outcomes.sum(axis=1).rename("texts"), outcomes, labels], axis=1)
    table.index.name = "annotator"
    return table
