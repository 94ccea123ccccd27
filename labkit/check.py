"""What this machine has of what labkit needs, and the remedy for what it lacks."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from .errors import LabError

LLM_KEYS = (
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GEMINI_API_KEY",
    "MISTRAL_API_KEY",
    "OPENROUTER_API_KEY",
    "AZURE_OPENAI_API_KEY",
)
"""The variables that hold the keys of LLM services. One is enough."""

KERNEL = "python3"
"""The kernel that the notebooks name."""

SECONDS = 60
"""How long a kernel or a driver may take to answer."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for.

    Parameters
    ----------
    name : str
        What it is: ``"Store"``.
    present : bool
        Whether it is there, and works.
    words : str
        What was found; or what is missing, and the remedy. Never a secret, nor a part of one.
    required : bool
        Whether nothing works without it.

    Examples
    --------
    >>> print(Finding("GPU", False, "No NVIDIA GPU answers."))
    none     GPU          No NVIDIA GPU answers.
    """

    name: str
    present: bool
    words: str
    required: bool = False

    def __str__(self) -> str:
        sign = "ok" if self.present else "MISSING" if self.required else "none"
        return f"{sign:<8} {self.name:<12} {self.words}"


def examine() -> Iterator[Finding]:
    """Look for Python, the store, an LLM key, a Modal token, a GPU and a kernel, in this order.

    Yields
    ------
    Finding
        One for each. Python, the store and the kernel are required.

    Notes
    -----
    The embedded store and a kernel are started for a moment, which takes about three seconds. Nothing is
    asked of a service: that a key is there does not say that it is valid.

    Examples
    --------
    >>> [finding.name for finding in examine()]
    ['Python', 'Store', 'LLM key', 'Modal token', 'GPU', 'Kernel']
    """
    yield _look("Python", _python, required=True)
    yield _look("Store", _store, required=True)
    yield _look("LLM key", _llm_key)
    yield _look("Modal token", _modal_token)
    yield _look("GPU", _gpu)
    yield _look("Kernel", _kernel, required=True)


def _look(name: str, probe: Callable[[], str], required: bool = False) -> Finding:
    """Run a probe, which says what it found or raises LabError."""
    try:
        return Finding(name, True, probe(), required)
    except LabError as error:
        return Finding(name, False, str(error), required)
    except ImportError as error:
        return Finding(name, False, f"The package {error.name} is not installed. Run `make lab`.", required)


def _python() -> str:
    """Say which Python runs this."""
    found = f"{platform.python_version()} at {sys.executable}"
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise LabError(f"{found} is not 3.11 to 3.13.", "Install one of these, and run `make lab` again.")
    return found


def _store() -> str:
    """Open the store, migrated, and say where it is."""
    from .project import find_root, read_secret, state_home
    from .store import open_store

    root = find_root()
    store = open_store(read_secret("DATABASE_URL", root), state_home(root))
    store.close()
    return store.where


def _llm_key() -> str:
    """Say which keys are set, by the names of their variables."""
    from .project import read_secret

    found = [name for name in LLM_KEYS if read_secret(name)]
    if not found:
        raise LabError(
            "No key is set: the notebooks run from recorded replies.",
            f"To ask an LLM yourself, set one in the environment or .env: {', '.join(LLM_KEYS)}.",
        )
    return f"{', '.join(found)} set"


def _modal_token() -> str:
    """Say where Modal's token is kept."""
    if os.environ.get("MODAL_TOKEN_ID") and os.environ.get("MODAL_TOKEN_SECRET"):
        return "MODAL_TOKEN_ID and MODAL_TOKEN_SECRET set"
    file = Path(os.environ.get("MODAL_CONFIG_PATH") or Path.home() / ".modal.toml")
    if not file.is_file():
        raise LabError("No token is set: all work is done here.", "To rent GPUs, run `.venv/bin/modal setup`.")
    return str(file)


def _gpu() -> str:
    """Name the GPUs that PyTorch, and spaCy through CuPy, can use here."""
    cards = _nvidia()
    if not cards:
        raise LabError("No NVIDIA GPU answers: models train on the CPU.", "To use a GPU, install NVIDIA's driver.")
    if find_spec("torch") is not None and find_spec("cupy") is not None:
        from torch import cuda

        if cuda.is_available():
            return cards
    raise LabError(
        f"{cards} is here, and no PyTorch and CuPy that can use it.",
        "Run `.venv/bin/pip install -c constraints.txt -e '.[gpu]'`.",
    )


def _nvidia() -> str:
    """Ask NVIDIA's driver for the names and memory of its GPUs; the answer is empty where there is none."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return ""
    query = [command, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "; ".join(answer.stdout.splitlines()) if answer.returncode == 0 else ""


def _kernel() -> str:
    """Start the kernel of the notebooks away from this folder, and import this labkit there."""
    from jupyter_client.kernelspec import NoSuchKernel
    from jupyter_client.manager import run_kernel

    package = str(Path(__file__).with_name("__init__.py"))
    code = f"import os, labkit; assert os.path.samefile(labkit.__file__, {package!r})"
    try:
        with run_kernel(kernel_name=KERNEL, cwd=tempfile.gettempdir(), stderr=subprocess.DEVNULL) as client:
            # The annotation of run_kernel says KernelClient; what it yields is a BlockingKernelClient.
            reply = client.execute_interactive(code, timeout=SECONDS, output_hook=_drop)  # type: ignore[attr-defined]
    except (NoSuchKernel, OSError, RuntimeError, TimeoutError):
        raise LabError(f"The kernel {KERNEL} does not start.", "Remove .venv and run `make lab`.") from None
    if reply["content"]["status"] != "ok":
        raise LabError(f"The kernel {KERNEL} does not import this labkit.", "Remove .venv and run `make lab`.")
    return f"{KERNEL} starts, and imports labkit"


def _drop(message: object) -> None:
    """Show nothing of what a cell prints."""
