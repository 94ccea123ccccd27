"""Files on the volume at Modal, as they are seen from here."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from .app import Cloud

if TYPE_CHECKING:
    import modal

MODELS = PurePosixPath("models")
"""Where models that came from here lie, each under the SHA-256 of its files."""


def put(cloud: Cloud, files: Mapping[str, bytes]) -> None:
    """Write small files, in place of those that are there."""
    cloud(_put, cloud.volume, [(io.BytesIO(content), name) for name, content in files.items()])


def upload(cloud: Cloud, given: Path) -> str:
    """Put a folder, or a file, on the volume once, and return its path there, from the volume's root.

    The path follows from the files' content: what is there already is not sent again. A folder that was sent in part
    only, by a kernel that died, is sent anew: the mark of its end is missing.
    """
    folder = given if given.is_dir() else given.parent
    files = [given] if given.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise LabError(f"The folder {folder} is empty or missing.", "Make the model again.")
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as content:
            whole.update(f"{path.relative_to(folder).as_posix()}\n".encode())
            whole.update(hashlib.file_digest(content, "sha256").digest())
    there = str(MODELS / whole.hexdigest())
    if read(cloud, f"{there}.whole") is None:
        sent: list[tuple[Any, str]] = [(path, f"{there}/{path.relative_to(folder).as_posix()}") for path in files]
        cloud(_put, cloud.volume, sent)
        put(cloud, {f"{there}.whole": b"1"})
    return there if given.is_dir() else f"{there}/{given.name}"


def read(cloud: Cloud, path: str) -> bytes | None:
    """Return a small file of the volume, or None where it is not there."""
    return cloud(_read, cloud.volume, path)


def _put(volume: modal.Volume, files: list[tuple[Any, str]]) -> None:
    """Write files by their content or path here, and their name there."""
    with volume.batch_upload(force=True) as batch:
        for content, name in files:
            batch.put_file(content, f"/{name}")


def _read(volume: modal.Volume, path: str) -> bytes | None:
    """Return a file's content, or None."""
    from modal.exception import NotFoundError

    try:
        return b"".join(volume.read_file(path))
    except (FileNotFoundError, NotFoundError):
        return None
