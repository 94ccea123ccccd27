"""How many more to read for a promise, the cheapest first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .bounds import Method, bound
from .evidence import evidence
from .strata import Stratum

STEP = 20
"""A step is this part of what is planned already."""


class Prospect:
    """What a promise would look like after more draws.

    Parameters
    ----------
    strata : sequence of Stratum
        What was accepted, with what was read of it.
    confidence : float
        How sure to be, between 0 and 1.
    method : Method
        How the bound is found.
    read : int, optional
        How many labels of people, which count as right, the promise is about as well; None where it is not.
    rates : sequence of float, optional
        The share of wrong labels that draws will find in each stratum; none if left out.
    """

    def __init__(
        self,
        strata: Sequence[Stratum],
        confidence: float,
        method: Method,
        read: int | None = None,
        rates: Sequence[float] | None = None,
    ) -> None:
        self.seen = [evidence(stratum) for stratum in strata]
        self.drawable = [max(stratum.left - stratum.set_aside, 0) for stratum in strata]
        self._rates = [0.0] * len(strata) if rates is None else rates
        self._confidence, self._method, self._read = confidence, method, read
        self._counted = [stratum.standing for stratum in strata]
        self._left = [stratum.left for stratum in strata]
        self._fixed = [stratum.corrected for stratum in strata]

    def worst(self, more: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return how many unread labels each stratum has after as many `more` draws, and how many of them are wrong."""
        wrong = [round(texts * rate) for texts, rate in zip(more, self._rates, strict=True)]
        then = [
            each.then(texts - missed, missed) if texts else each
            for each, texts, missed in zip(self.seen, more, wrong, strict=True)
        ]
        most = bound(then, self._counted, self._confidence, self._method)
        left = [before - texts for before, texts in zip(self._left, more, strict=True)]
        found = [before + missed for before, missed in zip(self._fixed, wrong, strict=True)]
        bad = [min(top - known, rest) if rest else 0 for top, known, rest in zip(most, found, left, strict=True)]
        return left, bad

    def kept(self, more: Sequence[int], max_error: float) -> bool:
        """Say whether at most a share `max_error` of the labels would be wrong."""
        return self.keeps(*self.worst(more), max_error)

    def keeps(self, left: Sequence[int], bad: Sequence[int], max_error: float) -> bool:
        """Say whether so many wrong ones among those left keep a promise."""
        read = 0 if self._read is None else self._read + sum(self._left) - sum(left)
        return sum(bad) <= max_error * (sum(left) + read) + 1e-9  # 0.29 * 100 is less than 29


def plan(prospect: Prospect, max_error: float) -> list[int]:
    """Find how many more texts to draw from each stratum until the promise is kept.

    Parameters
    ----------
    prospect : Prospect
        What draws would change.
    max_error : float
        The promise, a share between 0 and 1.

    Returns
    -------
    list of int
        Draws from each stratum. The next is always drawn where the largest share of unread labels may be wrong, which
        lowers the bound most; what turns out not to be needed is taken back. All of them where nothing less will do.
    """
    drawable = prospect.drawable
    more = [0] * len(drawable)
    left, bad = prospect.worst(more)
    while sum(more) < sum(drawable) and not prospect.keeps(left, bad, max_error):
        shares = [b / n if n and m < d else -1.0 for b, n, m, d in zip(bad, left, more, drawable, strict=True)]
        place = int(np.argmax(shares))
        more[place] += min(max(1, sum(more) // STEP), drawable[place] - more[place])
        left, bad = prospect.worst(more)
    return _trimmed(prospect, more, max_error) if prospect.keeps(left, bad, max_error) else more


def _trimmed(prospect: Prospect, more: list[int], max_error: float) -> list[int]:
    """Take back, stratum by stratum, what the promise is kept without."""
    for place in range(len(more)):
        low, high = 0, more[place]
        while low < high:
            middle = (low + high) // 2
            if prospect.kept([*more[:place], middle, *more[place + 1 :]], max_error):
                high = middle
            else:
                low = middle + 1
        more = [*more[:place], high, *more[place + 1 :]]
    return more


def rates_so_far(strata: Sequence[Stratum]) -> list[float]:
    """Return the share of the texts drawn from each stratum that are wrong; that of all where none was drawn."""
    drawn = sum(stratum.audited for stratum in strata)
    wrong = sum(stratum.wrong + stratum.set_aside for stratum in strata)
    common = wrong / drawn if drawn else 0.0
    return [(stratum.wrong + stratum.set_aside) / stratum.audited if stratum.audited else common for stratum in strata]
