"""How likely each text's label is wrong, learned from the texts that a person decided."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .evidence import Evidence
from .logistic import Fitted, chance, fit

Floats = NDArray[np.float64]

ROWS = 4_000
"""About how many labels that nobody decided the words are learned from, over all labels of the task."""
FEWEST = 1_000
DECISION = 4.0
"""How many labels that nobody decided one decision counts for."""


VALUE = "value"


class Belief(NamedTuple):
    """What one column says of an error before anything is decided: the mean of its coefficient, and its precision."""

    mean: float
    precision: float


BASE = Belief(-1.5, 0.1)
WORDS = Belief(1.0, 4.0)
DIFFER = Belief(2.0, 1.0)
DOUBT = Belief(0.3, 4.0)
UNSURE = Belief(0.5, 30.0)
"""Held to firmly: texts on which others differ are read first, and tell nothing of how sure to be where they agree."""
SAID = Belief(0.0, 1.0)
TOPIC = Belief(0.0, 3.0)
"""How far errors keep to certain words, beside what the words say of the label."""
FREQUENCY, MEANING = Belief(0.0, 0.01), Belief(0.0, 1.0)
"""How often a label applies, and how far words tell it."""


class Decided(NamedTuple):
    """What a person decided.

    Parameters
    ----------
    rows : array of int, shape (decisions,)
        Of which texts.
    true : array of 0 and 1, shape (decisions, labels)
        Which labels apply.
    wrong : array of bool, shape (decisions,)
        Whether the value at stake was another.
    """

    rows: NDArray[np.int64]
    true: NDArray[np.int8]
    wrong: NDArray[np.bool_]


class Suspicion:
    """A model of an annotator's errors, which every decision sharpens.

    For each label two logistic regressions. The first learns from words which texts have the label: from the
    annotator's own labels, which are mostly right, and from decisions, which count more. It says of each text what
    the others make of it, so that a label never defends itself. The second learns from the decisions alone when the
    annotator is wrong: by how far the first one, the other prompts and the scores contradict it, by what it said,
    and by words. Beforehand its coefficients are what makes it a plain sum of the contradictions.

    Parameters
    ----------
    evidence : Evidence
        What the annotators say.
    words : array of float, shape (texts, directions)
        The texts, as `labkit.review.features.embed` places them; there may be no column.
    whole : bool
        Whether the labels say all there is to say of a value. If not, values with the same labels may differ, and
        one regression learns from the decisions when a value as a whole is wrong: by who says otherwise, how unsure
        others are of it, which labels it holds, and words.
    """

    def __init__(self, evidence: Evidence, words: NDArray[np.float32], whole: bool = True) -> None:
        self._evidence, self._whole = evidence, whole
        self._words = np.ascontiguousarray(words)
        labels = evidence.said.shape[1]
        self._sampled = np.random.default_rng(0).permutation(len(words))[: max(FEWEST, ROWS // labels)]
        self._fits: dict[object, Floats] = {}

    def wrong(self, decided: Decided) -> Floats:
        """Return the probability, 0 to 1, that the value at stake of each text is wrong."""
        if not self._whole:
            return self._value(decided)
        right = np.ones(len(self._words))
        for label in range(self._evidence.said.shape[1]):
            right *= 1 - self._label(label, decided)
        return np.asarray(1 - right)

    def _label(self, label: int, decided: Decided) -> Floats:
        """Return the probability that this label is wrongly given, or wrongly not given."""
        said = self._evidence.said[:, label]
        sign = np.asarray(2.0 * said - 1, np.float64)
        columns = [
            (np.ones(len(said)), BASE),
            (-sign * self._meant(label, decided), WORDS),
            (self._evidence.differ[:, label], DIFFER),
            (self._evidence.doubt[:, label], DOUBT),
            (self._evidence.own[:, label], DOUBT),
            (said.astype(float), SAID),
        ]
        wrong = decided.true[:, label] != said[decided.rows]
        return self._errors(label, columns, sign, decided.rows, wrong)

    def _value(self, decided: Decided) -> Floats:
        """Return the probability that a value is wrong, whatever is wrong about it."""
        ones = np.ones(len(self._words))
        columns = [(ones, BASE), (self._evidence.apart, DIFFER), (self._evidence.unsure, UNSURE)]
        columns += [(said, SAID) for said in self._evidence.said.T.astype(float)]
        return self._errors(VALUE, columns, ones, decided.rows, decided.wrong)

    def _meant(self, label: int, decided: Decided) -> Floats:
        """Return the log odds that words give to a label, of each text as if its own label had not been seen."""
        if not self._words.shape[1]:
            return np.zeros(len(self._words))
        undecided = np.setdiff1d(self._sampled, decided.rows, assume_unique=True)
        rows = np.concatenate([undecided, decided.rows])
        target = np.concatenate([self._evidence.said[undecided, label], decided.true[:, label]]).astype(float)
        weights = np.repeat([1.0, DECISION], [len(undecided), len(decided.rows)])
        columns = np.column_stack([np.ones(len(rows), np.float32), self._words[rows]])
        told = self._fit(("meaning", label), columns, target, weights, [FREQUENCY, *[MEANING] * self._words.shape[1]])
        odds = told.coefficients[0] + self._projected(told.coefficients[1:])
        odds[rows] = told.held_out(columns, target, weights)
        return np.asarray(odds)

    def _errors(
        self,
        name: object,
        columns: list[tuple[Floats, Belief]],
        sign: Floats,
        rows: NDArray[np.int64],
        wrong: NDArray[np.bool_],
    ) -> Floats:
        """Learn from decided rows when they are wrong, and say it of all; words count by the sign of their row."""
        words = self._words[rows] * sign[rows, None].astype(np.float32)
        table = np.column_stack([*(column[rows].astype(np.float32) for column, _ in columns), words])
        beliefs = [*(belief for _, belief in columns), *[TOPIC] * self._words.shape[1]]
        told = self._fit(name, table, wrong.astype(float), np.ones(len(rows)), beliefs).coefficients
        odds = sign * self._projected(told[len(columns) :])
        return chance(odds + sum(weight * column for weight, (column, _) in zip(told, columns, strict=False)))

    def _fit(self, name: object, columns: Floats, target: Floats, weights: Floats, beliefs: list[Belief]) -> Fitted:
        """Fit, starting from the last fit of this name: a few decisions move it little."""
        mean, precision = np.array(beliefs).T
        told = fit(columns, target, weights, precision, mean, self._fits.get(name))
        self._fits[name] = told.coefficients
        return told

    def _projected(self, coefficients: Floats) -> Floats:
        """Return what the words of each text add up to."""
        return np.asarray(self._words @ coefficients.astype(np.float32), np.float64)
