"""Runs rules over texts: what goes wrong on one text costs that text alone."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import LabError, one_line
from .rule import Rule

if TYPE_CHECKING:
    from spacy.tokens import Doc

BATCH = 1000
SECONDS = 1.0
PATIENCE = 5
"""On how many texts a rule may take too long before it is given up."""
REASON = 200
"""How much of what an exception says is kept, in characters."""


class Said(NamedTuple):
    """What one rule said of one text: a value, or None where it abstains; and what went wrong, if anything did."""

    value: Any
    problem: str | None = None


def run(rules: Sequence[Rule], texts: Iterable[str], *, seconds: float = SECONDS) -> Iterator[list[Said]]:
    """Yield what each rule says of each text; the texts are read as the results are taken.

    Parameters
    ----------
    rules : sequence of Rule
        The rules.
    texts : iterable of str
        Any number of texts.
    seconds : float
        How long one rule may compute on one text. Where the system has no such clock (Windows), or outside the main
        thread, there is no limit, and Ctrl-C ends it all.

    Yields
    ------
    list of Said
        One for each rule, in the order of the rules. A rule that raises an exception, gives what is no value, or
        takes too long has a problem with this text, and none with the next.

    Raises
    ------
    LabError
        If a rule takes too long on `PATIENCE` texts.

    Examples
    --------
    >>> from labkit.rules import make_rule
    >>> from labkit.tasks import make_task
    >>> rule = make_rule("typo", make_task("choices", ["DOCUMENTATION"]), label="DOCUMENTATION", terms=["typo"])
    >>> [said[0].value for said in run([rule], ["A TYPO in the docs", "It crashes"])]
    [['DOCUMENTATION'], None]
    """
    pipelines = {id(rule.nlp): rule.nlp for rule in rules if rule.nlp is not None}
    rest, slow = iter(texts), Counter[str]()
    while batch := list(islice(rest, BATCH)):
        with ExitStack() as stack:
            for nlp in pipelines.values():
                stack.enter_context(nlp.memory_zone())  # forgets the words of a batch after it
            clock = stack.enter_context(_clock(seconds))
            said = [_all(rules, text, clock, slow) for text in batch]
        yield from said


def _all(rules: Sequence[Rule], text: str, clock: _Clock, slow: Counter[str]) -> list[Said]:
    """Ask every rule of one text; count in `slow` on how many texts each took too long."""
    if not isinstance(text, str):
        return [Said(None, f"it is {type(text).__name__}, not text")] * len(rules)
    docs: dict[int, Doc] = {}
    return [_ask(rule, text, docs, clock, slow) for rule in rules]


def _ask(rule: Rule, text: str, docs: dict[int, Doc], clock: _Clock, slow: Counter[str]) -> Said:
    """Ask one rule of one text."""
    try:
        with clock:
            if rule.nlp and id(rule.nlp) not in docs:
                docs[id(rule.nlp)] = rule.nlp.make_doc(text)
            return Said(rule.speak(text, docs.get(id(rule.nlp))))
    except _TooLong:
        slow[rule.name] += 1
        if slow[rule.name] == PATIENCE:
            raise LabError(
                f"The rule {rule.name!r} took more than {clock.seconds:g} s on each of {PATIENCE} texts.",
                "Make it simpler: a repeat inside a repeat, as in (a+)+, can take for ever.",
            ) from None
        return Said(None, f"it took more than {clock.seconds:g} s")
    except LabError as error:
        return Said(None, error.problem.rstrip("."))
    except Exception as error:  # whatever a user's function raises
        return Said(None, f"{type(error).__name__}: {one_line(error)[:REASON]}".rstrip(": "))


class _TooLong(BaseException):
    """Raised in a rule whose time is up; a function that catches every Exception does not catch it."""


class _Clock:
    """Gives what runs in it so many seconds of the processor's time."""

    def __init__(self, seconds: float, works: bool) -> None:
        self.seconds, self.works, self._runs = seconds, works, False

    def __enter__(self) -> None:
        self._runs = True
        if self.works:
            signal.setitimer(signal.ITIMER_VIRTUAL, self.seconds)

    def __exit__(self, *_: object) -> None:
        self._runs = False
        if self.works:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def ring(self, number: int, frame: FrameType | None) -> None:
        """End what runs; a bell that comes late ends nothing."""
        if self._runs:
            raise _TooLong


@contextmanager
def _clock(seconds: float) -> Iterator[_Clock]:
    """Lend a clock. It counts the processor's time, so that a busy machine makes no rule slower."""
    works = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    clock = _Clock(seconds, works)
    before = signal.signal(signal.SIGVTALRM, clock.ring) if works else None
    try:
        yield clock
    finally:
        if works:
            signal.signal(signal.SIGVTALRM, before or signal.SIG_DFL)
