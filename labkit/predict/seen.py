"""Remembers which texts went by, in eight bytes a text."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RECENT = 1 << 16
"""How many of the last texts are held in a set, which is faster and larger than what older ones are in."""


class Seen:
    """A set of strings, of which 64 bits each are kept.

    Of ten million different strings, two have the same 64 bits with a probability of 3 in a million.

    Examples
    --------
    >>> seen = Seen()
    >>> [seen.add(text) for text in ("a", "b", "a")]
    [True, True, False]
    """

    def __init__(self, recent: int = _RECENT) -> None:
        self._limit = recent
        self._recent: set[int] = set()
        self._older: list[NDArray[np.uint64]] = []  # each sorted, and at least twice as long as the one after it

    def add(self, text: str) -> bool:
        """Remember a string, and return whether it is new."""
        bits = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
        if bits in self._recent or any(_holds(part, bits) for part in self._older):
            return False
        self._recent.add(bits)
        if len(self._recent) == self._limit:
            self._put_away()
        return True

    def _put_away(self) -> None:
        """Move the recent ones to the older ones."""
        import numpy as np

        last = np.fromiter(self._recent, np.uint64, len(self._recent))
        self._recent.clear()
        while self._older and len(self._older[-1]) < 2 * len(last):
            last = np.concatenate([self._older.pop(), last])
        last.sort()
        self._older.append(last)


def _holds(part: NDArray[np.uint64], bits: int) -> bool:
    """Return whether a sorted array holds a number."""
    import numpy as np

    at = int(part.searchsorted(np.uint64(bits)))
    return at < len(part) and int(part[at]) == bits
