"""What blind decisions tell: how often an annotator is wrong, and how far its suggestions pull people."""

from __future__ import annotations

import html
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..metrics import newcombe, wilson
from ..tasks import Outcome, Task
from .answers import WITH_VALUE, check_columns, check_names
from .live import Pick
from .lots import SHARE, Lots, lots

SHOWN = "corrector"
"""The source of a decision on a card with suggestions, which came up in its turn."""
DRAWN = "corrector: blind"
"""The source of a decision on a card without suggestions, drawn by lot."""
IN_TURN = "corrector: blind, in turn"
"""The source of a decision on a card without suggestions, which came up in its turn."""
SOUGHT = "corrector: sought"
"""The source of a decision on a text that the person asked for: it tells nothing of texts that came up."""

COLUMNS = ["hits", "texts", "share", "low", "high"]
_SHARED = re.compile(rf"({re.escape(DRAWN)}|{re.escape(IN_TURN)}) \((1|0|0\.\d+|\d(?:\.\d+)?e-\d+)\)")
WRONG, SEEN, UNSEEN, PULL = "wrong", "agreed, seen", "agreed, unseen", "pull"


def source_of(pick: Pick) -> str:
    """Return the source of a decision on a card that came up: how it was shown, and among how many blind ones.

    Examples
    --------
    >>> source_of(Pick(7, "llm says BUG")), source_of(Pick(7, "", blind=True, drawn=True, share=0.2))
    ('corrector', 'corrector: blind (0.2)')
    """
    shown = DRAWN if pick.drawn else IN_TURN if pick.blind else SHOWN
    return shown if shown == SHOWN or pick.share == SHARE else f"{shown} ({pick.share:g})"


def shown_as(source: str) -> tuple[str, float]:
    """Return how the card of a decision was shown, `SHOWN`, `DRAWN` or `IN_TURN`, and the share of blind cards then.

    Examples
    --------
    >>> shown_as("corrector: blind (0.2)"), shown_as("corrector: blind, in turn")
    (('corrector: blind', 0.2), ('corrector: blind, in turn', 0.05))
    """
    known = _SHARED.fullmatch(str(source))
    return (known[1], float(known[2])) if known else (source, SHARE)


