"""An order that learns from every decision while the person works."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..memory import give_back
from ..metrics import wilson
from .learner import POOL, Learner, Lesson, Verdict
from .live import Pick
from .lots import Lots, lots
from .pause import Pause

EVERY, GROWTH = 5, 0.05
"""A new fit comes after five decisions, or after a twentieth of all where that is more."""
RECENT, FEWEST, DRAWN = 50, 10, 20
"""On how many decisions the line looks back, on how many at least, and with how many drawn by lot it compares them."""
BLOCK = 5_000
"""Texts whose lots are drawn at once."""
BREATH, REST = 0.1, 1.5
"""Seconds without a decision after which a fit begins, and after which texts are placed."""
UNSEEN = "No suggestion is shown: your decision tells how far suggestions lead"


class Learning:
    """The texts of a queue by how likely their label is wrong, as far as is known just now.

    Every few decisions a thread of its own learns from all of them and ranks anew; no card waits for it. Until the
    first ranking is there, the order of the queue counts. Another thread places the texts, which takes seconds where
    they are many: until it has, the order learns from what annotators say, and not from words. Both begin when the
    hand rests, if only for `BREATH` and `REST` seconds: they would slow down the decision that is being made.

    One card in ``2 / share`` is drawn by lot; it shows no suggestion, as do the others that a lot fell on: see
    `labkit.review.lots`.

    Parameters
    ----------
    frame : DataFrame
        The rows of a `Queue`: ``example, why``, and ``key, text`` where the texts are known.
    lesson : Lesson
        What to learn from.
    """

    def __init__(self, frame: pd.DataFrame, lesson: Lesson) -> None:
        self._examples, self._why = frame["example"].to_numpy(np.int64), frame["why"]
        self._keys, self._share = frame["key" if "key" in frame else "example"], lesson.share
        self._lots = Lots(np.zeros(0, bool), np.zeros(0))
        self._draws = np.zeros(0, np.int64)
        if len(frame) <= POOL:
            self._draw_lots()
        self._period = 2 / lesson.share if lesson.share else np.inf
        self._learner = Learner(frame, lesson)
        self._pause = Pause()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._placing: threading.Thread | None = None
        self._ranked, self._expected = np.arange(len(frame)), np.nan
        self._told: dict[int, Verdict | None] = {}
        self._shown: dict[int, bool] = {}
        self._changes, self._learned = 0, 0
        self._placed = self._news = self._halted = False
        self._written: tuple[tuple[Any, ...], str] = ((), "")
        self.problem = ""
        """Why nothing more is learned, or not from words, in a sentence; empty while all is well."""

    def __len__(self) -> int:
        return len(self._examples)

    def ranked(self, among: Container[int] | None = None) -> Iterator[Pick]:
        """Yield the texts that are left, the most suspicious first, and among them those drawn by lot."""
        with self._lock:
            self._learn_if_due()
            ranked, told, shown = self._ranked, set(self._told), self._shown
        given, draws = len(told), iter(self._draws)
        drawn = sum(shown.get(example, False) for example in told)
        due = self._due(drawn)
        for place in ranked:
            while given >= due and (lot := self._left(draws, told)) is not None:
                given, drawn = given + 1, drawn + 1
                due = self._due(drawn)
                told.add(int(self._examples[lot]))
                if among is None or int(self._examples[lot]) in among:
                    yield self._pick(lot, drawn=True)
            if (example := int(self._examples[place])) not in told:
                given += 1
                told.add(example)
                if among is None or example in among:
                    yield self._pick(int(place), drawn=False)

    def note(self, example: int, value: Any) -> None:
        """Take in what a person decided of a text; `value` is None for a decision without one."""
        self._pause.tap()
        verdict = None if value is None else self._learner.judge(example, value)
        with self._lock:
            self._told.pop(example, None)  # so that the last decision stands last
            self._told[example] = verdict
            self._changes += 1
            self._learn_if_due()

    def forget(self, example: int) -> None:
        """Take back what `note` was told of a text."""
        self._pause.tap()
        with self._lock:
            self._told.pop(example, None)
            self._changes += 1

    def settle(self) -> None:
        """Wait until what is due is learned: for programs, which decide faster than anybody reads."""
        self._pause.hurry()
        while True:
            with self._lock:
                self._learn_if_due()
                thread = self._placing or self._thread
            if thread is None:
                return
            thread.join()

    @property
    def line(self) -> str:
        """What the reading yields, against texts in no order: by those drawn by lot, or by what was learned so far."""
        with self._lock:
            state = (self._changes, self._expected, len(self._lots.blind), self.problem)
            if state != self._written[0]:
                self._written = (state, self._write_line())
            return self._written[1]

    def _write_line(self) -> str:
        """Write the line; the lock is held."""
        recent = [verdict.wrong for verdict in self._told.values() if verdict is not None][-RECENT:]
        if len(recent) < FEWEST:
            return self.problem
        which = f"last {len(recent)}" if len(self._told) > len(recent) else f"first {len(recent)}"
        found = f"Of the {which} you changed {sum(recent)}"
        return " ".join(filter(None, [f"{found}{self._random(len(recent))}.", self.problem]))

    def _random(self, count: int) -> str:
        """Say how many of `count` texts in no order would have been changed."""
        if not len(self._lots.blind):
            return ""
        told, shown = self._told, self._shown
        known = [example for example, verdict in told.items() if verdict is not None and example in shown]
        texts = self._examples[self._draws]  # those that a lot fell on: of all others the sample has none
        decided, drawn = np.isin(texts, known), np.isin(texts, [example for example in known if shown[example]])
        among = Lots(self._lots.blind[self._draws], self._lots.place[self._draws]).sample(decided, drawn)
        wrong = [told[example] for example in texts[among].tolist()]
        hits, read = sum(bool(verdict and verdict.wrong) for verdict in wrong), len(wrong)
        if read >= DRAWN:
            low, high = (round(count * end) for end in wilson(hits, read))
            return f"; a random {count} would have given about {round(count * hits / read)} ({low} to {high})"
        if np.isnan(self._expected):
            return ""
        return f"; a random {count} would have given about {round(count * self._expected)}, as far as is learned yet"

    def _draw_lots(self) -> None:
        """Draw the lot of every text; of a million this takes longer than a person waits for a card."""
        # Some at a time: a hundred thousand keys as Python's strings would stay with the kernel.
        blocks = (self._keys.iloc[start : start + BLOCK] for start in range(0, max(len(self), 1), BLOCK))
        drawn = [lots(block.astype(str).to_list(), self._share) for block in blocks]
        self._lots = Lots(
            np.concatenate([each.blind for each in drawn]), np.concatenate([each.place for each in drawn])
        )
        blind = np.flatnonzero(self._lots.blind)
        self._draws = blind[np.argsort(self._lots.place[blind])]

    def _is_blind(self, place: int) -> bool:
        """Return whether a lot fell on a text, also before all lots are drawn."""
        if len(self._lots.blind):
            return bool(self._lots.blind[place])
        return bool(lots([str(self._keys.iloc[place])], self._share).blind[0])

    def _due(self, drawn: int) -> float:
        """Return after how many cards the next one is drawn by lot: somewhere in each stretch, the same every time."""
        return (drawn + np.random.default_rng(drawn).random()) * self._period

    def _left(self, draws: Iterator[Any], told: set[int]) -> int | None:
        """Return the place of the next text that a lot fell on and nobody was given."""
        return next((int(place) for place in draws if int(self._examples[place]) not in told), None)

    def _pick(self, place: int, *, drawn: bool) -> Pick:
        """Return a text with the reason for it, and remember how it is shown."""
        example, blind = int(self._examples[place]), self._is_blind(place)
        self._shown[example] = drawn
        like = "" if blind else self._learner.precedent(example)
        why = UNSEEN if blind else ", and ".join(filter(None, [str(self._why.iloc[place]), like]))
        return Pick(example, why, blind, drawn, self._share)

    def _learn_if_due(self) -> None:
        """Start to learn where enough was decided since, or the texts are placed by now; the lock is held."""
        if not len(self):
            return
        if not self._placed and self._placing is None:
            self._pause.tap()
            self._placing = self._begin(self._place)
        enough = self._changes - self._learned >= max(EVERY, GROWTH * len(self._told))
        if (enough or self._news) and self._thread is None and not self._halted:
            self._news = False
            # What was decided by now, and not by when the thread gets to it: the same decisions give the same order.
            known = {example: verdict for example, verdict in self._told.items() if verdict is not None}
            self._thread = self._begin(self._learn, self._changes if enough else self._learned, known)

    def _begin(self, work: Callable[..., None], *given: Any) -> threading.Thread:
        """Start a piece of work that no card waits for."""
        thread = threading.Thread(target=work, args=given, name="labkit-learning", daemon=True)
        thread.start()
        return thread

    def _place(self) -> None:
        """Draw all lots and place the texts, which on a machine of two cores slows down the card as well."""
        self._pause.wait(REST)
        problem = ""
        try:
            if not len(self._lots.blind):
                self._draw_lots()
            self._learner.place()
        except Exception as error:  # a thread has nobody to raise to: the line says so
            problem = f"The order learns nothing from words ({type(error).__name__})."
        give_back()  # what placing the texts needed, and the tables that this order was made from
        with self._lock:
            self._placed, self._placing, self._news = True, None, True
            self.problem = self.problem or problem
            self._learn_if_due()

    def _learn(self, changes: int, verdicts: dict[int, Verdict]) -> None:
        """Learn from what was decided, and rank anew, once the decision that gave rise to it is on its way."""
        self._pause.wait(BREATH)
        found, problem = None, ""
        try:
            found = self._learner.rank(verdicts)
        except Exception as error:  # a thread has nobody to raise to: the order stays as it is, and the line says so
            problem = f"The order learns no more ({type(error).__name__})."
        with self._lock:
            if found is None:
                self.problem, self._halted = problem, True
            else:
                self._ranked, self._expected = found
            self._learned, self._thread = changes, None
            self._learn_if_due()
