"""How runs at Modal stand: looked up there, and written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..cloud import Cloud, read_settings
from ..cloud.failures import Cancelled, Unreachable
from ..cloud.following import Job, ask_to_end, ended, with_call
from ..errors import LabError
from ..store import RunRow
from . import passing
from .desk import Desk
from .hearing import Ear
from .train import FIGURES, KIND, UNFINISHED, as_run

PLACE = "modal"
ABANDONED = "The kernel that started it ended before Modal had it."


@dataclass(frozen=True)
class Kind:
    """What is particular to runs of one kind.

    Parameters
    ----------
    figures : callable
        Returns what a run keeps of its job's result.
    show : callable
        Returns what a cell shows of a run.
    """

    figures: Callable[[Mapping[str, Any]], dict[str, Any]]
    show: Callable[[Desk, RunRow], Any]


def refresh(desk: Desk) -> None:
    """Look how the project's runs at Modal stand, and write it down; without a network nothing is written."""
    rows = desk.store.runs.open(desk.number, PLACE)
    for row in rows:
        if not row.remote:
            _bury(desk, row)
    if sent := [row for row in rows if row.remote]:
        with suppress(LabError), go(desk) as cloud:
            for row in sent:
                look(desk, cloud, row)


def look(desk: Desk, cloud: Cloud, row: RunRow) -> None:
    """Write down how one run stands."""
    if not row.remote:
        _bury(desk, row)
        return
    ear = Ear(desk, row.id, job_of(row))
    ear.catch_up(cloud)
    job = with_call(job_of(row), ear.events)
    if job.call and not job_of(row).call:  # who started it ended before it could note the call
        desk.store.runs.know(row.id, job.as_json())
    try:
        result = ended(cloud, job)
    except Unreachable:
        raise
    except LabError as error:
        give_up(desk, row.id, error)
        return
    if result is not None:
        ear.catch_up(cloud)
        finish(desk, row.id, job, ear, result)
    elif not job.call and not row.held:
        ask_to_end(cloud, job)  # should it be there nevertheless, and only wait for its container
        _bury(desk, row)


def _bury(desk: Desk, row: RunRow) -> None:
    """Write down that a run will not begin, where nobody is starting it any more."""
    if not row.held:
        desk.store.runs.end(row.id, "failed", row.figures, None, f"{ABANDONED} Start it again.")


def finish(desk: Desk, run: int, job: Job, ear: Ear, result: Mapping[str, Any]) -> None:
    """Write down how a run ended, and where its model is."""
    dollars = job.dollars(result, result["device"])
    if result["state"] == "failed":
        error = f"{result['problem']} {result['remedy']}"
        desk.store.runs.end(run, "failed", ear.figures, None, error, dollars)
        return
    figures = {**KINDS[desk.store.runs.get(run).kind].figures(result), "device": result["device"]}
    artefact = None
    if model := result.get("pipeline"):
        desk.store.runs.know(run, {**job.as_json(), "pipeline": f"{job.path}/{model}"})
        artefact = f"models/{run}/{model.rpartition('/')[2]}"
    why = {"limit": "It came to its limit.", "asked": "Somebody asked it to end."}.get(result["why"] or "")
    desk.store.runs.end(run, result["state"], figures, artefact, why, dollars)


def give_up(desk: Desk, run: int, error: BaseException) -> None:
    """Write down that a run ended without a result, unless it is at an end already or may go on unseen."""
    row = desk.store.runs.get(run)
    gone_on = isinstance(error, Unreachable) and row.remote and row.remote["call"]
    if row.state not in UNFINISHED or gone_on:
        return
    stopped = isinstance(error, (Cancelled, KeyboardInterrupt))
    said = str(error) or "It was interrupted."
    desk.store.runs.end(run, "stopped" if stopped else "failed", row.figures, None, said)


def _trained(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run keeps of a training."""
    return {name: result["trained"][name] for name in FIGURES}


KINDS = {KIND: Kind(_trained, as_run), passing.KIND: Kind(passing.figures, passing.show)}


def go(desk: Desk) -> Cloud:
    """Go to Modal as the project does."""
    return Cloud(read_settings(desk.project.modal), desk.project.root)


def job_of(row: RunRow) -> Job:
    """Return what a run is at Modal."""
    known = dict(row.remote or {})
    known.pop("pipeline", None)
    return Job(**known)
