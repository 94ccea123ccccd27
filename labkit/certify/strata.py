"""What was accepted unread, and what is known of it: one history of readings a stratum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import LabError

RIGHT, WRONG, OPEN = "r", "w", "s"
"""A text that was drawn: its label is right, is wrong, or was set aside, which counts as wrong."""
READ_RIGHT, READ_WRONG = "R", "W"
"""A text that was read for any other reason than that it was drawn."""
MARKS = RIGHT + WRONG + OPEN + READ_RIGHT + READ_WRONG


@dataclass(frozen=True)
class Stratum:
    """Texts whose labels were accepted together, unread.

    Parameters
    ----------
    name : str
        What it is called.
    texts : int
        How many texts were accepted; none of them had been read.
    history : str
        What was read of them since, a letter a text, in the order in which the texts were picked: ``r``, ``w`` and
        ``s`` for one that was drawn at random from those left (its label is right, is wrong, or the person set it
        aside), ``R`` and ``W`` for one that was read for another reason.
    standing : bool
        Whether its labels still count; False once it was revoked. What was drawn from it remains evidence.
    rule : mapping
        What made a text belong to it.
    seed : int
        What the order of its draws was made from.
    drawn : tuple of str
        The ids of the texts drawn, in the order of the small letters of `history`.

    Raises
    ------
    LabError
        If it has no text, or `history` has an unknown letter or more of them than there are texts.

    Examples
    --------
    >>> stratum = Stratum("all agree", 500, "rrrrwrrsR")
    >>> stratum.audited, stratum.wrong, stratum.set_aside, stratum.left
    (8, 1, 1, 492)
    """

    name: str
    texts: int
    history: str = ""
    standing: bool = True
    rule: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    drawn: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.texts < 1:
            raise LabError(f"The stratum {self.name!r} has {self.texts} texts.", "Accept at least one.")
        if len(self.history) > self.texts or set(self.history) - set(MARKS):
            raise LabError(
                f"The history of {self.name!r} does not fit its {self.texts} texts.",
                f"Give one of the letters {', '.join(MARKS)} for each text that was read.",
            )

    @property
    def audited(self) -> int:
        """How many texts were drawn."""
        return self.wrong + self.set_aside + self.history.count(RIGHT)

    @property
    def wrong(self) -> int:
        """How many of the texts drawn had a wrong label."""
        return self.history.count(WRONG)

    @property
    def set_aside(self) -> int:
        """How many of the texts drawn nobody gave a label to: they were skipped, rejected, or passed over."""
        return self.history.count(OPEN)

    @property
    def read(self) -> int:
        """How many texts a person gave a label to, drawn or not."""
        return len(self.history) - self.set_aside

    @property
    def corrected(self) -> int:
        """How many of the texts read had a wrong label, which the person's has replaced."""
        return self.wrong + self.history.count(READ_WRONG)

    @property
    def left(self) -> int:
        """How many labels stand unread: accepted, not revoked, and replaced by nobody's."""
        return self.texts - self.read if self.standing else 0
