"""What `choice` and `choices` share: a value is the sorted list of the labels that apply."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import LabError
from .base import Outcome, Part, Task
from .differences import Difference, label_differences

if TYPE_CHECKING:
    from spacy.tokens import Doc

NONE_TOKEN = "==NONE=="
NONE_KEY = "none"
THRESHOLD = 0.5


def _tokens(reply: str) -> list[str]:
    """Split a reply at commas, as spacy-llm's TextCat.v3 does (spacy_llm/tasks/textcat/parser.py)."""
    return [token.strip() for token in reply.split(",")]


def count_key(given: Iterable[str], labels: Sequence[str]) -> str:
    """Count labels, ``"PERSON + 2 DATE"``, in the order of `labels`; `NONE_KEY` where there is none."""
    counts = Counter(given)
    words = [label if counts[label] == 1 else f"{counts[label]} {label}" for label in labels if counts[label]]
    return " + ".join(words) or NONE_KEY


def _object(name: str, property: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object with one property, as strict endpoints ask for it."""
    return {"type": "object", "properties": {name: property}, "required": [name], "additionalProperties": False}


class LabelsTask(Task):
    """Labels of a whole text. A value is a list of labels in the task's order; `[]` says that none applies."""

    exclusive: ClassVar[bool]
    """Whether at most one label applies."""
    whole_text: ClassVar[bool] = True
    part: ClassVar[str] = "labels"
    places: ClassVar[tuple[str, ...]] = ("doc.cats",)

    def variables(self) -> dict[str, Any]:
        """Return the task's variables, with `exclusive`."""
        return {**super().variables(), "exclusive": self.exclusive}

    def check(self, value: Any) -> list[str]:
        """Return the labels in the task's order, each once.

        Parameters
        ----------
        value : str, sequence of str, or None
            One label, several, or none at all.

        Raises
        ------
        LabError
            If a label is not one of the task's, or the value is no label at all.
        """
        if value is None:
            return []
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, (list, tuple, set, frozenset)) or not all(isinstance(n, str) for n in names):
            raise LabError(f"{value!r} is no label.", f"Give a list of: {', '.join(self.labels)}.")
        own = {name: self.own_name(name) for name in names}
        for name, label in own.items():
            if label is None:
                raise LabError(f"The label {name!r} is not in this project.", f"Use: {', '.join(self.labels)}.")
        return [label for label in self.labels if label in own.values()]

    def key(self, value: Sequence[str]) -> str:
        """Join the labels with ``" + "``; `NONE_KEY` where there is none."""
        return " + ".join(value) or NONE_KEY

    def write(self, doc: Doc, value: Sequence[str]) -> None:
        """Set ``doc.cats`` to 1.0 for the labels in `value` and 0.0 for the others."""
        doc.cats = {label: float(label in value) for label in self.labels}

    def scores(self, doc: Doc) -> dict[str, float]:
        """Return ``doc.cats`` for the task's labels, 0.0 where the pipeline knows no such label."""
        found = dict.fromkeys(self.labels, 0.0)
        for name, score in doc.cats.items():
            if label := self.own_name(name):
                found[label] = max(found[label], float(score))
        return found

    def holds(self, value: Sequence[str], key: str) -> bool:
        """Return whether the label `key` is in `value`."""
        return key in value

    def confidence(self, value: Sequence[str], scores: Mapping[str, float]) -> float:
        """Return the lowest probability, over the labels, of what `value` says of the label."""
        given = ((label in value, scores.get(label, 0.0)) for label in self.labels)
        return min(score if applies else 1.0 - score for applies, score in given)

    def contested(self, said: Mapping[str, Sequence[str]]) -> list[str]:
        """Return the labels that some give and others don't, in the order in which they are met.

        Examples
        --------
        >>> from labkit.tasks import Choices
        >>> Choices(("BUG", "DOCUMENTATION")).contested({"llm": ["BUG"], "cpu": ["BUG", "DOCUMENTATION"]})
        ['DOCUMENTATION']
        """
        labels = dict.fromkeys(label for value in said.values() for label in value)
        return [label for label in labels if any(label not in value for value in said.values())]

    def holding(self, label: str) -> list[str]:
        """Return a list of the label alone."""
        return [label]

    def outcome(self, reply: str, text: str = "", entities: int | None = None) -> Outcome:
        """Sort a reply, whatever the text: empty, explicitly none, unknown label, or parsed.

        One unknown label among known ones makes the whole reply unknown: what the LLM meant is not certain.
        """
        tokens = _tokens(reply)
        known = {label.lower() for label in self.labels}
        if not reply.strip():
            return Outcome.EMPTY
        if reply.strip() == NONE_TOKEN:
            return Outcome.NONE
        if any(token.lower() not in known for token in tokens):
            return Outcome.UNKNOWN
        return Outcome.PARSED

    def example(self, text: str, value: Sequence[str]) -> dict[str, Any]:
        """Return `text` with its labels, as TextCat's template shows it.

        Examples
        --------
        >>> from labkit.tasks import Choices
        >>> Choices(("BUG", "DOCUMENTATION")).example("hello", [])
        {'text': 'hello', 'answer': '==NONE=='}
        """
        return {"text": text, "answer": ", ".join(value) or NONE_TOKEN}

    def schema(self) -> dict[str, Any]:
        """Return the schema of an object that holds a list of labels."""
        return _object("labels", {"type": "array", "items": {"type": "string", "enum": list(self.labels)}})

    def plain(self, reply: str) -> str:
        """Join the labels of a JSON answer with commas; an answer of another form stays as it is.

        Examples
        --------
        >>> from labkit.tasks import Choices
        >>> Choices(("BUG", "DOCUMENTATION")).plain('{"labels": ["BUG", "DOCUMENTATION"]}')
        'BUG, DOCUMENTATION'
        """
        try:
            answer = json.loads(reply)
        except (ValueError, RecursionError):
            return reply
        said = next(iter(answer.values())) if isinstance(answer, dict) and len(answer) == 1 else None
        names = [said] if isinstance(said, str) else said
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return reply
        return ", ".join(names) or NONE_TOKEN

    def belief(self, value: Sequence[str], confidence: float) -> dict[str, float]:
        """Return `confidence` for the labels in `value`, and what is left to 1 for the others."""
        return {label: confidence if label in value else 1 - confidence for label in self.labels}

    def membership(self, values: Iterable[Sequence[str]]) -> list[list[int]]:
        """Return one row of 0 and 1 a value, one column a label."""
        return [[int(label in value) for label in self.labels] for value in values]

    def parts(self, value: Sequence[str]) -> set[Part]:
        """Return a part for each label."""
        return {Part(label) for label in value}

    def differences(self, a: Sequence[str], b: Sequence[str]) -> list[Difference]:
        """Sort the labels of two values: exact, missing, extra; see `labkit.tasks.differences`."""
        return label_differences(a, b, self.labels)
