"""How fast a person decides."""

from __future__ import annotations

import time
from collections import deque
from statistics import median

RECENT = 20
"""How many decisions the pace goes by."""
BREAK = 120.0
"""A longer pause, in seconds, is none of the work."""


class Rhythm:
    """The pace of the last decisions; pauses are left out.

    Examples
    --------
    >>> rhythm = Rhythm()
    >>> for second in (0, 2, 4, 6):
    ...     rhythm.note(second)
    >>> rhythm.rate
    30.0
    """

    def __init__(self) -> None:
        self._last: float | None = None
        self._gaps: deque[float] = deque(maxlen=RECENT)

    def note(self, now: float | None = None) -> None:
        """Take in that a decision was made now, by a clock in seconds that never goes back."""
        now = time.monotonic() if now is None else now
        if self._last is not None and now - self._last < BREAK:
            self._gaps.append(max(now - self._last, 1e-3))
        self._last = now

    @property
    def rate(self) -> float | None:
        """Decisions a minute, or None before the third."""
        return 60 * len(self._gaps) / sum(self._gaps) if len(self._gaps) > 1 else None

    def ahead(self, seconds: float, least: int, most: int) -> int:
        """Return how many cards the person gets through in so many seconds, within bounds."""
        needed = seconds / median(self._gaps) if self._gaps else 0
        return int(min(max(needed, least), most))
