"""Writes what people and models said of texts, for other tools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from ..corpus import Account, counted, first_of
from ..errors import LabError
from ..files import Bad
from ..formats.record import Answer, Document, Judgement, Scheme
from ..formats.registry import format_called, format_for
from ..formats.values import parts_of
from ..store import Outgoing
from ..tasks import Outcome
from .desk import Desk

PEOPLE, BEST = "people", "best"
ANSWERS = {str(Outcome.REJECTED): Answer.REJECT, str(Outcome.IGNORED): Answer.IGNORE}


@dataclass(frozen=True, repr=False)
class Exported(Account):
    """What was written for another tool, and what its format has no place for.

    Parameters
    ----------
    path : Path
        The file or folder.
    format : str
        The name of the format.
    title : str
        What people call it.
    texts, annotations : int
        How many were written.
    lost : mapping of str to int
        What the annotations had and were written without, since the format has no place for it, with their number.
    lacks : tuple of str
        All that the format has no place for.
    silent : int
        Annotations without a value, such as failed replies of an LLM: no format has them.
    refused : sequence of Bad
        Annotations that were not written, and why; `source` is the text's id.
    """

    path: Path
    format: str
    title: str
    texts: int
    annotations: int
    lost: Mapping[str, int]
    lacks: tuple[str, ...]
    silent: int
    refused: Sequence[Bad]

    def _headline(self) -> str:
        written = f"{counted(self.annotations, 'annotation')} of {counted(self.texts, 'text')}"
        return f"{written} written to {self.path.name} ({self.title})"

    def _facts(self) -> list[str]:
        lost = ", ".join(f"{name} ({counted(count, 'annotation')})" for name, count in self.lost.items())
        others = ", ".join(name for name in self.lacks if name not in self.lost)
        facts = {
            f"left out, since {self.title} has no place for it: {lost}": lost,
            f"nothing of these was there, and {self.title} has no place for them either: {others}": others,
            f"{counted(self.silent, 'annotation')} without a value left out": self.silent,
            f"{counted(len(self.refused), 'annotation')} not written, listed in .refused": self.refused,
        }
        return [fact for fact, there in facts.items() if there]

    def _first(self) -> list[tuple[str, str]]:
        return first_of(self.refused)


def export_labels(desk: Desk, path: Path, format: str | None, who: str | Sequence[str]) -> Exported:
    """Write annotations to a file or folder; see `labkit.Lab.export_labels`."""
    form = format_for(path) if format is None else format_called(format)
    settings = desk.task.variables()
    scheme = Scheme(desk.task.labels, bool(settings.get("exclusive")), bool(settings.get("overlap")))
    source = _Source(desk)
    documents = source.best() if who == BEST else source.said_by(who)
    first = next(documents, None)
    if first is None:
        raise LabError(
            "Nobody has decided anything that could be exported.",
            'Decide on some: lab.correct(). Or export the best label known of each text: who="best".',
        )
    written = form.write(path, _again(first, documents), scheme)
    return Exported(
        path=path,
        format=form.name,
        title=form.title,
        texts=written.texts,
        annotations=written.annotations,
        lost={str(name): count for name, count in written.lost.most_common()},
        lacks=tuple(map(str, form.lacks)),
        silent=source.silent,
        refused=written.refused,
    )


def _again(first: Document, others: Iterator[Document]) -> Iterator[Document]:
    """Yield a document that was taken already, and the others."""
    yield first
    yield from others


@dataclass
class _Source:
    """The documents of a project, and how many annotations have no value to write."""

    desk: Desk
    silent: int = 0

    def said_by(self, who: str | Sequence[str]) -> Iterator[Document]:
        """Yield the texts with what these annotators say of them."""
        names = None if who == PEOPLE else [who] if isinstance(who, str) else list(who)
        unknown = set(names or ()) - set(self.desk.store.exchange.annotators(self.desk.number))
        if unknown:
            raise LabError(f"{min(unknown)!r} has not labelled anything here.", "See who has: lab.summary().")
        rows = self.desk.store.exchange.give(self.desk.number, names)
        for _, group in groupby(rows, attrgetter("example")):
            document = self._document(list(group))
            if document.judgements:
                yield document

    def best(self) -> Iterator[Document]:
        """Yield the texts with the best label known of each."""
        from ..review import consensus

        best = consensus(self.desk.annotations(), self.desk.task)
        known = dict(zip(best.example, zip(best.value, best.origin, strict=True), strict=True))
        texts = self.desk.texts()
        for example, key, text in zip(texts.example, texts.key, texts.text, strict=True):
            if example in known:
                value, origin = known[example]
                said = Judgement(**parts_of(value, self.desk.task.part), annotator=origin, model=origin != "person")
                yield Document(text, (said,), key, source=key)

    def _document(self, rows: list[Outgoing]) -> Document:
        """Return one text with what is said of it."""
        first = rows[0]
        meta: dict[str, Any] = dict(first.meta)
        said, part = [], self.desk.task.part
        for row in rows:
            if row.value is None and row.outcome not in ANSWERS:
                self.silent += 1
                continue
            details = row.details or {}
            meta |= details.get("meta", {})
            value = details.get("shown", ()) if row.value is None else row.value
            judgement = Judgement(
                **parts_of(value, part),
                answer=ANSWERS.get(row.outcome, Answer.ACCEPT),
                annotator=row.who,
                model=row.kind not in ("person", "reference"),
                time=row.made_at,
                seconds=row.seconds,
                session=row.session,
                note=row.note,
                extra=details.get("extra", {}),
                partial=details.get("partial", False),
            )
            said.append(judgement)
        return Document(first.text, tuple(said), first.key, meta, source=first.key)
