"""How the parts of two annotators' values go together, where the value as a whole is too coarse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import LabError
from ..metrics import MICRO, WHOLE, kappa
from ..tasks.differences import Difference
from .answers import Answers

RANGES = ["start_a", "end_a", "start_b", "end_b"]
TAILS = [f"tail_{each}" for each in RANGES]
COUNTS = ["correct", "incorrect", "partial", "missed", "spurious"]


def difference_table(answers: Answers, a: str, b: str) -> pd.DataFrame:
    """Sort the parts of two annotators' values; see `Comparison.differences`."""
    rows = [(example, *each) for example, x, y in _both(answers, a, b) for each in answers.task.differences(x, y)]
    table = pd.DataFrame(rows, columns=["example", *Difference._fields])
    table = table.astype({"example": int, "sort": str, **dict.fromkeys(RANGES + TAILS, "Int64")})
    return table if answers.task.related else table.drop(columns=TAILS)


def overlap_scores(answers: Answers, a: str, b: str) -> pd.DataFrame:
    """Score spans that may only overlap, by nervaluate; see `Comparison.overlap`."""
    from nervaluate.evaluator import Evaluator

    _refuse_whole(answers)
    marks, labels = answers.task.marks, answers.task.mark_labels
    pairs = [(marks(x), marks(y)) for _, x, y in _both(answers, a, b)]
    true, guess = ([[_inclusive(span) for span in pair[side]] for pair in pairs] for side in (0, 1))
    found = Evaluator(true, guess, list(labels), loader="dict").evaluate()
    tables = {label: found["entities"].get(label, {}) for label in labels} | {MICRO: found["overall"]}
    rows = {
        (label, scheme): [each.precision, each.recall, each.f1, *(getattr(each, name) for name in COUNTS)]
        for label, schemes in tables.items()
        for scheme, each in schemes.items()
    }
    columns = ["precision", "recall", "f", *COUNTS]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.index = pd.MultiIndex.from_tuples(rows, names=["label", "scheme"])
    return table


def token_kappa(answers: Answers, a: str, b: str, texts: pd.DataFrame) -> pd.DataFrame:
    """Measure agreement on single tokens; see `Comparison.tokens`."""
    _refuse_whole(answers)
    text_of = texts.set_index("example")["text"]
    spans, labels = answers.task.marks, answers.task.mark_labels
    marks: list[NDArray[np.bool_]] = [np.zeros((0, 2, len(labels)), bool)]
    for example, x, y in _both(answers, a, b):
        tokens = answers.task.tokens(text_of[example]) or []
        marks.append(np.stack([_marked(spans(each), tokens, labels) for each in (x, y)], axis=1))
    found = np.concatenate(marks)
    rows = {label: _agreement(found[:, 0, column], found[:, 1, column]) for column, label in enumerate(labels)}
    _, sets = np.unique(found.reshape(-1, len(labels)), axis=0, return_inverse=True)
    rows[WHOLE] = _agreement(*sets.reshape(-1, 2).T)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["tokens", "agreement", "kappa"])
    return table.rename_axis("label").astype({"tokens": int})


def _both(answers: Answers, a: str, b: str) -> Iterator[tuple[int, Any, Any]]:
    """Yield each text that both labelled, and their values."""
    columns = [answers.column(a), answers.column(b)]
    shared = answers.given[:, columns].all(axis=1)
    for example, (x, y) in zip(answers.examples[shared], answers.codes[shared][:, columns], strict=True):
        yield int(example), answers.values[x], answers.values[y]


def _refuse_whole(answers: Answers) -> None:
    """Raise LabError where labels are of texts as a whole."""
    if answers.task.whole_text:
        raise LabError("These labels are of whole texts, not of spans.", "See agreement, per_label and differences.")


def _inclusive(span: Any) -> dict[str, Any]:
    """Return a span as nervaluate has it: its end is its last character."""
    return {"label": span["label"], "start": span["start"], "end": span["end"] - 1}


def _marked(spans: Any, tokens: list[tuple[int, int]], labels: tuple[str, ...]) -> NDArray[np.bool_]:
    """Say of each token (row) and label (column) whether a span with the label shares a character with it."""
    starts, ends = np.array(tokens, int).reshape(-1, 2).T
    marked = np.zeros((len(tokens), len(labels)), bool)
    for span in spans:
        marked[:, labels.index(span["label"])] |= (starts < span["end"]) & (ends > span["start"])
    return marked


def _agreement(a: NDArray[Any], b: NDArray[Any]) -> tuple[int, float, float]:
    """Return how many tokens there are, on which share two agree, and their kappa."""
    share = float((a == b).mean()) if len(a) else float("nan")
    return len(a), share, kappa(a.astype(int), b.astype(int))
