"""Recorded LLM replies: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..files import Bad, JsonLines, Record, objects


class RecordedReply(NamedTuple):
    """One recorded reply. What it answers is named by a prompt's hash, or by a text and the name of a prompt.

    Parameters
    ----------
    model : str
        Who answered.
    reply : str
        The raw answer.
    recorded : str
        When: ``"2026-11-20"``.
    prompt_sha256 : str or None
        SHA-256 of the exact prompt in UTF-8, 64 hexadecimal digits.
    key, prompt : str or None
        The text's own id, and what the recording calls the prompt.
    """

    model: str
    reply: str
    recorded: str = ""
    prompt_sha256: str | None = None
    key: str | None = None
    prompt: str | None = None


def read_replies(path: Path) -> Iterator[RecordedReply | Bad]:
    """Yield the replies of a file, and what could not be read.

    Parameters
    ----------
    path : Path
        JSON lines with ``model`` and ``reply``, and either ``prompt_sha256`` or both ``id`` and ``prompt``.

    Raises
    ------
    LabError
        If the file can't be read.
    """
    for record in objects(path, path.name):
        yield record if isinstance(record, Bad) else _reply(path.name, record)


def write_replies(path: Path, replies: Iterable[RecordedReply]) -> int:
    """Write replies that are named by their prompt's hash, and return how many.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "replies.jsonl"
    >>> write_replies(path, [RecordedReply("claude", "BUG", "2026-11-20", "0" * 64)])
    1
    >>> next(read_replies(path)).reply
    'BUG'
    """
    with JsonLines(path) as rows:
        for reply in replies:
            rows.write({name: getattr(reply, name) for name in ("prompt_sha256", "model", "recorded", "reply")})
        return rows.count


def _reply(source: str, record: Record) -> RecordedReply | Bad:
    """Return the reply, or why the row is none."""
    fields = record.fields
    given = {name: fields.get(name) for name in ("model", "reply", "prompt_sha256", "id", "prompt")}
    odd = [name for name, value in given.items() if value is not None and not isinstance(value, str)]
    named = given["prompt_sha256"] is not None or (given["id"] is not None and given["prompt"] is not None)
    if odd:
        return Bad(source, record.line, f"{odd[0]!r} is not a string", record.raw or "")
    if given["model"] is None or given["reply"] is None or not named:
        return Bad(source, record.line, "it lacks model, reply, or what the reply answers", record.raw or "")
    recorded = str(fields.get("recorded") or "")
    return RecordedReply(
        str(given["model"]), str(given["reply"]), recorded, given["prompt_sha256"], given["id"], given["prompt"]
    )
