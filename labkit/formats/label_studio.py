"""Label Studio's JSON: an array of tasks with the annotations of people and the predictions of models."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

from ..files import Bad, in_words, whole_file
from . import odd
from .base import Format, Peek, Refused, Unfit, flat, known_text, read_objects
from .odd import Odd
from .offsets import same_in_all
from .ranges import checked, relation_of
from .record import Answer, Document, Field, Judgement, Relation, Scheme, Span

_OWN = ("id", "ground_truth", "unique_id")
"""What stays with an annotation that goes back to Label Studio."""


def _sniff(peek: Peek) -> str | None:
    rows = peek.rows()
    found = any(isinstance(row.get("data"), dict) and isinstance(row.get("annotations"), list) for row in rows)
    return "Label Studio, tasks with annotations" if found else None


def _read(path: Path) -> Iterator[Document | Bad]:
    return odd.decoded(read_objects(path), path.name, _decode)


def _decode(task: dict[str, Any]) -> Document:
    """Return the document of one task."""
    data = task.get("data")
    if not isinstance(data, dict):
        raise Odd("it has no data")
    column = _text_column(data)
    text, left, units, said = odd.string(data, column), list[str](), set[str](), list[Judgement]()
    for kind in ("annotations", "predictions"):
        for raw in odd.records(task.get(kind) or [], kind):
            judgement, unit, others = _judgement(text, raw, model=kind == "predictions")
            said.append(judgement)
            units.add(unit)
            left += others
    if not said:
        raise Odd("nobody has annotated it")
    meta = odd.rest(data, (column, "id"))
    names = tuple(dict.fromkeys(left))
    return Document(text, tuple(said), odd.key(data.get("id")), meta, unit=max(units), left=names)


def _text_column(data: dict[str, Any]) -> str:
    """Name the column that holds the text: `text`, or the only one that holds one."""
    names = [name for name, value in data.items() if isinstance(value, str)]
    if "text" in data or len(names) != 1:
        return "text"
    return names[0]


def _judgement(text: str, raw: Any, *, model: bool) -> tuple[Judgement, str, list[str]]:
    """Return one annotation, the unit of its offsets, and the types of what it holds beside labels and spans."""
    result = odd.records(raw.get("result") or [], "result")
    kinds: dict[str, list[Any]] = {"choices": [], "labels": [], "relation": []}
    others = []
    for item in result:
        kind, value = item.get("type"), item.get("value")
        regional = kind == "choices" and isinstance(value, dict) and "start" in value
        if kind in kinds and not regional:
            kinds[kind].append(item)
        else:
            others.append("choices of a span" if regional else str(kind))
    if "hypertextlabels" in others:
        raise Odd("its spans are of HTML, whose characters Label Studio counts in another way")
    numbers, spans, unit = _spans(text, kinds["labels"])
    nothing = not any(kinds.values())
    linked = bool(kinds["relation"] or kinds["labels"]) or nothing  # spans without relations have none
    said = Judgement(
        labels=_labels(kinds["choices"]) if kinds["choices"] else () if nothing else None,
        spans=spans if kinds["labels"] or nothing else None,
        relations=tuple(_relations(kinds["relation"], numbers, len(spans))) if linked else None,
        answer=Answer.IGNORE if raw.get("was_cancelled") is True else Answer.ACCEPT,
        annotator=_who(raw.get("model_version" if model else "completed_by")),
        model=model,
        time=odd.moment(raw.get("created_at")),
        seconds=odd.seconds(raw.get("lead_time")),
        extra=_kept(raw),
    )
    return said, unit, others


def _kept(raw: Any) -> dict[str, Any]:
    """Return what stays with an annotation for Label Studio alone."""
    own = {name: raw[name] for name in _OWN if raw.get(name) not in (None, False)}
    return {"label-studio": own} if own else {}


def _who(value: Any) -> str | None:
    """Name an annotator: by address where it is given, else by number."""
    if isinstance(value, dict):
        value = value.get("email") or value.get("username") or value.get("id")
    return odd.key(value)


def _labels(items: list[Any]) -> tuple[str, ...]:
    """Return the choices; those of two questions can't be told apart in a list."""
    if len({item.get("from_name") for item in items}) > 1:
        raise Odd("it answers more than one question with choices")
    found: list[str] = []
    for item in items:
        value = item.get("value")
        found += odd.labels(value.get("choices") if isinstance(value, dict) else None, "choices")
    return tuple(dict.fromkeys(found))


