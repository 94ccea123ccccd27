"""The forms of file that texts are read from: each becomes a stream of records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import LabError
from ..files import LINE_LIMIT, Bad, Record, commas, excerpt, in_words, lines, objects, tabs, undecodable
from .pages import html, pdf

_BATCH = 1000
"""Rows of a Parquet file that are held in memory at a time."""


def form_of(path: Path) -> Callable[[Path, str], Iterator[Record | Bad]]:
    """Return the reader for a file, told by the end of its name.

    Parameters
    ----------
    path : Path
        The file; it need not exist.

    Returns
    -------
    callable
        Takes the file, and how it is named in rows that are set aside. Yields a `Record` or a `Bad` a row.

    Raises
    ------
    LabError
        If no reader takes such a file.

    Examples
    --------
    >>> form_of(Path("Texts.JSONL")).__name__
    'objects'
    """
    reader = FORMS.get(path.suffix.lower())
    if reader is None:
        raise LabError(
            f"{path} is none of the forms that can be read.", f"Give a file that ends in {', '.join(FORMS)}."
        )
    return reader


def _text(path: Path, source: str) -> Iterator[Record | Bad]:
    """Read a plain text file: the whole of it is one text, in a column called text."""
    parts: list[str] = []
    length = 0
    for number, line in lines(path):
        if problem := undecodable(line):
            yield Bad(source, number, problem, excerpt(line))
            return
        parts.append(line)
        length += len(line)
        if length > LINE_LIMIT:
            break
    whole = "".join(parts)
    yield Record(1, {"text": whole}, whole)


def _parquet(path: Path, source: str) -> Iterator[Record | Bad]:
    """Read the rows of a Parquet file; the line of a row is its number, from 1."""
    import pyarrow as pa
    from pyarrow import parquet

    done = 0
    with in_words(path, "read"):
        stream = path.open("rb")
    try:
        with stream, parquet.ParquetFile(stream) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                for fields in batch.to_pylist():
                    done += 1
                    yield Record(done, fields, None)
    except (OSError, ValueError, OverflowError, pa.ArrowException):
        raise LabError(
            f"{path} is no Parquet file, or is damaged after row {done}.", "Write or download it again."
        ) from None


FORMS: dict[str, Callable[[Path, str], Iterator[Record | Bad]]] = {
    ".jsonl": objects,
    ".ndjson": objects,
    ".csv": commas,
    ".tsv": tabs,
    ".parquet": _parquet,
    ".txt": _text,
    ".pdf": pdf,
    ".html": html,
    ".htm": html,
}

ONE_TEXT = frozenset({".txt", ".pdf", ".html", ".htm"})
"""Ends of files that are one text each, in a column called text."""
