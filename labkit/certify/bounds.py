"""Upper bounds on how many labels are wrong, exact at any size: for one look, and for as many as one likes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from ..errors import LabError
from .evidence import Evidence, log_bet


class Method(StrEnum):
    """How a bound is found."""

    SEQUENTIAL = "sequential"
    HYPERGEOMETRIC = "hypergeometric"
    CLOPPER_PEARSON = "clopper-pearson"

    @property
    def words(self) -> str:
        """Say what the bound holds for, and where it comes from."""
        return _WORDS[self]


_ONE_LOOK = (
    "It holds for one look at an audit whose size was fixed beforehand; the risk is shared out equally among the"
    " strata that were audited (Bonferroni), and their bounds are added."
)
_WORDS = {
    Method.SEQUENTIAL: (
        "Exact at any time: look after each card and stop when you like. The likelihood ratio of all draws is a"
        " martingale, strata multiplied, whatever is drawn, read or revoked next (Waudby-Smith and Ramdas 2020); by"
        " Ville's inequality it misses the truth with no more than the risk."
    ),
    Method.HYPERGEOMETRIC: f"Exact for draws without replacement, by the hypergeometric distribution. {_ONE_LOOK}",
    Method.CLOPPER_PEARSON: (
        "Exact for draws from a stratum without end, by the binomial distribution (Clopper and Pearson 1934)."
        f" {_ONE_LOOK}"
    ),
}


def hypergeometric(texts: int, drawn: int, wrong: int, confidence: float = 0.95) -> int:
    """Bound the wrong labels among `texts`, of which some were drawn at random, without replacement.

    Parameters
    ----------
    texts : int
        How many labels there are.
    drawn, wrong : int
        How many of them were drawn, and how many of these are wrong.
    confidence : float
        How often such a bound is not below the truth, between 0 and 1.

    Returns
    -------
    int
        The bound, in texts, with those found. It holds for one look, at a size of `drawn` fixed beforehand.

    Raises
    ------
    LabError
        If the counts do not fit, or `confidence` is not between 0 and 1.

    Notes
    -----
    The largest number under which so few wrong ones are drawn with a probability above 1 - `confidence`, by
    SciPy's hypergeometric distribution.

    Examples
    --------
    >>> hypergeometric(1000, 138, 0)  # 138 right labels of 1,000: at most 2 % are wrong
    19
    """
    from scipy.stats import hypergeom

    check_counts(texts, drawn, wrong)
    risk = 1 - check_share(confidence, "confidence")
    low, high = wrong, texts - (drawn - wrong)
    while low < high:
        middle = (low + high + 1) // 2
        if hypergeom.cdf(wrong, texts, middle, drawn) > risk:
            low = middle
        else:
            high = middle - 1
    return low


def clopper_pearson(drawn: int, wrong: int, confidence: float = 0.95) -> float:
    """Bound the share of wrong labels in a stream of texts without end, some of which were drawn at random.

    Parameters
    ----------
    drawn, wrong : int
        How many labels were drawn, and how many of them are wrong.
    confidence : float
        How often such a bound is not below the truth, between 0 and 1.

    Returns
    -------
    float
        The bound, a share between 0 and 1. It holds for one look, at a size of `drawn` fixed beforehand.

    Raises
    ------
    LabError
        If the counts do not fit, or `confidence` is not between 0 and 1.

    Notes
    -----
    Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of
    the binomial. Biometrika 26(4), pages 404-413; one-sided, computed by SciPy.

    Examples
    --------
    >>> round(clopper_pearson(149, 0), 4)
    0.0199
    """
    from scipy.stats import binomtest

    check_counts(drawn, drawn, wrong)
    check_share(confidence, "confidence")
    if not drawn:
        return 1.0
    return float(binomtest(wrong, drawn, alternative="less").proportion_ci(confidence, method="exact").high)


def bound(seen: Sequence[Evidence], counted: Sequence[bool], confidence: float, method: Method) -> list[int]:
    """Bound the wrong labels of all counted strata together.

    Parameters
    ----------
    seen : sequence of Evidence
        What was drawn from each stratum.
    counted : sequence of bool
        Which of them are in the sum. The others are evidence all the same: that they were left out may be due to
        what was drawn from them.
    confidence : float
        How often such a bound is not below the truth, between 0 and 1.
    method : Method
        How it is found.

    Returns
    -------
    list of int
        How many labels of each stratum are wrong in the worst case that is not ruled out. Their sum over the counted
        strata is the bound; a single one of them is none for its stratum.

    Notes
    -----
    `Method.SEQUENTIAL`: let P be the probability of all draws so far if the strata hold d_1, ..., d_H wrong labels,
    and Q that by any one bet on them (`labkit.certify.evidence.log_bet`). Each draw is random among the texts left
    in its stratum, so that under the true d the ratio Q/P is a martingale that starts at 1: also where what was found
    decides from which stratum to draw, what else to read, and what to revoke or accept. By Ville's inequality it
    reaches 1/risk with a probability of at most the risk, ever. The bound is the largest sum of all d for which
    Q/P < 1/risk. For one stratum and a Beta bet this is the prior-posterior-ratio confidence sequence of
    Waudby-Smith, I. and Ramdas, A. (2020). Confidence sequences for sampling without replacement. Advances in Neural
    Information Processing Systems 33 (its section on the hypergeometric distribution). P is log-concave in each
    d, so that the largest sum is found exactly: go up from the likeliest d by the cheapest wrong labels first.
    """
    if method is not Method.SEQUENTIAL:
        return _one_look(seen, confidence, method)
    start, slack = _region(seen, confidence)
    mine = [
        each.costs(wrong, each.reach(wrong, slack) if used else wrong)
        for each, wrong, used in zip(seen, start, counted, strict=True)
    ]
    costs = np.concatenate([*mine, np.zeros(0)])
    owner = np.repeat(np.arange(len(mine)), [len(each) for each in mine])
    order = np.argsort(costs, kind="stable")
    bought = owner[order][np.cumsum(costs[order]) < slack]
    return [int(each) for each in np.asarray(start) + np.bincount(bought, minlength=len(mine))] if mine else []


def each_alone(seen: Sequence[Evidence], confidence: float, method: Method) -> list[int]:
    """Bound the wrong labels of each stratum; all these bounds hold together."""
    if method is not Method.SEQUENTIAL:
        return _one_look(seen, confidence, method)
    start, slack = _region(seen, confidence)
    return [each.reach(wrong, slack) for each, wrong in zip(seen, start, strict=True)]


def _region(seen: Sequence[Evidence], confidence: float) -> tuple[list[int], float]:
    """Return the likeliest numbers of wrong labels, and by how much the logarithm may fall from there."""
    start = [each.likeliest() for each in seen]
    top = sum(each.log_likelihood(wrong) for each, wrong in zip(seen, start, strict=True))
    return start, float(top - log_bet(seen) - np.log1p(-confidence))


def _one_look(seen: Sequence[Evidence], confidence: float, method: Method) -> list[int]:
    """Bound each stratum with its part of the risk. What was read and not drawn is no part of what is drawn from."""
    audited = sum(each.drawn > 0 for each in seen)
    sure = 1 - (1 - confidence) / max(audited, 1)
    return [_stratum(each, sure, method) if each.drawn else each.highest for each in seen]


def _stratum(seen: Evidence, confidence: float, method: Method) -> int:
    """Bound one stratum for one look."""
    texts = seen.texts - (seen.found + seen.fine - seen.drawn)
    if method is Method.HYPERGEOMETRIC:
        most = hypergeometric(texts, seen.drawn, seen.drawn_wrong, confidence)
    else:
        most = int(texts * clopper_pearson(seen.drawn, seen.drawn_wrong, confidence) + 1e-9)
    return min(max(most + seen.found - seen.drawn_wrong, seen.found), seen.highest)


def check_share(share: float, name: str) -> float:
    """Return a share between 0 and 1, or raise `LabError`."""
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1:
        raise LabError(f"{name} is {share!r}.", "Give a number above 0 and below 1, such as 0.02 or 0.95.")
    return float(share)


def check_counts(texts: int, drawn: int, wrong: int) -> None:
    """Raise `LabError` where so many can't have been drawn, or so many of them be wrong."""
    if not 0 <= wrong <= drawn <= texts:
        raise LabError(f"{wrong} wrong of {drawn} drawn of {texts} do not fit.", "Count wrong, drawn and texts again.")
