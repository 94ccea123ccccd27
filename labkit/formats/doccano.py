"""doccano's exports: JSON lines of labels, spans and relations, a CSV of labels, and a zip with a file an annotator."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from ..files import Bad, JsonLines, Record, commas, in_words, members, whole_file
from . import odd
from .base import Format, Peek, Refused, Unfit, flat, json_lines, known_text, read_objects
from .odd import Odd
from .ranges import checked, relation_of, span_of
from .record import Document, Field, Judgement, Relation, Scheme, Span

ALL = "all"
"""The name of the file that holds what a team made together: nobody is named for it."""

_OWN = ("id", "text", "label", "labels", "cats", "entities", "relations", "Comments", "comments")
_JOIN = "#"


def _sniff(peek: Peek) -> str | None:
    return next((found for row in peek.rows() if "text" in row and (found := _kind(row))), None)


def _kind(row: dict[str, Any]) -> str | None:
    """Say what doccano exported a row from, or None for one that is not in its way."""
    labels = row.get("label", row.get("labels"))
    if isinstance(row.get("entities"), list):
        return "doccano, spans and relations"
    if isinstance(labels, list) and any(isinstance(each, list) for each in labels):
        return "doccano, spans"
    if "Comments" in row and isinstance(labels, list):
        return "doccano, labels" if labels else "doccano"
    return None


def _sniff_zip(peek: Peek) -> str | None:
    if peek.ending != ".zip":
        return None
    names = [
        PurePosixPath(member[0]).stem
        for member in members(peek.path, peek.path.name)
        if not isinstance(member, Bad) and member[0].endswith((".jsonl", ".json"))
    ]
    return f"doccano, a zip of {', '.join(names)}" if names else None


def _sniff_csv(peek: Peek) -> str | None:
    """Know doccano's CSV by labels that are joined; one without is read as any other table."""
    if peek.ending != ".csv":
        return None
    rows = commas(peek.path, peek.path.name)
    joined = any(
        isinstance(row, Record) and {"text", "label"} <= set(row.fields) and _JOIN in row.fields["label"]
        for row in rows
    )
    return "doccano, a table of labels joined with #" if joined else None


def _read(path: Path) -> Iterator[Document | Bad]:
    return odd.decoded(read_objects(path), path.name, _decode)


def _read_zip(path: Path) -> Iterator[Document | Bad]:
    """Read each file of the archive; its name is the annotator's."""
    for member in members(path, path.name):
        if isinstance(member, Bad):
            yield member
            continue
        name, file = member
        source = f"{path.name}/{name}"
        if not name.endswith((".jsonl", ".json")):
            yield Bad(source, 0, "it is no file of doccano's labels", "")
            continue
        who = PurePosixPath(name).stem
        for row in _read(file):
            if isinstance(row, Bad):
                yield row._replace(source=source)
            else:
                said = tuple(each._replace(annotator=None if who == ALL else who) for each in row.judgements)
                yield row._replace(source=source, judgements=said)


def _read_csv(path: Path) -> Iterator[Document | Bad]:
    return odd.decoded(commas(path, path.name), path.name, _decode_csv)


def _decode(row: dict[str, Any]) -> Document:
    """Return the document of one row."""
    text = odd.string(row, "text")
    relations, unit = None, ""
    labels: tuple[str, ...] | None = None
    spans: tuple[Span, ...] | None = None
    if "entities" in row:
        spans, unit, numbers = _entities(text, odd.records(row["entities"] or [], "entities"))
        relations = tuple(_relations(odd.records(row.get("relations") or [], "relations"), numbers, len(spans)))
    else:
        given = row.get("label", row.get("labels"))
        if not isinstance(given, list):
            raise Odd("it has no list of labels")
        if any(isinstance(each, list) for each in given):
            spans, unit = _triples(text, given)
        elif given:
            labels = odd.labels(given, "label")
        else:
            labels, spans = (), ()  # an empty list looks the same in both kinds of project
        if "cats" in row:
            labels = odd.labels(row["cats"], "cats")
    note, left = _comments(row.get("Comments", row.get("comments")))
    said = Judgement(labels=labels, spans=spans, relations=relations, note=note)
    return Document(text, (said,), odd.key(row.get("id")), odd.rest(row, _OWN), unit=unit, left=left)


def _decode_csv(row: dict[str, Any]) -> Document:
    """Return the document of a row of the table."""
    joined = row.get("label")
    if joined is None:
        raise Odd("it has no label column")
    labels = odd.labels(joined.split(_JOIN) if joined else [], "label")
    note = row.get("Comments") or None
    return Document(
        odd.string(row, "text"), (Judgement(labels, note=note),), odd.key(row.get("id")), odd.rest(row, _OWN)
    )


def _comments(value: Any) -> tuple[str | None, tuple[str, ...]]:
    """Return the comment beside a text, and what is left where there are several."""
    if not value:
        return None, ()
    comments = value if isinstance(value, list) else [value]
    found = [each.get("comment", each.get("text")) if isinstance(each, dict) else each for each in comments]
    texts = [each for each in found if isinstance(each, str)]
    return ("\n".join(texts) or None), ("Comments",) * (len(texts) < len(found))


