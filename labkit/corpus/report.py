"""What became of a file of texts: the rows set aside, and the summary that a cell shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import Bad, JsonLines

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 5


def set_aside(bad: Sequence[Bad], path: Path) -> Path | None:
    r"""Write the rows that could not be used to a file, in place of those of an earlier reading.

    Parameters
    ----------
    bad : sequence of Bad
        The rows. Each is written as a JSON object with `file`, `line` (0: the file as a whole), `reason` and `raw`.
    path : Path
        The file to write, a .jsonl; its folder is made.

    Returns
    -------
    Path or None
        `path`; None where there are no such rows, and then there is no file.

    Raises
    ------
    LabError
        If the file can't be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "set-aside.jsonl"
    >>> _ = set_aside([Bad("texts.jsonl", 7, "the text is empty", "{}")], path)
    >>> path.read_text()
    '{"file":"texts.jsonl","line":7,"reason":"the text is empty","raw":"{}"}\n'
    """
    with JsonLines(path, keep_empty=False) as rows:
        for row in bad:
            rows.write(aside(row))
    return path if bad else None


def aside(row: Bad) -> dict[str, Any]:
    """Return a row that could not be used as it is written to a file of such rows."""
    return {"file": row.source, "line": row.line, "reason": row.reason, "raw": row.raw}


class Account:
    """What became of rows, as a cell shows it: a headline, facts, and the first rows that could not be used."""

    def __repr__(self) -> str:
        return "\n".join(
            [self._headline(), *self._facts(), *(f"  {place}  {reason}" for place, reason in self._first())]
        )

    def _repr_html_(self) -> str:
        facts = "".join(f"<li>{escape(fact)}</li>" for fact in self._facts())
        rows = "".join(f"<tr><td>{escape(place)}</td><td>{escape(why)}</td></tr>" for place, why in self._first())
        bad = f"<table><tr><th>set aside</th><th>why</th></tr>{rows}</table>" if rows else ""
        return f"<p><b>{escape(self._headline())}</b></p><ul>{facts}</ul>{bad}"

    def _headline(self) -> str:
        """Say what became of all."""
        raise NotImplementedError

    def _facts(self) -> list[str]:
        """Say what else there is to say, a line each; what did not occur is left out."""
        raise NotImplementedError

    def _first(self) -> list[tuple[str, str]]:
        """Return the places of the first few rows that could not be used, and what is wrong with them."""
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class Ingested(Account):
    """What the project holds after texts were read, and what of them could not be used.

    It shows the same when the same texts are read again.

    Parameters
    ----------
    texts : int
        Texts that the project holds.
    splits : mapping of str to int
        How many of them are in train, dev and test.
    repeated : int
        Rows of this reading whose text stood in an earlier row of it.
    bad : sequence of Bad
        The rows that could not be used.
    set_aside : Path or None
        The file in which those rows stand; None where there are none.
    near_duplicates : DataFrame
        Pairs of texts that are nearly the same, as from `near_duplicates`.
    labelled : int
        Rows that came with labels.
    """

    texts: int
    splits: Mapping[str, int]
    repeated: int
    bad: Sequence[Bad]
    set_aside: Path | None
    near_duplicates: pd.DataFrame
    labelled: int

    def _repr_html_(self) -> str:
        pairs = self.near_duplicates.head(_SHOWN).round(2)
        return super()._repr_html_() + (pairs.to_html(index=False, border=0) if len(pairs) else "")

    def _headline(self) -> str:
        """Say what the project holds."""
        parts = ", ".join(f"{count:,} {split}" for split, count in self.splits.items())
        return f"{counted(self.texts, 'text')} in the project: {parts}"

    def _facts(self) -> list[str]:
        """Say what else there is to say, a line each; what did not occur is left out."""
        facts = {
            f"{counted(self.labelled, 'row')} came with labels": self.labelled,
            f"{counted(self.repeated, 'row')} dropped for repeating an earlier text": self.repeated,
            f"{counted(len(self.near_duplicates), 'pair')} of near duplicates, kept": len(self.near_duplicates),
            f"{counted(len(self.bad), 'row')} set aside, in the file that .set_aside names": len(self.bad),
        }
        return [fact for fact, count in facts.items() if count]

    def _first(self) -> list[tuple[str, str]]:
        return first_of(self.bad)


def first_of(bad: Sequence[Bad]) -> list[tuple[str, str]]:
    """Return the places of the first few bad rows, and what is wrong with them."""
    return [(f"{row.source}:{row.line}" if row.line else row.source, row.reason) for row in bad[:_SHOWN]]


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: ``"1 row"``, ``"2,000 rows"``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
