"""A comparison with its plot and its queue."""

from __future__ import annotations

import html
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
from ..review.comparison import join
from ..review.lots import SHARE
from ..review.voting import NOT_VOTING, ONLY_NAMED, SETTLED
from .desk import REFERENCE, Desk
from .pretrained import caution
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
    left_out : tuple of str
        Rules, which are compared only where they are named: most speak of one label among several, and what they leave
        out would count as a difference.
    cautions : tuple of str
        Whose scores are not calibrated, a sentence each.
    """

    desk: Desk
    settled: bool = True
    left_out: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "\n".join([super().__repr__(), *self._notes])

    def _repr_html_(self) -> str:
        """Show the comparison, which rules are not in it, and whose scores are not calibrated."""
        said = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self._notes)
        return super()._repr_html_() + said

    @property
    def _notes(self) -> list[str]:
        """Say which rules are left out, and how to compare them; and whose scores are not calibrated."""
        rules = f"Rules are compared only where they are named, and left out here: {join(self.left_out)}."
        return [rules] * bool(self.left_out) + list(self.cautions)

    def plot(self) -> Figure:
        """Draw who disagrees with whom, on what, and how sure they are."""
        from .. import plots

        return plots.disagreement(self)

    def boundaries(self) -> pd.DataFrame:
        """List the boundaries on which annotators differ, the most frequent first, for `labkit.Lab.settle`.

        Returns
        -------
        DataFrame
            See `labkit.review.boundaries`. What counts as settled is not there. Empty where the task is not of spans.
        """
        said = self.desk.annotations(self.annotators)
        said = settle_drafts(self.desk, said) if self.settled else said
        return boundaries(said, self.desk.texts(), self.desk.task, self.annotators)

    def errors(self, of: str) -> pd.DataFrame:
        """Count the errors of one annotator, by the reference, where the others disagree with it.

        Parameters
        ----------
        of : str
            One of `annotators`.

        Returns
        -------
        DataFrame
            See `labkit.review.errors_found`.

        Raises
        ------
        LabError
            If there are no reference labels, or no text has a label of each of them.
        """
        others = [name for name in self.annotators if name != of]
        said = self.desk.annotations([of, *others, REFERENCE])
        return errors_found(said, self.desk.task, of, others, REFERENCE)

    def blind(self, of: str, *, share: float | None = None) -> Blind:
        """Estimate how often an annotator is wrong, and how far its suggestions pull people, from blind decisions.

        Parameters
        ----------
        of : str
            One of `annotators`.
        share : float, optional
            The share of blind cards that the queue was set to, 0 to 1; by default what is kept of each decision.

        Returns
        -------
        Blind
            See `labkit.review.blind.blind`. It says so where too few blind cards were decided to tell.

        Raises
        ------
        LabError
            If `of` is not compared here.
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

        Raises
        ------
        LabError
            If nobody has judged any text.
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

        Raises
        ------
        LabError
            If `of` gives no scores, or nobody has judged any text that it labelled.
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

        Raises
        ------
        LabError
            If one of the two is not compared here, or nobody has judged any text.
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

        Raises
        ------
        LabError
            If `of` is not compared here, or there are no reference labels.
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

        Returns
        -------
        Queue
            See `labkit.review.queue`. It is cut like a list, and `labkit.Lab.correct` shows it card by card.

        Raises
        ------
        LabError
            If `blind` is not between 0 and 1, or an annotator is called like one of the queue's own columns.
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
    """Compare annotators of a project; see `labkit.Lab.compare`."""
    said = desk.annotations(names or None)
    drafting = {
        name: kind
        for name, kind in zip(said.annotator, said.kind, strict=True)
        if kind not in NOT_VOTING and name != SETTLED
    }
    rules = tuple(name for name, kind in drafting.items() if kind == ONLY_NAMED)
    left_out = () if names or len(rules) == len(drafting) else rules
    chosen = list(names) or [name for name in drafting if name not in left_out]
    compared = compare(settle_drafts(desk, said) if settled else said, desk.task, chosen or None)
    del said
    give_back()
    found = {field.name: getattr(compared, field.name) for field in fields(compared)}
    cautions = filter(None, (caution(desk, name) for name in compared.answers.scores))
    return Gap(**found, desk=desk, settled=settled, left_out=left_out, cautions=tuple(cautions))