def _spans(text: str, items: list[Any]) -> tuple[dict[Any, int], tuple[Span, ...], str]:
    """Return where each id stands among the spans, the spans, and the unit that they were counted in."""
    numbers: dict[Any, int] = {}
    spans: list[Span] = []
    words: list[str | None] = []
    for item in items:
        value = item.get("value")
        if not isinstance(value, dict):
            raise Odd("a span has no value")
        names = odd.labels(value.get("labels"), "the labels of a span")
        if not names:
            raise Odd("a span has no label")
        start, end = (odd.whole(value.get(side), f"a span's {side}") for side in ("start", "end"))
        if item.get("id") is not None:
            numbers[item["id"]] = len(spans)
        for name in names:
            spans.append(Span(start, end, name))
            words.append(odd.optional_string(value, "text"))
    if None in words and not same_in_all(text):
        raise Odd("it has characters that browsers count as two, and spans without their words to tell how these count")
    return numbers, *checked(text, spans, words)


def _relations(items: list[Any], numbers: dict[Any, int], count: int) -> Iterator[Relation]:
    """Yield the relations, each label one."""
    for item in items:
        ends = [item.get("from_id"), item.get("to_id")]
        if any(end not in numbers for end in ends):
            raise Odd("a relation names a span that is not there")
        if item.get("direction", "right") not in ("right", "left"):
            raise Odd(f"a relation has the direction {item['direction']!r}")
        head, tail = (numbers[end] for end in (ends[::-1] if item.get("direction") == "left" else ends))
        names = odd.labels(item.get("labels"), "the labels of a relation")
        if not names:
            raise Odd("a relation has no label")
        yield from (relation_of(head, tail, name, count) for name in names)


def _put(path: Path, documents: Iterable[Document], scheme: Scheme, refuse: Refused) -> int:
    """Write the array, a task a line."""
    done = 0
    with whole_file(path) as place, in_words(path, "written"), place.open("x", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for document in documents:
            try:
                task = {"id": done + 1, **_task(document)}  # Label Studio's own tools ask for a number
            except Unfit as why:
                refuse(document, str(why))
                continue
            file.write(",\n" * bool(done) + json.dumps(task, ensure_ascii=False))
            done += 1
        file.write("]\n")
    return done


def _task(document: Document) -> dict[str, Any]:
    """Return the task of a document."""
    text = known_text(document)
    key = {} if document.key is None else {"id": document.key}
    people = [_annotation(text, said) for said in document.judgements if not said.model]
    models = [_annotation(text, said) for said in document.judgements if said.model]
    return {
        "data": {"text": text, **key, **flat(document, ("text", "id"))},
        "annotations": people,
        **({"predictions": models} if models else {}),
    }


def _annotation(text: str, said: Judgement) -> dict[str, Any]:
    """Return an annotation, or a prediction."""
    own = said.extra.get("label-studio")
    kept = {name: own[name] for name in _OWN if name in own} if isinstance(own, dict) else {}
    row: dict[str, Any] = {**kept, "result": list(_result(text, said))}
    if said.model:
        return row | ({} if said.annotator is None else {"model_version": said.annotator}) | _created(said)
    row["was_cancelled"] = said.answer is Answer.IGNORE
    if said.annotator is not None:
        row["completed_by"] = {"email": said.annotator}
    if said.seconds is not None:
        row["lead_time"] = said.seconds
    return row | _created(said)


def _created(said: Judgement) -> dict[str, Any]:
    """Return when an annotation was made, as Label Studio writes it."""
    return {} if said.time is None else {"created_at": said.time.astimezone(UTC).isoformat().replace("+00:00", "Z")}


def _result(text: str, said: Judgement) -> Iterator[dict[str, Any]]:
    """Yield the parts of an annotation; one without parts says that nothing applies."""
    place = {"to_name": "text", "from_name": "label"}
    if said.labels:
        yield {**place, "from_name": "choice", "type": "choices", "value": {"choices": list(said.labels)}}
    for number, span in enumerate(said.spans or ()):
        value = {"start": span.start, "end": span.end, "text": text[span.start : span.end], "labels": [span.label]}
        yield {**place, "id": f"span-{number}", "type": "labels", "value": value}
    for relation in said.relations or ():
        ends = {"from_id": f"span-{relation.head}", "to_id": f"span-{relation.tail}", "direction": "right"}
        yield {"type": "relation", **ends, "labels": [relation.label]}


_CARRIES = frozenset(
    {Field.TEXT, Field.ID, Field.META, Field.SEVERAL, Field.ANNOTATOR, Field.MODEL, Field.TIME, Field.SECONDS}
    | {Field.EXTRA, Field.NONE, Field.RELATIONS, Field.LABELS, Field.SPANS, Field.OVERLAPS, Field.IGNORED}
)
LABEL_STUDIO = Format("label-studio", "Label Studio", ".json", _CARRIES, _sniff, _read, _put, own="label-studio")
