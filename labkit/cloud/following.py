"""Follows a job at Modal from here: its events as they come, each once, and how it ends."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import uuid4

from ..errors import LabError
from ..progress import Progress
from . import jobs
from .app import Cloud
from .failures import Cancelled, LostWorker, RemoteTraceback, Unreachable
from .journal import EVENTS, STOP
from .money import Rent, dollars_a_second
from .volume import put, read

POLL_SECONDS = 1.0
RESTARTS = 5
"""How often a job whose container was lost is started again from here, where Modal does not do so itself."""

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Job:
    """One job at Modal; as JSON it is what a run of the store remembers of it.

    Parameters
    ----------
    function : str
        The function of `labkit.cloud.jobs` that does it.
    volume, mount : str
        The volume with its folder, and where containers see it.
    rent : mapping
        What its container is given: a `Rent`.
    extras : sequence of str
        Extras of labkit that it needs.
    price : float
        Dollars a second at the most.
    prices : mapping of str to float
        Prices that go before those of labkit.
    secrets : sequence of str
        Names of the environment variables that it needs.
    id : str
        Its folder's name.
    call : str
        Modal's name of the call that does it now; empty before it was started.
    """

    function: str
    volume: str
    mount: str
    rent: Mapping[str, Any]
    extras: Sequence[str]
    price: float
    prices: Mapping[str, float]
    secrets: Sequence[str] = ()
    id: str = field(default_factory=lambda: uuid4().hex)
    call: str = ""

    @property
    def path(self) -> str:
        """Its folder, from the volume's root."""
        return f"{jobs.JOBS}/{self.id}"

    def dollars(self, event: Event, device: str) -> float:
        """What it had cost at an event, on the GPU that it got."""
        return float(event["seconds"]) * dollars_a_second(Rent(**self.rent), self.prices, device)

    def as_json(self) -> dict[str, Any]:
        """Return what `Job` takes."""
        return asdict(self)


Known = Callable[["Job"], None]
"""Is given a job as soon as it has a call, in the thread that called; what it raises takes the call back."""


@contextmanager
def started(
    cloud: Cloud, job: Job, *, detach: bool, report: Callable[[str], None], known: Known = lambda job: None
) -> Iterator[Job]:
    """Start a job, and yield it with its call. Unless it is detached, leaving stops it; an exception always does.

    Parameters
    ----------
    cloud : Cloud
        Modal.
    job : Job
        The job.
    detach : bool
        Whether it goes on after this.
    report : callable
        Is told what is waited for.
    known : callable
        Is given the job with its call, before anything else: a call that nobody knows could not be stopped.

    Raises
    ------
    LabError
        If Modal refuses it.
    """
    function = getattr(jobs, job.function)
    begun: list[Job] = []

    def spawn(made: Mapping[str, Any]) -> None:
        call = made[job.function].spawn(job.volume, job.mount, job.id)
        begun.append(replace(job, call=call.object_id))
        known(begun[0])

    def take_back() -> None:  # an interrupt leaves the call that it interrupted behind: this comes after it
        if begun:
            _cancel(begun[0].call)

    rent = Rent(**job.rent)
    try:
        with cloud.running(
            [function], rent, extras=job.extras, secrets=job.secrets, detach=detach, report=report
        ) as made:
            cloud(spawn, made)
            yield begun[0]
    except BaseException:
        cloud.post(take_back)
        raise


