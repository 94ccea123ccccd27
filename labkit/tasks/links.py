"""Reads the relations that an LLM lists, one JSON object a line, and what a Doc holds of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .mentions import Finding
from .relation import Relation
from .span import Span

if TYPE_CHECKING:
    from spacy.tokens import Doc

FIELD = "rel"
"""Where a Doc keeps its relations, ``doc._.rel``: the attribute of spacy-llm's REL."""


class Link(NamedTuple):
    """What one line of a reply says, and what became of it.

    Parameters
    ----------
    line : int
        The line of the reply, from 1.
    said : str
        The line.
    label : str or None
        One of the labels, else as it was written; None where the line is malformed.
    finding : Finding
        `EXACT` for a relation, else why it is none.
    """

    line: int
    said: str
    label: str | None
    finding: Finding


def read_links(reply: str, labels: Iterable[str], entities: int | None = None) -> list[Link]:
    r"""Read the lines of a reply in the form of spacy-llm's REL.v1, by its own reader of a line.

    Parameters
    ----------
    reply : str
        Lines ``{"dep": 0, "dest": 1, "relation": "LIVES_IN"}``: the entity 0 stands in this relation to the entity 1.
        They may stand in a block of code.
    labels : iterable of str
        The labels that were asked for. Case does not matter.
    entities : int, optional
        How many entities the prompt numbers, from 0; what stands beyond them is `ABSENT`.

    Examples
    --------
    >>> reply = '{"dep": 0, "dest": 1, "relation": "lives_in"}\n{"dep": 0, "dest": 7, "relation": "LIVES_IN"}'
    >>> [(link.label, str(link.finding)) for link in read_links(reply, ["LIVES_IN"], entities=2)]
    [('LIVES_IN', 'exact'), ('LIVES_IN', 'not in text')]
    """
    known = {label.casefold(): label for label in labels}
    return [_read(number, line, known, entities) for number, line in _lines(reply)]


def _lines(reply: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, numbered from 1."""
    for number, line in enumerate(reply.split("\n"), 1):
        if line.strip() and not line.strip().startswith("```"):
            yield number, line.strip()


def _read(number: int, line: str, known: Mapping[str, str], entities: int | None) -> Link:
    """Read one line."""
    from pydantic import ValidationError
    from spacy_llm.tasks.rel import RelationItem

    try:
        item = RelationItem.model_validate_json(line)
    except (ValidationError, TypeError):  # TypeError: an entity that is a list or an object
        return Link(number, line, None, Finding.MALFORMED)
    label = known.get(item.relation.casefold())
    if item.dep == item.dest:
        return Link(number, line, label or item.relation, Finding.MALFORMED)
    if label is None:
        return Link(number, line, item.relation, Finding.UNKNOWN)
    there = min(item.dep, item.dest) >= 0 and (entities is None or max(item.dep, item.dest) < entities)
    return Link(number, line, label, Finding.EXACT if there else Finding.ABSENT)


def links_on(doc: Doc, spans: Sequence[Span]) -> list[Relation]:
    """Return the relations at ``doc._.rel`` between spans of its value; there, an end is the number of an entity."""
    items = getattr(doc._, FIELD) or [] if doc.has_extension(FIELD) else []
    ends = {number: span for span, number in _entities(doc, spans)}
    return [
        Relation(head=ends[item.dep], tail=ends[item.dest], label=item.relation)
        for item in items
        if item.dep in ends and item.dest in ends
    ]


def set_links(doc: Doc, relations: Sequence[Relation], spans: Sequence[Span]) -> None:
    """Set ``doc._.rel``, as spacy-llm's REL does; relations of a span that is no entity of the Doc are left out."""
    from spacy.tokens import Doc
    from spacy_llm.tasks.rel import RelationItem

    if not Doc.has_extension(FIELD):
        Doc.set_extension(FIELD, default=[])
    numbers = [(dict(span), number) for span, number in _entities(doc, spans)]

    def number_of(end: Span) -> int | None:
        return next((number for span, number in numbers if span == end), None)

    found = [(number_of(each["head"]), number_of(each["tail"]), each["label"]) for each in relations]
    items = [
        RelationItem(dep=dep, dest=dest, relation=label)
        for dep, dest, label in found
        if dep is not None and dest is not None
    ]
    setattr(doc._, FIELD, items)


def _entities(doc: Doc, spans: Sequence[Span]) -> Iterator[tuple[Span, int]]:
    """Yield the spans that are entities of a Doc, with their numbers; one that ends inside a token has grown to it."""
    numbers = {(entity.start_char, entity.end_char): number for number, entity in enumerate(doc.ents)}
    for span in spans:
        grown = doc.char_span(span["start"], span["end"], alignment_mode="expand")
        number = numbers.pop((grown.start_char, grown.end_char), None) if grown is not None else None
        if number is not None:
            yield span, number
