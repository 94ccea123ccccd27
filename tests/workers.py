"""Finds the processes that work for another one."""

from contextlib import suppress

import psutil


def workers_of(pid: int | None = None) -> list[psutil.Process]:
    """Return the processes of the pools of a process: of this one if no number is given."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            found += [child] if any("popen_loky" in word for word in child.cmdline()) else []
    return found


def gone(processes: list[psutil.Process]) -> bool:
    """Whether processes end, sooner or later."""
    return not psutil.wait_procs(processes, timeout=60)[1]
