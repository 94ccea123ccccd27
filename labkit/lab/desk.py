"""What every part of the lab works on: one project, and its rows in the store."""

from __future__ import annotations

import getpass
import os
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LabError
from ..project import Project, find_root, load_project, read_secret, state_home
from ..store import Store, open_store
from ..tasks import Task

if TYPE_CHECKING:
    import pandas as pd

REFERENCE = "reference"
"""The annotator whose labels are measured against and never trained on."""


@dataclass(frozen=True)
class Desk:
    """One project and its rows in the store.

    Parameters
    ----------
    project : Project
        The folder under configs/.
    store : Store
        Where the rows are.
    name : str
        The name under which they are kept; the project's own, unless several experiments share its folder.
    number : int
        The store's number of that name.
    home : Path
        The folder for models, wheels, and rows that were set aside.
    person : str
        Who decides here.
    """

    project: Project
    store: Store
    name: str
    number: int
    home: Path
    person: str

    def aside(self, path: Path) -> Path:
        """Return the file for rows of `path` that can't be used: the same one each time that it is read."""
        name = f"{path.stem}-{sha256(str(path.resolve()).encode()).hexdigest()[:6]}.jsonl"
        return self.home / "set-aside" / self.name / name

    @property
    def task(self) -> Task:
        """The project's task."""
        return self.project.task

    def texts(self, split: str | None = None) -> pd.DataFrame:
        """Return the texts, or those of one split; a LabError if there is no such split, or no text."""
        from ..corpus import SPLITS

        if split is not None and split not in SPLITS:
            raise LabError(f"There is no split {split!r}.", f"Use one of: {', '.join(SPLITS)}.")
        frame = self.store.examples.frame(self.number, split=split)
        if frame.empty:
            where = f" in the {split} split" if split else ""
            raise LabError(f"The project {self.name!r} has no texts{where}.", "Read some: lab.ingest('texts.jsonl').")
        return frame

    def annotations(self, names: Collection[str] | None = None) -> pd.DataFrame:
        """Return what each annotator said last of each text; a LabError if one of `names` said nothing yet."""
        frame = self.store.annotations.latest(self.number, names)
        silent = sorted(set(names or ()) - set(frame.annotator))
        if silent:
            raise LabError(f"{silent[0]!r} has not labelled anything here.", f"Run lab.annotate({silent[0]!r}) first.")
        return frame


class Part:
    """A part of `labkit.Lab`: methods of one stage of the work."""

    _desk: Desk


def sit_down(project: str, name: str | None, root: Path | None, person: str | None) -> Desk:
    """Open a project and the store; see `labkit.Lab`."""
    from .journals import recover

    root = Path(root).resolve() if root else find_root()
    settings, home = load_project(project, root), state_home(root)
    store = _shared(read_secret("DATABASE_URL", root), home)
    name = name or project
    if not name.isprintable():
        raise LabError(f"The name {name!r} holds characters that don't show.", "Name it with letters and digits.")
    number = store.examples.project(name, settings.task.part)
    desk = Desk(settings, store, name, number, home, person or _who())
    recover(desk)
    return desk


_opened = lru_cache(open_store)


def _shared(url: str | None, home: Path) -> Store:
    """Return the store that all labs of this kernel share; opened again where somebody closed it."""
    if _opened(url, home).closed:
        _opened.cache_clear()
    return _opened(url, home)


def _who() -> str:
    """Name the person at the keyboard: on a JupyterHub its user, else the system's."""
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (OSError, KeyError):  # a container may run as a user without a name
        return "someone"
