"""Has rules label a project's texts, and makes annotators of what rules and others agree on."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import LabError
from ..files import JsonLines, excerpt
from ..progress import Progress
from ..review import Queue, compare, queue
from ..review.lots import lots
from ..review.weak import agreed, coverage, together
from ..rules import Rule, Said, make_rule, read_rules, run
from ..store import Annotation
from ..tasks import Outcome
from ..widgets import monitor
from .desk import REFERENCE, Desk

LONG = 50_000
"""Texts from which on rules show how far they are."""

KIND = "rule"


@dataclass(frozen=True, repr=False)
class Ruled:
    """What rules said of a project's texts.

    Parameters
    ----------
    table : DataFrame
        One row a rule; see `labkit.review.weak.coverage`.
    failures : DataFrame
        Texts that a rule could not label, by ``rule`` and ``reason``: the column ``texts``.
    set_aside : Path or None
        The file that names these texts; None where there are none.
    """

    table: pd.DataFrame
    failures: pd.DataFrame
    set_aside: Path | None

    def __repr__(self) -> str:
        table = self._shown().to_string(na_rep="")
        return "\n".join([table, *([self._fact, self.failures.to_string(index=False)] if self.set_aside else [])])

    def _repr_html_(self) -> str:
        """Show the same, with nothing in a reason taken for HTML."""
        failed = f"<p>{escape(self._fact)}</p>{self.failures.to_html(index=False)}" if self.set_aside else ""
        return self._shown().to_html(na_rep="") + failed

    def _shown(self) -> pd.DataFrame:
        """Return the table to three digits, without what nobody decided."""
        unknown = ["decided", "right", "low", "high"] if not self.table["decided"].any() else []
        return self.table.drop(columns=unknown).round(3)

    @property
    def _fact(self) -> str:
        """Say how many texts were set aside."""
        return (
            f"{self.failures['texts'].sum():,} texts could not be labelled; the file that .set_aside names holds them."
        )


def rule(desk: Desk, name: str, against: str, **means: Any) -> Ruled:
    """Have one rule label every text; see `labkit.Lab.rule`."""
    if all(value is None for key, value in means.items() if key not in ("otherwise", "language")):
        found = read_rules(desk.project.folder, desk.task)
        if name not in found:
            known = ", ".join(found) or "none yet"
            raise LabError(
                f"There is no rule {name!r} in configs/{desk.project.name}/rules.toml.",
                f"Give regex=, terms=, patterns= or function=, or use one of: {known}.",
            )
        made = found[name]
    else:
        made = make_rule(name, desk.task, **{**means, "terms": _found(desk, means["terms"])})
    return _label(desk, [made], against)


def _found(desk: Desk, terms: Any) -> Any:
    """Return terms with the paths of files as they are found from here."""
    if isinstance(terms, Mapping):
        return {label: _found(desk, each) for label, each in terms.items()}
    return desk.project.path(terms) if isinstance(terms, (str, Path)) else terms


def rules(desk: Desk, names: Sequence[str], name: str, against: str) -> Ruled:
    """Have the project's rules label every text, and put together what they say; see `labkit.Lab.rules`."""
    found = read_rules(desk.project.folder, desk.task)
    chosen = list(dict.fromkeys(names)) or list(found)
    if not chosen:
        raise LabError(
            f"There are no rules in configs/{desk.project.name}/rules.toml.", "Write some, or use lab.rule(...)."
        )
    used = desk.store.annotations.used(desk.number)
    strange = [each for each in chosen if each not in found and used.get(each, ("", ""))[0] != KIND]
    if strange:
        raise LabError(f"There is no rule {strange[0]!r}.", "Write it into rules.toml, or run lab.rule(...) first.")
    if name in found or name in chosen:
        raise LabError(f"One of the rules is called {name!r}.", "Give name= for what they say together.")
    ruled = _label(desk, [found[each] for each in chosen if each in found], against, shown=chosen)
    used = desk.store.annotations.used(desk.number)
    said = desk.store.annotations.latest(desk.number, chosen)
    keep(desk, name, {"together": {each: used[each][1] for each in chosen}}, together(said, desk.task, chosen))
    return ruled


def pseudo_labels(desk: Desk, agree: Sequence[str], confidence: float, name: str) -> int:
    """Label the texts on which annotators agree and are sure; see `labkit.Lab.pseudo_labels`."""
    names = [agree] if isinstance(agree, str) else list(agree)
    found = agreed(desk.annotations(names), desk.task, names, confidence)
    used = desk.store.annotations.used(desk.number)
    versions = {each: used[each][1] for each in names}
    return keep(desk, name, {"agree": versions, "confidence": confidence}, found)


def uncertain(desk: Desk, name: str) -> Queue:
    """Rank the texts by how unsure a model is that learned from the decisions; see `labkit.Lab.uncertain`."""
    from tempfile import TemporaryDirectory

    from ..student import score, train

    texts, said = desk.texts(), desk.store.annotations.latest(desk.number)
    people = said[said.kind == "person"]
    known = dict(zip(people.example, people.value, strict=True))
    left = texts[~texts.example.isin(people.example)]
    learned = [(t, known[e]) for e, t in zip(texts.example, texts.text, strict=True) if known.get(e) is not None]
    config = desk.project.config(name)
    if len({desk.task.key(value) for _, value in learned}) < 2 or left.empty:
        drawn = left.assign(why="drawn at random", distance=math.nan).drop(columns="split")
        drawn = drawn.iloc[np.argsort(lots(left.key).place)].reset_index(drop=True)
        return Queue(drawn, f"at random, for the decisions are too few or too alike for {name} to learn from")
    with TemporaryDirectory(prefix="labkit-") as folder, monitor(f"{name} learns from the decisions") as report:
        trained = train(config, desk.task, learned, [], out=Path(folder), report=report)
        values, scores = zip(*score(trained.pipeline, desk.task, list(left.text)), strict=True)
    frame = pd.DataFrame({"example": left.example.to_numpy(), "annotator": name, "kind": "model"})
    frame = frame.assign(outcome=str(Outcome.PARSED), value=list(values), scores=list(scores))
    return queue(compare(frame, desk.task, [name]), texts)


def learning_curve(desk: Desk, name: str, by: str, sizes: Sequence[int], seeds: int) -> pd.DataFrame:
    """Play active learning on texts whose labels are known; see `labkit.Lab.learning_curve`."""
    from ..student import curve

    said = desk.annotations([by])
    known = {e: value for e, value in zip(said.example, said.value, strict=True) if value is not None}
    texts = desk.texts()
    texts = texts[texts.example.isin(known)]
    sets = [
        [(text, known[example]) for example, text in zip(part.example, part.text, strict=True)]
        for part in (texts[texts.split == "train"], texts[texts.split != "train"])
    ]
    with monitor(f"{name} learns in two orders") as report:
        return curve.learning_curve(
            desk.project.config(name), desk.task, *sets, sizes=sizes, seeds=seeds, report=report
        )


def keep(desk: Desk, name: str, identity: Mapping[str, Any], labels: pd.DataFrame) -> int:
    """Keep labels as those of one annotator of the kind "rule", in place of what it said before.

    Parameters
    ----------
    desk : Desk
        The project.
    name : str
        The annotator.
    identity : mapping
        What the labels follow from, as JSON.
    labels : DataFrame
        ``example`` and ``value``; of all other texts it says nothing any more.

    Returns
    -------
    int
        How many texts it labels.
    """
    _check_free(desk, [name])
    digest = sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    annotator = desk.store.annotations.annotator(desk.number, name, KIND, digest, dict(identity))
    before = desk.store.annotations.latest(desk.number, [name]).example
    gone = before[~before.isin(labels.example)]
    rows = [_annotation(int(e), Said(value), name) for e, value in zip(labels.example, labels.value, strict=True)]
    rows += [_annotation(int(example), Said(None), name) for example in gone]
    desk.store.annotations.add(annotator, rows)
    return len(labels)


