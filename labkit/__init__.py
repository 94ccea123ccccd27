"""labkit: distil a large language model into a small model that you own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import LabError
    from .lab import Lab

__all__ = ["Lab", "LabError", "__version__"]
__version__ = "0.1.0"

# spaCy loads spacy-llm, and that transformers (crowd-kit brings it), which would say in every notebook that there is no
# PyTorch. Models that need one say so themselves.
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
# It would warn of each model that a layer for pretraining is left out, as it should be, and that a text is too long for
# the model, where spacy-transformers cuts its end off.
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")


def __getattr__(name: str) -> Any:
    """Import the public names when they are first asked for, so that `import labkit` stays quick."""
    if name == "Lab":
        from .lab import Lab

        return Lab
    if name == "LabError":
        from .errors import LabError

        return LabError
    raise AttributeError(f"module 'labkit' has no attribute {name!r}")
