"""What the monitor makes of a job's reports: how fast it goes, and the curves of its figures."""

from __future__ import annotations

import time
from math import isfinite

from ..progress import Progress

POINTS = 240
"""Most points that a curve keeps; an even number."""


class Pace:
    """How fast a job goes, by its present stage: the next may be faster or slower."""

    def __init__(self) -> None:
        self._begun = self._until = time.monotonic()
        self._since = self._at = 0.0
        self._first = self._last = Progress("", 0, 0)

    def note(self, progress: Progress) -> None:
        """Take a report; what was done before the first of a stage, as in a resumed job, counts for nothing.

        Reports of a job elsewhere may come late, many at once: its own clock counts.
        """
        self._until = time.monotonic()
        self._at = self._until if progress.elapsed is None else progress.elapsed
        if progress.stage != self._first.stage:
            self._first, self._since = progress, self._at
        self._last = progress

    @property
    def elapsed(self) -> float:
        """Seconds since the job began, as it says itself or as it was heard first."""
        if self._last.elapsed is not None:
            return self._last.elapsed + time.monotonic() - self._until
        return time.monotonic() - self._begun

    @property
    def rate(self) -> float | None:
        """Units a second in this stage, or None where it is not known yet."""
        done, seconds = self._last.done - self._first.done, self._at - self._since
        return done / seconds if done > 0 and seconds > 0 else None

    @property
    def left(self) -> float | None:
        """Seconds that this stage still takes at its rate, or None where that is not known."""
        rate = self.rate
        return (self._last.total - self._last.done) / rate if rate and self._last.total else None


class Curve:
    """The values of one figure over a job, thinned out by halves as they grow in number."""

    def __init__(self) -> None:
        self.values: list[float] = []
        """At most `POINTS`; each is the last value of a stretch, and all stretches are of one length."""
        self._stretch = 1
        self._count = 0

    def add(self, value: float) -> None:
        """Add a value; one that is not finite can't be drawn and is left out."""
        if not isfinite(value):
            return
        if self._count % self._stretch:
            self.values.pop()
        elif len(self.values) == POINTS:
            self.values = self.values[1::2]
            self._stretch *= 2
        self.values.append(float(value))
        self._count += 1
