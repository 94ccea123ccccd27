"""The tables of a comparison: who labelled what, and how annotators agree, pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..metrics import kappa, wilson
from .answers import WITH_VALUE, Answers


def coverage(annotations: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    """Count for each annotator the texts that are used, and those left out by reason."""
    mine = annotations[annotations["annotator"].isin(answers.annotators)]
    asked = mine["annotator"].value_counts().reindex(answers.annotators)
    failed = mine[~mine["outcome"].isin(WITH_VALUE)].astype({"outcome": str})
    reasons = failed.groupby(["annotator", "outcome"]).size().unstack(fill_value=0).reindex(answers.annotators)
    total = len(answers.examples)
    counts = {"texts": total, "used": answers.given.sum(axis=0), "not labelled": total - asked}
    return pd.DataFrame(counts, index=asked.index).join(reasons).fillna(0).astype(int)


def agreement(answers: Answers) -> pd.DataFrame:
    """Count for each pair how often the whole values are the same."""
    rows = []
    for a, b in combinations(answers.annotators, 2):
        left, right, texts = answers.tally(a, b)
        total, agreed = int(texts.sum()), int(texts[left == right].sum())
        share = agreed / total if total else np.nan
        rows.append((a, b, total, agreed, share, *wilson(agreed, total), kappa(left, right, texts)))
    return pd.DataFrame(rows, columns=["a", "b", "texts", "agreed", "share", "low", "high", "kappa"])


def per_label(answers: Answers) -> pd.DataFrame:
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


def differ(answers: Answers) -> NDArray[np.bool_]:
    """Say of each text whether two annotators gave it different values."""
    highest = answers.codes.max(axis=1, initial=-1)
    lowest = np.where(answers.given, answers.codes, highest[:, None]).min(axis=1)
    return np.asarray(lowest < highest)


def distance(answers: Answers, pairs: Sequence[Sequence[int]] | None = None) -> NDArray[np.float64]:
    """Average over pairs of columns, and over labels, how far apart the probabilities are; 0 where there is no pair."""
    total, met = np.zeros(len(answers.examples)), np.zeros(len(answers.examples))
    labels = range(len(answers.task.labels))
    for a, b in combinations(range(len(answers.annotators)), 2) if pairs is None else pairs:
        both = answers.given[:, [a, b]].all(axis=1)
        left, right = answers.annotators[a], answers.annotators[b]
        gaps: Any = sum(np.abs(answers.chance(left, label) - answers.chance(right, label)) for label in labels)
        total += np.where(both, gaps / len(labels), 0)
        met += both
    return total / np.maximum(met, 1)
