"""The corrector: one card at a time, one key a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import anywidget
import traitlets

from ..errors import LabError
from ..tasks import Task
from .assets import static
from .cards import plain as as_json
from .conversation import Conversation
from .decision import Answer, Decision
from .markdown import as_html
from .plain import Plain
from .unseen import Unseen, shell
from .work import Work

SCRIPTS = (
    *("dom.js", "keys.js", "session.js", "offsets.js", "text.js", "spans.js", "spanspaint.js", "spanscursor.js"),
    *("head.js", "parts.js", "actions.js", "rows.js", "panels.js", "people.js", "help.js", "history.js", "search.js"),
    *("labelscard.js", "spanscard.js", "relations.js", "relationslist.js", "relationsarcs.js", "relationscard.js"),
    *("hands.js", "corrector.js"),
)
STYLES = ("tokens.css", "controls.css", "text.css", "relations.css", "panels.css", "corrector.css")


class Corrector(anywidget.AnyWidget):
    """Show cards in order, take a decision on each, and have it saved.

    The widget knows nothing of a database: cards come from `work`, and decisions go there. Cards are read ahead on a
    thread of their own, and decisions are committed in order on another; what raises is tried again until it returns,
    while the card goes on and says that it is not saved.

    Parameters
    ----------
    work : Work
        Where cards come from and decisions go; `Listed` for a list of cards.
    task : Task
        What is asked of each text.
    person : str
        Who decides.
    title : str
        The project, for the heading.
    auto_accept : bool
        Whether picking a label also accepts it; only where the task takes one label.
    guideline : str
        What the person should know of the task, in Markdown; HTML in it shows as characters, and no image is fetched.
    annotators : sequence of str
        Who makes suggestions, to search by.
    people : sequence of mapping
        How much each person decided, how fast, and how far they agree, as `labkit.Lab.people` says it: for those who
        compare answers.
    keys : mapping of str to str, optional
        The keys that the person has bound: command to key.
    plain : bool
        Whether to show plain buttons, which need nothing that a front end must load. Without it they are shown
        where somebody looks and the front end has not loaded the card in 15 seconds.

    Raises
    ------
    LabError
        If `auto_accept` is asked for where a text may have several labels.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> from labkit.widgets import Listed
    >>> card = {"example": 1, "key": "a", "text": "It crashes.", "why": "", "suggestions": []}
    >>> saved = []
    >>> task = make_task("choices", ["BUG", "DOCUMENTATION"])
    >>> corrector = Corrector(Listed([card], saved.append, saved.remove), task, person="anna", title="issues")
    >>> corrector
    Corrector: issues
    >>> corrector.decide(["BUG"]).value
    ['BUG']
    >>> len(saved), corrector.left
    (1, 0)
    """

    _esm = static(*SCRIPTS)
    _css = static(*STYLES)

    config = traitlets.Dict().tag(sync=True)
    """What the front end needs before the first card: the title, the person, the task, the keys."""

    def __init__(
        self,
        work: Work,
        task: Task,
        *,
        person: str,
        title: str,
        auto_accept: bool = False,
        guideline: str = "",
        annotators: Sequence[str] = (),
        people: Sequence[Mapping[str, Any]] = (),
        keys: Mapping[str, str] | None = None,
        plain: bool = False,
    ) -> None:
        self._conversation = Conversation(work, task, self.send, self._bound)
        self._sitting = self._conversation.sitting
        if auto_accept and task.kind != "choice":
            raise LabError(f"auto_accept needs one label a text, and this task is {task.kind!r}.", "Leave it out.")
        about = {
            "kind": task.kind,
            "labels": list(task.labels),
            "definitions": dict(task.definitions),
            "overlap": task.variables().get("overlap", False),
            **({"span_labels": list(task.mark_labels)} if task.related else {}),
        }
        super().__init__(
            config={
                "title": title,
                "person": person,
                "auto_accept": auto_accept,
                "task": about,
                "guideline": as_html(guideline) if guideline else "",
                "annotators": list(annotators),
                "people": as_json(list(people)),
                "keys": dict(keys or {}),
                "features": {"find": work.searchable, "goto": work.searchable, "note": True},
            }
        )
        self._as_buttons = plain
        self.on_msg(self._received)

    def __repr__(self) -> str:
        return f"Corrector: {self.config['title']}"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Show the card, or plain buttons where it can't be loaded."""
        if self._as_buttons:
            bundle = self._buttons()._repr_mimebundle_(**kwargs)
            return {**bundle, "text/plain": repr(self)}
        looked_at = shell()
        if looked_at and not self._conversation.greeted:
            Unseen(looked_at.events, lambda: self._conversation.greeted, self._fall_back)
        return super()._repr_mimebundle_(**kwargs)

    def _buttons(self) -> Any:
        """Return the plain buttons."""
        title = f"{self.config['title']}, decided by {self.config['person']}"
        return Plain(self._sitting, title, self.config["guideline"]).element

    def _fall_back(self) -> None:
        """Display the plain buttons below the card that did not load."""
        from IPython.display import display

        display(self._buttons())

    @property
    def done(self) -> int:
        """How many decisions of this person stand, those of earlier sittings among them."""
        return self._sitting.head

    @property
    def left(self) -> int:
        """How many texts are left for this person to decide on."""
        return self._sitting.left

    @property
    def unsaved(self) -> list[Decision]:
        """The decisions that are not committed, oldest first."""
        return self._sitting.unsaved

    def decide(self, value: Any = None, answer: str = Answer.ACCEPT, seconds: float = 0.0) -> Decision:
        """Decide on the current card, as its keys do, and wait until the decision is saved.

        Parameters
        ----------
        value : object
            The value for "accept"; None takes what the card preselects, `[]` says that none applies.
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
        sitting = self._sitting
        sitting.stir()
        card = sitting.deck.wait(sitting.head)
        with sitting.lock:
            decision = sitting.make(str(uuid4()), card, {"value": value, "answer": answer, "seconds": seconds})
            sitting.decide(decision)
        sitting.session.settle()
        return decision

    def undo(self) -> Decision:
        """Take the last decision back, show its card again, and return the decision.

        Raises
        ------
        LabError
            If there is none, or if it can't be taken back yet: then that is tried again.
        """
        sitting = self._sitting
        if sitting.head:
            sitting.deck.wait(sitting.head - 1)
        decision = sitting.undo(str(uuid4()))
        sitting.session.settle()
        return decision

    def flush(self) -> None:
        """Try now to save what is not saved.

        Raises
        ------
        LabError
            If that fails.
        """
        self._sitting.session.retry()
        self._sitting.session.settle()

    def close(self) -> None:
        """Take the card off the page, and give back what is not decided."""
        self._sitting.close()
        super().close()

    def _received(self, _: object, message: Mapping[str, Any], __: object) -> None:
        """Pass on a message of the front end."""
        self._conversation.receive(message)

    def _bound(self, keys: dict[str, str]) -> None:
        """Show the keys that the person has bound."""
        self.config = {**self.config, "keys": keys}
