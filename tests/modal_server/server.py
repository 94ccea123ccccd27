"""The stand-in's server: Modal's gRPC interface, and the addresses that files go to."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import inspect
import logging
import os
import shutil
import threading

import aiohttp.web
import grpclib.server
from google.protobuf.empty_pb2 import Empty
from grpclib import GRPCError, Status
from modal_proto import api_grpc

from .apps import Apps
from .containers import Containers
from .functions import Functions
from .images import Images
from .inside import Inside
from .volumes import Volumes

# A killed container drops its streams; grpclib logs a traceback for each.
logging.getLogger("grpclib.server").addFilter(lambda record: record.getMessage() != "Failed to handle cancellation")


class Servicer(Apps, Images, Volumes, Functions, Inside, api_grpc.ModalClientBase):
    """All remote calls; those that the stand-in does not know answer so."""


def _expose(name: str):
    impl = getattr(Servicer, "_" + name, None)

    async def rpc(self: Servicer, stream):
        req = await stream.recv_message()
        self.world.calls.append((name, req, self.task.id if self.task else None))
        md = stream.metadata
        if self.task is None and (md.get("x-modal-token-id"), md.get("x-modal-token-secret")) != self.world.token:
            raise GRPCError(Status.UNAUTHENTICATED, "Token ID or secret is invalid (modal-server)")
        if impl is None:
            raise GRPCError(Status.UNIMPLEMENTED, f"modal-server does not implement {name}")
        out = impl(self, req)
        if inspect.isasyncgen(out):
            async for message in out:
                await stream.send_message(message)
        else:
            await stream.send_message(await out or Empty())

    setattr(Servicer, name, rpc)


for _name in list(api_grpc.ModalClientBase.__abstractmethods__):
    _expose(_name)
Servicer.__abstractmethods__ = frozenset()


class ModalServer(Containers):
    """A stand-in for Modal. As a context manager it runs, and the environment leads Modal's client to it."""

    async def _http_blob(self, req: aiohttp.web.Request):
        bid = req.match_info["id"]
        if req.method == "PUT":
            self.blobs[bid] = await req.read()
            return aiohttp.web.Response(headers={"ETag": f'"{hashlib.md5(self.blobs[bid]).hexdigest()}"'})
        return aiohttp.web.Response(body=self.blobs[bid])

    async def _http_block(self, req: aiohttp.web.Request):
        data = await req.read()
        self.files[hashlib.sha256(data).hexdigest()] = data
        self.files[hashlib.sha256(data.rstrip(b"\0")).hexdigest()] = data.rstrip(
            b"\0"
        )  # blocks are hashed without their zero tail
        return aiohttp.web.Response(body=b"ok")

    async def _http_volume(self, req: aiohttp.web.Request):
        m = req.match_info
        with self.volume_path(m["vid"], m["path"]).open("rb") as fh:
            fh.seek(int(m["lo"]))
            return aiohttp.web.Response(body=fh.read(int(m["hi"]) - int(m["lo"])))

    async def _serve(self):
        self.loop, self._pulse, self._stop = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        web = aiohttp.web.Application(client_max_size=1 << 30)
        web.add_routes(
            [
                aiohttp.web.put("/blob/{id}", self._http_blob),
                aiohttp.web.get("/blob/{id}", self._http_blob),
                aiohttp.web.put("/block", self._http_block),
                aiohttp.web.get("/vol/{vid}/{lo}/{hi}/{path:.+}", self._http_volume),
            ]
        )
        runner = aiohttp.web.AppRunner(web)
        await runner.setup()
        site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.http = _address(site)
        self.servicer = Servicer(self)
        server = grpclib.server.Server([self.servicer])
        await server.start("127.0.0.1", 0)
        self.url = _address(server)
        self._ready.set()
        await self._stop.wait()
        for app in self.apps.values():
            if not app.stopped:
                await self.stop_app(app)
        while not await self.wait(lambda: not self.tasks, 1):  # those that were just starting, too
            for task in list(self.tasks.values()):
                self.kill(task)
        server.close()
        await runner.cleanup()

    def env(self) -> dict[str, str]:
        return {
            "MODAL_SERVER_URL": self.url,
            "MODAL_TOKEN_ID": self.token[0],
            "MODAL_TOKEN_SECRET": self.token[1],
            "MODAL_CONFIG_PATH": os.devnull,
            "MODAL_ENVIRONMENT": "main",
        }

    def __enter__(self) -> ModalServer:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="modal-server", daemon=True)
        self._thread.start()
        if not self._ready.wait(60):
            raise RuntimeError("modal-server did not start")
        self._old_env = {k: os.environ.get(k) for k in self.env()}
        os.environ.update(self.env())
        _forget_env_client()
        return self

    def __exit__(self, *exc):
        with contextlib.suppress(Exception):
            _forget_env_client()
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(60)
        for k, v in self._old_env.items():
            os.environ.pop(k, None) if v is None else os.environ.__setitem__(k, v)
        for link in self._links:
            if link.is_symlink():
                link.unlink()
        shutil.rmtree(self.root, ignore_errors=True)


def _forget_env_client():
    """Close Modal's cached Client.from_env() so that the next use re-reads the environment."""
    from modal.client import Client, _Client

    if _Client._client_from_env is not None:
        client = Client.from_env()
        getattr(client, "close", None) and client.close()  # no public close() before 1.6.4
        _Client._client_from_env = None


def _address(listening) -> str:
    """Return where a server listens."""
    return f"http://127.0.0.1:{listening._server.sockets[0].getsockname()[1]}"
