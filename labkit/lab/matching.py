"""Finds a foreign text in the project by what it says, and moves what is said of it to the project's own text."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from ..corpus import hash_of, move_span, normalise, normalise_with_offsets
from ..errors import LabError
from ..formats.record import Document, Judgement, Span
from .desk import Desk


class Unmatched(Exception):
    """Why a text, or what is said of it, has no place in the project."""


class Missing(Unmatched):
    """The project does not hold the text; it could be added."""


class Match(NamedTuple):
    """A text of the project, and what a document says of it, in offsets of that text."""

    example: int
    judgements: tuple[Judgement, ...]


class Matcher:
    """The texts of a project, by content, and by id for formats that hold no texts.

    Parameters
    ----------
    desk : Desk
        The project.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ids = desk.store.examples.ids(desk.number)

    def find(self, document: Document) -> Match:
        """Return the project's text of a document; raises `Unmatched`."""
        if document.text is None:
            return self._by_id(document)
        if document.respaced:
            return self._by_words(document, document.text)
        normal = normalise(document.text)
        example = self._ids.get(hash_of(normal))
        if example is None:
            raise Missing("its text is not in the project")
        if normal == document.text or not any(said.spans for said in document.judgements):
            return Match(example, document.judgements)
        _, offsets = normalise_with_offsets(document.text)
        return Match(example, tuple(_moved(said, offsets) for said in document.judgements))

    @cached_property
    def _texts(self) -> dict[int, str]:
        """Every text of the project: held only where a format needs it."""
        frame = self._desk.store.examples.frame(self._desk.number)
        return dict(zip(frame.example, frame.text, strict=True))

    @cached_property
    def _by_squeezed(self) -> dict[str, int | None]:
        """The texts by their characters without white space; None where two have the same."""
        found: dict[str, int | None] = {}
        for example, text in self._texts.items():
            squeezed = hash_of("".join(text.split()))
            found[squeezed] = None if squeezed in found else example
        return found

    def _by_id(self, document: Document) -> Match:
        """Find a text by its id, and check the words of its spans."""
        example = self._ids.get(document.key or "")
        if example is None:
            raise Unmatched(f"no text of the project has the id {document.key!r}")
        text = self._texts[example]
        for span in (span for said in document.judgements for span in said.spans or ()):
            there = text[span.start : span.end]
            if span.end > len(text) or (span.words is not None and span.words != there):
                raise Unmatched(f"a span from {span.start} to {span.end} says {span.words!r}, its text says {there!r}")
        return Match(example, document.judgements)

    def _by_words(self, document: Document, said: str) -> Match:
        """Find a text whose white space is not known, by its other characters."""
        normal, offsets = normalise_with_offsets(said)
        squeezed = hash_of("".join(normal.split()))
        example = self._by_squeezed.get(squeezed)
        if example is None:
            whose = "two texts" if squeezed in self._by_squeezed else "no text"
            raise Unmatched(f"its words are those of {whose} of the project")
        places = [place for place, character in enumerate(self._texts[example]) if not character.isspace()]
        order = [place for place, character in enumerate(normal) if not character.isspace()]
        own = dict(zip(order, places, strict=True))
        moved = (_moved(each, offsets) for each in document.judgements)
        return Match(example, tuple(_respaced(each, own) for each in moved))


def _moved(said: Judgement, offsets: list[tuple[int, int]]) -> Judgement:
    """Return an annotation with its spans in the normal form of their text."""
    if not said.spans:
        return said
    spans = []
    for span in said.spans:
        try:
            start, end = move_span(offsets, span.start, span.end)
        except LabError as error:
            raise Unmatched(error.problem.rstrip(".")) from None
        if start == end:
            raise Unmatched(f"a span from {span.start} to {span.end} holds nothing but white space that is not kept")
        spans.append(span._replace(start=start, end=end))
    return said._replace(spans=tuple(spans))


def _respaced(said: Judgement, own: dict[int, int]) -> Judgement:
    """Return an annotation with its spans, which start and end with a token, moved character by character."""

    def there(span: Span) -> Span:
        return span._replace(start=own[span.start], end=own[span.end - 1] + 1)

    return said._replace(spans=None if said.spans is None else tuple(map(there, said.spans)))
