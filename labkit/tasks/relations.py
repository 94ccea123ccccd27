"""Labelled spans of a text, and labelled relations between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import LabError
from .base import Outcome, Part, Task
from .differences import Difference, span_differences
from .docs import PLACES, exact_key
from .labels import NONE_KEY, count_key
from .linked import relation_differences
from .links import FIELD, links_on, read_links, set_links
from .mentions import Finding, says_none
from .relation import (
    EXAMPLE,
    Item,
    Relation,
    coded,
    contested_relations,
    decoded,
    ends_of,
    given_items,
    in_relation_order,
    is_coded,
    is_relation,
    item_words,
    joined,
    marks_in,
    relation_words,
    relations_in,
    settled,
)
from .span import Span, contested, range_of
from .spans import UNREAD, Spans

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from .boundary import Boundary


@dataclass(frozen=True)
class Relations(Task):
    """Labelled relations between two spans of a text, each from its head to its tail.

    A value is a list: the text's spans in order, then its relations, each with both spans that it stands between, by
    head, tail and label. `[]` says that there is neither. Where texts are compared by label, it is by the labels of
    relations; the labels of spans are a setting. An LLM is asked through spacy-llm's REL.v1 for relations between the
    entities that stand on the Doc already: components before it in the pipeline mark them, see
    `labkit.teacher.entities`. No model of relations is trained here.

    Parameters
    ----------
    span_labels : sequence of str
        The labels of spans. `labels` are those of relations; none is both.
    overlap : bool
        Whether two spans may share a character. REL.v1 knows of spans that overlap the longest alone.
    language : str
        Whose tokens marks snap to in the corrector: a language of spaCy's.

    Raises
    ------
    LabError
        If there are no labels of spans, one of them is also that of a relation, or as for `Spans`.

    Examples
    --------
    >>> task = Relations(("LIVES_IN",), span_labels=("PERSON", "PLACE"))
    >>> spans = [{"start": 0, "end": 3, "label": "PERSON"}, {"start": 13, "end": 19, "label": "PLACE"}]
    >>> value = task.check({"spans": spans, "relations": [{"head": 0, "tail": 1, "label": "LIVES_IN"}]})
    >>> value[2] == {"head": spans[0], "tail": spans[1], "label": "LIVES_IN"}
    True
    >>> task.words(value)
    'PERSON 0:3 + PLACE 13:19 + LIVES_IN 0:3 -> 13:19'
    """

    span_labels: tuple[str, ...] = ()
    overlap: bool = False
    language: str = "en"

    kind: ClassVar[str] = "relations"
    part: ClassVar[str] = "relations"
    places: ClassVar[tuple[str, ...]] = (f"doc._.{FIELD}",)
    asks_about: ClassVar[tuple[str, ...]] = PLACES
    related: ClassVar[bool] = True
    components: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        given = self.span_labels
        if isinstance(given, str) or not given or not all(isinstance(name, str) for name in given):
            raise LabError("A task of relations has no labels of spans.", 'Write: span_labels = ["PERSON", "PLACE"].')
        object.__setattr__(self, "span_labels", tuple(given))
        assert self._marks  # made now, so that what is wrong with its settings is said now

    @cached_property
    def _marks(self) -> Spans:
        """The task of the spans alone."""
        own = self.span_labels
        names = {name: label for name, label in self.aliases.items() if label in own}
        meanings = {label: words for label, words in self.definitions.items() if label in own}
        return Spans(own, meanings, names, overlap=self.overlap, language=self.language)

    @property
    def names(self) -> tuple[str, ...]:
        """The labels of relations, then those of spans."""
        return (*self.labels, *self.span_labels)

    @property
    def mark_labels(self) -> tuple[str, ...]:
        """The labels of spans."""
        return self.span_labels

    def own_name(self, label: Any) -> str | None:
        """Return the label of a relation that goes by the name `label`, or None."""
        own = super().own_name(label)
        return own if own in self.labels else None

    def variables(self) -> dict[str, Any]:
        """Return the task's variables: `labels` and `definitions` are those of relations."""
        meanings = {label: self.definitions[label] for label in self.labels if label in self.definitions}
        marks = {"span_labels": list(self.span_labels), "span_definitions": dict(self._marks.definitions)}
        return {"labels": list(self.labels), "definitions": meanings, **marks, "overlap": self.overlap}

    def check(self, value: Any) -> list[Item]:
        """Return the spans, then the relations, in order and each once.

        Parameters
        ----------
        value : sequence of mappings, mapping, or None
            Spans, each with `start`, `end` and `label`, and relations, each with `head` and `tail`, which are spans,
            and `label`. A span that is only named by a relation is one of the value's. Or an object that holds
            `spans`, and `relations` whose `head` and `tail` are places in that list, from 0.

        Raises
        ------
        LabError
            If one is no span or relation, a label is none of the task's, a relation is from a span to itself, or spans
            overlap where they may not.
        """
        items = given_items(value)
        relations = [self._check(item) for item in items if is_relation(item)]
        spans = [*marks_in(items), *(end for each in relations for end in ends_of(each))]
        return [*self._marks.check(spans), *in_relation_order(relations)]

    def key(self, value: Sequence[Item]) -> str:
        """Count the relations of each label, ``"LIVES_IN + 2 MARRIED_TO"``; `NONE_KEY` where there is none."""
        return count_key((relation["label"] for relation in relations_in(value)), self.labels)

    def words(self, value: Sequence[Item]) -> str:
        """Write label and place of each span and relation; `NONE_KEY` where there is neither."""
        return " + ".join(map(item_words, value)) or NONE_KEY

    def marks(self, value: Sequence[Item]) -> list[Span]:
        """Return the spans of a value."""
        return marks_in(value)

    def prepare(self, doc: Doc) -> None:
        """Leave on `doc` the spans that have a label of the task, under its own names: they alone are asked about."""
        self.write(doc, self._marks.read(doc))

    def read(self, doc: Doc) -> list[Item]:
        """Return the spans on `doc`, as `Spans` does, and the relations at ``doc._.rel`` between those of them."""
        spans = self._marks.read(doc)
        folded = {label.casefold(): label for label in self.labels}
        relations = []
        for each in links_on(doc, spans):
            if label := self.own_name(each["label"]) or folded.get(each["label"].casefold()):
                relations.append(Relation(head=each["head"], tail=each["tail"], label=label))
        return [*spans, *in_relation_order(relations)]

    def write(self, doc: Doc, value: Sequence[Item]) -> None:
        """Set the spans, as `Spans` does, and ``doc._.rel``; relations of a span that is no entity are left out.

        Raises
        ------
        LabError
            If a span ends beyond the text.
        """
        spans = marks_in(value)
        self._marks.write(doc, spans)
        doc.user_data[exact_key(doc)] = spans
        set_links(doc, relations_in(value), spans)

    def scores(self, doc: Doc) -> dict[str, float]:
        """Return nothing: ``doc._.rel`` holds no probabilities."""
        return {}

    def holds(self, value: Sequence[Item], key: str) -> bool:
        """Return whether `value` has a relation with the label `key`, or the one that `words` writes so."""
        return any(key in (each["label"], relation_words(each)) for each in relations_in(value))

    def confidence(self, value: Sequence[Item], scores: Mapping[str, float]) -> float:
        """Return the lowest probability of what `value` says of a label or relation; NaN without scores."""
        sure = (score if self.holds(value, key) else 1 - score for key, score in scores.items())
        return min(sure, default=math.nan)

    def fit(self, value: Any, text: str) -> list[Item]:
        """Return `value` in its canonical form, or raise `LabError` if a span ends beyond `text`, or as for `check`."""
        found = self.check(value)
        self._marks.fit(marks_in(found), text)
        return found

    def tokens(self, text: str) -> list[tuple[int, int]]:
        """Return start and end of spaCy's tokens, in code points; white space is none."""
        return self._marks.tokens(text)

    def contested(self, said: Mapping[str, Sequence[Item]]) -> list[dict[str, Any]]:
        """Return the spans, then the relations, that not all give, each with the `annotators` that give it."""
        return [*contested({name: marks_in(value) for name, value in said.items()}), *contested_relations(said)]

    def holding(self, label: str) -> list[dict[str, str]]:
        """Return a list of a relation, or of a span, that has nothing but the label."""
        return [{"label": label}]

    def outcome(self, reply: str, text: str = "", entities: int | None = None) -> Outcome:
        """Sort a reply: empty, explicitly none, unreadable, unknown label, not in text (no such entity), or parsed.

        One line that can't be read makes the whole reply so: the relation that was meant would be taken for none.
        """
        if says_none(reply):
            return Outcome.NONE
        links = read_links(reply, self.labels, entities)
        met = {link.finding for link in links}
        unread = next((outcome for finding, outcome in UNREAD.items() if finding in met), None)
        return unread or (Outcome.PARSED if links else Outcome.EMPTY)

    def findings(self, reply: str, text: str) -> list[dict[str, Any]]:
        """Say what became of each line of a reply; which entities its prompt numbered is not looked at."""
        links = [] if says_none(reply) else read_links(reply, self.labels)
        return [
            {**link._asdict(), "finding": str(link.finding), "kept": link.finding is Finding.EXACT} for link in links
        ]

    def parts(self, value: Sequence[Item]) -> set[Part]:
        """Return a part for each span, and one for each relation, whose place is that of head and of tail.

        The place of an end is its start, its end, and the number of its label.
        """
        links = {Part(each["label"], coded(each, self.span_labels)) for each in relations_in(value)}
        return self._marks.parts(marks_in(value)) | links

    def scored(self, value: Sequence[Item]) -> set[Part]:
        """Return a part for each relation: right are its label, its direction and the characters of both spans."""
        return {Part(each["label"], (*range_of(each["head"]), *range_of(each["tail"]))) for each in relations_in(value)}

    def part_words(self, part: Part, text: str) -> str:
        """Write a span with its words, or a relation with those of both ends: ``"LIVES_IN: Ada -> London"``."""
        if not is_coded(part.place):
            return self._marks.part_words(part, text)
        head, tail = (text[slice(*part.place[at : at + 2])] for at in (0, 3))
        return f"{part.label}: {head} \N{RIGHTWARDS ARROW} {tail}"

    def differences(self, a: Sequence[Item], b: Sequence[Item]) -> list[Difference]:
        """Sort the spans of two values, then their relations; see `labkit.tasks.linked` for these."""
        spans = span_differences(marks_in(a), marks_in(b))
        return spans + relation_differences(relations_in(a), relations_in(b), spans)

    def settle(self, value: Sequence[Item], text: str, rule: Boundary) -> list[Item]:
        """Return the spans as a rule on boundaries has them, and the relations between them."""
        return settled(value, rule.moved(marks_in(value), text, overlap=self.overlap))

    def gather(self, parts: Sequence[Part]) -> list[Item]:
        """Return the spans and relations that are given; where spans may not overlap and do, the longest."""
        relations = self._decoded(part for part in parts if is_coded(part.place))
        ends = [Part(end["label"], range_of(end)) for each in relations for end in ends_of(each)]
        spans = self._marks.gather([*(part for part in parts if not is_coded(part.place)), *ends])
        return joined(spans, relations)

    def elect(self, beliefs: Mapping[Part, Mapping[bool, float]]) -> list[Item]:
        """Return the spans and relations that are likelier than not; a relation goes with its spans."""
        spans = self._marks.elect({part: each for part, each in beliefs.items() if not is_coded(part.place)})
        likely = [part for part, each in beliefs.items() if is_coded(part.place) and 2 * each.get(True, 0.0) > 1]
        return joined(spans, self._decoded(likely))

    def membership(self, values: Iterable[Sequence[Item]]) -> list[list[int]]:
        """Return 1 for each label (column) that a relation of the value (row) has, else 0."""
        given = ({relation["label"] for relation in relations_in(value)} for value in values)
        return [[int(label in labels) for label in self.labels] for labels in given]

    def _decoded(self, parts: Iterable[Part]) -> list[Relation]:
        """Return the relations that parts are."""
        return [decoded(part.label, part.place, self.span_labels) for part in parts]

    def _check(self, raw: Any) -> Relation:
        """Return one relation, or raise LabError."""
        if not {"head", "tail", "label"} <= set(raw):
            raise LabError(f"{raw!r} is no relation with a label.", f"Give: {EXAMPLE}.")
        label = self.own_name(raw["label"])
        if label is None:
            raise LabError(f"The label {raw['label']!r} is not in this project.", f"Use: {', '.join(self.labels)}.")
        head, tail = (self._marks.check([raw[end]])[0] for end in ("head", "tail"))
        if head == tail:
            raise LabError(f"{label} is from a span to itself.", "Relate two spans.")
        return Relation(head=head, tail=tail, label=label)
