"""A loopback address whose requests go in at a Modal function: an endpoint for whoever speaks HTTP."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress

from .answering import Answer

Carry = Callable[[str, bytes], Awaitable[Answer]]
"""Takes a path and a body to where they are answered."""

LARGEST = 1 << 26
"""The longest request, in bytes."""


@contextmanager
def doorway(carry: Carry) -> Iterator[str]:
    """Listen on loopback, in a thread, while the context lasts.

    Parameters
    ----------
    carry : callable
        Is given each POST, and called in the thread's loop. What it raises is answered with status 502, so that a
        client that knows what to ask again does so.

    Yields
    ------
    str
        The address, without a path.
    """
    opened: Future[tuple[str, Callable[[], object]]] = Future()
    thread = threading.Thread(target=asyncio.run, args=(_listen(carry, opened),), name="labkit-doorway", daemon=True)
    thread.start()
    address, close = opened.result()
    try:
        yield address
    finally:
        close()
        thread.join()


async def _listen(carry: Carry, opened: Future[tuple[str, Callable[[], object]]]) -> None:
    """Listen until told to end."""
    from aiohttp import web

    async def take(request: web.Request) -> web.Response:
        try:
            said = await carry(request.path, await request.read())
        except Exception as error:
            return web.json_response({"error": {"message": str(error)}}, status=502)
        return web.Response(status=said.status, headers=dict(said.headers), body=said.body)

    application = web.Application(client_max_size=LARGEST)
    application.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        opened.set_result((f"http://{host}:{port}", lambda: loop.call_soon_threadsafe(end.set)))
        await end.wait()
    except BaseException as error:
        with suppress(Exception):
            opened.set_exception(error)
        raise
    finally:
        await runner.cleanup()
