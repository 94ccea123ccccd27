"""Rents an engine while a pass asks: the host that a chat with an open LLM has."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..chat import Endpoint, Estimate, Opened
from ..chat import Rent as Budget
from ..progress import Progress, Report
from ..project import read_secret
from .answering import Answer, answer
from .app import Cloud
from .engine import Engine
from .failures import LostWorker, explain
from .following import RESTARTS
from .money import Rent, dollars_a_second
from .settings import Settings

if TYPE_CHECKING:
    import modal

BASE = "nvidia/cuda:13.0.1-devel-ubuntu24.04"
"""vLLM compiles some of its kernels as it starts, for which it needs CUDA's compiler (docs.vllm.ai, installation)."""

TOKEN = "HF_TOKEN"
"""Opens weights on the Hugging Face hub that need a licence, where it is set."""

SPARE_SECONDS = 60
"""What a call may take beyond the engine's start: a request is answered in less."""


@dataclass(frozen=True)
class Hosting:
    """Has vLLM answer on a rented GPU for as long as a pass asks.

    Parameters
    ----------
    engine : Engine
        What is served, and on what.
    settings : Settings
        How the project uses Modal.
    root : Path, optional
        The folder of `.env`.
    """

    engine: Engine
    settings: Settings
    root: Path | None = None

    @property
    def rent(self) -> Rent:
        """What the engine's container is given."""
        return Rent(self.engine.gpu, timeout=int(self.engine.startup_minutes * 60) + SPARE_SECONDS, retries=0)

    @property
    def price(self) -> Decimal:
        """Dollars a second, at the most."""
        return Decimal(str(dollars_a_second(self.rent, self.settings.prices)))

    def reckon(self, asking: Estimate) -> Estimate:
        """Return an estimate of a pass with the engine's rent for a price; where nothing is asked, none is rented."""
        startup = self.engine.startup_minutes if asking.prompts else 0.0
        minutes = asking.minutes + startup
        return replace(asking, minutes=minutes, startup=startup, dollars=float(self.price) * 60 * minutes)

    @contextmanager
    def open(self, endpoint: Endpoint, budget: Decimal | None, report: Report) -> Iterator[Opened]:
        """Start the engine, wait until it answers, and stop it at the end; see `labkit.chat.host.Host`.

        Raises
        ------
        LabError
            If Modal can't be reached, or the engine does not start; with its last words.
        """
        from .doorway import doorway

        engine = self.engine
        command, startup = engine.command(), engine.startup_minutes * 60
        most = self.price * Decimal(str(engine.max_minutes * 60))
        purse = Budget(most if budget is None else min(budget, most), self.price)
        secrets = [TOKEN] if read_secret(TOKEN, self.root) else []
        with (
            Cloud(self.settings, self.root) as cloud,
            cloud.running(
                [answer],
                self.rent,
                image=self._image(),
                inputs=engine.concurrency,
                secrets=secrets,
                report=lambda stage: report(Progress(stage, 0, 0)),
            ) as functions,
        ):
            report(Progress(f"{engine.model} at Modal starts", 0, 0))
            cloud(functions["answer"].remote, command, startup)

            async def carry(path: str, body: bytes) -> Answer:
                for left in range(RESTARTS, -1, -1):
                    try:
                        said: Answer = await functions["answer"].remote.aio(command, startup, path, body)
                        return said
                    except Exception as error:  # where its container was lost, Modal starts another for the next call
                        if not left or not isinstance(explain(error), LostWorker):
                            raise
                raise AssertionError  # the loop returns or raises

            with doorway(carry) as address:
                path = urlsplit(endpoint.base_url).path.rstrip("/")
                yield Opened(replace(endpoint, base_url=f"{address}{path}"), purse)

    def _image(self) -> modal.Image:
        """Describe the engine's image: vLLM has versions of its own of much that labkit needs."""
        import modal

        image = modal.Image.from_registry(BASE, add_python=f"{sys.version_info.major}.{sys.version_info.minor}")
        image = image.entrypoint([]).uv_pip_install(f"vllm=={self.engine.vllm}", "aiohttp")
        caches = {"HF_HOME": f"{self.settings.mount}/hub", "VLLM_CACHE_ROOT": f"{self.settings.mount}/vllm"}
        return image.env(caches)
