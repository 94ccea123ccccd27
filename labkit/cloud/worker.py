"""A thread that makes all calls to Modal: in a notebook's own thread a loop runs already, where many of them fail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

GRACE_SECONDS = 5.0
"""How long leaving waits for a call that an interrupt left behind."""


class Worker:
    """One thread, in which functions are called one after another; waiting for them can be interrupted."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="labkit-cloud", daemon=True)
        self._thread.start()

    def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function there, and return or raise here what it does."""
        future = self.post(function, *args, **kwargs)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def post(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a function called there after those before it, and wait for nothing."""
        future: Future[T] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function(*args, **kwargs))
            except BaseException as error:
                future.set_exception(error)

        self._calls.put(call)
        return future

    def close(self) -> None:
        """End the thread once its calls are done; one that takes long is left to end by itself."""
        self._calls.put(None)
        self._thread.join(GRACE_SECONDS)

    def _work(self) -> None:
        """Call what comes."""
        while call := self._calls.get():
            call()
