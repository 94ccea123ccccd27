"""Tables as text: rows of separated values, each with the physical line it starts on."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import LabError
from .text import LINE_LIMIT, Bad, Record, excerpt, lines, undecodable


def commas(path: Path, source: str) -> Iterator[Record | Bad]:
    """Yield the rows of a file of comma-separated values, below its header.

    Parameters
    ----------
    path : Path
        The file. A header without a comma may part its columns with semicolons or tabs.
    source : str
        How the file is named in rows that are set aside.

    Raises
    ------
    LabError
        If the file or its header can't be read, or two columns have one name.
    """
    header = next((line for _, line in lines(path) if line.strip()), "")
    return _separated(path, source, max(",;\t", key=header.count))


def tabs(path: Path, source: str) -> Iterator[Record | Bad]:
    """Yield the rows of a file of tab-separated values, quoted as spreadsheets quote them.

    Parameters
    ----------
    path : Path
        The file.
    source : str
        How the file is named in rows that are set aside.

    Raises
    ------
    LabError
        As for `commas`.
    """
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
