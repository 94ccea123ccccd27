"""What a place where shards are predicted must offer."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, NamedTuple, Protocol

from .shards import Shard


class Scored(NamedTuple):
    """A shard, the value and each label's probability of each of its texts, and the seconds to be paid for it."""

    shard: Shard
    found: list[tuple[Any, dict[str, float]]]
    seconds: float


class Failed(NamedTuple):
    """A shard that could not be predicted, and why. Which one it was is seen by what is missing in the end."""

    reason: str


class Place(Protocol):
    """Where shards are predicted: this machine, or containers."""

    @property
    def tries(self) -> int:
        """How often a shard is tried; 1 where another try would end in the same way."""

    @property
    def at_once(self) -> int:
        """How many shards are predicted at a time."""

    def score(self, shards: Iterator[Shard], *, ordered: bool) -> Generator[Scored | Failed, None, None]:
        """Yield what became of each shard, in their order or as they come; a few are taken ahead, never all."""

    def dollars(self, seconds: float) -> float:
        """Return what so many of these seconds cost there."""
