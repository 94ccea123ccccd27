"""A program that takes vLLM's command line and speaks its HTTP interface, with a toy in the model's place.

It refuses an option that vLLM does not document, says that it is well only after a while, and fails in vLLM's words
for the models called ``toy/too-large``, ``toy/unknown`` and ``toy/silent``.
"""

from __future__ import annotations

import argparse
import asyncio
import stat
import sys
import time
from pathlib import Path

from tests.llm_server import LLMServer, Request

OPTIONS = Path(__file__).with_name("vllm_options.txt")
FAILURES = {
    "toy/too-large": "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total ...",
    "toy/unknown": "OSError: toy/unknown is not a local folder and is not a valid model identifier listed on the hub",
}


def options() -> list[str]:
    """Return the options that `vllm serve` documents."""
    return [line for line in OPTIONS.read_text("utf-8").splitlines() if line.startswith("--")]


class Engine(LLMServer):
    """The server of one model: as `LLMServer`, and well at ``/health`` once it is warm."""

    warm = 0.0

    def _refusal(self, request: Request) -> str | None:
        return None if request.path == "/health" else super()._refusal(request)

    def _response(self, request: Request, fault: str | None) -> tuple[int, str, bytes]:
        if request.path == "/health":
            return (200 if time.monotonic() > self.warm else 503), "", b""
        return super()._response(request, fault)


def main() -> None:
    """Serve, as ``vllm serve MODEL --option value`` does."""
    parser = argparse.ArgumentParser("vllm", allow_abbrev=False)
    serve = parser.add_subparsers(required=True).add_parser("serve", allow_abbrev=False)
    serve.add_argument("model")
    switches = {"--enforce-eager", "--trust-remote-code", "--enable-prefix-caching"}
    for option in options():
        if option not in ("--model", "--help"):
            serve.add_argument(option, action=argparse.BooleanOptionalAction) if option in switches else (
                serve.add_argument(option)
            )
    given = parser.parse_args()
    sys.stdout.write(f"INFO vLLM API server, model {given.model}\n")
    sys.stdout.flush()
    if given.model in FAILURES:
        sys.exit(f"ERROR {FAILURES[given.model]}")
    engine = Engine(latency=0.01, model=given.model, remember=False)
    engine.warm = time.monotonic() + (3600 if given.model == "toy/silent" else 0.5)
    asyncio.run(engine.serve(lambda: None, int(given.port)))


def install(folder: Path) -> Path:
    """Write a program called vllm into a folder, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "vllm"
    root = Path(__file__).parents[2]
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(root)!r})\n"
        "from tests.cloud.vllm_engine import main\nmain()\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder
