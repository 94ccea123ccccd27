"""labkit: distil a large language model into a small model that you own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import LabError
    from .lab import Lab

__all__ = ["Lab", "LabError", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the public names when they are first asked for, so that `import labkit` stays quick."""
    if name == "Lab":
        from .lab import Lab

        return Lab
    if name == "LabError":
        from .errors import LabError

        return LabError
    raise AttributeError(f"module 'labkit' has no attribute {name!r}")