def _label(desk: Desk, made: Sequence[Rule], against: str, shown: Sequence[str] = ()) -> Ruled:
    """Have rules label every text, in batches; what a rule fails on is set aside and named."""
    total = desk.store.examples.count(desk.number)
    if not total:
        desk.texts()  # says that there are none
    names = [each.name for each in made]
    _check_free(desk, names)
    annotator = desk.store.annotations.annotator
    numbers = [annotator(desk.number, each.name, KIND, each.digest, dict(each.identity)) for each in made]
    failures: Counter[tuple[str, str]] = Counter()
    path = desk.home / "set-aside" / desk.name / f"rules-{sha256(repr(sorted(names)).encode()).hexdigest()[:6]}.jsonl"
    with JsonLines(path, keep_empty=False) as aside:
        for batch in _batches(desk, total, names):
            said = list(run(made, (text for _, _, text in batch)))
            before = desk.store.annotations.latest(desk.number, names, [example for example, _, _ in batch])
            spoke = set(zip(before.annotator, before.example, strict=True))
            for place, (number, name) in enumerate(zip(numbers, names, strict=True)):
                rows = [(example, each[place]) for (example, _, _), each in zip(batch, said, strict=True)]
                heard = [row for row in rows if row[1] != Said(None) or (name, row[0]) in spoke]
                desk.store.annotations.add(number, (_annotation(example, each, name) for example, each in heard))
            for (_, key, text), each in zip(batch, said, strict=True):
                for name, problem in ((n, s.problem) for n, s in zip(names, each, strict=True) if s.problem):
                    aside.write({"key": key, "rule": name, "reason": problem, "text": excerpt(text)})
                    failures[name, problem] += 1
    table = pd.DataFrame([(*key, n) for key, n in failures.most_common()], columns=["rule", "reason", "texts"])
    return Ruled(_coverage(desk, shown or names, total, against), table, path if failures else None)


def _batches(desk: Desk, total: int, names: Sequence[str]) -> Iterator[list[tuple[int, str, str]]]:
    """Yield the texts in batches, and show how far it is where it takes long."""
    if total < LONG:
        yield from desk.store.examples.batches(desk.number)
        return
    with monitor(f"{', '.join(names)} label") as report:
        done = 0
        for batch in desk.store.examples.batches(desk.number):
            yield batch
            done += len(batch)
            report(Progress("rules", done, total))


def _coverage(desk: Desk, names: Sequence[str], total: int, against: str) -> pd.DataFrame:
    """Say how far rules reach, and how often they are right by people's decisions or the reference."""
    used = desk.store.annotations.used(desk.number)
    judges = [name for name, (kind, _) in used.items() if against in (name, kind)]
    if not judges and against != "person":
        raise LabError(f"{against!r} has not labelled anything here.", f"Use 'person' or {REFERENCE!r}.")
    return coverage(desk.store.annotations.latest(desk.number, [*names, *judges]), desk.task, names, total, against)


def _check_free(desk: Desk, names: Sequence[str]) -> None:
    """Raise LabError where a name is that of an annotator which is no rule."""
    used = desk.store.annotations.used(desk.number)
    for name in names:
        kind = used.get(name, (KIND, ""))[0]
        if kind != KIND or name in (desk.person, REFERENCE) or (desk.project.folder / f"{name}.cfg").is_file():
            raise LabError(f"{name!r} is already another annotator.", "Give the rule a name of its own.")


def _annotation(example: int, said: Said, name: str) -> Annotation:
    """Return what a rule said of one text; a text that it says nothing of any more is undone."""
    if said.problem:
        return Annotation(example, Outcome.ERROR, None, source=said.problem)
    if said.value is None:
        return Annotation(example, Outcome.UNDONE, None, source=name)
    return Annotation(example, Outcome.PARSED if said.value else Outcome.NONE, said.value, source=name)
