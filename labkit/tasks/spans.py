"""Labelled ranges of a text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import LabError
from .base import Outcome, Part, Task
from .differences import Difference, span_differences
from .docs import NER, PLACES, SPANCAT, Likely, group_scores, likely_spans, set_spans, spans_on
from .labels import NONE_KEY, count_key
from .mentions import Finding, Mention, says_none
from .placing import read_mentions
from .span import Span, apart, contested, in_order, range_of, within, words_of
from .tokens import check_language, tokenize

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

    from .boundary import Boundary

UNREAD = {
    Finding.MALFORMED: Outcome.UNREADABLE,
    Finding.UNKNOWN: Outcome.UNKNOWN,
    Finding.ABSENT: Outcome.ABSENT,
}
"""What makes a whole reply one that can't be read, the gravest first."""


@dataclass(frozen=True)
class Spans(Task):
    """Labelled ranges of a text: learned by spaCy's `ner`, or by `spancat` where they may overlap.

    A value is the list of its spans by start and end, each once; `[]` says that there is none. Where texts are
    compared by label, a text has a label if one of its spans has.

    Parameters
    ----------
    overlap : bool
        Whether two spans may share a character.
    language : str
        Whose tokens marks snap to in the corrector: a language of spaCy's.

    Raises
    ------
    LabError
        If `overlap` is no truth value, spaCy has no such language, or a label holds a bar, at which replies are cut.

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
    language: str = "en"

    kind: ClassVar[str] = "spans"
    part: ClassVar[str] = "spans"
    places: ClassVar[tuple[str, ...]] = PLACES
    parser: ClassVar[str] = "labkit.SpanParser.v1"

    def __post_init__(self) -> None:
        if not isinstance(self.overlap, bool):
            raise LabError(f"overlap is {self.overlap!r}.", "Write true or false.")
        if self.language != "en":
            check_language(self.language)
        barred = [label for label in self.labels if set(label) & set("|\n")]
        if barred:
            raise LabError(f"The label {barred[0]!r} holds a bar or a line break.", "An LLM's reply is cut there.")

    @property
    def components(self) -> tuple[str, ...]:
        """The spaCy factories that can learn this kind of task; only those of `spancat` give spans that overlap."""
        return SPANCAT if self.overlap else (*NER, *SPANCAT)

    def variables(self) -> dict[str, Any]:
        """Return the task's variables, with `overlap`."""
        return {**super().variables(), "overlap": self.overlap}

    @property
    def mark_labels(self) -> tuple[str, ...]:
        """The labels of spans, which are all."""
        return self.labels

    def marks(self, value: Sequence[Span]) -> Sequence[Span]:
        """Return the value, which is all spans."""
        return value

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
        spans = in_order(map(self._check, value or ()))
        for one, other in pairwise(spans):
            if not self.overlap and other["start"] < one["end"]:
                raise LabError(
                    f"{words_of(one)} and {words_of(other)} overlap.", "Keep one, or allow it: overlap = true."
                )
        return spans

    def key(self, value: Sequence[Span]) -> str:
        """Count the spans of each label, ``"PERSON + 2 DATE"``; `NONE_KEY` where there is none."""
        return count_key((span["label"] for span in value), self.labels)

    def words(self, value: Sequence[Span]) -> str:
        """Write label and range of each span, ``"PERSON 0:3 + DATE 9:13"``; `NONE_KEY` where there is none."""
        return " + ".join(map(words_of, value)) or NONE_KEY

    def read(self, doc: Doc) -> list[Span]:
        """Return the exact ranges where the parser of replies left them, else ``doc.spans["sc"]``, else ``doc.ents``.

        Where spans may not overlap and do, the longest.
        """
        named = (Span(start=s["start"], end=s["end"], label=self.own_name(s["label"]) or "") for s in spans_on(doc))
        spans = in_order(span for span in named if span["label"])
        return spans if self.overlap else apart(spans)

    def write(self, doc: Doc, value: Sequence[Span]) -> None:
        """Set ``doc.ents`` and ``doc.spans["sc"]``; where spans overlap, the former holds the longest.

        A span that ends inside a token grows to that token's ends; of those that then overlap where they may
        not, the longest is set.

        Raises
        ------
        LabError
            If a span ends beyond the text.
        """
        set_spans(doc, value, overlap=self.overlap)

    def scores(self, doc: Doc) -> dict[str, float]:
        """Return the probability of each span in ``doc.spans["sc"]``, and for each label that of its surest span.

        A span's is called as `words` writes it, ``"DATE 9:13"``; nothing is called so where a pipeline gave none.
        """
        return self._scores(group_scores(doc))

    def probabilities(self, nlp: Language, docs: Sequence[Doc]) -> list[dict[str, float]]:
        """Return the scores of texts, with those spans that `ner` or `spancat` thought possible and did not mark."""
        likely = likely_spans(nlp, docs)
        if likely is None:
            return super().probabilities(nlp, docs)
        return [dict.fromkeys(self.labels, 0.0) | self._scores(each) for each in likely]

    def holds(self, value: Sequence[Span], key: str) -> bool:
        """Return whether `value` has a span with the label `key`, or the span that `words` writes so."""
        return any(key in (span["label"], words_of(span)) for span in value)

    def alike(self, key: str) -> str:
        """Put the spans of a label together, and apart from the label's own score."""
        return key if key in self.labels else f"{key.rpartition(' ')[0]} span"

    def confidence(self, value: Sequence[Span], scores: Mapping[str, float]) -> float:
        """Return the lowest probability of what `value` says of a span, or, where only labels have one, of a label."""
        labels, spans = {span["label"] for span in value}, set(map(words_of, value))
        sure = [score if key in labels | spans else 1 - score for key, score in scores.items()]
        if any(key not in self.labels for key in scores):
            sure += [0.0] * bool(spans - set(scores))
        return min(sure, default=math.nan)

    def fit(self, value: Any, text: str) -> list[Span]:
        """Return the spans by start and end, or raise `LabError` if one ends beyond `text`, or as for `check`."""
        spans = self.check(value)
        within(spans, text)
        return spans

    def tokens(self, text: str) -> list[tuple[int, int]]:
        """Return start and end of spaCy's tokens, in code points; white space is none."""
        return tokenize(text, self.language)

    def contested(self, said: Mapping[str, Sequence[Span]]) -> list[dict[str, Any]]:
        """Return the spans that not all give, by start and end, each with the `annotators` that give it."""
        return contested(said)

    def holding(self, label: str) -> list[dict[str, str]]:
        """Return a list of a span that has nothing but the label."""
        return [{"label": label}]

    def outcome(self, reply: str, text: str, entities: int | None = None) -> Outcome:
        """Sort a reply: empty, explicitly none, unreadable, unknown label, not in text, or parsed.

        One line that can't be read or found makes the whole reply so: the span that was meant would be taken for
        no span. Spans that overlap where they may not, or are listed too often, are left out, and the rest is read.
        """
        mentions = self._mentions(reply, text)
        met = {mention.finding for mention in mentions}
        for finding, outcome in UNREAD.items():
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

    def parts(self, value: Sequence[Span]) -> set[Part]:
        """Return a part for each span."""
        return {Part(span["label"], (span["start"], span["end"])) for span in value}

    def differences(self, a: Sequence[Span], b: Sequence[Span]) -> list[Difference]:
        """Sort the spans of two values: exact, boundary, label, missing, extra; see `labkit.tasks.differences`."""
        return span_differences(a, b)

    def settle(self, value: Sequence[Span], text: str, rule: Boundary) -> list[Span]:
        """Return the spans as a rule on boundaries has them."""
        return rule.settle(value, text, overlap=self.overlap)

    def gather(self, parts: Sequence[Part]) -> list[Span]:
        """Return the spans that are given; where they may not overlap and do, the longest."""
        spans = in_order(Span(start=part.place[0], end=part.place[1], label=part.label) for part in parts)
        return spans if self.overlap else apart(spans)

    def elect(self, beliefs: Mapping[Part, Mapping[bool, float]]) -> list[Span]:
        """Return the spans that are likelier than not; where they may not overlap, the likelier one."""
        sure = {part: answers.get(True, 0.0) for part, answers in beliefs.items()}
        spans: list[Span] = []
        for part in sorted((part for part in sure if 2 * sure[part] > 1), key=lambda part: (-sure[part], part.place)):
            span = Span(start=part.place[0], end=part.place[1], label=part.label)
            if self.overlap or not any(range_of(span).overlaps(range_of(other)) for other in spans):
                spans.append(span)
        return in_order(spans)

    def membership(self, values: Iterable[Sequence[Span]]) -> list[list[int]]:
        """Return 1 for each label (column) that a span of the value (row) has, else 0."""
        given = ({span["label"] for span in value} for value in values)
        return [[int(label in labels) for label in self.labels] for labels in given]

    def _scores(self, likely: Likely) -> dict[str, float]:
        """Name probabilities of spans, and those of labels, under the task's own names."""
        labels: dict[str, float] = {}
        spans: dict[str, float] = {}
        for (start, end, given), score in likely.items():
            if label := self.own_name(given):
                name = words_of(Span(start=start, end=end, label=label))
                labels[label] = max(score, labels.get(label, 0.0))
                spans[name] = max(score, spans.get(name, 0.0))
        return {label: labels[label] for label in self.labels if label in labels} | spans

    def _mentions(self, reply: str, text: str) -> list[Mention]:
        """Read a reply, with the task's labels."""
        return read_mentions(reply, text, self.labels, overlap=self.overlap)

    def _check(self, raw: Any) -> Span:
        """Return one span, or raise LabError."""
        if not isinstance(raw, Mapping) or not {"start", "end", "label"} <= set(raw):
            raise LabError(f"{raw!r} is no span with a label.", f"Give: {_EXAMPLE}.")
        start, end, label = raw["start"], raw["end"], self.own_name(raw["label"])
        if label is None:
            raise LabError(f"The label {raw['label']!r} is not in this project.", f"Use: {', '.join(self.labels)}.")
        whole = all(isinstance(place, int) and not isinstance(place, bool) for place in (start, end))
        if not whole or not 0 <= start < end:
            raise LabError(f"{label} from {start!r} to {end!r} is no range.", "Count characters from 0, end exclusive.")
        return Span(start=start, end=end, label=label)


_EXAMPLE = '{"start": 0, "end": 3, "label": ...}'
