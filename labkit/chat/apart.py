"""Runs asynchronous work in a thread of its own, so that it also runs where a loop runs already: a notebook."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any

TICK_SECONDS = 0.2
GRACE_SECONDS = 5.0
"""How long an interrupted pass waits for answers that are on their way. A second interrupt ends the wait."""


def run_apart(work: Coroutine[Any, Any, None], stop: Callable[[], None], tick: Callable[[], None]) -> None:
    """Run `work` to its end. Its thread has ended when this returns or raises.

    Parameters
    ----------
    work : coroutine
        What to run.
    stop : callable
        Called in the work's loop at an interrupt: it asks the work to end soon. It is cancelled if it does not.
    tick : callable
        Called here, five times a second.
    """
    inside: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = Future()

    async def main() -> None:
        inside.set_result((asyncio.get_running_loop(), asyncio.current_task()))
        await work

    with ThreadPoolExecutor(1, "labkit-chat") as thread:
        end = thread.submit(asyncio.run, main())
        try:
            while not wait([end], TICK_SECONDS).done:
                tick()
        except BaseException:
            loop, task = inside.result()
            with suppress(RuntimeError):  # the work has ended meanwhile, and its loop with it
                _end(loop, stop, task, end)
            raise
    end.result()


def _end(loop: asyncio.AbstractEventLoop, stop: Callable[[], None], task: Any, end: Future[None]) -> None:
    """Ask the work to stop, and cancel it if it has not ended after a while, or at a second interrupt."""
    try:
        loop.call_soon_threadsafe(stop)
        wait([end], GRACE_SECONDS)
    finally:
        loop.call_soon_threadsafe(task.cancel)
