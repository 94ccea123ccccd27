"""Accepts labels in bulk, and takes that back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from ..errors import LabError
from ..review.accepting import accept as find
from ..review.accepting import make_rule
from ..store import Acceptance
from ..tasks import Outcome
from .desk import Desk

COLUMNS = ["stratum", "rule", "accepted", "standing"]


@dataclass(frozen=True, repr=False)
class Accepted:
    """Labels that were accepted together, unread.

    Parameters
    ----------
    name : str
        What the stratum is called: an annotator of the kind "accepted".
    words : str
        What made a label belong to it.
    texts : int
        How many labels were accepted.
    others : int
        How many more match the rule, and were left out: a person had said something of the text, or its label had
        been accepted before.
    """

    name: str
    words: str
    texts: int
    others: int

    def __repr__(self) -> str:
        others = f" {self.others:,} more match, and were read or accepted before." if self.others else ""
        return f"{self.texts:,} labels accepted that nobody has read: {self.words}.{others}"

    def _repr_html_(self) -> str:
        """Show the same sentence."""
        return f"<p>{escape(repr(self))}</p>"


def accept(
    desk: Desk,
    names: Sequence[str],
    above: float | Mapping[str, float] | None,
    category: str | None,
    name: str | None,
    seed: int,
) -> Accepted:
    """Accept the labels that a rule finds; see `labkit.Lab.accept`."""
    if (name is not None and not name.strip()) or not isinstance(seed, int):
        raise LabError(f"A stratum can't be called {name!r} with the seed {seed!r}.", "Give a name and a whole number.")
    said = desk.annotations(list(names) or None)
    rule = make_rule(said, names, above, category)
    found = find(said, desk.task, rule)
    rows = (
        (int(example), value, str(Outcome.PARSED if value else Outcome.NONE))
        for example, value in zip(found["example"], found["value"], strict=True)
    )
    config = {"rule": rule.as_dict(), "words": rule.words, "seed": seed}
    given = desk.store.audits.accept(desk.number, name or rule.words, config, rows)
    standing = [each for each in desk.store.audits.acceptances(desk.number) if each.standing]
    mine = [each for each in standing if (each.name == given if given else each.config["rule"] == config["rule"])]
    if not mine:
        why = f"All {len(found):,} labels were read or accepted before" if len(found) else "There is no label"
        raise LabError(f"{why}: {rule.words}.", "Accept by another rule; lab.labels() says what is known.")
    return Accepted(mine[-1].name, rule.words, mine[-1].texts, max(len(found) - mine[-1].texts, 0))


def revoke(desk: Desk, stratum: Accepted | str) -> int:
    """Take an acceptance back; see `labkit.Lab.revoke`."""
    name = stratum if isinstance(stratum, str) else stratum.name
    standing = {each.name: each for each in desk.store.audits.acceptances(desk.number) if each.standing}
    if name not in standing:
        raise LabError(f"{name!r} does not stand here.", f"Revoke one of: {', '.join(standing) or 'none'}.")
    return desk.store.audits.revoke(desk.number, standing[name].number)


def accepted(desk: Desk) -> pd.DataFrame:
    """List what was accepted; see `labkit.Lab.accepted`."""
    rows = [(each.name, _words(each), each.texts, each.standing) for each in desk.store.audits.acceptances(desk.number)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _words(acceptance: Acceptance) -> str:
    """Say what made a label be accepted."""
    return str(acceptance.config["words"])
