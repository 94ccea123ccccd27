"""What became of the annotations of a file: what a cell shows, and the rows that were set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ..corpus import Account, counted, first_of
from ..files import Bad, JsonLines
from ..formats.record import Answer

NOBODY = "imported"
"""The annotator of annotations for whom the file names nobody."""

SHOWN = 1000
"""Rows set aside that are kept in memory; the file has them all."""


@dataclass(frozen=True, repr=False)
class Imported(Account):
    """What became of the annotations of a file.

    Parameters
    ----------
    found : str
        What the file was seen to be: ``"Prodigy, choices"``.
    format : str
        The name of the format.
    new : mapping of str to int
        Annotations that were added, by annotator.
    known : int
        Annotations that stood here already.
    texts : int
        Texts of the project that the file speaks of.
    added : int
        Texts that were added to the project.
    missing : int
        Rows whose text the project does not hold.
    answers : mapping of str to int
        How many texts were accepted, rejected and ignored.
    units : mapping of str to int
        Texts whose offsets were counted in another unit than characters, and were turned into these.
    left : mapping of str to int
        What stood in the file and is not kept, and in how many rows.
    bad : sequence of Bad
        The first thousand rows that could not be used.
    aside : int
        How many rows could not be used.
    set_aside : Path or None
        The file in which those rows stand; None where there are none.
    """

    found: str
    format: str
    new: Mapping[str, int]
    known: int
    texts: int
    added: int
    missing: int
    answers: Mapping[str, int]
    units: Mapping[str, int]
    left: Mapping[str, int]
    bad: list[Bad]
    aside: int
    set_aside: Path | None

    @property
    def annotations(self) -> int:
        """How many annotations were added."""
        return sum(self.new.values())

    def _headline(self) -> str:
        return f"{self.found}: {counted(self.annotations, 'annotation')} added, of {counted(self.texts, 'text')} read"

    def _facts(self) -> list[str]:
        who = ", ".join(f"{name} ({count:,})" for name, count in self.new.items())
        answers = ", ".join(f"{count:,} {answer}" for answer, count in self.answers.items())
        units = ", ".join(f"{unit} in {counted(count, 'text')}" for unit, count in self.units.items())
        left = ", ".join(f"{name} ({counted(count, 'row')})" for name, count in self.left.items())
        facts = {
            f"by {who}": self.new,
            f"the file names no annotator for some: call them with annotator= instead of {NOBODY!r}": NOBODY
            in self.new,
            f"answers: {answers}": set(self.answers) - {str(Answer.ACCEPT)},
            f"{counted(self.known, 'annotation')} stood here already": self.known,
            f"{counted(self.added, 'text')} added to the project": self.added,
            f"{counted(self.missing, 'row')} of texts that are not in the project; add=True adds these": self.missing,
            f"offsets were counted in {units}, and are now in characters": self.units,
            f"not kept: {left}": self.left,
            f"{counted(self.aside, 'row')} set aside, in the file that .set_aside names": self.aside,
        }
        return [fact for fact, there in facts.items() if there]

    def _first(self) -> list[tuple[str, str]]:
        return first_of(self.bad)


class Aside:
    """The rows that can't be used: all of them in a file, and the first in memory."""

    def __init__(self, path: Path) -> None:
        self._file = JsonLines(path, keep_empty=False)
        self.first: list[Bad] = []

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    @property
    def count(self) -> int:
        """How many there are."""
        return self._file.count

    def put(self, row: Bad) -> None:
        """Set a row aside."""
        self._file.write({"file": row.source, "line": row.line, "reason": row.reason, "raw": row.raw})
        if len(self.first) < SHOWN:
            self.first.append(row)
