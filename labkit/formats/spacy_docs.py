"""spaCy's DocBin: Docs with categories, entities, or spans that may overlap."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LabError
from ..files import Bad, excerpt, in_words, unstorable, whole_file
from .base import Format, Peek, Refused, Unfit, known_text
from .odd import Odd
from .record import Document, Field, Judgement, Scheme, Span, overlap
from .tokens import tokens

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

SPANS_KEY = "sc"
"""Where spans that may overlap stand in ``doc.spans``: the key of spaCy's own spancat."""

SIZE_LIMIT = 1 << 31
"""How much a file may unpack to, in bytes."""


def _sniff(peek: Peek) -> str | None:
    return "spaCy, a DocBin" if peek.ending == ".spacy" and not peek.path.is_dir() else None


def _read(path: Path) -> Iterator[Document | Bad]:
    """Read the Docs of a file; the line of a Doc is its number, from 1."""
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    with in_words(path, "read"):
        packed = path.read_bytes()
    try:
        _measure(packed, path)
        docs = DocBin().from_bytes(packed).get_docs(Vocab())
        for number, doc in enumerate(docs, 1):
            try:
                yield _document(doc, path.name, number)
            except Odd as why:
                yield Bad(path.name, number, str(why), excerpt(doc.text))
    except (zlib.error, ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise LabError(f"{path} is no DocBin of spaCy, or is damaged.", "Write it again: DocBin.to_disk.") from None


def _measure(packed: bytes, path: Path) -> None:
    """Raise LabError for a file that unpacks to more than any machine should hold."""
    unpacker, size, left = zlib.decompressobj(), 0, packed
    while left and not unpacker.eof:
        size += len(unpacker.decompress(left, 1 << 24))
        left = unpacker.unconsumed_tail
        if size > SIZE_LIMIT:
            raise LabError(f"{path} unpacks to more than {SIZE_LIMIT:,} bytes.", "Write it in several files.")


def _document(doc: Doc, source: str, number: int) -> Document:
    """Return what is set on a Doc."""
    if problem := unstorable(doc.text):
        raise Odd(f"its text holds {problem}")
    if not set(doc.cats.values()) <= {0, 1}:
        raise Odd("its categories have scores other than 0 and 1")
    labels = tuple(name for name, score in doc.cats.items() if score) if doc.cats else None
    group = doc.spans.get(SPANS_KEY)
    marked = group if group is not None else doc.ents if doc.has_annotation("ENT_IOB") else None
    spans = None
    if marked is not None:
        found = [Span(each.start_char, each.end_char, each.label_) for each in marked]
        if any(not span.label for span in found):
            raise Odd("a span has no label")
        spans = tuple(found)
    if labels is None and spans is None:
        raise Odd("nothing is set on it: no categories, entities or spans")
    left = [f"doc.spans[{name!r}]" for name in doc.spans if name != SPANS_KEY]
    left += ["doc.ents beside doc.spans"] * bool(group is not None and doc.ents)
    return Document(doc.text, (Judgement(labels, spans),), source=source, line=number, left=tuple(left))


def _put(path: Path, documents: Iterable[Document], scheme: Scheme, refuse: Refused) -> int:
    """Write the Docs in one piece, as spaCy reads them."""
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    vocab, docs = Vocab(), DocBin()
    for document in documents:
        try:
            docs.add(_doc(vocab, document, scheme))
        except Unfit as why:
            refuse(document, str(why))
    with whole_file(path) as place, in_words(path, "written"):
        place.write_bytes(docs.to_bytes())
    return len(docs)


def _doc(vocab: Vocab, document: Document, scheme: Scheme) -> Doc:
    """Return a Doc whose tokens no span cuts through."""
    from spacy.tokens import Doc

    text, said = known_text(document), document.judgements[0]
    spans = said.spans or ()
    cut = tokens(text, [(span.start, span.end) for span in spans])
    doc = Doc(vocab, [text[start:end] for start, end, _ in cut], [blank for _, _, blank in cut])
    if said.labels is not None:
        doc.cats = {name: float(name in said.labels) for name in dict.fromkeys((*scheme.labels, *said.labels))}
    if said.spans is not None:
        found = (doc.char_span(span.start, span.end, span.label) for span in spans)
        marked = [each for each in found if each is not None]  # none is: each span starts and ends with a token
        if scheme.overlap or overlap(spans):
            doc.spans[SPANS_KEY] = marked
        else:
            doc.set_ents(marked)
    return doc


SPACY = Format(
    name="spacy",
    title="spaCy's DocBin",
    ending=".spacy",
    carries=frozenset({Field.TEXT, Field.LABELS, Field.SPANS, Field.OVERLAPS, Field.NONE}),
    sniff=_sniff,
    read=_read,
    put=_put,
)
