"""brat's standoff: a folder of texts, each with an .ann file of spans, relations, attributes and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ..files import Bad, excerpt, lines, undecodable, unstorable, whole_folder
from . import odd
from .base import Format, Peek, Refused, Unfit, known_text
from .odd import Odd
from .ranges import checked, relation_of
from .record import Document, Field, Judgement, Relation, Scheme, Span, pieces

_SPAN = re.compile(r"(\S+) (\d+ \d+(?:;\d+ \d+)*)$")
_RELATION = re.compile(r"(\S+) Arg1:(\S+) Arg2:(\S+)\s*$")
_ATTRIBUTE = re.compile(r"(\S+) (\S+)(?: (.+))?$")
_LINE_ENDS = str.maketrans("\r\n", "  ")
_LEFT = {"E": "events", "N": "normalisations", "*": "equivalences"}


def _sniff(peek: Peek) -> str | None:
    if peek.path.is_dir():
        return "brat, a folder of standoff files" if next(peek.path.rglob("*.ann"), None) else None
    return "brat, one standoff file" if peek.ending == ".ann" else None


def _read(path: Path) -> Iterator[Document | Bad]:
    """Read the .ann files of a folder in the order of their names, or one."""
    files = sorted(path.rglob("*.ann")) if path.is_dir() else [path]
    for file in files:
        name = file.relative_to(path).as_posix() if path.is_dir() else file.name
        source = excerpt(name)
        if not file.with_suffix(".txt").is_file():
            yield Bad(source, 0, "its text is not there, in a file of the same name that ends in .txt", "")
            continue
        try:
            document = _document(_whole(file.with_suffix(".txt")), file)
            key = unquote(name.removesuffix(".ann"))
            yield document._replace(source=source, key=None if unstorable(key) else key)
        except Odd as why:
            yield Bad(source, 0, str(why), "")


def _whole(path: Path) -> str:
    """Return a file's text."""
    found = [line for _, line in lines(path)]
    problem = next((problem for line in found if (problem := undecodable(line) or unstorable(line))), None)
    if problem:
        raise Odd(f"its text is not readable: {problem}")
    return "".join(found)


def _document(text: str, file: Path) -> Document:
    """Read the annotations of a text."""
    rows: dict[str, list[tuple[str, str]]] = {}
    left: list[str] = []
    for number, line in lines(file):
        line = line.rstrip("\r\n")
        if not line.strip():
            continue
        if problem := undecodable(line):
            raise Odd(f"line {number}: {problem}")
        name, tab, rest = line.partition("\t")
        kind = name[:1]
        if not tab or kind not in "TRAM#EN*" or not rest:
            raise Odd(f"line {number} is none of brat's: {line[:80]!r}")
        if kind in _LEFT:
            left.append(_LEFT[kind])
        else:
            rows.setdefault("A" if kind == "M" else kind, []).append((name, rest))
    spans, numbers, unit = _spans(text, rows.get("T", []))
    spans = _attributed(spans, numbers, rows.get("A", []), left)
    spans = _noted(spans, numbers, rows.get("#", []), left)
    relations = tuple(_relation(rest, numbers, len(spans)) for _, rest in rows.get("R", []))
    said = Judgement(spans=tuple(spans), relations=relations)
    return Document(text, (said,), unit=unit, left=tuple(dict.fromkeys(left)))


def _spans(text: str, rows: list[tuple[str, str]]) -> tuple[list[Span], dict[str, int], str]:
    """Return the spans, where each name stands among them, and the unit of their offsets."""
    found, words = [], []
    for name, rest in rows:
        spec, tab, said = rest.partition("\t")
        match = _SPAN.match(spec)
        if not match or not tab:
            raise Odd(f"{name} is no label with its range and words")
        places = [int(place) for place in re.findall(r"\d+", match[2])]
        parts = tuple(zip(places[::2], places[1::2], strict=True))
        span = Span(parts[0][0], parts[-1][1], odd.label(match[1]), parts if len(parts) > 1 else ())
        found.append(span)
        words.append(said if len(parts) == 1 else None)
        if len(parts) > 1 and said != " ".join(text[start:end] for start, end in parts).translate(_LINE_ENDS):
            raise Odd(f"{name} says {said!r}, which its text does not say at {match[2]}")
    numbers = {name: number for number, (name, _) in enumerate(rows)}
    if len(numbers) < len(rows):
        raise Odd("two spans have one name")
    spans, unit = checked(text.translate(_LINE_ENDS), found, words)
    return list(spans), numbers, unit


