"""An app for the test of the stand-in itself."""

from __future__ import annotations

import os
from collections.abc import Iterator

import modal

app = modal.App("stand-in", image=modal.Image.debian_slim().add_local_python_source("tests"))
volume = modal.Volume.from_name("stand-in", create_if_missing=True)


@app.function(gpu=["L4", "A10G"], volumes={"/labkit-stand-in": volume})
def double(number: int) -> int:
    """Return twice a number, and note it on the volume."""
    with open(f"/labkit-stand-in/{number}", "w") as file:  # noqa: PTH123 - a mount, not a path of this machine
        file.write(str(2 * number))
    volume.commit()
    return 2 * number


@app.function()
def count(last: int) -> Iterator[int]:
    """Count from 0."""
    yield from range(last)


@app.function()
def fail() -> None:
    """Raise."""
    raise ValueError("the container says so")


@app.function()
def environment() -> list[str]:
    """Return the names of the container's environment variables."""
    return list(os.environ)
