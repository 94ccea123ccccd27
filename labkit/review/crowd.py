"""What is likeliest of each text, by how reliable each annotator is found to be."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..tasks.base import Part
from .answers import NO_VALUE, Answers, distinct

COLUMNS = ["case", "question", "label", "worker", "answer"]


def likeliest(answers: Answers) -> pd.Series[Any]:
    """Fit Dawid and Skene's model, one for the questions of each label, and return the likeliest value of each text.

    Parameters
    ----------
    answers : Answers
        What each annotator said.

    Returns
    -------
    Series
        A value for each row of `answers`; None where no annotator gave one.
    """
    if not answers.annotators or not answers.given.any():
        return pd.Series([None] * len(answers.examples), dtype=object)
    first, case = distinct(pd.DataFrame(answers.codes))
    questions: list[tuple[int, Part]] = []
    said = pd.DataFrame(_said(answers, first, questions), columns=COLUMNS)
    beliefs: list[dict[Part, dict[Any, float]]] = [{} for _ in first]
    for _, alike in said.groupby("label", sort=False):
        for question, believed in _fit(alike, case):
            number, part = questions[question]
            beliefs[number][part] = believed
    values = np.empty(len(first), object)
    for number, row in enumerate(first):
        values[number] = answers.task.elect(beliefs[number]) if answers.given[row].any() else None
    return pd.Series(values[case], dtype=object)


def _said(answers: Answers, rows: Any, questions: list[tuple[int, Part]]) -> Iterator[tuple[int, int, str, int, Any]]:
    """Yield each answer to each question of each case, and number the questions."""
    for case, codes in enumerate(answers.codes[rows]):
        workers = np.flatnonzero(codes != NO_VALUE)
        asked = answers.task.questions([answers.values[codes[worker]] for worker in workers]) if len(workers) else {}
        for part, given in asked.items():
            for worker, answer in zip(workers.tolist(), given, strict=True):
                yield case, len(questions), part.label, worker, answer
            questions.append((case, part))


def _fit(said: pd.DataFrame, case: Any) -> Iterator[tuple[int, dict[Any, float]]]:
    """Yield for each question what is to be believed of its answers, from all the texts at once."""
    from crowdkit.aggregation import DawidSkene

    names = list(dict.fromkeys(said["answer"]))
    numbered = said.assign(answer=[names.index(answer) for answer in said["answer"]])
    texts = pd.DataFrame({"text": np.arange(len(case)), "case": case}).merge(numbered, on="case")
    task = texts.groupby(["text", "question"], sort=False).ngroup()
    data = pd.DataFrame({"task": task, "worker": texts["worker"], "label": texts["answer"]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what later versions of pandas will not take from it
        believed = DawidSkene(n_iter=100).fit_predict_proba(data)
    asked = texts.assign(task=task).drop_duplicates("question")
    for question, shares in zip(asked["question"], believed.loc[asked["task"]].to_numpy(), strict=True):
        answers = (names[int(number)] for number in believed.columns.to_numpy())
        yield int(question), dict(zip(answers, shares.tolist(), strict=True))
