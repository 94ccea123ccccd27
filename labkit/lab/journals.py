"""What people did, as rows that outlive the process: written to disk, committed, and taken up by the next process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from ..errors import LabError
from ..store import Annotation, Store, orphans
from ..tasks import Outcome
from ..widgets import Answer, Decision, Entry, Mark
from .desk import Desk

OUTCOMES = {Answer.REJECT: Outcome.REJECTED, Answer.IGNORE: Outcome.IGNORED}


def folder(desk: Desk) -> Path:
    """Return where the journals of a project lie: a folder for each database, whatever its address."""
    return desk.home / "journal" / desk.store.decisions.identity(desk.number)


def row_of(entry: Entry, annotator: int, source: str) -> dict[str, Any]:
    """Return what an entry of an annotator says, as JSON.

    An undo is named after its decision where that has a name, so that undoing it twice is undoing it once.
    """
    row: dict[str, Any] = {"annotator": annotator, "example": entry.example, "source": source}
    if isinstance(entry, Mark):
        return {**row, "mark": entry.name, "note": entry.note, "flagged": entry.flagged}
    if isinstance(entry, Decision):
        outcome = OUTCOMES.get(entry.answer, Outcome.PARSED if entry.value else Outcome.NONE)
        said = {"value": entry.value if outcome.has_value else None, "seconds": entry.seconds}
        return {
            **row,
            **said,
            "outcome": outcome,
            "decision": entry.decision,
            "note": entry.note,
            "flagged": entry.flagged,
        }
    name = str(uuid5(NAMESPACE_URL, entry.decision)) if entry.decision else entry.name
    return {**row, "outcome": Outcome.UNDONE, "decision": name}


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
