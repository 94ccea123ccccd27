"""Makes a certificate of what the store holds, and draws the texts that it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..certify import Certificate, Method, Stratum, certify
from ..certify.certificate import percent
from ..certify.strata import OPEN, READ_RIGHT, READ_WRONG, RIGHT, WRONG
from ..errors import LabError
from ..review import Queue
from ..store import Acceptance, Reading
from .desk import Desk

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..tasks import Task

SOURCE = "audit"
WHY = "drawn at random from labels that were accepted unread: {}"


@dataclass(frozen=True, eq=False, repr=False)
class Certified(Certificate):
    """The certificate of a project, which also draws what is to be read. See `labkit.certify.Certificate`.

    Parameters
    ----------
    desk : Desk
        The project.
    numbers : tuple of int
        The store's number of each stratum.
    """

    desk: Desk
    numbers: tuple[int, ...]

    def plot(self) -> Figure:
        """Draw what was accepted, what was read of it, and how much of the rest can be wrong."""
        from .. import plots

        return plots.certificate(self)

    def audit(self, n: int | None = None, *, blind: bool = True) -> Queue:
        """Draw texts at random from what was accepted, for `lab.correct`.

        Parameters
        ----------
        n : int, optional
            How many; by default as many as the promise needs, if all of them are right.
        blind : bool
            Whether they are shown without suggestions, which would pull the person towards the accepted label.

        Returns
        -------
        Queue
            Texts that were drawn before and nobody decided stand first. What is drawn stays drawn, for everyone.

        Raises
        ------
        LabError
            If `n` is no number of texts.
        """
        if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < 1):
            raise LabError(f"{n!r} is no number of texts to draw.", "Give a whole number from 1.")
        waiting = self._waiting()
        wanted = self.more if n is None else _spread(n, self.more, [stratum.left for stratum in self.strata])
        missing = {
            number: more - sum(each.number == number for each in waiting)
            for number, more in zip(self.numbers, wanted, strict=True)
        }
        if n is None or n > len(waiting):
            self.desk.store.audits.draw(self.desk.number, {each: more for each, more in missing.items() if more > 0})
            waiting = self._waiting()
        return self._queue(waiting[:n], blind)

    def as_dict(self) -> dict[str, Any]:
        """Return all that is needed to check the certificate, with the project and the time, as plain JSON."""
        about = {
            "project": self.desk.name,
            "task": {"kind": self.desk.task.kind, "labels": list(self.desk.task.labels)},
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        return {**about, **super().as_dict()}

    def _waiting(self) -> list[Reading]:
        """Return what was drawn from strata that stand, and nobody said anything of."""
        standing = {number for number, each in zip(self.numbers, self.strata, strict=True) if each.standing}
        drawn = self.desk.store.audits.readings(self.desk.number)
        return [each for each in drawn if each.draw is not None and not each.said and each.number in standing]

    def _queue(self, drawn: Sequence[Reading], blind: bool) -> Queue:
        """Return the texts drawn as a queue."""
        import pandas as pd

        names = {number: stratum.name for number, stratum in zip(self.numbers, self.strata, strict=True)}
        frame = pd.DataFrame(
            {
                "example": [each.example for each in drawn],
                "why": [WHY.format(names[each.number]) for each in drawn],
            }
        )
        texts = self.desk.store.examples.frame(self.desk.number, among=[each.example for each in drawn])
        frame = frame.astype({"example": int}).join(texts.set_index("example")[["key", "text"]], on="example")
        frame = frame[["example", "key", "text", "why"]]
        goal = self._goal if self.method is Method.SEQUENTIAL else None  # the others may be looked at once, at the end
        return Queue(frame, "drawn at random from labels that nobody read", SOURCE, blind, goal=goal)

    def _goal(self) -> tuple[str, str | None]:
        """Say how far it is to the promise, as things stand now."""
        now = make(self.desk, self.max_error, self.confidence, self.method, self.of)
        promised = f"at most {percent(self.max_error)} wrong"
        found = f"{percent(now.rate if now.base is None else now.rate_of_all)} at most"
        if now.kept:
            return "", f"The promise ({promised}) is kept: {found}. You may stop: the bound holds whenever one looks."
        if not (more := sum(now.more)):
            return now.advice, None
        return f"For the promise ({promised}): {more:,} more to read if all are right. So far: {found}.", None


def make(desk: Desk, max_error: float, confidence: float, method: str, of: str) -> Certified:
    """Make the certificate of a project as it stands; see `labkit.Lab.certify`."""
    texts = desk.store.examples.count(desk.number) or len(desk.texts())
    acceptances = desk.store.audits.acceptances(desk.number)
    strata = read(acceptances, desk.store.audits.readings(desk.number), desk.task)
    made = certify(
        strata,
        texts=texts,
        read=desk.store.audits.read(desk.number),
        max_error=max_error,
        confidence=confidence,
        method=method,
        of=of,
    )
    numbers = tuple(
        each.number for each, stratum in zip(acceptances, strata, strict=True) if stratum.standing or stratum.audited
    )
    known = {field.name: getattr(made, field.name) for field in fields(made)}
    return Certified(**known, desk=desk, numbers=numbers)


def read(acceptances: Iterable[Acceptance], readings: Sequence[Reading], task: Task) -> list[Stratum]:
    """Write the history of each acceptance: what was drawn or read, in the order in which it was picked.

    Draws count as far as the audit has come: to the last card that was decided as one of an audit, or to the first
    that nobody decided. A card passed over on the way there is set aside: who passes over a card may know why.
    """
    acceptances = list(acceptances)
    standing = {each.number for each in acceptances if each.standing}
    drawn = [each for each in readings if each.draw is not None and (each.said or each.number in standing)]
    first = next((place for place, each in enumerate(drawn) if not each.said), len(drawn))
    reached = max([first, *(place + 1 for place, each in enumerate(drawn) if each.audited)])
    counted = {each.draw for each in drawn[:reached]}
    marks: dict[int, list[tuple[float, str, str]]] = {each.number: [] for each in acceptances}
    for each in sorted(readings, key=lambda each: (each.picked, each.draw or 0)):
        mark = _mark(each, each.draw in counted, task)
        if mark:
            marks[each.number].append((each.picked, mark, each.key))
    return [
        Stratum(
            each.name,
            each.texts,
            "".join(mark for _, mark, _ in marks[each.number]),
            each.standing,
            each.config["rule"],
            each.config["seed"],
            tuple(key for _, mark, key in marks[each.number] if mark.islower()),
        )
        for each in acceptances
    ]


def _mark(reading: Reading, counted: bool, task: Task) -> str:
    """Return the letter of one reading; nothing where nobody read the text, and its draw does not count yet."""
    if reading.value is None:
        return OPEN if counted else ""
    right = bool(task.check(reading.value) == task.check(reading.accepted))
    if counted:
        return RIGHT if right else WRONG
    return READ_RIGHT if right else READ_WRONG


def _spread(n: int, more: Sequence[int], left: Sequence[int]) -> list[int]:
    """Spread `n` draws over strata: as the plan does, and what is beyond the plan by how much is left."""
    planned = _parts(min(n, sum(more)), more)
    rest = [texts - drawn for texts, drawn in zip(left, planned, strict=True)]
    return [a + b for a, b in zip(planned, _parts(min(n - sum(planned), sum(rest)), rest), strict=True)]


def _parts(n: int, weights: Sequence[int]) -> list[int]:
    """Cut `n`, at most the sum of `weights`, into parts by weight: whole numbers, none above its weight."""
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    ends = [0]
    for weight in weights:
        ends.append(ends[-1] + weight)
    # Rounded at the ends and not part by part, the parts add up; none gets more than its weight, as n <= total.
    return [n * stop // total - n * start // total for start, stop in pairwise(ends)]
