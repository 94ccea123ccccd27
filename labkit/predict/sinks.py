"""Where predictions are kept, a shard at a time: in the store, or in Parquet files (see `labkit.predict.parquet`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from ..store import Prediction, Store
from .shards import Shard


class Sink(Protocol):
    """Keeps predictions. A shard is there as a whole or not at all, and once, whatever is killed and run again."""

    @property
    def where(self) -> str:
        """Where they are, for people."""

    def done(self) -> set[str]:
        """Return the digests of the shards that are there."""

    def put(self, shard: Shard, predictions: Sequence[Prediction]) -> None:
        """Keep a shard."""

    def finish(self, digests: Sequence[str]) -> None:
        """Take note that the corpus consists of these shards, and that all of them are there."""

    def read(self, digest: str) -> Iterator[Prediction]:
        """Yield the predictions of one shard, in the order of the corpus."""


class Table:
    """Predictions in the store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    run : int
        The run whose model predicts.
    """

    def __init__(self, store: Store, run: int) -> None:
        self._predictions, self._run = store.predictions, run
        self.where = f"{store.where}, table labkit.prediction, run_id {run}"

    def done(self) -> set[str]:
        """Return the digests of the shards that are there."""
        return self._predictions.shards(self._run)

    def put(self, shard: Shard, predictions: Sequence[Prediction]) -> None:
        """Keep a shard, in one transaction."""
        self._predictions.add(self._run, shard.digest, predictions)

    def finish(self, digests: Sequence[str]) -> None:
        """Do nothing: each shard is complete as it stands."""

    def read(self, digest: str) -> Iterator[Prediction]:
        """Yield the predictions of one shard, in the order of the corpus."""
        return self._predictions.read(self._run, digest)
