"""What tests run in containers of the stand-in."""

from __future__ import annotations

import os
import sys


def double(number: int) -> int:
    """Return twice a number."""
    return 2 * number


def fail() -> None:
    """Raise what nobody foresaw."""
    raise KeyError("nobody foresaw this")


def variables() -> dict[str, str]:
    """Return the environment's variables."""
    return dict(os.environ)


def modules() -> list[str]:
    """Return what was imported on the way here."""
    return sorted(sys.modules)