def _usual(decisions: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Return decisions with sources that name no share, and the least share that blind ones were made with."""
    ways = {source: shown_as(source) for source in decisions["source"].unique()}
    shares = [share for way, share in ways.values() if way in (DRAWN, IN_TURN)]
    plain = {source: way for source, (way, _) in ways.items()}
    return decisions.assign(source=decisions["source"].map(plain)), min(shares, default=SHARE)


@dataclass(frozen=True, repr=False)
class Blind:
    """An annotator by what people decided without seeing its label. Made by `blind`.

    Parameters
    ----------
    of : str
        The annotator.
    table : DataFrame
        Shares of texts, each with the ends of its 95 % interval: ``hits`` of ``texts`` is ``share``, ``low, high``.
        Rows: ``wrong``, where people decided otherwise, of the texts that were drawn by lot; ``agreed, seen`` and
        ``agreed, unseen``, where they decided the same, of the texts that came up in their turn with and without
        suggestions; ``pull``, the difference of these two, which is the anchoring effect.
    left_out : int
        Decided texts that tell nothing: skipped, rejected without a suggestion, or without a value of `of`.
    """

    of: str
    table: pd.DataFrame
    left_out: int

    def __repr__(self) -> str:
        return "\n".join(self._sentences())

    def _repr_html_(self) -> str:
        """Show the same sentences, with nothing in a name taken for HTML."""
        return "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self._sentences())

    def _sentences(self) -> list[str]:
        """Say what was found, and what too little is known of."""
        wrong, seen, unseen, pull = (self.table.loc[row] for row in (WRONG, SEEN, UNSEEN, PULL))
        said = []
        if wrong.texts:
            said.append(
                f"Of {wrong.texts:,.0f} texts drawn by lot and decided blind, {self.of} was wrong on "
                f"{wrong.hits:,.0f}: {wrong.share:.1%} (95 % interval {wrong.low:.1%} to {wrong.high:.1%})."
            )
        else:
            said.append(f"No text drawn by lot tells how often {self.of} is wrong: go on with lab.correct().")
        if seen.texts and unseen.texts:
            said.append(
                f"People agreed with {self.of} on {seen.share:.1%} of {seen.texts:,.0f} texts with suggestions and on "
                f"{unseen.share:.1%} of {unseen.texts:,.0f} like them without: seeing a suggestion adds "
                f"{100 * pull.share:+.1f} points (95 % interval {100 * pull.low:+.1f} to {100 * pull.high:+.1f})."
            )
        else:
            said.append("How far suggestions pull people can't be said: no text came up both with and without them.")
        return said + [f"{self.left_out:,} decided texts tell nothing of it and are left out."] * bool(self.left_out)


def blind(
    annotations: pd.DataFrame,
    decisions: pd.DataFrame,
    task: Task,
    of: str,
    keys: pd.Series[str],
    share: float | None = None,
) -> Blind:
    """Estimate an annotator's error, and how far seeing its label pulls people, from blind decisions.

    Parameters
    ----------
    annotations : DataFrame
        What annotators say, with the columns ``example, annotator, outcome, value``.
    decisions : DataFrame
        What people decided, in the order in which they did, also what was undone: ``example, annotator, outcome,
        value, source``. The source says whether suggestions were shown, as `source_of` gives it; others are passed
        over. Of several decisions on one text, seen or unseen, the last counts.
    task : Task
        What the values are values of.
    of : str
        The annotator.
    keys : Series of str
        The key of each text of the queue, indexed by example.
    share : float, optional
        The share of blind cards to count: by default the least that the decisions were made with, whose blind texts
        were blind in every queue.

    Returns
    -------
    Blind
        Error and anchoring effect, with intervals.

    Raises
    ------
    LabError
        If a column is missing, `of` has labelled nothing, or the share is not between 0 and 1.

    Notes
    -----
    The error is measured on a random sample of the texts: see `labkit.review.lots.Lots.sample`. Its interval is
    Wilson's. What the person decides counts as true.

    Anchoring is measured as an experiment: whether a text shows suggestions is drawn by lot, before anybody reads, and
    the queue does not look at it. So the texts that came up in their turn with and without suggestions differ in
    nothing else. Blind texts may be drawn before their turn; texts with suggestions whose place would have been drawn
    by then are left out too, so that both stay alike. A suggestion that was rejected without another label counts as
    not agreed with. The interval is `labkit.metrics.newcombe`.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> said = pd.DataFrame({"example": [1, 2], "annotator": "llm", "outcome": "parsed", "value": [["BUG"], ["BUG"]]})
    >>> people = pd.DataFrame(columns=["example", "annotator", "outcome", "value", "source"])
    >>> keys = pd.Series({1: "a", 2: "b"})
    >>> print(str(blind(said, people, make_task("choices", ["BUG"]), "llm", keys)).splitlines()[0])
    No text drawn by lot tells how often llm is wrong: go on with lab.correct().
    """
    said = ["example", "annotator", "outcome", "value"]
    check_columns(annotations, said)
    check_columns(decisions, [*said, "source"], "decisions")
    check_names([of], annotations["annotator"].unique().tolist())
    decided, least = _usual(decisions)
    standing = _standing(decided[decided["example"].isin(keys.index)])
    drawn = lots(keys, least if share is None else share)
    cards = _cards(standing, pd.Series(drawn.place, keys.index), pd.Series(drawn.blind, keys.index))
    cards["agreed"] = _agreed(cards, annotations[annotations["annotator"] == of], task)
    unseen = cards["source"] != SHOWN
    elsewhere = keys.index.isin(standing["example"]) & ~keys.index.isin(cards.index[unseen])
    sampled = Lots(drawn.blind & ~elsewhere, drawn.place).sample(
        keys.index.isin(cards.index[unseen]), keys.index.isin(cards.index[cards["source"] == DRAWN])
    )
    alike = cards[(cards["place"] > cards["limit"]) & (cards["source"] != DRAWN) & (cards["blind"] == unseen)]
    wrong = 1 - cards["agreed"][cards.index.isin(keys.index[sampled])].dropna()
    seen, not_seen = (alike["agreed"][alike["blind"] == hidden].dropna() for hidden in (False, True))
    rows = {WRONG: _share(wrong), SEEN: _share(seen), UNSEEN: _share(not_seen), PULL: _difference(seen, not_seen)}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)
    return Blind(of, table, int(cards["agreed"].isna().sum()))


def _standing(decisions: pd.DataFrame) -> pd.DataFrame:
    """Leave out what its own person undid."""
    rows = decisions.reset_index(drop=True)
    undone = rows["outcome"] == str(Outcome.UNDONE)
    last = rows.index.to_series().where(undone).groupby([rows["annotator"], rows["example"]]).transform("max")
    return rows[rows.index > last.fillna(-1)]


def _cards(standing: pd.DataFrame, place: pd.Series[float], blind: pd.Series[bool]) -> pd.DataFrame:
    """Give each text that came up its one decision, with its lot, and how far the lots were drawn when it came up."""
    rows = standing[standing["source"].isin([SHOWN, DRAWN, IN_TURN])]
    rows = rows.assign(place=rows["example"].map(place), blind=rows["example"].map(blind).astype(bool))
    limit = rows["place"].where(rows["source"] == DRAWN).cummax().ffill().shift(fill_value=0.0).fillna(0.0)
    unseen = rows["source"] != SHOWN
    # What was decided again after the suggestions were seen still was decided without them.
    rows = rows.assign(limit=limit)[unseen | ~rows["example"].isin(rows["example"][unseen])]
    first, last = rows.drop_duplicates("example").set_index("example"), rows.drop_duplicates("example", keep="last")
    return first.assign(**last.set_index("example")[["outcome", "value"]])


def _agreed(cards: pd.DataFrame, said: pd.DataFrame, task: Task) -> NDArray[np.float64]:
    """Say of each text whether its decision is what the annotator said: 1, 0, or NaN where nothing follows."""
    valued = said[said["outcome"].isin(WITH_VALUE)]
    given = dict(zip(valued["example"], valued["value"], strict=True))
    rows = zip(cards.index, cards["source"], cards["outcome"], cards["value"], strict=True)
    return np.array([_same(given, task, *row) for row in rows], float)


def _same(given: dict[int, Any], task: Task, example: int, source: str, outcome: str, value: Any) -> float:
    """Compare one decision with what the annotator said."""
    if example not in given or not (outcome in WITH_VALUE or (outcome == Outcome.REJECTED and source == SHOWN)):
        return math.nan
    return float(outcome in WITH_VALUE and task.check(value) == task.check(given[example]))


def _share(hits: pd.Series[float]) -> tuple[float, ...]:
    """Return hits, texts, share and interval."""
    return (hits.sum(), len(hits), hits.mean() if len(hits) else math.nan, *wilson(int(hits.sum()), len(hits)))


def _difference(a: pd.Series[float], b: pd.Series[float]) -> tuple[float, ...]:
    """Return the difference of two shares, its interval, and the texts behind it."""
    interval = newcombe(int(a.sum()), len(a), int(b.sum()), len(b))
    return (math.nan, len(a) + len(b), a.mean() - b.mean(), *interval)
