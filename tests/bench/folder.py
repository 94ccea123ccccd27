"""Reads a folder of texts, people's labels and an LLM's replies, all known by the texts' ids."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.tasks import Outcome, Task, make_task

WORDS, FEWEST, SHARE = 3, 3, 0.01
"""A label that people do not give is known by its few words, and by how many of the replies it stands in."""


@dataclass
class Folder:
    """What stands in a folder.

    Parameters
    ----------
    texts : dict of str to str
        The texts by id, in the order of the file.
    people : dict of str to list of list of str
        What each person says of a text.
    replies : dict of str to dict of str to str
        The replies to each prompt, by the text's id; of several, the last.
    skipped : Counter
        Rows that can't be read, by file.
    """

    texts: dict[str, str] = field(default_factory=dict)
    people: dict[str, list[list[str]]] = field(default_factory=dict)
    replies: dict[str, dict[str, str]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)

    def labels(self, asked: str) -> list[str]:
        """Return the labels that people or replies give, `asked` among them: a reply may name more than is measured."""
        said = Counter(
            token for replies in self.replies.values() for each in replies.values() for token in _parts(each)
        )
        total = sum(map(len, self.replies.values()))
        known = {asked.lower(): asked}
        known |= {label.lower(): label for each in self.people.values() for value in each for label in value}
        for token, count in said.items():
            if token != "==NONE==" and len(token.split()) <= WORDS and count >= max(FEWEST, SHARE * total):
                known.setdefault(token.lower(), token)
        return sorted(known.values())

    def truth(self, label: str) -> dict[str, list[str]]:
        """Return whether most people give the label; texts on which they are split are left out."""
        votes = {key: [label in value for value in said] for key, said in self.people.items()}
        return {key: [label] if sum(v) * 2 > len(v) else [] for key, v in votes.items() if sum(v) * 2 != len(v)}

    def said(self, prompt: str, label: str) -> dict[str, tuple[Outcome, list[str] | None]]:
        """Return the outcome of each reply to a prompt, and whether it gives the label; None where it can't be read."""
        task: Task = make_task("choices", self.labels(label))
        found = {}
        for key, raw in self.replies.get(prompt, {}).items():
            reply = task.plain(raw)
            outcome = task.outcome(reply, self.texts.get(key, ""))
            given = {token.lower() for token in _parts(reply)}
            found[key] = (outcome, [label] * (label.lower() in given) if outcome.has_value else None)
        return found


def read_folder(folder: Path, annotations: Sequence[str] = ("people.jsonl",)) -> Folder:
    """Read ``texts.jsonl``, ``replies.jsonl`` and people's labels."""
    found = Folder()
    for row in rows(folder / "texts.jsonl", found.skipped, "id", "text"):
        found.texts[str(row["id"])] = str(row["text"])
    for row in rows(folder / "replies.jsonl", found.skipped, "id", "prompt", "reply"):
        if str(row["id"]) in found.texts:
            found.replies.setdefault(str(row["prompt"]), {})[str(row["id"])] = str(row["reply"])
    for name in annotations:
        for row in rows(folder / name, found.skipped, "id", "labels"):
            value = [row["labels"]] if isinstance(row["labels"], str) else row["labels"]
            if str(row["id"]) in found.texts and isinstance(value, list):
                found.people.setdefault(str(row["id"]), []).append([str(label) for label in value])
    return found


def rows(path: Path, skipped: Counter[str], *needed: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file that hold what is needed."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in filter(str.strip, lines):
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if isinstance(row, dict) and all(row.get(name) is not None for name in needed):
                yield row
            else:
                skipped[path.name] += 1


def _parts(reply: str) -> list[str]:
    """Split a reply at commas, as TextCat's parser does."""
    return [part.strip() for part in reply.split(",") if part.strip()]
