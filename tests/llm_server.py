"""An OpenAI-compatible chat endpoint on loopback that answers, delays and fails as it is told, the same each time.

What it does with a request depends on its seed, the prompt, and how often that prompt was asked, and on nothing
else: not on the order or the time in which requests arrive. As a script it serves until it is killed, and prints its
address: ``python -m tests.llm_server --latency 0.2``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlsplit

LABELS = ("BUG", "DOCUMENTATION")
FAULTS = ("429", "500", "401", "404", "truncated", "no choices", "html", "dropped", "slow")
"""What can go wrong. `slow` answers after ten times the latency and half a second."""


@dataclass
class Request:
    """One request, as it arrived."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: dict[str, Any]
    arrived: float
    fault: str | None = None

    @property
    def prompt(self) -> str:
        """The prompt."""
        return str(self.body["messages"][0]["content"])


def labels_of(prompt: str) -> str:
    """Return the answer to a prompt: none, one or both of the labels, by its hash."""
    some = random.Random(prompt).sample(LABELS, random.Random(prompt + "!").randint(0, 2))
    return ", ".join(sorted(some)) or "==NONE=="


@dataclass
class LLMServer:
    """One endpoint.

    Parameters
    ----------
    latency : float
        Seconds until an answer.
    share : float
        The share of requests that fail.
    faults : sequence of str
        How they fail, each as often as the others; of `FAULTS`.
    reply : callable
        The text of the answer to a prompt. A refusal where it starts with "refuse:".
    finish : str
        The finish reason.
    key : str or None
        The only key that is let in, as a bearer token or under ``api-key``.
    model : str or None
        The only model that is there.
    retry_after : str
        What a 429 says.
    tokens : tuple of int
        Tokens in and out of each answer.
    redirect : str
        Where to send everyone who asks here.
    remember : bool
        Whether to keep the requests.
    """

    latency: float = 0.0
    share: float = 0.0
    faults: Sequence[str] = FAULTS
    seed: int = 0
    reply: Callable[[str], str] = labels_of
    finish: str = "stop"
    key: str | None = None
    model: str | None = None
    retry_after: str = "0"
    tokens: tuple[int, int] = (100, 2)
    redirect: str = ""
    remember: bool = True
    requests: list[Request] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    """How often each prompt was answered, and paid for."""
    asked: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    url: str = ""

    async def serve(self, started: Callable[[], None], port: int = 0) -> None:
        """Listen until cancelled."""
        server = await asyncio.start_server(self._connection, "127.0.0.1", port, backlog=1024, limit=2**24)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        started()
        async with server:
            await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests, one after the other."""
        self.connections += 1
        try:
            while request := await self._read(reader):
                if not await self._answer(request, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Request:
        """Read one request."""
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        target = urlsplit(first.split()[1])
        body = json.loads(content) if content else {"messages": [{"content": ""}]}
        return Request(target.path, dict(parse_qsl(target.query)), headers, body, monotonic())

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Send what a request gets, and say whether the connection goes on."""
        if self.remember:
            self.requests.append(request)
        prompt = request.prompt
        self.asked[prompt] += 1
        fault = request.fault = self._refusal(request) or self._fault(prompt)
        await asyncio.sleep(self.latency * 10 + 0.5 if fault == "slow" else self.latency)
        if fault == "dropped":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            return False
        status, extra, content = self._response(request, fault)
        head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n{extra}\r\n"
        writer.write(head.encode() + content)
        await writer.drain()
        if status == 200 and fault in (None, "slow"):
            self.answers[prompt] += 1
        return True

    def _refusal(self, request: Request) -> str | None:
        """Return how a request fails that has the wrong key, model or path."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ") or request.headers.get("api-key")
        if self.key is not None and token != self.key:
            return "401"
        wrong = self.model is not None and request.body.get("model") != self.model
        if self.redirect:
            return "302"
        return "404" if wrong or not request.path.endswith("/chat/completions") else None

    def _fault(self, prompt: str) -> str | None:
        """Return how this attempt at a prompt fails, or None."""
        dice = random.Random(f"{self.seed} {self.asked[prompt]} {prompt}")
        return dice.choice(self.faults) if dice.random() < self.share else None

    def _response(self, request: Request, fault: str | None) -> tuple[int, str, bytes]:
        """Return status, further headers and body."""
        said = request.headers.get("authorization") or request.headers.get("api-key")
        if fault == "401":  # some servers repeat the key that they refuse
            return 401, "", _json({"error": {"message": f"Incorrect API key provided: {said}"}})
        if fault == "302":
            return 302, f"Location: {self.redirect}/chat/completions\r\n", b""
        if fault == "404":
            return 404, "", _json({"error": {"message": f"The model does not exist. You sent {said}"}})
        if fault == "429":
            return 429, f"Retry-After: {self.retry_after}\r\n", _json({"error": {"message": "Rate limit reached"}})
        if fault == "500":
            return 500, "", _json({"error": {"message": f"The server had an error while processing {said}"}})
        if fault == "html":
            return 200, "", b"<!doctype html><title>Gateway</title>"
        if fault == "no choices":
            return 200, "", _json({"choices": []})
        body = _json(self._completion(request))
        return 200, "", body[: len(body) // 2] if fault == "truncated" else body

    def _completion(self, request: Request) -> dict[str, Any]:
        """Return the body of a good answer, in the form that the request asks for."""
        text = self.reply(request.prompt)
        if "response_format" in request.body:
            schema = request.body["response_format"]["json_schema"]["schema"]["properties"]
            names = [] if text == "==NONE==" else text.split(", ")
            text = json.dumps({"labels": names} if "labels" in schema else {"label": text})
        refused = text.startswith("refuse:")
        message = {"role": "assistant", "content": None if refused else text, "refusal": text if refused else None}
        choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": self.finish}
        if request.body.get("logprobs"):
            choice["logprobs"] = {"content": [{"token": "x", "logprob": -0.25}, {"token": "y", "logprob": -0.05}]}
        usage = {"prompt_tokens": self.tokens[0], "completion_tokens": self.tokens[1]}
        return {"object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


@contextmanager
def serving(server: LLMServer) -> Iterator[LLMServer]:
    """Serve from a thread of this process."""
    started = threading.Event()
    end: list[Callable[[], object]] = []

    async def run() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        end.append(lambda: loop.call_soon_threadsafe(task.cancel))
        with suppress(asyncio.CancelledError):
            await server.serve(started.set)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    try:
        assert started.wait(60)
        yield server
    finally:
        end[0]()
        thread.join(10)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--share", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    running = LLMServer(arguments.latency, arguments.share, seed=arguments.seed, remember=False)
    asyncio.run(running.serve(lambda: print(running.url, flush=True), arguments.port))
