"""What the stand-in keeps of a call: its inputs, its containers, its app."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
from pathlib import Path

import grpclib.server
from modal_proto import api_pb2 as pb

Result = pb.GenericResult


def token(**fields) -> str:  # the client reads the payload and never checks a signature
    enc = lambda o: base64.urlsafe_b64encode(json.dumps(o).encode()).rstrip(b"=").decode()  # noqa: E731
    return f"{enc({'alg': 'none'})}.{enc(fields)}."


def claims(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@dataclasses.dataclass
class Input:
    id: str
    idx: int
    call: Call
    proto: pb.FunctionInput
    retry: int = 0
    task: Task | None = None
    timer: asyncio.TimerHandle | None = None
    done: bool = False


@dataclasses.dataclass
class Call:
    id: str
    fn: str
    invocation: int
    inputs: dict[str, Input] = dataclasses.field(default_factory=dict)
    outputs: list = dataclasses.field(default_factory=list)
    chunks: list = dataclasses.field(default_factory=list)

    def unfinished(self) -> int:
        return sum(not i.done for i in self.inputs.values())


@dataclasses.dataclass
class Task:  # one "container"
    id: str
    fn: str
    app: str
    dir: Path
    proc: asyncio.subprocess.Process | None = None
    server: grpclib.server.Server | None = None
    stopping: bool = False
    running: set = dataclasses.field(default_factory=set)


@dataclasses.dataclass
class App:
    id: str
    name: str = ""
    state: int = pb.APP_STATE_INITIALIZING
    functions: dict = dataclasses.field(default_factory=dict)
    classes: dict = dataclasses.field(default_factory=dict)
    logs: list = dataclasses.field(default_factory=list)
    disconnect: pb.AppClientDisconnectRequest | None = None

    @property
    def stopped(self) -> bool:
        return self.state == pb.APP_STATE_STOPPED
