"""What tests run in containers of the stand-in."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path
from typing import Any

from labkit.cloud.jobs import JOBS, RESULT, perform
from labkit.errors import LabError


class OutOfMemoryError(RuntimeError):
    """What PyTorch raises for a GPU that is full goes by this name."""


ERRORS = {
    "gpu": OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    "memory": MemoryError(),
    "full": OSError(errno.ENOSPC, "No space left on device"),
    "module": ModuleNotFoundError("No module named 'quantum'", name="quantum"),
    "foreseen": LabError("There is no text to train on.", "Label some texts first."),
    "unforeseen": KeyError("nobody foresaw this"),
}


def double(number: int) -> int:
    """Return twice a number."""
    return 2 * number


def fail() -> None:
    """Raise what nobody foresaw."""
    raise KeyError("nobody foresaw this")


def sleep() -> None:
    """Take too long."""
    time.sleep(600)


def break_down(volume: str, mount: str, job: str) -> dict[str, Any]:
    """Do a job that goes wrong in the way that it is given."""

    def work(folder, given, journal):
        raise ERRORS[given["error"]]

    return perform(volume, mount, job, work)


def finish_and_be_lost(volume: str, mount: str, job: str) -> dict[str, Any]:
    """Do a job once, and be lost before its result is returned."""

    def work(folder, given, journal):
        with (folder / "worked").open("a") as times:
            times.write("x")
        return {"state": "done", "why": None}

    before = (Path(mount) / JOBS / job / RESULT).exists()
    result = perform(volume, mount, job, work)
    if not before:
        os.kill(os.getpid(), signal.SIGKILL)
    return result


def variables() -> dict[str, str]:
    """Return the environment's variables."""
    return dict(os.environ)
