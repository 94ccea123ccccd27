"""Plain CSV: the columns of `plain`, a row an annotation; what is no text stands there as JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..files import Bad, Record, commas, in_words, tabs, whole_file
from . import odd
from .base import Format, Peek, Refused, Unfit, known_text
from .odd import Odd
from .plain import decode_row, encode_rows
from .record import Document, Field, Scheme

_COLUMNS = ("id", "text", "labels", "spans", "relations", "answer", "partial", "annotator", "model")
_MORE = ("time", "seconds", "session", "note", "extra", "meta")
_JSON = frozenset({"spans", "relations", "partial", "model", "seconds", "extra", "meta"})
_SEVERAL = frozenset(",;|#\n")
"""What parts several labels in one cell, or stands in one label."""


def _sniff(peek: Peek) -> str | None:
    if peek.ending not in (".csv", ".tsv"):
        return None
    row = next((row for row in _rows(peek.path) if isinstance(row, Record)), None)
    names = set(row.fields) if row else set()
    if not {"text", "id"} & names or not {"labels", "label", "spans"} & names:
        return None
    return "a table of spans" if "spans" in names and "labels" not in names else "a table of labels"


def _rows(path: Path) -> Iterator[Record | Bad]:
    """Yield the rows of the table."""
    return (tabs if path.suffix.lower() == ".tsv" else commas)(path, path.name)


def _read(path: Path) -> Iterator[Document | Bad]:
    return odd.decoded(_rows(path), path.name, _decode)


def _decode(cells: dict[str, Any]) -> Document:
    """Return the document of one row; an empty cell says nothing."""
    row: dict[str, Any] = {name: cell for name, cell in cells.items() if cell != ""}
    for name in _JSON & set(row):
        row[name] = _json(name, row[name])
    labels = row.get("labels")
    if labels is not None and labels.startswith("["):
        row["labels"] = _json("labels", labels)
    elif labels is not None and _SEVERAL & set(labels):
        raise Odd(f"{labels!r} may be one label or several: write a JSON list, or call the column label")
    return decode_row(row)


def _json(name: str, cell: str) -> Any:
    """Return what a cell holds."""
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        raise Odd(f"the cell of {name!r} holds no JSON") from None


def _put(path: Path, documents: Iterable[Document], scheme: Scheme, refuse: Refused) -> int:
    """Write the table, a row an annotation."""
    done = 0
    with whole_file(path) as place, in_words(path, "written"), place.open("x", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, (*_COLUMNS, *_MORE), quoting=csv.QUOTE_ALL, lineterminator="\n")
        table.writeheader()
        for document in documents:
            try:
                known_text(document)
            except Unfit as why:
                refuse(document, str(why))
                continue
            table.writerows(
                {name: _cell(value) for name, value in row.items()} for row in encode_rows(document, scheme)
            )
            done += 1
    return done


def _cell(value: Any) -> str:
    """Return what a cell holds."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


CSV = Format("csv", "a table", ".csv", frozenset(Field), _sniff, _read, _put)
