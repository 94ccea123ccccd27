"""What people did, as rows that outlive the process: committed, and taken up by the next process where they are not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from ..errors import LabError
from ..store import Annotation, Store, orphans
from .desk import Desk


def folder(desk: Desk) -> Path:
    """Return where the journals of a project lie: a folder for each database, whatever its address."""
    return desk.home / "journal" / desk.store.decisions.identity(desk.number)


def carry_out(store: Store, row: Mapping[str, Any], holder: UUID | None) -> None:
    """Commit a row, once however often this is called."""
    annotator, example, note, flagged = row["annotator"], row["example"], row.get("note", ""), row.get("flagged", False)
    if "mark" in row:
        store.decisions.mark(annotator, example, row["mark"], note, flagged)
        return
    said = {name: row.get(name) for name in ("value", "seconds", "decision")}
    annotation = Annotation(example, row["outcome"], source=row["source"], **said)
    store.decisions.keep(annotator, annotation, holder, note, flagged)


def recover(desk: Desk) -> int:
    """Commit what sittings wrote down whose processes died before it was committed, and end their leases.

    A row that can't be carried out, as of a text that is gone, stays in a file for people to read.

    Returns
    -------
    int
        How many rows were carried out.

    Raises
    ------
    LabError
        If the store can't be used; then nothing is lost, and the next process tries again.
    """
    if not (desk.home / "journal").is_dir():
        return 0
    count = 0
    for orphan in orphans(folder(desk)):
        refused = False
        for row in orphan.rows:
            try:
                carry_out(desk.store, row, None)
                count += 1
            except LabError:
                raise
            except Exception:  # whatever the database refuses must not stand in the way of the rest
                refused = True
        desk.store.decisions.release([orphan.holder])
        orphan.finish(refused=refused)
    return count
