"""What people decided, as material for new prompts: examples to show, and corrections of one label."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..errors import LabError
from ..tasks import Outcome, Task

SOURCE_SPLIT = "train"
"""The only part of the texts that a prompt may learn from; the others are there to measure it."""

WITH_VALUE = [str(outcome) for outcome in Outcome if outcome.has_value]


def draw_examples(annotations: pd.DataFrame, texts: pd.DataFrame, task: Task, name: str, n: int = 6) -> pd.DataFrame:
    """Draw examples for a prompt from people's decisions, by a rule and without chance.

    The rule: only texts of the train split, never of dev or test. The categories of the values that people gave
    (``"BUG"``, ``"BUG + DOCUMENTATION"``, ``"none"``) take turns in alphabetical order, each giving its next text,
    until there are `n`. Within a category stand first the texts whose label by `name` the person changed, then
    short texts before long ones, then the text's own id decides.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, with the columns ``example, annotator, kind, outcome, value``,
        people's in the order in which they decided.
    texts : DataFrame
        The texts: ``example, key, text, split``.
    task : Task
        What the values are values of.
    name : str
        The LLM whose prompt gets the examples. What it has not labelled counts as not changed.
    n : int
        How many at most.

    Returns
    -------
    DataFrame
        In the order in which they are shown: ``key, category, changed`` (whether the person changed the label of
        `name`), ``text``, ``value``. Fewer than `n` where people decided on fewer texts.

    Raises
    ------
    LabError
        If `n` is no positive whole number, or nobody decided on a text of the train split.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(1, "llm", "llm", ["BUG"]), (1, "anna", "person", []), (2, "anna", "person", ["BUG"])]
    >>> said = pd.DataFrame(rows, columns=["example", "annotator", "kind", "value"]).assign(outcome="parsed")
    >>> texts = pd.DataFrame({"example": [1, 2], "key": ["a", "b"], "text": ["hello", "it crashes"], "split": "train"})
    >>> draw_examples(said, texts, make_task("choices", ["BUG"]), "llm")[["key", "category", "changed"]].values.tolist()
    [['b', 'BUG', False], ['a', 'none', True]]
    """
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise LabError(f"{n!r} examples can't be drawn.", "Give a whole number from 1, such as n=6.")
    known = _decided(annotations, texts, name)
    category = known["person"].map(task.key)
    said, settled = (known[who].map(task.words, na_action="ignore") for who in ("llm", "person"))
    changed = said.notna() & (said != settled)
    ranked = _short_first(known.assign(category=category, changed=changed)).sort_values(
        "changed", ascending=False, kind="stable"
    )
    drawn = _take_turns(ranked, "category", n).rename(columns={"person": "value"})
    return drawn[["key", "category", "changed", "text", "value"]]


def corrections(annotations: pd.DataFrame, texts: pd.DataFrame, task: Task, name: str, label: str) -> pd.DataFrame:
    """Collect the texts to which a person added a label that an LLM had not given, or from which one took it.

    Parameters
    ----------
    annotations, texts : DataFrame
        As for `draw_examples`.
    task : Task
        What the values are values of.
    name : str
        The LLM that was corrected.
    label : str
        The label.

    Returns
    -------
    DataFrame
        ``key, change`` ("added" or "removed", which take turns, short texts first), ``llm`` and ``person`` (what
        each said, in words), ``text``. Only of the train split, as for `draw_examples`.

    Raises
    ------
    LabError
        If the label is none of the task's, or no person corrected it.
    """
    if label not in task.labels:
        raise LabError(f"The label {label!r} is not in this project.", f"Use one of: {', '.join(task.labels)}.")
    known = _decided(annotations, texts, name).dropna(subset="llm")
    column = task.labels.index(label)
    gave, gives = ([row[column] for row in task.membership(known[who])] for who in ("llm", "person"))
    change = [{-1: "removed", 1: "added"}.get(after - before, "") for before, after in zip(gave, gives, strict=True)]
    corrected = _short_first(known.assign(change=change).query("change != ''"))
    if corrected.empty:
        raise LabError(
            f"No person has changed what {name!r} said of {label} in the {SOURCE_SPLIT} split.",
            f"Correct some texts first: lab.correct(lab.compare({name!r}, ...).queue()).",
        )
    turns = _take_turns(corrected, "change", len(corrected))
    words = {who: turns[who].map(task.words) for who in ("llm", "person")}
    return turns.assign(**words)[["key", "change", "llm", "person", "text"]]


def people_say(annotations: pd.DataFrame) -> pd.Series[Any]:
    """Return what the person who decided last said of each example, indexed by it."""
    people = annotations[(annotations["kind"] == "person") & annotations["outcome"].isin(WITH_VALUE)]
    return people.drop_duplicates("example", keep="last").set_index("example")["value"]


def says(annotations: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return what one annotator said of each example, indexed by it, where it could be read."""
    mine = annotations[(annotations["annotator"] == name) & annotations["outcome"].isin(WITH_VALUE)]
    return mine.set_index("example")["value"]


def _decided(annotations: pd.DataFrame, texts: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the decided texts that a prompt may learn from: `key`, `text`, what the `person` and the `llm` said."""
    source = texts[texts["split"] == SOURCE_SPLIT].set_index("example")[["key", "text"]]
    known = source.join(people_say(annotations).rename("person"), how="inner")
    if known.empty:
        raise LabError(
            f"No person has decided on a text of the {SOURCE_SPLIT} split.",
            "Decide on some with lab.correct(), or load decisions with lab.load_labels(path, annotator='anna').",
        )
    return known.join(says(annotations, name).rename("llm"))


def _short_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Order texts by their length, then by their own id, which is the same in every store."""
    return frame.assign(length=frame["text"].str.len()).sort_values(["length", "key"])


def _take_turns(frame: pd.DataFrame, group: str, n: int) -> pd.DataFrame:
    """Take `n` rows, each group giving its next one in turn."""
    turn = frame.groupby(group).cumcount()
    return frame.assign(turn=turn).sort_values(["turn", group]).head(n).reset_index(drop=True)
