"""What a prediction will take, reckoned before from its first texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter

from ..corpus import Row
from ..files import Bad
from .places import Place

SAMPLE = 300
"""How many texts are predicted to see how fast the model is."""


@dataclass(frozen=True)
class Reckoned:
    """What a prediction will take. The start of containers comes on top.

    Parameters
    ----------
    texts, characters : int
        What the corpus holds.
    minutes : float
        How long it takes with all containers at work.
    dollars : float
        What it costs.
    """

    texts: int
    characters: int
    minutes: float
    dollars: float

    def __repr__(self) -> str:
        return (
            f"{self.texts:,} texts, {self.characters:,} characters: about {self.minutes:,.1f} minutes"
            f" and {self.dollars:,.4f} dollars, if the model is as fast there as here"
        )


def reckon(
    rows: Iterable[Row | Bad], score: Callable[[Sequence[str]], object], place: Place, sample: int = SAMPLE
) -> Reckoned:
    """Read a corpus to its end, predict its first texts, and reckon what all of it will take.

    Parameters
    ----------
    rows : iterable of Row or Bad
        The corpus.
    score : callable
        Predicts some texts, here.
    place : Place
        Where the corpus is to be predicted.
    sample : int
        How many texts are predicted.
    """
    first: list[str] = []
    texts = characters = 0
    for row in rows:
        if isinstance(row, Row):
            texts, characters = texts + 1, characters + len(row.text)
            first += [row.text] * (len(first) < sample)
    score(first[:1])  # the first call makes ready what later ones find
    began = perf_counter()
    score(first)
    a_character = (perf_counter() - began) / max(1, sum(map(len, first)))
    seconds = characters * a_character
    return Reckoned(texts, characters, seconds / place.at_once / 60, place.dollars(seconds))
