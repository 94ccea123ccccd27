"""An offline stand-in for Modal's servers, for these tests alone.

It serves the gRPC interface that ships in the `modal` wheel, so that the unmodified client talks to it; each
"container" is a process that runs the wheel's own entry point, so that arguments, exceptions, generators and
imports go through Modal's real runtime::

    with ModalServer() as server:  # sets MODAL_SERVER_URL and a token
        with app.run():
            train.remote(x)
        assert server.gpu("train") == ["L4:1"]

Not real: scheduling (processes here), image builds (recorded, never run: containers use this interpreter), GPUs
(recorded, absent), billing. Written against modal 1.6.4, whose gRPC interface is internal to Modal.
"""

from __future__ import annotations

from .server import ModalServer

__all__ = ["ModalServer"]
