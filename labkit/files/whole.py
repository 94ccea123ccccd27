"""Writes files that are there whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import orjson

from ..errors import LabError
from .text import in_words

BUFFER = 2**18
"""Bytes that are written at a time: each time takes a while, however few they are."""


def json_line(row: Mapping[str, Any]) -> bytes:
    r"""Return the line of a JSON object: UTF-8, with the end of the line.

    Examples
    --------
    >>> json_line({"id": "a", "labels": []})
    b'{"id":"a","labels":[]}\n'
    """
    try:
        return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # orjson knows no integer of more than 64 bits and no half of a character; that is written as \udXXX, which JSON
        # reads as the same one.
        return json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


class JsonLines:
    r"""Writes JSON objects, one a line, to a file that is there whole or not at all.

    Parameters
    ----------
    path : Path
        The file. Its folder is made; a file that is there stays until the new one is complete.
    keep_empty : bool
        Whether a file without rows is kept; otherwise there is none afterwards.

    Raises
    ------
    LabError
        If the file can't be written: no permission, no space left.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "rows.jsonl"
    >>> with JsonLines(path) as rows:
    ...     rows.write({"id": "a", "labels": []})
    >>> path.read_text()
    '{"id":"a","labels":[]}\n'
    """

    def __init__(self, path: Path, keep_empty: bool = True) -> None:
        self.path = path
        self.count = 0
        self._keep_empty = keep_empty
        self._partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        self._stream: BinaryIO | None = None

    def __enter__(self) -> Self:
        with in_words(self.path, "written"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self._partial.open("xb", buffering=BUFFER)
        return self

    def write(self, row: Mapping[str, Any]) -> None:
        """Add one row."""
        self.add([json_line(row)])

    def add(self, rows: Sequence[bytes]) -> None:
        """Add rows that are lines already."""
        assert self._stream is not None, "JsonLines is used in a with statement"
        with in_words(self.path, "written"):
            self._stream.writelines(rows)
        self.count += len(rows)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._stream is not None
        with in_words(self.path, "written"):
            try:
                with self._stream as stream:
                    stream.flush()
                    os.fsync(stream.fileno())
                if kind is None and (self.count or self._keep_empty):
                    self._partial.replace(self.path)
                elif kind is None:
                    self.path.unlink(missing_ok=True)
            finally:
                self._partial.unlink(missing_ok=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a place beside `path` to write to; what is there moves to `path` once the block ends without an exception.

    Parameters
    ----------
    path : Path
        The file. Its folder is made; a file that is there stays until the new one is complete.

    Raises
    ------
    LabError
        If the file can't be written: no permission, no space left.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with whole_file(path) as place:
    ...     _ = place.write_text("all of it")
    >>> path.read_text()
    'all of it'
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with in_words(path, "written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield beside
            with beside.open("rb") as stream:
                os.fsync(stream.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a folder beside `path` to write into, which becomes `path` once the block ends without an exception.

    Parameters
    ----------
    path : Path
        The folder: not there yet, or empty.

    Raises
    ------
    LabError
        If something stands there already, or the folder can't be written.
    """
    import shutil

    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with in_words(path, "written"):
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise LabError(f"{path} is there already, and not an empty folder.", "Name another folder.")
        beside.mkdir(parents=True)
        try:
            yield beside
            if path.exists():
                path.rmdir()
            beside.replace(path)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
