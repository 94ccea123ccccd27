"""The certificate: what is promised of labels that nobody read, and what it rests on."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import whole_file
from .bounds import Method
from .planning import Prospect, plan
from .strata import Stratum

if TYPE_CHECKING:
    import pandas as pd

UNREAD, ALL = "unread", "all"
"""What a promise is about."""

ORDER = "ascending by the SHA-256 of '<seed> <text id>' in UTF-8, leaving out what was read before the draw"
"""How texts are drawn from a stratum, in words that a certificate can be checked by."""


@dataclass(frozen=True, eq=False, repr=False)
class Certificate:
    """What is promised of labels that nobody read. Made by `certify`.

    Parameters
    ----------
    max_error : float
        The promise: the largest share of wrong labels, between 0 and 1.
    confidence : float
        How often a certificate made in this way holds, between 0 and 1.
    method : Method
        How the bound is found.
    of : {"unread", "all"}
        What is promised of: the labels that were accepted and that nobody read, or these with those that people read.
    strata : tuple of Stratum
        What was accepted, also what was revoked since.
    texts, read : int
        How many texts there are, and how many a person gave a label to, accepted or not.
    wrong : int
        The bound: at most so many of the labels that were accepted and that nobody read are wrong.
    at_most : tuple of int
        The same for each stratum. All these bounds hold together, which is why their sum is larger than `wrong`.
    more : tuple of int
        How many more to draw from each stratum until the promise is kept, if all of these are right.
    more_as_so_far : tuple of int
        The same, if as large a share is wrong as so far.
    without : mapping of str to int
        How many more to draw in all, if all are right, once one of the strata were revoked whose audit found wrong
        labels; nothing where the promise is kept.
    """

    max_error: float
    confidence: float
    method: Method
    of: str
    strata: tuple[Stratum, ...]
    texts: int
    read: int
    wrong: int
    at_most: tuple[int, ...]
    more: tuple[int, ...]
    more_as_so_far: tuple[int, ...]
    without: Mapping[str, int]

    @property
    def unread(self) -> int:
        """How many labels were accepted and read by nobody: what the promise is about."""
        return sum(stratum.left for stratum in self.strata)

    @property
    def neither(self) -> int:
        """How many texts are neither read nor accepted: nothing is promised of them."""
        return self.texts - self.read - self.unread

    @property
    def rate(self) -> float:
        """At most this share of the labels that were accepted and that nobody read is wrong; 0 to 1."""
        return self.wrong / self.unread if self.unread else 0.0

    @property
    def rate_of_all(self) -> float:
        """At most this share of all labels, read or accepted, is wrong, if people's decisions are right; 0 to 1."""
        return self.wrong / (self.unread + self.read) if self.unread else 0.0

    @property
    def base(self) -> int | None:
        """How many labels of people the promise is about as well; None where it is not."""
        return self.read if self.of == ALL else None

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        if not self.unread:
            return not self.neither
        return self.wrong <= self.max_error * (self.unread + (self.base or 0)) + 1e-9

    @property
    def sentence(self) -> str:
        """What is promised, and whether the promise is kept."""
        if not self.unread:
            return f"No label stands that was accepted and not read. {self._outside}"
        whose = "all labels" if self.of == ALL else "the labels that nobody read"
        return (
            f"With {percent(self.confidence)} confidence, at most {self.wrong:,} of the {self.unread:,} labels that"
            f" were accepted and that nobody read are wrong ({percent(self.rate)}), and so at most"
            f" {percent(self.rate_of_all)} of all {self.unread + self.read:,} labels, read or accepted, if what people"
            f" decided is right: the promise, at most {percent(self.max_error)} of {whose}, is"
            f" {'' if self.kept else 'not '}kept. {self._outside}"
        )

    @property
    def advice(self) -> str:
        """What to do for the promise, in a sentence; empty where it is kept."""
        if self.kept:
            return ""
        if not self.unread:
            return f"Accept labels in bulk, lab.accept(), and read {self._fresh:,} of them if all of these are right."
        least, likely, aside = sum(self.more), sum(self.more_as_so_far), sum(each.set_aside for each in self.strata)
        steps = [f"read {least:,} more if all of these are right: lab.correct(certificate.audit())"] if least else []
        if likely > least:
            steps.append(f"about {likely:,} if as large a share is wrong as so far")
        if aside:
            steps.append(f"decide what was set aside ({aside:,}), for it counts as wrong")
        cheapest = min(self.without, key=self.without.__getitem__, default=None)
        if cheapest is not None and self.without[cheapest] < least:
            steps.append(f"or revoke {cheapest!r} and read {self.without[cheapest]:,} more")
        if self.rate_of_all <= self.max_error:
            steps.append("or promise it of all labels, read or accepted, where it is kept: of='all'")
        return f"To keep it, {'; '.join(steps)}."

    @property
    def table(self) -> pd.DataFrame:
        """The strata that stand or were audited, a row each, in texts.

        Columns: ``accepted``; ``audited`` at random, of these ``wrong`` and ``set_aside``; ``read`` for any reason;
        ``unread``; ``at_most`` so many of these are wrong; ``more`` to draw for the promise, if all of them are right.
        """
        import pandas as pd

        rows = {
            stratum.name if stratum.standing else f"{stratum.name} (revoked)": {
                "accepted": stratum.texts,
                "audited": stratum.audited,
                "wrong": stratum.wrong,
                "set_aside": stratum.set_aside,
                "read": stratum.read,
                "unread": stratum.left,
                "at_most": at_most,
                "more": more,
            }
            for stratum, at_most, more in zip(self.strata, self.at_most, self.more, strict=True)
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(_COLUMNS)).rename_axis("stratum")

    def as_dict(self) -> dict[str, Any]:
        """Return all that is needed to check the certificate, as plain JSON: see `check`."""
        return {
            "kind": "labkit certificate",
            "promise": {"max_error": self.max_error, "confidence": self.confidence, "of": self.of},
            "kept": self.kept,
            "sentence": self.sentence,
            "method": {"name": str(self.method), "words": self.method.words, "order": ORDER},
            "texts": {"all": self.texts, "read": self.read, "unread": self.unread, "neither": self.neither},
            "at_most": {"wrong": self.wrong, "rate": self.rate, "rate_of_all": self.rate_of_all},
            "strata": [
                {
                    **asdict(stratum),
                    "drawn": list(stratum.drawn),
                    "at_most": at_most,
                    "more": more,
                }
                for stratum, at_most, more in zip(self.strata, self.at_most, self.more, strict=True)
            ],
        }

    def save(self, path: str | Path) -> Path:
        """Write the certificate as JSON beside the data, and return the path.

        Parameters
        ----------
        path : str or Path
            The file; one that is there is replaced.

        Raises
        ------
        LabError
            If the file can't be written.
        """
        with whole_file(Path(path)) as place:
            place.write_text(json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n", "utf-8")
        return Path(path)

    def __repr__(self) -> str:
        tables = [self.table.to_string()] if self.strata else []
        return "\n".join([self.sentence, *filter(None, [self.advice]), *tables, self.method.words])

    def _repr_html_(self) -> str:
        """Show the same, with nothing in a stratum's name taken for HTML."""
        table = self.table.to_html() if self.strata else ""
        said = [f"<b>{html.escape(self.sentence)}</b>", html.escape(self.advice)]
        return "".join(f"<p>{each}</p>" for each in said if each) + f"{table}<p>{html.escape(self.method.words)}</p>"

    @property
    def _fresh(self) -> int:
        """How many texts to draw, if all are right, once the label of each text left is accepted."""
        rest = Stratum("the rest", self.neither)
        return sum(plan(Prospect([rest], self.confidence, self.method, self.base), self.max_error))

    @property
    def _outside(self) -> str:
        """Say of how many texts nothing is promised."""
        if not self.neither:
            return "Every text is read or accepted."
        return f"{self.neither:,} texts are neither read nor accepted: nothing is promised of them."


_COLUMNS = ("accepted", "audited", "wrong", "set_aside", "read", "unread", "at_most", "more")


def percent(share: float) -> str:
    """Write a share in per cent, rounded up to a hundredth: a bound must not be written smaller than it is.

    Examples
    --------
    >>> percent(0.02), percent(16 / 323)
    ('2 %', '4.96 %')
    """
    return f"{math.ceil(1e4 * share - 1e-6) / 100:g} %"
