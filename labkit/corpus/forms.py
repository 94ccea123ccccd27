"""The forms of file that texts are read from: each becomes a stream of records."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..errors import LabError
from ..files import LINE_LIMIT, Bad, Record, excerpt, in_words, lines, objects, undecodable

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


def _csv(path: Path, source: str) -> Iterator[Record | Bad]:
    """Read comma-separated values; a header without a comma may part its columns with semicolons or tabs."""
    header = next((line for _, line in lines(path) if line.strip()), "")
    return _separated(path, source, max(",;\t", key=header.count))


def _tsv(path: Path, source: str) -> Iterator[Record | Bad]:
    """Read tab-separated values, quoted as spreadsheets quote them."""
    return _separated(path, source, "\t")


def _separated(path: Path, source: str, delimiter: str) -> Iterator[Record | Bad]:
    """Read the rows below the header line."""
    rows = _csv_rows(path, source, delimiter)
    first = next(rows, None)
    if isinstance(first, Bad):
        raise LabError(f"The header of {path} can't be read: {first.reason}.", "Save the file again, as UTF-8.")
    header = _header(path, first[1]) if first else []
    for row in rows:
        if isinstance(row, Bad):
            yield row
        elif len(row[1]) != len(header):
            yield Bad(source, row[0], f"{len(row[1])} fields where the header has {len(header)}", excerpt(row[2]))
        else:
            yield Record(row[0], {name: value for name, value in zip(header, row[1], strict=True) if name}, row[2])


def _header(path: Path, names: Sequence[str]) -> list[str]:
    """Return the names of the columns; a column without a name is not read."""
    names = [name.strip() for name in names]
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise LabError(f"{path} has two columns called {twice[0]!r}.", "Rename one of them.")
    return names


def _csv_rows(path: Path, source: str, delimiter: str) -> Iterator[tuple[int, list[str], str] | Bad]:
    """Yield the line, fields and raw text of each row; a row that can't be read costs its first line alone."""
    # The limit is one for the process. A lower one would end a row inside a long quoted text.
    csv.field_size_limit(max(csv.field_size_limit(), LINE_LIMIT))
    feed = _Feed(lines(path))
    while feed.more():
        try:
            fields = next(csv.reader(feed, delimiter=delimiter, strict=True))
        except csv.Error as error:
            line, raw = feed.give_back()
            yield Bad(source, line, f"broken quotes or too long a field: {error}", excerpt(raw))
            continue
        line, raw = feed.take()
        if problem := undecodable(raw):
            yield Bad(source, line, problem, excerpt(raw))
        elif fields:
            yield line, fields, raw.rstrip("\r\n")


class _Feed:
    """Hands lines to the csv module, and remembers which it took for the row it is at."""

    def __init__(self, source: Iterator[tuple[int, str]]) -> None:
        self._source = source
        self._ahead: list[tuple[int, str]] = []
        self._taken: list[tuple[int, str]] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.pop() if self._ahead else next(self._source)
        self._taken.append(line)
        return line[1]

    def more(self) -> bool:
        """Say whether a line is left."""
        if not self._ahead:
            self._ahead.extend(line for line in [next(self._source, None)] if line)
        return bool(self._ahead)

    def take(self) -> tuple[int, str]:
        """Return the number of the row's first line and the row's text, and go on to the next row."""
        first, raw = self._taken[0][0], "".join(line for _, line in self._taken)
        self._taken.clear()
        return first, raw

    def give_back(self) -> tuple[int, str]:
        """Return the row's first line, and go on at the line after it."""
        first, *others = self._taken
        self._ahead.extend(reversed(others))
        self._taken.clear()
        return first


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
    ".csv": _csv,
    ".tsv": _tsv,
    ".parquet": _parquet,
    ".txt": _text,
}
