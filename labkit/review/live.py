"""A queue while somebody reads it: what comes next may depend on what was decided."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from .lots import SHARE


@dataclass(frozen=True)
class Pick:
    """A text to read next.

    Parameters
    ----------
    example : int
        The store's number of the text.
    why : str
        One plain sentence on why it is shown.
    blind : bool
        Whether it is shown without any suggestion.
    drawn : bool
        Whether it was drawn by lot, and did not come up in its turn: see `labkit.review.lots`.
    share : float
        The share of the cards that show no suggestion, 0 to 1.
    """

    example: int
    why: str
    blind: bool = False
    drawn: bool = False
    share: float = SHARE


class Order(Protocol):
    """Who is asked what comes next. Called from several threads, never at once; none of it may take long."""

    def __len__(self) -> int:
        """Return how many texts there are in all, read or not."""
        ...

    def ranked(self, among: Container[int] | None = None) -> Iterator[Pick]:
        """Yield the texts that nobody told this order of, the most worth reading first.

        Those that are not `among` what is asked for are passed over, and keep their turn.
        """
        ...

    def note(self, example: int, value: Any) -> None:
        """Take in what a person decided of a text; `value` is None for a decision without one."""
        ...

    def forget(self, example: int) -> None:
        """Take back what `note` was told of a text."""
        ...

    def settle(self) -> None:
        """Wait until all that this order was told counts: for programs, which decide faster than anybody reads."""
        ...

    @property
    def line(self) -> str:
        """What the reading yields, in one sentence; empty where there is nothing to say."""
        ...


class Fixed:
    """An order that learns nothing.

    Parameters
    ----------
    frame : DataFrame
        The rows of a `Queue`: ``example`` and ``why``.
    blind : bool
        Whether every text is shown without suggestions.

    Examples
    --------
    >>> order = Fixed(pd.DataFrame({"example": [7, 8], "why": ["first", "then"]}))
    >>> order.note(7, [])
    >>> [pick.example for pick in order.ranked()], order.line
    ([8], '')
    """

    line = ""

    def __init__(self, frame: pd.DataFrame, blind: bool = False) -> None:
        self._blind = blind
        self._examples, self._why = frame["example"].to_numpy(), frame["why"].to_numpy()
        self._told: set[int] = set()

    def __len__(self) -> int:
        return len(self._examples)

    def ranked(self, among: Container[int] | None = None) -> Iterator[Pick]:
        """Yield the texts that are left, in the order of the frame."""
        for example, why in zip(self._examples, self._why, strict=True):
            if int(example) not in self._told and (among is None or int(example) in among):
                yield Pick(int(example), str(why), self._blind)

    def note(self, example: int, value: Any) -> None:
        """Leave a text out from now on."""
        self._told.add(example)

    def forget(self, example: int) -> None:
        """Show a text again."""
        self._told.discard(example)

    def settle(self) -> None:
        """Wait for nothing: there is nothing to learn."""
