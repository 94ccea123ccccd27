"""Ranks texts by how likely their label is wrong, and says why: what an order learns, without threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .answers import NO_VALUE, Answers
from .cores import one_core
from .evidence import Evidence, gather
from .features import embed_apart
from .lots import SHARE
from .suspicion import Decided, Suspicion

POOL = 10_000
"""Most texts that are ranked by what is learned: of more, the first of the queue and a draw of the rest, half each."""
HEAD, BATCH, ALIKE = 60, 10, 0.5
"""How many texts are put in an order in which no ten are alike; how many these are; and how much likeness counts."""
COLUMNS, TINY = {"example", "text"}, 1e-12
NEAREST, FEWEST = 9, 5
"""Of how many like texts a reason tells, and of how many at least."""


class Verdict(NamedTuple):
    """What a decision says of the value at stake.

    Parameters
    ----------
    true : tuple of 0 and 1
        Which labels apply.
    wrong : bool
        Whether the value at stake is another.
    """

    true: tuple[int, ...]
    wrong: bool


@dataclass(frozen=True, eq=False)
class Lesson:
    """What an order learns from. Made by `labkit.review.queue`.

    Parameters
    ----------
    answers : Answers
        What each annotator said; whose errors are looked for comes first.
    past : DataFrame
        What people decided before: ``example, value``, and ``text`` where the texts are known.
    share : float
        The share of the cards that show no suggestion, 0 to 1.
    """

    answers: Answers
    past: pd.DataFrame
    share: float = SHARE


class Ranking(NamedTuple):
    """What was learned of a queue.

    Parameters
    ----------
    places : array of int
        The places of the queue, the most suspicious first; those that were decided stand last of their pool.
    expected : float
        The share of its values that are wrong or likely wrong, 0 to 1.
    """

    places: NDArray[np.int64]
    expected: float


class _Known(NamedTuple):
    """What is known before anybody decides here: the evidence, and what was decided elsewhere."""

    evidence: Evidence
    before: dict[int, Verdict]


class _Ready(NamedTuple):
    """What a ranking rests on: texts as vectors, and the model that learns from them."""

    words: NDArray[np.float32]
    suspicion: Suspicion


class Learner:
    """Learns which labels of a queue are wrong: from what annotators say, and once texts are placed from their words.

    Parameters
    ----------
    frame : DataFrame
        The rows of a `Queue`: ``example``, and ``text`` where the texts are known.
    lesson : Lesson
        What to learn from.
    """

    def __init__(self, frame: pd.DataFrame, lesson: Lesson) -> None:
        self._answers = lesson.answers
        count, half = len(frame), POOL // 2
        self._places, self._rest = np.arange(count), np.arange(0)
        if count > POOL:
            behind = half + np.random.default_rng(0).permutation(count - half)
            self._places, self._rest = np.concatenate([np.arange(half), behind[:half]]), np.sort(behind[half:])
        self._fair = slice(half if count > POOL else 0, None)  # what stands for the queue as a whole
        past = lesson.past[lesson.past["example"].isin(self._answers.examples)]
        past = past[~past["example"].isin(frame["example"])]
        self._past = dict(zip(past["example"].tolist(), past["value"], strict=True))
        pool = pd.concat([frame.iloc[self._places][[*COLUMNS & set(frame)]], past[[*COLUMNS & set(past)]]])
        self._examples = pool["example"].to_numpy(np.int64)
        self._texts = pool["text"].fillna("").tolist() if "text" in pool else [""] * len(pool)
        self._slots = {example: slot for slot, example in enumerate(self._examples.tolist())}
        self._words = np.zeros((len(pool), 0), np.float32)
        self._known: _Known | None = None
        self._ready: _Ready | None = None
        self._decided: Decided | None = None

    def place(self) -> None:
        """Place the texts, so that rankings from now on learn from their words: slow, and needed once.

        It may run in a thread of its own while `rank` is called.
        """
        self._words = embed_apart(self._texts)
        self._texts = []  # they are placed, and take more room than all the rest

    def judge(self, example: int, value: object) -> Verdict | None:
        """Hold a decision against the value at stake; None where nobody gave one."""
        task, row = self._answers.task, int(np.searchsorted(self._answers.examples, example))
        if row == len(self._answers.examples) or self._answers.examples[row] != example:
            return None
        given = [code for code in self._answers.codes[row] if code != NO_VALUE]
        if not given:
            return None
        value = task.check(value)
        wrong = task.words(value) != task.words(self._answers.values[given[0]])
        return Verdict(tuple(task.membership([value])[0]), wrong)

    def rank(self, verdicts: Mapping[int, Verdict]) -> Ranking:
        """Learn from all that was decided, and rank the queue anew.

        Parameters
        ----------
        verdicts : mapping of int to Verdict
            What was decided, by example.
        """
        with one_core():
            return self._rank(verdicts)

    def _rank(self, verdicts: Mapping[int, Verdict]) -> Ranking:
        """Do so."""
        known = self._known = self._known or self._gather()
        words = self._words
        if self._ready is None or self._ready.words is not words:
            self._ready = _Ready(words, Suspicion(known.evidence, words, self._answers.task.whole_text))
        decided = self._taught({**known.before, **verdicts}, known.evidence.said.shape[1])
        wrong = self._ready.suspicion.wrong(decided)
        expected = wrong.copy()
        expected[decided.rows] = decided.wrong
        wrong[decided.rows] = -1
        size = len(self._places)
        slots = np.argsort(-wrong[:size], kind="stable")
        slots[:HEAD] = _varied(slots[:HEAD], wrong, words, known.evidence.code)
        self._decided = decided
        return Ranking(np.concatenate([self._places[slots], self._rest]), float(expected[:size][self._fair].mean()))

    def precedent(self, example: int) -> str:
        """Say how often texts like this one, with the same value, were wrong; nothing where too little is known."""
        ready, known, slot, decided = self._ready, self._known, self._slots.get(example), self._decided
        if ready is None or known is None or decided is None or slot is None or not ready.words.shape[1]:
            return ""
        same = known.evidence.code[decided.rows] == known.evidence.code[slot]
        near = np.argsort(-(_ways(ready.words[decided.rows[same]]) @ ready.words[slot]), kind="stable")[:NEAREST]
        wrong = int(decided.wrong[same][near].sum())
        return f"texts like this were wrong {wrong} of {len(near)} times" if len(near) >= FEWEST and wrong else ""

    def _gather(self) -> _Known:
        """Gather the evidence, and hold what was decided before against it."""
        answers = self._answers
        judged = ((example, self.judge(example, value)) for example, value in self._past.items())
        return _Known(
            gather(answers, np.searchsorted(answers.examples, self._examples)),
            {example: verdict for example, verdict in judged if verdict},
        )

    def _taught(self, verdicts: Mapping[int, Verdict], labels: int) -> Decided:
        """Lay verdicts out as arrays; those on texts outside the pool teach nothing."""
        known = [(self._slots[example], verdict) for example, verdict in verdicts.items() if example in self._slots]
        true = np.array([verdict.true for _, verdict in known], np.int8).reshape(len(known), labels)
        rows, wrong = ([slot for slot, _ in known], [verdict.wrong for _, verdict in known])
        return Decided(np.array(rows, np.int64), true, np.array(wrong, bool))


def _varied(
    slots: NDArray[np.int64], wrong: NDArray[np.float64], words: NDArray[np.float32], codes: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Order texts so that each ten are likely wrong, and no ten copies of one mistake."""
    ways, code = _ways(words[slots]), codes[slots]
    alike = np.clip(ways @ ways.T, 0, 1) ** 2 * (code[:, None] == code)
    worth, near, order = wrong[slots].copy(), np.zeros(len(slots)), []
    for place in range(len(slots)):
        near = near if place % BATCH else np.zeros(len(slots))
        order.append(int(np.argmax(worth * (1 - ALIKE * near))))
        worth[order[-1]] = -np.inf
        near = np.maximum(near, alike[order[-1]])
    return np.asarray(slots[order])


def _ways(words: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the directions of vectors, which are their likeness to one another, whatever their lengths."""
    return np.asarray(words / np.maximum(np.linalg.norm(words, axis=1, keepdims=True), TINY))
