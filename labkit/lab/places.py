"""Where a job runs: on this machine, or in containers that are rented by the second."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from ..errors import LabError, one_line
from ..predict import Failed, Scored, Shard
from ..predict import Place as Scorer
from ..student import score
from ..tasks import Task
from .train import Run


class Place(Protocol):
    """Where jobs run."""

    def scorer(self, trained: Run, task: Task) -> Scorer:
        """Return what predicts shards there with a trained model."""


class Here:
    """The machine of this kernel; jobs run in its process."""

    def scorer(self, trained: Run, task: Task) -> Scorer:
        """Return what predicts shards with a trained model."""
        return _Scorer(trained, task)


@dataclass(frozen=True)
class _Scorer:
    """Predicts shards in this process."""

    trained: Run
    task: Task
    tries: int = 1  # another would end in the same way

    def score(self, shards: Iterator[Shard], *, ordered: bool) -> Generator[Scored | Failed, None, None]:
        """Yield what became of each shard, in their order."""
        nlp = None
        for shard in shards:
            nlp = nlp or self.trained.load()
            began = perf_counter()
            try:
                found = score(nlp, self.task, shard.texts)
            except Exception as error:  # what a pipeline's components may raise is not known
                yield Failed(shard, f"{shard.sources[0]} and after: {one_line(error)}")
            else:
                yield Scored(shard, found, perf_counter() - began)

    def dollars(self, seconds: float) -> float:
        """Return 0: this machine is there already."""
        return 0.0


PLACES = {"here": Here}
"""The places, by what they are called in a cell."""


def place(on: str) -> Place:
    """Return the place of that name.

    Raises
    ------
    LabError
        If there is none.
    """
    if on not in PLACES:
        raise LabError(f"{on!r} is no place to run.", f"Use one of: {', '.join(PLACES)}.")
    return PLACES[on]()
