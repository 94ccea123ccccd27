"""Where a job runs: on this machine, or in containers that are rented by the second."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from ..cloud import Rent, dollars_a_second, read_settings
from ..cloud.money import seconds_allowed
from ..errors import LabError, one_line
from ..predict import Failed, Scored, Shard
from ..predict import Place as Scorer
from ..progress import Report
from ..store import RunRow
from ..student import score
from ..tasks import Task
from ..teacher import Passed
from .desk import Desk
from .train import Run, Training, train_here

if TYPE_CHECKING:
    from confection import Config

    from ..cloud.folding import Folds

MAX_MINUTES = 120.0
"""How long a training may take at Modal where nothing else limits it."""

SHARD_SECONDS = 1800
"""How long a container may take for one shard."""

FOLD_SECONDS = 4 * 3600
"""How long a container may take to train on all folds but one, and score that."""


class Place(Protocol):
    """Where jobs run."""

    def train(self, training: Training, report: Report) -> Run:
        """Train there, and record it."""

    def scorer(self, trained: Run, task: Task) -> Scorer:
        """Return what predicts shards there with a trained model."""

    def folds(self) -> Folds | None:
        """Return what trains and scores folds there; None for the usual processes."""

    def label(self, name: str, config: Config, budget: float | None, report: Report) -> tuple[Passed, RunRow | None]:
        """Have an LLM label every text, and return what became of it; and its run, where it is elsewhere."""


@dataclass(frozen=True)
class Here:
    """The machine of this kernel; jobs run in its process."""

    name: ClassVar[str] = "here"
    desk: Desk

    def train(self, training: Training, report: Report) -> Run:
        """Train in this process."""
        return train_here(self.desk, training, report)

    def scorer(self, trained: Run, task: Task) -> Scorer:
        """Return what predicts shards with a trained model."""
        return _Scorer(trained, task)

    def folds(self) -> None:
        """Return None: folds run in processes, as many as there are cores."""

    def label(self, name: str, config: Config, budget: float | None, report: Report) -> tuple[Passed, None]:
        """Have an LLM label every text."""
        from .annotate import by_llm

        return by_llm(self.desk, name, config, budget, report), None


@dataclass(frozen=True)
class Modal:
    """Containers at Modal.

    Parameters
    ----------
    desk : Desk
        The project.
    gpu : sequence of str
        Kinds of GPU, the one that is wanted most first; none by default.
    containers : int
        How many at the most.
    max_dollars : float, optional
        What a job may cost.
    max_minutes : float, optional
        How long a job may take; 120 if no other limit is given.
    detach : bool
        Whether a job goes on by itself, and the cell returns at once.
    """

    name: ClassVar[str] = "modal"
    desk: Desk
    gpu: Sequence[str] = ()
    containers: int = 4
    max_dollars: float | None = None
    max_minutes: float | None = None
    detach: bool = False

    def train(self, training: Training, report: Report) -> Run:
        """Train in a container."""
        from .remote import QUEUE_MINUTES, train

        rent, seconds = self._limits()
        return train(
            self.desk, training, report, rent=rent, seconds=seconds, detach=self.detach, queue_minutes=QUEUE_MINUTES
        )

    def _limits(self, **more: int) -> tuple[Rent, float]:
        """Return what one container is given, and the seconds after which they have to end, be it all of them."""
        rent = self._rent(**more)
        price = dollars_a_second(rent, read_settings(self.desk.project.modal).prices)
        return rent, seconds_at_most(self.max_minutes, self.max_dollars, price * rent.max_containers)

    def _rent(self, **more: int) -> Rent:
        """Return what one container is given."""
        settings = read_settings(self.desk.project.modal)
        return Rent(gpu=self.gpu, cpu=settings.cpu, memory=settings.memory, **more)

    def scorer(self, trained: Run, task: Task) -> Scorer:
        """Return what predicts shards with a trained model, which is sent there once."""
        from ..cloud.predicting import Containers

        rent = self._rent(timeout=SHARD_SECONDS, max_containers=self.containers)
        there = (trained.row.remote or {}).get("pipeline")
        if not there:
            trained.refuse_absent()
        pipeline: Path | str = there or trained.pipeline
        extras = ("gpu",) if self.gpu else ("transformers",) * ("spacy-transformers" in str(trained.row.config))
        project = self.desk.project
        return Containers(read_settings(project.modal), project.root, pipeline, task, rent, extras, self.max_dollars)

    def folds(self) -> Folds:
        """Return what trains and scores folds, each in a container."""
        from ..cloud.folding import Folds

        project = self.desk.project
        rent, seconds = self._limits(max_containers=self.containers)
        rent = replace(rent, timeout=math.ceil(min(FOLD_SECONDS, seconds)))
        return Folds(read_settings(project.modal), project.root, rent, seconds)

    def label(self, name: str, config: Config, budget: float | None, report: Report) -> tuple[Passed, RunRow]:
        """Have an LLM label every text, from a container."""
        from .passing import send

        rent, seconds = self._limits()
        return send(self.desk, name, config, budget, report, rent=rent, seconds=seconds, detach=self.detach)


def seconds_at_most(max_minutes: float | None, max_dollars: float | None, price: float) -> float:
    """Return after how many seconds a training at Modal ends."""
    minutes = MAX_MINUTES if max_minutes is None and max_dollars is None else max_minutes
    return seconds_allowed(minutes, max_dollars, price)


PLACES: dict[str, type[Here] | type[Modal]] = {each.name: each for each in (Here, Modal)}
"""The places, by what they are called in a cell."""


def place(on: str, desk: Desk, **limits: Any) -> Place:
    """Return the place of that name.

    Parameters
    ----------
    on : str
        One of `PLACES`.
    desk : Desk
        The project.
    **limits
        What the place is told; None is left out.

    Raises
    ------
    LabError
        If there is none, or it has no such limit.
    """
    if on not in PLACES:
        raise LabError(f"{on!r} is no place to run.", f"Use one of: {', '.join(PLACES)}.")
    given = {name: value for name, value in limits.items() if value is not None}
    if unknown := sorted(set(given) - {each.name for each in fields(PLACES[on])}):
        raise LabError(f"{unknown[0]} means nothing for on={on!r}.", 'Leave it out, or use on="modal".')
    return PLACES[on](desk, **given)


@dataclass(frozen=True)
class _Scorer:
    """Predicts shards in this process."""

    trained: Run
    task: Task
    tries: int = 1  # another would end in the same way
    at_once: int = 1

    def score(self, shards: Iterator[Shard], *, ordered: bool) -> Generator[Scored | Failed, None, None]:
        """Yield what became of each shard, in their order."""
        nlp = None
        for shard in shards:
            nlp = nlp or self.trained.load()
            began = perf_counter()
            try:
                found = score(nlp, self.task, shard.texts)
            except Exception as error:  # what a pipeline's components may raise is not known
                yield Failed(f"{shard.sources[0]} and after: {one_line(error)}")
            else:
                yield Scored(shard, found, perf_counter() - began)

    def dollars(self, seconds: float) -> float:
        """Return 0: this machine is there already."""
        return 0.0
