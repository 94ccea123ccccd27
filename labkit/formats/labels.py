"""Labels of texts that are known by their id: one JSON object a line, ``{"id": "a", "labels": ["BUG"]}``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ..files import Bad, Record, excerpt, objects

COLUMNS = ("labels", "spans")
"""Where a row may hold what it says of its text: one of them."""


class LabelledKey(NamedTuple):
    """The labels of one text.

    Parameters
    ----------
    key : str
        The text's own id.
    labels : JSON
        As `labels` or `spans` gives them, or an object of `spans` and `relations` where the row has these; the task
        says whether they are any of its own.
    source : str
        Where it stands: ``"file:line"``.
    seconds : float or None
        How long the person took.
    how : str
        How the person was shown the text, as `labkit.review.blind` names it; empty where nothing is known.
    """

    key: str
    labels: Any
    source: str
    seconds: float | None = None
    how: str = ""


def read_labels(path: Path) -> Iterator[LabelledKey | Bad]:
    """Read the labels of a file, and what in it could not be read.

    Parameters
    ----------
    path : Path
        JSON lines with `id`, a string or a whole number, and `labels` or `spans`, beside which `relations` may stand;
        `seconds` and `how` may be there. Other columns are ignored.

    Returns
    -------
    iterator of LabelledKey or Bad
        One a row, in the order of the file.

    Raises
    ------
    LabError
        If the file can't be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.jsonl"
    >>> _ = path.write_text('{"id": 7, "labels": ["BUG"]}')
    >>> next(read_labels(path))
    LabelledKey(key='7', labels=['BUG'], source='people.jsonl:1', seconds=None, how='')
    """
    for record in objects(path, path.name):
        yield record if isinstance(record, Bad) else _labels(path.name, record)


def _labels(source: str, record: Record) -> LabelledKey | Bad:
    """Return the labels, or why the row has none."""
    key, seconds = record.fields.get("id"), record.fields.get("seconds")
    given = [name for name in COLUMNS if name in record.fields]
    if len(given) > 1:
        return Bad(source, record.line, f"it has both {' and '.join(given)}", excerpt(record.raw or ""))
    if isinstance(key, bool) or not isinstance(key, (str, int)) or not given:
        return Bad(
            source, record.line, "it lacks labels, or an id that is a string or a number", excerpt(record.raw or "")
        )
    known = isinstance(seconds, (int, float)) and 0 <= seconds < math.inf
    how = record.fields.get("how")
    labels = record.fields[given[0]]
    if given == ["spans"] and "relations" in record.fields:
        labels = {"spans": labels, "relations": record.fields["relations"]}
    return LabelledKey(
        str(key),
        labels,
        f"{source}:{record.line}",
        seconds if known else None,
        how if isinstance(how, str) else "",
    )
