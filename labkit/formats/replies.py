"""Recorded LLM replies: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..files import Bad, JsonLines, Record, excerpt, objects, unstorable


class RecordedReply(NamedTuple):
    """One recorded reply.

    Parameters
    ----------
    prompt_sha256 : str
        SHA-256 of the exact prompt in UTF-8, 64 hexadecimal digits: what was asked.
    model : str
        Who answered.
    recorded : str
        When: ``"2026-11-20"``.
    reply : str
        The raw answer.
    """

    prompt_sha256: str
    model: str
    recorded: str
    reply: str


def read_replies(path: Path) -> Iterator[RecordedReply | Bad]:
    """Read the replies of a file, and what in it could not be read.

    Parameters
    ----------
    path : Path
        JSON lines with ``prompt_sha256``, ``model``, ``recorded`` and ``reply``, all strings.

    Returns
    -------
    iterator of RecordedReply or Bad
        One a row, in the order of the file.

    Raises
    ------
    LabError
        If the file can't be read.
    """
    for record in objects(path, path.name):
        yield record if isinstance(record, Bad) else _reply(path.name, record)


def write_replies(path: Path, replies: Iterable[RecordedReply]) -> int:
    """Write replies to a file that is there whole or not at all.

    Parameters
    ----------
    path : Path
        The file, a .jsonl; its folder is made.
    replies : iterable of RecordedReply
        Any number of replies.

    Returns
    -------
    int
        How many were written.

    Raises
    ------
    LabError
        If the file can't be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "replies.jsonl"
    >>> write_replies(path, [RecordedReply("0" * 64, "claude", "2026-11-20", "BUG")])
    1
    >>> next(read_replies(path)).reply
    'BUG'
    """
    with JsonLines(path) as rows:
        for reply in replies:
            rows.write(reply._asdict())
        return rows.count


def _reply(source: str, record: Record) -> RecordedReply | Bad:
    """Return the reply, or why the row is none."""
    fields = {name: record.fields.get(name) for name in RecordedReply._fields}
    odd = next((name for name, value in fields.items() if not isinstance(value, str) or unstorable(value)), None)
    if odd:
        return Bad(
            source, record.line, f"it lacks {odd!r}, or it is no text that can be stored", excerpt(record.raw or "")
        )
    return RecordedReply(**fields)  # type: ignore[arg-type]
