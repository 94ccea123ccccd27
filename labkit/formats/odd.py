"""Fields of foreign rows, checked: what they must be, and why one can't be used."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ..files import Bad, Record, excerpt, kind_of, unstorable
from .record import Document


class Odd(Exception):
    """Why a row can't be read, in words that follow its line number."""


def decoded(
    rows: Iterable[Record | Bad], source: str, decode: Callable[[dict[str, Any]], Document]
) -> Iterator[Document | Bad]:
    """Decode each row, and set aside what is `Odd`.

    Parameters
    ----------
    rows : iterable of Record or Bad
        The rows of a file.
    source : str
        How the file is called in rows that are set aside.
    decode : callable
        Takes the fields of one row; raises `Odd`.
    """
    for row in rows:
        if isinstance(row, Bad):
            yield row
            continue
        try:
            document = decode(row.fields)
        except Odd as why:
            yield Bad(source, row.line, str(why), excerpt(row.raw or str(row.fields)))
        except RecursionError:
            yield Bad(source, row.line, "it is nested too deep", excerpt(row.raw or ""))
        else:
            yield document._replace(source=source, line=row.line)


def string(fields: Mapping[str, Any], name: str) -> str:
    """Return a column that must be a text that can be stored."""
    value = optional_string(fields, name)
    if value is None:
        raise Odd(f"it has no {name!r}")
    return value


def optional_string(fields: Mapping[str, Any], name: str) -> str | None:
    """Return a column that is a text, or None where it is absent or null."""
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Odd(f"{name!r} is {kind_of(value)}, not a text")
    if problem := unstorable(value):
        raise Odd(f"{name!r} holds {problem}")
    return value


def label(value: Any, where: str = "a label") -> str:
    """Return a label: a text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise Odd(f"{where} is {kind_of(value) if not isinstance(value, str) else 'blank'}, not a label")
    if problem := unstorable(value):
        raise Odd(f"{where} holds {problem}")
    return value


def labels(value: Any, where: str) -> tuple[str, ...]:
    """Return a list of labels, each once, in its order."""
    if not isinstance(value, (list, tuple)):
        raise Odd(f"{where} is {kind_of(value)}, not a list of labels")
    return tuple(dict.fromkeys(label(each, f"a label in {where}") for each in value))


def records(value: Any, where: str) -> list[Mapping[str, Any]]:
    """Return a list of objects."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, Mapping) for each in value):
        raise Odd(f"{where} is no list of objects")
    return list(value)


def whole(value: Any, where: str) -> int:
    """Return a whole number, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or value < 0 or value % 1:
        raise Odd(f"{where} is {value!r}, not a whole number" if isinstance(value, float) else f"{where} is no number")
    return int(value)


def seconds(value: Any) -> float | None:
    """Return how long something took; None for what is no length of time."""
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf
    return float(value) if known else None


def key(value: Any) -> str | None:
    """Return a text's own id, a text or a whole number; None where it has none."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Odd(f"the id is {kind_of(value)}, not a text or a whole number")
    if isinstance(value, str) and (problem := unstorable(value)):
        raise Odd(f"the id holds {problem}")
    return str(value)


def moment(value: Any) -> datetime | None:
    """Return a time: seconds since 1970, or an ISO 8601 time with its zone; None for one without, or for none.

    Examples
    --------
    >>> moment("2026-11-20T10:00:00Z").isoformat()
    '2026-11-20T10:00:00+00:00'
    >>> moment(1).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    if value is None:
        return None
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found if found.tzinfo else None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise Odd(f"{value!r} is no time")


def rest(fields: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """Return the columns whose names are not `known`."""
    left = set(fields) - set(known)
    return {name: value for name, value in fields.items() if name in left}


def strings(value: Any, where: str) -> list[str]:
    """Return a list of texts, none of them empty."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) and each for each in value):
        raise Odd(f"{where} is no list of texts")
    problem = next((problem for each in value if (problem := unstorable(each))), None)
    if problem:
        raise Odd(f"{where} holds {problem}")
    return list(value)
