"""A comparison with its plot and its queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ..memory import give_back
from ..review import (
    Calibration,
    Comparison,
    Queue,
    calibration,
    compare,
    errors_found,
    queue,
    race,
    reliability,
    who_was_right,
)
from ..review.answers import check_names
from ..review.blind import Blind, blind
from ..review.boundaries import boundaries
from ..review.lots import SHARE
from ..review.voting import NOT_VOTING, SETTLED
from .desk import REFERENCE, Desk
from .settle import settle_drafts

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
    settled : bool
        Whether boundaries that were settled count as settled.
    """

    desk: Desk
    settled: bool = True

    def plot(self) -> Figure:
        """Draw who disagrees with whom, on what, and how sure they are."""
        from .. import plots

        return plots.disagreement(self)

    def boundaries(self) -> pd.DataFrame:
        """List the boundaries on which annotators differ, the most frequent first, for `labkit.Lab.settle`.

        Returns
        -------
        DataFrame
            See `labkit.review.boundaries`. What counts as settled is not there.
        """
        said = self.desk.annotations(self.annotators)
        said = settle_drafts(self.desk, said) if self.settled else said
        return boundaries(said, self.desk.texts(), self.desk.task, self.annotators)

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

    def blind(self, of: str, *, share: float = SHARE) -> Blind:
        """Estimate how often an annotator is wrong, and how far its suggestions pull people, from blind decisions.

        Parameters
        ----------
        of : str
            One of `annotators`. See `labkit.review.blind.blind`.
        share : float
            The share of blind cards that the queue was set to.
        """
        check_names([of], self.annotators)
        asked = self.answers.given.sum(axis=1) >= min(2, len(self.annotators))
        keys = self.desk.texts().set_index("example")["key"]
        among = keys[keys.index.isin(self.answers.examples[asked])]
        return blind(
            self.desk.annotations([of]),
            self.desk.store.history.frame(self.desk.number),
            self.desk.task,
            of,
            among,
            share,
        )

    def reliability(self, by: str = "person") -> pd.DataFrame:
        """Say of each annotator and label how often it is right, by what people decided.

        Parameters
        ----------
        by : str
            Who is taken to be right, if not people: a kind of annotator or a name, such as ``"reference"``.

        Returns
        -------
        DataFrame
            See `labkit.review.reliability`.
        """
        return reliability(self.desk.annotations(), self.desk.task, self.annotators, by)

    def calibration(self, of: str, by: str = "person") -> Calibration:
        """Hold an annotator's probabilities against what people decided.

        Parameters
        ----------
        of : str
            An annotator that gives scores, such as a local model.
        by : str
            Who is taken to be right, if not people: a kind of annotator or a name, such as ``"reference"``, or
            the LLM that the model learned from.

        Returns
        -------
        Calibration
            Brier score, calibration error and the curve for `labkit.plots.calibration`.
        """
        return calibration(self.desk.annotations(), self.desk.task, of, by)

    def who_was_right(self, a: str, b: str, by: str = "person") -> pd.DataFrame:
        """Say of each text that people decided which of two annotators was right, how far apart they were, how sure.

        Parameters
        ----------
        a, b : str
            Two of `annotators`.
        by : str
            Who is taken to be right, if not people: a kind of annotator or a name, such as ``"reference"``.

        Returns
        -------
        DataFrame
            See `labkit.review.who_was_right`; drawn by `labkit.plots.who_was_right`.
        """
        return who_was_right(self, self.desk.annotations(), a, b, by)

    def errors_met(self, of: str) -> pd.DataFrame:
        """Count how many errors of an annotator, by the reference, a person meets in the order of the queue.

        Parameters
        ----------
        of : str
            One of `annotators`.

        Returns
        -------
        DataFrame
            One row a number of texts read, one column an order; see `labkit.review.race`.
        """
        said = self.desk.annotations([REFERENCE])
        truth = dict(zip(said.example, said.value, strict=True))
        return race(self, of, truth, self.queue(decided=True).live())

    def queue(self, *, decided: bool = False, blind: float = SHARE) -> Queue:
        """Rank the texts, the most worth reading first: those likely wrong by what people decided so far.

        Parameters
        ----------
        decided : bool
            Whether to keep texts that a person has decided already, or whose label was accepted in bulk.
        blind : float
            The share of the cards that show no suggestion, 0 to 1: they tell how often the first annotator is wrong,
            and how far suggestions lead.
        """
        ranked = self._ranked(decided, blind)
        give_back()  # tables of all texts and annotations were needed; the kernel goes on for hours
        return ranked

    def _ranked(self, decided: bool, blind: float) -> Queue:
        """Rank the texts."""
        if decided:
            return queue(self, self.desk.texts(), blind=blind)
        said = self.desk.store.annotations.latest(self.desk.number)
        by_people = said[(said.kind == "person") & said.value.notna()]
        done = dict.fromkeys(said.example[said.kind.isin(["person", "accepted"])])
        return queue(self, self.desk.texts(), done | dict(zip(by_people.example, by_people.value, strict=True)), blind)


def gap(desk: Desk, names: Sequence[str], *, settled: bool = True) -> Gap:
    """Compare annotators of a project; all but people and the reference if none is named."""
    said = desk.annotations(names or None)
    chosen = list(names) or [
        n for n, k in dict(zip(said.annotator, said.kind, strict=True)).items() if k not in NOT_VOTING and n != SETTLED
    ]
    compared = compare(settle_drafts(desk, said) if settled else said, desk.task, chosen or None)
    del said
    give_back()
    return Gap(**{field.name: getattr(compared, field.name) for field in fields(compared)}, desk=desk, settled=settled)
