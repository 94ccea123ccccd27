"""The façade of DESIGN's one cell: binds a project, the store and a task.

A method of `Lab` stands in one of eleven parts, by the stage of the work; what it does stands in the module
that is called after it, which is imported when it is first needed.
"""

from __future__ import annotations

from pathlib import Path

from ..project import Project
from ..store import Store
from .certifying import Certifying
from .desk import sit_down
from .experimenting import Experimenting
from .judging import Judging
from .labelling import Labelling
from .learning import Learning
from .predicting import Predicting
from .reading import Reading
from .ruling import Ruling
from .running import Running
from .team import Team
from .travelling import Travelling

__all__ = ["Lab"]


class Lab(
    Reading, Travelling, Labelling, Ruling, Judging, Team, Certifying, Experimenting, Learning, Running, Predicting
):
    """One labelling project, from raw texts to a packaged model.

    Parameters
    ----------
    project : str
        The project's folder under `configs/`.
    name : str, optional
        The name under which its rows are kept, where several experiments share one folder; the
        project's own by default.
    root : Path, optional
        The folder that holds `configs/`; found from the working directory upwards by default.
    person : str, optional
        Who decides here; by default the user of the JupyterHub or of the system.

    Raises
    ------
    LabError
        If the project's settings are missing or malformed, or the store can't be opened.

    Notes
    -----
    The store is the PostgreSQL server that `DATABASE_URL` names, in the environment or in `.env`, else an
    embedded one in `.labkit/`.

    Examples
    --------
    >>> lab = Lab("issues")
    >>> lab.ingest("data/issues/texts.jsonl").texts
    750
    """

    def __init__(
        self, project: str, *, name: str | None = None, root: Path | None = None, person: str | None = None
    ) -> None:
        self._desk = sit_down(project, name, root, person)

    def __repr__(self) -> str:
        return f"Lab({self._desk.name!r})"

    @property
    def project(self) -> Project:
        """The project's settings and task."""
        return self._desk.project

    @property
    def store(self) -> Store:
        """Where everything is kept."""
        return self._desk.store
