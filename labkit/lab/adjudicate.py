"""Compares people with each other, and has what they differ on settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from ..review.live import Fixed
from ..store import Overlap
from ..tasks import Outcome
from ..widgets import Corrector
from .correct import SUGGESTING, seat
from .desk import Desk
from .hand import Hand, Role

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

ADJUDICATION = "adjudication"
"""What the source of an adjudicated decision is, and the role in which it is made."""


def adjudicator(desk: Desk) -> Corrector:
    """Return the widget over the texts to which people gave different answers that nobody has adjudicated."""
    import pandas as pd

    name = f"{desk.person} ({ADJUDICATION})"
    annotator = desk.store.annotations.annotator(desk.number, name, "person", "", {"role": ADJUDICATION})
    examples = desk.store.decisions.contested(desk.number)
    frame = pd.DataFrame({"example": examples, "why": ["people differ"] * len(examples)})
    role = Role(annotator, name, ADJUDICATION, ("person",), Overlap())
    rows = people(desk).reset_index().to_dict("records") if examples else []
    known = [{str(name): value for name, value in row.items()} for row in rows]
    return seat(desk, role, lambda: Hand(desk, Fixed(frame), examples, role), known)


def people(desk: Desk) -> pd.DataFrame:
    """Say of each person what was decided, how fast, and how far it agrees with the others; see `Team.people`."""
    import pandas as pd

    rows = desk.store.decisions.people(desk.number)
    if rows.empty:
        raise LabError("Nobody has decided anything yet.", "Decide on texts: lab.correct().")
    names = sorted(rows.person.unique())
    counts = pd.crosstab(rows.person, rows.outcome)
    with_value = [str(outcome) for outcome in Outcome if outcome.has_value]
    table = pd.DataFrame(index=pd.Index(names, name="person"))
    table["decided"] = counts.reindex(columns=with_value, fill_value=0).sum(axis=1)
    for outcome in (Outcome.REJECTED, Outcome.IGNORED):
        table[str(outcome)] = counts.get(str(outcome), 0)
    said = rows[rows.outcome.isin(with_value)]
    return table.join(_changed(desk, said)).join(_pace(rows)).join(_agreement(desk, said, names))


def _changed(desk: Desk, said: pd.DataFrame) -> pd.DataFrame:
    """Count the decisions on texts with a suggestion, and those that differ from the first one."""
    latest = desk.store.annotations.latest(desk.number)
    first = latest[latest.kind.isin(SUGGESTING) & latest.value.notna()].drop_duplicates("example")
    suggestion = dict(zip(first.example, first.value, strict=True))
    shown = said[said.example.isin(suggestion)]
    words = desk.task.words
    changed = [words(v) != words(suggestion[e]) for e, v in zip(shown.example, shown.value, strict=True)]
    counts = shown.assign(suggested=1, changed=changed).groupby("person")[["suggested", "changed"]].sum()
    return counts.reindex(sorted(said.person.unique()), fill_value=0).astype(int)


def _pace(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the decisions a minute of each person whose seconds are known, by the median."""
    known = rows[rows.seconds > 0]
    return (60 / known.groupby("person").seconds.median()).rename("rate")


def _agreement(desk: Desk, said: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return for each person the texts that others have decided too, and the agreement on them."""
    import numpy as np
    import pandas as pd

    from ..metrics import alpha, kappa

    codes = _codes(desk, said, names)
    given = codes >= 0
    table: dict[str, Mapping[str, Any]] = {}
    for mine, name in enumerate(names):
        shared = given[:, mine] & (given.sum(axis=1) > 1)
        pairs = []
        for other in range(len(names)):
            both = given[:, mine] & given[:, other]
            if other != mine and both.any():
                pairs.append((float(kappa(codes[both, mine], codes[both, other])), int(both.sum())))
        known = [(value, texts) for value, texts in pairs if not np.isnan(value)]
        total = sum(texts for _, texts in known)
        table[name] = {
            "shared": int(shared.sum()),
            "kappa": sum(value * texts for value, texts in known) / total if known else np.nan,
            "alpha": float(alpha(codes[shared])) if shared.any() else np.nan,
        }
    return pd.DataFrame.from_dict(table, orient="index").astype({"shared": int})


def _codes(desk: Desk, said: pd.DataFrame, names: list[str]) -> NDArray[np.int64]:
    """Number the values: a row for each text, a column for each person, -1 where a person gave none."""
    import numpy as np
    import pandas as pd

    values = pd.factorize(np.array([desk.task.words(value) for value in said.value], object))[0]
    examples = pd.factorize(said.example)[0]
    codes = np.full((int(examples.max(initial=-1)) + 1, len(names)), -1, np.int64)
    codes[examples, pd.Index(names).get_indexer(pd.Index(said.person))] = values
    return codes
