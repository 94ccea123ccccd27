"""JSON arrays of objects, one object in memory at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .text import LINE_LIMIT, Bad, Record, decode_json, excerpt, kind_of, lines, undecodable

_GRAIN = 1 << 20
"""How many characters more are read, at the least, before an object that is not complete is tried again."""


def items(path: Path, source: str) -> Iterator[Record | Bad]:
    r"""Yield the objects of a file that holds one JSON array of them, each with the line it starts on.

    Parameters
    ----------
    path : Path
        The file. A file that holds a single object counts as an array of one.
    source : str
        How the file is named in rows that are set aside.

    Raises
    ------
    LabError
        If the file can't be opened or read.

    Notes
    -----
    What is not JSON ends the reading with one `Bad`: where its next object would begin is not known.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tasks.json"
    >>> _ = path.write_text('[\n{"id": 1},\n3,\n{"id": 2}]')
    >>> [row.fields if isinstance(row, Record) else row.reason for row in items(path, "tasks.json")]
    [{'id': 1}, 'a number, not a JSON object', {'id': 2}]
    """
    feed = _Feed(path)
    opened = feed.skip("[")
    while True:
        feed.skip(",")
        if opened and feed.skip("]"):
            break
        if feed.done:
            if opened:
                yield Bad(source, feed.line, "the file breaks off before its array ends", "")
            break
        found = feed.value()
        line = feed.line
        if isinstance(found, str):
            yield Bad(source, line, found, excerpt(feed.text))
            return
        value, raw = found[0], feed.text[: feed.at]
        if isinstance(value, dict):
            yield Record(line, value, raw)
        else:
            yield Bad(source, line, f"{kind_of(value)}, not a JSON object", excerpt(raw))
        if not opened:
            break
    if not feed.done:
        yield Bad(source, feed.line, "something stands after the end of the JSON", excerpt(feed.text[feed.at :]))


class _Feed:
    """Reads a file as far as it is needed, and forgets what was used."""

    def __init__(self, path: Path) -> None:
        self._lines = lines(path)
        self.text = ""
        self.at = 0
        self.line = 1
        self._ended = False

    @property
    def done(self) -> bool:
        """Whether nothing but white space is left."""
        self._blanks()
        return self.at == len(self.text)

    def skip(self, sign: str) -> bool:
        """Pass over white space and then `sign`, if it is there."""
        self._blanks()
        there = self.text.startswith(sign, self.at)
        self.at += there
        return there

    def value(self) -> tuple[Any] | str:
        """Return the next value, or why there is none."""
        self.line += self.text.count("\n", 0, self.at)
        self.text, self.at = self.text[self.at :], 0
        grain = _GRAIN
        while True:
            try:
                value, self.at = decode_json(self.text, 0)
            except json.JSONDecodeError as error:
                why = undecodable(self.text) or f"broken JSON: {error.msg} at character {error.pos + 1}"
            except (ValueError, RecursionError):
                return "broken JSON: a number is too long, or the nesting too deep"
            else:
                if self.at < len(self.text) or self._ended:
                    return undecodable(self.text[: self.at]) or (value,)
                why = ""  # a number may go on
            if self._ended or len(self.text) > LINE_LIMIT:
                return why
            self._more(grain)
            grain *= 2

    def _blanks(self) -> None:
        """Pass over white space."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
                self.at += 1
            if self.at < len(self.text) or self._ended:
                return
            self._more(1)

    def _more(self, count: int) -> None:
        """Read whole lines, at least `count` characters if there are as many."""
        parts, size = [self.text], 0
        while size < count:
            line = next(self._lines, None)
            if line is None:
                self._ended = True
                break
            parts.append(line[1])
            size += len(line[1])
        self.text = "".join(parts)
