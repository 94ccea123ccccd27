"""What became of a corpus that was predicted, and the predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from ..corpus import Account, counted, first_of
from ..files import Bad
from ..store import Prediction
from .sinks import Sink

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Predicted(Account):
    """A corpus that was predicted: what it came to, and the predictions, one at a time.

    Parameters
    ----------
    texts : int
        Texts of the corpus, all of them predicted.
    new : int
        How many of them were predicted this time.
    repeated : int
        Rows that repeat an earlier one, its key and its text.
    bad : int
        Rows that could not be used.
    first_bad : sequence of Bad
        The first few of these.
    set_aside : Path or None
        The file in which all of these stand.
    seconds : float
        How long it took, this time.
    words : int
        Words predicted this time, parted at white space.
    dollars : float
        What the containers cost, this time.
    digests : sequence of str
        The shards, in the order of the corpus.
    sink : Sink
        Where the predictions are.
    """

    texts: int
    new: int
    repeated: int
    bad: int
    first_bad: Sequence[Bad]
    set_aside: Path | None
    seconds: float
    words: int
    dollars: float
    digests: Sequence[str] = field(repr=False)
    sink: Sink = field(repr=False)

    @property
    def shards(self) -> int:
        """Into how many parts the corpus was cut."""
        return len(self.digests)

    @property
    def words_per_second(self) -> float:
        """How fast it was, this time; 0 where nothing was left to predict."""
        return self.words / self.seconds if self.words else 0.0

    @property
    def where(self) -> str:
        """Where the predictions are."""
        return self.sink.where

    def __iter__(self) -> Iterator[Prediction]:
        """Yield the predictions, in the order of the corpus; one shard at a time is in memory."""
        return chain.from_iterable(map(self.sink.read, self.digests))

    def frame(self, limit: int | None = 1000) -> pd.DataFrame:
        """Return the first predictions.

        Parameters
        ----------
        limit : int, optional
            How many at most; None for all, which then are in memory.

        Returns
        -------
        DataFrame
            Columns `key`, `value`, `confidence`, `scores`, `source`, `hash`, in the order of the corpus.
        """
        import pandas as pd

        columns = ["key", "value", "confidence", "scores", "source", "hash"]
        return pd.DataFrame(islice(self, limit), columns=list(Prediction._fields))[columns]

    def _headline(self) -> str:
        """Say how many texts were predicted."""
        return f"{counted(self.texts, 'text')} predicted, in {counted(self.shards, 'shard')}"

    def _facts(self) -> list[str]:
        """Say what else there is to say, a line each; what did not occur is left out."""
        pace = f"{self.new:,} of them now, in {self.seconds:,.1f} s: {self.words_per_second:,.0f} words a second"
        facts = {
            pace if self.new else "all of them before": self.texts,
            f"{self.dollars:.4f} dollars": self.dollars,
            f"{counted(self.repeated, 'row')} dropped for repeating an earlier one": self.repeated,
            f"{counted(self.bad, 'row')} set aside, in the file that .set_aside names": self.bad,
            f"Where: {self.where}": True,
        }
        return [fact for fact, there in facts.items() if there]

    def _first(self) -> list[tuple[str, str]]:
        return first_of(self.first_bad)
