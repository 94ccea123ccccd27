"""Runs at Modal: sends, follows, stops and fetches, and keeps the run's row true meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from ..cloud import Cloud, Rent
from ..cloud.failures import Cancelled, Unreachable
from ..cloud.fetching import fetch as fetch_model
from ..cloud.following import Job, ask_to_end, ended, follow, refuse_failed, started, with_call
from ..cloud.following import cancel as cancel_job
from ..cloud.training import describe_training
from ..errors import LabError
from ..progress import Progress, Report
from ..store import RunRow
from .desk import Desk
from .hearing import Ear
from .holding import held, holding
from .standing import KINDS, PLACE, finish, give_up, go, job_of, look, refresh
from .train import UNFINISHED, Run, Training, as_run, need_run

QUEUE_MINUTES = 60.0
"""How long a job may wait for its container."""


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

    def known(job: Job) -> None:
        if not desk.store.runs.know(id_, job.as_json()):
            raise _cancelled(id_)

    try:
        with go(desk) as cloud, ExitStack() as stopping:
            with holding(desk, id_):
                report(Progress("to Modal", 0, 0))
                job = describe(cloud)
                known(job)
                starting = started(
                    cloud, job, detach=detach, report=lambda stage: report(Progress(stage, 0, 0)), known=known
                )
                job = stopping.enter_context(starting)
            if not detach:
                _watch(desk, id_, cloud, job, report, detach=False, queue_minutes=queue_minutes)
    except BaseException as error:
        give_up(desk, id_, error)
        raise
    return desk.store.runs.get(id_)


def attach(desk: Desk, run: Run | int, report: Report, queue_minutes: float = QUEUE_MINUTES) -> Any:
    """Follow a run that goes on at Modal, from the first event that was not heard; see `labkit.Lab.attach`."""
    row = find(desk, run)
    if row.state in UNFINISHED:
        with go(desk) as cloud:
            if not (row.remote or {}).get("call"):
                look(desk, cloud, row)
                row = desk.store.runs.get(row.id)
            if row.state == "failed":
                raise LabError(f"Run {row.id} has failed: {row.error}", "See lab.runs().")
            if not row.remote:
                raise LabError(f"Run {row.id} is just being started.", f"In a minute: lab.attach({row.id})")
            if row.state in UNFINISHED:
                _watch(desk, row.id, cloud, job_of(row), report, detach=True, queue_minutes=queue_minutes)
    return _show(desk, row.id)


def cancel(desk: Desk, run: Run | int) -> Any:
    """Stop a run at Modal, and what it costs; see `labkit.Lab.cancel`."""
    row = find(desk, run)
    if row.state in UNFINISHED:
        with go(desk) as cloud:
            if row.remote:
                ask_to_end(cloud, job_of(row))
                Ear(desk, row.id, job_of(row)).catch_up(cloud)
                row = desk.store.runs.get(row.id)
            # From now on whoever is starting it takes it back.
            desk.store.runs.end(row.id, "stopped", row.figures, None, "It was cancelled.")
            row = desk.store.runs.get(row.id)
            if row.remote and (call := _heard(desk, row).call):
                cancel_job(cloud, call)
    return _show(desk, row.id)


def fetch(desk: Desk, run: Run | int, report: Report) -> Run:
    """Bring the model of a run home from Modal; see `labkit.Lab.fetch`."""
    row = find(desk, run)
    if row.state in UNFINISHED:
        raise LabError(f"Run {row.id} is {row.state}: there is no model yet.", f"Wait for it: lab.attach({row.id})")
    if not row.artefact:
        raise LabError(f"Run {row.id} left no model: it {row.state}.", "Train it again.")
    job, trained = job_of(row), as_run(desk, row)
    with go(desk) as cloud:
        result = ended(cloud, job)
        assert result is not None  # the row says that it ended
        fetch_model(cloud, job, result, trained.pipeline, report)
    return trained


def find(desk: Desk, run: Run | int) -> RunRow:
    """Return the row of a run at Modal, as it stands now."""
    id_ = run if isinstance(run, int) else need_run(run).row.id
    row = desk.store.runs.find(desk.number, id_)
    if row is None:
        raise LabError(f"{desk.name!r} has no run {id_}.", "See lab.runs().")
    if row.place != PLACE:
        raise LabError(f"Run {id_} was not started at Modal.", "See lab.runs() for where runs are.")
    return row


def _watch(desk: Desk, run: int, cloud: Cloud, job: Job, report: Report, *, detach: bool, queue_minutes: float) -> None:
    """Follow a run to its end. The first interrupt of one that is not detached asks it to end with the best it has."""
    ear, current = Ear(desk, run, job, report), [job]

    def moved(other: Job) -> None:
        current[0] = other
        if not desk.store.runs.know(run, other.as_json()):
            raise _cancelled(run)

    @contextmanager
    def guard(lost: Job) -> Iterator[Job]:
        with held(desk, run):
            row = desk.store.runs.get(run)
            if row.state not in UNFINISHED:
                raise _cancelled(run)
            current[0] = job_of(row)
            yield current[0]

    for patient in (not detach, False):
        told = len(ear.events)
        try:
            result = follow(
                cloud, current[0], told, ear, moved, detach=detach, queue_minutes=queue_minutes, guard=guard
            )
            break
        except KeyboardInterrupt:
            if not patient:
                if not detach:
                    cancel_job(cloud, current[0].call)
                raise
            report(Progress("ends with the best model so far", 0, 0))
            ask_to_end(cloud, current[0])
        except LabError as error:
            if not isinstance(error, Unreachable):
                give_up(desk, run, error)
            raise
    finish(desk, run, current[0], ear, result)
    refuse_failed(result)


def _under_way(desk: Desk, digest: str) -> RunRow | None:
    """Return a run of the same inputs that has not ended, as far as can be seen."""
    refresh(desk)
    rows = [row for row in desk.store.runs.open(desk.number, PLACE) if row.digest == digest]
    return rows[-1] if rows else None


def _heard(desk: Desk, row: RunRow) -> Job:
    """Return what a run is at Modal, with the call that its events name where the row knows none."""
    return with_call(job_of(row), desk.store.runs.events(row.id))


def _cancelled(run: int) -> Cancelled:
    """Say that somebody stopped a run."""
    return Cancelled(f"Run {run} was cancelled.", "Start it again: what is on the volume is kept.")


def _show(desk: Desk, run: int) -> Any:
    """Return what a cell shows of a run."""
    row = desk.store.runs.get(run)
    return KINDS[row.kind].show(desk, row)
