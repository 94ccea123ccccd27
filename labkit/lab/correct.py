"""Hands a queue to the corrector."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

from ..memory import give_back
from ..review import Queue
from ..store import Overlap
from ..widgets import Corrector
from .desk import Desk
from .hand import Hand, Role
from .journals import recover

SUGGESTING = ("llm", "model", "rule")
"""The kinds of annotator that make suggestions: no person, so that nobody is led by another, and no reference."""

Figures = Sequence[Mapping[str, Any]]
"""What is said of each person, for those who compare answers."""

_open: WeakValueDictionary[tuple[str, int], Corrector] = WeakValueDictionary()


def corrector(desk: Desk, queue: Queue, overlap: Overlap, *, auto_accept: bool, plain: bool) -> Corrector:
    """Return the widget over those texts of the queue that this person may decide on."""
    annotator = desk.store.annotations.annotator(desk.number, desk.person, "person", "")
    role = Role(annotator, desk.person, queue.source, SUGGESTING, overlap)

    def deal() -> Hand:
        return Hand(desk, queue.live(), queue.frame["example"], role, queue.differing(), queue.goal)

    return seat(desk, role, deal, auto_accept=auto_accept, plain=plain)


def seat(desk: Desk, role: Role, deal: Callable[[], Hand], people: Figures = (), **shown: bool) -> Corrector:
    """Open a corrector for a person in one role; the one that this kernel had open for it is closed first."""
    before = _open.pop((desk.store.where, role.annotator), None)
    if before is not None:
        before.flush()
        before.close()
    recover(desk)
    used = desk.store.annotations.used(desk.number)
    made = Corrector(
        deal(),
        desk.task,
        person=role.name,
        title=desk.name,
        **shown,
        guideline=desk.project.guideline,
        people=people,
        annotators=[name for name, (kind, _) in used.items() if kind in role.kinds],
        keys=desk.store.decisions.keys(desk.person),
    )
    _open[desk.store.where, role.annotator] = made
    give_back()
    return made
