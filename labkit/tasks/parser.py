"""`labkit.SpanParser.v1`: reads replies for spacy-llm's NER.v3 and SpanCat.v3 without moving a span."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .docs import exact_key
from .placing import read_mentions

if TYPE_CHECKING:
    from spacy.tokens import Doc


def make_span_parser() -> Callable[[Any, Iterable[Iterable[Doc]], Iterable[Iterable[str]]], Iterator[list[list[Any]]]]:
    """Make the parser that a configuration names ``labkit.SpanParser.v1``.

    It stands in the block ``[components.llm.task.parse_responses]`` of a task NER.v3 or SpanCat.v3. spacy-llm's own
    looks spans up in the lower-cased text, which may be longer than the text.

    Examples
    --------
    >>> config = {"@llm_tasks": "spacy.NER.v3", "parse_responses": {"@llm_misc": "labkit.SpanParser.v1"}}
    """
    return _parse


def _parse(task: Any, shards: Iterable[Iterable[Doc]], replies: Iterable[Iterable[str]]) -> Iterator[list[list[Any]]]:
    """Yield the spans of each Doc, a list a shard, as spacy-llm asks of a parser."""
    for docs, answers in zip(shards, replies, strict=True):
        yield [_spans(task, doc, answer) for doc, answer in zip(docs, answers, strict=True)]


def _spans(task: Any, doc: Doc, reply: str) -> list[Any]:
    """Return the spans of one reply, grown to whole tokens, and leave their exact ranges on the Doc."""
    mentions = read_mentions(reply, doc.text, task.label_dict.values(), overlap=task.allow_overlap)
    found: list[Any] = [{"start": m.start, "end": m.end, "label": m.label} for m in mentions if m.kept]
    doc.user_data[exact_key(doc)] = found
    return [doc.char_span(each["start"], each["end"], each["label"], alignment_mode="expand") for each in found]
