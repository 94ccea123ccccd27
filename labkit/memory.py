"""Gives memory back to the system: a kernel lives long, and allocators keep what a large table needed once."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> None:
    """Give back what is not used any more: PyArrow's pool, and the C library's where it is glibc."""
    gc.collect()
    if pyarrow := sys.modules.get("pyarrow"):
        pyarrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim:
            trim(0)
