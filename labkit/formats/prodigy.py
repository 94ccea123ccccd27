"""Prodigy's JSON lines: binary questions, choices, spans, and reviews of what several people said."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..files import Bad, kind_of
from . import odd
from .base import Format, Peek, Unfit, json_lines, known_text, read_objects
from .odd import Odd
from .offsets import Piece
from .ranges import checked, span_of
from .record import Answer, Document, Field, Judgement, Scheme, Span
from .tokens import tokens

_HASHES = ("_input_hash", "_task_hash")
_KNOWN = frozenset(
    {"text", "id", "label", "options", "accept", "answer", "spans", "tokens", "meta", "config", "html", "relations"}
    | {"_view_id", "_session_id", "_annotator_id", "_timestamp", "_is_binary", "versions", "sessions", "view_id"}
    | {"score", "priority", "default", *_HASHES}
)
_ONE_QUESTION = frozenset({"ner", "spans", "classification", "text_classification"})
"""Views that ask whether what is shown is right, and nothing else."""

_UNNAMED = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$")
"""What Prodigy calls a session without a name: the time at which it began."""


def _sniff(peek: Peek) -> str | None:
    rows = peek.rows()
    found = next((kind for row in rows if "text" in row and (kind := _kind(row))), None)
    return f"Prodigy, {found}" if found else None


def _kind(row: dict[str, Any]) -> str | None:
    """Name the kind of question of a row that is in Prodigy's way."""
    if isinstance(row.get("versions"), list):
        return "reviews"
    if "answer" not in row or not {*_HASHES, "_view_id", "options", "accept", "tokens", "_session_id"} & set(row):
        return "binary questions" if set(row) == {"text", "label", "answer"} else None
    if "options" in row or "accept" in row:
        return "choices"
    return "spans" if "spans" in row else "binary questions" if "label" in row else None


def _read(path: Path) -> Iterator[Document | Bad]:
    return odd.decoded(read_objects(path), path.name, _decode)


def _decode(row: dict[str, Any]) -> Document:
    """Return the document of one row."""
    text, meta = odd.string(row, "text"), row.get("meta") or {}
    if not isinstance(meta, dict):
        raise Odd("meta is no object")
    if "versions" in row:
        said, units = _review(text, row)
    else:
        judgement, unit = _judgement(text, row)
        said, units = [judgement], {unit}
    left = tuple(name for name in ("relations", "html") if row.get(name))
    meta = {**odd.rest(row, _KNOWN), **meta}
    return Document(text, tuple(said), odd.key(row.get("id")), meta, unit=max(units, default=""), left=left)


def _review(text: str, row: dict[str, Any]) -> tuple[list[Judgement], set[str]]:
    """Return what each session said of a text, and last what the reviewer did."""
    said, units = [], set()
    for version in odd.records(row["versions"], "versions"):
        judgement, unit = _judgement(text, {"_view_id": row.get("view_id"), **version})
        units.add(unit)
        for name in odd.labels(version.get("sessions", []), "the sessions of a version"):
            said.append(_by(judgement, {"_session_id": name}))
    if row.get("answer") is not None:
        judgement, unit = _judgement(text, {**row, "_view_id": row.get("view_id")})
        said.append(judgement)
        units.add(unit)
    if not said:
        raise Odd("no session has said anything of it")
    return said, units


def _judgement(text: str, row: dict[str, Any]) -> tuple[Judgement, str]:
    """Return what a row says of its text, and the unit of its offsets where it was another than characters."""
    answer = row.get("answer")
    if answer not in list(Answer):
        raise Odd("it has no answer: nobody has decided on it" if answer is None else f"the answer is {answer!r}")
    labels: tuple[str, ...] | None = None
    spans: tuple[Span, ...] | None = None
    unit, view = "", row.get("_view_id")
    partial = view in _ONE_QUESTION
    if "accept" in row or "options" in row:
        labels, partial = _chosen(row), False
    elif "spans" in row:
        spans, unit = _spans(text, row)
    elif "label" in row:
        labels, partial = (odd.label(row["label"]),), True
    else:
        raise Odd("it has no label, no options and no spans")
    extra = {name: row[name] for name in _HASHES if isinstance(row.get(name), int)}
    said = Judgement(labels, spans, answer=Answer(answer), partial=partial, time=odd.moment(row.get("_timestamp")))
    return _by(said, row, {"prodigy": extra} if extra else {}), unit


def _by(said: Judgement, row: dict[str, Any], extra: dict[str, Any] | None = None) -> Judgement:
    """Return an annotation with its session and annotator."""
    session = odd.optional_string(row, "_session_id")
    named = None if session is None or _UNNAMED.search(session) else session
    annotator = odd.optional_string(row, "_annotator_id") if "_annotator_id" in row else named
    return said._replace(session=session, annotator=annotator, extra=said.extra if extra is None else extra)


