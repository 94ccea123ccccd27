"""Labels of texts that are known by their id: one JSON object a line, ``{"id": "a", "labels": ["BUG"]}``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ..files import Bad, Record, objects


class LabelledKey(NamedTuple):
    """The labels of one text.

    Parameters
    ----------
    key : str
        The text's own id.
    labels : JSON
        As the file gives them; the task says whether they are labels.
    source : str
        Where it stands: ``"file:line"``.
    seconds : float or None
        How long the person took.
    """

    key: str
    labels: Any
    source: str
    seconds: float | None = None


def read_labels(path: Path) -> Iterator[LabelledKey | Bad]:
    """Yield the labels of a file, and what could not be read. Other columns are ignored.

    Raises
    ------
    LabError
        If the file can't be read.

    Examples
    --------
    >>> next(read_labels(Path("data/issues/reference.jsonl"))).labels
    ['DOCUMENTATION']
    """
    for record in objects(path, path.name):
        yield record if isinstance(record, Bad) else _labels(path.name, record)


def _labels(source: str, record: Record) -> LabelledKey | Bad:
    """Return the labels, or why the row has none."""
    key, seconds = record.fields.get("id"), record.fields.get("seconds")
    if not isinstance(key, str) or "labels" not in record.fields:
        return Bad(source, record.line, "it lacks an id that is a string, or labels", record.raw or "")
    known = isinstance(seconds, (int, float)) and math.isfinite(seconds)
    return LabelledKey(key, record.fields["labels"], f"{source}:{record.line}", float(seconds) if known else None)
