"""What every kind of task must say about its values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from ..errors import LabError
from .differences import Difference, Sort

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

    from .boundary import Boundary


class Outcome(StrEnum):
    """What became of one question to an annotator; the last three are a person's.

    Only `PARSED` and `NONE` carry a value; every other outcome is left out of training,
    comparison and evaluation, and counted.
    """

    PARSED = "parsed"
    NONE = "explicitly none"
    UNKNOWN = "unknown label"
    SEVERAL = "several"
    ABSENT = "not in text"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    REFUSED = "refused"
    TRUNCATED = "truncated"
    ERROR = "error"
    REJECTED = "rejected"
    IGNORED = "ignored"
    UNDONE = "undone"

    @property
    def has_value(self) -> bool:
        """Whether an annotation with this outcome says something about the text."""
        return self in (Outcome.PARSED, Outcome.NONE)


class Part(NamedTuple):
    """One thing that a value says: a label, of the whole text or of some of its characters.

    Parameters
    ----------
    label : str
        The label.
    place : tuple of int
        Start and end of a span, end exclusive; empty for the text as a whole; of a relation, as `Relations` has it.
    """

    label: str
    place: tuple[int, ...] = ()


@dataclass(frozen=True)
class Task(ABC):
    """One labelling problem: its labels, what they mean, and what a value of its kind is.

    Parameters
    ----------
    labels : sequence of str
        The labels, in the order in which they are shown and numbered on keys.
    definitions : mapping of str to str
        What a label means, in a sentence. Labels without one may be absent.
    aliases : mapping of str to str
        Other names under which a label may come in, from a pipeline or a file, and the label: ``{"ORG": "COMPANY"}``.

    Notes
    -----
    A value is plain JSON, so that it is stored, compared and exported as it is. What depends on
    the kind of task stands in a subclass and nowhere else.
    """

    labels: tuple[str, ...]
    definitions: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict, repr=False)

    kind: ClassVar[str]
    part: ClassVar[str]
    """What other tools call a value of this kind: ``"labels"`` of a text, ``"spans"``, or ``"relations"``."""
    places: ClassVar[tuple[str, ...]]
    """Where a pipeline leaves values of this kind, as spaCy's factories say what they assign."""
    whole_text: ClassVar[bool] = False
    """Whether a value is about the text as a whole: the labels in it say all there is to say."""
    related: ClassVar[bool] = False
    """Whether a value holds relations between spans."""
    asks_about: ClassVar[tuple[str, ...]] = ()
    """What must stand on a Doc before an LLM is asked, one of these, as spaCy's factories say what they assign."""
    parser: ClassVar[str | None] = None
    """The parser in spacy-llm's registry that reads replies of this kind; None for that of spacy-llm's task."""

    @property
    @abstractmethod
    def components(self) -> tuple[str, ...]:
        """The spaCy factories of components that can learn this kind of task, the usual one first; none for some."""

    def check_learnable(self) -> None:
        """Raise LabError for a kind that no component learns."""
        if not self.components:
            raise LabError(
                f"No model of the kind {self.kind!r} is trained here.",
                "Export the labels for a tool that trains one: lab.export_labels.",
            )

    @property
    def names(self) -> tuple[str, ...]:
        """All labels that a part of a value may have: those of the task, and of what they stand between."""
        return self.labels

    @property
    def mark_labels(self) -> tuple[str, ...]:
        """The labels that a marked range may have; none for labels of texts as a whole."""
        return ()

    def marks(self, value: Any) -> Sequence[Any]:
        """Return the labelled ranges in `value`; none for labels of the text as a whole."""
        return ()

    @classmethod
    def settings(cls) -> set[str]:
        """Return the names of the settings that this kind has beside labels and definitions."""
        return {each.name for each in fields(cls)} - {each.name for each in fields(Task)}

    def variables(self) -> dict[str, Any]:
        """Return what a spaCy configuration may use as ``${task.<name>}``."""
        return {"labels": list(self.labels), "definitions": dict(self.definitions), "component": self.components[0]}

    def own_name(self, label: Any) -> str | None:
        """Return the label of the task that goes by the name `label`, or None."""
        if not isinstance(label, str):
            return None
        return label if label in self.labels else self.aliases.get(label)

    @abstractmethod
    def check(self, value: Any) -> Any:
        """Return `value` in its canonical form, or raise `LabError` if it is none of this task's."""

    @abstractmethod
    def key(self, value: Any) -> str:
        """Name the category that `value` falls in, for confusion tables: ``"BUG + DOCUMENTATION"``."""

    def words(self, value: Any) -> str:
        """Write `value` so that one that differs from it reads differently."""
        return self.key(value)

    @abstractmethod
    def read(self, doc: Doc) -> Any:
        """Return the value that a pipeline set on `doc`."""

    def prepare(self, doc: Doc) -> None:
        """Make ready what stands on `doc` before an LLM is asked about it; for most kinds there is nothing to do."""
        return

    @abstractmethod
    def write(self, doc: Doc, value: Any) -> None:
        """Set `value` on `doc`, as the gold standard that a pipeline is trained on."""

    @abstractmethod
    def scores(self, doc: Doc) -> dict[str, float]:
        """Return each label's probability, 0 to 1, that a pipeline set on `doc`; nothing where it sets none."""

    def probabilities(self, nlp: Language, docs: Sequence[Doc]) -> list[dict[str, float]]:
        """Return the scores of texts that went through `nlp`, also those that it keeps to itself."""
        return [self.scores(doc) for doc in docs]

    @abstractmethod
    def holds(self, value: Any, key: str) -> bool:
        """Return whether `value` says what the score called `key` is the probability of."""

    def alike(self, key: str) -> str:
        """Name the scores that are calibrated together with the one called `key`."""
        return key

    def decide(self, scores: Mapping[str, float], value: Any) -> Any:
        """Return the value that `scores` speak for; `value`, where scores of this kind do not settle it."""
        return value

    @abstractmethod
    def confidence(self, value: Any, scores: Mapping[str, float]) -> float:
        """Return how sure an annotator with these `scores` is of `value`: 0 to 1, by its weakest part; NaN for none."""

    def fit(self, value: Any, text: str) -> Any:
        """Return `value` in its canonical form, or raise `LabError` if it can't be one of `text`."""
        return self.check(value)

    def tokens(self, text: str) -> list[tuple[int, int]] | None:
        """Return start and end of the tokens to which marks on `text` snap; None for a kind without marks."""
        return None

    @abstractmethod
    def contested(self, said: Mapping[str, Any]) -> list[Any]:
        """Return the parts of values that some annotators give and others don't; `said` has each one's value."""

    @abstractmethod
    def holding(self, label: str) -> Any:
        """Return the JSON that every value with this label contains, as PostgreSQL's ``@>`` has it."""

    @abstractmethod
    def outcome(self, reply: str, text: str, entities: int | None = None) -> Outcome:
        """Sort the raw text of an LLM's reply on `text`: could it be read, and if not, why.

        `entities` is how many its prompt numbered, for a kind that asks about them.
        """

    def findings(self, reply: str, text: str) -> list[dict[str, Any]]:
        """Say what became of each part of a reply on `text`; raises `LabError` for a kind whose replies have none."""
        raise LabError(f"Replies of the kind {self.kind!r} are of one piece.", "See lab.replies().")

    def schema(self) -> dict[str, Any] | None:
        """Return the JSON schema of an LLM's answer; None for a kind that is only asked for as plain text."""
        return None

    def plain(self, reply: str) -> str:
        """Return an answer in `schema` as the plain text that the kind's parser reads; any other as it is."""
        return reply

    def belief(self, value: Any, confidence: float) -> dict[str, float] | None:
        """Return the scores of an annotator that is `confidence` (0 to 1) sure of `value`; None where it has none."""
        return None

    def example(self, text: str, value: Any) -> dict[str, Any]:
        """Return `text` with its answer as spacy-llm's prompts show it; raises `LabError` for a kind without that."""
        raise LabError(f"Prompts of the kind {self.kind!r} take no drawn examples.", "Write their file by hand.")

    def vote(self, values: Sequence[Any]) -> Any | None:
        """Return the value that more than half of `values` are, or None where there is no majority."""
        counts = Counter(map(self.words, values))
        return next((list(value) for value in values if 2 * counts[self.words(value)] > len(values)), None)

    @abstractmethod
    def parts(self, value: Any) -> set[Part]:
        """Return what `value` says, so that two values can be scored and compared part by part."""

    def scored(self, value: Any) -> set[Part]:
        """Return the parts that are right or wrong where values are scored by `labels`."""
        return self.parts(value)

    def part_words(self, part: Part, text: str) -> str:
        """Write a part of a value: its label, and the words of a span."""
        return f"{part.label}: {text[slice(*part.place)]}" if part.place else part.label

    @abstractmethod
    def differences(self, a: Any, b: Any) -> list[Difference]:
        """Sort the parts of two values by how they go together; `a` is what `b` is held against."""

    def distance(self, a: Any, b: Any) -> float:
        """Return how far apart two values are, 0 to 1: one less their F, in which another boundary counts half."""
        met = Counter(each.sort for each in self.differences(a, b))
        said = len(self.parts(a)) + len(self.parts(b))
        return 1 - (2 * met[Sort.EXACT] + met[Sort.BOUNDARY]) / said if said else 0.0

    def questions(self, values: Sequence[Any]) -> dict[Part, list[Any]]:
        """Turn what `values` say of one text into questions with one answer a value: whether this part is there.

        An annotator is taken to be as reliable on one question as on another of the same label.
        """
        said = [self.parts(value) for value in values]
        return {part: [part in each for each in said] for part in sorted(set().union(*said))}

    @abstractmethod
    def elect(self, beliefs: Mapping[Part, Mapping[Any, float]]) -> Any:
        """Put a value together from the probability, 0 to 1, of each answer to each of a text's questions."""

    @abstractmethod
    def gather(self, parts: Sequence[Part]) -> Any | None:
        """Return the value that says all of `parts`, however often each is given; None where they contradict."""

    def settle(self, value: Any, text: str, rule: Boundary) -> Any:
        """Return `value` as a rule on boundaries has it; raises `LabError` for a kind without boundaries."""
        raise LabError(f"Labels of the kind {self.kind!r} have no boundaries.", "There is nothing to settle.")

    @abstractmethod
    def membership(self, values: Iterable[Any]) -> list[list[int]]:
        """Return 0 or 1 for each value (row) and label (column), in the order of `labels`."""
