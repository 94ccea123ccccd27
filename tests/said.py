"""Annotations for tests: small ones written by hand, and those that ship with the project."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Template

from labkit.corpus import normalise
from labkit.tasks import make_task

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "configs" / "issues"
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
    texts = {row["id"]: row["text"] for row in _lines("texts")}
    numbers = {key: number for number, key in enumerate(texts, 1)}
    rows = [(numbers[row["id"]], "reference", "reference", row["labels"]) for row in _lines("reference")]
    replies = {row["prompt_sha256"]: row["reply"] for row in _lines("replies")}
    prompt = Template((CONFIGS / "prompt.jinja").read_text(encoding="utf-8"))
    definitions = tomllib.loads((CONFIGS / "project.toml").read_text(encoding="utf-8"))["definitions"]
    for name, given in (("llm", definitions), ("llm-bare", None)):
        for key, text in texts.items():
            asked = prompt.render(labels=TASK.labels, label_definitions=given, text=normalise(text))
            reply = replies[sha256(asked.encode()).hexdigest()]
            value = [label for label in TASK.labels if label in reply]
            rows.append((numbers[key], name, "llm", value))
    frame = pd.DataFrame(rows, columns=["example", "annotator", "kind", "value"])
    outcome = ["parsed" if value else "explicitly none" for value in frame["value"]]
    return frame.assign(outcome=outcome, scores=None)


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with (ROOT / "data" / "issues" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
