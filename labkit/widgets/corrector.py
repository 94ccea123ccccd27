"""The corrector: one card at a time, one key a decision."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import uuid4

import anywidget
import traitlets

from ..errors import LabError
from ..tasks import Task
from .assets import static
from .cards import Cards
from .decision import Answer, Decision
from .deck import Deck
from .session import Session

AHEAD = 8
"""Cards that the browser holds, the current one among them, so that the next is painted at once."""
BEHIND = 8
"""Cards already decided that a page gets when it is opened, so that an undo is painted at once."""


class Corrector(anywidget.AnyWidget):
    """Show cards in order, take a decision on each, and have it saved.

    The widget knows nothing of a database: it reads from `cards` and writes through `save` and `undo`.
    Those two are called in order, one at a time, on a thread of their own; what raises is called again until
    it returns, while the card goes on and says that it is not saved.

    Parameters
    ----------
    cards : sequence of Card
        The queue. It is asked for its length, and for a few cards ahead of the current one, never for all;
        on several threads, though never at once. A card that was handed out must keep its place.
    task : Task
        What is asked of each text.
    save : callable
        Gets a `Decision` and returns when it is committed. As it may be called again after a failure, it
        must store a decision once, by its UUID.
    undo : callable
        Gets a `Decision` and takes it back. It must do nothing for one that was never saved.
    person : str
        Who decides.
    title : str
        The project, for the heading.
    auto_accept : bool
        Whether picking a label also accepts it; only where the task takes one label.

    Raises
    ------
    LabError
        If `auto_accept` is asked for where a text may have several labels.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> card = {"example": 1, "key": "a", "text": "It crashes.", "why": "", "suggestions": []}
    >>> saved = []
    >>> task = make_task("choices", ["BUG", "DOCUMENTATION"])
    >>> corrector = Corrector([card], task, saved.append, saved.remove, person="anna", title="issues")
    >>> corrector
    Corrector: issues
    >>> corrector.decide(["BUG"]).value
    ['BUG']
    >>> len(saved), corrector.left
    (1, 0)
    """

    _esm = static("dom.js", "keys.js", "session.js", "parts.js", "corrector.js")
    _css = static("tokens.css", "controls.css", "corrector.css")

    config = traitlets.Dict().tag(sync=True)
    """What the front end needs before the first card: the title, the person and the task."""

    def __init__(
        self,
        cards: Cards,
        task: Task,
        save: Callable[[Decision], None],
        undo: Callable[[Decision], None],
        *,
        person: str,
        title: str,
        auto_accept: bool = False,
    ) -> None:
        if auto_accept and task.kind != "choice":
            raise LabError(f"auto_accept needs one label a text, and this task is {task.kind!r}.", "Leave it out.")
        self._task = task
        self._deck = Deck(cards, task)
        self._session = Session(save, undo, self._attempted)
        self._sent = 0
        self._lock = threading.RLock()
        about = {"kind": task.kind, "labels": list(task.labels), "definitions": dict(task.definitions)}
        super().__init__(config={"title": title, "person": person, "auto_accept": auto_accept, "task": about})
        self.on_msg(self._received)

    def __repr__(self) -> str:
        return f"Corrector: {self.config['title']}"

    @property
    def done(self) -> int:
        """How many cards have a decision of this session."""
        return len(self._session.history)

    @property
    def left(self) -> int:
        """How many cards have none."""
        return self._deck.total - self.done

    @property
    def unsaved(self) -> list[Decision]:
        """The decisions that are not committed, oldest first."""
        return self._session.unsaved

    def decide(self, value: Any = None, answer: str = Answer.ACCEPT, seconds: float = 0.0) -> Decision:
        """Decide on the current card, as its keys do, and wait until the decision is saved.

        Parameters
        ----------
        value : object
            The labels for "accept"; None takes those that the card preselects, `[]` says that none applies.
        answer : str
            "accept", "reject" or "ignore".
        seconds : float
            How long the person took.

        Returns
        -------
        Decision
            What was saved.

        Raises
        ------
        LabError
            If no card is left, if the value is none of the task's, or if saving fails: then the decision
            is kept in `unsaved`, and is tried again.
        """
        with self._lock:
            if self.left <= 0:
                raise LabError("No card is left to decide on.", "Make a new queue.")
            card = self._deck.hand_out(self.done)
            labels = card["selected"] if value is None else value
            decision = self._decision(str(uuid4()), card["example"], labels, answer, seconds)
            self._decided(decision)
        self._session.settle()
        return decision

    def undo(self) -> Decision:
        """Take the last decision of this session back, show its card again, and return the decision.

        Raises
        ------
        LabError
            If there is none, or if it can't be taken back yet: then that is tried again.
        """
        with self._lock:
            decision = self._undone(str(uuid4()))
        self._session.settle()
        return decision

    def flush(self) -> None:
        """Try now to save what is not saved.

        Raises
        ------
        LabError
            If that fails.
        """
        self._session.retry()
        self._session.settle()

    def _decision(self, name: str, example: int, value: Any, answer: str, seconds: float) -> Decision:
        """Make a decision whose value is checked; only "accept" has one."""
        if answer not in list(Answer):
            raise LabError(f"The answer {answer!r} is not known.", f"Use one of: {', '.join(Answer)}.")
        checked = self._task.check(value) if answer == Answer.ACCEPT else None
        return Decision(name, example, checked, Answer(answer), max(0.0, float(seconds)))

    def _decided(self, decision: Decision) -> None:
        """Have a decision saved and go on to the next card."""
        self._session.decide(decision)
        self._tell()

    def _undone(self, name: str) -> Decision:
        """Take the last decision back and show its card again."""
        decision = self._session.undo(name)
        self._tell(settled={decision.decision} - set(self._session.waiting))
        return decision

    def _received(self, _: object, message: Mapping[str, Any], __: object) -> None:
        """Act on a message of the front end."""
        with self._lock:
            match message.get("type"):
                case "hello":
                    self._sent = max(0, self.done - BEHIND)
                    self._session.retry()
                    self._tell()
                case "decide" | "undo":
                    self._asked(message)

    def _asked(self, message: Mapping[str, Any]) -> None:
        """Decide or undo, once; a message that can't be carried out is refused, with the reason."""
        name = message["name"]
        if self._session.knows(name):
            self._tell(settled=[] if name in self._session.waiting else [name])
            return
        try:
            self._act(name, message)
        except LabError as error:
            self._tell(refused=[name], notice=str(error))

    def _act(self, name: str, message: Mapping[str, Any]) -> None:
        """Decide or undo, if the person saw what is current here."""
        undoing, example = message["type"] == "undo", message["example"]
        if message["place"] != self.done or not (undoing or self._deck.holds(self.done, example)):
            raise LabError("That text was decided on elsewhere.", "Go on with this one.")
        if undoing:
            self._undone(name)
        else:
            self._decided(self._decision(name, example, message["value"], message["answer"], message["seconds"]))

    def _attempted(self, name: str | None) -> None:
        """Tell the front end what became of an attempt to save."""
        with self._lock:
            self._tell(settled=[name] if name else [])

    def _tell(self, settled: Iterable[str] = (), refused: Iterable[str] = (), notice: str | None = None) -> None:
        """Send where things stand; the caller's lock keeps one message from overtaking another."""
        self.send(
            {
                "cards": self._ahead(),
                "unreadable": self._deck.problem,
                "head": self.done,
                "total": self._deck.total,
                "waiting": len(self._session.waiting),
                "problem": self._session.problem,
                "settled": list(settled),
                "refused": list(refused),
                "notice": notice,
            }
        )

    def _ahead(self) -> list[dict[str, Any]]:
        """Return the cards that the browser should hold and was not sent."""
        cards = self._deck.read(self._sent, self.done + AHEAD)
        self._sent += len(cards)
        return cards