def _triples(text: str, given: list[Any]) -> tuple[tuple[Span, ...], str]:
    """Return spans that stand as [start, end, label]."""
    spans = []
    for each in given:
        if not isinstance(each, list) or len(each) != 3:
            raise Odd("a span is no list of start, end and label")
        start, end = odd.whole(each[0], "a span's start"), odd.whole(each[1], "a span's end")
        spans.append(Span(start, end, odd.label(each[2], "a span's label")))
    return checked(text, spans, [None] * len(spans))


def _entities(text: str, raws: list[Any]) -> tuple[tuple[Span, ...], str, dict[Any, int]]:
    """Return spans that stand as objects, their unit, and where each id stands among them."""
    found = [span_of(raw, "start_offset", "end_offset") for raw in raws]
    spans, unit = checked(text, [span for span, _ in found], [None] * len(found))
    return spans, unit, {raw.get("id"): number for number, raw in enumerate(raws)}


def _relations(raws: list[Any], numbers: dict[Any, int], count: int) -> Iterator[Relation]:
    """Yield the relations between entities that are named by their ids."""
    for raw in raws:
        if raw.get("from_id") not in numbers or raw.get("to_id") not in numbers:
            raise Odd("a relation names an entity that is not there")
        yield relation_of(numbers[raw["from_id"]], numbers[raw["to_id"]], raw.get("type"), count)


def _encode(document: Document, scheme: Scheme) -> Iterator[dict[str, Any]]:
    """Yield a row an annotation."""
    for said in document.judgements:
        row: dict[str, Any] = {} if document.key is None else {"id": document.key}
        row |= {"text": known_text(document), **flat(document, _OWN)}
        if said.relations is not None:
            spans = enumerate(said.spans or ())
            row["entities"] = [
                {"id": number, "label": span.label, "start_offset": span.start, "end_offset": span.end}
                for number, span in spans
            ]
            row["relations"] = [
                {"id": number, "from_id": relation.head, "to_id": relation.tail, "type": relation.label}
                for number, relation in enumerate(said.relations)
            ]
        elif said.spans is not None:
            row["label"] = [[span.start, span.end, span.label] for span in said.spans]
        else:
            row["label"] = list(said.labels or ())
        if said.spans and said.labels:
            row["cats"] = list(said.labels)
        yield {**row, "Comments": [] if said.note is None else [said.note]}


def _put_zip(path: Path, documents: Iterable[Document], scheme: Scheme, refuse: Refused) -> int:
    """Write a file an annotator, and pack them."""
    done = 0
    with whole_file(path) as place, TemporaryDirectory() as folder, in_words(path, "written"):
        names: dict[str, str] = {}
        with ExitStack() as stack:
            files: dict[str, JsonLines] = {}
            for document in documents:
                try:
                    rows = [(_file_of(said), _alone(document, said, scheme)) for said in document.judgements]
                except Unfit as why:
                    refuse(document, str(why))
                    continue
                for name, row in rows:
                    if name not in files:
                        names[name] = f"{len(names)}.jsonl"
                        files[name] = stack.enter_context(JsonLines(Path(folder, names[name])))
                    files[name].write(row)
                done += 1
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, file in names.items():
                archive.write(Path(folder, file), f"{name}.jsonl")
    return done


def _alone(document: Document, said: Judgement, scheme: Scheme) -> dict[str, Any]:
    """Return the row of one annotation."""
    return next(_encode(document._replace(judgements=(said,)), scheme))


def _file_of(said: Judgement) -> str:
    """Name the file of an annotator."""
    name = ALL if said.annotator is None else said.annotator
    bad = set(name) & set('/\\:*?"<>|') or not name.isprintable() or name.startswith(".") or name != name.strip()
    if bad or len(name) > 100 or (said.annotator is not None and name == ALL):
        raise Unfit(f"the annotator {name!r} can't be the name of a file")
    return name


def _put_csv(path: Path, documents: Iterable[Document], scheme: Scheme, refuse: Refused) -> int:
    """Write the table; it has no other columns, since these may differ from text to text."""
    done = 0
    with whole_file(path) as place, in_words(path, "written"), place.open("x", encoding="utf-8", newline="") as file:
        table = csv.writer(file, quoting=csv.QUOTE_ALL)
        table.writerow(["id", "text", "label", "Comments"])
        for document in documents:
            for said in document.judgements:
                odd_one = next((name for name in said.labels or () if _JOIN in name), None)
                if odd_one or document.text is None:
                    refuse(document, f"the label {odd_one!r} holds {_JOIN}" if odd_one else "its text is not known")
                    break
                table.writerow([document.key, document.text, _JOIN.join(said.labels or ()), said.note])
            else:
                done += 1
    return done


_CARRIES = frozenset({Field.TEXT, Field.ID, Field.META, Field.NOTE, Field.LABELS, Field.SPANS, Field.OVERLAPS})
DOCCANO = Format("doccano", "doccano", ".jsonl", _CARRIES | {Field.RELATIONS}, _sniff, _read, json_lines(_encode))
DOCCANO_ZIP = Format(
    name="doccano-zip",
    title="doccano's zip",
    ending=".zip",
    carries=_CARRIES | {Field.RELATIONS, Field.ANNOTATOR, Field.SEVERAL},
    sniff=_sniff_zip,
    read=_read_zip,
    put=_put_zip,
)
DOCCANO_CSV = Format(
    name="doccano-csv",
    title="doccano's CSV",
    ending=".csv",
    carries=frozenset({Field.TEXT, Field.ID, Field.NOTE, Field.LABELS}),
    sniff=_sniff_csv,
    read=_read_csv,
    put=_put_csv,
)
