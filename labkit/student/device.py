"""Where a model is trained, on the GPU or on the CPU, and what is said where the memory there is too small."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import LabError

if TYPE_CHECKING:
    from confection import Config

CPU = "CPU"
FULL = ("out of memory", "allocate memory", "ALLOC_FAILED")
"""How PyTorch's errors say that memory is too small, on a GPU, on the CPU, and in NVIDIA's libraries."""


def choose(settings: Config) -> int:
    """Make spaCy compute on the GPU for a configuration that names a `gpu_allocator`, where there is one; else not.

    Returns
    -------
    int
        The number of the GPU, as spaCy's functions take it; -1 is the CPU.

    Raises
    ------
    LabError
        If the configuration is for a GPU, PyTorch finds one, and spaCy can't use it.
    """
    import spacy
    from thinc.compat import has_cupy_gpu, has_torch_cuda_gpu

    if settings.interpolate()["training"]["gpu_allocator"]:
        if has_torch_cuda_gpu and not has_cupy_gpu:
            raise LabError(
                "There is a GPU here, and no CuPy that can use it: spaCy computes on GPUs through CuPy.",
                'Run `pip install "labkit[gpu]"`, or set gpu_allocator = null under [system] to train on the CPU.',
            )
        if spacy.prefer_gpu():
            _forget_peak()
            return 0
    spacy.require_cpu()
    return -1


def describe(device: int) -> tuple[str, int | None]:
    """Return the device's name, and the most of its memory that was taken at once, in bytes; None for the CPU's."""
    torch = sys.modules.get("torch")
    if device < 0 or torch is None or not torch.cuda.is_available():
        return (CPU if device < 0 else "GPU"), None
    return torch.cuda.get_device_name(device), int(torch.cuda.max_memory_allocated(device))


@contextmanager
def memory_in_words(remedy: str) -> Iterator[None]:
    """Raise `LabError` with `remedy` for what libraries raise where memory is too small."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not any(word in str(error) for word in FULL):
            raise
        raise LabError(f"The memory of the {_full(error)} is too small.", remedy) from None


def to_train(settings: Config) -> str:
    """Say what to change in a configuration where its batches are too large to learn from."""
    training = settings.interpolate()["training"]
    size, pieces = training["batcher"].get("size"), training["accumulate_gradient"]
    halve = f"Halve size = {size} under [training.batcher]" if isinstance(size, int) else "Make the batches smaller"
    return f"{halve}, or double accumulate_gradient = {pieces} under [training], which leaves the batches as they are."


def to_run(settings: Config) -> str:
    """Say what to change in a configuration where too many texts are looked at together."""
    filled = settings.interpolate()
    for name, block in filled["components"].items():
        if items := block.get("max_batch_items"):
            return f"Halve max_batch_items = {items} under [components.{name}]."
    return f"Halve batch_size = {filled['nlp']['batch_size']} under [nlp]."


def _full(error: Exception) -> str:
    """Name the device whose memory was asked for."""
    on_gpu = "CPU" not in str(error) and type(error).__module__.partition(".")[0] in ("torch", "cupy")
    return "GPU" if on_gpu or "CUDA" in str(error) else CPU


def _forget_peak() -> None:
    """Count the GPU's memory from here on."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
