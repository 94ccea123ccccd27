"""What a place where shards are predicted must offer."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, NamedTuple, Protocol

from .shards import Shard


class Scored(NamedTuple):
    """A shard, and the value and each label's probability of each of its texts."""

    shard: Shard
    found: list[tuple[Any, dict[str, float]]]
    seconds: float
    """How long the model took, without waiting and travelling."""


class Failed(NamedTuple):
    """A shard that could not be predicted, or one whose number is not known, and why."""

    shard: Shard | None
    reason: str


class Place(Protocol):
    """Where shards are predicted: this machine, or containers."""

    @property
    def tries(self) -> int:
        """How often a shard is tried; 1 where another try would end in the same way."""

    def score(self, shards: Iterator[Shard], *, ordered: bool) -> Generator[Scored | Failed, None, None]:
        """Yield what became of each shard, in their order or as they come; a few are taken ahead, never all."""

    def dollars(self, seconds: float) -> float:
        """Return what so many seconds of a model cost there."""
