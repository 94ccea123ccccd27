"""Any number of labels for a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from .base import Part
from .labels import THRESHOLD, LabelsTask

if TYPE_CHECKING:
    from spacy.tokens import Doc


class Choices(LabelsTask):
    """Any number of labels for a text: learned by spaCy's `textcat_multilabel`.

    Examples
    --------
    >>> task = Choices(("BUG", "DOCUMENTATION"))
    >>> task.check(["DOCUMENTATION", "BUG"])
    ['BUG', 'DOCUMENTATION']
    >>> task.outcome("BUG, FEATURE")
    <Outcome.UNKNOWN: 'unknown label'>
    """

    kind: ClassVar[str] = "choices"
    exclusive: ClassVar[bool] = False
    components: ClassVar[tuple[str, ...]] = ("textcat_multilabel",)

    def read(self, doc: Doc) -> list[str]:
        """Return the labels whose score is over one half."""
        return self.decide(self.scores(doc), [])

    def decide(self, scores: Mapping[str, float], value: Sequence[str]) -> list[str]:
        """Return the labels whose score is over one half."""
        return [label for label, score in scores.items() if score > THRESHOLD]

    def questions(self, values: Sequence[Sequence[str]]) -> dict[Part, list[bool]]:
        """Ask of each label whether it applies, also where nobody gave it."""
        return {Part(label): [label in value for value in values] for label in self.labels}

    def elect(self, beliefs: Mapping[Part, Mapping[bool, float]]) -> list[str]:
        """Return the labels that are likelier than not."""
        return self.check([part.label for part, answers in beliefs.items() if answers.get(True, 0.0) > THRESHOLD])

    def gather(self, parts: Sequence[Part]) -> list[str]:
        """Return the labels that are given."""
        return self.check([part.label for part in parts])
