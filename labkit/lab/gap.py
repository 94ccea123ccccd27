"""A comparison with its plot and its queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ..review import Comparison, Queue, compare, errors_found, queue
from ..review.voting import NOT_VOTING
from .desk import REFERENCE, Desk

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Gap(Comparison):
    """What annotators say of the same texts, and what to do about it. See `labkit.review.Comparison`.

    Parameters
    ----------
    desk : Desk
        The project that was compared.
    """

    desk: Desk

    def plot(self) -> Figure:
        """Draw who disagrees with whom, on what, and how sure they are."""
        from .. import plots

        return plots.disagreement(self)

    def errors(self, of: str) -> pd.DataFrame:
        """Count the errors of one annotator, by the reference, where the others disagree with it.

        Parameters
        ----------
        of : str
            One of `annotators`. See `labkit.review.errors_found`.
        """
        others = [name for name in self.annotators if name != of]
        said = self.desk.annotations([of, *others, REFERENCE])
        return errors_found(said, self.desk.task, of, others, REFERENCE)

    def queue(self, *, decided: bool = False) -> Queue:
        """Rank the texts, the most worth reading first.

        Parameters
        ----------
        decided : bool
            Whether to keep texts that a person has decided already, or whose label was accepted in bulk.
        """
        said = self.desk.store.annotations.latest(self.desk.number)
        done = () if decided else said.example[said.kind.isin(["person", "accepted"])]
        return queue(self, self.desk.texts(), done)


def gap(desk: Desk, names: Sequence[str]) -> Gap:
    """Compare annotators of a project; all but people and the reference if none is named."""
    said = desk.annotations(names or None)
    chosen = list(names) or [
        n for n, k in dict(zip(said.annotator, said.kind, strict=True)).items() if k not in NOT_VOTING
    ]
    compared = compare(said, desk.task, chosen or None)
    return Gap(**{field.name: getattr(compared, field.name) for field in fields(compared)}, desk=desk)
