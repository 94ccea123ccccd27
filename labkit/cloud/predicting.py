"""Predicts shards of a corpus in containers."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from ..errors import LabError, one_line
from ..predict import Failed, Scored, Shard
from ..tasks import Task
from .app import Cloud
from .failures import explain
from .money import Rent, dollars_a_second
from .scoring import Answer, score_shard
from .settings import Settings
from .spreading import spread
from .volume import upload

AHEAD = 2
"""Shards a container that are on their way, worked on, or on their way home."""

PATIENCE = 3
"""So many failed shards a container, and a pass is given up: what fails each time fails for a reason."""


@dataclass(frozen=True)
class Containers:
    """Containers at Modal, as a place where shards are predicted.

    Parameters
    ----------
    settings : Settings
        How the project uses Modal.
    root : Path or None
        The folder of `.env`.
    pipeline : Path or str
        The folder of the trained pipeline: one here, which is sent once, or the name of one on the volume.
    task : Task
        What is predicted.
    rent : Rent
        What each container is given, and how many there are at the most.
    extras : sequence of str
        Extras of labkit that the pipeline needs.
    max_dollars : float, optional
        After this, no more is predicted.
    tries : int
        How often a shard is tried anew, after Modal has tried it as often as `rent` says.
    """

    settings: Settings
    root: Path | None
    pipeline: Path | str
    task: Task
    rent: Rent
    extras: Sequence[str] = ()
    max_dollars: float | None = None
    tries: int = 2

    @property
    def at_once(self) -> int:
        """How many shards are predicted at a time, at the most."""
        return self.rent.max_containers

    def dollars(self, seconds: float) -> float:
        """Return what so many seconds of a container cost."""
        return seconds * dollars_a_second(self.rent, self.settings.prices)

    def score(self, shards: Iterator[Shard], *, ordered: bool) -> Generator[Scored | Failed, None, None]:
        """Yield what became of each shard; where there is none, nothing is rented."""
        first = next(shards, None)
        if first is None:
            return
        with Cloud(self.settings, self.root) as cloud:
            there = upload(cloud, self.pipeline) if isinstance(self.pipeline, Path) else self.pipeline
            shared = {"pipeline": f"{self.settings.mount}/{there}", "task": self.task}
            with cloud.running([score_shard], self.rent, extras=self.extras) as made:
                yield from self._stream(cloud, made["score_shard"], chain([first], shards), shared, ordered)

    def _stream(
        self, cloud: Cloud, function: Any, shards: Iterator[Shard], shared: dict[str, Any], ordered: bool
    ) -> Generator[Scored | Failed, None, None]:
        """Yield results as they come home."""
        under_way: dict[int, Shard] = {}
        lived: dict[str, float] = {}
        failed = 0

        def inputs() -> Iterator[tuple[int, Sequence[str]]]:
            for shard in shards:
                under_way[shard.number] = shard
                yield shard.number, shard.texts

        ahead = AHEAD * self.rent.max_containers
        for result in spread(cloud, function, inputs(), shared=shared, ahead=ahead, ordered=ordered):
            why = ""
            match result:
                case Answer(number, list() as found, _, container, seconds):
                    more, lived[container] = seconds - lived.get(container, 0.0), seconds
                    yield Scored(under_way.pop(number), found, more)
                case Answer(number, _, reason):
                    shard = under_way.pop(number)
                    why = f"{shard.sources[0]} and after: {reason}"
                case lost:  # which one it had is known at the end, by what is missing
                    said = explain(lost)
                    why = said.problem.rstrip(".") if said else one_line(lost)
            if why:
                failed += 1
                yield Failed(why)
            if failed > PATIENCE * self.rent.max_containers:
                raise LabError(f"{failed} shards failed; the last: {why}.", _AGAIN)
            if self.max_dollars is not None and self.dollars(sum(lived.values())) >= self.max_dollars:
                raise LabError(f"The limit of {self.max_dollars:g} dollars is reached.", _AGAIN)


_AGAIN = "What was predicted is kept; run it again to go on."
