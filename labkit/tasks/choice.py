"""One label for a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import LabError
from .base import Outcome
from .labels import NONE_TOKEN, LabelsTask, _object, _tokens

if TYPE_CHECKING:
    from spacy.tokens import Doc


class Choice(LabelsTask):
    """One label for a text, or none: learned by spaCy's `textcat`.

    Examples
    --------
    >>> task = Choice(("SPORT", "POLITICS"))
    >>> task.check("SPORT")
    ['SPORT']
    >>> task.outcome("SPORT, POLITICS")
    <Outcome.SEVERAL: 'several'>
    """

    kind: ClassVar[str] = "choice"
    exclusive: ClassVar[bool] = True
    component: ClassVar[str] = "textcat"

    def check(self, value: Any) -> list[str]:
        """Return the label in a list of one, or `[]`; raises `LabError` for more than one."""
        labels = super().check(value)
        if len(labels) > 1:
            raise LabError(f"{', '.join(labels)} are two labels where one is asked for.", "Give one label.")
        return labels

    def read(self, doc: Doc) -> list[str]:
        """Return the label with the highest score, or `[]` where the pipeline gave every label nothing."""
        scores = self.scores(doc)
        best = max(scores, key=scores.__getitem__)
        return [best] if scores[best] > 0 else []

    def schema(self) -> dict[str, Any]:
        """Return the schema of an object that holds one label, or the word for none."""
        return _object("label", {"type": "string", "enum": [*self.labels, NONE_TOKEN]})

    def outcome(self, reply: str, text: str = "") -> Outcome:
        """As for `LabelsTask`, and `SEVERAL` where more than one known label is given."""
        outcome = super().outcome(reply, text)
        if outcome is Outcome.PARSED and len(_tokens(reply)) > 1:
            return Outcome.SEVERAL
        return outcome
