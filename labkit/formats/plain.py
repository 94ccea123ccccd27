"""Plain JSON lines: one annotation a line, with a place for everything that a record holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..files import Bad
from . import odd
from .base import Format, Peek, json_lines, read_objects
from .odd import Odd
from .ranges import checked, relation_of, span_of
from .record import Answer, Document, Field, Judgement, Relation, Scheme, Span

_KNOWN = ("id", "key", "text", "labels", "label", "spans", "relations", "answer", "partial", "annotator", "model")
_COLUMNS = frozenset((*_KNOWN, "time", "seconds", "session", "note", "extra", "meta"))


def _sniff(peek: Peek) -> str | None:
    rows = peek.rows()
    named = [row for row in rows if ("text" in row or "id" in row) and {"labels", "label", "spans"} & set(row)]
    if not named or any(_elsewhere(row) for row in rows):
        return None
    return "JSON lines of spans" if "spans" in named[0] else "JSON lines of labels"


def _elsewhere(row: dict[str, Any]) -> bool:
    """Say whether a row is in the way of another tool: with Prodigy's hashes, or doccano's Comments and triples."""
    label = row.get("label", row.get("labels"))
    triples = isinstance(label, list) and any(isinstance(each, list) for each in label)
    return triples or bool({"_input_hash", "_task_hash", "_view_id", "Comments", "entities"} & set(row))


def _read(path: Path) -> Iterator[Document | Bad]:
    return odd.decoded(read_objects(path), path.name, decode_row)


def decode_row(row: dict[str, Any]) -> Document:
    """Return the document of one row; raises `Odd` where it is none."""
    text, key = odd.optional_string(row, "text"), odd.key(row.get("id", row.get("key")))
    if text is None and key is None:
        raise Odd("it has neither a text nor an id")
    given = [name for name in ("labels", "label") if row.get(name) is not None]
    if len(given) > 1:
        raise Odd("it has both labels and label")
    answer = row.get("answer", Answer.ACCEPT)
    if answer not in list(Answer):
        raise Odd(f"the answer is {answer!r}, not accept, reject or ignore")
    spans, unit = _spans(text, row)
    labels = _labels(row[given[0]]) if given else None
    relations = row.get("relations")
    extra, meta = row.get("extra", {}), row.get("meta", {})
    if not isinstance(extra, dict) or not isinstance(meta, dict):
        raise Odd("extra or meta is no object")
    judgement = Judgement(
        labels=labels,
        spans=spans,
        relations=None if relations is None else _relations(relations, len(spans or ())),
        answer=Answer(answer),
        partial=row.get("partial") is True,
        annotator=odd.optional_string(row, "annotator"),
        model=row.get("model") is True,
        time=odd.moment(row.get("time")),
        seconds=odd.seconds(row.get("seconds")),
        session=odd.optional_string(row, "session"),
        note=odd.optional_string(row, "note"),
        extra=extra,
    )
    if labels is None and spans is None and answer == Answer.ACCEPT:
        raise Odd("it has neither labels nor spans")
    return Document(text, (judgement,), key, {**odd.rest(row, _COLUMNS), **meta}, unit=unit)


def _labels(value: Any) -> tuple[str, ...]:
    """Return labels: a list, one alone, or an object of scores of which those that are not 0 count."""
    if isinstance(value, dict):
        if not all(score in (0, 1) for score in value.values()):
            raise Odd("the labels have scores other than 0 and 1")
        value = [name for name, score in value.items() if score]
    return odd.labels([value] if isinstance(value, str) else value, "labels")


def _spans(text: str | None, row: dict[str, Any]) -> tuple[tuple[Span, ...] | None, str]:
    """Return the spans of a row, checked, and the unit they were counted in."""
    if "spans" not in row:
        return None, ""
    spans, words = [], []
    for raw in odd.records(row["spans"] or [], "spans"):
        span, said = span_of(raw)
        parts = raw.get("parts") or []
        if not isinstance(parts, list) or not all(isinstance(part, list) and len(part) == 2 for part in parts):
            raise Odd("the parts of a span are no list of ranges")
        ranges = tuple((odd.whole(part[0], "a part's start"), odd.whole(part[1], "a part's end")) for part in parts)
        attributes = raw.get("attributes", {})
        if not isinstance(attributes, dict) or not all(isinstance(value, str) for value in attributes.values()):
            raise Odd("the attributes of a span are no object of texts")
        note = odd.optional_string(raw, "note")
        spans.append(span._replace(parts=ranges, note=note, attributes=tuple(attributes.items())))
        words.append(said)
    return checked(text, spans, words)


def _relations(value: Any, count: int) -> tuple[Relation, ...]:
    """Return the relations of a row with so many spans."""
    found = odd.records(value, "relations")
    return tuple(relation_of(raw.get("head"), raw.get("tail"), raw.get("label"), count) for raw in found)


def encode_rows(document: Document, scheme: Scheme) -> Iterator[dict[str, Any]]:
    """Yield a row an annotation; what there is nothing to say of is left out."""
    for said in document.judgements:
        row: dict[str, Any] = {"id": document.key, "text": document.text}
        row["labels"] = None if said.labels is None else list(said.labels)
        row["spans"] = None if said.spans is None else [_span(document.text, span) for span in said.spans]
        row["relations"] = None if said.relations is None else [each._asdict() for each in said.relations]
        row |= {"answer": str(said.answer), "partial": said.partial or None, "annotator": said.annotator}
        row |= {"model": said.model or None, "time": said.time and said.time.isoformat(), "seconds": said.seconds}
        row |= {"session": said.session, "note": said.note, "extra": dict(said.extra) or None}
        row["meta"] = dict(document.meta) or None
        yield {name: value for name, value in row.items() if value is not None}


def _span(text: str | None, span: Span) -> dict[str, Any]:
    """Return a span with its words, by which its offsets can be checked in any unit."""
    row: dict[str, Any] = {"start": span.start, "end": span.end, "label": span.label}
    row["text"] = None if text is None else text[span.start : span.end]
    row["parts"] = [list(part) for part in span.parts] or None
    row["note"], row["attributes"] = span.note, dict(span.attributes) or None
    return {name: value for name, value in row.items() if value is not None}


JSONL = Format("jsonl", "JSON lines", ".jsonl", frozenset(Field), _sniff, _read, json_lines(encode_rows))
