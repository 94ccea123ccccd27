"""The corrector as plain buttons, for front ends that can't load its card."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import uuid4

import ipywidgets  # type: ignore[import-untyped]

from ..errors import LabError
from ..tasks.base import Part
from ..tasks.relation import Relation
from ..tasks.span import Span
from .decision import Answer
from .sitting import News, Sitting

SETTLE = 0.25
"""For how long a card that has just come takes no click, in seconds: a double click's second was meant for another."""
WHY = "These are plain buttons: the card with its keys did not load here. They save just as it does."
TEXT = "white-space: pre-wrap; overflow-wrap: anywhere; max-height: 24em; overflow: auto; margin: 0; padding: 0.5em"


class Plain:
    """Buttons over a sitting: they decide, undo, and say what is saved, as the card does.

    Parameters
    ----------
    sitting : Sitting
        What they work on.
    title : str
        The project and the person, for the heading.
    guideline : str
        What the person should know of the task, as HTML that is safe.
    """

    def __init__(self, sitting: Sitting, title: str, guideline: str = "") -> None:
        self._sitting = sitting
        self._card: dict[str, Any] | None = None
        self._chosen: list[Part] = []
        self._offered: list[Part] = []
        self._shown_at = 0.0
        self._build(title, guideline)
        sitting.listeners.append(self._paint)
        sitting.want()
        with sitting.lock:
            self._paint(News())

    def _build(self, title: str, guideline: str) -> None:
        """Make the elements; what a text, a label or a name holds is shown as it is, never as HTML."""
        heading = ipywidgets.HTML(f"<b>{html.escape(title)}</b><p>{WHY}</p>{self._explain(guideline)}")
        self._state, self._text = ipywidgets.HTML(), ipywidgets.HTML()
        self._notice = ipywidgets.HTML()
        self._suggestions, self._parts = _row(), _row()
        self._note = ipywidgets.Text(placeholder="a note")
        self._flag = ipywidgets.Checkbox(description="discuss", indent=False)
        buttons: dict[str, Callable[[], object]] = {
            "Accept": partial(self._decide, Answer.ACCEPT),
            "Reject": partial(self._decide, Answer.REJECT),
            "Ignore": partial(self._decide, Answer.IGNORE),
            "Undo": self._undo,
        }
        actions = _row([_button(name, act) for name, act in buttons.items()])
        marking = [] if self._sitting.task.whole_text else [self._build_marking()]
        marking += [self._build_relating()] if self._sitting.task.related else []
        marks = _row([self._note, self._flag])
        rows = [
            heading,
            self._state,
            self._text,
            self._suggestions,
            self._parts,
            *marking,
            marks,
            actions,
            self._notice,
        ]
        self.element = ipywidgets.VBox(rows)
        """What is displayed."""

    def _explain(self, guideline: str) -> str:
        """Write what the task asks for and what its labels mean, to be opened by a click."""
        means = self._sitting.task.definitions.items()
        meanings = "".join(f"<li><b>{html.escape(label)}</b>: {html.escape(words)}</li>" for label, words in means)
        if not guideline and not meanings:
            return ""
        return f"<details><summary>Guideline</summary>{guideline}<ul>{meanings}</ul></details>"

    def _build_marking(self) -> ipywidgets.Widget:
        """Make what marks a span: its words, which of their places, and its label."""
        self._words = ipywidgets.Text(placeholder="words of the text")
        self._which = ipywidgets.BoundedIntText(1, min=1, max=10_000, layout={"width": "5em"})
        self._label = ipywidgets.Dropdown(options=list(self._sitting.task.mark_labels))
        return _row([self._words, self._which, self._label, _button("Mark", self._mark)])

    def _build_relating(self) -> ipywidgets.Widget:
        """Make what relates two of the spans that are chosen."""
        self._head, self._tail = ipywidgets.Dropdown(description="from"), ipywidgets.Dropdown(description="to")
        self._relation = ipywidgets.Dropdown(options=list(self._sitting.task.labels))
        return _row([self._head, self._relation, self._tail, _button("Relate", self._relate)])

    def _paint(self, news: News) -> None:
        """Show where things stand, and the current card if it is another."""
        sitting = self._sitting
        self._state.value = html.escape(_state(sitting))
        self._notice.value = html.escape(news.notice or "")
        card = sitting.deck.card(sitting.head)
        if _which(card) == _which(self._card) and (card or self._card):
            return
        self._card, self._shown_at = card, time.monotonic()
        if card is None:
            self._text.value = html.escape(sitting.deck.problem or ("" if sitting.left else "That was the last one."))
            self._suggestions.children = self._parts.children = ()
            return
        why, text = html.escape(card["why"]), html.escape(card["text"])
        self._text.value = f'<p dir="auto">{why}</p><pre dir="auto" style="{TEXT}">{text}</pre>'
        self._note.value, self._flag.value = card["note"], card["flagged"]
        said = [each for each in card["suggestions"] if each["value"] is not None]
        self._suggestions.children = [
            _button(f"{each['annotator']}: {sitting.task.words(each['value'])}", partial(self._take, each["value"]))
            for each in said
        ]
        self._offered = self._offer([card["selected"], *(each["value"] for each in said)])
        self._take(card["selected"])

    def _offer(self, values: Sequence[Any]) -> list[Part]:
        """Return what can be chosen: the labels of a whole text, or all spans that somebody marked."""
        task = self._sitting.task
        if task.whole_text:
            return [Part(label) for label in task.labels]
        return sorted(set().union(*map(task.parts, values)), key=lambda part: (part.place, part.label))

    def _take(self, value: Any) -> None:
        """Choose the parts of a value."""
        self._chosen = [part for part in self._offered if part in self._sitting.task.parts(value)]
        self._paint_parts()

    def _pick(self, part: Part) -> None:
        """Choose a part, or drop it; those that it contradicts are dropped."""
        task = self._sitting.task
        if part in self._chosen:
            self._chosen = [each for each in self._chosen if part not in task.parts(task.gather([each]))]
        else:
            fits = [each for each in self._chosen if task.gather([each, part]) is not None]
            self._chosen = [*fits, *sorted(task.parts(task.gather([part])) - set(fits))]
        self._paint_parts()

    def _relate(self) -> None:
        """Relate the two spans that were picked."""
        head, tail = self._head.value, self._tail.value
        if head is None or tail is None or head == tail:
            self._notice.value = "A relation is between two spans that are chosen: pick both."
            return
        ends = [Span(start=each.place[0], end=each.place[1], label=each.label) for each in (head, tail)]
        task = self._sitting.task
        related = task.check([Relation(head=ends[0], tail=ends[1], label=self._relation.value)])
        (part,) = task.parts(related) - {head, tail}
        self._offered = [*self._offered, *([] if part in self._offered else [part])]
        if part not in self._chosen:
            self._pick(part)

    def _mark(self) -> None:
        """Mark the words that were typed, where they stand in the text."""
        words, place = self._words.value, -1
        for _ in range(self._which.value if words and self._card else 0):
            place = self._card["text"].find(words, place + 1) if self._card else -1
            if place < 0:
                break
        if place < 0:
            self._notice.value = "These words do not stand there so often: copy them from the text."
            return
        part = Part(self._label.value, (place, place + len(words)))
        self._offered = sorted({*self._offered, part}, key=lambda each: (each.place, each.label))
        self._words.value = ""
        if part not in self._chosen:
            self._pick(part)

    def _paint_parts(self) -> None:
        """Show what can be chosen, and what is."""
        task, text = self._sitting.task, self._card["text"] if self._card else ""
        self._parts.children = [
            _button(task.part_words(part, text), partial(self._pick, part), "info" if part in self._chosen else "")
            for part in self._offered
        ]
        if task.related:
            spans = [(task.part_words(part, text), part) for part in self._chosen if len(part.place) == 2]
            self._head.options = self._tail.options = sorted(spans, key=lambda each: each[1].place)

    def _decide(self, answer: Answer) -> None:
        """Decide on the card that is shown."""
        sitting, card = self._sitting, self._card
        seconds = time.monotonic() - self._shown_at
        if card is None or seconds < SETTLE:
            return
        value = sitting.task.gather(self._chosen) if self._chosen else sitting.task.check(None)
        marks = {"note": self._note.value, "flagged": self._flag.value}
        said = {"answer": answer, "value": value, "seconds": seconds, **marks}
        sitting.stir()
        if self._card is card:  # nobody else got it meanwhile
            self._act(lambda: sitting.decide(sitting.make(str(uuid4()), card, said)))

    def _undo(self) -> None:
        """Take the last decision back."""
        self._act(lambda: self._sitting.undo(str(uuid4())))

    def _act(self, act: Callable[[], object]) -> None:
        """Do something, or say why it can't be."""
        with self._sitting.lock:
            try:
                act()
            except LabError as error:
                self._notice.value = html.escape(str(error))


def _which(card: dict[str, Any] | None) -> tuple[int, int] | None:
    """Return what tells one card from another."""
    return (card["place"], card["example"]) if card else None


def _state(sitting: Sitting) -> str:
    """Say how far the person is, and whether all is saved: never before it is committed."""
    waiting, problem = len(sitting.session.waiting), sitting.session.problem
    if waiting and problem:
        saved = f"Not saved: {waiting}, retrying. {problem}"
    else:
        saved = f"Saving {waiting}" if waiting else "Saved"
    return f"{sitting.head:,} done · {sitting.left:,} left · {saved}"


def _button(name: str, act: Callable[[], object], style: str = "") -> ipywidgets.Button:
    """Make a button as wide as its name."""
    button = ipywidgets.Button(description=name, button_style=style, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button


def _row(children: Sequence[ipywidgets.Widget] = ()) -> ipywidgets.Widget:
    """Lay elements out in a row that wraps."""
    return ipywidgets.HBox(children, layout={"flex_flow": "row wrap"})
