"""Several people on one project: who did how much, how far they agree, and what is to be settled between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .desk import Part

if TYPE_CHECKING:
    import pandas as pd

    from ..widgets import Corrector


class Team(Part):
    """Several people on one project."""

    def adjudicate(self) -> Corrector:
        """Show the texts to which people gave different answers, with the answers side by side, and have one settled.

        What is decided here is kept beside what each of them decided, and comes before it in `labels`. Until a text is
        adjudicated, each person sees only their own decision of it. Its key `p` shows what `people` says.

        Returns
        -------
        Corrector
            The card, to be shown as the last expression of a cell.

        Raises
        ------
        LabError
            If decisions of a corrector that was open here before can't be saved.
        """
        from .adjudicate import adjudicator

        return adjudicator(self._desk)

    def people(self) -> pd.DataFrame:
        """Say of each person what was decided, how fast, and how far it agrees with the others.

        Returns
        -------
        DataFrame
            One row a person, indexed by name: ``decided`` texts with a value, ``rejected``, ``ignored``; of the
            decided ones those whose first suggestion was ``changed``, of those that had one (``suggested``);
            ``rate``, decisions a minute while at work, by the median; ``shared``, the texts that others have decided
            too; Cohen's ``kappa`` with the others, the mean over them weighted by shared texts; and ``alpha``,
            Krippendorff's, over the texts that the person shares. NaN where there is nothing to tell it from.

        Raises
        ------
        LabError
            If nobody has decided anything.
        """
        from .adjudicate import people

        return people(self._desk)
