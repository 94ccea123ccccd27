"""Takes in what people and models said of texts in other tools."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ..corpus import LIMIT, Columns, Keeper, Row, plain, split_of
from ..errors import LabError
from ..files import Bad, Record
from ..formats.base import Format
from ..formats.record import Answer, Document, Field, Judgement
from ..formats.registry import format_called, recognise
from ..formats.values import TELLS, value_of
from ..store import Incoming, NewExample
from ..tasks import Outcome, Task
from .desk import REFERENCE, Desk
from .imported import NOBODY, Aside, Imported
from .matching import Matcher, Missing, Unmatched

OUTCOMES = {Answer.REJECT: Outcome.REJECTED, Answer.IGNORE: Outcome.IGNORED}


@dataclass(frozen=True)
class Wishes:
    """What a caller says of a file beyond what can be seen in it; see `labkit.Lab.import_labels`."""

    annotator: str | None
    names: Mapping[str, str]
    partial: bool
    none: bool


def import_labels(desk: Desk, path: Path, wishes: Wishes, *, format: str | None, add: bool) -> Imported:
    """Take in the annotations of a file or folder; see `labkit.Lab.import_labels`."""
    form, found = recognise(path) if format is None else (format_called(format), format_called(format).title)
    with Aside(desk.aside(path)) as aside:
        refused, added = _add_texts(desk, form, path) if add else ({}, 0)
        reading = _Reading(desk, form, wishes, aside, refused)
        taken = desk.store.exchange.take(desk.number, reading.rows(path))
        for source, who in taken.older:
            file, _, line = source.rpartition(":")
            aside.put(Bad(file, int(line), f"what {who} said later of its text stands", ""))
    new = dict(sorted(taken.new.items()))
    return Imported(
        found=found,
        format=form.name,
        new=new,
        known=taken.known,
        texts=len(reading.texts),
        added=added,
        missing=reading.missing,
        answers=dict(reading.answers),
        units=dict(reading.units),
        left=dict(reading.left),
        bad=aside.first,
        aside=aside.count,
        set_aside=desk.aside(path) if aside.count else None,
    )


def _add_texts(desk: Desk, form: Format, path: Path) -> tuple[dict[tuple[str, int], str], int]:
    """Add the texts of a file to the project; return why some were not, by their places, and how many are new."""
    refused: dict[tuple[str, int], str] = {}
    keep = Keeper(LIMIT)

    def examples() -> Iterator[NewExample]:
        for document in form.read(path):
            if isinstance(document, Bad) or document.text is None or document.respaced:
                continue
            fields = {**document.meta, "text": document.text, "id": document.key}
            row = keep.row(document.source, Record(document.line, fields, None), Columns("text", "id", None))
            if isinstance(row, Row):
                yield NewExample(row.hash, row.key, row.text, split_of(row.hash), row.source, row.meta)
            else:
                refused[document.source, document.line] = row.reason

    before = desk.store.examples.count(desk.number)
    for row in desk.store.examples.add(desk.number, examples()):
        source, _, line = row.source.rpartition(":")
        refused[source, int(line)] = f"the id {row.key!r} is already that of another text of the project"
    return refused, desk.store.examples.count(desk.number) - before


@dataclass
class _Reading:
    """One reading of a file: what is made of its annotations, and what is counted on the way."""

    desk: Desk
    form: Format
    wishes: Wishes
    aside: Aside
    refused: Mapping[tuple[str, int], str]
    missing: int = 0
    texts: set[int] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)

    def rows(self, path: Path) -> Iterator[Incoming]:
        """Yield the annotations of the file; what can't be used is set aside."""
        matcher = Matcher(self.desk)
        taken = self.desk.store.exchange.annotators(self.desk.number)
        for document in self.form.read(path):
            if isinstance(document, Bad):
                self.aside.put(document)
                continue
            try:
                match = matcher.find(document)
            except Unmatched as why:
                refused = self.refused.get((document.source, document.line))
                self.missing += isinstance(why, Missing) and refused is None
                self._set_aside(document, refused or str(why))
                continue
            self.texts.add(match.example)
            self.left.update(document.left)
            self.units.update([document.unit] if document.unit else ())
            for said in match.judgements:
                try:
                    yield self._incoming(document, said, match.example, taken)
                except Unmatched as why:
                    self._set_aside(document, str(why))
                except LabError as error:
                    self._set_aside(document, error.problem.rstrip("."))

    def _set_aside(self, document: Document, why: str) -> None:
        """Set a document aside, or one annotation of it."""
        self.aside.put(Bad(document.source, document.line, why, (document.text or document.key or "")[:200]))

    def _incoming(
        self, document: Document, said: Judgement, example: int, taken: Mapping[str, set[tuple[str, str]]]
    ) -> Incoming:
        """Return the annotation as it is kept; raises `Unmatched` or LabError."""
        who, kind = self._who(said, taken)
        value = self._value(said)
        outcome = OUTCOMES.get(said.answer) or (Outcome.PARSED if value else Outcome.NONE)
        made = None if said.time is None else said.time.astimezone(UTC)
        shown = value_of(said, self.desk.task.part) if value is None else None
        details = {"extra": dict(said.extra), "meta": dict(document.meta), "shown": shown}
        details |= {"partial": said.partial and value is None}
        self.answers[str(said.answer)] += 1
        says = [self.desk.name, example, who, kind, str(outcome), value, shown, made and made.isoformat(), said.session]
        return Incoming(
            decision=str(uuid5(NAMESPACE_URL, json.dumps(says))),
            who=who,
            kind=kind,
            example=example,
            value=value,
            outcome=str(outcome),
            seconds=said.seconds,
            source=f"{document.source}:{document.line}",
            made_at=made,
            session=said.session,
            note=said.note,
            details=plain({name: detail for name, detail in details.items() if detail}) or None,
        )

    def _who(self, said: Judgement, taken: Mapping[str, set[tuple[str, str]]]) -> tuple[str, str]:
        """Return the annotator's name and kind; raises `Unmatched` for the name of somebody else here."""
        name = said.annotator or self.wishes.annotator or NOBODY
        name = self.wishes.names.get(name, name)
        kind = REFERENCE if name == REFERENCE else "model" if said.model else "person"
        if name in taken and (kind, "") not in taken[name]:
            raise Unmatched(f"{name!r} is somebody else here: give another name, names={{{name!r}: ...}}")
        return name, kind

    def _value(self, said: Judgement) -> Any | None:
        """Return the task's value; None for what was rejected or ignored."""
        task = self.desk.task
        raw = value_of(said, task.part)
        for part in ("labels", "spans", "relations"):
            if part not in TELLS[task.part] and getattr(said, part):
                self.left[part] += 1
        for name, there in (("notes of spans", "note"), ("attributes of spans", "attributes")):
            self.left.update([name] * any(getattr(span, there) for span in said.spans or ()))
        if said.answer is not Answer.ACCEPT:
            return None
        if raw is None:
            raise Unmatched(f"it says nothing of {task.part}, which this project asks for")
        if said.partial and not self.wishes.partial and not _says_all(task, raw):
            raise Unmatched("it says that this applies, and nothing of other labels: take it for all with partial=True")
        if not raw and Field.NONE not in self.form.carries and not self.wishes.none:
            raise Unmatched("it has no labels, which may mean that nobody read it: take it for none with none=True")
        if any(span.parts for span in said.spans or ()):
            raise Unmatched("a span is in several pieces")
        return task.check(raw)


def _says_all(task: Task, raw: Any) -> bool:
    """Say whether one label that applies settles a text: no other can, or there is no other."""
    return bool(raw) and task.whole_text and (bool(task.variables().get("exclusive")) or len(task.labels) == 1)
