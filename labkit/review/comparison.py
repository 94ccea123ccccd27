"""Who agrees with whom, on what, and how far apart they are."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from ..errors import LabError
from ..metrics import WHOLE, alpha
from ..tasks import Task
from .answers import Answers, choose, encode
from .pairs import agreement, coverage, differ, distance, per_label
from .spans import difference_table, overlap_scores, token_kappa

MANY = 500
"""Different values whose alpha as a whole is worth its time: of more, hardly one comes twice."""


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

    @cached_property
    def alpha(self) -> pd.Series[float]:
        """Krippendorff's alpha of all annotators together: of each label, and of whole values (`labkit.metrics.WHOLE`).

        Unlike kappa it takes any number of annotators, and texts that some did not label. Found when first asked
        for: of a million texts it takes seconds. NaN for whole values of which there are more than `MANY`.
        """
        codes, given = self.answers.codes, self.answers.given
        each = {
            label: alpha(np.where(given, self.answers.membership[codes, column], -1))
            for column, label in enumerate(self.answers.task.labels)
        }
        whole = alpha(codes) if len(self.answers.values) <= MANY else np.nan
        return pd.Series({**each, WHOLE: whole}, name="alpha", dtype=float).rename_axis("label")

    def differences(self, a: str, b: str) -> pd.DataFrame:
        """Sort what two annotators say of each text, part by part.

        Parameters
        ----------
        a, b : str
            Two of `annotators`; `a` is what `b` is held against.

        Returns
        -------
        DataFrame
            One row a part: ``example``, ``sort`` (exact, boundary, label, direction, missing: of `a` alone, extra:
            of `b` alone), ``label_a, label_b``, and for spans ``start_a, end_a, start_b, end_b``, in characters; for
            relations these are the head's, and the tail's are called the same with ``tail_`` before.
            ``differences(...).value_counts(["label_a", "sort"])`` counts them.

        Raises
        ------
        LabError
            If one of them is not compared here.
        """
        return difference_table(self.answers, a, b)

    def overlap(self, a: str, b: str) -> pd.DataFrame:
        """Score the spans of one annotator against another's, also where they only overlap: by nervaluate.

        Parameters
        ----------
        a, b : str
            Two of `annotators`; `a` is what `b` is held against.

        Returns
        -------
        DataFrame
            Indexed by ``label`` (and `labkit.metrics.MICRO`, all together) and ``scheme``: strict (boundary and
            label are the same), exact (the boundary is, whatever the label), partial (another boundary counts
            half, whatever the label), ent_type (the label is, on spans that overlap). Columns ``precision,
            recall, f``, and numbers of spans: ``correct, incorrect, partial, missed, spurious``.

        Raises
        ------
        LabError
            If one of them is not compared here, or values are not of spans.
        """
        return overlap_scores(self.answers, a, b)

    def tokens(self, a: str, b: str, texts: pd.DataFrame) -> pd.DataFrame:
        """Measure how far two annotators agree on single tokens: for spans whose ends are a matter of taste.

        Parameters
        ----------
        a, b : str
            Two of `annotators`.
        texts : DataFrame
            The texts, with the columns ``example, text``.

        Returns
        -------
        DataFrame
            Indexed by label, and `labkit.metrics.WHOLE` for all labels of a token: ``tokens`` in texts that both
            labelled, the share ``agreement``, and Cohen's ``kappa``, which is NaN where nobody marks any.

        Raises
        ------
        LabError
            If one of them is not compared here, or values are not of spans.
        """
        return token_kappa(self.answers, a, b, texts)

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
    texts = pd.DataFrame({"differ": differ(answers)[shared], "distance": distance(answers)[shared]}, index)
    sure = {name: answers.confidence[name][shared] for name in chosen if name in answers.scores}
    return Comparison(
        annotators=tuple(chosen),
        coverage=coverage(annotations, answers),
        agreement=agreement(answers),
        per_label=per_label(answers),
        texts=texts,
        confidence=pd.DataFrame(sure, index),
        answers=answers,
    )


def join(names: Sequence[str]) -> str:
    """Write a list as a person would: ``"a, b and c"``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
