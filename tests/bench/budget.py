"""What a student is worth that learned an LLM's labels, of which a person corrected the first few."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.student import score, train
from labkit.tasks import Task

COUNTS = (0, 25, 50, 100, 200)
PARTS = (0.25, 0.5)
"""Of which parts of the texts a student learns as well, to see what more texts would bring."""
STRENGTHS, FOLDS = (1.0, 10.0, 100.0), 5
"""From how much regularisation a student chooses, by how likely it makes its own labels in so many folds."""
SPELLINGS = 50_000

Students = Callable[["Half", Mapping[int, Any]], NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class Half:
    """Texts that a person reads, and others that a student is held against.

    Parameters
    ----------
    task : Task
        What is asked.
    texts, held_out : dict of int to str
        The texts, by example.
    drafted, truth : mapping of int to value
        What the LLM says, and people, also of the texts held out.
    """

    task: Task
    texts: dict[int, str]
    held_out: dict[int, str]
    drafted: Mapping[int, Any]
    truth: Mapping[int, Any]

    @property
    def wrong(self) -> set[int]:
        """The texts to read whose label is wrong."""
        return {example for example in self.texts if self.drafted[example] != self.truth[example]}

    def corrected(self, examples: Sequence[int]) -> dict[int, Any]:
        """Return the labels once a person read these texts."""
        return {e: self.drafted[e] for e in self.texts} | {e: self.truth[e] for e in examples}

    def f(self, guess: NDArray[np.bool_], examples: Sequence[int]) -> float:
        """Return the F, by people, of the labels of some texts."""
        true = self.given(self.truth, examples)
        return float(2 * (guess & true).sum() / max(guess.sum() + true.sum(), 1))

    def given(self, values: Mapping[int, Any], examples: Sequence[int]) -> NDArray[np.bool_]:
        """Return which labels some texts have, shape (texts, labels)."""
        return np.array(self.task.membership(values[example] for example in examples), bool)


def by_words(half: Half, values: Mapping[int, Any]) -> NDArray[np.bool_]:
    """Return the labels that words and spellings tell of the texts held out, by logistic regression.

    Its strength is chosen by the labels that it learns, in folds of its own: people's of the texts held out play no
    part.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_union

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    spelt = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True, max_features=SPELLINGS)
    both = make_union(words, spelt)
    learned = both.fit_transform([half.texts[example] for example in values]).tocsr()
    asked, given = both.transform(list(half.held_out.values())).tocsr(), half.given(values, list(values))
    guess = np.zeros((asked.shape[0], given.shape[1]), bool)
    for label, target in enumerate(given.T):
        rarest = min(target.sum(), (~target).sum())
        if rarest < FOLDS:
            guess[:, label] = target.mean() > 0.5  # too few to learn from
            continue
        search = GridSearchCV(LogisticRegression(max_iter=300), {"C": STRENGTHS}, scoring="neg_log_loss", cv=FOLDS)
        guess[:, label] = search.fit(learned, target).predict(asked)
    return guess


def by_config(config: Path) -> Students:
    """Return the student of a training configuration of labkit."""

    def student(half: Half, values: Mapping[int, Any]) -> NDArray[np.bool_]:
        rows = [(half.texts[example], value) for example, value in values.items()]
        with tempfile.TemporaryDirectory() as out:
            pipeline = train(config, half.task, rows, [], out=Path(out)).pipeline
            said = score(pipeline, half.task, list(half.held_out.values()))
        return np.array(half.task.membership(value for value, _ in said), bool)

    return student


def spend(half: Half, orders: Mapping[str, Sequence[int]], config: Path, seed: int) -> dict[str, Any]:
    """Measure what correcting the first texts of each order brings.

    Returns
    -------
    dict
        F by people on the texts held out: ``budget`` by order and number of decisions, ``all_people``,
        ``all_people_by_texts``, that of the LLM's own labels ``llm_itself``, and that of the student of `config` in
        the order ``learned``, ``shipped``. Of the texts that are read: ``corrected_labels``, the F of the labels that
        a student learns, and ``errors_left``, the share of the LLM's errors among them that were not met.
    """
    known: dict[tuple[Students, frozenset[int]], float] = {}
    wrong, all_read, held = half.wrong, list(half.texts), list(half.held_out)
    fifteen, shipped = fifteen_percent(half), by_config(config)

    def worth(read: Sequence[int], student: Students = by_words) -> float:
        found = student, frozenset(wrong.intersection(read))  # decisions that change nothing teach the same
        if found not in known:
            known[found] = half.f(student(half, half.corrected(read)), held)
        return known[found]

    counts = sorted({*COUNTS, fifteen})
    reads = {
        name: {**{str(count): order[:count] for count in counts}, "all": all_read} for name, order in orders.items()
    }
    mixed = np.random.default_rng(seed).permutation(all_read).tolist()
    parts = [mixed[: round(part * len(mixed))] for part in PARTS]
    truth = half.corrected(all_read)
    return {
        "budget": {name: {k: worth(read) for k, read in by.items()} for name, by in reads.items()},
        "corrected_labels": {
            name: {k: half.f(half.given(half.corrected(read), all_read), all_read) for k, read in by.items()}
            for name, by in reads.items()
        },
        "errors_left": {
            name: {k: len(wrong.difference(read)) / max(len(wrong), 1) for k, read in by.items()}
            for name, by in reads.items()
        },
        "all_people": worth(all_read),
        "all_people_by_texts": {
            **{str(len(part)): half.f(by_words(half, {e: truth[e] for e in part}), held) for part in parts},
            str(len(all_read)): worth(all_read),
        },
        "llm_itself": half.f(half.given(half.drafted, held), held),
        "shipped": {k: worth(reads["learned"][k], shipped) for k in ("0", str(fifteen), "all")},
    }


def fifteen_percent(half: Half) -> int:
    """Return how many decisions are 15 % of the texts that are read."""
    return round(0.15 * len(half.texts))
