"""Fetches a source into a file of JSON lines, page by page, and takes up where it stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ...errors import LabError
from ...files import in_words, whole_file
from ..rows import plain


class Page(NamedTuple):
    """Some rows of a source, and where to go on behind them: plain JSON, or None where nothing is left."""

    rows: list[dict[str, Any]]
    following: Any | None


class Source(Protocol):
    """Where texts come from, a page at a time."""

    @property
    def name(self) -> str:
        """What tells this source from others; it holds no secret."""

    def pages(self, place: Any | None) -> Generator[Page, None, None]:
        """Yield the pages from a place on that an earlier page named, or from the first where it is None."""


@dataclass(frozen=True)
class Fetched:
    """What a file of fetched rows holds.

    Parameters
    ----------
    path : Path
        The file of JSON lines, for `labkit.Lab.ingest`.
    rows : int
        Rows in it.
    new : int
        How many of them were fetched this time.
    complete : bool
        Whether the source had no more.
    """

    path: Path
    rows: int
    new: int
    complete: bool


def fetch(source: Source, path: Path, *, most: int | None = None) -> Fetched:
    """Fetch a source into a file of JSON lines; called again, it goes on where it stopped.

    Each page is on the disk before the next one is asked for. What broke off in the middle of a page is cut off again.
    Where the file stands is kept beside it, in a file that ends in .place.

    Parameters
    ----------
    source : Source
        `github_issues`, `guardian`, another `JsonApi`, a `Query`, or a `HuggingFace` dataset.
    path : Path
        The file, a .jsonl.
    most : int, optional
        Stop after the page in which so many rows are in the file.

    Raises
    ------
    LabError
        If the source can't be reached or refuses, the file can't be written, or holds rows of another source.
    """
    beside = path.with_name(f"{path.name}.place")
    with in_words(path, "written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        known = _known(beside, path, source.name)
        before = rows = known["rows"]
        with path.open("r+b" if known["bytes"] else "wb") as file:
            file.truncate(known["bytes"])
            file.seek(0, os.SEEK_END)
            if not known["complete"] and (most is None or rows < most):
                with closing(source.pages(known["following"])) as pages:
                    for page in pages:
                        if not known["bytes"]:
                            _note(beside, known)  # one that is killed within its first page goes on, too
                        for row in page.rows:
                            file.write(json.dumps(plain(row), ensure_ascii=False).encode() + b"\n")
                        file.flush()
                        os.fsync(file.fileno())
                        rows += len(page.rows)
                        known = {"source": source.name, "rows": rows, "bytes": file.tell()}
                        known |= {"following": page.following, "complete": page.following is None}
                        _note(beside, known)
                        if most is not None and rows >= most:
                            break
    return Fetched(path, rows, rows - before, known["complete"])


def _note(beside: Path, known: Mapping[str, Any]) -> None:
    """Keep how far a file is."""
    with whole_file(beside) as place:
        place.write_text(json.dumps(known), "utf-8")


def _known(beside: Path, path: Path, name: str) -> Mapping[str, Any]:
    """Return how far a file is."""
    nothing = {"source": name, "rows": 0, "bytes": 0, "following": None, "complete": False}
    if not beside.exists() or not path.exists():
        if path.exists() and path.stat().st_size:
            raise LabError(f"{path} is there already, and was not fetched from a source.", "Name another file.")
        return nothing
    try:
        given = json.loads(beside.read_text("utf-8"))
        known = {part: given[part] for part in nothing}
        if known["bytes"] == 0 or known["bytes"] > path.stat().st_size:
            return nothing
    except (ValueError, KeyError, TypeError):
        raise LabError(f"{beside} is damaged.", f"Remove it and {path.name}, and fetch again.") from None
    if known["source"] != name:
        raise LabError(f"{path} holds rows of {known['source']}.", "Name another file.")
    return known
