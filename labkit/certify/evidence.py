"""How likely what was read of a stratum is, for each number of wrong labels that it might hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .strata import RIGHT, Stratum

Runs = tuple[tuple[int, int], ...]
RATES = ((0.75, 0.5, 50.0), (0.25, 0.5, 5.0))
"""The bets on a rate of error: stake, and the Beta distribution of the rate. Most rates are small, none is excluded."""
STAKES = (0.25, 0.5, 0.25)
NONE, SOME = 0.5, 0.5


@dataclass(frozen=True)
class Evidence:
    """What was drawn from one stratum, and what it holds left.

    Given that it holds `wrong` wrong labels, each draw finds one with the probability (wrong - those found) over
    (texts - those read), whatever was read in between and for whatever reason; the evidence is the product of these.

    Parameters
    ----------
    texts : int
        How many labels it holds.
    found, fine : int
        How many are known to be wrong, and to be right.
    misses, hits : tuple of pairs of int
        How many wrong ones were known before each draw of a wrong one, as runs from and below; likewise of right ones.
    draws : tuple of pairs of int
        How many texts were known before each draw.
    drawn, drawn_wrong : int
        How many were drawn, and how many of them are wrong.
    """

    texts: int
    found: int
    fine: int
    misses: Runs
    hits: Runs
    draws: Runs
    drawn: int
    drawn_wrong: int

    @property
    def highest(self) -> int:
        """The most wrong labels that it can hold."""
        return self.texts - self.fine

    def then(self, right: int, wrong: int) -> Evidence:
        """Return what there would be after as many more draws."""
        known = self.found + self.fine
        return replace(
            self,
            found=self.found + wrong,
            fine=self.fine + right,
            misses=(*self.misses, (self.found, self.found + wrong)),
            hits=(*self.hits, (self.fine, self.fine + right)),
            draws=(*self.draws, (known, known + right + wrong)),
            drawn=self.drawn + right + wrong,
            drawn_wrong=self.drawn_wrong + wrong,
        )

    def log_likelihood(self, wrong: int) -> float:
        """Return the logarithm of the probability of the draws, if there are `wrong` wrong labels."""
        at = float(wrong)
        return float(
            _falling(at, self.misses) + _falling(self.texts - at, self.hits) - _falling(float(self.texts), self.draws)
        )

    def costs(self, first: int, last: int) -> NDArray[np.float64]:
        """Return by how much the logarithm falls from each number of wrong labels, `first` to `last` - 1, to the next.

        Such costs never fall themselves: the logarithm is concave.
        """
        wrong = np.arange(first, last, dtype=float)
        change = np.zeros(len(wrong))
        for start, stop in self.misses:
            change += np.log((wrong + 1 - start) / (wrong + 1 - stop))
        for start, stop in self.hits:
            change += np.log((self.texts - wrong - stop) / (self.texts - wrong - start))
        return -change

    def likeliest(self) -> int:
        """Return the number of wrong labels for which the draws are the most likely, the smallest of these."""
        low, high = self.found, self.highest
        while low < high:
            middle = (low + high) // 2
            if self.costs(middle, middle + 1)[0] >= 0:
                high = middle
            else:
                low = middle + 1
        return low

    def reach(self, start: int, slack: float) -> int:
        """Return the most wrong labels, from `start` on, for which the logarithm has not fallen by `slack`."""
        top, low, high = self.log_likelihood(start), start, self.highest
        while low < high:
            middle = (low + high + 1) // 2
            if top - self.log_likelihood(middle) < slack:
                low = middle
            else:
                high = middle - 1
        return low


def evidence(stratum: Stratum) -> Evidence:
    """Return what the history of a stratum says.

    Examples
    --------
    >>> seen = evidence(Stratum("all agree", 10, "rrwR"))
    >>> round(float(np.exp(seen.log_likelihood(1))), 3)  # 9/10 * 8/9 * 1/8
    0.1
    """
    found = fine = 0
    misses: list[int] = []
    hits: list[int] = []
    draws: list[int] = []
    for mark in stratum.history:
        right = mark.lower() == RIGHT
        if mark.islower():
            (hits if right else misses).append(fine if right else found)
            draws.append(fine + found)
        fine, found = (fine + 1, found) if right else (fine, found + 1)
    return Evidence(
        stratum.texts, found, fine, _runs(misses), _runs(hits), _runs(draws), len(draws), stratum.audited - len(hits)
    )


def log_bet(seen: Iterable[Evidence]) -> float:
    """Return the logarithm of a probability of all draws that takes no number of wrong labels for granted.

    A quarter of the stake is on no error at all, half of it on one rate of error for all strata, and a quarter on a
    rate of its own for each, which is none for half of them. The rates are betted on as `RATES` says. The stakes are
    a choice: any are valid, and these cost little both where audits find no error and where they find a few.
    """
    counts = [(each.drawn, each.drawn_wrong) for each in seen if each.drawn]
    drawn, wrong = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    each = sum(_log_mean([_log_none(k), _log_rated(n, k)], [NONE, SOME]) for n, k in counts)
    return _log_mean([_log_none(wrong), _log_rated(drawn, wrong), each], STAKES)


def _log_none(wrong: int) -> float:
    """Return the logarithm of the probability of so many errors if there is none."""
    return -math.inf if wrong else 0.0


def _log_rated(drawn: int, wrong: int) -> float:
    """Return the logarithm of the probability of draws at a rate that is as likely as `RATES` says."""
    from scipy.special import betaln

    logs = [float(betaln(a + wrong, b + drawn - wrong) - betaln(a, b)) for _, a, b in RATES]
    return _log_mean(logs, [stake for stake, _, _ in RATES])


def _log_mean(logs: Sequence[float], stakes: Sequence[float]) -> float:
    """Return the logarithm of the mean of numbers, given their logarithms."""
    top = max(logs)
    return top + math.log(sum(stake * math.exp(log - top) for log, stake in zip(logs, stakes, strict=True)))


def _runs(numbers: Sequence[int]) -> Runs:
    """Write rising numbers as runs: the first, and the one after the last."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return tuple(runs)


def _falling(at: float, runs: Runs) -> Any:
    """Sum the logarithms of `at` less each number of the runs."""
    from scipy.special import gammaln

    return sum(gammaln(at - start + 1) - gammaln(at - stop + 1) for start, stop in runs)
