"""Has work done in processes of their own, which are gone once it is done, whatever happens."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import LabError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import loky

T = TypeVar("T")
R = TypeVar("R")

FEW = 2_000
"""Things that are worth a process beside this one, which takes half a second to start."""
BATCH = 50
"""Things that are sent to it at a time."""

# The processes have the cores between them, and the last digits of a sum can depend on how many threads make it.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)

_reader: Connection  # of a process that works beside another: what it is sent


@contextmanager
def processes(count: int, begin: Callable[[], object] | None = None) -> Iterator[loky.ProcessPoolExecutor]:
    """Yield a pool of processes, and leave none behind.

    Each computes on one thread, leaves Ctrl-C to this process, and ends with it.

    Parameters
    ----------
    count : int
        How many at a time.
    begin : callable, optional
        What each does first.

    Examples
    --------
    >>> with processes(1) as pool:
    ...     pool.submit(sum, [1, 2]).result()
    3
    """
    import loky

    pool = loky.ProcessPoolExecutor(count, initializer=_begin, initargs=(os.getpid(), begin), env=_ONE_THREAD)
    try:
        yield pool
    finally:
        pool.shutdown(kill_workers=True)


def beside(work: Callable[[Iterator[T]], R], things: Iterable[T]) -> R:
    """Return what `work` makes of things: of many in a process beside this one, while this one makes the things.

    Parameters
    ----------
    work : callable
        Takes the things, one after another. Another process finds it by its name. If making a thing fails, or this
        process ends, what it takes them from raises an error, so that it can put away what it began.
    things : iterable
        Any number; they are streamed.

    Raises
    ------
    LabError
        If the other process was killed.

    Examples
    --------
    >>> beside(sum, (number for number in range(100_000)))
    4999950000
    """
    import loky
    from loky.backend import get_context

    rest = iter(things)
    first = list(islice(rest, FEW))
    if len(first) < FEW or loky.cpu_count() < 2:
        return work(chain(first, rest))
    reader, writer = get_context("loky").Pipe(duplex=False)
    try:
        with processes(1, partial(_listen, reader)) as pool:
            made = pool.submit(_work, work)
            reader.close()
            try:
                # A broken pipe: `work` has ended, and its result says why.
                with suppress(BrokenPipeError), writer:
                    _send(writer, chain(first, rest))
            finally:
                wait([made])
            return made.result()
    except LabError as error:
        raise error from None  # the traceback of the other process hangs on it
    except loky.BrokenProcessPool:
        raise LabError(
            "The process that worked beside this one was killed, perhaps for want of memory.",
            "Close what needs much of it, and do this again.",
        ) from None


def _send(writer: Connection, things: Iterator[T]) -> None:
    """Send all things, some at a time, and that these were all."""
    while batch := list(islice(things, BATCH)):
        writer.send(batch)
    writer.send(None)


def _listen(reader: Connection) -> None:
    """Keep what the other end is written to."""
    global _reader
    _reader = reader


def _work(work: Callable[[Iterator[T]], R]) -> R:
    """Work on what comes, and let the other end know once nothing more is wanted."""
    with _reader:
        return work(_received())


def _received() -> Iterator[Any]:
    """Yield the things that are sent."""
    while (batch := _reader.recv()) is not None:
        yield from batch


def _begin(parent: int, begin: Callable[[], object] | None) -> None:
    """Set a process up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if begin:
        begin()


def _end_with(parent: int) -> None:
    """End this process once its parent is gone, however that ended."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
