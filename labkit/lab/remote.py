"""Runs at Modal: sends, follows, stops and fetches, and keeps the run's row true meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..cloud import Cloud, Rent, read_settings
from ..cloud.failures import Cancelled, Unreachable
from ..cloud.fetching import fetch as fetch_model
from ..cloud.following import Job, ask_to_end, ended, follow, refuse_failed, started
from ..cloud.following import cancel as cancel_job
from ..cloud.training import describe_training
from ..errors import LabError
from ..progress import Progress, Report
from ..store import RunRow
from . import passing
from .desk import Desk
from .hearing import Ear
from .train import FIGURES, KIND, UNFINISHED, Run, Training, as_run

PLACE = "modal"
QUEUE_MINUTES = 60.0
"""How long a job may wait for its container."""


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


def train(
    desk: Desk, training: Training, report: Report, *, rent: Rent, seconds: float, detach: bool, queue_minutes: float
) -> Run:
    """Train in a container; the same training is not started twice."""
    row = _under_way(desk, training.digest)
    if row is None:

        def describe(cloud: Cloud) -> Job:
            return describe_training(cloud, training.config, desk.task, training.sets, rent, seconds)

        row = run(desk, training.begin(desk, PLACE), describe, report, detach=detach, queue_minutes=queue_minutes)
    elif not detach:
        attach(desk, row.id, report)
        row = desk.store.runs.get(row.id)
    return as_run(desk, row)


def run(
    desk: Desk,
    id_: int,
    describe: Callable[[Cloud], Job],
    report: Report,
    *,
    detach: bool,
    queue_minutes: float = QUEUE_MINUTES,
) -> RunRow:
    """Run a job for a run that has begun. Detached, return at once; else follow it, and stop it with this kernel.

    Parameters
    ----------
    desk : Desk
        The project.
    id_ : int
        The run.
    describe : callable
        Puts the job on the volume, and returns it.
    report : callable
        Is told what the job tells.
    detach : bool
        Whether it goes on by itself.
    queue_minutes : float
        How long it may wait for its container.
    """
    try:
        with _cloud(desk) as cloud:
            report(Progress("to Modal", 0, 0))
            job = describe(cloud)
            desk.store.runs.know(id_, job.as_json())
            with started(cloud, job, detach=detach, report=lambda stage: report(Progress(stage, 0, 0))) as job:
                desk.store.runs.know(id_, job.as_json())
                if not detach:
                    _watch(desk, id_, cloud, job, report, detach=False, queue_minutes=queue_minutes)
    except BaseException as error:
        _give_up(desk, id_, error)
        raise
    return desk.store.runs.get(id_)


def attach(desk: Desk, run: Run | int, report: Report, queue_minutes: float = QUEUE_MINUTES) -> Any:
    """Follow a run that goes on at Modal, from the first event that was not heard; see `labkit.Lab.attach`."""
    row = find(desk, run)
    if row.state in UNFINISHED:
        with _cloud(desk) as cloud:
            _watch(desk, row.id, cloud, _job(row), report, detach=True, queue_minutes=queue_minutes)
    return _show(desk, row.id)


def cancel(desk: Desk, run: Run | int) -> Any:
    """Stop a run at Modal, and what it costs; see `labkit.Lab.cancel`."""
    row = find(desk, run)
    if row.state in UNFINISHED:
        with _cloud(desk) as cloud:
            job = _job(row)
            ask_to_end(cloud, job)
            if job.call:
                cancel_job(cloud, job)
            Ear(desk, row.id, job).catch_up(cloud)
        row = desk.store.runs.get(row.id)
        desk.store.runs.end(row.id, "stopped", row.figures, None, "It was cancelled.")
    return _show(desk, row.id)


def fetch(desk: Desk, run: Run | int, report: Report) -> Run:
    """Bring the model of a run home from Modal; see `labkit.Lab.fetch`."""
    row = find(desk, run)
    if row.state in UNFINISHED:
        raise LabError(f"Run {row.id} is {row.state}: there is no model yet.", f"Wait for it: lab.attach({row.id})")
    if not row.artefact:
        raise LabError(f"Run {row.id} left no model: it {row.state}.", "Train it again.")
    job, trained = _job(row), as_run(desk, row)
    with _cloud(desk) as cloud:
        result = ended(cloud, job)
        assert result is not None  # the row says that it ended
        fetch_model(cloud, job, result, trained.pipeline, report)
    return trained


def refresh(desk: Desk) -> None:
    """Look how the project's runs at Modal stand, and write it down; without a network nothing is written."""
    rows = [row for row in desk.store.runs.open(desk.number, PLACE) if row.remote]
    if not rows:
        return
    with suppress(LabError), _cloud(desk) as cloud:
        for row in rows:
            _look(desk, cloud, row)