def follow(
    cloud: Cloud,
    job: Job,
    told: int,
    hear: Callable[[Sequence[Event]], None],
    moved: Known,
    *,
    detach: bool,
    queue_minutes: float = 60.0,
    guard: Callable[[Job], AbstractContextManager[Job]] = nullcontext,
) -> dict[str, Any]:
    """Pass a job's events on until it ends, and return how it ended: what `labkit.cloud.jobs.perform` returns.

    A job whose container was lost for good is started again: it goes on from its last checkpoint.

    Parameters
    ----------
    cloud : Cloud
        Modal.
    job : Job
        The job.
    told : int
        How many of its events were passed on before.
    hear : callable
        Is given events that are new, in their order; nothing is lost or given twice.
    moved : callable
        Is given the job when it was started again, with its new call.
    detach : bool
        Whether a job that is started again goes on after this.
    queue_minutes : float
        How long it may wait for its container.
    guard : callable
        Keeps others from starting a lost job again meanwhile; yields it with another call where they have done so.

    Raises
    ------
    LabError
        If it was cancelled or failed, or no container came in time: then it is cancelled.
    """
    deadline = time.monotonic() + 60 * queue_minutes
    with ExitStack() as again:
        for left in range(RESTARTS, -1, -1):
            try:
                while True:
                    result = ended(cloud, job)
                    if events := read_events(cloud, job, told):
                        hear(events)
                        told += len(events)
                    if result is not None:
                        return result
                    if not told and time.monotonic() > deadline:
                        cancel(cloud, job.call)
                        raise LabError(
                            f"No container came within {queue_minutes:g} minutes: such GPUs are taken.",
                            "Name more kinds of GPU, as in gpu=['L4', 'A10G'], or try later.",
                        )
                    time.sleep(POLL_SECONDS)
            except LostWorker:
                if not left:
                    raise
                with guard(job) as now:
                    if now.call != job.call:
                        job = now
                        continue
                    job = again.enter_context(
                        started(cloud, job, detach=detach, report=lambda stage: None, known=moved)
                    )
                if detach:
                    again.close()  # to be interrupted here is no reason to stop it
    raise AssertionError  # the loop returns or raises


def ended(cloud: Cloud, job: Job) -> dict[str, Any] | None:
    """Return how a job ended, or None while it runs or waits.

    Raises
    ------
    LabError
        If it ended without a result: cancelled, lost, or out of time.
    """
    try:
        found: dict[str, Any] | None = cloud(_answer, job.call) if job.call else _written(cloud, job)
    except Unreachable:
        raise
    except LabError:
        found = _written(cloud, job)  # Modal forgets answers after a week
        if found is None:
            raise
    return found


def _written(cloud: Cloud, job: Job) -> dict[str, Any] | None:
    """Return the result that a job left on the volume, or None."""
    content = read(cloud, f"{job.path}/{jobs.RESULT}")
    found: dict[str, Any] | None = None if content is None else json.loads(content)
    return found


def refuse_failed(result: Mapping[str, Any]) -> None:
    """Raise what a job's result says that went wrong there."""
    if result["state"] == "failed":
        lines = result["traceback"]
        raise LabError(result["problem"], result["remedy"]) from (RemoteTraceback(lines) if lines else None)


def read_events(cloud: Cloud, job: Job, told: int) -> list[Event]:
    """Return a job's events from number `told` on; half a line that is being written waits for its end."""
    content = read(cloud, f"{job.path}/{EVENTS}") or b""
    lines = content[: content.rfind(b"\n") + 1].splitlines()
    return [json.loads(line) for line in lines[told:]]


def as_progress(job: Job, event: Event, device: str) -> Progress:
    """Return an event as the monitor shows it."""
    if "stage" not in event:
        return Progress("begins", 0, 0, elapsed=event["seconds"], device=device)
    asked = event["figures"].get("dollars", 0.0)  # of an LLM: what it cost by then
    figures = {**event["figures"], "dollars": asked + job.dollars(event, device)}
    return Progress(event["stage"], event["done"], event["total"], figures, event["seconds"], device)


def ask_to_end(cloud: Cloud, job: Job) -> None:
    """Ask a job to end soon, with the best that it has."""
    put(cloud, {f"{job.path}/{STOP}": b"1"})


def cancel(cloud: Cloud, call: str) -> None:
    """Stop the call of a job at once, and what it costs."""
    with suppress(Cancelled):
        cloud(_cancel, call)


def with_call(job: Job, events: Sequence[Event]) -> Job:
    """Return a job with the call that its own events name, where nobody else could note it."""
    calls = [str(event["call"]) for event in events if event.get("call")]
    return replace(job, call=calls[-1]) if calls and not job.call else job


def _answer(call: str) -> dict[str, Any] | None:
    """Return what a call returned, or None while it has not."""
    import modal

    try:
        answer: dict[str, Any] = modal.FunctionCall.from_id(call).get(timeout=0)
    except TimeoutError:
        return None
    return answer


def _cancel(call: str) -> None:
    """Cancel a call, and end its container."""
    import modal

    modal.FunctionCall.from_id(call).cancel(terminate_containers=True)
