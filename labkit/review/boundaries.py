"""Spans that annotators give alike but for where they begin or end, by what one has more than the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from ..tasks import Task
from ..tasks.boundary import Edge, edge
from ..tasks.differences import Sort
from ..tasks.occurrences import Range
from .answers import NO_VALUE, choose, encode
from .voting import NOT_VOTING

COLUMNS = ["label", "before", "after", "times", "texts", "longer", "shorter", "longer_by", "shorter_by"]


def boundaries(
    annotations: pd.DataFrame, texts: pd.DataFrame, task: Task, names: Sequence[str] | None = None
) -> pd.DataFrame:
    """List the boundaries on which annotators differ, the most frequent first.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, with the columns ``example, annotator, kind, outcome, value, scores``.
    texts : DataFrame
        The texts: ``example, text``.
    task : Task
        What the values are values of. Labels of whole texts have no boundaries.
    names : sequence of str, optional
        Whose spans; all but people's and the reference's if left out.

    Returns
    -------
    DataFrame
        One row a label and what the longer span has more: the words ``before`` and ``after``, in small letters;
        ``times`` they differ so, in so many ``texts``; the most frequent words of a ``longer`` and its ``shorter``
        span, and who gives the one and the other. Spans that overlap and of which neither lies within the other
        have nothing ``before`` and ``after``, and stand with the words of each.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> def date(start, end):
    ...     return [{"start": start, "end": end, "label": "DATE"}]
    >>> said = pd.DataFrame({"example": 1, "annotator": ["llm", "cpu"], "value": [date(3, 12), date(7, 12)]})
    >>> said = said.assign(kind="model", outcome="parsed", scores=None)
    >>> texts = pd.DataFrame({"example": [1], "text": ["in the 1990s"]})
    >>> boundaries(said, texts, make_task("spans", ["DATE"]))[["before", "times", "longer"]].values.tolist()
    [['the', 1, 'the 1990s']]
    """
    chosen = choose(annotations, names, without=NOT_VOTING)
    answers, words = encode(annotations, task, chosen), texts.set_index("example")["text"]
    found: dict[tuple[str, Edge, tuple[str, str]], _Row] = defaultdict(_Row)
    for example, codes in zip(answers.examples.tolist(), answers.codes.tolist(), strict=True):
        said = [(name, answers.values[code]) for name, code in zip(chosen, codes, strict=True) if code != NO_VALUE]
        for (a, one), (b, other) in combinations(said, 2):
            for each in task.differences(one, other) if one != other else ():
                if each.sort is Sort.BOUNDARY and each.tail_start_a is None:
                    spots = {a: Range(each.start_a or 0, each.end_a or 0), b: Range(each.start_b or 0, each.end_b or 0)}
                    _note(found, str(each.label_a), example, words[example], spots)
    rows = [(label, *kind, *row.cells()) for (label, kind, _), row in found.items()]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(
        ["times", "label", "before", "after"], ascending=[False, True, True, True], ignore_index=True
    )


class _Row:
    """What was met of one kind of confusion."""

    def __init__(self) -> None:
        self.places: set[tuple[int, Range, Range]] = set()
        self.said: Counter[tuple[str, str]] = Counter()
        self.givers: tuple[dict[str, None], dict[str, None]] = ({}, {})

    def cells(self) -> tuple[Any, ...]:
        """Return times, texts, the most frequent words, and who gives which."""
        longer, shorter = min(self.said, key=lambda pair: (-self.said[pair], pair))
        names = [", ".join(each) for each in self.givers]
        return len(self.places), len({example for example, *_ in self.places}), longer, shorter, *names


def _note(found: dict[Any, _Row], label: str, example: int, text: str, spots: dict[str, Range]) -> None:
    """Count one confusion, once for all the pairs of annotators between which it stands."""
    (a, one), (b, other) = sorted(spots.items(), key=lambda item: (-item[1].size, item[1].start))
    pair = (text[one.start : one.end], text[other.start : other.end])
    kind = edge(text, one, other)
    row = found[label, kind or Edge("", ""), ("", "") if kind else pair]
    if (place := (example, one, other)) not in row.places:
        row.places.add(place)
        row.said[pair] += 1
    row.givers[0][a] = row.givers[1][b] = None
