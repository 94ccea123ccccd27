"""One label for a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import LabError
from .base import Outcome, Part
from .differences import Difference, Sort
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
    components: ClassVar[tuple[str, ...]] = ("textcat",)

    def check(self, value: Any) -> list[str]:
        """Return the label in a list of one, or `[]`; raises `LabError` for more than one."""
        labels = super().check(value)
        if len(labels) > 1:
            raise LabError(f"{', '.join(labels)} are two labels where one is asked for.", "Give one label.")
        return labels

    def read(self, doc: Doc) -> list[str]:
        """Return the label with the highest score, or `[]` where the pipeline gave every label nothing."""
        return self.decide(self.scores(doc), [])

    def decide(self, scores: Mapping[str, float], value: Sequence[str]) -> list[str]:
        """Return the label with the highest score, or `[]` where every label has nothing."""
        best = max(scores, key=scores.__getitem__)
        return [best] if scores[best] > 0 else []

    def differences(self, a: Sequence[str], b: Sequence[str]) -> list[Difference]:
        """As for `LabelsTask`, but that two labels where one is asked for are one difference."""
        if a and b and a != b:
            return [Difference(Sort.LABEL, a[0], b[0])]
        return super().differences(a, b)

    def questions(self, values: Sequence[Sequence[str]]) -> dict[Part, list[str]]:
        """Ask one question, of no label in particular: which one."""
        return {Part(""): [self.key(value) for value in values]}

    def elect(self, beliefs: Mapping[Part, Mapping[str, float]]) -> list[str]:
        """Return the likeliest label; of equal ones the first of the task."""
        (answers,) = beliefs.values()
        best = max(answers, key=lambda key: (answers[key], -self._place(key)))
        return [best] if best in self.labels else []

    def schema(self) -> dict[str, Any]:
        """Return the schema of an object that holds one label, or the word for none."""
        return _object("label", {"type": "string", "enum": [*self.labels, NONE_TOKEN]})

    def gather(self, parts: Sequence[Part]) -> list[str] | None:
        """Return the label that is given most often, None where two are, and `[]` for no parts."""
        (best, count), *others = Counter(part.label for part in parts).most_common(2) or [("", 0)]
        return None if others and others[0][1] == count else self.check([best] * bool(parts))

    def _place(self, key: str) -> int:
        """Return where a label stands; none stands last."""
        return self.labels.index(key) if key in self.labels else len(self.labels)

    def outcome(self, reply: str, text: str = "", entities: int | None = None) -> Outcome:
        """As for `LabelsTask`, and `SEVERAL` where more than one known label is given."""
        outcome = super().outcome(reply, text)
        if outcome is Outcome.PARSED and len(_tokens(reply)) > 1:
            return Outcome.SEVERAL
        return outcome
