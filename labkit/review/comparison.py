"""Who agrees with whom, on what, and how far apart they are."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import LabError
from ..metrics import kappa, wilson
from ..tasks import Task
from .answers import WITH_VALUE, Answers, choose, encode


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What annotators say of the same texts. Made by `compare`.

    Parameters
    ----------
    annotators : tuple of str
        Who is compared.
    coverage : DataFrame
        One row an annotator: ``texts`` in all, ``used`` with a value, and a column for each reason
        why others are left out (``not labelled``, or the outcome of the reply), in texts.
    agreement : DataFrame
        One row a pair: ``a, b, texts, agreed`` (both in texts), ``share`` of texts with the same value,
        its 95 % Wilson interval ``low, high``, and Cohen's ``kappa`` of the whole values. Share and kappa
        are NaN where a pair has no text in common; kappa also where both always say one and the same.
    per_label : DataFrame
        One row a label and pair: ``label, a, b``, texts where ``both`` give the label, ``only_a``,
        ``only_b``, ``neither``, the share ``agreement`` and Cohen's ``kappa`` of this label.
    texts : DataFrame
        One row for each text with at least two values, indexed by ``example``: whether the values
        ``differ``, and the ``distance``, 0 to 1: the mean over labels of the difference in probability (its
        score where an annotator gives scores, else 0 or 1), mean over pairs of annotators.
    confidence : DataFrame
        One row for each of these texts and a column for each annotator that gives scores: how sure it is
        of its value, 0 to 1, as the task says it; NaN where it gave no value or no scores.
    answers : Answers
        The annotations as arrays.
    """

    annotators: tuple[str, ...]
    coverage: pd.DataFrame
    agreement: pd.DataFrame
    per_label: pd.DataFrame
    texts: pd.DataFrame
    confidence: pd.DataFrame
    answers: Answers = field(repr=False)

    @property
    def distance(self) -> pd.Series[float]:
        """How far apart the annotators are on each text, 0 to 1, indexed by ``example``."""
        return self.texts["distance"]

    @property
    def sureness(self) -> pd.DataFrame:
        """How sure annotators are, as medians of `confidence`: a row where values differ, one where they do not."""
        return self.confidence.groupby(self.texts["differ"]).median()

    @property
    def farthest(self) -> tuple[str, str]:
        """The two annotators who agree least; a LabError where there is one alone."""
        if len(self.annotators) < 2:
            raise LabError(f"{self.annotators[0]} is compared with nobody.", "Compare two annotators or more.")
        pair = self.agreement.sort_values("share", kind="stable").iloc[0]
        return str(pair["a"]), str(pair["b"])

    @property
    def headline(self) -> str:
        """What to see, in one sentence."""
        who = join(self.annotators)
        if len(self.annotators) == 1:
            return f"{who} labelled {self.coverage['used'].iloc[0]:,} texts; there is nobody to compare with"
        differ, total = int(self.texts["differ"].sum()), len(self.texts)
        return f"{who} give {differ:,} of {total:,} texts different labels"

    def confusion(self, a: str, b: str) -> pd.DataFrame:
        """Count the texts by the values that two annotators gave.

        Parameters
        ----------
        a, b : str
            Two of `annotators`.

        Returns
        -------
        DataFrame
            One row for each value of `a`, one column for each of `b`, both named by the task's key, the most
            frequent first. Cells are numbers of texts.

        Raises
        ------
        LabError
            If one of them is not compared here.
        """
        left, right, texts = self.answers.tally(a, b)
        names = np.array([self.answers.task.key(value) for value in self.answers.values], object)
        pairs = pd.DataFrame({"a": names[left], "b": names[right], "texts": texts})
        table = pairs.pivot_table(index="a", columns="b", values="texts", aggfunc="sum", fill_value=0)
        total = table.sum(axis=1).add(table.sum(axis=0), fill_value=0)
        order = sorted(total.index, key=lambda name: (-total[name], name))
        return table.reindex(index=order, columns=order, fill_value=0).astype(int).rename_axis(index=a, columns=b)

    def __repr__(self) -> str:
        return f"{self.headline}.\n{self.agreement.round(3).to_string(index=False)}"

    def _repr_html_(self) -> str:
        """Show the headline, the agreement of each pair, and who labelled what."""
        tables = [self.agreement.round(3).to_html(index=False, na_rep="undefined"), self.coverage.to_html()]
        return f"<p>{html.escape(self.headline)}.</p>{''.join(tables)}"


