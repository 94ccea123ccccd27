"""Writes a run down in a file, and reads one that was: what it told, what it came to and what it cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from ..errors import LabError
from ..files import Bad, Record, objects, whole_file
from .desk import Desk
from .train import KIND, UNFINISHED, Run, as_run, need_run

if TYPE_CHECKING:
    from ..store import RunRow

PLACE = "recorded"
REMEDY = "Write one with lab.save_run(run, path)."
FIELDS = ("name", "digest", "state", "figures", "error", "dollars")


def save(desk: Desk, trained: Run, path: str | Path) -> Path:
    """Write a run and its events; see `labkit.Lab.save_run`."""
    row = desk.store.runs.get(need_run(trained).row.id)
    if row.state in UNFINISHED:
        raise LabError(f"Run {row.id} is {row.state}.", f"Wait for it: lab.attach({row.id})")
    fields: dict[str, Any] = {name: getattr(row, name) for name in FIELDS}
    fields |= {"dollars": None if row.dollars is None else float(row.dollars), "labels": row.config["labels"]}
    target = Path(path)
    with whole_file(target) as place:
        rows = [{"run": fields}, *({"event": event} for event in desk.store.runs.events(row.id))]
        place.write_text("".join(json.dumps(each) + "\n" for each in rows), "utf-8")
    return target


def load(desk: Desk, path: str | Path) -> Run:
    """Read a run that was written down, once; see `labkit.Lab.load_run`."""
    source = desk.project.path(path)
    rows = [row for row in objects(source, source.name) if _refuse(row)]
    if not rows or {*FIELDS, "labels"} - set(rows[0].fields.get("run") or {}):
        raise LabError(f"The first line of {source.name} is no run.", REMEDY)
    given, told = rows[0].fields["run"], [row.fields.get("event", {}) for row in rows[1:]]
    given["digest"] = f"{PLACE} {given['digest']}"  # it is no model that could be taken for a training's
    return as_run(desk, _known(desk, given) or _keep(desk, given, told))


def _refuse(row: Record | Bad) -> TypeGuard[Record]:
    """Raise LabError for a line that can't be read."""
    if isinstance(row, Bad):
        raise LabError(f"{row.source}, line {row.line}: {row.reason}.", REMEDY)
    return True


def _known(desk: Desk, given: dict[str, Any]) -> RunRow | None:
    """Return the row of a run that was read before, or None."""
    runs = desk.store.runs.frame(desk.number)
    ids = runs[(runs.place == PLACE) & (runs["name"] == given["name"])].run
    rows = [desk.store.runs.get(int(id_)) for id_ in ids]
    return next((row for row in rows if row.digest == given["digest"] and row.figures == given["figures"]), None)


def _keep(desk: Desk, given: dict[str, Any], told: list[dict[str, Any]]) -> RunRow:
    """Add a run to the store, as it was."""
    runs = desk.store.runs
    id_ = runs.begin(desk.number, KIND, given["name"], given["digest"], {"labels": given["labels"]}, PLACE)
    runs.hear(id_, told, given["figures"], given["dollars"] or 0.0)
    runs.end(id_, given["state"], given["figures"], None, given["error"], given["dollars"])
    return runs.get(id_)
