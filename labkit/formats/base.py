"""What a format is: how it is recognised, read and written, and what it has a place for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from ..apart import beside
from ..files import Bad, JsonLines, Record, excerpt, json_line, lines, objects
from ..files import items as array_items
from .record import ESSENTIAL, Document, Field, Judgement, Scheme, needs

SAMPLE = 50
"""Rows that tell the format of a file."""


class Unfit(Exception):
    """Why an annotation can't be written in a format."""


@dataclass(frozen=True)
class Peek:
    """The first rows of a file or folder, by which a format knows its own.

    Parameters
    ----------
    path : Path
        What is looked at.
    """

    path: Path

    @property
    def ending(self) -> str:
        """The end of the file's name, in lower case: ``".jsonl"``."""
        return self.path.suffix.lower()

    def rows(self) -> list[dict[str, Any]]:
        """Return the first JSON objects of the file: one a line, or of an array; none where it holds none."""
        if self.path.is_dir() or self.ending not in (".jsonl", ".ndjson", ".json"):
            return []
        return [row.fields for row in islice(read_objects(self.path), SAMPLE) if isinstance(row, Record)]

    def lines(self) -> list[str]:
        """Return the first lines of the file, without their ends."""
        return [] if self.path.is_dir() else [line.rstrip("\r\n") for _, line in islice(lines(self.path), SAMPLE)]


def read_objects(path: Path) -> Iterator[Record | Bad]:
    """Yield the JSON objects of a file: those of an array where it begins with a bracket, else one a line."""
    first = next((line for _, line in lines(path) if line.strip()), "")
    array = first.lstrip().startswith("[")
    return array_items(path, path.name) if array else objects(path, path.name)


@dataclass
class Refused:
    """Takes what can't be written, and why.

    Parameters
    ----------
    rows : list of Bad
        One a document.
    annotations : int
        How many annotations these had.
    """

    rows: list[Bad] = field(default_factory=list)
    annotations: int = 0

    def __call__(self, document: Document, why: str) -> None:
        """Note that a document is not written."""
        self.rows.append(_bad(document, why))
        self.annotations += len(document.judgements)

    def add(self, others: Refused) -> None:
        """Take over what was refused elsewhere."""
        self.rows += others.rows
        self.annotations += others.annotations


@dataclass
class Written:
    """What became of documents on their way into a file.

    Parameters
    ----------
    texts, annotations : int
        How many were written.
    lost : Counter of Field
        What the format has no place for, with the number of annotations that had it and were written without.
    refused : list of Bad
        What was not written, and why; `source` is the text's id.
    """

    texts: int = 0
    annotations: int = 0
    lost: Counter[Field] = field(default_factory=Counter)
    refused: list[Bad] = field(default_factory=list)


