"""Brings a model home from the volume: file by file, checked, and from where it was cut."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import LabError
from ..progress import Progress, Report
from . import jobs
from .app import Cloud
from .following import Job
from .manifest import PART_BYTES, digest
from .volume import read

STAGE = "fetching"


def fetch(cloud: Cloud, job: Job, result: Mapping[str, Any], out: Path, report: Report) -> None:
    """Copy a job's model to a folder here. What is there already, whole, is not copied again.

    Parameters
    ----------
    cloud : Cloud
        Modal.
    job : Job
        The job that made it.
    result : mapping
        How the job ended, with the list of its files.
    out : Path
        The folder to be.
    report : callable
        Is told how many bytes are here.

    Raises
    ------
    LabError
        If a file is gone, does not arrive as it was made, or can't be written here.
    """
    files, here = result["files"], 0
    total = sum(file["size"] for file in files)

    def count(size: int) -> None:
        nonlocal here
        here += size
        report(Progress(STAGE, here, total))

    report(Progress(STAGE, 0, total))
    try:
        for file in files:
            target = out / file["path"]
            if target.is_file() and target.stat().st_size == file["size"] and digest(target) == file["sha256"]:
                count(file["size"])
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            _fetch_file(cloud, job, f"{job.path}/{result['pipeline']}/{file['path']}", file, target, count)
    except OSError as error:
        raise LabError(
            f"The model can't be written to {out}: {error.strerror or error}.", "Free space there, and fetch it again."
        ) from None


def _fetch_file(
    cloud: Cloud, job: Job, path: str, file: Mapping[str, Any], target: Path, count: Callable[[int], None]
) -> None:
    """Copy one file: whole where it is small, else part by part, after those that are here."""
    beside = target.with_name(f"{target.name}.part")
    parts: Sequence[str] = file["parts"]
    sources = [(f"{job.path}/{jobs.PARTS}/{part}", part) for part in parts] or [(path, str(file["sha256"]))]
    done = _parts_here(beside, parts)
    here = min(done * PART_BYTES, file["size"])
    count(here)
    with beside.open("ab") as copy:
        copy.truncate(here)
        for source, checksum in sources[done:]:
            content = read(cloud, source)
            if content is None:
                raise LabError(f"The volume at Modal has no {source} any more.", "Train the model again.")
            if hashlib.sha256(content).hexdigest() != checksum:
                raise _changed(source)
            copy.write(content)
            copy.flush()
            count(len(content))
    if digest(beside) != file["sha256"]:
        beside.unlink()
        raise _changed(path)
    beside.replace(target)


def _parts_here(beside: Path, parts: Sequence[str]) -> int:
    """Return how many parts of a file are here already, as they were made."""
    if not parts or not beside.exists():
        return 0
    with beside.open("rb") as copy:
        for number, part in enumerate(parts):
            if hashlib.sha256(copy.read(PART_BYTES)).hexdigest() != part:
                return number
    return len(parts)


def _changed(path: str) -> LabError:
    """Say that a file is other than it was made."""
    return LabError(
        f"{path} arrived other than it was made: its checksum is another.", "Fetch it again; if it stays, train again."
    )
