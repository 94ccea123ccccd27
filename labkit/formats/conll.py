"""CoNLL's columns: a token and its tag a line, a blank line between texts; the texts themselves in a file beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import LabError
from ..files import Bad, JsonLines, Record, excerpt, in_words, lines, objects, undecodable, unstorable, whole_file
from . import odd
from .aligned import tag, untag
from .base import Format, Peek, Refused, Unfit, known_text
from .odd import Odd
from .record import Document, Field, Judgement, Scheme
from .tags import BILUO, BIOES, IOB2, OUTSIDE, Tagging, tagging_of

_TAG = re.compile(r"O$|[BIESLU]-.*\S")
_HEADER = "-DOCSTART-"
_MARK = "\ufeff"


class _Block(NamedTuple):
    """The lines of one text: the first one's number, its tokens and tags."""

    line: int
    tokens: list[str]
    tags: list[str]
    problem: str | None


def _sniff(peek: Peek) -> str | None:
    if peek.path.is_dir() or peek.ending in (".jsonl", ".ndjson", ".json", ".csv", ".zip", ".spacy", ".parquet"):
        return None
    rows = [row for line in peek.lines() if (row := _columns(line)) is not None]
    if not any(row[1] != OUTSIDE for row in rows) and not (rows and peek.ending in (".conll", ".iob", ".bio")):
        return None
    return "CoNLL, a token and its tag a line" if all(_TAG.match(row[1]) for row in rows) else None


def _columns(line: str) -> tuple[str, str] | None:
    """Return the token and the tag of a line; None for one that is a comment, blank, or starts a document."""
    if not line.strip() or line.startswith(_HEADER):
        return None
    parts = line.split("\t") if "\t" in line else line.split()
    comment = line.startswith("#") and not (len(parts) > 1 and _TAG.match(parts[-1]))
    return None if comment else (parts[0], parts[-1] if len(parts) > 1 else "")


def _read(path: Path) -> Iterator[Document | Bad]:
    tagging = tagging_of(found for block in _blocks(path) for found in set(block.tags))
    if tagging is None:
        raise LabError(
            f"The tags of {path} are of no scheme that can be told.", "Write them as IOB2, BIOES, BILUO or IOE2."
        )
    originals = _originals(path)
    for block in _blocks(path):
        try:
            yield _document(block, tagging, path.name, originals)
        except Odd as why:
            yield Bad(path.name, block.line, str(why), excerpt(" ".join(block.tokens)))


def _blocks(path: Path) -> Iterator[_Block]:
    """Yield the lines of each text together."""
    block = _Block(0, [], [], None)
    for number, line in _closed(path):
        line = line.rstrip("\r\n")
        if not line.strip():
            if block.tokens:
                yield block
                block = _Block(0, [], [], None)
            continue
        row = _columns(line)
        if row is None:
            continue
        problem = undecodable(line) or unstorable(line) or (None if _TAG.match(row[1]) else f"no tag in line {number}")
        block.tokens.append(row[0])
        block.tags.append(OUTSIDE if problem else row[1])
        block = block._replace(line=block.line or number, problem=block.problem or problem)


def _closed(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file, and a blank one."""
    yield from lines(path)
    yield 0, "\n"


def texts_beside(path: Path) -> Path:
    """Return where the texts stand of which a file has the tokens.

    Examples
    --------
    >>> texts_beside(Path("people.conll")).name
    'people.conll.texts.jsonl'
    """
    return path.with_name(f"{path.name}.texts.jsonl")


def _originals(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the texts beside a file, with their ids, by what they are without white space."""
    found: dict[str, list[dict[str, Any]]] = {}
    beside = texts_beside(path)
    for row in objects(beside, beside.name) if beside.is_file() else ():
        text = row.fields.get("text") if isinstance(row, Record) else None
        if isinstance(row, Record) and isinstance(text, str) and unstorable(text) is None:
            found.setdefault("".join(text.split()), []).append(row.fields)
    return found


def _document(block: _Block, tagging: Tagging, source: str, originals: dict[str, list[dict[str, Any]]]) -> Document:
    """Return the document of a block; of texts that differ in white space alone the first that is left."""
    if block.problem:
        raise Odd(block.problem)
    fitting = originals.get("".join(block.tokens))
    original = fitting.pop(0) if fitting else {}
    text, spans = untag(original.get("text"), block.tokens, block.tags, tagging)
    key = odd.key(original.get("id"))
    return Document(text, (Judgement(spans=spans),), key, source=source, line=block.line, respaced=not original)


def _put(tagging: Tagging) -> Callable[[Path, Iterable[Document], Scheme, Refused], int]:
    """Return the writer of one scheme."""

    def put(path: Path, documents: Iterable[Document], scheme: Scheme, refuse: Refused) -> int:
        done = 0
        with (
            JsonLines(texts_beside(path)) as texts,
            whole_file(path) as place,
            in_words(path, "written"),
            place.open("x", encoding="utf-8", newline="\n") as file,
        ):
            for document in documents:
                try:
                    text = known_text(document)
                    spans = document.judgements[0].spans or ()
                    wrong = next((span.label for span in spans if not _fits(span.label)), None)
                    if wrong:
                        raise Unfit(f"the label {wrong!r} can't be a column of its own")
                    tokens, tags = tag(text, spans, tagging)
                    if not done and tokens[0] == _MARK:
                        raise Unfit("the file would begin with a byte order mark")
                except Unfit as why:
                    refuse(document, str(why))
                    continue
                texts.write({"id": document.key, "text": text})
                file.writelines(f"{token}\t{name}\n" for token, name in zip(tokens, tags, strict=True))
                file.write("\n")
                done += 1
        return done

    return put


def _fits(label: str) -> bool:
    """Say whether a label stays whole as the last column of a line."""
    return not set(label) & set("\t\r\n") and bool(label.strip())


def _format(tagging: Tagging, name: str) -> Format:
    """Return the format of one scheme; all are read by one reader, which tells the scheme by the tags."""
    carries = frozenset({Field.TEXT, Field.ID, Field.SPANS, Field.NONE})
    sniff = _sniff if tagging is IOB2 else lambda peek: None
    return Format(name, f"CoNLL ({tagging.name})", ".conll", carries, sniff, _read, _put(tagging))


CONLL = _format(IOB2, "conll")
CONLL_BIOES = _format(BIOES, "conll-bioes")
CONLL_BILUO = _format(BILUO, "conll-biluo")
