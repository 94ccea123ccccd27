"""What one span of a text is to another, and lists of such relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict, TypeGuard, cast

from ..errors import LabError
from .span import Span, in_order, range_of, words_of


class Relation(TypedDict):
    """A labelled arrow from one span of a text to another: `head` stands in the relation `label` to `tail`."""

    head: Span
    tail: Span
    label: str


EXAMPLE = '{"head": {"start": 0, "end": 3, "label": ...}, "tail": ..., "label": ...}'

Item = Span | Relation
"""What a value of relations is a list of."""


def is_relation(item: Any) -> TypeGuard[Relation]:
    """Say whether an item of a value is a relation, and no span."""
    return isinstance(item, Mapping) and ("head" in item or "tail" in item)


def marks_in(value: Iterable[Item]) -> list[Span]:
    """Return the spans of a value, in its order."""
    return [cast("Span", item) for item in value if not is_relation(item)]


def relations_in(value: Iterable[Item]) -> list[Relation]:
    """Return the relations of a value, in its order."""
    return [item for item in value if is_relation(item)]


def ends_of(relation: Relation) -> tuple[Span, Span]:
    """Return head and tail."""
    return relation["head"], relation["tail"]


def relation_words(relation: Relation) -> str:
    """Write a relation: ``"LIVES_IN 0:3 -> 12:18"``."""
    head, tail = relation["head"], relation["tail"]
    return f"{relation['label']} {head['start']}:{head['end']} -> {tail['start']}:{tail['end']}"


def relation_place(relation: Relation) -> tuple[Any, ...]:
    """Return what relations are told apart and ordered by: both ends, and the label."""
    return (*span_place(relation["head"]), *span_place(relation["tail"]), relation["label"])


def span_place(span: Span) -> tuple[int, int, str]:
    """Return what spans are told apart and ordered by."""
    return span["start"], span["end"], span["label"]


def coded(relation: Relation, labels: Sequence[str]) -> tuple[int, ...]:
    """Return start, end and the number of the label of the head, then of the tail."""
    return tuple(number for end in ends_of(relation) for number in (*range_of(end), labels.index(end["label"])))


def decoded(label: str, code: tuple[int, ...], labels: Sequence[str]) -> Relation:
    """Return the relation that `coded` wrote."""
    head, tail = (Span(start=start, end=end, label=labels[number]) for start, end, number in (code[:3], code[3:]))
    return Relation(head=head, tail=tail, label=label)


def is_coded(place: Sequence[int]) -> bool:
    """Say whether a place is one that `coded` wrote, and no span's."""
    return len(place) > 2


def in_relation_order(relations: Iterable[Relation]) -> list[Relation]:
    """Return the relations by head, tail and label, each once."""
    once = {relation_place(relation): relation for relation in relations}
    return [once[place] for place in sorted(once)]


def item_words(item: Item) -> str:
    """Write a span or a relation."""
    return relation_words(item) if is_relation(item) else words_of(cast("Span", item))


def contested_relations(said: Mapping[str, Sequence[Item]]) -> list[dict[str, Any]]:
    """Return the relations that not all annotators give, in their order, each with the `annotators` that give it.

    Examples
    --------
    >>> ada, london = ({"start": 0, "end": 3, "label": "PERSON"}, {"start": 12, "end": 18, "label": "PLACE"})
    >>> said = {"llm": [ada, london, {"head": ada, "tail": london, "label": "LIVES_IN"}], "anna": [ada, london]}
    >>> [(each["label"], each["annotators"]) for each in contested_relations(said)]
    [('LIVES_IN', ['llm'])]
    """
    givers: dict[tuple[Any, ...], tuple[Relation, list[str]]] = {}
    for name, value in said.items():
        for relation in in_relation_order(relations_in(value)):
            givers.setdefault(relation_place(relation), (relation, []))[1].append(name)
    found = (givers[place] for place in sorted(givers))
    return [{**relation, "annotators": names} for relation, names in found if len(names) < len(said)]


def joined(spans: Sequence[Span], relations: Iterable[Relation]) -> list[Item]:
    """Return a value of spans, and of those relations that stand between them."""
    kept = [each for each in relations if each["head"] in spans and each["tail"] in spans]
    return [*in_order(spans), *in_relation_order(kept)]


def settled(value: Sequence[Item], moved: Sequence[Span]) -> list[Item]:
    """Return a value whose spans, in their order, became those of `moved`, with the relations between them.

    Two spans that became one are in no relation to each other any more.

    Examples
    --------
    >>> the, ada = ({"start": 0, "end": 7, "label": "PERSON"}, {"start": 4, "end": 7, "label": "PERSON"})
    >>> bob = {"start": 12, "end": 15, "label": "PERSON"}
    >>> settled([the, bob, {"head": the, "tail": bob, "label": "KNOWS"}], [ada, bob])[-1]["head"] == ada
    True
    """
    now = {span_place(span): found for span, found in zip(marks_in(value), moved, strict=True)}
    pairs = ((now[span_place(each["head"])], now[span_place(each["tail"])], each) for each in relations_in(value))
    found = (Relation(head=head, tail=tail, label=each["label"]) for head, tail, each in pairs if head != tail)
    return joined(moved, found)


def given_items(value: Any) -> list[Any]:
    """Return what a value holds, its relations with their spans; raises LabError for what holds nothing of the kind."""
    if isinstance(value, Mapping) and "spans" in value:
        spans, relations = value["spans"] or [], value.get("relations") or []
        if isinstance(spans, (list, tuple)) and isinstance(relations, (list, tuple)):
            return [*spans, *(_resolved(each, spans) for each in relations)]
    if not isinstance(value, (list, tuple, type(None))):
        raise LabError(f"{value!r} is no list of spans and relations with a label.", f"Give: [{EXAMPLE}, ...].")
    return list(value or ())


def _resolved(raw: Any, spans: Sequence[Any]) -> Any:
    """Return a relation with its spans in place of their numbers."""
    head, tail = (raw.get("head"), raw.get("tail")) if isinstance(raw, Mapping) else (None, None)
    if not (_is_place(head, spans) and _is_place(tail, spans)):
        raise LabError(
            f"{raw!r} is no relation with a label between two of {len(spans)} spans.",
            'Give: {"head": 0, "tail": 1, "label": ...}.',
        )
    return {**raw, "head": spans[head], "tail": spans[tail]}


def _is_place(number: Any, spans: Sequence[Any]) -> TypeGuard[int]:
    """Say whether a number is that of a span."""
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(spans)
