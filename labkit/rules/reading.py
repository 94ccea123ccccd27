"""Reads the rules of a project from its folder."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from ..errors import LabError
from ..files import in_words
from ..tasks import Task
from .making import make_rule
from .rule import Rule

FILE = "rules.toml"
SETTINGS = ("label", "regex", "terms", "patterns", "otherwise", "language")


def read_rules(folder: Path, task: Task) -> dict[str, Rule]:
    r"""Read `rules.toml`: a table for each rule, called by its name.

    Parameters
    ----------
    folder : Path
        The project's folder. A path to a file of terms starts there.
    task : Task
        What the rules' values are values of.

    Returns
    -------
    dict of str to Rule
        The rules by name, in the order of the file; none where there is no file.

    Raises
    ------
    LabError
        If the file can't be read, or a rule in it can't be made; see `labkit.rules.make_rule`.

    Examples
    --------
    >>> import tempfile
    >>> from labkit.tasks import make_task
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "rules.toml").write_text("[crash]\nlabel = 'BUG'\nregex = '(?i)crash'")
    >>> list(read_rules(folder, make_task("choices", ["BUG"])))
    ['crash']
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    here = f"configs/{folder.name}/{FILE}"
    with in_words(path, "read"):
        try:
            tables = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise LabError(f"{here} is not TOML: {error}.", "Mend that place.") from None
    return {name: _rule(name, table, folder, task, here) for name, table in tables.items()}


def _rule(name: str, table: Any, folder: Path, task: Task, here: str) -> Rule:
    """Make one rule of its table."""
    if not isinstance(table, dict):
        raise LabError(f"{here}: {name!r} is no table.", f"Write the rule under its name: [{name}].")
    unknown = set(table) - set(SETTINGS)
    if unknown:
        raise LabError(f"{here}: the rule {name!r} holds {min(unknown)!r}.", f"It may hold: {', '.join(SETTINGS)}.")
    try:
        return make_rule(name, task, **{**table, **_in_folder(table, folder)})
    except LabError as error:
        raise LabError(f"{here}: {error.problem}", error.remedy) from None


def _in_folder(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Let the paths of files of terms start in the project's folder."""
    terms = table.get("terms")
    if isinstance(terms, str):
        return {"terms": folder / terms}
    if isinstance(terms, dict):
        return {"terms": {label: folder / each if isinstance(each, str) else each for label, each in terms.items()}}
    return {}