@dataclass(frozen=True)
class Format:
    """A form of file in which labels travel.

    Parameters
    ----------
    name : str
        What it is asked for by: ``"prodigy"``.
    title : str
        What people call it.
    ending : str
        The usual end of a file's name; ``""`` for a folder.
    carries : frozenset of Field
        What it has a place for.
    sniff : callable
        Takes a `Peek`; says what it sees there, or returns None where it is none of its own.
    read : callable
        Takes the path; yields a `Document` or a `Bad` a row.
    put : callable
        Takes the path, documents that hold nothing but what the format carries, the `Scheme`, and a `Refused` for
        those that can't be written all the same. Returns how many documents were written.
    own : str or None
        The name under which a `Judgement.extra` holds what this format keeps; None where it keeps all of it or none.
    """

    name: str
    title: str
    ending: str
    carries: frozenset[Field]
    sniff: Callable[[Peek], str | None]
    read: Callable[[Path], Iterator[Document | Bad]]
    put: Callable[[Path, Iterable[Document], Scheme, Refused], int]
    own: str | None = None

    @cached_property
    def lacks(self) -> tuple[Field, ...]:
        """What it has no place for."""
        return tuple(each for each in Field if each not in self.carries)

    def write(self, path: Path, documents: Iterable[Document], scheme: Scheme) -> Written:
        """Write documents to a file or folder that is there whole or not at all.

        Parameters
        ----------
        path : Path
            The file, or a folder that is not there or empty.
        documents : iterable of Document
            Any number; they are streamed.
        scheme : Scheme
            The labels that could have been given.

        Raises
        ------
        LabError
            If the file can't be written.
        """
        written, refuse = Written(), Refused()

        def fitting() -> Iterator[Document]:
            for document in documents:
                kept = self._fit(document, written)
                if kept is not None:
                    written.annotations += len(kept.judgements)
                    yield kept

        written.texts = self.put(path, fitting(), scheme, refuse)
        written.refused += refuse.rows
        written.annotations -= refuse.annotations
        return written

    def _fit(self, document: Document, written: Written) -> Document | None:
        """Return what of a document the format can carry, and count what it can't."""
        kept: list[tuple[Judgement, list[Field]]] = []
        for judgement in document.judgements:
            lacking = needs(judgement, self.lacks)
            grave = next((each for each in lacking if each in ESSENTIAL), None)
            if grave:
                written.refused.append(_bad(document, f"{self.title} has no place for {grave}"))
                continue
            if self.own and set(judgement.extra) - {self.own}:
                lacking.append(Field.EXTRA)
            kept.append((judgement, lacking))
        if Field.SEVERAL not in self.carries and len(kept) > 1:
            written.lost[Field.SEVERAL] += len(kept) - 1
            kept = kept[-1:]
        if not kept:
            return None
        there = {Field.TEXT: document.text is not None, Field.ID: document.key is not None, Field.META: document.meta}
        lost = [each for each, given in there.items() if given and each not in self.carries]
        for each in chain(lost, *(lacking for _, lacking in kept)):
            written.lost[each] += 1
        whole = len(kept) == len(document.judgements)
        return document if whole else document._replace(judgements=tuple(judgement for judgement, _ in kept))


def _bad(document: Document, why: str) -> Bad:
    """Return why a document, or an annotation of it, was not written."""
    return Bad(document.key or document.source, document.line, why, excerpt(document.text or ""))


def flat(document: Document, reserved: Iterable[str]) -> dict[str, Any]:
    """Return the other columns of a text, to stand beside the format's own; raises `Unfit` where they clash."""
    clash = sorted(set(document.meta) & set(reserved))
    if clash:
        raise Unfit(f"its other column {clash[0]!r} has the name of one of the format's own")
    return dict(document.meta)


def known_text(document: Document) -> str:
    """Return the text of a document, for a format that can't do without; raises `Unfit` where it is not known."""
    if document.text is None:
        raise Unfit("its text is not known")
    return document.text


Encode = Callable[[Document, Scheme], Iterable[Mapping[str, Any]]]
"""Takes a document and the scheme, and returns its rows; raises `Unfit`."""


def json_lines(encode: Encode) -> Callable[[Path, Iterable[Document], Scheme, Refused], int]:
    """Return the writer of a format of one JSON object a line.

    Parameters
    ----------
    encode : callable
        Takes a document and the scheme, and returns its rows; raises `Unfit`. It is a function of a module, so that
        another process finds it.
    """

    def put(path: Path, documents: Iterable[Document], scheme: Scheme, refuse: Refused) -> int:
        done, refused = beside(partial(_write, path, encode, scheme), documents)
        refuse.add(refused)
        return done

    return put


def _write(path: Path, encode: Encode, scheme: Scheme, documents: Iterable[Document]) -> tuple[int, Refused]:
    """Write the rows of documents, and return how many documents that were, and what was refused."""
    done, refuse = 0, Refused()
    with JsonLines(path) as file:
        for document in documents:
            try:
                rows = [json_line(row) for row in encode(document, scheme)]
            except Unfit as why:
                refuse(document, str(why))
            else:
                file.add(rows)
                done += 1
    return done, refuse
