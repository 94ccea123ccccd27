"""Settles boundaries of spans once, by rules that a person gives, and applies them to what models say."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pandas as pd

from ..errors import LabError
from ..review import consensus
from ..review.voting import CONSENSUS, NOT_VOTING, SETTLED
from ..store import Annotation
from ..tasks import Outcome
from ..tasks.boundary import Boundary
from .desk import Desk

COLUMNS = ["rule", "by", "why", "spans", "texts"]
DRAFTS = (CONSENSUS, "llm")
"""Whose labels rules change: what somebody read or accepted stands before them anyway."""

Rules = list[dict[str, Any]]
"""Each with the fields of a `Boundary`, `by` whom and `why`, and how many `spans` of how many `texts` it moved."""


def settle(desk: Desk, boundary: Boundary, why: str) -> pd.DataFrame:
    """Add a rule; see `labkit.Lab.settle`."""
    labels = desk.task.mark_labels
    if not labels:
        raise LabError(f"Labels of the kind {desk.task.kind!r} have no boundaries.", "There is nothing to settle.")
    if boundary.label not in labels:
        raise LabError(f"No span of this project has the label {boundary.label!r}.", f"Use: {', '.join(labels)}.")
    rules = _rules(desk)
    for number, each in enumerate(map(_boundary, rules), 1):
        if each == boundary:
            return _apply(desk, rules)
        if replace(each, keep=boundary.keep) == boundary:
            raise LabError(f"That is settled: {each}.", f"Take it back first: lab.unsettle({number}).")
    return _apply(desk, [*rules, {**boundary.as_dict(), "by": desk.person, "why": why}])


def unsettle(desk: Desk, number: int) -> pd.DataFrame:
    """Take a rule back; see `labkit.Lab.unsettle`."""
    rules = _rules(desk)
    if isinstance(number, bool) or number not in range(1, len(rules) + 1):
        raise LabError(f"There is no rule {number!r}.", "Give a number of lab.settled().")
    return _apply(desk, [*rules[: number - 1], *rules[number:]])


def settled(desk: Desk) -> pd.DataFrame:
    """Return the rules that hold; see `labkit.Lab.settled`."""
    rows = [[str(_boundary(each)), *(each[name] for name in COLUMNS[1:])] for each in _rules(desk)]
    return pd.DataFrame(rows, columns=COLUMNS, index=pd.RangeIndex(1, len(rows) + 1, name="number"))


def settle_again(desk: Desk) -> None:
    """Apply the rules that hold to labels that came later."""
    if rules := _rules(desk):
        _apply(desk, rules)


def settle_drafts(desk: Desk, annotations: pd.DataFrame) -> pd.DataFrame:
    """Return annotations with what models say as the rules have it; a label that was moved has no scores."""
    boundaries = [_boundary(each) for each in _rules(desk)]
    drafts = annotations["value"].notna() & ~annotations["kind"].isin(NOT_VOTING)
    if not boundaries or not drafts.any():
        return annotations
    texts = desk.texts().set_index("example").text
    values, scores = annotations["value"].to_list(), annotations["scores"].to_list()
    for row in drafts.to_numpy().nonzero()[0]:
        moved = _settle(desk, values[row], texts[annotations["example"].iloc[row]], boundaries)[0]
        if moved != desk.task.check(values[row]):
            values[row], scores[row] = moved, None
    return annotations.assign(value=pd.Series(values, annotations.index), scores=pd.Series(scores, annotations.index))


def _apply(desk: Desk, rules: Rules) -> pd.DataFrame:
    """Give what models say of each text as the rules have it; what they change no more is taken back."""
    texts, boundaries = desk.texts().set_index("example").text, [_boundary(each) for each in rules]
    best = consensus(desk.annotations(), desk.task, DRAFTS)
    spans, changed, rows = [0] * len(rules), [0] * len(rules), []
    for example, value in zip(best.example, best.value, strict=True):
        found, moved = _settle(desk, value, texts[example], boundaries)
        if found == value:
            continue
        for number, count in enumerate(moved):
            spans[number] += count
            changed[number] += bool(count)
        said = "; ".join(f"rule {number}: {rule}" for number, rule in enumerate(boundaries, 1) if moved[number - 1])
        rows.append(Annotation(int(example), Outcome.PARSED, found, source=said))
    counted = [{**rule, "spans": count, "texts": many} for rule, count, many in zip(rules, spans, changed, strict=True)]
    annotations = desk.store.annotations
    digest = sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()
    annotator = annotations.annotator(desk.number, SETTLED, "rule", digest, {"rules": counted})
    stale = set(annotations.latest(desk.number, [SETTLED]).example) - {row.example for row in rows}
    annotations.add(annotator, [*rows, *(Annotation(int(each), Outcome.UNDONE, None) for each in sorted(stale))])
    return settled(desk)


def _settle(desk: Desk, value: Any, text: str, boundaries: Iterable[Boundary]) -> tuple[Any, list[int]]:
    """Return a value as the rules have it, one after another, and how many of its spans each moved."""
    found, moved = desk.task.check(value), []
    for boundary in boundaries:
        before, found = found, desk.task.settle(found, text, boundary)
        there = desk.task.marks(found)
        moved.append(sum(span not in there for span in desk.task.marks(before)))
    return found, moved


def _rules(desk: Desk) -> Rules:
    """Return the rules that hold."""
    rules: Rules = desk.store.annotations.config(desk.number, SETTLED).get("rules", [])
    return rules


def _boundary(rule: dict[str, Any]) -> Boundary:
    """Return what a rule says."""
    return Boundary(**{name: rule[name] for name in ("label", "before", "after", "keep", "words")})