def find(desk: Desk, run: Run | int) -> RunRow:
    """Return the row of a run at Modal, as it stands now."""
    id_ = run.row.id if isinstance(run, Run) else run
    row = desk.store.runs.find(desk.number, id_)
    if row is None:
        raise LabError(f"{desk.name!r} has no run {id_}.", "See lab.runs().")
    if not row.remote:
        raise LabError(f"Run {id_} was not started at Modal.", "See lab.runs() for where runs are.")
    return row


def _watch(desk: Desk, run: int, cloud: Cloud, job: Job, report: Report, *, detach: bool, queue_minutes: float) -> None:
    """Follow a run to its end. The first interrupt of one that is not detached asks it to end with the best it has."""
    ear, current = Ear(desk, run, job, report), [job]

    def moved(other: Job) -> None:
        current[0] = other
        desk.store.runs.know(run, other.as_json())

    for patient in (not detach, False):
        try:
            result = follow(cloud, current[0], len(ear.events), ear, moved, detach=detach, queue_minutes=queue_minutes)
            break
        except KeyboardInterrupt:
            if not patient:
                if not detach:
                    cancel_job(cloud, current[0])
                raise
            report(Progress("ends with the best model so far", 0, 0))
            ask_to_end(cloud, current[0])
        except LabError as error:
            if not isinstance(error, Unreachable):
                _give_up(desk, run, error)
            raise
    _finish(desk, run, current[0], ear, result)
    refuse_failed(result)


def _look(desk: Desk, cloud: Cloud, row: RunRow) -> None:
    """Write down how one run stands."""
    job = _job(row)
    try:
        result = ended(cloud, job)
    except Unreachable:
        raise
    except LabError as error:
        _give_up(desk, row.id, error)
        return
    ear = Ear(desk, row.id, job)
    ear.catch_up(cloud)
    if result is not None:
        _finish(desk, row.id, job, ear, result)


def _finish(desk: Desk, run: int, job: Job, ear: Ear, result: Mapping[str, Any]) -> None:
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


def _give_up(desk: Desk, run: int, error: BaseException) -> None:
    """Write down that a run ended without a result, unless it is at an end already or may go on unseen."""
    row = desk.store.runs.get(run)
    gone_on = isinstance(error, Unreachable) and row.remote and row.remote["call"]
    if row.state not in UNFINISHED or gone_on:
        return
    stopped = isinstance(error, (Cancelled, KeyboardInterrupt))
    said = str(error) or "It was interrupted."
    desk.store.runs.end(run, "stopped" if stopped else "failed", row.figures, None, said)


def _under_way(desk: Desk, digest: str) -> RunRow | None:
    """Return a run of the same inputs that has not ended, as far as can be seen."""
    refresh(desk)
    rows = [row for row in desk.store.runs.open(desk.number, PLACE) if row.digest == digest and row.remote]
    return rows[-1] if rows else None


def _trained(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run keeps of a training."""
    return {name: result["trained"][name] for name in FIGURES}


KINDS = {KIND: Kind(_trained, as_run), passing.KIND: Kind(passing.figures, passing.show)}


def _show(desk: Desk, run: int) -> Any:
    """Return what a cell shows of a run."""
    row = desk.store.runs.get(run)
    return KINDS[row.kind].show(desk, row)


def _cloud(desk: Desk) -> Cloud:
    """Go to Modal as the project does."""
    return Cloud(read_settings(desk.project.modal), desk.project.root)


def _job(row: RunRow) -> Job:
    """Return what a run is at Modal."""
    known = dict(row.remote or {})
    known.pop("pipeline", None)
    return Job(**known)
