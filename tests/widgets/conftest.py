"""The browser's end of a widget, without a browser, and something to save to that can fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import uuid4

import pytest
from comm.base_comm import BaseComm

from labkit.errors import LabError
from labkit.tasks import make_task
from labkit.widgets import Card, Corrector, Decision, Listed

SECONDS = 60
"""After so long, what is waited for does not come."""


class FrontEnd(BaseComm):
    """Takes a widget's messages as the browser would, and sends the browser's."""

    def __init__(self, widget: Corrector) -> None:
        self.messages: list[dict[str, Any]] = []
        self.widget = widget
        self.asked: set[str] = set()
        self._change = threading.Condition()
        super().__init__(target_name="jupyter.widget")
        widget.comm = self

    def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **__: Any) -> None:
        if (data or {}).get("method") == "custom":
            with self._change:
                self.messages.append(data["content"])
                self._change.notify_all()

    @property
    def cards(self) -> dict[int, dict[str, Any]]:
        """The cards that have come, by place."""
        return {card["place"]: card for message in self.states for card in message["cards"]}

    @property
    def settled(self) -> list[str]:
        """What the kernel has said is done, in order."""
        return [name for message in self.states for name in message["settled"]]

    @property
    def states(self) -> list[dict[str, Any]]:
        """The messages that say where things stand, in order."""
        return [message for message in self.messages if message["type"] == "state"]

    @property
    def last(self) -> dict[str, Any]:
        """The last of them."""
        return self.states[-1]

    def hello(self) -> None:
        """Say hello, as a page does that has just been opened, and wait for the first cards."""
        before = len(self.messages)
        self.say(type="hello")
        self.wait(lambda _: len(self.messages) > before)
        self.wait_read()

    def wait_read(self) -> None:
        """Wait until nothing is being read."""
        deck = self.widget._sitting.deck
        with self._change:
            assert self._change.wait_for(lambda: not deck.reading, SECONDS)

    def say(self, **content: Any) -> None:
        """Send a message to the widget."""
        self.asked |= {content["name"]} if "name" in content else set()
        self.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})

    def decide(self, place: int, value: Any = None, answer: str = "accept", **other: Any) -> str:
        """Decide on the card at `place` once it has come, and return the decision's name."""
        self.wait(lambda _: place in self.cards)
        message = {"name": str(uuid4()), "example": self.cards[place]["example"], "seconds": 1.5, **other}
        self.say(type="decide", place=place, value=value or [], answer=answer, **message)
        return message["name"]

    def undo(self, place: int) -> str:
        """Undo from the card at `place`, and return the undo's name."""
        name = str(uuid4())
        self.say(type="undo", name=name, place=place, example=None)
        return name

    def wait(self, until: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Wait for a message that suits, and return it."""
        with self._change:
            assert self._change.wait_for(lambda: any(map(until, self.messages)), SECONDS), self.messages[-3:]
            return next(message for message in reversed(self.messages) if until(message))

    def wait_saved(self) -> None:
        """Wait until all that was asked for is said to be committed, or refused."""

        def answered() -> bool:
            refused = [name for message in self.states for name in message["refused"]]
            return not self.last["waiting"] and self.asked <= {*self.settled, *refused}

        with self._change:
            assert self._change.wait_for(answered, SECONDS), self.last


class Table:
    """Rows as a database would keep them: appended on commit, once by name, and not while it is down."""

    def __init__(self) -> None:
        self.rows: list[Decision] = []
        self.undone: list[Decision] = []
        self.up = threading.Event()
        self.up.set()
        self.attempts = 0

    def save(self, decision: Decision) -> None:
        self._reach()
        assert decision not in self.rows, "saved twice"
        self.rows.append(decision)

    def undo(self, decision: Decision) -> None:
        self._reach()
        self.undone.append(decision)

    def _reach(self) -> None:
        self.attempts += 1
        if not self.up.is_set():
            raise LabError("The database does not answer.", "Start it.")


def cards(count: int) -> list[Card]:
    """Make cards that two annotators differ on."""
    return [
        {
            "example": 100 + place,
            "key": f"i-{place}",
            "text": f"text {place}",
            "why": "llm and cpu differ",
            "suggestions": [
                {"annotator": "llm", "value": ["BUG"], "confidence": None},
                {"annotator": "cpu", "value": ["BUG", "DOCUMENTATION"], "confidence": 0.8},
            ],
        }
        for place in range(count)
    ]


@pytest.fixture
def table() -> Iterator[Table]:
    table = Table()
    yield table
    table.up.set()


@pytest.fixture
def make(table: Table) -> Callable[..., Corrector]:
    """Return what makes a corrector over `table`."""

    def corrector(queue: Sequence[Card], kind: str = "choices", **options: Any) -> Corrector:
        task = make_task(kind, ["BUG", "DOCUMENTATION"], {"BUG": "a fault"})
        return Corrector(Listed(queue, table.save, table.undo), task, person="anna", title="issues", **options)

    return corrector


@pytest.fixture
def front(make: Callable[..., Corrector]) -> FrontEnd:
    """Return the browser's end of a corrector of twenty cards that has said hello."""
    end = FrontEnd(make(cards(20)))
    end.hello()
    return end