def _chosen(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the options that were chosen: their ids, or their texts where the ids are numbers."""
    options = odd.records(row.get("options") or [], "options")
    names = {each.get("id"): each.get("text") for each in options if isinstance(each.get("id"), int)}
    accepted = row.get("accept")
    if not isinstance(accepted, list):
        raise Odd("it has options, and no list of those that were chosen")
    return odd.labels([names.get(each, each) if isinstance(each, int) else each for each in accepted], "accept")


def _spans(text: str, row: dict[str, Any]) -> tuple[tuple[Span, ...], str]:
    """Return the spans of a row, checked against its text and its tokens."""
    raws = odd.records(row["spans"] or [], "spans")
    found = [span_of(raw) for raw in raws]
    given = row.get("tokens") or []
    if not isinstance(given, list):
        raise Odd(f"tokens is {kind_of(given)}, not a list")
    evidence = []
    for raw, (span, _) in zip(raws, found, strict=True):
        if not given or raw.get("token_start") is None or raw.get("token_end") is None:
            continue
        first, last = (odd.whole(raw[name], name) for name in ("token_start", "token_end"))
        if max(first, last) >= len(given):
            raise Odd(f"a span ends at token {max(first, last)}, and there are {len(given)}")
        odd.records([given[first], given[last]], "tokens")
        if (given[first].get("start"), given[last].get("end")) != (span.start, span.end):
            raise Odd(f"a span from {span.start} to {span.end} does not start and end with its tokens")
        for token in (given[first], given[last]):
            start, end = (odd.whole(token.get(side), f"a token's {side}") for side in ("start", "end"))
            evidence.append(Piece(start, end, odd.string(token, "text")))
    return checked(text, [span for span, _ in found], [words for _, words in found], evidence)


def _encode(document: Document, scheme: Scheme) -> Iterator[dict[str, Any]]:
    """Yield a row an annotation."""
    for said in document.judgements:
        question = _question(known_text(document), said, scheme)
        yield {**_head(document), **question, **_hashes(said), "answer": str(said.answer), **_signed(said)}


def _hashes(said: Judgement) -> dict[str, Any]:
    """Return the hashes that came with an annotation."""
    own = said.extra.get("prodigy")
    return {name: own[name] for name in _HASHES if name in own} if isinstance(own, dict) else {}


def _encode_review(document: Document, scheme: Scheme) -> Iterator[dict[str, Any]]:
    """Yield one row: what was said, each with the sessions that said it, and the last word."""
    *before, last = document.judgements
    if not before:
        raise Unfit("a review needs what at least two annotators said")
    versions: dict[str, dict[str, Any]] = {}
    for said in before:
        if said.annotator is None:
            raise Unfit("a review names everybody, and one annotator has no name")
        question = _question(known_text(document), said, scheme)
        kind = question.pop("_view_id")
        fresh = {"text": document.text, **question, "answer": str(said.answer), "sessions": [], "_view_id": kind}
        versions.setdefault(repr((question, said.answer)), fresh)["sessions"].append(said.annotator)
    row = {
        **_head(document),
        **_question(known_text(document), last, scheme),
        "answer": str(last.answer),
        **_signed(last),
    }
    view = row["_view_id"]
    named = [name for version in versions.values() for name in version["sessions"]]
    yield {**row, "view_id": view, "_view_id": "review", "versions": list(versions.values()), "sessions": named}


def _head(document: Document) -> dict[str, Any]:
    """Return the columns of the text."""
    key = {} if document.key is None else {"id": document.key}
    return {"text": document.text, **key, **({"meta": dict(document.meta)} if document.meta else {})}


def _signed(said: Judgement) -> dict[str, Any]:
    """Return the columns of who and when."""
    row: dict[str, Any] = {}
    if said.time is not None:
        stamp = said.time.timestamp()
        row["_timestamp"] = int(stamp) if stamp.is_integer() else stamp
    if said.annotator is not None or said.session is not None:
        row |= {"_annotator_id": said.annotator, "_session_id": said.session}
    return row


def _question(text: str, said: Judgement, scheme: Scheme) -> dict[str, Any]:
    """Return what was asked and what was given, in the view that asks for it."""
    if said.spans is not None:
        return {**_marked(text, said.spans), "_view_id": "ner" if said.partial else _manual(said.spans)}
    if said.labels is None:
        raise Unfit("it has neither labels nor spans")
    if said.partial:
        if len(said.labels) != 1:
            raise Unfit("a binary question has one label")
        return {"label": said.labels[0], "_view_id": "classification"}
    options = [{"id": name, "text": name} for name in dict.fromkeys((*scheme.labels, *said.labels))]
    style = {"choice_style": "single" if scheme.exclusive else "multiple"}
    return {"options": options, "accept": list(said.labels), "config": style, "_view_id": "choice"}


def _manual(spans: tuple[Span, ...]) -> str:
    """Return the view in which spans are drawn: the one for names where none overlap."""
    from .record import overlap

    return "spans_manual" if overlap(spans) else "ner_manual"


def _marked(text: str, spans: tuple[Span, ...]) -> dict[str, Any]:
    """Return tokens, and spans with their tokens, of which the last is inclusive."""
    cut = tokens(text, [(span.start, span.end) for span in spans])
    marked = []
    for span in spans:
        places = {"token_start": bisect_left(cut, (span.start,)), "token_end": bisect_left(cut, (span.end,)) - 1}
        marked.append({"start": span.start, "end": span.end, **places, "label": span.label})
    listed = [
        {"text": text[start:end], "start": start, "end": end, "id": number, "ws": blank}
        for number, (start, end, blank) in enumerate(cut)
    ]
    return {"tokens": listed, "spans": marked}


_CARRIES = frozenset(
    {Field.TEXT, Field.ID, Field.META, Field.SEVERAL, Field.ANNOTATOR, Field.TIME, Field.SESSION, Field.EXTRA}
    | {Field.NONE, Field.LABELS, Field.SPANS, Field.OVERLAPS, Field.REJECTED, Field.IGNORED, Field.PARTIAL}
)
PRODIGY = Format("prodigy", "Prodigy", ".jsonl", _CARRIES, _sniff, _read, json_lines(_encode), own="prodigy")
REVIEW = Format(
    name="prodigy-review",
    title="Prodigy's review",
    ending=".jsonl",
    carries=_CARRIES - {Field.EXTRA},
    sniff=lambda peek: None,  # its rows are known as Prodigy's
    read=_read,
    put=json_lines(_encode_review),
)
"""One row a text: what was said of it, and last what a reviewer made of that."""
