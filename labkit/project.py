"""Finds and checks a project's folder under configs/, and reads secrets from the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import LabError
from .tasks import KINDS, Task, make_task

if TYPE_CHECKING:
    from confection import Config

SETTINGS = {"kind", "labels", "definitions", "aliases", "pipelines", "replies", "reference", "modal"}
TABLES = ("definitions", "aliases", "pipelines")


def find_root(start: Path | None = None) -> Path:
    """Return the nearest folder, from `start` upwards, that holds `configs/`.

    Parameters
    ----------
    start : Path, optional
        Where to begin; the working directory by default, so that notebooks run from their own folder.

    Raises
    ------
    LabError
        If no folder up to the root of the disk holds `configs/`.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "configs").is_dir():
            return folder
    raise LabError(
        f"There is no folder configs/ in {start} or above it.", "Start from labkit's own folder, or pass root=."
    )


def read_secret(name: str, root: Path | None = None) -> str | None:
    """Return a secret from the environment, else from the file `.env`, else None.

    A variable that is set and empty is None, whatever the file says.

    Parameters
    ----------
    name : str
        The variable's name, such as ``"DATABASE_URL"``.
    root : Path, optional
        The folder of `.env`; where `configs/` is by default.
    """
    from dotenv import dotenv_values

    if name in os.environ:
        return os.environ[name] or None
    try:
        file = (root or find_root()) / ".env"
        return dotenv_values(file).get(name) or None if file.is_file() else None
    except UnicodeDecodeError:
        raise LabError(f"{file} is not written in UTF-8.", "Save it as UTF-8.") from None
    except PermissionError:
        raise LabError(f"{file} can't be read.", "Give yourself the right to read it.") from None
    except LabError:
        return None


def state_home(root: Path) -> Path:
    """Return the folder for what labkit keeps on this disk: `LABKIT_HOME`, else `.labkit` in `root`."""
    return Path(os.environ.get("LABKIT_HOME") or root / ".labkit").resolve()


@dataclass(frozen=True)
class Project:
    """One labelling problem: a folder under configs/.

    Parameters
    ----------
    name : str
        The folder's name.
    root : Path
        The folder that holds `configs/`; paths in the project's settings start there.
    task : Task
        Its labels, what they mean, and their kind.
    replies, reference : Path or None
        Recorded LLM replies, and labels to measure against.
    pipelines : mapping of str to str
        Annotators that are spaCy pipelines trained elsewhere: their name here, and the name under which the pipeline
        is installed, or its folder.
    modal : mapping of str to object
        How the project uses Modal: see `labkit.cloud.Settings`.
    """

    name: str
    root: Path
    task: Task
    replies: Path | None = None
    reference: Path | None = None
    pipelines: Mapping[str, str] = field(default_factory=dict)
    modal: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.root / "configs" / self.name

    @property
    def guideline(self) -> str:
        """What ``guideline.md`` in the project's folder tells the people who label; empty without that file."""
        path = self.folder / "guideline.md"
        try:
            return path.read_text("utf-8-sig") if path.is_file() else ""
        except (OSError, UnicodeDecodeError):
            raise LabError(f"configs/{self.name}/guideline.md can't be read as UTF-8.", "Save it as UTF-8.") from None

    def config(self, name: str) -> Config:
        """Return the spaCy configuration `<name>.cfg`, with the project's labels and paths filled in.

        A configuration may use ``${task.labels}`` and the other `Task.variables`, and ``${project.folder}``
        and ``${project.configs}``: the labels are written once, in project.toml.

        Parameters
        ----------
        name : str
            The file's name without its ending.

        Raises
        ------
        LabError
            If there is no such file, or spaCy can't read it.
        """
        from spacy.util import load_config

        path = self.folder / f"{name}.cfg"
        if not path.is_file():
            names = ", ".join(sorted({p.stem for p in self.folder.glob("*.cfg")} | set(self.pipelines))) or "none"
            raise LabError(f"configs/{self.name}/{name}.cfg does not exist.", f"Write it, or use one of: {names}.")
        try:
            config = load_config(path, interpolate=False)
            config["task"] = self.task.variables()
            config["project"] = {"folder": str(self.folder), "configs": str(self.root / "configs")}
            filled = config.interpolate()
        except (ValueError, UnicodeDecodeError) as error:  # confection's ConfigValidationError is a ValueError
            raise LabError(f"{path.name} in configs/{self.name} can't be read: {error}", "Mend that place.") from None
        del filled["task"], filled["project"]
        return filled

    def path(self, given: str | Path) -> Path:
        """Return `given` as it stands where it exists, else below the project's root; a LabError if it is no path."""
        if not isinstance(given, str | Path):
            raise LabError(f"{given!r} is no path.", "Give the path of a file or a folder.")
        path = Path(given).expanduser()
        return path if path.is_absolute() or path.exists() else self.root / path


def load_project(name: str, root: Path | None = None) -> Project:
    """Read `configs/<name>/project.toml`.

    Parameters
    ----------
    name : str
        The project's name.
    root : Path, optional
        The folder that holds `configs/`; found from the working directory by default.

    Raises
    ------
    LabError
        If the folder or the file is missing, the TOML is malformed, or a setting is unknown, absent or of
        the wrong type.

    Examples
    --------
    >>> load_project("issues").task.labels
    ('BUG', 'DOCUMENTATION')
    """
    if not isinstance(name, str):
        raise LabError(f"{name!r} is no project's name.", "Give the name of a folder below configs/.")
    root = root or find_root()
    path = root / "configs" / name / "project.toml"
    here = f"configs/{name}/project.toml"
    if not path.is_file():
        names = ", ".join(sorted(p.parent.name for p in root.glob("configs/*/project.toml"))) or "none yet"
        raise LabError(f"{here} does not exist.", f"Write it, or use one of the projects: {names}.")
    try:
        settings = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LabError(f"{here} is not TOML: {error}.", "Mend that place.") from None
    _check(settings, here)
    more = {key: value for key, value in settings.items() if key not in SETTINGS}
    task = make_task(settings["kind"], settings["labels"], settings.get("definitions"), settings.get("aliases"), **more)
    paths = {key: root / settings[key] for key in ("replies", "reference") if key in settings}
    tables = {key: settings[key] for key in ("pipelines", "modal") if key in settings}
    return Project(name, root, task, **paths, **tables)


def _check(settings: dict[str, Any], here: str) -> None:
    """Raise LabError for a setting that is unknown, absent or of the wrong type."""
    kind = KINDS.get(str(settings.get("kind")))
    known, absent = SETTINGS | (kind.settings() if kind else set()), {"kind", "labels"} - set(settings)
    unknown = set(settings) - known
    if unknown:
        raise LabError(f"{here} holds {min(unknown)!r}.", f"The settings are: {', '.join(sorted(known))}.")
    if absent:
        raise LabError(f"{here} lacks {min(absent)!r}.", 'Write for example: kind = "choices", labels = ["BUG"].')
    labels, tables = settings["labels"], {name: settings.get(name, {}) for name in TABLES}
    for name, table in {**tables, "modal": settings.get("modal", {})}.items():
        if not isinstance(table, dict):
            raise LabError(f"{here}: {name} is a table.", f"Write them under [{name}].")
    words = [settings[key] for key in ("kind", "replies", "reference") if key in settings]
    words += [word for table in tables.values() for word in table.values()]
    if not isinstance(labels, list) or not all(isinstance(word, str) for word in [*labels, *words]):
        raise LabError(f"{here} holds a value of the wrong type.", "labels is a list of texts, the rest are texts.")
