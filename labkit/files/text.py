"""What every reader of text files shares: physical lines, JSON objects, rows that can't be used."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import LabError

LINE_LIMIT = 1 << 24
"""Longest physical line that is held in memory, in characters."""

EXCERPT = 1000
"""How much of a row that can't be used is kept, in characters; its file and line lead to the rest."""

_BOMS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is the start of this one
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SURROGATE = re.compile("[\ud800-\udfff]")
_KINDS = {list: "a list", dict: "an object", str: "a string", bool: "a truth value", type(None): "null", bytes: "bytes"}


class Record(NamedTuple):
    """One row of a file: its columns, the physical line it starts on, and how it stands there (None: not text)."""

    line: int
    fields: dict[str, Any]
    raw: str | None


class Bad(NamedTuple):
    """A row that can't be used: where it stands, why, and how it begins. Line 0 is the file as a whole."""

    source: str
    line: int
    reason: str
    raw: str


def kind_of(value: Any) -> str:
    """Name the kind of a JSON value, for a person: ``"a number"``."""
    return _KINDS.get(type(value), "a number" if isinstance(value, (int, float)) else f"a {type(value).__name__}")


def unstorable(text: str) -> str | None:
    r"""Say what in `text` PostgreSQL can't hold, or None.

    Examples
    --------
    >>> unstorable("a\0b")
    'a NUL character at position 2'
    """
    if "\0" in text:
        return f"a NUL character at position {text.index(chr(0)) + 1}"
    half = None if text.isascii() else _SURROGATE.search(text)
    return f"half a character (a lone surrogate) at position {half.start() + 1}" if half else None


@contextmanager
def in_words(path: Path, what: str) -> Iterator[None]:
    """Turn a failure of the operating system into a `LabError`.

    Parameters
    ----------
    path : Path
        The file or folder that is worked on.
    what : {"read", "written"}
        What is done with it.

    Examples
    --------
    >>> with in_words(Path("/nowhere/texts.txt"), "read"):  # doctest: +ELLIPSIS
    ...     Path("/nowhere/texts.txt").read_text()
    Traceback (most recent call last):
    ...
    labkit.errors.LabError: /nowhere/texts.txt can't be read: No such file or directory. Check the path, ...
    """
    try:
        yield
    except OSError as error:
        raise LabError(
            f"{path} can't be {what}: {error.strerror or error}.", "Check the path, its permissions and the disk."
        ) from None


def lines(path: Path) -> Iterator[tuple[int, str]]:
    r"""Yield the physical lines of a text file, each with its number and its line end.

    Parameters
    ----------
    path : Path
        UTF-8 with or without byte order mark, or UTF-16 or UTF-32 with one. Lines end at LF, CRLF or CR.

    Yields
    ------
    (int, str)
        The number, from 1, and the line. Bytes that can't be decoded stand in it as lone surrogates, so
        that one of them costs its own line and not the file. A line longer than `LINE_LIMIT` characters
        is cut there.

    Raises
    ------
    LabError
        If the file can't be opened or read.
    """
    number = 0
    with in_words(path, "read"), path.open("rb") as binary, _decoded(binary) as stream:
        read = partial(stream.readline, LINE_LIMIT)
        try:
            for number, line in enumerate(iter(read, ""), 1):
                yield number, line
                while len(line) == LINE_LIMIT and line[-1] not in "\r\n":
                    line = read()
        except UnicodeDecodeError:  # UTF-16 that ends inside a character
            yield number + 1, "\udcff"


def objects(path: Path, source: str) -> Iterator[Record | Bad]:
    """Yield the JSON objects of a file that holds one a line; empty lines are skipped.

    Parameters
    ----------
    path : Path
        The file.
    source : str
        How the file is named in rows that are set aside.

    Raises
    ------
    LabError
        If the file can't be opened or read.
    """
    for number, line in lines(path):
        text = line.rstrip("\r\n")
        if not text or text.isspace():
            continue
        found = _object(text)
        yield Record(number, found, text) if isinstance(found, dict) else Bad(source, number, found, excerpt(text))


def undecodable(text: str) -> str | None:
    """Say why a line from `lines` is not as it stands in the file, or None if it is."""
    if len(text) >= LINE_LIMIT:
        return f"longer than {LINE_LIMIT:,} characters"
    half = None if text.isascii() else _SURROGATE.search(text)
    if half is None:
        return None
    byte = ord(half.group()) - 0xDC00
    what = f" (byte 0x{byte:02x})" if 0x80 <= byte <= 0xFF else ""
    return f"wrong encoding at character {half.start() + 1}{what}: not UTF-8, nor UTF-16 with a byte order mark"


def excerpt(text: str) -> str:
    """Return the first thousand characters of `text`, with half characters written as escapes."""
    cut = text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"
    return cut.encode("utf-8", "backslashreplace").decode("utf-8")


def _object(text: str) -> dict[str, Any] | str:
    """Decode one line of JSON: the object, or why it is none."""
    if problem := undecodable(text):
        return problem
    try:
        value = _DECODER.decode(text.strip())
    except json.JSONDecodeError as error:
        return f"broken JSON: {error.msg} at character {error.pos + 1}"
    except (ValueError, RecursionError):
        return "broken JSON: a number is too long, or the nesting too deep"
    return value if isinstance(value, dict) else f"{kind_of(value)}, not a JSON object"


def _decoded(binary: Any) -> TextIOWrapper:
    """Open a binary stream as text, in the encoding that its first bytes tell."""
    head = binary.peek(4)[:4]
    encoding = next((name for bom, name in _BOMS.items() if head.startswith(bom)), "utf-8-sig")
    errors = "surrogateescape" if encoding == "utf-8-sig" else "surrogatepass"
    return TextIOWrapper(binary, encoding=encoding, errors=errors, newline="")


# NaN and Infinity, which Python's json writes and PostgreSQL's jsonb refuses, are read as null.
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)
decode_json = _DECODER.raw_decode
