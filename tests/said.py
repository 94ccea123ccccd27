"""Annotations for tests: small ones written by hand, and those that ship with the project."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from labkit.tasks import make_task

DATA = Path(__file__).parents[1] / "data" / "issues"
TASK = make_task("choices", ["BUG", "DOCUMENTATION"])
SHORT = {"B": ["BUG"], "D": ["DOCUMENTATION"], "BD": ["BUG", "DOCUMENTATION"], "-": []}
KINDS = {"llm": "llm", "llm-bare": "llm", "cpu": "model", "anna": "person", "ben": "person", "reference": "reference"}


def said(
    answers: Mapping[str, str], scores: Mapping[str, list[tuple[float, float] | None]] | None = None
) -> pd.DataFrame:
    """Write annotations: each annotator's values for examples 1, 2, ..., `?` unread, `.` not labelled."""
    rows = []
    for name, values in answers.items():
        for place, value in enumerate(values.split()):
            given = (scores or {}).get(name)
            row: dict[str, Any] = {"example": place + 1, "annotator": name, "kind": KINDS[name]}
            row["outcome"] = {"?": "unknown label", "-": "explicitly none"}.get(value, "parsed")
            row["value"] = SHORT.get(value)
            row["scores"] = dict(zip(TASK.labels, given[place], strict=True)) if given and given[place] else None
            rows += [row] if value != "." else []
    return pd.DataFrame(rows, columns=["example", "annotator", "kind", "outcome", "value", "scores"])


def shipped() -> pd.DataFrame:
    """Return the reference and both prompts' replies of data/issues, examples numbered as in the file."""
    numbers = {row["id"]: number for number, row in enumerate(_lines("texts"), 1)}
    rows = [(numbers[row["id"]], "reference", "reference", row["labels"]) for row in _lines("reference")]
    names = {"definitions": "llm", "bare": "llm-bare"}
    for row in _lines("replies"):
        value = [] if row["reply"] == "==NONE==" else TASK.check([name.strip() for name in row["reply"].split(",")])
        rows.append((numbers[row["id"]], names[row["prompt"]], "llm", value))
    frame = pd.DataFrame(rows, columns=["example", "annotator", "kind", "value"])
    outcome = ["parsed" if value else "explicitly none" for value in frame["value"]]
    return frame.assign(outcome=outcome, scores=None)


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with (DATA / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
