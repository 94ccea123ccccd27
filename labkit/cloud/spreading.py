"""Many calls of one function, over as many containers as there are: inputs go out as results come home."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping
from concurrent.futures import wait
from contextlib import aclosing, suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

from .app import Cloud
from .failures import in_words

if TYPE_CHECKING:
    import modal

GRACE_SECONDS = 30.0
"""How long leaving waits for calls that are under way to be given up."""

_END = object()


def spread(
    cloud: Cloud,
    function: modal.Function[Any, Any, Any],
    inputs: Iterator[Any],
    *,
    shared: Mapping[str, Any],
    ahead: int,
    ordered: bool = False,
    end: float = math.inf,
) -> Generator[Any, None, None]:
    """Yield what a function returns for each input, or the exception that it ended with.

    Inputs are read and sent, and results fetched, while the caller works on an earlier result.

    Parameters
    ----------
    cloud : Cloud
        Where the function runs.
    function : modal.Function
        One of a running app. It takes an input, and `shared` by name.
    inputs : iterator
        What it is called with; read in another thread, as far as `ahead` allows.
    shared : mapping of str to object
        What is the same for all calls.
    ahead : int
        How many inputs may be on their way, worked on, or have a result that was not asked for yet.
    ordered : bool
        Whether results come in the order of the inputs, and not as they are ready.
    end : float
        By the monotonic clock, when what is not done is given up.

    Raises
    ------
    LabError
        If the app is stopped or Modal is lost. What `inputs` raises is raised here.
    TimeoutError
        If a result does not come before `end`.
    """
    flow = _Flow(function, inputs, dict(shared), ahead, ordered)
    future = cloud.post(lambda: asyncio.run(flow.run()))
    future.add_done_callback(lambda _: flow.results.put(_END))
    try:
        while (result := flow.wait(end)) is not _END:
            yield result
            flow.make_room()
        with in_words():
            future.result()
    finally:
        flow.give_up()
        wait([future], GRACE_SECONDS)


class _Flow:
    """What goes on in the thread that calls Modal."""

    def __init__(
        self,
        function: modal.Function[Any, Any, Any],
        inputs: Iterator[Any],
        shared: dict[str, Any],
        ahead: int,
        ordered: bool,
    ) -> None:
        self._function, self._inputs, self._shared, self._ordered = function, inputs, shared, ordered
        self._room = asyncio.Semaphore(ahead)
        self.results: SimpleQueue[Any] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._given_up = False

    async def run(self) -> None:
        """Send inputs, and hand on results."""
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        if self._given_up:
            return
        results = self._function.map.aio(
            self._feed(), kwargs=self._shared, order_outputs=self._ordered, return_exceptions=True
        )
        async with aclosing(results) as stream:
            async for result in stream:
                self.results.put(result)

    async def _feed(self) -> AsyncGenerator[Any, None]:
        """Yield inputs, each once there is room for it; reading them blocks no other call."""
        while True:
            await self._room.acquire()
            given = await asyncio.to_thread(next, self._inputs, _END)
            if given is _END:
                return
            yield given

    def wait(self, end: float) -> Any:
        """Return the next result, or raise TimeoutError at a time of the monotonic clock."""
        try:
            return self.results.get(timeout=None if end == math.inf else max(0.0, end - monotonic()))
        except Empty:
            raise TimeoutError from None

    def make_room(self) -> None:
        """Let one input more go out."""
        self._ask(self._room.release)

    def give_up(self) -> None:
        """End what is under way, also where it has not begun."""
        self._given_up = True
        if self._task:
            self._ask(self._task.cancel)

    def _ask(self, what: Callable[[], object]) -> None:
        """Have something done in that thread, if it still goes on."""
        if self._loop:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(what)
