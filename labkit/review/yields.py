"""How many of an annotator's errors a person meets, by the order in which texts are read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import LabError
from .comparison import Comparison
from .live import Order

RANDOM, PERFECT = "random", "perfect"
AT_ONCE = 5
"""How many texts are read before the order is asked again."""


def errors_met(orders: Mapping[str, Sequence[int]], wrong: Collection[int]) -> pd.DataFrame:
    """Count the errors met after each text, for several orders of reading the same texts.

    Parameters
    ----------
    orders : mapping of str to sequence of int
        The examples in each order, the one to read first in front.
    wrong : collection of int
        The examples whose label is wrong.

    Returns
    -------
    DataFrame
        Indexed by ``read``, the number of texts read, from 0 to all. One column an order, in errors met by then;
        before them ``random``, what a random order gives on average, and after them ``perfect``, all errors first.

    Raises
    ------
    LabError
        If the orders are not of the same texts, each once, or one is called ``random`` or ``perfect``.

    Examples
    --------
    >>> errors_met({"doubt": [3, 1, 2]}, wrong=[3]).loc[1].round(2).to_dict()
    {'random': 0.33, 'doubt': 1.0, 'perfect': 1.0}
    """
    examples = set().union(*orders.values())
    for name, order in orders.items():
        if name in (RANDOM, PERFECT) or len(order) != len(examples) or set(order) != examples:
            raise LabError(f"The order {name!r} can't be compared.", "Give each text once to all, by another name.")
    errors, read = len(examples & set(wrong)), np.arange(len(examples) + 1)
    curves = {name: np.append(0, np.cumsum(np.isin(list(order), list(wrong)))) for name, order in orders.items()}
    random = errors * read / max(len(examples), 1)
    table = pd.DataFrame({RANDOM: random, **curves, PERFECT: np.minimum(read, errors)}, dtype=float)
    return table.rename_axis("read")


def read_through(order: Order, truth: Mapping[int, Any]) -> list[int]:
    """Read all the texts of an order as a person would who always decides rightly.

    Parameters
    ----------
    order : Order
        What comes next, also after what was decided.
    truth : mapping of int to value
        What is decided of each example; None where it holds none.

    Returns
    -------
    list of int
        The examples, in the order in which they were read.

    Examples
    --------
    >>> from labkit.review.live import Fixed
    >>> read_through(Fixed(pd.DataFrame({"example": [7, 8], "why": ["", ""]})), {7: []})
    [7, 8]
    """
    read: list[int] = []
    order.settle()
    while picks := list(islice(order.ranked(), AT_ONCE)):
        for pick in picks:
            order.note(pick.example, truth.get(pick.example))
            read.append(pick.example)
        order.settle()
    return read


def baselines(comparison: Comparison, of: str) -> dict[str, list[int]]:
    """Order texts as other tools would, by the scores of a model that did not train on them.

    Parameters
    ----------
    comparison : Comparison
        Who says what; the first other annotator with scores is the model.
    of : str
        Whose errors are looked for.

    Returns
    -------
    dict of str to list of int
        The texts that both labelled: ``"uncertainty"``, those first that the model is least sure of, and
        ``"cleanlab"``, by the library cleanlab's label quality of what `of` says. Ties stand in the order of the
        examples.

    Raises
    ------
    LabError
        If `of` is not compared here, or no other annotator gives scores of its texts.

    Notes
    -----
    Northcutt, C. G., Jiang, L. and Chuang, I. L. (2021). Confident learning: estimating uncertainty in dataset
    labels. Journal of Artificial Intelligence Research 70, pages 1373-1411. Each label is taken by itself, as
    cleanlab takes texts that may have several.

    Examples
    --------
    >>> baselines(lab.compare("llm", "cpu"), "llm")  # doctest: +SKIP
    """
    answers, column = comparison.answers, comparison.answers.column(of)
    models = [name for name in answers.scores if name != of]
    if not models:
        raise LabError("No other annotator gives scores to go by.", "Compare with a local model: lab.annotate('cpu').")
    scores, sure = answers.scores[models[0]], answers.confidence[models[0]]
    rows = np.flatnonzero((answers.codes[:, column] >= 0) & ~np.isnan(scores).any(axis=1) & ~np.isnan(sure))
    if not len(rows):
        raise LabError(f"{models[0]} gives no whole scores of a text that {of} labelled.", "Score the same texts.")
    quality = _quality(answers.membership[answers.codes[rows, column]], scores[rows])
    return {
        name: _ascending(answers.examples[rows], by)
        for name, by in (("uncertainty", sure[rows]), ("cleanlab", quality))
    }


def _quality(said: NDArray[np.int8], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give cleanlab's label quality; of one label alone as of two classes, for it takes no table of one column."""
    from cleanlab.multilabel_classification import get_label_quality_scores as of_several
    from cleanlab.rank import get_label_quality_scores as of_classes

    if scores.shape[1] > 1:
        return np.asarray(of_several([np.flatnonzero(row).tolist() for row in said], scores))
    return np.asarray(of_classes(said[:, 0].astype(int), np.hstack([1 - scores, scores])))


def race(comparison: Comparison, of: str, truth: Mapping[int, Any], queue: Order) -> pd.DataFrame:
    """Let orders of reading race for an annotator's errors, on texts whose true label is known.

    Parameters
    ----------
    comparison : Comparison
        Who says what.
    of : str
        Whose errors.
    truth : mapping of int to value
        What is true of each example.
    queue : Order
        The order in which a person is to read, told of the truth at each step.

    Returns
    -------
    DataFrame
        The table of `errors_met`, of the texts that have a true label and one by each annotator that plays a part:
        ``random``, the `baselines`, ``distance`` (how far all the annotators are apart), ``queue``, ``perfect``.

    Raises
    ------
    LabError
        If `of` is not compared here, or no other annotator gives scores.

    Examples
    --------
    >>> race(lab.compare("llm", "cpu"), "llm", truth, queue.live())  # doctest: +SKIP
    """
    answers, column = comparison.answers, comparison.answers.column(of)
    orders = baselines(comparison, of)
    orders["distance"] = comparison.distance.sort_values(ascending=False, kind="stable").index.tolist()
    orders["queue"] = read_through(queue, truth)
    shared = set(truth).intersection(*orders.values())
    said = dict(zip(answers.examples.tolist(), answers.codes[:, column].tolist(), strict=True))
    wrong = [each for each in shared if answers.task.check(truth[each]) != answers.values[said[each]]]
    return errors_met({name: [each for each in order if each in shared] for name, order in orders.items()}, wrong)


def _ascending(examples: NDArray[np.int64], by: NDArray[Any]) -> list[int]:
    """Return the examples, those with the lowest figure first."""
    return [int(example) for example in examples[np.argsort(by, kind="stable")]]
