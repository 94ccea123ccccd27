"""What the front end and Python say to each other; see the front end's ``session.js`` for the other side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import LabError
from ..tasks import Task
from .decision import Mark
from .deck import BEHIND
from .outbox import reason
from .sitting import News, Sitting
from .work import Work

ELSEWHERE = LabError("That text was decided on elsewhere.", "Go on with this one.")


class Conversation:
    """Carries out what the front end asks for, each request once by its name, and tells it where things stand.

    Parameters
    ----------
    work : Work
        Where cards come from and decisions go.
    task : Task
        What is asked of each text.
    send : callable
        Sends a message to the front end.
    bound : callable
        Gets the keys that the person has just bound.
    """

    def __init__(
        self,
        work: Work,
        task: Task,
        send: Callable[[dict[str, Any]], None],
        bound: Callable[[dict[str, str]], None],
    ) -> None:
        self._work, self._send, self._bound = work, send, bound
        self.sitting = Sitting(work, task)
        self.sitting.listeners.append(self.tell)
        self.greeted = False
        """Whether a front end has ever spoken."""
        self._sent: set[int] = set()
        self._owed = False
        self._late = 0

    def receive(self, message: Mapping[str, Any]) -> None:
        """Act on a message; what can't be carried out is refused, with the reason."""
        with self.sitting.lock:
            self._once(message, self._obey)

    def tell(self, news: News, extra: Iterable[dict[str, Any]] = (), at: int | None = None) -> None:
        """Send where things stand; under the sitting's lock, which keeps one message from overtaking another."""
        sitting, deck = self.sitting, self.sitting.deck
        if self._owed and deck.reading and deck.card(sitting.head) is None:
            return  # what was asked for is being read: the answer comes with it
        self._owed = False
        if news.moved:
            self._sent = {place for place in self._sent if place < sitting.head}
        progress = sitting.progress()
        self._send(
            {
                "type": "state",
                "cards": [*self._unsent(), *extra],
                "unreadable": deck.problem,
                "held": deck.held,
                "first": deck.first,
                "head": sitting.head,
                "total": deck.total,
                "progress": progress,
                "waiting": len(sitting.session.waiting),
                "problem": sitting.session.problem,
                "settled": list(news.settled),
                "refused": list(news.refused),
                "notice": news.notice,
                "moved": news.moved,
                "at": at,
            }
        )

    def _once(self, message: Mapping[str, Any], act: Callable[[Mapping[str, Any]], None]) -> None:
        """Act, unless that was done before: then say again what became of it."""
        name, session = message.get("name"), self.sitting.session
        if name and session.knows(name):
            self.tell(News(settled=[] if name in session.waiting else [name]))
        else:
            self._try(message, act)

    def _try(self, message: Mapping[str, Any], act: Callable[[Mapping[str, Any]], None]) -> None:
        """Act, and refuse the message where that can't be."""
        try:
            act(message)
        except Exception as error:  # whatever a reading raises is said, and the sitting goes on
            name = message.get("name")
            with self.sitting.lock:
                self.tell(News(refused=[name] if name else [], notice=reason(error, "Reading")))

    def _obey(self, message: Mapping[str, Any]) -> None:
        """Do what a message asks for: now, or, where something has to be read, on the thread that reads."""
        reading = {
            "look": self._look,
            "revise": self._revise,
            "goto": self._goto,
            "find": self._find,
            "alive": lambda _: self.sitting.renew(),
        }
        match message.get("type"):
            case "hello":
                self._greet()
            case "decide":
                self._in_time(message, self._decide)
            case "undo":
                self._in_time(message, self._undo)
            case "mark":
                mark = Mark(message["name"], int(message["example"]), str(message["note"]), bool(message["flagged"]))
                self.sitting.mark(mark)
            case "keys":
                keys = {str(command): str(key) for command, key in dict(message["keys"]).items()}
                self._bound(keys)
                self.sitting.deck.run(lambda: self._try(message, lambda _: self._work.bind(keys)))
            case str(kind) if kind in reading:
                self.sitting.deck.run(lambda: self._try(message, reading[kind]))

    def _greet(self) -> None:
        """Send what a page needs that has just been opened: now if it is at hand, else when it has been read."""
        self.greeted = True
        self._sent.clear()
        self.sitting.session.retry()
        self.sitting.want()
        self._owed = True
        self.tell(News())

    def _in_time(self, message: Mapping[str, Any], act: Callable[[Mapping[str, Any]], None]) -> None:
        """Act now; or, after long quiet, once it is known whose the card is by now, and in order."""
        if not self._late and not self.sitting.quiet:
            act(message)
            return
        self._late += 1

        def act_late() -> None:
            self.sitting.stir()
            with self.sitting.lock:
                self._late -= 1
                self._once(message, act)

        self.sitting.deck.run(act_late)

    def _undo(self, message: Mapping[str, Any]) -> None:
        """Take the last decision back, if the person saw it as the last."""
        if message["place"] != self.sitting.head:
            raise ELSEWHERE
        self.sitting.undo(message["name"])

    def _decide(self, message: Mapping[str, Any]) -> None:
        """Decide on the current card, if it is the one that the person saw."""
        head, deck = self.sitting.head, self.sitting.deck
        card = deck.card(head)
        if card is None or message["place"] != head or message["example"] != card["example"]:
            raise ELSEWHERE
        self.sitting.decide(self.sitting.make(message["name"], card, message))

    def _look(self, message: Mapping[str, Any]) -> None:
        """Send a card that was handed out."""
        card = self._card(message["place"])
        with self.sitting.lock:
            self.tell(News(), [card])

    def _revise(self, message: Mapping[str, Any]) -> None:
        """Decide again on a card behind the current one, and send it as it is then."""
        place = message["place"]
        card = self._card(place)
        with self.sitting.lock:
            if place >= self.sitting.head or card["example"] != message["example"]:
                raise ELSEWHERE
            decision = self.sitting.make(message["name"], card, message)
            revised = self.sitting.revise(place, decision)
            self.tell(News(), [{**card, **revised}])

    def _goto(self, message: Mapping[str, Any]) -> None:
        """Show a text next: undecided it becomes the current one."""
        sitting = self.sitting
        place = sitting.deck.bring(int(message["example"]), lambda: sitting.head)
        card = self._card(place)
        with sitting.lock:
            sitting.want()
            news = News(settled=[message["name"]], moved=place >= sitting.head)
            self.tell(news, [] if news.moved else [card], at=place)

    def _find(self, message: Mapping[str, Any]) -> None:
        """Answer a search."""
        query, offset = dict(message.get("query") or {}), int(message.get("offset") or 0)
        answer: dict[str, Any] = {"type": "found", "query": query, "offset": offset, "problem": None}
        try:
            total, rows = self._work.find(query, max(0, offset))
        except Exception as error:  # said in the place of the rows
            total, rows, answer["problem"] = 0, [], reason(error, "Searching")
        deck = self.sitting.deck
        with self.sitting.lock:
            self._send(
                {**answer, "total": total, "rows": [{**row, "place": deck.place(row["example"])} for row in rows]}
            )

    def _card(self, place: Any) -> dict[str, Any]:
        """Read the card at a place that was handed out."""
        if not isinstance(place, int) or not 0 <= place < self.sitting.deck.handed:
            raise LabError("There is no such card.", "Go on with this one.")
        return self.sitting.deck.look(place)

    def _unsent(self) -> list[dict[str, Any]]:
        """Return the cards around the current one that are at hand and were not sent."""
        sitting = self.sitting
        places = range(max(0, sitting.head - BEHIND), sitting.head + sitting.ahead)
        cards = [card for place in places if place not in self._sent and (card := sitting.deck.card(place))]
        self._sent |= {card["place"] for card in cards}
        return cards
