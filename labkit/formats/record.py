"""The one record that every format is read into and written from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple


class Answer(StrEnum):
    """What an annotator did with a text; the words are Prodigy's.

    `ACCEPT` gives a value, and an empty one says that nothing applies. `REJECT` says that what was shown is wrong:
    it is no negative. `IGNORE` says nothing of the text.
    """

    ACCEPT = "accept"
    REJECT = "reject"
    IGNORE = "ignore"


class Field(StrEnum):
    """What a record can hold and a format may lack; a sentence can be made of each: "brat has no place for times"."""

    TEXT = "the texts themselves"
    ID = "ids"
    META = "other columns"
    SEVERAL = "more than one annotation of a text"
    ANNOTATOR = "annotators"
    MODEL = "which annotator is a model"
    TIME = "times"
    SECONDS = "seconds taken"
    SESSION = "sessions"
    NOTE = "notes"
    EXTRA = "what another tool keeps beside an annotation, such as its hashes"
    NONE = "whether nothing applies, or nobody has read the text"
    SPAN_NOTES = "notes of spans"
    ATTRIBUTES = "attributes of spans"
    RELATIONS = "relations"
    LABELS = "labels of a text"
    SPANS = "spans"
    OVERLAPS = "spans that overlap"
    FRAGMENTS = "spans in several pieces"
    REJECTED = "what was rejected"
    IGNORED = "what was ignored"
    PARTIAL = "an answer about one label alone"


ESSENTIAL = frozenset(
    {Field.LABELS, Field.SPANS, Field.OVERLAPS, Field.FRAGMENTS, Field.REJECTED, Field.IGNORED, Field.PARTIAL}
)
"""Without one of these an annotation would say something else: it is left out, and not cut."""


_NOTHING: Mapping[str, Any] = {}


class Span(NamedTuple):
    """A labelled range of a text.

    Parameters
    ----------
    start, end : int
        Its characters, in code points from 0, `end` exclusive.
    label : str
        What it is.
    parts : tuple of (int, int)
        Its pieces in the order of the text, where it is in several.
    note : str or None
        What the annotator wrote beside it.
    attributes : tuple of (str, str)
        Names and values of what else is said of it; a value is ``""`` for one that only applies or not.
    words : str or None
        What the file says that it reads, where the text is not known yet and this could not be checked.
    """

    start: int
    end: int
    label: str
    parts: tuple[tuple[int, int], ...] = ()
    note: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    words: str | None = None


class Relation(NamedTuple):
    """What one span is to another: the places of both in the list of spans, from 0, and the label."""

    head: int
    tail: int
    label: str


class Judgement(NamedTuple):
    """What one annotator says of one text.

    Parameters
    ----------
    labels, spans, relations : tuple or None
        None says nothing of it; an empty tuple says that there is none.
    answer : Answer
        What was done with the text.
    partial : bool
        Whether only what is given was asked about, so that nothing follows for other labels.
    annotator : str or None
        Who; None where the file doesn't say.
    model : bool
        Whether a model said it, and no person.
    time : datetime or None
        When, with its time zone.
    seconds : float or None
        How long it took.
    session : str or None
        The sitting that it belongs to.
    note : str or None
        What the annotator wrote beside the text.
    extra : mapping of str to JSON
        What one format alone keeps of an annotation, such as Prodigy's hashes, under the name of the format.
    """

    labels: tuple[str, ...] | None = None
    spans: tuple[Span, ...] | None = None
    relations: tuple[Relation, ...] | None = None
    answer: Answer = Answer.ACCEPT
    partial: bool = False
    annotator: str | None = None
    model: bool = False
    time: datetime | None = None
    seconds: float | None = None
    session: str | None = None
    note: str | None = None
    extra: Mapping[str, Any] = _NOTHING


class Document(NamedTuple):
    """A text, and what is said of it.

    Parameters
    ----------
    text : str or None
        None where the format only names it.
    judgements : tuple of Judgement
        One an annotator; a row that says nothing of its text has none.
    key : str or None
        The text's own id.
    meta : mapping of str to JSON
        What else is known of the text.
    source : str
        The file it comes from.
    line : int
        The physical line it starts on; 0 where it is a file of its own.
    respaced : bool
        Whether the white space between the words of `text` is not that of the original.
    unit : str
        What the file counted offsets in, where it was not characters.
    left : tuple of str
        What stands there and has no place in a record, named as the file names it.
    """

    text: str | None
    judgements: tuple[Judgement, ...] = ()
    key: str | None = None
    meta: Mapping[str, Any] = _NOTHING
    source: str = ""
    line: int = 0
    respaced: bool = False
    unit: str = ""
    left: tuple[str, ...] = ()


class Scheme(NamedTuple):
    """What a project asks: its labels in order, whether at most one applies to a text, whether spans may overlap."""

    labels: tuple[str, ...]
    exclusive: bool = False
    overlap: bool = False


def pieces(span: Span) -> tuple[tuple[int, int], ...]:
    """Return the ranges of a span: one, unless it is in several pieces."""
    return span.parts or ((span.start, span.end),)


def overlap(spans: tuple[Span, ...]) -> bool:
    """Say whether two spans share a character."""
    ranges = sorted(piece for span in spans for piece in pieces(span))
    return any(later[0] < earlier[1] for earlier, later in pairwise(ranges))


_THERE: Mapping[Field, Callable[[Judgement], object]] = {
    Field.LABELS: lambda said: said.labels is not None,
    Field.SPANS: lambda said: said.spans is not None,
    Field.OVERLAPS: lambda said: overlap(said.spans or ()),
    Field.FRAGMENTS: lambda said: any(span.parts for span in said.spans or ()),
    Field.RELATIONS: lambda said: said.relations,
    Field.NONE: lambda said: said.answer is Answer.ACCEPT and not said.labels and not said.spans,
    Field.REJECTED: lambda said: said.answer is Answer.REJECT,
    Field.IGNORED: lambda said: said.answer is Answer.IGNORE,
    Field.PARTIAL: lambda said: said.partial,
    Field.ANNOTATOR: lambda said: said.annotator is not None,
    Field.MODEL: lambda said: said.model,
    Field.TIME: lambda said: said.time is not None,
    Field.SECONDS: lambda said: said.seconds is not None,
    Field.SESSION: lambda said: said.session is not None,
    Field.NOTE: lambda said: said.note is not None,
    Field.EXTRA: lambda said: said.extra,
    Field.SPAN_NOTES: lambda said: any(span.note is not None for span in said.spans or ()),
    Field.ATTRIBUTES: lambda said: any(span.attributes for span in said.spans or ()),
}
"""Whether an annotation has what this is a place for; what is not named here belongs to the text."""


def needs(judgement: Judgement, places: Iterable[Field] = tuple(Field)) -> list[Field]:
    """Return which of these places an annotation needs to be carried whole.

    Examples
    --------
    >>> [str(place) for place in needs(Judgement(("BUG",), seconds=2.5))]
    ['seconds taken', 'labels of a text']
    """
    return [place for place in places if place in _THERE and _THERE[place](judgement)]
