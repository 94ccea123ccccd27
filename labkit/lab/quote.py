"""Reckons what a training at Modal costs, before anything is sent."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from ..cloud import Rent, dollars_a_second, read_settings
from ..errors import LabError
from ..student.workload import words_to_train
from .desk import Desk
from .places import seconds_at_most
from .train import KIND, material


@dataclass(frozen=True, repr=False)
class Quote:
    """What a training costs, as far as it can be known before.

    Parameters
    ----------
    words : int or None
        Words that it reads at the most; None where its configuration sets no end.
    words_per_second : float or None
        How fast it reads; None where that is not known.
    source : str
        Where that is known from.
    price : float
        Dollars a second, for the dearest GPU that it may get.
    limit : float
        Seconds after which it ends.
    """

    words: int | None
    words_per_second: float | None
    source: str
    price: float
    limit: float

    @property
    def seconds(self) -> float | None:
        """How long it trains, or None where that is not known; the container's start comes on top."""
        if self.words is None or self.words_per_second is None:
            return None
        return min(self.words / self.words_per_second, self.limit)

    @property
    def dollars(self) -> float | None:
        """What that costs."""
        return None if self.seconds is None else self.seconds * self.price

    @property
    def most(self) -> float:
        """What it costs at its limit."""
        return self.limit * self.price

    def __repr__(self) -> str:
        words = "no end set" if self.words is None else f"{self.words:,} words at the most"
        said = [f"To read: {words}."]
        if self.seconds is not None:
            said.append(
                f"At {self.words_per_second:,.0f} words a second ({self.source}) that takes {self.seconds:,.0f} s"
                f" and costs ${self.dollars:.2f}."
            )
        else:
            said.append(f"How long that takes is not known: {self.source}.")
        said.append(
            f"It ends after {self.limit / 60:,.0f} minutes, at ${self.most:.2f}; a second costs ${self.price:.6f}."
        )
        return " ".join(said)

    def _repr_html_(self) -> str:
        """Show the same."""
        return f"<p>{html.escape(repr(self))}</p>"


def quote(
    desk: Desk,
    name: str,
    gpu: Sequence[str],
    max_minutes: float | None,
    max_dollars: float | None,
    words_per_second: float | None,
    learn_from: Sequence[str] | None,
) -> Quote:
    """Reckon what a training at Modal costs; see `labkit.Lab.quote`."""
    settings = read_settings(desk.project.modal)
    price = dollars_a_second(Rent(gpu=gpu, cpu=settings.cpu, memory=settings.memory), settings.prices)
    if words_per_second is not None and not words_per_second > 0:
        raise LabError(f"words_per_second is {words_per_second!r}.", "Give a number above 0.")
    speed, source = words_per_second, "as given"
    if speed is None:
        speed = desk.store.runs.speed(desk.number, KIND, name, "modal")
        source = "as in its last run there" if speed else "it has not run there yet; give words_per_second"
    (texts, _), _ = material(desk, learn_from)
    words = words_to_train(desk.project.config(name), desk.task, [text for text, _ in texts])
    return Quote(words, speed, source, price, seconds_at_most(max_minutes, max_dollars, price))
