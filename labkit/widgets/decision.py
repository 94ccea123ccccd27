"""What a person did: decided on a text, took a decision back, wrote a note."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Answer(StrEnum):
    """What a person did with a card; the words are Prodigy's.

    `ACCEPT` gives a value, and an empty one says that no label applies. `REJECT` says that what was
    suggested is wrong and gives no value: it is no negative. `IGNORE` says nothing of the text.
    """

    ACCEPT = "accept"
    REJECT = "reject"
    IGNORE = "ignore"


@dataclass(frozen=True)
class Decision:
    """One decision, as it is saved; a later one on the same example supersedes it.

    Parameters
    ----------
    decision : str
        A UUID, made where the person acted: the same decision sent twice is one decision.
    example : int
        The example that it is about.
    value : object
        The task's value for `ACCEPT`, and None for every other answer.
    answer : Answer
        What the person did.
    seconds : float
        From the moment the card was shown to the decision.
    note : str
        What the person wrote beside the text.
    flagged : bool
        Whether the person wants to discuss it.
    """

    decision: str
    example: int
    value: Any
    answer: Answer
    seconds: float
    note: str = ""
    flagged: bool = False

    @property
    def name(self) -> str:
        """The UUID."""
        return self.decision


@dataclass(frozen=True)
class Undo:
    """Takes the decision on an example back.

    Parameters
    ----------
    name : str
        A UUID, made where the person acted.
    example : int
        The example.
    decision : str or None
        The UUID of the decision; None for one that came without, as from a file.
    """

    name: str
    example: int
    decision: str | None


@dataclass(frozen=True)
class Mark:
    """A note and a flag on a text, without a decision.

    Parameters
    ----------
    name : str
        A UUID, made where the person acted.
    example : int
        The example.
    note, flagged
        As for `Decision`.
    """

    name: str
    example: int
    note: str
    flagged: bool


Entry = Decision | Undo | Mark
"""What is saved, in order, once by its name."""
