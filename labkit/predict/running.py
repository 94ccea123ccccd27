"""Predicts a corpus: cuts it into shards, has each predicted once, and keeps what comes as it comes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

from ..corpus import Row, aside
from ..errors import LabError
from ..files import Bad, JsonLines
from ..progress import Progress, Report, silent
from ..store import Prediction
from ..tasks import Task
from .places import Failed, Place, Scored
from .result import Predicted
from .shards import SIZE, Shard, cut
from .sinks import Sink

SHOWN = 5
"""How many of the rows that can't be used are shown."""


def predict(
    read: Callable[[], Iterable[Row | Bad]],
    model: str,
    task: Task,
    place: Place,
    sink: Sink,
    *,
    set_aside: Path,
    size: int = SIZE,
    ordered: bool = False,
    report: Report = silent,
) -> Predicted:
    """Predict every text of a corpus once; called again, it goes on where it stopped.

    Parameters
    ----------
    read : callable
        Reads the corpus from its beginning; it is read again where shards failed, and those alone are tried again.
    model : str
        What tells the model from others.
    task : Task
        What is predicted.
    place : Place
        Where the model runs.
    sink : Sink
        Where predictions are kept.
    set_aside : Path
        The file for rows that can't be used.
    size : int
        Texts of a shard.
    ordered : bool
        Whether shards are kept in the order of the corpus, and not as they come.
    report : callable
        Is told how many texts are done.

    Raises
    ------
    LabError
        If the corpus can't be read, predictions can't be kept, or shards failed on each try.
    """
    if not isinstance(size, int) or size < 1:
        raise LabError(f"A shard of {size!r} texts holds none.", "Give a whole number of at least 1.")
    began, spent, words, new = perf_counter(), 0.0, 0, 0
    done, missing, why = sink.done(), [""], ""
    for _ in range(place.tries):
        reading = _Reading(set_aside)
        with closing(place.score(reading.shards(read(), model, size, done), ordered=ordered)) as results:
            for result in results:
                if isinstance(result, Failed):
                    why = result.reason
                    continue
                sink.put(result.shard, _predictions(task, result))
                done.add(result.shard.digest)
                spent += result.seconds
                new += len(result.shard)
                words += sum(len(text.split()) for text in result.shard.texts)
                rate = words / (perf_counter() - began)
                report(Progress("predicting", reading.known + new, 0, {"words a second": rate}))
        missing = [digest for digest in reading.digests if digest not in done]
        if not missing:
            break
    if missing:
        raise LabError(
            f"Of {len(reading.digests):,} shards {len(missing):,} could not be predicted: {why}.",
            "The others are kept; run it again, and these alone are tried.",
        )
    sink.finish(reading.digests)
    return Predicted(
        texts=reading.counts["texts"],
        new=new,
        repeated=reading.counts["rows"] - reading.counts["texts"],
        bad=reading.counts["bad"],
        first_bad=reading.first_bad,
        set_aside=set_aside if reading.counts["bad"] else None,
        seconds=perf_counter() - began,
        words=words,
        dollars=place.dollars(spent),
        digests=reading.digests,
        sink=sink,
    )


class _Reading:
    """Reads a corpus once: counts what is in it, sets bad rows aside, and gives out the shards that are missing."""

    def __init__(self, set_aside: Path) -> None:
        self._set_aside = set_aside
        self.digests: list[str] = []
        self.counts = Counter[str]()
        self.first_bad: list[Bad] = []
        self.known = 0

    def shards(self, rows: Iterable[Row | Bad], model: str, size: int, done: Container[str]) -> Iterator[Shard]:
        """Yield the shards that are not done."""
        with JsonLines(self._set_aside, keep_empty=False) as bad:
            for shard in cut(self._good(rows, bad), model, size):
                self.digests.append(shard.digest)
                self.counts["texts"] += len(shard)
                if shard.digest in done:
                    self.known += len(shard)
                else:
                    yield shard

    def _good(self, rows: Iterable[Row | Bad], bad: JsonLines) -> Iterator[Row]:
        """Yield the rows that can be used, and write the others down."""
        for row in rows:
            if isinstance(row, Row):
                self.counts["rows"] += 1
                yield row
            else:
                self.counts["bad"] += 1
                self.first_bad += [row] * (len(self.first_bad) < SHOWN)
                bad.write(aside(row))


def _predictions(task: Task, scored: Scored) -> list[Prediction]:
    """Return what a model says of the texts of a shard, as it is kept."""
    shard = scored.shard
    rows = zip(shard.keys, shard.hashes, shard.sources, scored.found, strict=True)
    return [
        Prediction(key, hash_, source, value, scores, _sure(task, value, scores))
        for key, hash_, source, (value, scores) in rows
    ]


def _sure(task: Task, value: Any, scores: Mapping[str, float]) -> float | None:
    """Return how sure a model is of a value, or None where it doesn't say."""
    confidence = task.confidence(value, scores)
    return None if math.isnan(confidence) else confidence
