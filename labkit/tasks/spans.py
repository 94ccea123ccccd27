"""Labelled ranges of a text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from ..errors import LabError
from .base import Outcome, Part, Task
from .differences import Difference, span_differences
from .labels import NONE_KEY
from .mentions import Finding, Mention, says_none
from .occurrences import Range
from .placing import read_mentions

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.tokens import Span as SpacySpan

SPANS_KEY = "sc"
"""Where a Doc keeps spans that may overlap: the key of spaCy's `spancat` and spacy-llm's SpanCat."""


def exact_key(doc: Doc) -> Any:
    """Return the key in ``doc.user_data`` for the exact ranges of its spans; its own spans end where its tokens do.

    It is that of an attribute of the whole text, as spaCy spells it: merging Docs moves it, and then it is not found.
    """
    return ("._.", "labkit_spans", 0, len(doc.text))


_UNREAD = {
    Finding.MALFORMED: Outcome.UNREADABLE,
    Finding.UNKNOWN: Outcome.UNKNOWN,
    Finding.ABSENT: Outcome.ABSENT,
}


class Span(TypedDict):
    """Characters of a text, counted in code points from 0, `end` exclusive, with their label."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Spans(Task):
    """Labelled ranges of a text: learned by spaCy's `ner`, or by `spancat` where they may overlap.

    A value is the list of its spans by start and end, each once; `[]` says that there is none. Where texts are
    compared by label, a text has a label if one of its spans has.

    Parameters
    ----------
    overlap : bool
        Whether two spans may share a character.

    Raises
    ------
    LabError
        If `overlap` is no truth value, or a label holds a bar, at which replies are cut.

    Examples
    --------
    >>> task = Spans(("PERSON", "DATE"))
    >>> task.check([{"label": "DATE", "start": 9, "end": 13}, {"label": "PERSON", "start": 0, "end": 3}])
    [{'start': 0, 'end': 3, 'label': 'PERSON'}, {'start': 9, 'end': 13, 'label': 'DATE'}]
    >>> task.outcome("1. Ada | True | PERSON | a name", "Ada was born in 1815.")
    <Outcome.PARSED: 'parsed'>
    >>> task.outcome("1. Ida | True | PERSON | a name", "Ada was born in 1815.")
    <Outcome.ABSENT: 'not in text'>
    """

    overlap: bool = False

    kind: ClassVar[str] = "spans"
    parser: ClassVar[str] = "labkit.SpanParser.v1"

    def __post_init__(self) -> None:
        if not isinstance(self.overlap, bool):
            raise LabError(f"overlap is {self.overlap!r}.", "Write true or false.")
        barred = [label for label in self.labels if set(label) & set("|\n")]
        if barred:
            raise LabError(f"The label {barred[0]!r} holds a bar or a line break.", "An LLM's reply is cut there.")

    @property
    def component(self) -> str:
        """The spaCy factory of the component that learns this kind of task."""
        return "spancat" if self.overlap else "ner"

    def variables(self) -> dict[str, Any]:
        """Return the task's variables, with `overlap`."""
        return {**super().variables(), "overlap": self.overlap}

    def check(self, value: Any) -> list[Span]:
        """Return the spans by start and end, each once.

        Parameters
        ----------
        value : sequence of mappings, or None
            Each with `start`, `end` and `label`; what else they hold is left out.

        Raises
        ------
        LabError
            If one is no span, its label is not one of the task's, or two overlap where they may not.
        """
        if not isinstance(value, (list, tuple, type(None))):
            raise LabError(f"{value!r} is no list of spans with a label.", f"Give: [{_EXAMPLE}, ...].")
        spans = _in_order(map(self._check, value or ()))
        for one, other in pairwise(spans):
            if not self.overlap and other["start"] < one["end"]:
                raise LabError(f"{_words(one)} and {_words(other)} overlap.", "Keep one, or allow it: overlap = true.")
        return spans

    def key(self, value: Sequence[Span]) -> str:
        """Count the spans of each label, ``"PERSON + 2 DATE"``; `NONE_KEY` where there is none."""
        counts = Counter(span["label"] for span in value)
        words = [label if counts[label] == 1 else f"{counts[label]} {label}" for label in self.labels if counts[label]]
        return " + ".join(words) or NONE_KEY

    def words(self, value: Sequence[Span]) -> str:
        """Write label and range of each span, ``"PERSON 0:3 + DATE 9:13"``; `NONE_KEY` where there is none."""
        return " + ".join(map(_words, value)) or NONE_KEY

    def read(self, doc: Doc) -> list[Span]:
        """Return the exact ranges where the parser of replies left them, else those of ``doc.ents``.

        Where spans may overlap, those of ``doc.spans["sc"]``; where they may not and do, the longest.
        """
        found = doc.user_data.get(exact_key(doc))
        if found is None:
            pieces: Iterable[SpacySpan] = doc.spans.get(SPANS_KEY, ()) if self.overlap else doc.ents
            found = [Span(start=each.start_char, end=each.end_char, label=each.label_) for each in pieces]
        spans = _in_order(span for span in found if span["label"] in self.labels)
        return spans if self.overlap else _apart(spans)

    def write(self, doc: Doc, value: Sequence[Span]) -> None:
        """Set ``doc.ents``, or ``doc.spans["sc"]`` where spans may overlap.

        A span that ends inside a token grows to that token's ends; of those that then overlap where they may
        not, the longest is set.

        Raises
        ------
        LabError
            If a span ends beyond the text.
        """
        from spacy.util import filter_spans

        length = len(doc.text)
        beyond = [span for span in value if span["end"] > length]
        if beyond:
            raise LabError(f"{_words(beyond[0])} ends beyond its text, at {length}.", "Check whose spans they are.")
        pieces: list[Any] = [
            doc.char_span(span["start"], span["end"], span["label"], alignment_mode="expand") for span in value
        ]
        if self.overlap:
            doc.spans[SPANS_KEY] = pieces
        else:
            doc.set_ents(filter_spans(pieces))

    def scores(self, doc: Doc) -> dict[str, float]:
        """Return the probability of each label's surest span in ``doc.spans["sc"]``; spaCy's `ner` gives none."""
        group = doc.spans.get(SPANS_KEY) if self.overlap else None
        found: dict[str, float] = {}
        for piece, score in zip(group or (), group.attrs.get("scores", ()) if group else (), strict=False):
            found[piece.label_] = max(float(score), found.get(piece.label_, 0.0))
        return {label: found[label] for label in self.labels if label in found}

    def holds(self, value: Sequence[Span], key: str) -> bool:
        """Return whether `value` has a span with the label `key`, or the span that `words` writes so."""
        return any(key in (span["label"], _words(span)) for span in value)

    def alike(self, key: str) -> str:
        """Put the spans of a label together, and apart from the label's own score."""
        return key if key in self.labels else f"{key.rpartition(' ')[0]} span"

    def confidence(self, value: Sequence[Span], scores: Mapping[str, float]) -> float:
        """Return the lowest probability, over the labels that have one, of what `value` says of the label."""
        given = {span["label"] for span in value}
        sure = (scores[label] if label in given else 1 - scores[label] for label in self.labels if label in scores)
        return min(sure, default=math.nan)

    def outcome(self, reply: str, text: str) -> Outcome:
        """Sort a reply: empty, explicitly none, unreadable, unknown label, not in text, or parsed.

        One line that can't be read or found makes the whole reply so: the span that was meant would be taken for
        no span. Spans that overlap where they may not, or are listed too often, are left out, and the rest is read.
        """
        mentions = self._mentions(reply, text)
        met = {mention.finding for mention in mentions}
        for finding, outcome in _UNREAD.items():
            if finding in met:
                return outcome
        if any(mention.kept for mention in mentions):
            return Outcome.PARSED
        return Outcome.NONE if mentions or says_none(reply) else Outcome.EMPTY

    def findings(self, reply: str, text: str) -> list[dict[str, Any]]:
        """Say what became of each line of a reply; see `labkit.tasks.mentions.Mention`."""
        return [{**mention._asdict(), "finding": str(mention.finding)} for mention in self._mentions(reply, text)]

    def example(self, text: str, value: Sequence[Span]) -> dict[str, Any]:
        """Return `text` with its spans, as the templates of NER.v3 and SpanCat.v3 show them.

        Examples
        --------
        >>> Spans(("PERSON",)).example("Ada was born", [{"start": 0, "end": 3, "label": "PERSON"}])["spans"]
        [{'text': 'Ada', 'is_entity': True, 'label': 'PERSON', 'reason': 'is a PERSON'}]
        """
        spans = [(text[span["start"] : span["end"]], span["label"]) for span in value]
        lines = [{"text": said, "is_entity": True, "label": label, "reason": f"is a {label}"} for said, label in spans]
        return {"text": text, "spans": lines}

    def vote(self, values: Sequence[Sequence[Span]]) -> list[Span] | None:
        """Return the value that more than half of `values` are, to the character, or None."""
        counts = Counter(map(self.words, values))
        return next((list(value) for value in values if 2 * counts[self.words(value)] > len(values)), None)

    def parts(self, value: Sequence[Span]) -> set[Part]:
        """Return a part for each span."""
        return {Part(span["label"], (span["start"], span["end"])) for span in value}

    def differences(self, a: Sequence[Span], b: Sequence[Span]) -> list[Difference]:
        """Sort the spans of two values: exact, boundary, label, missing, extra; see `labkit.tasks.differences`."""
        return span_differences(a, b)

    def elect(self, beliefs: Mapping[Part, Mapping[bool, float]]) -> list[Span]:
        """Return the spans that are likelier than not; where they may not overlap, the likelier one."""
        sure = {part: answers.get(True, 0.0) for part, answers in beliefs.items()}
        spans: list[Span] = []
        for part in sorted((part for part in sure if 2 * sure[part] > 1), key=lambda part: (-sure[part], part.place)):
            span = Span(start=part.place[0], end=part.place[1], label=part.label)
            if self.overlap or not any(_range(span).overlaps(_range(other)) for other in spans):
                spans.append(span)
        return _in_order(spans)

    def membership(self, values: Iterable[Sequence[Span]]) -> list[list[int]]:
        """Return 1 for each label (column) that a span of the value (row) has, else 0."""
        given = ({span["label"] for span in value} for value in values)
        return [[int(label in labels) for label in self.labels] for labels in given]

    def _mentions(self, reply: str, text: str) -> list[Mention]:
        """Read a reply, with the task's labels."""
        return read_mentions(reply, text, self.labels, overlap=self.overlap)

    def _check(self, raw: Any) -> Span:
        """Return one span, or raise LabError."""
        if not isinstance(raw, Mapping) or not {"start", "end", "label"} <= set(raw):
            raise LabError(f"{raw!r} is no span with a label.", f"Give: {_EXAMPLE}.")
        start, end, label = raw["start"], raw["end"], raw["label"]
        if label not in self.labels:
            raise LabError(f"The label {label!r} is not in this project.", f"Use: {', '.join(self.labels)}.")
        whole = all(isinstance(place, int) and not isinstance(place, bool) for place in (start, end))
        if not whole or not 0 <= start < end:
            raise LabError(f"{label} from {start!r} to {end!r} is no range.", "Count characters from 0, end exclusive.")
        return Span(start=start, end=end, label=label)


_EXAMPLE = '{"start": 0, "end": 3, "label": ...}'


def _in_order(spans: Iterable[Span]) -> list[Span]:
    """Return the spans by start, end and label, each once."""
    once = {(span["start"], span["end"], span["label"]): span for span in spans}
    return [once[place] for place in sorted(once)]


def _apart(spans: Sequence[Span]) -> list[Span]:
    """Leave out spans that overlap a longer one, or an earlier one of the same length."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: span["start"] - span["end"]):
        if not any(_range(span).overlaps(_range(other)) for other in kept):
            kept.append(span)
    return _in_order(kept)


def _range(span: Span) -> Range:
    """Return the characters of a span."""
    return Range(span["start"], span["end"])


def _words(span: Span) -> str:
    """Write a span: ``"DATE 9:13"``."""
    return f"{span['label']} {span['start']}:{span['end']}"
