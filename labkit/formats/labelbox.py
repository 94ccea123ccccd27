"""Labelbox's NDJSON: one row a label or span, each of which names its text and does not hold it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ..files import Bad, Record, excerpt
from . import odd
from .base import Format, Peek, Unfit, json_lines, read_objects
from .odd import Odd
from .ranges import checked, relation_of
from .record import Document, Field, Judgement, Relation, Scheme, Span

QUESTION = "labels"
"""What the question is called to which labels of a text are the answer."""


def _sniff(peek: Peek) -> str | None:
    found = any("dataRow" in row and {"answer", "location", "relationship"} & set(row) for row in peek.rows())
    return "Labelbox, one label or span a row" if found else None


def _read(path: Path) -> Iterator[Document | Bad]:
    """Gather the rows of each text, then read them together."""
    gathered: dict[str, list[Record]] = {}
    for row in read_objects(path):
        if isinstance(row, Bad):
            yield row
            continue
        try:
            gathered.setdefault(_key(row.fields), []).append(row)
        except Odd as why:
            yield Bad(path.name, row.line, str(why), excerpt(row.raw or ""))
    for key, rows in gathered.items():
        try:
            yield Document(None, (_judgement(rows),), key, source=path.name, line=rows[0].line, left=_left(rows))
        except Odd as why:
            raw = excerpt("\n".join(row.raw or "" for row in rows))
            yield Bad(path.name, rows[0].line, f"what is said of {key!r} can't be read: {why}", raw)


def _key(row: dict[str, Any]) -> str:
    """Return the id of a row's text."""
    place = row.get("dataRow")
    key = odd.key(place.get("globalKey", place.get("id"))) if isinstance(place, dict) else None
    if key is None:
        raise Odd("it names no dataRow")
    return key


def _left(rows: list[Record]) -> tuple[str, ...]:
    """Name what the rows hold that a record has no place for."""
    return tuple(name for name in ("classifications", "confidence") if any(row.fields.get(name) for row in rows))


def _judgement(rows: list[Record]) -> Judgement:
    """Return what the rows of one text say of it."""
    answers = [row.fields for row in rows if "answer" in row.fields]
    entities = [row.fields for row in rows if "location" in row.fields]
    others = [row.fields for row in rows if "relationship" in row.fields]
    if len(answers) + len(entities) + len(others) < len(rows):
        raise Odd("a row has neither an answer nor a location")
    found = [_entity(row) for row in entities]
    spans, _ = checked(None, [span for span, _ in found], [words for _, words in found])
    numbers = {row.get("uuid"): number for number, row in enumerate(entities)}
    return Judgement(
        labels=_labels(answers) if answers else None,
        spans=spans if entities else None,
        relations=tuple(_relation(row, numbers, len(spans)) for row in others) if entities or others else None,
    )


def _labels(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the answers to the one question that was asked: a radio's, or a checklist's."""
    if len(rows) > 1:
        raise Odd("it has more than one answer")
    answer = rows[0]["answer"]
    each = answer if isinstance(answer, list) else [answer]
    return odd.labels([raw.get("name") for raw in odd.records(each, "answer")], "answer")


def _entity(row: dict[str, Any]) -> tuple[Span, str | None]:
    """Return a span, `end` exclusive, and its words, by whose length it is known whether `end` was so in the file."""
    location = row["location"]
    if not isinstance(location, dict):
        raise Odd("a location is no object")
    start, end = (odd.whole(location.get(side), f"a location's {side}") for side in ("start", "end"))
    words = odd.optional_string(row, "text")
    if words is None:
        raise Odd("a span comes without its words, and nothing else tells whether Labelbox counts its end in")
    if len(words) - (end - start) not in (0, 1):
        raise Odd(f"a span from {start} to {end} has {len(words)} characters")
    return Span(start, start + len(words), odd.label(row.get("name"), "a span's name")), words


def _relation(row: dict[str, Any], numbers: dict[Any, int], count: int) -> Relation:
    """Return a relation between two spans, which it names by their uuids."""
    ends = row["relationship"]
    if not isinstance(ends, dict) or ends.get("source") not in numbers or ends.get("target") not in numbers:
        raise Odd("a relationship names a span that is not there")
    if ends.get("type", "unidirectional") != "unidirectional":
        raise Odd("a relationship has no direction")
    return relation_of(numbers[ends["source"]], numbers[ends["target"]], row.get("name"), count)


def _encode(document: Document, scheme: Scheme) -> Iterator[dict[str, Any]]:
    """Yield a row a span and relation, and one for the labels."""
    if document.key is None:
        raise Unfit("Labelbox names texts by their ids, and it has none")
    (said,) = document.judgements
    if said.labels is None and not said.spans:
        raise Unfit("a text without spans has no row")
    place = {"dataRow": {"globalKey": document.key}}
    if said.labels is not None:
        if scheme.exclusive and len(said.labels) != 1:
            raise Unfit("a radio has one answer")
        names = [{"name": name} for name in said.labels]
        yield {"name": QUESTION, "answer": names[0] if scheme.exclusive else names, **place}
    uuids = [str(uuid5(NAMESPACE_URL, f"{document.key}#{number}")) for number in range(len(said.spans or ()))]
    for span, uuid in zip(said.spans or (), uuids, strict=True):
        if document.text is None:
            raise Unfit("its text is not known")
        words = document.text[span.start : span.end]
        location = {"start": span.start, "end": span.end}
        yield {"name": span.label, "location": location, "text": words, "uuid": uuid, **place}
    for relation in said.relations or ():
        ends = {"source": uuids[relation.head], "target": uuids[relation.tail], "type": "unidirectional"}
        yield {"name": relation.label, "relationship": ends, **place}


LABELBOX = Format(
    name="labelbox",
    title="Labelbox",
    ending=".ndjson",
    carries=frozenset({Field.ID, Field.LABELS, Field.SPANS, Field.OVERLAPS, Field.RELATIONS, Field.NONE}),
    sniff=_sniff,
    read=_read,
    put=json_lines(_encode),
)
