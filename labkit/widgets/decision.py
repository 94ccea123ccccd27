"""What a person decided of one text."""

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
    """One decision, as it is saved.

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
    """

    decision: str
    example: int
    value: Any
    answer: Answer
    seconds: float
