"""Draws lots: which texts are shown without suggestions, and in which order they are drawn."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import LabError

SHARE = 0.05
"""The share of the cards that show no suggestion, where nobody says otherwise."""

_KEYS = ("labkit:blind-lot", "labkit:place-lot")  # pandas wants sixteen characters


@dataclass(frozen=True, eq=False)
class Lots:
    """What was drawn for each text. Made by `lots`.

    Parameters
    ----------
    blind : array of bool, shape (texts,)
        Whether the text is shown without suggestions, whoever brings it up.
    place : array of float, shape (texts,)
        The order in which the blind ones are drawn, 0 to 1; it says nothing of `blind`.
    """

    blind: NDArray[np.bool_]
    place: NDArray[np.float64]

    def sample(self, decided: NDArray[np.bool_], drawn: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Say which blind texts are a random sample of all texts.

        Parameters
        ----------
        decided : array of bool, shape (texts,)
            Whether somebody decided the text without seeing a suggestion.
        drawn : array of bool, shape (texts,)
            Whether it was shown because its place was the next, and not in its turn in the queue.

        Returns
        -------
        array of bool, shape (texts,)
            The blind texts before the last one drawn, in the order of `place`, whichever way they came up.

        Notes
        -----
        The queue brings up some blind texts early, for they look wrong. So neither the texts that were drawn nor all
        blind ones are a fair sample; those before a place are. The last one drawn is left out, as by Haldane, J. B. S.
        (1945). On a method of estimating frequencies. Biometrika 33(3), pages 222-225: where the sampling stops
        follows from what was drawn.

        Examples
        --------
        >>> drawn = Lots(blind=np.array([True, True, True, False]), place=np.array([0.3, 0.1, 0.2, 0.0]))
        >>> drawn.sample(decided=drawn.blind, drawn=np.array([True, False, False, False])).tolist()
        [False, True, True, False]
        """
        end = self.place[drawn].max(initial=0.0)
        gap = self.place[self.blind & ~decided].min(initial=1.0)
        return np.asarray(self.blind & decided & (self.place < min(end, gap)))


def check_share(share: float) -> None:
    """Raise LabError for what is no share of cards."""
    if not isinstance(share, (int, float)) or not 0 <= share <= 1:
        raise LabError(f"{share!r} is no share of cards.", "Give a number from 0 to 1, such as 0.05.")


def lots(keys: Collection[str], share: float = SHARE) -> Lots:
    """Draw the lot of each text, from its key alone: the same in every session, for every person, in any store.

    Parameters
    ----------
    keys : collection of str
        The texts' own ids.
    share : float
        The share of the cards that are to be blind, 0 to 1. Half of it are texts drawn in the order of `place`, one
        in ``2 / share`` cards; half are texts that come up in their turn. So about half of `share` of the texts are
        blind.

    Returns
    -------
    Lots
        One row a text, in the order of the keys. With a larger share the texts of a smaller one stay blind.

    Raises
    ------
    LabError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> drawn = lots([f"text {number}" for number in range(10_000)], share=0.05)
    >>> int(drawn.blind.sum())
    270
    """
    check_share(share)
    names = np.asarray(list(keys), object)
    blind, place = (pd.util.hash_array(names, hash_key=key, categorize=False) / 2.0**64 for key in _KEYS)
    return Lots(np.asarray(blind < share / 2), np.asarray(place))