def _attributed(spans: list[Span], numbers: dict[str, int], rows: list[tuple[str, str]], left: list[str]) -> list[Span]:
    """Return the spans with their attributes."""
    for name, rest in rows:
        match = _ATTRIBUTE.match(rest)
        if not match:
            raise Odd(f"{name} is no attribute")
        if match[2] not in numbers:
            left.append("attributes of what is no span")
            continue
        place = numbers[match[2]]
        spans[place] = spans[place]._replace(attributes=(*spans[place].attributes, (match[1], match[3] or "")))
    return spans


def _noted(spans: list[Span], numbers: dict[str, int], rows: list[tuple[str, str]], left: list[str]) -> list[Span]:
    """Return the spans with their notes."""
    for _, rest in rows:
        spec, _, note = rest.partition("\t")
        target = spec.split(" ")[-1]
        if target not in numbers:
            left.append("notes on what is no span")
            continue
        place = numbers[target]
        before = spans[place].note
        spans[place] = spans[place]._replace(note=note if before is None else f"{before}\n{note}")
    return spans


def _relation(rest: str, numbers: dict[str, int], count: int) -> Relation:
    """Return a relation between two spans."""
    match = _RELATION.match(rest)
    if not match or match[2] not in numbers or match[3] not in numbers:
        raise Odd(f"a relation is not between two spans: {rest[:80]!r}")
    return relation_of(numbers[match[2]], numbers[match[3]], match[1], count)


def _put(path: Path, documents: Iterable[Document], scheme: Scheme, refuse: Refused) -> int:
    """Write a folder with two files a text."""
    taken: set[str] = set()
    with whole_folder(path) as folder:
        for document in documents:
            try:
                stem = _stem(document, taken)
                rows = list(_rows(known_text(document), document.judgements[0]))
            except Unfit as why:
                refuse(document, str(why))
                continue
            taken.add(stem.lower())
            (folder / f"{stem}.txt").write_bytes(known_text(document).encode())
            (folder / f"{stem}.ann").write_bytes("".join(f"{row}\n" for row in rows).encode())
    return len(taken)


def _stem(document: Document, taken: set[str]) -> str:
    """Name the files of a text after its id, so that the id can be read from the name."""
    stem = f"text-{len(taken) + 1}" if document.key is None else quote(document.key, safe=" ")
    stem = stem.replace(".", "%2E") if stem.startswith(".") else stem
    if len(stem) > 200:
        raise Unfit("its id is too long for the name of a file")
    if stem.lower() in taken:
        raise Unfit("its id is already that of another text, or differs from it in case alone")
    return stem


def _rows(text: str, said: Judgement) -> Iterator[str]:
    """Yield the lines of an .ann file."""
    spans = said.spans or ()
    notes, attributes = 0, 0
    for number, span in enumerate(spans, 1):
        ranges = pieces(span)
        words = " ".join(text[start:end] for start, end in ranges).translate(_LINE_ENDS)
        place = ";".join(f"{start} {end}" for start, end in ranges)
        yield f"T{number}\t{_name(span.label)} {place}\t{words}"
        for name, value in span.attributes:
            attributes += 1
            yield f"A{attributes}\t{_name(name)} T{number}" + (f" {_one_line(value)}" if value else "")
        if span.note is not None:
            notes += 1
            yield f"#{notes}\tAnnotatorNotes T{number}\t{_one_line(span.note)}"
    for number, relation in enumerate(said.relations or (), 1):
        yield f"R{number}\t{_name(relation.label)} Arg1:T{relation.head + 1} Arg2:T{relation.tail + 1}"


def _name(label: str) -> str:
    """Return a label that brat can read: without white space."""
    if not label or any(character.isspace() for character in label):
        raise Unfit(f"brat's labels have no white space, and {label!r} has")
    return label


def _one_line(value: Any) -> str:
    """Return a note that fits on a line."""
    if set(value) & set("\r\n"):
        raise Unfit("a note or an attribute has several lines")
    return str(value)


BRAT = Format(
    name="brat",
    title="brat",
    ending="",
    carries=frozenset(
        {Field.TEXT, Field.ID, Field.SPANS, Field.OVERLAPS, Field.FRAGMENTS, Field.RELATIONS, Field.SPAN_NOTES}
        | {Field.ATTRIBUTES}
    ),
    sniff=_sniff,
    read=_read,
    put=_put,
)
