"""The widgets' JavaScript and CSS."""

from __future__ import annotations

from importlib import resources


def static(*names: str) -> str:
    """Join files of ``static/`` into one text.

    A widget's front end is one module that is loaded from memory, so that its parts can't import each
    other: they are written as files with one job each, and stand one after the other here.
    """
    folder = resources.files(__package__) / "static"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)
