"""What one row must be to become a text of the project."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import LabError
from ..files import Bad, Record, excerpt, kind_of, unstorable
from .clean import hash_of, normalise

_ID_LIMIT = 500  # four bytes a character, this still fits in a PostgreSQL index


class Row(NamedTuple):
    """One text, ready for the store.

    Parameters
    ----------
    text : str
        In its normal form.
    key : str
        The text's own id; where the file gives none, the first 16 digits of `hash`.
    hash : str
        SHA-256 of the text, 64 hex digits.
    source : str
        Where it stands: ``"file:line"``, the file as seen from the folder that was read.
    meta : dict
        The other columns, as JSON that PostgreSQL can hold.
    labels : JSON value
        The labels that came with the text, as the file gives them; None where it gives none.
    """

    text: str
    key: str
    hash: str
    source: str
    meta: dict[str, Any]
    labels: Any


class Columns(NamedTuple):
    """The columns of a file that mean something here."""

    text: str
    id: str | None
    label: str | None


class _Unusable(Exception):
    """Why a row can't be used."""


class Keeper:
    """Checks rows, and remembers the ids that were given.

    Parameters
    ----------
    limit : int
        Longest text that is taken, in characters as it stands in the file.
    unique : bool
        Whether an id may stand for one text only; otherwise no ids are remembered.

    Raises
    ------
    LabError
        If the limit takes no text.
    """

    def __init__(self, limit: int, unique: bool = True) -> None:
        if limit < 1:
            raise LabError(f"A limit of {limit} characters takes no text.", "Give a limit of 1 or more.")
        self._limit, self._unique = limit, unique
        self._hashes: dict[str, int] = {}

    def row(self, source: str, record: Record, columns: Columns) -> Row | Bad:
        """Return the row in its normal form, or why it can't be used."""
        try:
            return self._checked(f"{source}:{record.line}", record.fields, columns)
        except _Unusable as why:
            reason = str(why)
        except RecursionError:
            reason = "its columns are nested too deep"
        raw = json.dumps(plain(record.fields), ensure_ascii=False) if record.raw is None else record.raw
        return Bad(source, record.line, reason, excerpt(raw))

    def _checked(self, source: str, fields: dict[str, Any], columns: Columns) -> Row:
        """Return the row in its normal form."""
        text = _text(fields, columns.text, self._limit)
        digest = hash_of(text)
        key = _key(fields.get(columns.id)) if columns.id is not None else None
        part = int(digest[:16], 16)  # a million of these are held more cheaply than whole hashes
        if self._unique and key is not None and self._hashes.setdefault(key, part) != part:
            raise _Unusable(f"the id {key!r} is already that of another text")
        meta = plain({name: value for name, value in fields.items() if name not in columns})
        labels = plain(fields.get(columns.label)) if columns.label is not None else None
        return Row(text, key or digest[:16], digest, source, meta, None if labels == "" else labels)


def _text(fields: Mapping[str, Any], column: str, limit: int) -> str:
    """Return the normal form of a row's text."""
    if column not in fields:
        raise _Unusable(f"it has no column {column!r}")
    text = fields[column]
    if not isinstance(text, str):
        raise _Unusable(f"the text is {kind_of(text)}, not a string")
    if len(text) > limit:
        raise _Unusable(f"the text is longer than {limit:,} characters")
    if problem := unstorable(text):
        raise _Unusable(f"the text holds {problem}")
    text = normalise(text)
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise _Unusable("the text is empty")
    return text


def _key(value: Any) -> str | None:
    """Return a row's own id as a string, or None where it has none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a column of whole numbers with a gap is one of floats to pandas
    if isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
        raise _Unusable(f"the id is {kind_of(value)}, not a string or a number")
    if value is None or value != value or (isinstance(value, str) and not value.strip()):
        return None
    key = str(value)
    if len(key) > _ID_LIMIT:
        raise _Unusable(f"the id is longer than {_ID_LIMIT} characters")
    if problem := unstorable(key):
        raise _Unusable(f"the id holds {problem}")
    return key


def plain(value: Any) -> Any:
    """Return `value` as JSON that PostgreSQL can hold: what it can't is replaced, written out or counted."""
    if isinstance(value, str):
        return _storable(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_storable(str(name)): plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return _storable(str(value))


def _storable(text: str) -> str:
    """Return `text` with U+FFFD in place of NUL and of half characters."""
    if unstorable(text) is None:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
