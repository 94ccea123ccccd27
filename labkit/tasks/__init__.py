"""The kinds of task: what a value is, how it is read from a Doc, compared and drawn.

Adding a kind means adding a module here and naming its class in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import LabError
from .base import Outcome, Task
from .choice import Choice
from .choices import Choices
from .relations import Relations
from .spans import Spans

__all__ = ["KINDS", "Outcome", "Task", "make_task"]

KINDS: dict[str, type[Task]] = {cls.kind: cls for cls in (Choice, Choices, Spans, Relations)}


def make_task(
    kind: str,
    labels: Sequence[str],
    definitions: Mapping[str, str] | None = None,
    aliases: Mapping[str, str] | None = None,
    **settings: Any,
) -> Task:
    """Make the task of a project.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    labels : sequence of str
        At least one label, none twice.
    definitions : mapping of str to str, optional
        What each label means.
    aliases : mapping of str to str, optional
        Other names under which labels come in, and the label of each.
    **settings
        What else the kind can be told, such as ``overlap=True`` for `Spans`.

    Raises
    ------
    LabError
        If the kind is not known, a label stands twice, is blank or holds a comma (an LLM's reply is
        split there), a definition has no label, an alias is one or leads to none, or the kind has no such setting.

    Examples
    --------
    >>> make_task("choices", ["BUG", "DOCUMENTATION"]).labels
    ('BUG', 'DOCUMENTATION')
    """
    if kind not in KINDS:
        raise LabError(f"The kind of task {kind!r} is not known.", f"Use one of: {', '.join(KINDS)}.")
    unknown = set(settings) - KINDS[kind].settings()
    if unknown:
        raise LabError(f"Tasks of the kind {kind!r} have no setting {min(unknown)!r}.", "Leave it out.")
    task = KINDS[kind](tuple(labels), dict(definitions or {}), dict(aliases or {}), **settings)
    _check_names(task)
    return task


def _check_names(task: Task) -> None:
    """Raise LabError where a label, a definition or an alias can't be used."""
    names = task.names
    folded = [label.strip().lower() for label in names]
    if not task.labels or "" in folded or len(set(folded)) < len(folded) or any("," in label for label in names):
        raise LabError(f"The labels {list(names)} are not usable.", "Name each once, without commas or blanks.")
    stray = set(task.definitions) - set(names)
    if stray:
        raise LabError(f"{', '.join(sorted(stray))} has a definition and is no label.", "Add it to the labels.")
    for name, label in task.aliases.items():
        if name in names or label not in names:
            raise LabError(f"The alias {name!r} of {label!r} names no label of its own.", "Write: ALIAS = a label.")
