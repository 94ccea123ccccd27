"""Keeps on this machine's disk what is not committed yet, so that no death of a process loses it.

Each sitting has a file of its own and holds a lock on it for as long as it lives; the lock of a process that was
killed ends with it, and whoever comes next finds a file without one.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from ..errors import LabError

SUFFIX = ".jsonl"
KEPT = ".kept"
"""The suffix of a file with lines that nobody can carry out: kept for people to read, and never tried again."""


class Journal:
    """What one sitting has taken on and has not committed: one JSON object a line, on disk before `put` returns.

    Parameters
    ----------
    folder : Path
        The folder of the project's journals; made if it is absent.
    holder : UUID
        The sitting, which names the file.

    Raises
    ------
    LabError
        If the file can't be made.
    """

    def __init__(self, folder: Path, holder: UUID) -> None:
        self.path = folder / f"{holder}{SUFFIX}"
        self._waiting: set[str] = set()
        self._lock = Lock()
        self._closed = False
        fresh = self.path.with_suffix(".new")
        with _in_words(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            fresh.rename(self.path)  # only now, or somebody might find it without its lock and take it for an orphan

    def put(self, name: str, row: Mapping[str, Any]) -> None:
        """Write a row down under a name.

        Raises
        ------
        LabError
            If the disk does not take it, with nothing written.
        """
        line = json.dumps(row).encode() + b"\n"
        with self._lock, _in_words(self.path):
            size = os.fstat(self._file).st_size
            try:
                written = os.write(self._file, line)
                if written < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(self._file)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(self._file, size)
                raise
            self._waiting.add(name)

    def done(self, name: str) -> None:
        """Say that a row is committed. Once none waits, the file is emptied; until then it keeps them all."""
        with self._lock, suppress(OSError):  # a row that stays is carried out again, which changes nothing
            self._waiting.discard(name)
            if not self._waiting and not self._closed:
                os.ftruncate(self._file, 0)

    def close(self, *, keep: bool = False) -> None:
        """End the sitting; the file stays for the next one if something waits, or if it is to be kept."""
        with self._lock, suppress(OSError):
            if self._closed:
                return
            self._closed = True
            if not self._waiting and not keep:
                self.path.unlink()
            os.close(self._file)


@dataclass(frozen=True)
class Orphan:
    """The journal of a sitting whose process is dead; it is this process's alone to carry out.

    Parameters
    ----------
    holder : UUID
        The sitting.
    rows : list of dict
        What was written down, oldest first. Some of it may be committed.
    path : Path
        The file.
    whole : bool
        Whether every line could be read.
    """

    holder: UUID
    rows: list[dict[str, Any]]
    path: Path
    whole: bool

    def finish(self, *, refused: bool = False) -> None:
        """Take the file away; where a line could not be read or carried out, it is kept under another name."""
        if self.whole and not refused:
            self.path.unlink(missing_ok=True)
        else:
            self.path.rename(self.path.with_suffix(KEPT))


def orphans(folder: Path) -> Iterator[Orphan]:
    """Yield the journals of dead sittings in `folder`, the oldest first, each locked until the next is asked for."""
    with suppress(FileNotFoundError):
        for path in sorted(folder.glob(f"*{SUFFIX}"), key=_age):
            with suppress(OSError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.exists():  # or somebody else has just carried it out
                    yield _read(path)


def _read(path: Path) -> Orphan:
    """Read a journal. Its last line may have been cut by the death of the process: it was never said to be kept."""
    *lines, _cut = path.read_bytes().split(b"\n")
    rows, whole = [], True
    for line in lines:
        try:
            rows.append(dict(json.loads(line)))
        except (ValueError, TypeError, RecursionError):
            whole = False
    return Orphan(UUID(path.stem), rows, path, whole)


def _age(path: Path) -> float:
    """Return when a file was written last, in seconds; 0 for one that has gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Say what the disk said of the journal."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LabError(
                f"The disk of {path.parent} is full, so that decisions are not journalled there.",
                "Free space: until then, what is not saved is in this kernel and this page alone.",
            ) from None
        raise LabError(
            f"Decisions can't be journalled in {path.parent}: {error.strerror}.",
            "Make the folder writable, or set LABKIT_HOME to another one.",
        ) from None
