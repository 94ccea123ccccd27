"""What runs in the container of a rented engine: vLLM's server, and the way in for requests.

Nothing but this container reaches the server: requests come as inputs of a Modal function, so there is no public
address, and no key for one that could get lost.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from ..errors import LabError

if TYPE_CHECKING:
    import aiohttp

HOST = "127.0.0.1"
LOOK_SECONDS = 0.5
ENV = {"VLLM_NO_USAGE_STATS": "1"}
"""vLLM sends statistics of its use to its authors otherwise."""

MEMORY = ("out of memory", "no available memory for the cache", "larger than the available kv cache memory")
"""What vLLM says in lower case where a GPU is too small: PyTorch's words, and its own for the cache."""


class Answer(NamedTuple):
    """The engine's answer to one request: HTTP status, the headers that matter, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Engine:
    """vLLM's server, one a container; it and its connections end with the container."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.process: asyncio.subprocess.Process | None = None
        self.lines: deque[str] = deque(maxlen=200)
        self.ready = False
        self.address = ""
        self.lock = asyncio.Lock()
        self._reading: asyncio.Task[None] | None = None

    async def start(self, command: Sequence[str]) -> None:
        """Start the server, where it is not running."""
        if self.process is not None and self.process.returncode is None:
            return
        self.ready = False
        self.lines.clear()
        port = _free_port()
        self.address = f"http://{HOST}:{port}"
        try:
            self.process = await asyncio.create_subprocess_exec(
                *command,
                *("--host", HOST, "--port", str(port)),
                env={**os.environ, **ENV},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        except FileNotFoundError:
            raise LabError(f"The container has no program called {command[0]!r}.", "Mend the engine's image.") from None
        self._reading = asyncio.create_task(self._read(self.process))

    async def wait(self, command: Sequence[str], seconds: float) -> None:
        """Wait until it answers; a LabError says why it does not."""
        end = monotonic() + seconds
        while not self.ready:
            assert self.process is not None
            assert self._reading is not None
            if self.process.returncode is not None:
                await self._reading
                raise why(command[2], list(self.lines))
            if monotonic() > end:
                raise LabError(
                    f"vLLM did not answer within {seconds / 60:g} minutes.",
                    "Raise startup_minutes under [engine], or take a smaller model.",
                )
            self.ready = await self._healthy()
            if not self.ready:
                await asyncio.sleep(LOOK_SECONDS)

    async def _healthy(self) -> bool:
        """Say whether the server says that it is well."""
        import aiohttp

        try:
            async with self.session.get(f"{self.address}/health") as said:
                return said.status == 200
        except aiohttp.ClientError:
            return False

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Keep the server's last lines, and show all of them in the container's log."""
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self.lines.append(line.decode("utf-8", "replace").rstrip())
            sys.stdout.write(self.lines[-1] + "\n")
        await process.wait()


async def answer(command: Sequence[str], seconds: float, path: str = "", body: bytes | None = None) -> Answer:
    """Start the engine where it is not running, wait until it answers, and pass a request on.

    Parameters
    ----------
    command : sequence of str
        The command line of the engine; the third word is the model.
    seconds : float
        How long the engine may take until it answers.
    path : str
        Where the request goes; ``""`` passes none on.
    body : bytes, optional
        The request's JSON.

    Raises
    ------
    LabError
        If the engine does not start; with its last words.
    """
    engine = _engine()
    async with engine.lock:
        await engine.start(command)
        await engine.wait(command, seconds)
    if not path:
        return Answer(200, {}, b"")
    json = {"Content-Type": "application/json"}
    async with engine.session.post(engine.address + path, data=body, headers=json) as said:
        kept = {name: said.headers[name] for name in ("Content-Type", "Retry-After") if name in said.headers}
        return Answer(said.status, kept, await said.read())


def _free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


@cache
def _engine() -> _Engine:
    """Return this container's engine; Modal runs all of a container's asynchronous inputs in one loop."""
    import aiohttp

    return _Engine(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))


def why(model: str, lines: Sequence[str]) -> LabError:
    """Return the error that says why vLLM ended, from its last lines.

    Examples
    --------
    >>> print(why("m", ["INFO", "ValueError: the model has no chat template"]))
    vLLM ended before it answered: ValueError: the model has no chat template. Mend [engine] in the configuration; ...
    """
    said = "\n".join(lines).lower()
    if any(words in said for words in MEMORY):
        return LabError(
            f"The GPU's memory does not hold {model!r} with these options.",
            "Halve max_model_len under [engine.options], or name a larger GPU.",
        )
    errors = [line for line in lines if "error" in line.lower()] or [line for line in lines if line.strip()]
    last = " ".join(errors[-1].split()).rstrip(".") if errors else "it said nothing"
    return LabError(
        f"vLLM ended before it answered: {last}.",
        "Mend [engine] in the configuration; Modal's log of the app has all its lines.",
    )
