"""``python -m tests.modal_server`` serves until it is interrupted, and prints what leads a client there."""

from __future__ import annotations

import contextlib
import threading

from .server import ModalServer

if __name__ == "__main__":
    with ModalServer() as server:
        print("\n".join(f"export {k}={v}" for k, v in server.env().items()), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
