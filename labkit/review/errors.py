"""Which of an annotator's errors stand where others disagree with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..errors import LabError
from ..tasks import Task
from .answers import NO_VALUE, choose, encode

REFERENCE = "reference"


def errors_found(
    annotations: pd.DataFrame, task: Task, of: str, others: Sequence[str], reference: str = REFERENCE
) -> pd.DataFrame:
    """Count an annotator's errors among the texts where others disagree with it.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, with the columns ``example, annotator, kind, outcome, value, scores``.
    task : Task
        What the values are values of.
    of : str
        Whose errors.
    others : sequence of str
        Who may disagree with it.
    reference : str
        The annotator whose values are taken as true.

    Returns
    -------
    DataFrame
        One row for all texts to which `of`, all the others and the reference gave a value, one for those that
        each of the others labels differently, and one for those that any of them does. Columns:
        ``texts``, ``errors`` (both in texts), and both as shares of the first row, ``share_of_texts`` and
        ``share_of_errors`` (NaN where there is no error).

    Raises
    ------
    LabError
        If someone named has labelled nothing, or no text has a value of each of them.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "llm", ["BUG"]), (1, "cpu", []), (1, "reference", []), (2, "llm", []), (2, "cpu", [])]
    >>> said = pd.DataFrame([*rows, (2, "reference", [])], columns=["example", "annotator", "value"])
    >>> said = said.assign(kind="model", outcome="parsed", scores=None)
    >>> errors_found(said, make_task("choices", ["BUG"]), "llm", ["cpu"])["errors"].to_dict()
    {'all texts': 1, 'cpu differs': 1}
    """
    names = [of, *others]
    answers = encode(annotations, task, choose(annotations, [*names, reference]))
    codes = answers.codes[(answers.codes != NO_VALUE).all(axis=1)]
    if not len(codes):
        raise LabError(f"No text has a label of each of {', '.join([*names, reference])}.", "Annotate and load them.")
    wrong = codes[:, 0] != codes[:, -1]
    differ = codes[:, 1:-1] != codes[:, :1]
    places = {"all texts": np.ones(len(codes), bool)}
    places |= {f"{name} differs": differ[:, i] for i, name in enumerate(others)}
    if len(others) > 1:
        places["any differs"] = differ.any(axis=1)
    counts = {name: (place.sum(), (place & wrong).sum()) for name, place in places.items()}
    table = pd.DataFrame.from_dict(counts, orient="index", columns=["texts", "errors"])
    shares = (table / table.iloc[0]).round(3).set_axis(["share_of_texts", "share_of_errors"], axis=1)
    return table.join(shares)
