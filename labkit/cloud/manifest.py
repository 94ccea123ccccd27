"""The files of a model by size and SHA-256: described where it was made, checked where it arrives."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

PART_BYTES = 32 * 1024 * 1024
"""Larger files come home in parts of this size: a transfer that was cut goes on with the part that it was at."""


def describe_folder(folder: Path, parts: Path) -> list[dict[str, Any]]:
    """Return the files of a folder, and cut the large ones into parts beside it.

    Parameters
    ----------
    folder : Path
        The model.
    parts : Path
        The folder for parts, each under its SHA-256.

    Returns
    -------
    list of dict
        Of each file its ``path`` in the folder, ``size`` in bytes, ``sha256``, and the SHA-256 of its ``parts``, which
        a small file has none of.
    """
    return [
        {"path": path.relative_to(folder).as_posix(), "size": path.stat().st_size, **_describe(path, parts)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _describe(path: Path, parts: Path) -> dict[str, Any]:
    """Return a file's SHA-256 and those of its parts, which are written."""
    if path.stat().st_size <= PART_BYTES:
        return {"sha256": digest(path), "parts": []}
    whole, names = hashlib.sha256(), []
    parts.mkdir(exist_ok=True)
    with path.open("rb") as content:
        while part := content.read(PART_BYTES):
            whole.update(part)
            names.append(hashlib.sha256(part).hexdigest())
            (parts / names[-1]).write_bytes(part)
    return {"sha256": whole.hexdigest(), "parts": names}
