"""What became of the texts that were read."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import Bad, JsonLines

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Ingested:
    """What a project holds after texts were read, and what was set aside.

    Parameters
    ----------
    texts : int
        Texts of the project, whenever they were read.
    splits : mapping of str to int
        Texts a split.
    repeated : int
        Rows whose text another row of the same reading had already.
    bad : sequence of Bad
        Rows that can't be used, each with its line and the reason.
    set_aside : Path or None
        The file that holds these rows; None where there are none.
    near_duplicates : DataFrame
        Pairs of texts that are nearly the same: ``key_a``, ``key_b``, ``similarity`` (0 to 1).
    labelled : int
        Texts that came with labels.
    """

    texts: int
    splits: Mapping[str, int]
    repeated: int
    bad: Sequence[Bad]
    set_aside: Path | None
    near_duplicates: pd.DataFrame
    labelled: int

    def lines(self) -> list[str]:
        """Return the report, a sentence a line; the same when the same texts are read again."""
        shares = ", ".join(f"{count:,} {split}" for split, count in self.splits.items())
        said = [f"{self.texts:,} texts: {shares}."]
        if self.repeated:
            said.append(f"{self.repeated:,} rows repeat a text that was read before.")
        if len(self.near_duplicates):
            said.append(f"{len(self.near_duplicates):,} pairs of texts are nearly the same: see .near_duplicates.")
        if self.labelled:
            said.append(f"{self.labelled:,} texts came with labels.")
        if self.bad and self.set_aside:
            said.append(f"{len(self.bad):,} rows were set aside in {self.set_aside.name}: see .bad and .set_aside.")
            reasons = Counter(row.reason for row in self.bad).most_common(5)
            said += [f"- {count:,}: {reason}" for reason, count in reasons]
        return said

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        """Show the same lines."""
        return "<br>".join(map(html.escape, self.lines()))


def set_aside(bad: Sequence[Bad], path: Path) -> Path | None:
    """Write rows that can't be used to a file, each with where it stood and why.

    Parameters
    ----------
    bad : sequence of Bad
        The rows.
    path : Path
        A JSONL file: ``source``, ``line``, ``reason``, ``raw``. It is there whole or not at all.

    Returns
    -------
    Path or None
        The file; None, and no file, where there are no rows.

    Raises
    ------
    LabError
        If the file can't be written.
    """
    if not bad:
        return None
    with JsonLines(path) as rows:
        for row in bad:
            rows.write(row._asdict())
    return path
