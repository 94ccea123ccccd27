"""Any number of labels for a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

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
    component: ClassVar[str] = "textcat_multilabel"

    def read(self, doc: Doc) -> list[str]:
        """Return the labels whose score is over one half."""
        return [label for label, score in self.scores(doc).items() if score > THRESHOLD]
