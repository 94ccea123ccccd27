"""What can go wrong at Modal, each in words: one sentence of what it is, one of what to do."""

from __future__ import annotations

import errno
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import LabError, one_line

REMOTE = re.compile(r"<ta-[^>]+>:(.+)")
"""How Modal's client names a file of a container in a traceback."""

LINES = 12
"""How many of a build's last lines are shown."""


class RemoteTraceback(Exception):
    """The traceback of what was raised in a container: the cause of the `LabError` that tells of it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"\n{self.text}"


class LostWorker(LabError):
    """A container that ended without a word: pre-empted, killed, or out of memory. The same call can be made again."""


class Saved(LabError):
    """A file of labkit that was saved while it was sent. Sending it again is enough."""


class Unreachable(LabError):
    """A connection that is lost, or was never made. What runs at Modal goes on."""


class Cancelled(LabError):
    """A job that somebody stopped."""


@contextmanager
def in_words(log: list[str] | None = None) -> Iterator[None]:
    """Raise what Modal's client raises as `LabError`; what is none of Modal's passes.

    Parameters
    ----------
    log : list of str, optional
        What the build of the image has printed so far.
    """
    try:
        yield
    except LabError:
        raise
    except Exception as error:
        said = explain(error, log)
        if said is None:
            raise
        raise said from (RemoteTraceback(text) if (text := _traceback(error)) else None)


def explain(error: BaseException, log: list[str] | None = None) -> LabError | None:
    """Return what an exception of Modal's client means, or None where it is none.

    Parameters
    ----------
    error : BaseException
        What was raised.
    log : list of str, optional
        What the build of the image has printed so far.
    """
    from modal import exception as modal

    said, name = one_line(error), type(error).__name__
    if isinstance(error, modal.AuthError):
        return LabError("Modal does not know you: there is no token, or a wrong one.", "Run in a terminal: modal setup")
    if isinstance(error, modal.ImageBuildError):
        lines = "".join(log or ()).splitlines()[-LINES:]
        return LabError(
            f"Modal could not build the image: {said}." + "".join(f"\n    {line}" for line in lines),
            "The last lines say which package; install another version of it here, and start again.",
        )
    if isinstance(error, modal.FunctionTimeoutError):
        return LabError(
            f"The job did not end in time at Modal: {said}.", "Allow more with max_minutes, or give it less to do."
        )
    if isinstance(error, modal.OutputExpiredError):
        return LabError("Modal keeps results for a week, and this one is older.", "Start the job again.")
    if isinstance(error, modal.InternalFailure):
        return LostWorker(f"Modal lost the container: {said}.", "Start it again: it goes on from its last checkpoint.")
    if isinstance(error, modal.NotFoundError):
        return LabError(
            f"Modal does not find what the job needs: {said}.", "Check its name; it may be another account's."
        )
    if isinstance(error, (modal.VersionError, modal.UnimplementedError)):
        return LabError(f"Modal does not take this version of its client: {said}.", "Run: pip install -U 'modal<1.7'")
    if isinstance(error, (modal.ResourceExhaustedError, modal.PermissionDeniedError)):
        return LabError(f"Modal refuses it: {said}.", "See the limits and rights of your account at modal.com.")
    if isinstance(error, (modal.ConnectionError, modal.ServiceError, modal.ClientClosed)) or _is_network(error):
        return Unreachable(f"The connection to Modal was lost: {said}.", "Check the network; lab.attach(run) goes on.")
    if isinstance(error, modal.ExecutionError) and "was modified during build" in said:
        return Saved(f"A file was saved while it was sent to Modal: {said}.", "Start the job again.")
    if isinstance(error, modal.ExecutionError):
        return LabError(
            f"What the container answered can't be read here: {said}.",
            "Have the same versions of Python and labkit on both sides.",
        )
    if isinstance(error, modal.RemoteError):
        return _remote(said)
    if isinstance(error, ImportError) and _traceback(error):
        return _unimportable(error)
    if isinstance(error, modal.Error):
        return LabError(f"Modal says {name}: {said}.", "See modal.com/docs, or its status page.")
    return _raised(error) if _traceback(error) else None


def describe_inside(error: BaseException) -> LabError:
    """Return what was raised in a container in words, to be written down there.

    Parameters
    ----------
    error : BaseException
        What was raised.
    """
    if isinstance(error, LabError):
        return error
    said = one_line(error) or type(error).__name__
    if isinstance(error, MemoryError):
        return LabError("The container ran out of memory.", "Halve size under [training.batcher].")
    if (
        type(error).__name__ == "OutOfMemoryError"
        or "CUDA out of memory" in said
        or "cudaErrorMemoryAllocation" in said
    ):
        return LabError(
            f"The GPU ran out of memory: {said}.",
            "Halve size under [training.batcher], double accumulate_gradient, or ask for a larger GPU.",
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return LabError(
            "The volume at Modal is full.", "Remove what is old there: modal volume rm -r <volume> /jobs/<number>"
        )
    if isinstance(error, ImportError):
        return LabError(
            f"The container can't import {error.name or said}: {said}.", "Install it here too, and start again."
        )
    return _raised(error)


def _unimportable(error: ImportError) -> LabError:
    """Say that a container lacks a module."""
    return LabError(f"The container can't import it: {one_line(error)}.", "Install it here too, and start again.")


def _raised(error: BaseException) -> LabError:
    """Say that something was raised that nobody foresaw."""
    return LabError(
        f"The job raised {type(error).__name__} in its container: {one_line(error)}.",
        "The traceback from there is in the cause of this error: error.__cause__.",
    )


def _remote(said: str) -> LabError:
    """Say what the server's own word of an input that did not come back means.

    What a job itself raises comes back as a result: what the server tells is of its container.
    """
    if any(word in said.lower() for word in ("cancel", "was stopped", "app stopped", "app is stopped")):
        return Cancelled("The job was cancelled.", "Start it again: what is on the volume is kept.")
    return LostWorker(
        f"The container was lost, pre-empted or out of memory: {said or 'Modal says no more'}.",
        "Start it again: it goes on from its last checkpoint. Its log: modal app logs",
    )


def _traceback(error: BaseException) -> str:
    """Return the lines of a traceback that came from a container; empty for one of this process."""
    known: dict[tuple[str, int | None], str] = getattr(error, "__line_cache__", {})
    lines = []
    for frame in traceback.extract_tb(error.__traceback__):
        if remote := REMOTE.match(frame.filename):
            text = known.get((remote[1], frame.lineno)) or known.get((frame.filename, frame.lineno), "")
            lines.append(f'  File "{remote[1]}", line {frame.lineno}, in {frame.name}\n    {text}\n')
    return "".join([*lines, *traceback.format_exception_only(error)]) if lines else ""


def _is_network(error: BaseException) -> bool:
    """Whether an exception is the system's word on a connection."""
    import socket

    return isinstance(error, (ConnectionError, socket.gaierror)) or (
        isinstance(error, OSError) and error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ETIMEDOUT)
    )