def compare(annotations: pd.DataFrame, task: Task, names: Sequence[str] | None = None) -> Comparison:
    """Compare what annotators say of the same texts.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, with the columns ``example, annotator, kind, outcome, value, scores``.
    task : Task
        What the values are values of.
    names : sequence of str, optional
        Who to compare; everyone but the reference if left out.

    Returns
    -------
    Comparison
        A text counts for a pair where both gave it a value. Texts that an annotator did not label, or whose
        reply could not be read, are left out and counted in ``coverage``.

    Raises
    ------
    LabError
        If there are no annotations, or none by one of `names`, or a value is none of the task's.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "llm", ["BUG"]), (1, "cpu", ["BUG"]), (2, "llm", []), (2, "cpu", ["BUG"])]
    >>> annotations = pd.DataFrame(rows, columns=["example", "annotator", "value"])
    >>> annotations = annotations.assign(kind="llm", outcome="parsed", scores=None)
    >>> compare(annotations, make_task("choices", ["BUG", "DOCUMENTATION"])).headline
    'llm and cpu give 1 of 2 texts different labels'
    """
    chosen = choose(annotations, names, without=["reference"])
    if not chosen:
        raise LabError("Nobody has labelled anything that could be compared.", "Annotate first: lab.annotate('llm').")
    answers = encode(annotations, task, chosen)
    shared = answers.given.sum(axis=1) > 1
    index = pd.Index(answers.examples[shared], name="example")
    texts = pd.DataFrame({"differ": _differ(answers)[shared], "distance": _distance(answers)[shared]}, index)
    sure = {name: answers.confidence[name][shared] for name in chosen if name in answers.scores}
    return Comparison(
        annotators=tuple(chosen),
        coverage=_coverage(annotations, answers),
        agreement=_agreement(answers),
        per_label=_per_label(answers),
        texts=texts,
        confidence=pd.DataFrame(sure, index),
        answers=answers,
    )


def join(names: Sequence[str]) -> str:
    """Write a list as a person would: ``"a, b and c"``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _coverage(annotations: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    """Count for each annotator the texts that are used, and those left out by reason."""
    mine = annotations[annotations["annotator"].isin(answers.annotators)]
    asked = mine["annotator"].value_counts().reindex(answers.annotators)
    failed = mine[~mine["outcome"].isin(WITH_VALUE)].astype({"outcome": str})
    reasons = failed.groupby(["annotator", "outcome"]).size().unstack(fill_value=0).reindex(answers.annotators)
    total = len(answers.examples)
    counts = {"texts": total, "used": answers.given.sum(axis=0), "not labelled": total - asked}
    return pd.DataFrame(counts, index=asked.index).join(reasons).fillna(0).astype(int)


def _agreement(answers: Answers) -> pd.DataFrame:
    """Count for each pair how often the whole values are the same."""
    rows = []
    for a, b in combinations(answers.annotators, 2):
        left, right, texts = answers.tally(a, b)
        total, agreed = int(texts.sum()), int(texts[left == right].sum())
        share = agreed / total if total else np.nan
        rows.append((a, b, total, agreed, share, *wilson(agreed, total), kappa(left, right, texts)))
    return pd.DataFrame(rows, columns=["a", "b", "texts", "agreed", "share", "low", "high", "kappa"])


def _per_label(answers: Answers) -> pd.DataFrame:
    """Count for each label and pair who gives it."""
    rows = []
    for a, b in combinations(answers.annotators, 2):
        left, right, texts = answers.tally(a, b)
        for column, label in enumerate(answers.task.labels):
            by_a, by_b = answers.membership[left, column], answers.membership[right, column]
            neither, only_b, only_a, both = np.bincount(2 * by_a + by_b, texts, 4).astype(int).tolist()
            share = (both + neither) / texts.sum() if len(texts) else np.nan
            rows.append((label, a, b, both, only_a, only_b, neither, share, kappa(by_a, by_b, texts)))
    names = ["label", "a", "b", "both", "only_a", "only_b", "neither", "agreement", "kappa"]
    return pd.DataFrame(rows, columns=names)


def _differ(answers: Answers) -> NDArray[np.bool_]:
    """Say of each text whether two annotators gave it different values."""
    highest = answers.codes.max(axis=1, initial=-1)
    lowest = np.where(answers.given, answers.codes, highest[:, None]).min(axis=1)
    return np.asarray(lowest < highest)


def _distance(answers: Answers) -> NDArray[np.float64]:
    """Average over pairs, and over labels, how far apart the probabilities are; 0 where there is no pair."""
    total, pairs = np.zeros(len(answers.examples)), np.zeros(len(answers.examples))
    labels = range(len(answers.task.labels))
    for a, b in combinations(range(len(answers.annotators)), 2):
        both = answers.given[:, [a, b]].all(axis=1)
        left, right = answers.annotators[a], answers.annotators[b]
        gaps: Any = sum(np.abs(answers.chance(left, label) - answers.chance(right, label)) for label in labels)
        total += np.where(both, gaps / len(labels), 0)
        pairs += both
    return total / np.maximum(pairs, 1)
